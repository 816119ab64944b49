//! Cutting text into the pieces that gTTS would send: what it sends is known to work.
//!
//! The rules are those of its tokenizer (gTTS 2.5: `tokenizer/pre_processors.py`, `tokenizer/tokenizer_cases.py`,
//! `utils.py`), oddities included; the tests run both side by side.

use crate::split::{End, abbreviation};

/// Most characters (code points) of one request.
pub(super) const MOST: usize = 100;

/// Marks that change the tone of a sentence: they stay with it.
const TONE_MARKS: [char; 4] = ['?', '!', '？', '！'];

/// Words whose full stop is left out, also at the end of longer words. In this order: leaving one out can make another
/// word of what is left.
const ABBREVIATIONS: [&str; 9] = ["dr", "jr", "mr", "mrs", "ms", "msgr", "prof", "sr", "st"];

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) end: End,
}

/// The text in pieces of at most 100 characters, in order. Pieces of punctuation alone are left out, others may still
/// have no sound.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let text = prepared(text.trim_matches(space));
    let phrases = if text.len() <= MOST { vec![(text.as_slice(), End::Sentence)] } else { phrases(&text) };
    let mut pieces = Vec::new();
    for (phrase, end) in phrases {
        if !phrase.iter().all(|c| is_punctuation(*c) || is_ascii_space(*c)) {
            within_limit(stripped(phrase), end, &mut pieces);
        }
    }
    pieces
}

/// A space after each tone mark, words joined that a hyphen cut at the end of a line, and no full stop after known
/// abbreviations.
fn prepared(text: &str) -> Vec<char> {
    let mut spaced = String::with_capacity(text.len());
    for c in text.chars() {
        spaced.push(c);
        if TONE_MARKS.contains(&c) {
            spaced.push(' ');
        }
    }
    let mut text: Vec<char> = spaced.replace("-\n", "").chars().collect();
    for word in ABBREVIATIONS {
        text = without_stops_after(&text, word);
    }
    spelt_out(&text)
}

fn without_stops_after(text: &[char], word: &str) -> Vec<char> {
    let ends_with_word = |before: &[char]| {
        let tail = before.len().checked_sub(word.len()).and_then(|from| before.get(from..));
        tail.is_some_and(|tail| tail.iter().zip(word.chars()).all(|(c, letter)| same_letter(*c, letter)))
    };
    let stays = |(at, c): (usize, &char)| {
        let left_out = *c == '.' && ends_with_word(text.get(..at).unwrap_or_default());
        (!left_out).then_some(*c)
    };
    text.iter().enumerate().filter_map(stays).collect()
}

/// `Esq.` becomes `Esquire`.
fn spelt_out(text: &[char]) -> Vec<char> {
    let mut whole = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        match rest {
            [e, s, q, '.', after @ ..]
                if same_letter(*e, 'e') && same_letter(*s, 's') && same_letter(*q, 'q') =>
            {
                whole.extend("Esquire".chars());
                rest = after;
            }
            _ => {
                whole.push(*first);
                rest = after;
            }
        }
    }
    whole
}

/// Without regard to case, as Python's `re.IGNORECASE` has it: the long s is an s.
fn same_letter(c: char, letter: char) -> bool {
    c.eq_ignore_ascii_case(&letter) || (c == 'ſ' && letter == 's')
}

/// The text cut at every pause.
fn phrases(text: &[char]) -> Vec<(&[char], End)> {
    let mut phrases = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        if let Some((length, end)) = pause(text, at) {
            let phrase = text.get(start..at).unwrap_or_default();
            // It is cut after `la Dra.` as well; there nobody pauses.
            let title = text.get(at) == Some(&'.') && abbreviation(&phrase.iter().collect::<String>());
            phrases.push((phrase, if title { End::Word } else { end }));
            start = at + length;
            at = start;
        } else {
            at += 1;
        }
    }
    phrases.push((text.get(start..).unwrap_or_default(), End::Sentence));
    phrases
}

/// How many characters of pause stand at `at`, and what they end.
fn pause(text: &[char], at: usize) -> Option<(usize, End)> {
    let c = *text.get(at)?;
    let before = |back: usize| at.checked_sub(back).and_then(|at| text.get(at)).copied();
    if c != '\n' && before(1).is_some_and(|mark| TONE_MARKS.contains(&mark)) {
        return Some((1, End::Sentence));
    }
    match c {
        // 1.500,75 is a number and p.m. a word.
        '.' | ',' => {
            let dotted = before(2) == Some('.') && before(1).is_some_and(is_letter);
            let end = if c == '.' { End::Sentence } else { End::Clause };
            (text.get(at + 1) == Some(&' ') && !dotted).then_some((2, end))
        }
        // 15:30 is a time.
        ':' => (!before(1).is_some_and(is_digit)).then_some((1, End::Clause)),
        '…' | '‥' | '。' | '\n' => Some((1, End::Sentence)),
        '¡' | '(' | ')' | '[' | ']' | '¿' | '،' | ';' | '—' | '，' | '、' | '：' => {
            Some((1, End::Clause))
        }
        _ => None,
    }
}

/// A phrase in pieces that fit, cut at the last space that allows it, or hard where there is none.
fn within_limit(phrase: &[char], end: End, pieces: &mut Vec<Piece>) {
    let mut rest = phrase;
    loop {
        rest = rest.strip_prefix(&[' ']).unwrap_or(rest);
        let head = rest.get(..MOST).filter(|_| rest.len() > MOST);
        let (piece, end, after) = match head.map(|head| head.iter().rposition(|c| *c == ' ')) {
            None => (rest, end, &[][..]),
            Some(None) => {
                (rest.get(..MOST).unwrap_or_default(), End::Hard, rest.get(MOST..).unwrap_or_default())
            }
            Some(Some(at)) => {
                (rest.get(..at).unwrap_or_default(), End::Word, rest.get(at..).unwrap_or_default())
            }
        };
        if !piece.is_empty() {
            pieces.push(Piece { text: piece.iter().collect(), end });
        }
        if after.is_empty() {
            return;
        }
        rest = after;
    }
}

fn stripped(mut phrase: &[char]) -> &[char] {
    while let [first, rest @ ..] = phrase
        && space(*first)
    {
        phrase = rest;
    }
    while let [rest @ .., last] = phrase
        && space(*last)
    {
        phrase = rest;
    }
    phrase
}

/// What Python's `str.strip` takes off.
fn space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Python's `string.whitespace`.
fn is_ascii_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

fn is_punctuation(c: char) -> bool {
    TONE_MARKS.contains(&c) || ".,¡()[]¿…‥،;:—。，、：\n".contains(c)
}

/// `[a-z]` without regard to case, as Python's `re` has it.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, 'İ' | 'ı' | 'ſ' | '\u{212a}')
}

/// `\d`, for the scripts that have a voice.
fn is_digit(c: char) -> bool {
    const ZEROS: [char; 14] = ['0', '٠', '۰', '०', '০', '੦', '૦', '௦', '౦', '೦', '൦', '๐', '၀', '０'];
    ZEROS.iter().any(|zero| (0..10).contains(&u32::from(c).wrapping_sub(u32::from(*zero))))
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
