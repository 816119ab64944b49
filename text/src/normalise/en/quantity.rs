//! Numbers as they are written: whole, with decimals, in fractions.

use super::{
    numbers::{cardinal, digits, ordinal, plural},
    place::{ends, from},
};
use crate::{
    Locale,
    normalise::scan::{Numeral, Token, numeral},
};

/// Fractions with a character of their own.
#[rustfmt::skip]
const GLYPHS: [(char, u64, u64); 15] = [
    ('½', 1, 2), ('⅓', 1, 3), ('⅔', 2, 3), ('¼', 1, 4), ('¾', 3, 4), ('⅕', 1, 5), ('⅖', 2, 5), ('⅗', 3, 5),
    ('⅘', 4, 5), ('⅙', 1, 6), ('⅚', 5, 6), ('⅛', 1, 8), ('⅜', 3, 8), ('⅝', 5, 8), ('⅞', 7, 8),
];
/// What recipes, tools and polls divide by; other figures around a stroke are read as they stand.
const DIVISORS: [u64; 13] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 32];
/// Longer numbers are read digit by digit.
const LONGEST: usize = 18;

/// An amount.
pub(super) struct Quantity {
    pub(super) words: String,
    pub(super) size: Size,
    /// How many tokens it takes.
    pub(super) used: usize,
}

/// How many there are of what is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// Exactly one.
    One,
    /// More than one, or none, or an amount with decimals.
    Many,
    /// A part of one: "half a mile".
    Part,
}

/// The amount that `tokens` begin with.
pub(super) fn quantity(tokens: &[Token<'_>], locale: Locale) -> Option<Quantity> {
    if let Some((top, bottom, used)) = fraction(tokens) {
        return Some(Quantity { words: part(top, bottom, locale), size: Size::Part, used });
    }
    let number = number(tokens)?;
    let words = number_words(&number, locale);
    if number.fraction.is_none() {
        let gap = usize::from(matches!(from(tokens, number.used), [Token::Space, ..]));
        if let Some((top, bottom, used)) = fraction(from(tokens, number.used + gap)) {
            let rest = if (top, bottom) == (1, 2) {
                "a half".to_owned()
            } else {
                part(top, bottom, locale).replace("one quarter", "a quarter").replace("one third", "a third")
            };
            let used = number.used + gap + used;
            return Some(Quantity { words: format!("{words} and {rest}"), size: Size::Many, used });
        }
    }
    let one = number.whole == "1" && number.fraction.is_none();
    Some(Quantity { words, size: if one { Size::One } else { Size::Many }, used: number.used })
}

/// The number in figures that `tokens` begin with. The comma is for thousands only.
pub(super) fn number<'a>(tokens: &[Token<'a>]) -> Option<Numeral<'a>> {
    let number = numeral(tokens, '.')?;
    let list =
        number.used == 3 && number.fraction.is_some() && matches!(tokens.get(1), Some(Token::Sign(',')));
    let apostrophe = tokens.iter().take(number.used).any(|token| *token == Token::Sign('\''));
    if list || apostrophe {
        let whole = tokens.first()?.digits()?.to_owned();
        return Some(Numeral { whole, fraction: None, used: 1 });
    }
    Some(number)
}

/// A number in words: "three point one four".
pub(super) fn number_words(number: &Numeral<'_>, locale: Locale) -> String {
    let whole = whole_words(&number.whole, locale);
    match number.fraction {
        Some(fraction) => format!("{whole} point {}", digits(fraction)),
        None => whole,
    }
}

/// Digits as a count, or one by one where they are too many or begin with a zero.
pub(super) fn whole_words(figures: &str, locale: Locale) -> String {
    let zeros = figures.len() > 1 && figures.starts_with('0');
    match figures.parse() {
        Ok(n) if !zeros && figures.len() <= LONGEST => cardinal(n, locale),
        _ => digits(figures),
    }
}

/// The fraction that `tokens` begin with: both its numbers, and how many tokens it takes.
fn fraction(tokens: &[Token<'_>]) -> Option<(u64, u64, usize)> {
    match tokens {
        [Token::Sign(sign), ..] => {
            let (_, top, bottom) = GLYPHS.iter().find(|(glyph, ..)| glyph == sign)?;
            Some((*top, *bottom, 1))
        }
        [Token::Digits(top), Token::Sign('/'), Token::Digits(bottom), rest @ ..]
            if ends(rest) && !matches!(rest, [Token::Sign('/'), Token::Digits(_), ..]) =>
        {
            let (top, bottom) = (plain(top)?, plain(bottom)?);
            (top < bottom && DIVISORS.contains(&bottom)).then_some((top, bottom, 3))
        }
        _ => None,
    }
}

/// The value of digits that are written as a count: short, and without a zero in front.
fn plain(figures: &str) -> Option<u64> {
    (figures.len() <= 2 && !figures.starts_with('0')).then(|| figures.parse().ok()).flatten()
}

/// "two thirds", "one quarter", "eight out of ten".
fn part(top: u64, bottom: u64, locale: Locale) -> String {
    let count = cardinal(top, locale);
    let name = match bottom {
        2 => "half".to_owned(),
        4 => "quarter".to_owned(),
        10 if top > 1 => return format!("{count} out of ten"),
        _ => ordinal(bottom, locale),
    };
    if top == 1 { format!("{count} {name}") } else { format!("{count} {}", plural(&name)) }
}

/// Whether `tokens` begin with a fraction in figures: "3/4".
pub(super) fn is_fraction(tokens: &[Token<'_>]) -> bool {
    matches!(tokens, [Token::Digits(_), ..]) && fraction(tokens).is_some()
}
