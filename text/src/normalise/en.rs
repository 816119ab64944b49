//! English of the United States and of Britain.
//!
//! The text is read token by token. At each place the rules for its kind of token are asked in order, the most
//! particular first; the first that knows what stands there says it in words. What no rule knows stays as it is.
//! Rules look at tokens only, forward and back over a bounded distance, so that time is in proportion to the text.

mod calendar;
mod codes;
mod dates;
mod measures;
mod money;
mod numbers;
mod phones;
mod place;
mod places;
mod plain;
mod postal;
mod quantity;
mod references;
mod romans;
mod scores;
mod shorts;
mod signs;
mod streets;
mod times;
mod units;
mod web;
pub(super) mod words;

use place::{Place, Said};

use super::scan::{Token, tokens};
use crate::Locale;

type Rule = fn(&Place<'_>) -> Option<Said>;

/// What may begin with digits.
const FIGURES: [Rule; 17] = [
    shorts::phrase,
    dates::date,
    calendar::name,
    times::time,
    phones::phone,
    money::money,
    plain::decade,
    measures::measure,
    scores::score,
    plain::rank,
    places::place_name,
    references::figures,
    plain::years,
    plain::size,
    codes::mixed,
    plain::range,
    plain::count,
];
/// What may begin with a word.
const WORDS: [Rule; 17] = [
    shorts::phrase,
    phones::inner,
    measures::rate,
    postal::postal,
    money::money,
    dates::date,
    calendar::name,
    postal::state,
    streets::saint_or_doctor,
    streets::direction,
    streets::street,
    shorts::initials,
    shorts::short,
    shorts::several,
    shorts::versus,
    romans::numeral,
    codes::mixed,
];
/// What may be a word in small letters, with a space behind it: most words of most texts.
const SMALL_WORDS: [Rule; 7] = [
    phones::inner,
    measures::rate,
    dates::date,
    calendar::name,
    streets::saint_or_doctor,
    shorts::short,
    shorts::versus,
];
/// What may begin with a sign.
const SIGNS: [Rule; 6] =
    [phones::phone, money::money, measures::measure, plain::decade, plain::dotted, signs::sign];

/// `text`, cleaned, in words.
pub(super) fn read(text: &str, locale: Locale) -> String {
    let tokens = tokens(text);
    let mut out = String::with_capacity(text.len() * 2);
    let mut place = Place { tokens: &tokens, at: 0, locale };
    let mut spoken = false;
    while let Some(token) = place.rest().first() {
        let said = said(&place, *token);
        place = place.on(said.as_ref().map_or(1, |said| said.used.max(1)));
        let apart = said.is_some() || spoken && matches!(token, Token::Word(_) | Token::Digits(_));
        if apart && out.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ',' | ':' | ';' | '.')) {
            out.push(' ');
        }
        spoken = said.is_some();
        match said {
            Some(said) => out.push_str(&said.words),
            None => token.write(&mut out),
        }
    }
    out
}

/// What is said at a place, where it is not what is written.
fn said(place: &Place<'_>, token: Token<'_>) -> Option<Said> {
    let rules: &[Rule] = match token {
        Token::Digits(_) if place.fresh() => &FIGURES,
        Token::Digits(_) => &[plain::count],
        Token::Word(word) if place.fresh() => match place.rest() {
            [_] | [_, Token::Space, ..] if word.bytes().all(|byte| byte.is_ascii_lowercase()) => &SMALL_WORDS,
            _ => &WORDS,
        },
        Token::Sign(_) => &SIGNS,
        Token::Mail(_) | Token::Link(_) => &[web::address],
        Token::Word(_) | Token::Space => &[],
    };
    rules.iter().find_map(|rule| rule(place))
}
