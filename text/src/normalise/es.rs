//! Spanish, as a careful newsreader of Colombia, Mexico, Spain or Argentina reads it.
//!
//! The text is gone through once, from left to right. At each token the rules are asked in order; the first that knows
//! what stands there says it in words and says how many tokens that took. What no rule knows stays as it is.

mod code;
pub(super) mod date;
mod fraction;
mod initials;
mod letters;
mod money;
mod noun;
mod number;
mod ordinal;
mod phone;
mod place;
mod range;
mod roman;
mod short;
mod short_forms;
mod sign;
mod street;
mod time;
mod unit;
mod web;
mod weekday;
mod words;

use super::scan::{self, Token};
use crate::Locale;
use place::{Place, Said};

/// In order: the more a rule asks for, the earlier it comes.
const RULES: &[(Kind, Rule)] = &[
    (Kind::Figure, money::read),
    (Kind::Figure, date::read),
    (Kind::Figure, time::read),
    (Kind::Figure, street::read_number),
    (Kind::Figure, code::read_number),
    (Kind::Figure, phone::read),
    (Kind::Figure, ordinal::read),
    (Kind::Figure, fraction::read),
    (Kind::Figure, code::read_mixed),
    (Kind::Figure, range::read),
    (Kind::Figure, number::read),
    (Kind::Word, web::read_alias),
    (Kind::Word, money::read_after_name),
    (Kind::Word, weekday::read),
    (Kind::Word, date::read_month_day),
    (Kind::Word, street::read),
    (Kind::Word, unit::read_before),
    (Kind::Word, initials::read),
    (Kind::Word, short::read),
    (Kind::Word, code::read_mixed),
    (Kind::Word, roman::read),
    (Kind::Word, code::read_capitals),
    (Kind::Address, web::read),
    (Kind::Sign, sign::read),
];

/// Reads what stands at a place, if it knows that.
type Rule = fn(&Place<'_>) -> Option<Said>;

/// What a rule looks at first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Digits, or a sign that may belong to a number.
    Figure,
    Word,
    Address,
    Sign,
}

fn kind_matches(kind: Kind, token: Token<'_>) -> bool {
    match token {
        Token::Digits(_) => kind == Kind::Figure,
        Token::Word(_) => kind == Kind::Word,
        Token::Mail(_) | Token::Link(_) => kind == Kind::Address,
        Token::Sign('.' | ',' | ';' | ':' | '!' | '?' | '¡' | '¿' | '"' | '\'') | Token::Space => false,
        Token::Sign(_) => matches!(kind, Kind::Figure | Kind::Sign),
    }
}

/// `text`, cleaned, in words.
pub(super) fn read(text: &str, locale: Locale) -> String {
    let tokens = scan::tokens(text);
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    let mut spoken = false; // whether the words before were said by a rule: what follows needs a space
    while let Some((before, ahead)) = tokens.split_at_checked(at)
        && let Some(token) = ahead.first()
    {
        let place = Place { before, ahead, locale };
        let said =
            RULES.iter().filter(|(kind, _)| kind_matches(*kind, *token)).find_map(|(_, rule)| rule(&place));
        if let Some(said) = said {
            if out.ends_with(char::is_alphanumeric) && said.words.starts_with(char::is_alphanumeric) {
                out.push(' ');
            }
            out.push_str(&said.words);
            at += said.used.max(1);
            spoken = true;
        } else {
            if spoken && matches!(token, Token::Word(_) | Token::Sign('¿' | '¡' | '(')) {
                out.push(' ');
            }
            token.write(&mut out);
            at += 1;
            spoken = false;
        }
    }
    out
}
