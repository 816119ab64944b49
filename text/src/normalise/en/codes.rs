//! Codes: letters and digits that are spelled out.

use super::{
    numbers::{cardinal, digits, in_pairs, plural, year},
    phones::group_words,
    place::{Place, Said, ends, from},
    quantity::whole_words,
};
use crate::normalise::scan::Token;

/// Longer runs of letters and digits are spelled in pieces of this many tokens.
const MOST_PIECES: usize = 16;

/// Letters one by one. An A that goes on is followed by a comma: engines say the article otherwise.
pub(super) fn letters(word: &str, goes_on: bool) -> String {
    let mut out = String::new();
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        out.extend(c.to_uppercase());
        let last = chars.peek().is_none();
        if c.eq_ignore_ascii_case(&'a') && (!last || goes_on) {
            out.push(',');
        }
        if !last {
            out.push(' ');
        }
    }
    out
}

/// Whether `word` is in capitals.
pub(super) fn capitals(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// What is left of a number whose beginning is hidden: "XXXX4821", "x4821".
fn masked(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(mask), rest @ ..] = place.rest() else { return None };
    let hyphen = usize::from(matches!(rest, [Token::Sign('-'), ..]));
    let [Token::Digits(figures), after @ ..] = from(rest, hyphen) else { return None };
    let hidden = mask.bytes().all(|byte| matches!(byte, b'x' | b'X')) && (3..=6).contains(&figures.len());
    let owned = place.after(&[
        "account",
        "acct",
        "card",
        "c",
        "debit",
        "credit",
        "visa",
        "mastercard",
        "ending",
        "in",
        "no",
    ]);
    if !hidden || !(owned || mask.len() > 2) || !ends(after) {
        return None;
    }
    let ending = if place.after(&["ending", "in"]) { "" } else { "ending in " };
    Some(Said::new(format!("{ending}{}", digits(figures)), 2 + hyphen))
}

/// Letters and digits in one: "IB3456", "B12", "ABC-1234", "COVID-19", "14C".
pub(super) fn mixed(place: &Place<'_>) -> Option<Said> {
    if let Some(said) = masked(place) {
        return Some(said);
    }
    let rest = place.rest();
    let used = length(rest)?;
    let pieces = rest.get(..used)?;
    // Several of one: "MP3s".
    if let [single @ .., Token::Digits(figures), Token::Word("s")] = pieces
        && !single.is_empty()
    {
        let number = plural(&whole_words(figures, place.locale));
        return Some(Said::new(format!("{} {number}", spelled(single, true)), used));
    }
    if let Some(words) = word_and_number(pieces, place).or_else(|| short(pieces, place)) {
        // Motorways that were roads: "A1(M)".
        return Some(match from(rest, used) {
            [Token::Sign('('), Token::Word("M"), Token::Sign(')'), ..] => {
                Said::new(format!("{words} M"), used + 3)
            }
            _ => Said::new(words, used),
        });
    }
    Some(Said::new(spelled(pieces, false), used))
}

/// Letters and digits one by one, with a pause for each hyphen.
fn spelled(pieces: &[Token<'_>], goes_on: bool) -> String {
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        let last = at + 1 == pieces.len() && !goes_on;
        match piece {
            Token::Sign(_) if !out.ends_with(',') => out.push(','),
            Token::Word(word) => {
                out.push(' ');
                let spelled = capitals(word) || word.len() == 1 || pieces.len() > 3;
                out.push_str(&if spelled { letters(word, !last) } else { (*word).to_owned() });
            }
            Token::Digits(figures) => {
                out.push(' ');
                out.push_str(&group_words(figures, false));
            }
            Token::Sign(_) | Token::Space | Token::Mail(_) | Token::Link(_) => {}
        }
    }
    out.trim_start().to_owned()
}

/// How many tokens a run of letters and digits takes that holds both.
fn length(rest: &[Token<'_>]) -> Option<usize> {
    let mut used = 0;
    while used < MOST_PIECES {
        used += match from(rest, used) {
            [Token::Word(word), ..] if word.is_ascii() => 1,
            [Token::Digits(_), ..] => 1,
            [Token::Sign('-'), Token::Word(word), ..] if used > 0 && word.is_ascii() => 2,
            [Token::Sign('-'), Token::Digits(_), ..] if used > 0 => 2,
            _ => break,
        };
    }
    let pieces = rest.get(..used)?;
    let both = pieces.iter().any(|piece| piece.word().is_some())
        && pieces.iter().any(|piece| piece.digits().is_some());
    // "24-hour", "pre-2020", "3-for-2": words with numbers between, not codes.
    let words = pieces.iter().any(|piece| {
        piece.word().is_some_and(|word| word.len() > 1 && word.bytes().any(|byte| byte.is_ascii_lowercase()))
    });
    let glued = pieces.windows(2).any(|pair| !pair.contains(&Token::Sign('-')));
    let named = matches!(pieces, [Token::Word(word), Token::Sign('-'), ..] if word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase()));
    (both && !named && (glued || !words)).then_some(used)
}

