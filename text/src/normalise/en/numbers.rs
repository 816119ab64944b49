//! Numbers as words: cardinals, ordinals, years, digit by digit and in pairs.

use crate::Locale;

#[rustfmt::skip]
const SMALL: [&str; 20] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(u64, &str); 5] = [
    (1_000_000_000_000_000, "quadrillion"),
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];
/// Ordinals that are not their cardinal with "th".
const IRREGULAR: [(&str, &str); 8] = [
    ("one", "first"),
    ("two", "second"),
    ("three", "third"),
    ("five", "fifth"),
    ("eight", "eighth"),
    ("nine", "ninth"),
    ("twelve", "twelfth"),
    ("zero", "zeroth"),
];

fn small(n: u64) -> &'static str {
    usize::try_from(n).ok().and_then(|n| SMALL.get(n)).copied().unwrap_or_default()
}

/// 0 to 99: "seven", "forty", "forty-seven".
fn below_hundred(n: u64) -> String {
    if n < 20 {
        return small(n).to_owned();
    }
    let tens = usize::try_from(n / 10).ok().and_then(|n| TENS.get(n)).copied().unwrap_or_default();
    if n.is_multiple_of(10) { tens.to_owned() } else { format!("{tens}-{}", small(n % 10)) }
}

/// Whether "and" stands before the last part of a number: "two hundred and five" in Britain, "two hundred five" in
/// the United States.
fn and(locale: Locale) -> &'static str {
    if locale == Locale::EnGb { " and " } else { " " }
}

fn below_thousand(n: u64, locale: Locale) -> String {
    match (n / 100, n % 100) {
        (0, rest) => below_hundred(rest),
        (hundreds, 0) => format!("{} hundred", small(hundreds)),
        (hundreds, rest) => format!("{} hundred{}{}", small(hundreds), and(locale), below_hundred(rest)),
    }
}

/// `n` as a count: "one thousand two hundred fifty".
pub(super) fn cardinal(n: u64, locale: Locale) -> String {
    let mut rest = n;
    let mut parts = Vec::new();
    for (scale, name) in SCALES {
        if rest >= scale {
            parts.push(format!("{} {name}", cardinal(rest / scale, locale)));
            rest %= scale;
        }
    }
    if parts.is_empty() {
        return below_thousand(rest, locale);
    }
    let mut words = parts.join(" ");
    if rest > 0 {
        words.push_str(if rest < 100 { and(locale) } else { " " });
        words.push_str(&below_thousand(rest, locale));
    }
    words
}

/// `n` as a rank: "one hundred first".
pub(super) fn ordinal(n: u64, locale: Locale) -> String {
    ranked(&cardinal(n, locale))
}

/// The rank whose count is `words`: its last word changes.
fn ranked(words: &str) -> String {
    let at = words.rfind([' ', '-']).map_or(0, |at| at + 1);
    let (head, last) = words.split_at(at);
    if let Some((_, rank)) = IRREGULAR.iter().find(|(count, _)| *count == last) {
        return format!("{head}{rank}");
    }
    match last.strip_suffix('y') {
        Some(stem) => format!("{head}{stem}ieth"),
        None => format!("{words}th"),
    }
}

/// More than one of what `words` count or rank: "two thirds", "the nineties".
pub(super) fn plural(words: &str) -> String {
    match words.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if words.ends_with('x') => format!("{words}es"),
        None => format!("{words}s"),
    }
}

/// A year of the calendar: "nineteen oh five", "two thousand five", "twenty twenty-five".
pub(super) fn year(n: u64, locale: Locale) -> String {
    match (n / 100, n % 100) {
        (10 | 20, 0..10) | (0..10 | 100.., _) => cardinal(n, locale),
        (century, 0) => format!("{} hundred", below_hundred(century)),
        (century, rest @ 1..10) => format!("{} oh {}", below_hundred(century), small(rest)),
        (century, rest) => format!("{} {}", below_hundred(century), below_hundred(rest)),
    }
}

/// Each digit for itself. "Zero", not "oh": on a telephone "oh" is heard as the letter, and these are written down.
pub(super) fn digits(figures: &str) -> String {
    let each: Vec<&str> =
        figures.chars().filter_map(|c| c.to_digit(10)).map(|d| small(u64::from(d))).collect();
    each.join(" ")
}

/// What stands for a place rather than an amount, in pairs from the right as people say room, road and house numbers:
/// "two oh four", "twelve fifty", "sixteen hundred".
pub(super) fn in_pairs(figures: &str, locale: Locale) -> String {
    let Ok(n) = figures.parse::<u64>() else { return digits(figures) };
    match (n / 100, n % 100) {
        _ if figures.starts_with('0') => digits(figures),
        (0, rest) => below_hundred(rest),
        (front, 0) if !front.is_multiple_of(10) => format!("{} hundred", below_hundred(front % 100)),
        (1..100, 0) => cardinal(n, locale),
        (front @ 1..100, rest @ 1..10) => format!("{} oh {}", below_hundred(front), small(rest)),
        (front @ 1..100, rest) => format!("{} {}", below_hundred(front), below_hundred(rest)),
        _ => digits(figures),
    }
}
