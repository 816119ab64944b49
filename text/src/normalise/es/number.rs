//! Numbers that count and name.

use super::super::scan::{self, Numeral, Token};
use super::place::{Place, Said};
use super::words::{self, Form};
use super::{noun, unit};
use crate::Locale;

/// Nouns that a number after them names and does not count.
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "andén", "apartamento", "apartado", "apt", "apto", "art", "artículo", "av", "bloque", "cl", "cll", "cra", "cons", "depto", "dpto", "hab", "int", "kr", "no", "nro", "núm", "of", "pág", "bus", "caja", "calle", "canal", "capítulo", "carrera", "carril",
    "casa", "casilla", "categoría", "consultorio", "cubículo", "digita", "digite", "edificio", "estrato", "etapa", "fase", "fila", "grado",
    "grupo", "habitación", "interior", "kilómetro", "línea", "local", "lote", "manzana", "marca", "marcar", "marcando", "marcá", "marque",
    "mesa", "módulo", "nivel", "nota", "número", "oficina", "opción", "oprima", "oprime", "paso", "piso", "planta", "plataforma", "portal", "presiona",
    "presione", "presionando", "presioná", "puerta", "puesto", "pulsa", "pulse", "punto", "página", "ruta", "sala", "sector", "semana",
    "sección", "talla", "taquilla", "tecla", "terminal", "tipo", "torre", "turno", "unidad", "ventanilla", "versión", "vía", "zona",
];

/// Before a number without a noun, these say that it counts something feminine: las 21, a la 1.
const FEMININE_ARTICLES: &[&str] = &["la", "las", "unas", "otras", "esas", "estas"];

/// These say so of any noun: las 200 bienales.
const PLURAL_ARTICLES: &[&str] = &["las", "unas", "otras", "esas", "estas"];

/// The decimal mark of a country.
pub(super) fn decimal_mark(locale: Locale) -> char {
    if locale == Locale::EsMx { '.' } else { ',' }
}

/// A number here, with marks for thousands as people write them, spaces too.
pub(super) fn numeral<'a>(place: &Place<'a>) -> Option<Numeral<'a>> {
    spaced(place).or_else(|| scan::numeral(place.ahead, decimal_mark(place.locale)))
}

/// `12 500` and `1 250 000`, as the Academy writes them, before what they count.
fn spaced<'a>(place: &Place<'a>) -> Option<Numeral<'a>> {
    let first = place.ahead.first()?.digits().filter(|first| first.len() <= 3 && !first.starts_with('0'))?;
    let mut whole = first.to_owned();
    let mut used = 1;
    while let [Token::Space, Token::Digits(group), ..] = place.after(used).ahead
        && group.len() == 3
        && used < 12
    {
        whole.push_str(group);
        used += 2;
    }
    let rest = place.after(used);
    let counts = match rest.ahead {
        [Token::Space, Token::Word(word), ..] => noun::form_before(&word.to_lowercase()).is_some(),
        [Token::Space, Token::Sign('€' | '$'), ..] | [Token::Sign('€'), ..] => true,
        _ => false,
    };
    let labelled = place.word_before().is_some_and(|word| LABELS.contains(&&*word));
    (used > 1 && counts && !labelled).then_some(Numeral { whole, fraction: None, used })
}

/// A number with its decimals, in words.
pub(super) fn in_words(number: &Numeral<'_>, form: Form, point: &str) -> String {
    let Some(fraction) = number.fraction else { return words::number(&number.whole, form) };
    let form = if form == Form::Feminine { form } else { Form::Alone };
    let whole = words::number(&number.whole, form);
    let fraction = if fraction.len() > 3 || fraction.starts_with('0') {
        words::digits(fraction)
    } else {
        words::number(fraction, Form::Alone)
    };
    format!("{whole} {point} {fraction}")
}

/// What is said for the decimal mark: a point where the country writes one; in Colombia, which writes both, as written.
pub(super) fn point(place: &Place<'_>, number: &Numeral<'_>) -> &'static str {
    let written = place.ahead.get(number.used.saturating_sub(2));
    let listed = || place.word_before().is_some_and(|word| LABELS.contains(&&*word));
    match place.locale {
        Locale::EsMx => "punto",
        _ if written == Some(&Token::Sign('.')) && listed() => "punto",
        Locale::EsCo if written == Some(&Token::Sign('.')) => "punto",
        _ if number.fraction == Some("0") || on_air(place, number.used) => "punto",
        _ => "coma",
    }
}

