//! How fast texts are normalised, in one thread: `cargo run --release -p pregon-text --example speed`.
//!
//! Prints one line of `name=value` pairs for each locale: megabytes of text per second over the sentences of the tests,
//! which hold far more figures than ordinary text, and the milliseconds that the worst of some hostile texts of 5,000
//! characters takes.
#![expect(clippy::print_stdout, reason = "the result of a command-line tool")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use pregon_text::{Locale, normalise};

const TABLES: [&str; 2] =
    [include_str!("../tests/normalise/es.tsv"), include_str!("../tests/normalise/en.tsv")];

/// Pieces that are repeated up to the longest text of a request.
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
        let texts = sentences(tag);
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        let mut passes = 0;
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(1) {
            for text in &texts {
                black_box(normalise(text, locale));
            }
            passes += 1;
        }
        let rate = f64::from(passes) * f64::from(u32::try_from(bytes).unwrap_or(u32::MAX))
            / began.elapsed().as_secs_f64()
            / 1e6;
        let worst = HOSTILE
            .iter()
            .map(|piece| time(&piece.repeat(5_000 / piece.len()), locale))
            .max()
            .unwrap_or_default();
        println!("locale={tag} mb_per_s={rate:.2} worst_5000_ms={:.1}", worst.as_secs_f64() * 1e3);
    }
}

fn sentences(tag: &str) -> Vec<&'static str> {
    let lines = TABLES.iter().flat_map(|table| table.lines());
    lines.filter_map(|line| line.strip_prefix(tag)?.trim_start().split('\t').next()).collect()
}

fn time(text: &str, locale: Locale) -> Duration {
    let began = Instant::now();
    black_box(normalise(text, locale));
    began.elapsed()
}
