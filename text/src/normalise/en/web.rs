//! Addresses of mail and pages, as they are dictated.

use super::{
    codes::{letters, pronounceable},
    numbers::{cardinal, digits},
    place::{Place, Said},
};
use crate::{
    Locale,
    normalise::scan::{Token, without_scheme},
};

/// Ends of host names that are said as words; others of two or three letters are spelled.
const WORDS: [&str; 13] =
    ["com", "org", "net", "gov", "info", "co", "me", "app", "dev", "biz", "mil", "gob", "int"];
/// Names that are spelled though they could be said.
const SPELLED: [&str; 9] = ["irs", "usps", "ups", "aa", "uk", "us", "ok", "abc", "ei"];

/// An e-mail address, or the address of a page.
pub(super) fn address(place: &Place<'_>) -> Option<Said> {
    match place.rest() {
        [Token::Mail(mail), ..] => Some(Said::new(spoken(mail, place.locale), 1)),
        [Token::Link(link), ..] => {
            let bare = without_scheme(link);
            Some(Said::new(spoken(bare.trim_end_matches('/'), place.locale), 1))
        }
        _ => None,
    }
}

/// A name for an account: "@citybank".
pub(super) fn spoken(address: &str, locale: Locale) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = address;
    let mut dots = false;
    while let Some(c) = rest.chars().next() {
        let kind: fn(&char) -> bool = match c {
            _ if c.is_ascii_digit() => char::is_ascii_digit,
            _ if c.is_alphabetic() => |c| c.is_alphabetic(),
            _ => {
                words.extend(sign(c).map(str::to_owned));
                dots = c == '.';
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
                continue;
            }
        };
        let length = rest.find(|c: char| !kind(&c)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(length);
        let end = !after.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
        words.push(match piece.parse::<u64>() {
            Ok(n) if piece.len() <= 2 && !piece.starts_with('0') => cardinal(n, locale),
            _ if c.is_ascii_digit() => digits(piece),
            _ => name(piece, dots && end),
        });
        rest = after;
    }
    words.join(" ")
}

/// One name in an address; `end` for the ends of host names.
fn name(piece: &str, end: bool) -> String {
    let small = piece.to_ascii_lowercase();
    let spell = match piece.len() {
        _ if small == "www" => true,
        _ if WORDS.contains(&small.as_str()) => false,
        1 => true,
        2 | 3 if end => !matches!(small.as_str(), "ly" | "pay" | "bus" | "web" | "art" | "car" | "bar"),
        length => {
            SPELLED.contains(&small.as_str()) || length < 6 && piece.is_ascii() && !pronounceable(piece)
        }
    };
    if spell { letters(piece, true).trim_end_matches(',').to_owned() } else { piece.to_owned() }
}

/// A sign's name; None for those that nobody dictates.
fn sign(c: char) -> Option<&'static str> {
    Some(match c {
        '.' => "dot",
        '@' => "at",
        '/' => "slash",
        '-' => "dash",
        '_' => "underscore",
        '+' => "plus",
        ':' => "colon",
        '?' => "question mark",
        '=' => "equals",
        '&' => "and",
        '#' => "hash",
        '%' => "percent",
        '~' => "tilde",
        '*' => "star",
        '$' => "dollar",
        '!' => "exclamation mark",
        ',' => "comma",
        ';' => "semicolon",
        _ => return None,
    })
}