/// Whether the number is a frequency of a radio station: those are said with a point everywhere.
fn on_air(place: &Place<'_>, used: usize) -> bool {
    let after = place.after(used).past_space();
    let after = if after.word() == "de" { after.after(4) } else { after };
    matches!(after.ahead, [Token::Word("FM" | "MHz" | "fm"), ..])
        || place.word_before().is_some_and(|word| ["fm", "dial", "frecuencia"].contains(&&*word))
}

/// The form of a number before this place.
pub(super) fn form_before(place: &Place<'_>, depth: u8) -> Form {
    if let Some(unit) = unit::after(place) {
        return unit.form;
    }
    let next = place.past_space();
    let word = next.word();
    match &*word {
        "" => Form::Alone,
        "mil" => match form_before(&next.after(1), depth) {
            Form::Feminine | Form::FeminineThousands => Form::FeminineThousands,
            Form::Alone | Form::Masculine => Form::Masculine,
        },
        "de" | "a" | "o" | "u" | "y" | "e" if depth < 2 => {
            if word == "de" && next.after(2).word() == "ellas" {
                return Form::Feminine;
            }
            let joint = match next.ahead {
                [_, Token::Space, Token::Word("cada"), Token::Space, Token::Digits(_), ..]
                    if word == "de" =>
                {
                    4
                }
                [_, Token::Space, Token::Digits(_), ..] if word != "de" => 2,
                _ => return Form::Alone,
            };
            let other = next.after(joint);
            match scan::numeral(other.ahead, ',')
                .map(|number| form_before(&other.after(number.used), depth + 1))
            {
                Some(Form::Feminine) => Form::Feminine,
                Some(Form::Alone | Form::Masculine | Form::FeminineThousands) | None => Form::Alone,
            }
        }
        _ if place.ahead.first() == Some(&Token::Space) => noun::form_before(&word).unwrap_or(Form::Alone),
        _ => Form::Alone,
    }
}

/// The form of the number at `place`, which takes `used` tokens.
pub(super) fn form(place: &Place<'_>, used: usize) -> Form {
    let before = place.word_before().unwrap_or_default();
    if LABELS.contains(&&*before) {
        return Form::Alone;
    }
    match form_before(&place.after(used), 0) {
        Form::Alone if FEMININE_ARTICLES.contains(&&*before) => Form::Feminine,
        Form::Masculine if PLURAL_ARTICLES.contains(&&*before) => Form::Feminine,
        Form::Feminine if ["los", "unos", "otros"].contains(&&*before) => Form::Masculine,
        form => form,
    }
}

/// A number with its unit.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    let Some(number) = numeral(place) else { return chain(place) };
    let rest = place.after(number.used);
    let point = point(place, &number);
    if let Some(unit) = unit::after(&rest) {
        let name = if number.whole == "1" && number.fraction.is_none() { unit.one } else { unit.many };
        return Said::new(format!("{} {name}", in_words(&number, unit.form, point)), number.used + unit.used);
    }
    if number.whole == "1" && rest.past_space().word() == "mil" && rest.ahead.first() == Some(&Token::Space) {
        return Said::new("mil", number.used + 2);
    }
    let run = place.ahead.first()?.digits()?;
    if let Some(day @ 1..=9) = run.strip_prefix('0').and_then(|day| day.parse().ok())
        && place.word_before().as_deref() == Some("día")
    {
        return Said::new(words::cardinal(day, Form::Alone), number.used);
    }
    if number.used == 1 && (run.len() > 8 && !run.ends_with("000") || run.len() > 4 && run.starts_with('0')) {
        return Said::new(words::dictated(&number.whole), number.used);
    }
    let form = form(place, number.used);
    let form = if form == Form::Masculine && number.fraction.is_some() { Form::Alone } else { form };
    Said::new(in_words(&number, form, point), number.used)
}

/// Figures with marks between them that make no number: a version, an address of a machine.
fn chain(place: &Place<'_>) -> Option<Said> {
    let mut used = 1;
    let mut spoken = words::number(place.ahead.first()?.digits()?, Form::Alone);
    while let [Token::Sign(mark @ ('.' | ',' | '\'')), Token::Digits(next), ..] = place.after(used).ahead {
        spoken.push_str(if *mark == '.' { " punto " } else { ", " });
        spoken.push_str(&words::number(next, Form::Alone));
        used += 2;
    }
    Said::new(spoken, used)
}
