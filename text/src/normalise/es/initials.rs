//! Letters that stand for words: initials, and short forms with a stroke or a raised letter.

use super::super::scan::Token;
use super::letters;
use super::place::{Place, Said};
use super::words;
use super::{roman, street};
use crate::Locale;

/// More groups than this are no initials.
const MOST_INITIALS: usize = 8;

/// Letters with their signs, written out.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    if place.is_glued() && !matches!(place.before, [.., Token::Sign('.' | '/')]) {
        return None;
    }
    numbering(place).or_else(|| raised(place)).or_else(|| strokes(place)).or_else(|| initials(place))
}

/// n.º, N°, No. and their like, before a number or not.
fn numbering(place: &Place<'_>) -> Option<Said> {
    let used = match place.ahead {
        [Token::Word("n" | "N"), Token::Sign('º' | '°'), Token::Sign('.'), ..]
        | [Token::Word("n" | "N" | "No" | "no"), Token::Sign('.'), Token::Sign('º' | '°'), ..] => 3,
        [Token::Word("n" | "N"), Token::Sign('º' | '°'), ..] => 2,
        [Token::Word("n" | "N"), Token::Sign('.'), Token::Word("os"), ..] => return Said::new("números", 3),
        [Token::Word("No" | "no" | "NO" | "Num" | "num"), Token::Sign('.'), ..]
            if identifies(&place.after(2).past_space()) =>
        {
            2
        }
        _ => return None,
    };
    let house = place.after(used).past_space();
    if let Some((plate, more)) = street::plate(&house) {
        return Said::new(format!("número {plate}"), place.distance(&house) + more);
    }
    Said::new("número", used)
}

/// Whether a number follows, or a code: without one, "no." is the end of a sentence.
fn identifies(place: &Place<'_>) -> bool {
    match place.ahead {
        [Token::Digits(_) | Token::Word("Ext" | "Int" | "de"), ..] => true,
        [Token::Word(letters), Token::Digits(_) | Token::Sign('-'), ..] => letters::is_capitals(letters),
        _ => false,
    }
}

/// A letter with a raised one or a stop: D.ª, M.ª, P.º, B°, s. XIX, and in Spain D. before a name.
fn raised(place: &Place<'_>) -> Option<Said> {
    match place.ahead {
        [Token::Word("B"), Token::Sign('º' | '°'), Token::Space, Token::Word(_), ..] => {
            Said::new("barrio", 2)
        }
        [Token::Word("D" | "Dña"), Token::Sign('.'), Token::Sign('ª'), ..] => Said::new("doña", 3),
        [Token::Word("M"), Token::Sign('ª'), ..] => Said::new("María", 2),
        [Token::Word("D"), Token::Sign('ª'), ..] => Said::new("doña", 2),
        [Token::Word("M"), Token::Sign('.'), Token::Sign('ª'), ..] => Said::new("María", 3),
        [Token::Word("P"), Token::Sign('.'), Token::Sign('º'), ..] => Said::new("paseo", 3),
        [Token::Word("s" | "S"), Token::Sign('.'), Token::Space, Token::Word(century), ..] => {
            Said::new(format!("siglo {}", roman::century(roman::value(century)?)), 4)
        }
        [Token::Word("D"), Token::Sign('.'), Token::Space, Token::Word(name), ..]
            if place.locale == Locale::EsEs && name.len() > 2 && name.starts_with(char::is_uppercase) =>
        {
            Said::new("don", 2)
        }
        _ => None,
    }
}

/// Short forms with a stroke.
fn strokes(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(first), Token::Sign('/'), rest @ ..] = place.ahead else { return None };
    let spoken = match (first.to_lowercase().as_str(), rest) {
        ("c", [Token::Word("u" | "U"), ..]) => "cada uno",
        ("km", [Token::Word("h" | "H"), ..]) => "kilómetros por hora",
        ("a", [Token::Word("C"), ..]) if *first == "A" => "aire acondicionado",
        ("s", [Token::Word("n" | "N"), ..]) => "sin número",
        ("s", [Token::Word(_), ..]) => return Said::new("sin", 2),
        ("c", [Token::Digits(_), ..] | [Token::Space, Token::Digits(_), ..]) => return Said::new("cada", 2),
        ("y", [Token::Word("o"), ..]) => "y o",
        ("c", [Token::Word(name), ..] | [Token::Space, Token::Word(name), ..])
            if place.locale == Locale::EsEs && name.starts_with(char::is_uppercase) =>
        {
            return Said::new("calle", 2);
        }
        ("c", [Token::Word(_), ..]) => return Said::new("con", 2),
        ("av", [Token::Space, Token::Word(_), ..]) => return Said::new("avenida", 2),
        _ => return None,
    };
    place.after(3).is_loose_end().then(|| Said { words: spoken.to_owned(), used: 3 })
}

