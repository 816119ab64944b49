//! Whatever arrives on a control connection: no panic, no line beyond its bound, and one end to each answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pregon_mixer::control::{Answer, Command, LONGEST_LINE, Line, Lines, parse};
use pregon_mixer::programme::Asked;

fuzz_target!(|input: (u8, &[u8])| {
    let (stride, bytes) = input;
    let mut lines = Lines::default();
    for piece in bytes.chunks(usize::from(stride).max(1)) {
        lines.feed(piece, look);
    }
    lines.finish().map(look);
});

fn look(line: Line) {
    let Line::Whole(bytes) = line else { return };
    assert!(!bytes.is_empty() && bytes.len() <= LONGEST_LINE);
    match parse(&bytes) {
        Some(Command::Push(_, uri)) => match Asked::parse(uri) {
            Ok(asked) => assert!(asked.path.is_absolute()),
            Err(error) => framed(&Answer::error(error)),
        },
        Some(Command::Help(about)) => framed(&Answer::help(about)),
        Some(_) | None => {}
    }
}

fn framed(answer: &Answer) {
    let bytes = answer.to_bytes();
    let ends = bytes.windows(7).filter(|window| window == b"\r\nEND\r\n").count();
    assert_eq!(ends, 1, "{}", String::from_utf8_lossy(&bytes));
}
