//! Short forms of words.

use super::super::scan::Token;
use super::place::{Place, Said};
use super::short_forms::{self, When};
use crate::Locale;

/// Short forms after which a colon stands as well as a stop.
const BEFORE_COLONS: &[&str] = &[
    "cel", "cta", "dir", "ext", "fact", "máx", "mín", "nro", "núm", "obs", "ref", "tel", "tels", "tfno",
    "tlf",
];

/// Short forms that are words as well, unless they number something.
const WORDS_TOO: &[&str] = &["art", "bl", "cap", "ed", "int", "lt", "min", "of"];

/// A short form, written out.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    if place.is_glued() && !matches!(place.before, [.., Token::Sign('.' | '/')]) {
        return None;
    }
    both_genders(place).or_else(|| times(place)).or_else(|| listed(place))
}

/// "Estimado(a)", "Sr(a).": both are addressed. A plural in brackets, "alumno(s)", is left out.
fn both_genders(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(word), Token::Sign('('), Token::Word(ending), Token::Sign(')'), rest @ ..] = place.ahead
    else {
        return None;
    };
    let stop = usize::from(matches!(rest, [Token::Sign('.'), Token::Space, ..]));
    match (word.to_lowercase().as_str(), *ending) {
        ("sr" | "señor", "a") => Said::new("señor o señora", 4 + stop),
        ("dr" | "doctor", "a") => Said::new("doctor o doctora", 4 + stop),
        (lower, "a") => Said::new(
            lower.strip_suffix('o').map_or_else(|| (*word).to_owned(), |stem| format!("{word} o {stem}a")),
            4,
        ),
        (lower, "as") => Said::new(
            lower.strip_suffix("os").map_or_else(|| (*word).to_owned(), |stem| format!("{word} y {stem}as")),
            4,
        ),
        (_, "s" | "es" | "n" | "o" | "os") => Said::new(*word, 4),
        _ => None,
    }
}

/// "3 x $10.000", "6 x 2".
fn times(place: &Place<'_>) -> Option<Said> {
    let counted = matches!(place.before, [.., Token::Digits(_), Token::Space]);
    let [Token::Word("x" | "X"), Token::Space, Token::Digits(_) | Token::Sign('$' | '€'), ..] = place.ahead
    else {
        return None;
    };
    (counted || place.word() == "x" && place.ahead.first() == Some(&Token::Word("x")))
        .then(|| Said { words: "por".to_owned(), used: 1 })
}

fn listed(place: &Place<'_>) -> Option<Said> {
    let word = place.word();
    let (full, when) = short_forms::find(&word)?;
    let (full, when) = match here(&word, place) {
        Some(other) => other?,
        None => (full, when),
    };
    let rest = place.after(1);
    let stop = rest.ahead.first() == Some(&Token::Sign('.'));
    if !stands(place, &word, when, stop) || !rest.is_loose_end() {
        return None;
    }
    let used = 1 + usize::from(stop);
    let after = place.after(used);
    let ends = stop
        && match when {
            When::Title => false,
            When::Leads | When::Counts => after.ahead.is_empty(),
            When::Ends => after.ends_sentence(),
            When::Always => after.ends_sentence() && !word.starts_with('v'),
        };
    let la = when == When::Title && place.word_before().as_deref() == Some("la");
    let full = if la { feminine(full) } else { full };
    Said::new(format!("{full}{}", if ends { "." } else { "" }), used)
}

/// What a short form stands for in this country or among these words, where that is not what the table says; the inner
/// None: for nothing.
#[expect(clippy::option_option, reason = "nothing to say differs from nothing here")]
fn here(word: &str, place: &Place<'_>) -> Option<Option<(&'static str, When)>> {
    let mexican = place.locale == Locale::EsMx;
    let argentine = place.locale == Locale::EsAr;
    let number =
        matches!(place.before, [.., Token::Word("No" | "Núm" | "Num"), Token::Sign('.'), Token::Space]);
    Some(match word {
        "col" | "msi" if !mexican => None,
        "ags" | "chih" | "coah" | "dgo" | "gro" | "gto" | "hgo" | "jal" | "mich" | "oax" | "pue" | "qro"
        | "tamps" | "tlax" | "yuc" | "zac"
            if !(mexican && is_capital(place)) =>
        {
            None
        }
        "exp" if !argentine => None,
        "pte" if !mexican => Some(("presidente", When::Leads)),
        "dto" if argentine && !matches!(place.before, [.., Token::Sign('%'), Token::Space]) => {
            Some(("departamento", When::Counts))
        }
        "int" if argentine => Some(("interno", When::Counts)),
        "ext" if mexican && number => Some(("exterior", When::Counts)),
        "prof" if matches!(place.after(2).past_space().ahead.first(), Some(Token::Digits(_))) => {
            Some(("profundidad", When::Leads))
        }
        "dto" | "dcto" | "desc" if matches!(place.before, [.., Token::Sign('%'), Token::Space]) => {
            Some(("de descuento", When::Ends))
        }
        "máx" | "max" if of_feminine(place) => Some(("máxima", When::Ends)),
        "mín" if of_feminine(place) => Some(("mínima", When::Ends)),
        _ => return None,
    })
}

/// Whether what a short form asks for follows it.
fn stands(place: &Place<'_>, word: &str, when: When, stop: bool) -> bool {
    let rest = place.after(1);
    let named = |rest: &Place<'_>| matches!(rest.ahead, [Token::Space, Token::Word(name), ..] if name.starts_with(char::is_uppercase));
    let numbered = |rest: &Place<'_>| matches!(rest.past_space().ahead, [Token::Digits(_), ..]);
    let colon = rest.ahead.first() == Some(&Token::Sign(':')) && BEFORE_COLONS.contains(&word);
    colon
        || match when {
            When::Always => true,
            When::Title if stop => {
                is_capital(place) || named(&rest.after(1)) || word.starts_with('s') || word.starts_with("dr")
            }
            When::Title => named(&rest) && is_capital(place),
            When::Leads | When::Ends => stop,
            When::Counts if stop => !WORDS_TOO.contains(&word) || numbered(&rest.after(1)),
            When::Counts => {
                matches!(rest.ahead, [Token::Space, Token::Digits(_), ..] | [Token::Sign('#'), ..])
            }
        }
}

fn is_capital(place: &Place<'_>) -> bool {
    place
        .ahead
        .first()
        .and_then(|token| token.word())
        .is_some_and(|word| word.starts_with(char::is_uppercase))
}

/// What a woman of that title is called.
fn feminine(title: &'static str) -> &'static str {
    match title {
        "licenciado" => "licenciada",
        "ingeniero" => "ingeniera",
        "arquitecto" => "arquitecta",
        "profesor" => "profesora",
        "abogado" => "abogada",
        "maestro" => "maestra",
        other => other,
    }
}

/// Whether a temperature follows.
fn before_degrees(place: &Place<'_>) -> bool {
    let at = place.after(2).past_space();
    let at = if at.ahead.first() == Some(&Token::Sign('-')) { at.after(1) } else { at };
    matches!(at.ahead.first(), Some(Token::Digits(_)))
        && matches!(at.after(1).past_space().ahead.first(), Some(Token::Sign('°' | 'º')))
}

/// Whether a maximum or minimum is that of a feminine noun, a temperature above all.
fn of_feminine(place: &Place<'_>) -> bool {
    before_degrees(place) || after_feminine(place)
}

fn after_feminine(place: &Place<'_>) -> bool {
    place
        .words_before()
        .next()
        .is_some_and(|word| matches!(&*word, "temp" | "temperatura" | "velocidad" | "edad" | "cuota"))
}
