//! Addresses as Colombians write them: Cra. 7 # 45-23.

use super::super::scan::Token;
use super::letters;
use super::place::{Place, Said};
use super::words::{self, Form};
use crate::Locale;

/// A street's kind by its short form, in small letters.
fn kind(word: &str, locale: Locale) -> Option<&'static str> {
    Some(match word {
        "cra" | "kra" | "kr" | "cr" | "krra" | "carr" if locale == Locale::EsCo => "carrera",
        "carr" | "ctra" => "carretera",
        "cl" | "cll" | "clle" | "call" => "calle",
        "av" | "avda" | "avd" | "ave" => "avenida",
        "tv" | "transv" | "tr" | "trans" | "tranv" if locale == Locale::EsCo => "transversal",
        "dg" | "diag" if locale == Locale::EsCo => "diagonal",
        "blvd" | "bvd" | "bulev" => "bulevar",
        "bv" if locale == Locale::EsAr => "bulevar",
        "pje" => "pasaje",
        "pza" | "plz" | "plza" => "plaza",
        "pso" => "paseo",
        "circ" | "cto" if locale == Locale::EsMx => "circuito",
        "calz" => "calzada",
        "ac" if locale == Locale::EsCo => "avenida calle",
        "ak" if locale == Locale::EsCo => "avenida carrera",
        _ => return None,
    })
}

fn is_kind(word: &str) -> bool {
    ["carrera", "calle", "avenida", "transversal", "diagonal", "circular", "autopista", "vía"].contains(&word)
}

/// A street's name, and where one follows, its number and the plate of the house.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    let word = place.word();
    if place.is_glued() {
        return None;
    }
    let full = is_kind(&word);
    let name = if full { place.ahead.first()?.word()? } else { kind(&word, place.locale)? };
    let stop = usize::from(!full && place.ahead.get(1) == Some(&Token::Sign('.')));
    let mut at = place.after(1 + stop);
    let mut spoken = name.to_owned();
    let spaced = at.past_space();
    if stop == 0 && (word == "ave" || word == "call") {
        return None; // "AVE" is a train
    }
    if stop == 0 && at.ahead.first() != Some(&Token::Space) {
        return None;
    }
    match spaced.ahead {
        [Token::Digits(digits), ..] if digits.len() <= 3 => {}
        [Token::Word(next), ..]
            if !full && (stop == 1 || word == "av" && next.starts_with(char::is_uppercase)) =>
        {
            return Said::new(spoken, 1 + stop);
        }
        [Token::Digits(_), ..] if !full => return Said::new(spoken, 1 + stop),
        _ => return None,
    }
    let (number, used) = numbered(&spaced)?;
    at = spaced.after(used);
    let Some((sign, plate_words, used)) = sign_and_plate(&at) else {
        let plain = spaced.after(1).is_loose_end() || place.locale != Locale::EsCo;
        if full && plain {
            return None; // "calle 26" is read as it stands
        }
        return plain
            .then(|| Said { words: spoken.clone(), used: 1 + stop })
            .or_else(|| Said::new(format!("{spoken} {number}"), place.distance(&at)));
    };
    spoken.push(' ');
    spoken.push_str(&number);
    spoken.push_str(if sign { " número " } else { " " });
    spoken.push_str(&plate_words);
    Said::new(spoken, place.distance(&at) + used)
}

/// A street's number: 7, 13A, 93 Bis, 72 Sur.
fn numbered(place: &Place<'_>) -> Option<(String, usize)> {
    let digits = place.ahead.first()?.digits().filter(|digits| digits.len() <= 3)?;
    let mut spoken = words::number(digits, Form::Alone);
    let mut used = 1;
    if let [Token::Word(letters), ..] = place.after(1).ahead {
        if letters.len() > 2 {
            return None;
        }
        let quarter = match *letters {
            "N" => "norte".to_owned(),
            "S" => "sur".to_owned(),
            letters => letters::spelled(letters, place.locale),
        };
        spoken = format!("{spoken} {quarter}");
        used = 2;
        if let [Token::Digits(more), ..] = place.after(2).ahead {
            spoken = format!("{spoken} {}", words::number(more, Form::Alone));
            used = 3;
        }
    }
    while let [Token::Space, Token::Word(word), after @ ..] = place.after(used).ahead
        && used < 8
    {
        let plated = matches!(
            after,
            [Token::Space, Token::Sign('#') | Token::Word("No" | "N" | "Nro" | "no") | Token::Digits(_), ..]
                | [Token::Sign('#'), ..]
        );
        let part = match word.to_lowercase().as_str() {
            lower @ ("bis" | "sur" | "norte" | "este" | "oeste") => lower.to_owned(),
            lower if lower.len() == 1 && letters::is_capitals(word) && plated => {
                letters::spelled(lower, place.locale)
            }
            _ => break,
        };
        spoken = format!("{spoken} {part}");
        used += 2;
    }
    Some((spoken, used))
}

/// The plate after a street, whether a sign stands before it, and the tokens of both.
fn sign_and_plate(place: &Place<'_>) -> Option<(bool, String, usize)> {
    let at = place.past_space();
    let spaces = place.distance(&at);
    let sign = match at.ahead {
        [Token::Sign('#'), ..] | [Token::Word("No" | "Nro" | "N"), Token::Space, ..] => 1,
        [Token::Word("n" | "N"), Token::Sign('.'), Token::Sign('°' | 'º'), ..] => 3,
        [Token::Word("No" | "no" | "NO" | "Nro" | "nro" | "Num" | "Núm"), Token::Sign('.'), ..]
        | [Token::Word("N" | "n"), Token::Sign('°' | 'º'), ..] => 2,
        _ => 0,
    };
    let house = at.after(sign).past_space();
    let before = place.distance(&house);
    (spaces > 0 || sign > 0).then_some(())?;
    let (spoken, used) = plate(&house)?;
    Some((sign > 0, spoken, before + used))
}

/// A plate: the crossing street's number, a dash, and the distance: 45-23, 13A-45, 93 - 07.
pub(super) fn plate(place: &Place<'_>) -> Option<(String, usize)> {
    let (crossing, used) = numbered(place)?;
    let rest = place.after(used);
    let dash = super::range::dash(&rest)?;
    let house = rest.after(dash).ahead.first()?.digits().filter(|digits| digits.len() <= 3)?;
    let end = rest.after(dash + 1);
    let whole = end.is_loose_end()
        && !matches!(
            end.ahead,
            [Token::Sign('-' | ':' | '/' | '%'), ..] | [Token::Sign('.' | ','), Token::Digits(_), ..]
        );
    let house = if house.starts_with('0') { words::digits(house) } else { words::number(house, Form::Alone) };
    let pause = if used > 1 { ", " } else { " " };
    whole.then(|| (format!("{crossing}{pause}{house}"), used + dash + 1))
}

/// A plate after its sign, with the street further off: Av. El Dorado # 68D-35.
pub(super) fn read_number(place: &Place<'_>) -> Option<Said> {
    let [Token::Sign('#'), ..] = place.ahead else { return None };
    let at = place.after(1).past_space();
    let (spoken, used) = plate(&at)?;
    Said::new(format!("número {spoken}"), place.distance(&at) + used)
}