/// Letters with stops: S.A., EE. UU., p. ej., D.C.
fn initials(place: &Place<'_>) -> Option<Said> {
    let (letters, used) = gathered(place)?;
    let rest = place.after(used);
    let known = known(&letters, place.locale);
    if let [Token::Space, Token::Digits(area), ..] = rest.ahead
        && letters == "CP"
    {
        return Said::new(format!("código postal {}", words::dictated(area)), used + 2);
    }
    if let [
        Token::Space,
        Token::Word("de"),
        Token::Space,
        Token::Word("C"),
        Token::Sign('.'),
        Token::Word("V"),
        Token::Sign('.'),
        ..,
    ] = rest.ahead
        && letters == "SA"
    {
        return Said::new("sociedad anónima de capital variable", used + 7);
    }
    let full = match known {
        Some(full) => full.to_owned(),
        None => letters::is_capitals(&letters).then(|| letters::spelled(&letters, place.locale))?,
    };
    let stopped = place.ahead.get(used - 1) == Some(&Token::Sign('.'));
    // What is spelled may go before a name as well as end a sentence.
    let ends = stopped
        && if known.is_some() && letters != "IE" { rest.ends_sentence() } else { rest.ahead.is_empty() };
    Said::new(format!("{full}{}", if ends { "." } else { "" }), used)
}

/// At least two groups of letters with stops, and their tokens. The last stop may be missing.
fn gathered(place: &Place<'_>) -> Option<(String, usize)> {
    let mut letters = String::new();
    let (mut used, mut groups) = (0, 0);
    loop {
        let at = place.after(used).past_space();
        let [Token::Word(word), Token::Sign('.'), ..] = at.ahead else { break };
        if word.chars().count() > 2 || groups == MOST_INITIALS || groups > 0 && !same_case(word, &letters) {
            break;
        }
        // "S. A." belongs together; "S.A. A. Gómez" does not.
        let apart = groups > 0 && at.ahead.len() < place.after(used).ahead.len();
        if apart
            && known(&letters, place.locale).is_some()
            && known(&format!("{letters}{word}"), place.locale).is_none()
        {
            break;
        }
        letters.push_str(word);
        used = place.distance(&at) + 2;
        groups += 1;
    }
    if let [Token::Word(last), ..] = place.after(used).ahead
        && groups >= 1
        && last.chars().count() == 1
        && same_case(last, &letters)
        && place.after(used + 1).is_loose_end()
    {
        letters.push_str(last);
        used += 1;
        groups += 1;
    }
    (groups >= 2).then_some((letters, used))
}

fn same_case(word: &str, letters: &str) -> bool {
    letters::is_capitals(word) == letters::is_capitals(letters) || matches!((letters, word), ("a" | "d", "C"))
}

/// What initials stand for.
fn known(letters: &str, locale: Locale) -> Option<&'static str> {
    Some(match letters {
        "SA" => "sociedad anónima",
        "SAS" => "ese a ese",
        "SL" => "sociedad limitada",
        "EEUU" | "EU" => "Estados Unidos",
        "RRHH" => "recursos humanos",
        "JJOO" => "Juegos Olímpicos",
        "FFAA" => "Fuerzas Armadas",
        "FFMM" => "Fuerzas Militares",
        "CCAA" => "comunidades autónomas",
        "DC" => "Distrito Capital",
        "IE" if locale == Locale::EsCo => "institución educativa",
        "TI" if locale == Locale::EsCo => "tarjeta de identidad",
        "MV" if locale == Locale::EsCo => "mes vencido",
        "EA" if locale == Locale::EsCo => "efectivo anual",
        "CV" => "capital variable",
        "CP" => "código postal",
        "CC" if locale == Locale::EsCo => "cédula de ciudadanía",
        "aC" => "antes de Cristo",
        "dC" => "después de Cristo",
        "pej" => "por ejemplo",
        "qepd" => "que en paz descanse",
        _ => return None,
    })
}
