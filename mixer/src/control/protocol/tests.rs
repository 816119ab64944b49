use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn wire(answer: &Answer) -> String {
    String::from_utf8(answer.to_bytes()).unwrap()
}

#[test]
fn every_command_is_understood() {
    use QueueName::{Interrupting, Requests};
    for (line, command) in [
        ("interrupting_requests.push file:///x.wav", Command::Push(Interrupting, "file:///x.wav")),
        ("requests.push /a b.mp3 ", Command::Push(Requests, "/a b.mp3")),
        ("requests.push", Command::Push(Requests, "")),
        ("interrupting_requests.queue", Command::Queue(Interrupting)),
        ("requests.skip", Command::Skip(Requests)),
        ("interrupting_requests.flush_and_skip", Command::FlushAndSkip(Interrupting)),
        ("radio.skip", Command::SkipTrack),
        ("request.all", Command::All),
        ("request.alive", Command::Alive),
        ("request.on_air", Command::OnAir),
        ("request.resolving", Command::Resolving),
        ("request.trace 13", Command::Trace("13")),
        ("request.metadata 99", Command::Metadata("99")),
        ("live.status", Command::LiveStatus),
        ("version", Command::Version),
        ("uptime", Command::Uptime),
        ("help", Command::Help("")),
        ("help  radio.skip", Command::Help("radio.skip")),
        ("exit", Command::Exit),
        ("quit", Command::Exit),
        ("skip", Command::Unknown),
        ("list", Command::Unknown),
        ("nosuch.command", Command::Unknown),
        ("requests.", Command::Unknown),
        (".push x", Command::Unknown),
    ] {
        assert_eq!(parse(line.as_bytes()), Some(command), "{line}");
    }
    assert_eq!(parse(b" \t "), None);
    assert_eq!(parse(b"requests.push /\xff.mp3"), Some(Command::NotText));
}

#[test]
fn answers_have_the_bytes_that_clients_wait_for() {
    // Taken from the wire of Liquidsoap 2.1.3.
    for (answer, bytes) in [
        (Answer::rids([2]), "2\r\nEND\r\n"),
        (Answer::rids([]), "\r\nEND\r\n"),
        (Answer::rids([2, 3]), "2 3\r\nEND\r\n"),
        (Answer::unknown(), "ERROR: unknown command, type \"help\" to get a list of commands.\r\nEND\r\n"),
        (Answer::no_such_request(), "No such request.\r\nEND\r\n"),
        (Answer::uptime(Duration::from_secs(28)), "0d 00h 00m 28s\r\nEND\r\n"),
        (Answer::uptime(Duration::from_secs(2 * 86_400 + 3_661)), "2d 01h 01m 01s\r\nEND\r\n"),
        (
            Answer::help("interrupting_requests.push"),
            "Usage: interrupting_requests.push <uri>\r\n  Push a new request in the queue.\r\nEND\r\n",
        ),
        (Answer::Bye, "Bye!\r\n"),
    ] {
        assert_eq!(wire(&answer), bytes);
    }
}

#[test]
fn help_lists_every_command_and_each_of_them_is_one() {
    let help = wire(&Answer::help(""));
    assert!(help.starts_with("Available commands:\r\n| exit\r\n"), "{help}");
    assert!(help.ends_with("\r\n\r\nType \"help <command>\" for more information.\r\nEND\r\n"), "{help}");
    let listed: Vec<&str> =
        help.lines().filter_map(|l| l.strip_prefix("| ")).map(|l| l.split(' ').next().unwrap()).collect();
    assert_eq!(listed.len(), COMMANDS.len());
    assert!(listed.is_sorted(), "{listed:?}");
    for name in listed {
        assert_ne!(parse(name.as_bytes()), Some(Command::Unknown), "{name}");
        assert!(wire(&Answer::help(name)).starts_with(&format!("Usage: {name}")), "{name}");
    }
    assert!(wire(&Answer::help("nosuch")).starts_with("No such command: nosuch\r\nAvailable commands:"));
}

#[test]
fn the_version_can_be_cut_at_its_spaces_and_names_what_it_speaks() {
    let Answer::Text(version) = Answer::version() else { panic!("no text") };
    let words: Vec<&str> = version.split(' ').collect();
    assert_eq!(words[..2], ["Pregon", env!("CARGO_PKG_VERSION")]);
    assert!(version.contains("Liquidsoap 2.1.3"));
}

#[test]
fn nothing_from_outside_ends_an_answer_early() {
    assert_eq!(wire(&Answer::error("no /x\r\nEND\r\n.wav")), "ERROR: no /x  END  .wav\r\nEND\r\n");
    assert_eq!(quoted("a\"b\\c\nEND\r"), "\"a\\\"b\\\\c\\nEND\\x0D\"");
}

proptest! {
    #[test]
    fn no_line_breaks_the_parser_or_the_framing(
        line in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            "(help|request.trace|requests.push|requests.[a-z]{0,5}) .{0,50}".prop_map(String::into_bytes),
        ],
    ) {
        match parse(&line) {
            None => prop_assert!(std::str::from_utf8(&line).is_ok_and(|l| l.trim().is_empty())),
            Some(Command::Help(about)) => {
                let answer = wire(&Answer::help(about));
                prop_assert_eq!(answer.matches("\r\nEND\r\n").count(), 1);
            }
            Some(_) => {}
        }
    }
}
