//! Where the reading stands in a text, and what stands around it.

use super::words;
use crate::{Locale, normalise::scan::Token};

/// How many tokens back a word can decide how figures are read: about a dozen words.
const REACH: usize = 24;

/// A place in a text.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) tokens: &'a [Token<'a>],
    pub(super) at: usize,
    pub(super) locale: Locale,
}

/// What is said for the tokens at a place.
pub(super) struct Said {
    pub(super) words: String,
    /// How many tokens that is for.
    pub(super) used: usize,
}

impl Said {
    pub(super) fn new(words: impl Into<String>, used: usize) -> Self {
        Self { words: words.into(), used }
    }
}

impl<'a> Place<'a> {
    /// The tokens from here on.
    pub(super) fn rest(&self) -> &'a [Token<'a>] {
        from(self.tokens, self.at)
    }

    /// The tokens before this place.
    pub(super) fn before(&self) -> &'a [Token<'a>] {
        self.tokens.get(..self.at).unwrap_or_default()
    }

    /// The place `count` tokens on.
    pub(super) fn on(&self, count: usize) -> Self {
        Self { at: self.at + count, ..*self }
    }

    /// Whether a word or a number can begin here: not within one, nor after an apostrophe that shortens one.
    pub(super) fn fresh(&self) -> bool {
        !matches!(
            self.before(),
            [.., Token::Word(_) | Token::Digits(_)]
                | [.., Token::Word(_) | Token::Digits(_), Token::Sign('\'')]
        )
    }

    /// The word before this place, over a space or a hyphen.
    pub(super) fn word_before(&self) -> Option<&'a str> {
        match self.before() {
            [.., Token::Word(word), Token::Space | Token::Sign('-')] => Some(word),
            _ => None,
        }
    }

    /// Whether the word before this place is one of `words`, which are in small letters.
    pub(super) fn after(&self, words: &[&str]) -> bool {
        self.word_before().is_some_and(|word| among(word, words))
    }

    /// The words before this place in its sentence, the nearest first, with how many words away they are.
    pub(super) fn words_before(&self) -> impl Iterator<Item = (usize, &'a str)> + use<'a> {
        let before = self.before();
        let start = before.len().saturating_sub(REACH);
        let near = from(before, start);
        let begins = (0..near.len()).rev().find(|at| ends_at(near, *at)).map_or(0, |at| at + 1);
        from(near, begins).iter().rev().filter_map(|token| token.word()).enumerate()
    }

    /// Whether a quotation that began with `mark` is open here: the next mark closes it.
    pub(super) fn quoted(&self, mark: char) -> bool {
        self.before().iter().rev().take(REACH).filter(|token| **token == Token::Sign(mark)).count() % 2 == 1
    }

    pub(super) fn british(&self) -> bool {
        self.locale == Locale::EnGb
    }
}

/// Whether a sentence ends with the token at `at`. "Order No. 5" is one sentence.
fn ends_at(tokens: &[Token<'_>], at: usize) -> bool {
    match from(tokens, at) {
        [Token::Sign('!' | '?' | ';'), ..] => true,
        [Token::Sign('.'), Token::Space, ..] => {
            let word = at.checked_sub(1).and_then(|at| tokens.get(at)).and_then(|token| token.word());
            !word.is_some_and(|word| among(word, &["no", "ref", "acct"]))
        }
        _ => false,
    }
}

/// `tokens` without the first `count`.
pub(super) fn from<'a>(tokens: &'a [Token<'a>], count: usize) -> &'a [Token<'a>] {
    tokens.get(count..).unwrap_or_default()
}

/// Whether `word`, in any case of letters, is one of `words`, which are in small letters.
pub(super) fn among(word: &str, words: &[&str]) -> bool {
    words.iter().any(|other| other.eq_ignore_ascii_case(word))
}

/// Whether `word` begins with a capital.
pub(super) fn capital(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// How many of `tokens` spell `text`, and end there.
pub(super) fn spelled(tokens: &[Token<'_>], text: &str) -> Option<usize> {
    let mut rest = text;
    let mut used = 0;
    while !rest.is_empty() {
        rest = match tokens.get(used)? {
            Token::Word(word) | Token::Digits(word) => rest.strip_prefix(word)?,
            Token::Sign(sign) => rest.strip_prefix(*sign)?,
            Token::Space => rest.strip_prefix(' ')?,
            Token::Mail(_) | Token::Link(_) => return None,
        };
        used += 1;
    }
    ends(from(tokens, used)).then_some(used)
}

/// Whether neither a letter nor a digit goes on where `rest` begins.
pub(super) fn ends(rest: &[Token<'_>]) -> bool {
    !matches!(rest, [Token::Word(_) | Token::Digits(_), ..])
}

/// One where `rest` begins with a space.
pub(super) fn space(rest: &[Token<'_>]) -> usize {
    usize::from(matches!(rest, [Token::Space, ..]))
}

/// The length of the hyphen or dash that `rest` begins with.
pub(super) fn dash(rest: &[Token<'_>]) -> Option<usize> {
    match rest {
        [Token::Sign('-'), ..] => Some(1),
        [Token::Space, Token::Sign('-'), Token::Space, ..] => Some(3),
        _ => None,
    }
}

/// One where `rest` begins with the dot of a short form, and zero where there is none or it ends the sentence as well.
pub(super) fn dot(rest: &[Token<'_>]) -> usize {
    match rest {
        [Token::Sign('.'), Token::Word(_) | Token::Digits(_), ..] => 0,
        [Token::Sign('.'), after @ ..] if !sentence_over(after) => 1,
        _ => 0,
    }
}

/// Whether a new sentence, or none, follows a dot.
pub(super) fn sentence_over(after: &[Token<'_>]) -> bool {
    match after {
        [] | [Token::Sign('"' | '\'' | ')')] => true,
        [Token::Space, Token::Word(word), ..] => words::STARTERS.contains(word),
        _ => false,
    }
}
