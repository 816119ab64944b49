//! Roman figures.

use super::super::scan::{self, Token};
use super::letters::is_capitals;
use super::place::{Place, Said};
use super::words::{self, Form};
use super::{noun, ordinal};

/// Before a figure, these are counted: siglo veintiuno, fase dos.
#[rustfmt::skip]
const COUNTED: &[&str] = &[
    "siglo", "siglos", "capítulo", "tomo", "volumen", "título", "libro", "parte", "acto", "escena", "fase", "etapa", "nivel", "grado", "unidad", "módulo", "bloque", "tipo", "clase",
    "categoría", "anexo", "artículo", "sección", "grupo", "zona", "torre", "factor", "episodio", "temporada", "sector", "serie", "eje", "liga",
];

/// Those of them that have Roman figures and no letters.
const WRITTEN: &[&str] =
    &["siglo", "siglos", "capítulo", "tomo", "volumen", "título", "libro", "acto", "artículo"];

/// Names of kings and popes, after which even a single figure is an ordinal.
#[rustfmt::skip]
const KINGS: &[&str] = &[
    "alejandro", "alfonso", "benedicto", "benito", "carlos", "clemente", "eduardo", "enrique", "felipe", "fernando", "francisco", "gregorio", "guillermo", "inocencio",
    "jaime", "jorge", "josé", "juan", "julio", "león", "luis", "napoleón", "nicolás", "pablo", "pedro", "pío", "ramón", "ricardo", "sancho", "sixto", "urbano", "víctor",
];

const QUEENS: &[&str] = &["isabel", "juana", "maría", "catalina", "margarita", "cristina"];

/// Before these, with what follows them, a figure ranks.
#[rustfmt::skip]
const ARTICLES: &[&str] = &[
    "al", "del", "el", "esta", "este", "gran", "la", "las", "los", "nuestra", "nuestro", "su", "un", "una", "y",
];

/// The value of a figure that may stand in a text: sizes, Latin and other words are none.
pub(super) fn value(word: &str) -> Option<u64> {
    scan::roman(word).map(u64::from)
}

/// A century's number: an ordinal up to the tenth.
pub(super) fn century(value: u64) -> String {
    if value <= 10 { words::ordinal(value, Form::Alone) } else { words::cardinal(value, Form::Alone) }
}

/// A Roman figure where one is meant.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    let word = place.ahead.first()?.word()?;
    let value = value(word)?;
    if place.is_glued() && !matches!(place.before.last(), Some(Token::Sign('.' | '-')))
        || !place.after(1).is_loose_end()
        || matches!(place.ahead.get(1), Some(Token::Sign('-' | '\'' | '&')))
    {
        return None;
    }
    let before = match place.before {
        [.., Token::Word(before), Token::Space] => *before,
        _ => "",
    };
    let lower = before.to_lowercase();
    let small = word.chars().all(|figure| "IVX".contains(figure));
    // "grupo X", "bloque C" and "vitamina D" have letters, not figures.
    let figure = if small {
        word != "X" || WRITTEN.contains(&&*lower)
    } else {
        word.len() > 1 && WRITTEN.contains(&&*lower)
    };
    if COUNTED.contains(&&*lower) && figure {
        let form =
            if lower.starts_with("siglo") { century(value) } else { words::cardinal(value, Form::Alone) };
        return Said::new(form, 1);
    }
    if !small {
        return None;
    }
    if KINGS.contains(&&*lower) || QUEENS.contains(&&*lower) {
        let form = if QUEENS.contains(&&*lower) { Form::Feminine } else { Form::Alone };
        return Said::new(
            if value <= 10 { words::ordinal(value, form) } else { words::cardinal(value, Form::Alone) },
            1,
        );
    }
    if let Some(form) = ranked(place, before, word) {
        return Said::new(words::ordinal(value, form), 1);
    }
    let named = before.starts_with(char::is_uppercase) && !is_capitals(before) && word.len() >= 2;
    named.then(|| Said { words: words::cardinal(value, Form::Alone), used: 1 })
}

/// The form of a figure before what it ranks: la II Guerra, el XXV Festival.
fn ranked(place: &Place<'_>, before: &str, word: &str) -> Option<Form> {
    let [_, Token::Space, Token::Word(noun), ..] = place.ahead else { return None };
    let before = before.to_lowercase();
    let lower = noun.to_lowercase();
    let article = ARTICLES.contains(&&*before);
    let titled = noun.starts_with(char::is_uppercase) && noun.len() > 2 && !is_capitals(noun);
    let listed = ordinal::RANKED.contains(&&*lower);
    let ranks = titled || listed;
    let first = before.is_empty() && (word.len() >= 2 && ranks || listed);
    if lower == "años" || !(first || article && (ranks || word.len() >= 2 && !is_capitals(noun))) {
        return None;
    }
    let form = noun::form_before(&lower)?;
    Some(if ["la", "las", "una", "esta", "nuestra"].contains(&&*before) { Form::Feminine } else { form })
}
