//! As much of SIP as one side of a telephone line needs.

/// A request or a response.
#[derive(Clone, Debug)]
pub(super) struct Message {
    start: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Message {
    /// `None` when it is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let start = lines.next().filter(|line| line.contains("SIP/2.0"))?.to_owned();
        let header =
            |line: &str| line.split_once(':').map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()));
        Some(Self { start, headers: lines.filter_map(header).collect(), body: body.to_owned() })
    }

    /// The method of a request.
    pub(super) fn method(&self) -> Option<&str> {
        self.start.split(' ').next().filter(|word| *word != "SIP/2.0")
    }

    /// The first header of that name.
    pub(super) fn header(&self, name: &str) -> &str {
        self.named(name).next().map_or("", |(_, value)| value)
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &(String, String)> {
        self.headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name))
    }

    /// Who is called.
    pub(super) fn user(&self) -> &str {
        self.start.split(' ').nth(1).map_or("", |uri| split_uri(uri).0)
    }

    /// User and domain of the caller.
    pub(super) fn caller(&self) -> (&str, &str) {
        split_uri(in_brackets(self.header("From")))
    }

    /// Whether it belongs to a call that stands already.
    pub(super) fn in_dialog(&self) -> bool {
        self.header("To").contains(";tag=")
    }

    /// The port at which the other side wants to hear sound.
    pub(super) fn sound_port(&self) -> Option<u16> {
        let audio = self.body.lines().find_map(|line| line.strip_prefix("m=audio "))?;
        audio.split(' ').next()?.parse().ok()
    }

    /// The response to this request from `port` on this machine; with `sound` it offers to hear sound at that port.
    pub(super) fn response(&self, status: &str, tag: &str, port: u16, sound: Option<u16>) -> Vec<u8> {
        let tag = if self.in_dialog() { String::new() } else { format!(";tag={tag}") };
        let body = sound.map(offer).unwrap_or_default();
        let mut lines = vec![format!("SIP/2.0 {status}")];
        lines.extend(self.named("Via").map(|(name, value)| format!("{name}: {value}")));
        lines.extend([
            format!("From: {}", self.header("From")),
            format!("To: {}{tag}", self.header("To")),
            format!("Call-ID: {}", self.header("Call-ID")),
            format!("CSeq: {}", self.header("CSeq")),
            format!("Contact: <sip:peer@127.0.0.1:{port}>"),
        ]);
        if !body.is_empty() {
            lines.push("Content-Type: application/sdp".to_owned());
        }
        lines.push(format!("Content-Length: {}", body.len()));
        format!("{}\r\n\r\n{body}", lines.join("\r\n")).into_bytes()
    }

    /// The request that ends the call which this INVITE began, from the side that was called.
    pub(super) fn bye(&self, tag: &str, port: u16) -> Vec<u8> {
        format!(
            "BYE {} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-bye-{tag}\r\nMax-Forwards: 70\r\n\
             From: {};tag={tag}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n",
            in_brackets(self.header("Contact")),
            self.header("To"),
            self.header("From"),
            self.header("Call-ID"),
        )
        .into_bytes()
    }
}

/// The words of a status line.
pub(super) fn status_line(status: u16) -> String {
    let reason = match status {
        403 => "Forbidden",
        404 => "Not Found",
        480 => "Temporarily Unavailable",
        486 => "Busy Here",
        503 => "Service Unavailable",
        603 => "Decline",
        _ => "Refused",
    };
    format!("{status} {reason}")
}

/// µ-law, and keys as RFC 4733 has them.
fn offer(port: u16) -> String {
    format!(
        "v=0\r\no=peer 1 1 IN IP4 127.0.0.1\r\ns=peer\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
         a=fmtp:101 0-15\r\na=sendrecv\r\n"
    )
}

fn in_brackets(text: &str) -> &str {
    text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(text, |(inside, _)| inside)
}

/// `sip:+573005050149@trunk:5060` → `573005050149` and `trunk`.
fn split_uri(uri: &str) -> (&str, &str) {
    let uri = uri.strip_prefix("sip:").unwrap_or(uri);
    let (user, host) = uri.split_once('@').unwrap_or(("", uri));
    let host = host.split([':', ';']).next().unwrap_or(host);
    (user.strip_prefix('+').unwrap_or(user), host)
}

#[test]
fn a_request_is_read_and_answered_in_its_own_words() {
    let invite = Message::read(
        b"INVITE sip:573001112233@127.0.0.1:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\n\
          From: \"A\" <sip:+576015550000@trunk2>;tag=x\r\nTo: <sip:573001112233@127.0.0.1>\r\n\
          Contact: <sip:asterisk@127.0.0.1:5060>\r\nCall-ID: c1\r\nCSeq: 7 INVITE\r\n\r\n\
          v=0\r\nm=audio 20002 RTP/AVP 0 101\r\n",
    )
    .unwrap();
    assert_eq!((invite.method(), invite.user()), (Some("INVITE"), "573001112233"));
    assert_eq!(invite.caller(), ("576015550000", "trunk2"));
    assert_eq!((invite.sound_port(), invite.in_dialog()), (Some(20_002), false));
    let busy = Message::read(&invite.response(&status_line(486), "p", 5_080, None)).unwrap();
    assert_eq!((busy.method(), busy.header("cseq"), busy.in_dialog()), (None, "7 INVITE", true));
    let bye = Message::read(&invite.bye("p", 5_080)).unwrap();
    assert_eq!((bye.method(), bye.header("To")), (Some("BYE"), invite.header("From")));
    assert!(Message::read(b"\0\0\0\0").is_none() && Message::read(b"hello\r\n\r\n").is_none());
}
