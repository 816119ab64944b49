//! Numbers that count, order and divide.

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

/// Nouns that are counted through with a degree sign for the ordinal's º.
#[rustfmt::skip]
pub(super) const RANKED: &[&str] = &[
    "año", "aniversario", "básico", "bimestre", "capítulo", "ciclo", "congreso", "curso", "edición", "encuentro", "festival",
    "grado", "grupo", "lugar", "mandamiento", "nivel", "período", "piso", "planta", "puesto", "semestre", "trimestre", "turno", "vuelta",
];

/// Around a number, these say that its º is a degree.
const WARMTH: &[&str] = &["temperatura", "temperaturas", "máxima", "mínima", "máximas", "mínimas", "máx", "mín", "termómetro", "fiebre", "clima"];

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
    let labelled = place.word_before().is_some_and(|word| LABELS.contains(&word.as_str()));
    (used > 1 && counts && !labelled).then_some(Numeral { whole, fraction: None, used })
}

/// A number with its decimals, in words.
pub(super) fn in_words(number: &Numeral<'_>, form: Form, point: &str) -> String {
    let Some(fraction) = number.fraction else { return words::number(&number.whole, form) };
    let form = if form == Form::Feminine { form } else { Form::Alone };
    let whole = words::number(&number.whole, form);
    let fraction =
        if fraction.len() > 3 || fraction.starts_with('0') { words::digits(fraction) } else { words::number(fraction, Form::Alone) };
    format!("{whole} {point} {fraction}")
}

/// What is said for the decimal mark: a point where the country writes one; in Colombia, which writes both, as written.
pub(super) fn point(place: &Place<'_>, number: &Numeral<'_>) -> &'static str {
    let written = place.ahead.get(number.used.saturating_sub(2));
    let listed = || place.word_before().is_some_and(|word| LABELS.contains(&word.as_str()));
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
        || place.word_before().is_some_and(|word| ["fm", "dial", "frecuencia"].contains(&word.as_str()))
}

