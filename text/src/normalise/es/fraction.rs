//! Parts of a whole, and figures with a stroke between them.

use super::super::scan::Token;
use super::place::{Place, Said};
use super::words::{self, Form};
use super::{noun, unit};

/// ½, 3/4, 1 ½, 24/7 and what is out of a hundred.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    if let Some((top, bottom, used)) = fraction(place).filter(|_| !is_share(place)) {
        return part(&place.after(used), top, bottom, used);
    }
    let first = place.ahead.first()?.digits()?;
    let gap = usize::from(place.ahead.get(1) == Some(&Token::Space));
    if let Some((top, bottom, used)) = fraction(&place.after(1 + gap)).filter(|_| place.ahead.len() > 1 + gap)
    {
        return mixed(place, first, (top, bottom), 1 + gap + used);
    }
    let [_, Token::Sign('/'), Token::Digits(second), rest @ ..] = place.ahead else { return None };
    let year = |digits: &str| digits.len() == 4;
    let joint = match (first, *second) {
        ("24", "7") | ("50", "50") => " ",
        _ if year(first) => " ",
        _ if year(second) && second.starts_with(['1', '2']) => " de ",
        _ if is_share(place) => " de ",
        _ => " sobre ",
    };
    if matches!(rest, [Token::Sign('/'), Token::Digits(_), ..]) {
        return Said::new(format!("{}, ", words::dictated(first)), 2);
    }
    let spoken =
        format!("{}{joint}{}", words::number(first, Form::Alone), words::number(second, Form::Alone));
    match unit::after(&place.after(3)) {
        Some(unit) => Said::new(format!("{spoken} {}", unit.many), 3 + unit.used), // a pressure: 120/80 mmHg
        None => Said::new(spoken, 3),
    }
}

/// Whether two figures with a stroke are a part and how many there are: cuota 3/12.
pub(super) fn is_share(place: &Place<'_>) -> bool {
    place.word_before().is_some_and(|word| {
        ["cuota", "cuotas", "pago", "parte", "entrega", "mensualidad", "página"].contains(&&*word)
    })
}

/// Parts by name, masculine: two, three, four … of them make a whole.
const PARTS: &[(&str, &str)] =
    &[("tercio", "tercios"), ("cuarto", "cuartos"), ("quinto", "quintos"), ("octavo", "octavos")];

fn fraction(place: &Place<'_>) -> Option<(u64, u64, usize)> {
    let (top, bottom, used) = match place.ahead {
        [Token::Sign('½'), ..] => (1, 2, 1),
        [Token::Sign('¼'), ..] => (1, 4, 1),
        [Token::Sign('¾'), ..] => (3, 4, 1),
        [Token::Sign('⅓'), ..] => (1, 3, 1),
        [Token::Sign('⅔'), ..] => (2, 3, 1),
        [Token::Sign('⅛'), ..] => (1, 8, 1),
        [Token::Digits(top), Token::Sign('/'), Token::Digits(bottom), rest @ ..]
            if top.len() == 1 && bottom.len() == 1 && !matches!(rest, [Token::Sign('/'), ..]) =>
        {
            (top.parse().ok()?, bottom.parse().ok()?, 3)
        }
        _ => return None,
    };
    let known = (bottom == 2 || named(bottom).is_some()) && top > 0 && top < bottom;
    known.then_some((top, bottom, used))
}

fn named(bottom: u64) -> Option<(&'static str, &'static str)> {
    let place = [3, 4, 5, 8].iter().position(|part| *part == bottom)?;
    PARTS.get(place).copied()
}

fn part_name(top: u64, bottom: u64) -> String {
    let (one, many) = named(bottom).unwrap_or(("medio", "medios"));
    if bottom == 2 {
        return one.to_owned();
    }
    format!("{} {}", words::cardinal(top, Form::Masculine), if top == 1 { one } else { many })
}

/// A part of one thing: media hora, tres cuartos de taza.
fn part(rest: &Place<'_>, top: u64, bottom: u64, used: usize) -> Option<Said> {
    let unit = unit::after(rest);
    let word = rest.past_space().word();
    let form = unit.as_ref().map(|unit| unit.form).or_else(|| noun::form_before(&word));
    if word == "partes" {
        return Said::new(
            format!(
                "{} {}as",
                words::cardinal(top, Form::Feminine),
                part_name(2, bottom).trim_start_matches("dos ").trim_end_matches("os")
            ),
            used,
        );
    }
    let half = if form == Some(Form::Feminine) { "media" } else { "medio" };
    let name = if bottom == 2 { half.to_owned() } else { part_name(top, bottom) };
    let of = if bottom == 2 { " " } else { " de " };
    match (unit, form) {
        (Some(unit), _) => Said::new(format!("{name}{of}{}", unit.one), used + unit.used),
        (None, Some(_)) => Said::new(format!("{name}{}", of.trim_end()), used),
        (None, None) => Said::new(name, used),
    }
}

/// Some things and a part: dos tazas y media.
fn mixed(place: &Place<'_>, whole: &str, (top, bottom): (u64, u64), used: usize) -> Option<Said> {
    let rest = place.after(used);
    let unit = unit::after(&rest);
    let word = rest.past_space().word();
    let form = unit.as_ref().map(|unit| unit.form).or_else(|| noun::form_before(&word));
    let half = if form == Some(Form::Feminine) { "media" } else { "medio" };
    let name = if bottom == 2 { half.to_owned() } else { part_name(top, bottom) };
    let count = words::number(whole, form.unwrap_or(Form::Alone));
    let (thing, more) = match (unit, form) {
        (Some(unit), _) => (if whole == "1" { unit.one } else { unit.many }, unit.used),
        (None, Some(_)) if rest.ahead.first() == Some(&Token::Space) => {
            (if whole == "1" { noun::singular(&word) } else { word.into_owned() }, 2)
        }
        (None, _) => return Said::new(format!("{count} y {name}"), used),
    };
    Said::new(format!("{count} {thing} y {name}"), used + more)
}