/// A name with its number: "COVID-19", "iPhone15", "SAVE20", "SUMMER2025".
fn word_and_number(pieces: &[Token<'_>], place: &Place<'_>) -> Option<String> {
    let [Token::Word(word), .., Token::Digits(figures)] = pieces else { return None };
    if !matches!(pieces, [_, _] | [_, Token::Sign('-'), _]) {
        return None;
    }
    let small = word.len() > 1 && word.bytes().any(|byte| byte.is_ascii_lowercase());
    let name = small || word.len() >= 4 && pronounceable(word) && (figures.len() <= 2 || word.len() >= 5);
    name.then(|| {
        let n = figures.parse().ok().filter(|_| !figures.starts_with('0'));
        match n {
            Some(n) if figures.len() <= 2 => format!("{word} {}", cardinal(n, place.locale)),
            Some(n) if (1900..2100).contains(&n) => format!("{word} {}", year(n, place.locale)),
            _ => format!("{word} {}", digits(figures)),
        }
    })
}

/// Pairs of consonants that English words begin with.
#[rustfmt::skip]
const ONSETS: [&str; 38] = [
    "bl", "br", "ch", "cl", "cr", "dr", "dw", "fl", "fr", "gh", "gl", "gn", "gr", "kn", "kr", "mc", "ph", "pl", "pr", "ps",
    "rh", "sc", "sh", "sk", "sl", "sm", "sn", "sp", "sq", "st", "sw", "th", "tr", "tw", "wh", "wr", "sv", "gw",
];

/// Whether letters can be said as a word: they have a vowel, few consonants in a row, and begin as words do.
pub(super) fn pronounceable(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let vowel = |c: char| "aeiouy".contains(c);
    let onset = word.split(vowel).next().unwrap_or_default();
    let begins = onset.len() < 2 || onset.get(..2).is_some_and(|pair| ONSETS.contains(&pair));
    word.contains(vowel) && begins && word.split(vowel).all(|run| run.len() <= 4)
}

/// A letter with a short number: roads, gates, vitamins, paper, flats.
fn short(pieces: &[Token<'_>], place: &Place<'_>) -> Option<String> {
    match pieces {
        [Token::Word(fiscal @ ("FY" | "CY")), Token::Digits(figures)] if figures.len() == 4 => {
            Some(format!("{} {}", letters(fiscal, true), year(figures.parse().ok()?, place.locale)))
        }
        [Token::Word(a), Token::Digits(from), Token::Sign('-'), Token::Word(b), Token::Digits(to)]
            if a == b && a.len() == 1 && from.len() < 4 && to.len() < 4 =>
        {
            let [from, to] = [from, to].map(|figures| in_pairs(figures, place.locale));
            Some(format!("{0} {from} to {0} {to}", letters(a, true)))
        }
        [Token::Word("K"), Token::Sign('-'), Token::Digits("12")] => Some("K through twelve".to_owned()),
        [Token::Word(letter), Token::Digits(figures)]
        | [Token::Word(letter), Token::Sign('-'), Token::Digits(figures)]
            if figures.len() <= 3
                && !figures.starts_with('0')
                && (letter.len() == 1 || *letter == "US" && matches!(pieces, [_, Token::Sign(_), _])) =>
        {
            let number = in_pairs(figures, place.locale);
            let letter = if letter.len() == 1 { letters(letter, true) } else { (*letter).to_owned() };
            Some(format!("{letter} {number}"))
        }
        [Token::Digits(figures), Token::Word(letter)]
        | [Token::Digits(figures), Token::Sign('-'), Token::Word(letter)]
            if figures.len() <= 3 && letter.len() == 1 && !figures.starts_with('0') =>
        {
            let number = in_pairs(figures, place.locale);
            Some(format!("{number} {}", letters(letter, false)))
        }
        [Token::Digits(figures), Token::Word("s")] => Some(plural(&whole_words(figures, place.locale))),
        [Token::Digits(figures), Token::Word(word)]
            if word.bytes().all(|byte| byte.is_ascii_lowercase()) && word.len() > 1 =>
        {
            Some(format!("{} {word}", whole_words(figures, place.locale)))
        }
        _ => None,
    }
}