/// The form of a number before this place.
fn form_before(place: &Place<'_>, depth: u8) -> Form {
    if let Some(unit) = unit::after(place) {
        return unit.form;
    }
    let next = place.past_space();
    let word = next.word();
    match word.as_str() {
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
                [_, Token::Space, Token::Word("cada"), Token::Space, Token::Digits(_), ..] if word == "de" => 4,
                [_, Token::Space, Token::Digits(_), ..] if word != "de" => 2,
                _ => return Form::Alone,
            };
            let other = next.after(joint);
            match scan::numeral(other.ahead, ',').map(|number| form_before(&other.after(number.used), depth + 1)) {
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
    if LABELS.contains(&before.as_str()) {
        return Form::Alone;
    }
    match form_before(&place.after(used), 0) {
        Form::Alone if FEMININE_ARTICLES.contains(&before.as_str()) => Form::Feminine,
        Form::Masculine if PLURAL_ARTICLES.contains(&before.as_str()) => Form::Feminine,
        Form::Feminine if ["los", "unos", "otros"].contains(&before.as_str()) => Form::Masculine,
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

/// A range: 10–15 %, 2024-2025. Says its first number and what joins the two; the second is read after it.
pub(super) fn read_range(place: &Place<'_>) -> Option<Said> {
    let number = numeral(place)?;
    let dash = dash(&place.after(number.used))?;
    let other = place.after(number.used + dash);
    let next = scan::numeral(other.ahead, decimal_mark(place.locale))?;
    let year = place.ahead.first()?.digits()?;
    if number.used == 1 && year.len() == 4 && year.starts_with("20") && next.whole.len() == 1 && next.used == 1 {
        return Said::new(format!("{} ", words::number(year, Form::Alone)), 2); // a term of a year: 2025-2
    }
    if let [Token::Sign('-'), Token::Digits(_), ..] = other.after(next.used).ahead {
        return joined(place);
    }
    if [&number, &next].iter().any(|n| n.fraction.is_none() && (n.whole.len() > 4 && n.used == 1 || n.whole.len() > 1 && n.whole.starts_with('0'))) {
        return joined(place);
    }
    let form = match form_before(&other.after(next.used), 0) {
        Form::Masculine => Form::Alone,
        form => form,
    };
    Said::new(format!("{} a ", in_words(&number, form, point(place, &number))), number.used + dash)
}

/// The tokens of a dash between two figures.
pub(super) fn dash(place: &Place<'_>) -> Option<usize> {
    match place.ahead {
        [Token::Sign('-'), Token::Digits(_), ..] => Some(1),
        [Token::Space, Token::Sign('-'), Token::Space, Token::Digits(_), ..] => Some(3),
        _ => None,
    }
}

/// Three or more figures with dashes: a line-up of short ones, else a number that identifies.
fn joined(place: &Place<'_>) -> Option<Said> {
    let mut groups = vec![place.ahead.first()?.digits()?];
    let mut used = 1;
    while let [Token::Sign('-'), Token::Digits(next), ..] = place.after(used).ahead {
        groups.push(next);
        used += 2;
    }
    let short = groups.iter().all(|group| group.len() <= 2);
    let spoken: Vec<_> =
        groups.iter().map(|group| if short { words::number(group, Form::Alone) } else { words::dictated(group) }).collect();
    (used > 1).then_some(())?;
    Said::new(spoken.join(if short { " " } else { ", " }), used)
}

/// 1.º, 2.ª, 3er, 4to, 5°.
pub(super) fn read_ordinal(place: &Place<'_>) -> Option<Said> {
    let value: u64 = place.ahead.first()?.digits().filter(|digits| digits.len() <= 3)?.parse().ok()?;
    let dots = usize::from(place.ahead.get(1) == Some(&Token::Sign('.')));
    let mark = place.after(1 + dots);
    let rest = mark.after(1);
    let form = match mark.ahead.first()? {
        Token::Sign('ª') => Form::Feminine,
        Token::Sign('º') if rest.is_loose_end() && !(dots == 0 && is_warmth(place)) => Form::Alone,
        Token::Sign('°') if dots == 1 || ranks(&rest) || place.words_before().take(2).any(|word| word == "grados" || word == "grado") => Form::Alone,
        Token::Word(suffix) if rest.is_loose_end() => match *suffix {
            "er" | "ER" => Form::Masculine,
            "ro" | "ero" | "do" | "to" | "mo" | "vo" | "no" | "RO" | "DO" | "TO" => Form::Alone,
            "ra" | "era" | "da" | "ta" | "ma" | "va" | "na" | "RA" | "DA" | "TA" => Form::Feminine,
            "a" if counted_through(&rest, value, dots) => Form::Feminine,
            "o" if counted_through(&rest, value, dots) => Form::Alone,
            _ => return None,
        },
        _ => return None,
    };
    let counted = matches!(rest.ahead, [Token::Space, Token::Word(_), ..]) && noun::form_before(&rest.past_space().word()).is_some();
    let form = if form == Form::Alone && counted { Form::Masculine } else { form };
    let stop = usize::from(matches!(mark.ahead, [Token::Word(_), Token::Sign('.'), ..]) && !rest.after(1).ends_sentence());
    Said::new(words::ordinal(value, form), 2 + dots + stop)
}

/// Whether a temperature was spoken of.
fn is_warmth(place: &Place<'_>) -> bool {
    matches!(place.before, [.., Token::Sign('-')]) || place.words_before().take(4).any(|word| WARMTH.contains(&word.as_str()))
}

/// Whether a bare letter after a figure makes an ordinal of it: 2a edición, 1.o de mayo.
fn counted_through(rest: &Place<'_>, value: u64, dots: usize) -> bool {
    let noun = matches!(rest.ahead, [Token::Space, Token::Word(_), ..] | [Token::Sign('.'), Token::Space, Token::Word(_), ..] | [Token::Sign('.'), Token::Sign(','), ..]);
    value <= 50 && value > 0 && (dots == 1 || noun)
}

fn ranks(rest: &Place<'_>) -> bool {
    let next = rest.past_space();
    let word = next.word();
    match next.ahead {
        [Token::Word("C" | "F"), ..] => false,
        [Token::Word("de"), Token::Space, Token::Word(month), ..] => super::date::month(&month.to_lowercase()).is_some(),
        [Token::Word(letter), ..] if letter.len() == 1 => letter.starts_with(|c: char| c.is_ascii_uppercase()),
        [Token::Word(_), ..] => RANKED.contains(&word.as_str()),
        _ => false,
    }
}

/// ½, 3/4, 1 ½, 24/7 and what is out of a hundred.
pub(super) fn read_fraction(place: &Place<'_>) -> Option<Said> {
    if let Some((top, bottom, used)) = fraction(place).filter(|_| !is_share(place)) {
        return part(&place.after(used), top, bottom, used);
    }
    let first = place.ahead.first()?.digits()?;
    let gap = usize::from(place.ahead.get(1) == Some(&Token::Space));
    if let Some((top, bottom, used)) = fraction(&place.after(1 + gap)).filter(|_| place.ahead.len() > 1 + gap) {
        return mixed(place, first, (top, bottom), 1 + gap + used);
    }
    let [_, Token::Sign('/'), Token::Digits(second), rest @ ..] = place.ahead else { return None };
    let year = |digits: &str| digits.len() == 4;
    let joint = match (first, *second) {
        ("24", "7") | ("50", "50") => " ",
        _ if year(first) => " ",
        _ if is_share(place) => " de ",
        _ => " sobre ",
    };
    if matches!(rest, [Token::Sign('/'), Token::Digits(_), ..]) {
        return Said::new(format!("{}, ", words::dictated(first)), 2);
    }
    Said::new(format!("{}{joint}{}", words::number(first, Form::Alone), words::number(second, Form::Alone)), 3)
}

/// Whether two figures with a stroke are a part and how many there are: cuota 3/12.
pub(super) fn is_share(place: &Place<'_>) -> bool {
    place.word_before().is_some_and(|word| ["cuota", "cuotas", "pago", "parte", "entrega", "mensualidad", "página"].contains(&word.as_str()))
}

/// Parts by name, masculine: two, three, four … of them make a whole.
const PARTS: &[(&str, &str)] = &[("tercio", "tercios"), ("cuarto", "cuartos"), ("quinto", "quintos"), ("octavo", "octavos")];

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
        return Said::new(format!("{} {}as", words::cardinal(top, Form::Feminine), part_name(2, bottom).trim_start_matches("dos ").trim_end_matches("os")), used);
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
        (None, Some(_)) if rest.ahead.first() == Some(&Token::Space) => (if whole == "1" { noun::singular(&word) } else { word }, 2),
        (None, _) => return Said::new(format!("{count} y {name}"), used),
    };
    Said::new(format!("{count} {thing} y {name}"), used + more)
}
