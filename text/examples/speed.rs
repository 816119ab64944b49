//! How fast texts are normalised, in one thread: `cargo run --release -p pregon-text --example speed`.
//!
//! Prints one line of `name=value` pairs for each locale: megabytes of text per second over the sentences of the tests,
//! which hold far more figures than ordinary text, and over their plain words; and the milliseconds that the worst of
//! some hostile texts of 5,000 characters takes. Seconds are those on a processor (`/proc/self/schedstat`), so that a busy
//! machine does not change them.
#![expect(clippy::print_stdout, reason = "the result of a command-line tool")]

use std::hint::black_box;

use pregon_text::{Locale, normalise};

const TABLES: [&str; 2] =
    [include_str!("../tests/normalise/es.tsv"), include_str!("../tests/normalise/en.tsv")];

/// Pieces that are repeated up to the longest text of a request.
#[rustfmt::skip]
const HOSTILE: [&str; 16] = [
    "1",
    "1.",
    "1-",
    "@",
    "a@",
    "#",
    "<a",
    "&amp;",
    "*5 ",
    "(1",
    "S.",
    "XX ",
    "1/2 ",
    "$1 mil 2 ",
    "300 505 ",
    "código es ",
];

fn main() {
    for tag in ["es-CO", "es-MX", "es-ES", "es-AR", "en-US", "en-GB"] {
        let locale = Locale::of(tag);
        let dense = sentences(tag);
        let plain: Vec<_> = dense.iter().map(|text| without_figures(text)).collect();
        let worst =
            HOSTILE.iter().map(|piece| time(&piece.repeat(5_000 / piece.len()), locale)).fold(0.0, f64::max);
        println!(
            "locale={tag} dense_mb_per_s={:.2} plain_mb_per_s={:.2} worst_5000_ms={:.1}",
            rate(&dense, locale),
            rate(&plain, locale),
            worst * 1e3
        );
    }
}

/// Megabytes per second, measured for a second.
fn rate(texts: &[String], locale: Locale) -> f64 {
    let bytes: usize = texts.iter().map(String::len).sum();
    let mut read = 0;
    let began = seconds();
    while bytes > 0 && seconds() < began + 1.0 {
        for text in texts {
            black_box(normalise(text, locale));
        }
        read += bytes;
    }
    f64::from(u32::try_from(read).unwrap_or(u32::MAX)) / (seconds() - began) / 1e6
}

/// How long this process has run on a processor.
fn seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos: f64 = stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default();
    nanos / 1e9
}

fn sentences(tag: &str) -> Vec<String> {
    let lines = TABLES.iter().flat_map(|table| table.lines());
    lines
        .filter_map(|line| line.strip_prefix(tag)?.trim_start().split('\t').next().map(str::to_owned))
        .collect()
}

/// The words of a text that are only letters.
fn without_figures(text: &str) -> String {
    text.split(' ')
        .filter(|word| word.chars().all(|c| c.is_alphabetic() || c == ','))
        .collect::<Vec<_>>()
        .join(" ")
}

fn time(text: &str, locale: Locale) -> f64 {
    let began = seconds();
    black_box(normalise(text, locale));
    seconds() - began
}
