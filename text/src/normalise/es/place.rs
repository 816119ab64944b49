//! A place in the text, and what is said there.

use std::borrow::Cow;

use super::super::scan::Token;
use crate::Locale;

/// How far back a rule looks.
const LOOK_BACK: usize = 24;

/// A place in the text, before the token that is read next.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) before: &'a [Token<'a>],
    pub(super) ahead: &'a [Token<'a>],
    pub(super) locale: Locale,
}

/// Words for some tokens.
pub(super) struct Said {
    pub(super) words: String,
    /// How many tokens they stand for.
    pub(super) used: usize,
}

impl Said {
    #[expect(clippy::unnecessary_wraps, reason = "it is what every rule ends with")]
    pub(super) fn new(words: impl Into<String>, used: usize) -> Option<Self> {
        Some(Self { words: words.into(), used })
    }
}

impl<'a> Place<'a> {
    /// The place `tokens` further on.
    pub(super) fn after(&self, tokens: usize) -> Self {
        let all = self.ahead.get(tokens..).unwrap_or_default();
        Self { ahead: all, ..*self }
    }

    /// The place after a space, where there is one here.
    pub(super) fn past_space(&self) -> Self {
        if self.ahead.first() == Some(&Token::Space) { self.after(1) } else { *self }
    }

    /// How many tokens lie between here and `further`.
    pub(super) fn distance(&self, further: &Self) -> usize {
        self.ahead.len() - further.ahead.len()
    }

    /// The word here, in small letters; empty where there is none.
    pub(super) fn word(&self) -> Cow<'a, str> {
        self.ahead.first().and_then(|token| token.word()).map(lower).unwrap_or_default()
    }

    /// Whether the token before is glued to this one.
    pub(super) fn is_glued(&self) -> bool {
        matches!(
            self.before.last(),
            Some(Token::Word(_) | Token::Digits(_) | Token::Sign('.' | ',' | '-' | '/'))
        )
    }

    /// Whether nothing is glued to what was just read: a space, a pause or the end comes.
    pub(super) fn is_loose_end(&self) -> bool {
        !matches!(self.ahead.first(), Some(Token::Word(_) | Token::Digits(_)))
    }

    /// The words before, the nearest first, in small letters, back to the end of the sentence before.
    pub(super) fn words_before(&self) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        let near = self.before.get(self.before.len().saturating_sub(LOOK_BACK)..).unwrap_or_default();
        let here = near.iter().enumerate().rev().take_while(|(at, _)| !ends_sentence(near, *at));
        here.filter_map(|(_, token)| token.word().map(lower))
    }

    /// The nearest word before, where only spaces and `.:,#°º` lie between.
    pub(super) fn word_before(&self) -> Option<Cow<'a, str>> {
        let mut near = self.before.iter().rev().take(6);
        let token =
            near.find(|token| !matches!(token, Token::Space | Token::Sign('.' | ':' | ',' | '°' | 'º')))?;
        token.word().map(lower)
    }

    /// Whether one of `names` was said before, with nothing but `fillers` since.
    pub(super) fn is_after(&self, names: &[&str], fillers: &[&str]) -> bool {
        for word in self.words_before() {
            if names.contains(&&*word) {
                return true;
            }
            if !fillers.contains(&&*word) {
                return false;
            }
        }
        false
    }

    /// Whether a sentence ends here, after an abbreviation that took its stop: the stop is then said too.
    pub(super) fn ends_sentence(&self) -> bool {
        match self.ahead {
            [] | [Token::Space, Token::Sign('¿' | '¡'), ..] => true,
            [Token::Space, Token::Word(word), ..] => word.starts_with(char::is_uppercase),
            _ => false,
        }
    }
}

/// `word` in small letters.
pub(super) fn lower(word: &str) -> Cow<'_, str> {
    if word.chars().any(char::is_uppercase) { word.to_lowercase().into() } else { word.into() }
}

/// Whether a sentence ends with the token `at`: with a stop after a figure or a word too long for an abbreviation.
fn ends_sentence(tokens: &[Token<'_>], at: usize) -> bool {
    match (at.checked_sub(1).and_then(|before| tokens.get(before)), tokens.get(at), tokens.get(at + 1)) {
        (Some(Token::Word(word)), Some(Token::Sign('.')), Some(Token::Space)) => word.len() >= 5,
        (_, Some(Token::Sign('!' | '?' | ';')), _)
        | (Some(Token::Digits(_)), Some(Token::Sign('.')), Some(Token::Space)) => true,
        _ => false,
    }
}
