use proptest::prelude::*;

use super::*;

/// All packets behind a banner, when the bytes come in pieces of these sizes.
fn decode(bytes: &[u8], sizes: &[usize]) -> Vec<Vec<(String, String)>> {
    let mut decoder = Decoder::default();
    decoder.push(b"Asterisk Call Manager/11.0.0\r\n");
    let mut sizes = sizes.iter().copied().cycle();
    let mut rest = bytes;
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(sizes.next().unwrap_or(rest.len()).clamp(1, rest.len()));
        decoder.push(piece);
        packets.extend(std::iter::from_fn(|| decoder.packet()).map(|p| p.fields));
        rest = later;
    }
    packets
}

fn fields(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

#[test]
fn packets_are_read_as_asterisk_writes_them_and_as_it_should_not() {
    let long = format!("Long: {}\r\nCause: 17\r\n\r\n", "x".repeat(MAX_LINE));
    for (bytes, expected) in [
        (&b"Event: Hangup\r\nCause: 17\r\n\r\n"[..], vec![("Event", "Hangup"), ("Cause", "17")]),
        (b"Event: Hangup\nCause:17\n\n", vec![("Event", "Hangup"), ("Cause", "17")]),
        (b"AccountCode: \r\n\r\n", vec![("AccountCode", "")]),
        (b"DialString: sip:1@pbx:5060\r\n\r\n", vec![("DialString", "sip:1@pbx:5060")]),
        (
            b"ChanVariable: PREGON_JOB=a\r\nChanVariable: PREGON_ATTEMPT=2\r\n\r\n",
            vec![("ChanVariable", "PREGON_JOB=a"), ("ChanVariable", "PREGON_ATTEMPT=2")],
        ),
        (b"\r\n\r\n\r\nPing: Pong\r\n\r\n\r\n", vec![("Ping", "Pong")]),
        (b"no colon\r\nPing: Pong\r\n\r\n", vec![("Ping", "Pong")]),
        (b"CallerIDName: Ni\xf1o\r\n\r\n", vec![("CallerIDName", "Ni\u{fffd}o")]),
        (b"\xff\xfe: \x00\r\n\r\n", vec![("\u{fffd}\u{fffd}", "\0")]),
        (long.as_bytes(), vec![("Cause", "17")]),
    ] {
        let read = decode(bytes, &[]);
        assert_eq!(read, [fields(&expected)], "{}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(decode(b"Event: Hangup\r\nCause: 17\r\n", &[]), Vec::<Vec<_>>::new(), "it is not whole");
}

#[test]
fn names_are_compared_without_case_and_repeat() {
    let packet =
        Packet { fields: fields(&[("event", "Hangup"), ("ChanVariable", "a=1"), ("chanvariable", "b=2")]) };
    assert_eq!(packet.get("Event"), Some("Hangup"));
    assert_eq!(packet.all("ChanVariable").collect::<Vec<_>>(), ["a=1", "b=2"]);
    assert_eq!(packet.get("Cause"), None);
}

#[test]
fn the_banner_is_a_line_of_its_own() {
    let mut decoder = Decoder::default();
    decoder.push(b"Asterisk Call Man");
    assert_eq!(decoder.banner(), None);
    decoder.push(b"ager/11.0.0\r\nResponse: Success\r\n\r\n");
    assert_eq!(decoder.banner(), Some("Asterisk Call Manager/11.0.0"));
    assert_eq!(decoder.packet().unwrap().get("Response"), Some("Success"));
}

#[test]
fn what_never_ends_is_not_kept() {
    let mut decoder = Decoder::default();
    decoder.push(b"Asterisk Call Manager/11.0.0\r\n");
    for _ in 0..1_000 {
        decoder.push(&[b'x'; 10_000]);
        assert!(decoder.line.capacity() <= 4 * MAX_LINE);
    }
    decoder.push(b"\n");
    for _ in 0..100_000 {
        decoder.push(b"Event: an event without an end\r\n");
    }
    let kept: usize = decoder.packet.fields.iter().map(|(n, v)| n.len() + v.len()).sum();
    assert!((MAX_PACKET / 2..=MAX_PACKET).contains(&kept), "{kept}");
    decoder.push(b"\r\nPing: Pong\r\n\r\n");
    assert_eq!(decoder.packet().unwrap().get("Event"), Some("an event without an end"));
    assert_eq!(decoder.packet().unwrap().get("Ping"), Some("Pong"), "the next packet is read as ever");
}

#[test]
fn a_value_that_could_begin_a_command_is_not_written() {
    assert_eq!(
        encode(&[("Action", "Hangup"), ("Channel", "PJSIP/trunk-00000001")]).unwrap(),
        b"Action: Hangup\r\nChannel: PJSIP/trunk-00000001\r\n\r\n"
    );
    for bad in ["a\r\nAction: Originate", "a\n", "\r", "a\0", "a\u{85}", &"x".repeat(MAX_VALUE + 1)] {
        assert_eq!(encode(&[("Action", "Login"), ("Secret", bad)]), Err(NotWritable("Secret")), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn it_makes_no_difference_how_the_bytes_are_cut(
        bytes in prop::collection::vec(prop_oneof![
            Just(b"\r\n".to_vec()),
            Just(b"\n".to_vec()),
            Just(b"\r".to_vec()),
            Just(b"Event: Hangup\r\n".to_vec()),
            Just(vec![b'y'; MAX_LINE / 3]),
            prop::collection::vec(any::<u8>(), 0..20),
        ], 0..30),
        sizes in prop::collection::vec(1_usize..5_000, 1..20),
    ) {
        let bytes = bytes.concat();
        prop_assert_eq!(decode(&bytes, &sizes), decode(&bytes, &[]));
    }

    #[test]
    fn what_is_written_is_read_back_and_nothing_else(values in prop::collection::vec(".{0,60}", 1..6)) {
        const NAMES: [&str; 6] = ["Action", "ActionID", "Username", "Secret", "Channel", "Cause"];
        let action: Vec<_> = NAMES.into_iter().zip(values.iter().map(String::as_str)).collect();
        match encode(&action) {
            Ok(bytes) => {
                let expected: Vec<_> = action.iter().map(|(n, v)| (*n, v.trim())).collect();
                prop_assert_eq!(decode(&bytes, &[]), [fields(&expected)]);
            }
            Err(NotWritable(name)) => {
                let refused = action.iter().find(|(n, _)| *n == name).unwrap().1;
                prop_assert!(refused.contains(char::is_control));
            }
        }
    }
}
