//! An Asterisk that says what the test wants it to say.

use std::time::Duration;

use pregon_core::Key;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::settings::AmiUrl;

/// Longer than anything takes, even on a machine that is busy with other things.
pub(super) const LONG: Duration = Duration::from_secs(20);

pub(super) const RINGING: u8 = 5;
pub(super) const UP: u8 = 6;

pub(super) fn key(attempt: u16) -> Key {
    Key { attempt, ..("0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1".parse().unwrap()) }
}

/// A channel event of a call. Fields and order are those of Asterisk 22.
pub(super) fn event(name: &str, key: Key, channel: &str, state: u8) -> String {
    let prefix = if name.starts_with("Dial") { "Dest" } else { "" };
    let fields = [
        ("Channel", channel.to_owned()),
        ("ChannelState", state.to_string()),
        ("CallerIDNum", "3005550000".to_owned()),
        ("CallerIDName", "<unknown>".to_owned()),
        ("Context", "none".to_owned()),
        ("Uniqueid", format!("1795230006.{}", channel.len() + usize::from(key.attempt))),
        ("ChanVariable", format!("PREGON_JOB={}", key.job)),
        ("ChanVariable", format!("PREGON_ATTEMPT={}", key.attempt)),
    ];
    let fields = fields.map(|(name, value)| format!("{prefix}{name}: {value}\r\n")).concat();
    let last = match name {
        "Hangup" => "Cause: 17\r\nCause-txt: User busy\r\nTechCause: 486\r\n",
        "DialBegin" => "DialString: 200@trunk\r\n",
        "DialState" => "DialStatus: RINGING\r\n",
        "DialEnd" => "DialStatus: BUSY\r\n",
        _ => "",
    };
    format!("Event: {name}\r\nPrivilege: call,all\r\n{fields}{last}\r\n")
}

/// Asterisk's end of the wire.
pub(super) struct Pbx(TcpListener);

impl Pbx {
    pub(super) async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(super) fn url(&self) -> AmiUrl {
        AmiUrl::read(&format!("ami://ana:s3cret@{}", self.0.local_addr().unwrap())).unwrap()
    }

    /// The next connection, before anything was said.
    pub(super) async fn accept(&self) -> Peer {
        let (stream, _) = timeout(LONG, self.0.accept()).await.expect("nobody connects").unwrap();
        Peer(BufReader::new(stream))
    }

    /// The next connection, logged in.
    pub(super) async fn log_in(&self) -> Peer {
        let mut peer = self.accept().await;
        peer.say("Asterisk Call Manager/11.0.0\r\n").await;
        let login = peer.action("Login").await;
        peer.answer(&login, "Success", "Authentication accepted").await;
        peer
    }

    /// The next connection, logged in and told which calls go on: events without their ends.
    pub(super) async fn connect(&self, calls: &[String]) -> Peer {
        let mut peer = self.log_in().await;
        peer.list(calls).await;
        peer
    }
}

/// One connection.
pub(super) struct Peer(BufReader<TcpStream>);

impl Peer {
    pub(super) async fn say(&mut self, text: impl AsRef<[u8]>) {
        self.0.write_all(text.as_ref()).await.unwrap();
    }

    /// The next action, as lines; it must be this one.
    pub(super) async fn action(&mut self, name: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            timeout(LONG, self.0.read_line(&mut line)).await.expect("no action comes").unwrap();
            match line.strip_suffix("\r\n").expect("a line ends in CRLF") {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        assert_eq!(lines[0], format!("Action: {name}"));
        lines
    }

    pub(super) async fn answer(&mut self, action: &[String], response: &str, message: &str) {
        let id = action.iter().find(|line| line.starts_with("ActionID: ")).unwrap();
        self.say(format!("Response: {response}\r\n{id}\r\nMessage: {message}\r\n\r\n")).await;
    }

    /// Answers the question for all calls.
    pub(super) async fn list(&mut self, calls: &[String]) {
        let status = self.action("Status").await;
        self.answer(&status, "Success", "Channel status will follow").await;
        let id = &status[1];
        for call in calls {
            self.say(format!("{}{id}\r\n\r\n", call.strip_suffix("\r\n").unwrap())).await;
        }
        self.say(format!(
            "Event: StatusComplete\r\n{id}\r\nEventList: Complete\r\nItems: {}\r\n\r\n",
            calls.len()
        ))
        .await;
    }

    /// Waits until the other side has closed the connection, having said nothing more.
    pub(super) async fn ended(&mut self) {
        let mut rest = String::new();
        timeout(LONG, self.0.read_to_string(&mut rest)).await.expect("it stays open").unwrap();
        assert_eq!(rest, "");
    }
}
