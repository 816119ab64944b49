//! Days of the week.

use super::super::scan::Token;
use super::date;
use super::place::{self, Place, Said};

const DAYS: &[&str] = &["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];

/// A short name of a day before a date, and ranges of days: lun. 12, lun-vie, L-V.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    if place.is_glued() && !matches!(place.before, [.., Token::Word(_), Token::Sign('-')]) {
        return None;
    }
    if let Some((first, second, used)) = initials(place) {
        return Said::new(format!("{first} a {second}"), used);
    }
    if let [
        Token::Word("D"),
        Token::Space,
        Token::Word("y"),
        Token::Space,
        Token::Word("festivos" | "feriados"),
        ..,
    ] = place.ahead
    {
        return Said::new("domingos", 1);
    }
    let name = place.word();
    let full = weekday(&name)?;
    let stop = usize::from(name.len() < 5 && place.ahead.get(1) == Some(&Token::Sign('.')));
    let rest = place.after(1 + stop);
    let day_follows = |place: &Place<'_>| weekday(&place.word()).is_some();
    let dash = match rest.ahead {
        [Token::Sign('-'), Token::Word(_), ..] if day_follows(&rest.after(1)) => 1,
        [Token::Space, Token::Sign('-'), Token::Space, Token::Word(_), ..] if day_follows(&rest.after(3)) => {
            3
        }
        _ => 0,
    };
    if dash > 0 {
        return Said::new(format!("{full} a "), 1 + stop + dash);
    }
    if name == full || !(is_named(place, &rest) || stop == 1 && name != "mar") {
        return None;
    }
    let ends = stop == 1 && rest.ends_sentence();
    Said::new(format!("{full}{}", if ends { "." } else { "" }), 1 + stop)
}

/// Whether a short form before `rest` is one of a day: with its date, or with another day. Most of them are words too.
fn is_named(place: &Place<'_>, rest: &Place<'_>) -> bool {
    let day = |token: &Token<'_>| token.word().is_some_and(|word| weekday(&place::lower(word)).is_some());
    let at = if rest.ahead.first() == Some(&Token::Sign(',')) { rest.after(1) } else { *rest }.past_space();
    let dated = match at.ahead {
        // "en el mar 20 barcos"
        [Token::Digits(_), ..] if place.ahead.first() == Some(&Token::Word("mar")) => date::begins(&at),
        [Token::Digits(number), ..] => number.len() <= 2,
        _ => false,
    };
    let before_another = matches!(rest.ahead, [Token::Space, Token::Word("a" | "y" | "e"), Token::Space, other, ..] if day(other));
    let stops = |tokens: &[Token<'_>]| {
        tokens
            .iter()
            .rev()
            .find(|token| !matches!(token, Token::Sign('.' | '-') | Token::Space))
            .is_some_and(day)
    };
    let after_another = match place.before {
        [earlier @ .., Token::Space, Token::Word("a" | "y") | Token::Sign('-'), Token::Space]
        | [earlier @ .., Token::Sign('-')] => {
            stops(earlier.get(earlier.len().saturating_sub(2)..).unwrap_or_default())
        }
        _ => false,
    };
    dated || before_another || after_another
}

fn weekday(name: &str) -> Option<&'static str> {
    if !(3..=10).contains(&name.len()) {
        return None;
    }
    let short = match name {
        "mie" => "mié",
        "sab" => "sáb",
        "miercoles" => "miércoles",
        "sabado" => "sábado",
        _ => name,
    };
    DAYS.iter().copied().find(|full| *full == short || short.chars().count() == 3 && full.starts_with(short))
}

fn initials(place: &Place<'_>) -> Option<(&'static str, &'static str, usize)> {
    let (first, second, used) = match place.ahead {
        [Token::Word(first), Token::Sign('-'), Token::Word(second), ..] => (first, second, 3),
        [Token::Word(first), Token::Space, Token::Word("a"), Token::Space, Token::Word(second), ..] => {
            (first, second, 5)
        }
        _ => return None,
    };
    let day = |letter: &str| {
        Some(match letter {
            "L" => "lunes",
            "M" => "martes",
            "J" => "jueves",
            "V" => "viernes",
            "S" => "sábado",
            "D" => "domingo",
            _ => return None,
        })
    };
    (*first == "L" && *second != "L").then_some(())?;
    Some((day(first)?, day(second)?, used))
}
