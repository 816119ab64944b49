//! Telephone numbers: a country's groups, three digits one by one, two as a number, every zero said.

use super::super::scan::Token;
use super::place::{Place, Said};
use super::words;
use crate::Locale;

/// More digits than any number has (E.164), an escape code with them.
const LONGEST: usize = 16;

/// After these, with little between, any run of digits is dialled.
#[rustfmt::skip]
const DIALLED: &[&str] = &[
    "tel", "tels", "teléfono", "teléfonos", "telefono", "telefonos", "tfno", "tlf", "celular", "celulares", "cel", "móvil", "movil", "whatsapp", "wasap", "wsp",
    "línea", "linea", "líneas", "fijo", "fax", "pbx", "conmutador", "call", "llame", "llama", "llamá", "llamar", "llamando", "llamada", "llamanos", "llámenos", "llámanos",
    "llamame", "llámame", "llámeme", "comuníquese", "comunícate", "comunicate", "comunicarse", "comunicándose", "comunicándote", "comuníquense", "marque", "marca",
    "marcá", "marcar", "marcando", "marcado", "emergencias", "emergencia", "sms", "escríbenos", "escríbanos",
];

/// After these, a long run of digits is.
#[rustfmt::skip]
const NUMBERED: &[&str] = &["número", "numero", "números", "nro", "num", "contacto", "contáctenos", "contáctanos", "contactanos", "mensaje"];

#[rustfmt::skip]
const BETWEEN: &[&str] = &[
    "a", "al", "el", "la", "los", "las", "de", "del", "en", "por", "o", "y", "es", "son", "nuestro", "nuestra", "nuestros", "nuestras",
    "número", "numero", "números", "nro", "nos", "gratuita", "gratuito", "gratis", "nacional", "única", "único", "atención", "servicio", "cliente", "clientes", "desde",
    "cualquier", "siguiente", "su", "tu", "con", "directo",
];

/// A telephone number, a short one, or a code to dial. Two numbers with a dash between them are a choice.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    let said = one(place)?;
    let rest = place.after(said.used);
    let dashed = matches!(rest.ahead, [Token::Space, Token::Sign('-'), Token::Space, Token::Digits(_), ..]);
    if dashed && one(&Place { before: &[], ..rest.after(3) }).is_some() {
        return Said::new(format!("{} o", said.words), said.used + 2);
    }
    Some(said)
}

fn one(place: &Place<'_>) -> Option<Said> {
    if matches!(place.before.last(), Some(Token::Word(_) | Token::Digits(_))) {
        return None;
    }
    if let Some(said) = dial_code(place) {
        return Some(said);
    }
    let groups = groups(place)?;
    let dialled = place.is_after(DIALLED, BETWEEN) || titled(place) || is_sent_to(place);
    let numbered = dialled || place.is_after(NUMBERED, BETWEEN);
    for length in (1..=groups.parts.len()).rev() {
        let (parts, used) = (groups.parts.get(..length)?, *groups.ends.get(length - 1)?);
        if !place.after(used).is_loose_end() || is_counted(&place.after(used), parts) {
            continue;
        }
        let number = Number { parts, digits: parts.concat(), plus: groups.plus };
        if let Some(spoken) = number.spoken(place.locale, dialled, numbered) {
            return Said::new(spoken, used);
        }
    }
    None
}

/// Whether the number stands in a list of services: `Policía: 911`.
fn titled(place: &Place<'_>) -> bool {
    const SERVICES: &[&str] = &["policía", "bomberos", "ambulancia", "ambulancias", "médicas", "roja", "civil", "tránsito", "acueducto", "gas"];
    matches!(place.before, [.., Token::Sign(':'), Token::Space]) && place.is_after(SERVICES, &[])
}

/// Whether a text message goes there: "envía GANA al 72020".
fn is_sent_to(place: &Place<'_>) -> bool {
    const SENDING: &[&str] = &["envía", "envíe", "enviá", "envíanos", "enviando", "manda", "mande", "mandá", "mandando", "responda", "responde", "respondé", "escriba", "escribe", "texto", "palabra"];
    let short = matches!(place.ahead, [Token::Digits(digits), ..] if (3..=6).contains(&digits.len()));
    short && place.word_before().as_deref() == Some("al") && place.words_before().take(8).any(|word| SENDING.contains(&word.as_str()))
}

/// Whether what follows makes an amount of the figures before it.
fn is_counted(rest: &Place<'_>, parts: &[&str]) -> bool {
    match rest.ahead {
        [Token::Sign('%' | '€' | '°'), ..] | [Token::Space, Token::Sign('%' | '€' | '°'), ..] => true,
        [Token::Sign(','), Token::Digits(_), ..] | [Token::Sign('/'), Token::Digits(_), ..] | [Token::Sign(':'), Token::Digits(_), ..] => true,
        [Token::Sign('-' | '.'), Token::Digits(next), ..] => parts.len() == 1 && parts.concat().len() + next.len() < 7,
        [Token::Space, Token::Word(word), ..] => {
            matches!(*word, "pesos" | "mil" | "millones" | "euros" | "dólares" | "puntos" | "personas" | "veces" | "años" | "horas" | "minutos" | "días" | "habitantes" | "kilómetros")
        }
        _ => false,
    }
}

/// Digits as they were grouped, with the tokens up to each group's end.
struct Groups<'a> {
    plus: bool,
    parts: Vec<&'a str>,
    ends: Vec<usize>,
}

fn groups<'a>(place: &Place<'a>) -> Option<Groups<'a>> {
    let mut at = match place.ahead {
        [Token::Sign('+'), Token::Sign('('), Token::Digits(_), ..] => 2,
        [Token::Sign('+' | '('), Token::Digits(_), ..] => 1,
        [Token::Digits(_), ..] => 0,
        _ => return None,
    };
    let plus = place.ahead.first() == Some(&Token::Sign('+'));
    let bracketed = at > 0 && place.ahead.get(at - 1) == Some(&Token::Sign('('));
    let (mut parts, mut ends, mut total, mut closed) = (Vec::new(), Vec::new(), 0, !bracketed);
    while let Some(Token::Digits(digits)) = place.ahead.get(at) {
        total += digits.len();
        if total > LONGEST || parts.len() > 8 {
            break;
        }
        parts.push(*digits);
        at += 1;
        if !closed {
            (place.ahead.get(at) == Some(&Token::Sign(')'))).then_some(())?;
            closed = true;
            at += 1;
        }
        ends.push(at);
        at += match place.ahead.get(at..)? {
            [Token::Space, Token::Sign('('), Token::Digits(_), Token::Sign(')'), ..] => {
                closed = false;
                2
            }
            [Token::Sign('('), Token::Digits(_), Token::Sign(')'), ..] => {
                closed = false;
                1
            }
            [Token::Space, Token::Sign('-'), Token::Space, Token::Digits(_), ..] => 3,
            [Token::Space | Token::Sign('-' | '.'), Token::Digits(_), ..] => 1,
            _ => 0,
        };
    }
    (!parts.is_empty()).then_some(Groups { plus, parts, ends })
}

/// Digits that may be a telephone number.
struct Number<'a> {
    parts: &'a [&'a str],
    digits: String,
    plus: bool,
}

impl Number<'_> {
    fn spoken(&self, locale: Locale, dialled: bool, numbered: bool) -> Option<String> {
        let length = self.digits.len();
        if self.plus {
            return (8..=15).contains(&length).then(|| self.international(locale)).flatten();
        }
        if length == 12 && locale == Locale::EsCo && self.digits.starts_with("573") {
            return Some(format!("cincuenta y siete, {}", national(self.digits.get(2..)?, Locale::EsCo)));
        }
        if let Some(spoken) = self.toll_free(locale) {
            return Some(spoken);
        }
        let shape: Vec<_> = self.parts.iter().map(|part| part.len()).collect();
        let of_country = match locale {
            Locale::EsMx => length == 10 && !self.digits.starts_with(['0', '1']),
            Locale::EsEs => length == 9 && self.digits.starts_with(['6', '7', '8', '9']),
            Locale::EsAr => length == 10 && self.digits.starts_with(['1', '2', '3']) || length == 11 && self.digits.starts_with("011"),
            Locale::EsCo | Locale::EnUs | Locale::EnGb | Locale::Other => {
                length == 10 && (self.digits.starts_with('3') || self.digits.starts_with("60"))
            }
        };
        let looks = matches!(*shape, [3, 3, 4] | [3, 7] | [2, 4, 4] | [3, 3, 2, 2] | [3, 4] | [3, 2, 2] | [2, 2, 2, 2, 2] | [2, 8] | [2, 3, 2, 2] | [3, 2, 2, 2]);
        let of_context = dialled && (3..=13).contains(&length) && (shape.len() > 1 || length > 2) && !self.years()
            || numbered && (6..=13).contains(&length);
        if !(of_country || looks || of_context) {
            return None;
        }
        Some(if self.parts.len() == 1 { national(&self.digits, locale) } else { written(self.parts) })
    }

    fn years(&self) -> bool {
        self.parts.len() == 2 && self.parts.iter().all(|part| part.len() == 4 && part.starts_with("20"))
    }

    /// `+57 300 505 0149`: the code of the country, then the number as that country groups it.
    fn international(&self, locale: Locale) -> Option<String> {
        const CODES: &[(&str, Option<Locale>)] = &[
            ("57", Some(Locale::EsCo)),
            ("52", Some(Locale::EsMx)),
            ("34", Some(Locale::EsEs)),
            ("54", Some(Locale::EsAr)),
            ("1", None),
            ("51", None),
            ("56", None),
            ("58", None),
            ("593", None),
            ("507", None),
            ("506", None),
            ("44", None),
        ];
        let known = CODES.iter().find(|(code, _)| self.digits.starts_with(code));
        if self.parts.len() > 1 && self.parts.first().is_some_and(|first| first.len() <= 3) {
            let (code, rest) = self.parts.split_first()?;
            let spoken = if let ([single], Some((_, Some(country)))) = (rest, known) { national(single, *country) } else { written(rest) };
            return Some(format!("más {}, {spoken}", code_in_words(code)));
        }
        let (code, country) = known?;
        let rest = self.digits.get(code.len()..)?;
        Some(format!("más {}, {}", code_in_words(code), national(rest, country.unwrap_or(locale))))
    }

    /// The numbers that cost nothing have names: cero uno ocho mil, novecientos, cero ochocientos.
    fn toll_free(&self, locale: Locale) -> Option<String> {
        let (prefix, name) = [
            (Locale::EsCo, "018000", "cero uno ocho mil", 11..=13),
            (Locale::EsMx, "01800", "cero uno ochocientos", 12..=12),
            (Locale::EsMx, "800", "ochocientos", 10..=10),
            (Locale::EsMx, "900", "novecientos", 10..=10),
            (Locale::EsEs, "900", "novecientos", 9..=9),
            (Locale::EsEs, "800", "ochocientos", 9..=9),
            (Locale::EsAr, "0800", "cero ochocientos", 10..=11),
            (Locale::EsAr, "0810", "cero ochocientos diez", 10..=11),
            (Locale::EsCo, "1800", "uno ochocientos", 11..=11),
            (Locale::EsMx, "1800", "uno ochocientos", 11..=11),
            (Locale::EsAr, "0600", "cero seiscientos", 10..=11),
        ]
        .into_iter()
        .find(|(country, prefix, _, lengths)| *country == locale && self.digits.starts_with(prefix) && lengths.contains(&self.digits.len()))
        .map(|(_, prefix, name, _)| (prefix, name))?;
        let mut left = prefix.len();
        let mut rest = Vec::new();
        for part in self.parts {
            let skipped = left.min(part.len());
            left -= skipped;
            rest.extend(part.get(skipped..).filter(|part| !part.is_empty()));
        }
        let spoken = if let [single] = *rest { chunks(single) } else { written(&rest) };
        Some(format!("{name}, {spoken}"))
    }
}

fn code_in_words(code: &str) -> String {
    if code.len() > 2 { words::digits(code) } else { words::pair(code) }
}

/// A number in one run, grouped as its country does.
fn national(digits: &str, locale: Locale) -> String {
    let sizes: &[usize] = match (locale, digits.len()) {
        (Locale::EsMx, 10) if ["55", "33", "81", "56"].iter().any(|city| digits.starts_with(city)) => &[2, 4, 4],
        (Locale::EsAr, 10) if digits.starts_with("11") => &[2, 4, 4],
        (Locale::EsAr, 11) if digits.starts_with("911") => &[1, 2, 4, 4],
        (Locale::EsAr, 11) if digits.starts_with("011") => &[3, 4, 4],
        (Locale::EsAr, 11) => &[1, 3, 3, 4],
        (Locale::EsEs, 9) if digits.starts_with("91") || digits.starts_with("93") => &[2, 3, 2, 2],
        (Locale::EsEs, 9) if digits.starts_with("90") || digits.starts_with("80") => &[3, 3, 3],
        (Locale::EsEs, 9) => &[3, 2, 2, 2],
        (_, 10) => &[3, 3, 4],
        (_, 8) => &[4, 4],
        (_, 7) => &[3, 4],
        _ => return chunks(digits),
    };
    let mut rest = digits;
    let mut parts = Vec::new();
    for size in sizes {
        let (part, after) = rest.split_at(*size);
        parts.push(part);
        rest = after;
    }
    written(&parts)
}

/// Groups as they were written.
fn written(parts: &[&str]) -> String {
    let area = |at: usize, part: &str| at == 0 && parts.len() > 1 && part.len() == 4 && part.starts_with('0');
    let spoken = parts.iter().enumerate().map(|(at, part)| if area(at, part) { words::digits(part) } else { group(part) });
    spoken.collect::<Vec<_>>().join(", ")
}

fn group(part: &str) -> String {
    match part.len() {
        2 => words::pair(part),
        3 if part == "911" => "nueve once".to_owned(),
        3 => words::digits(part),
        4 => {
            let (first, second) = part.split_at(2);
            format!("{} {}", words::pair(first), words::pair(second))
        }
        _ => chunks(part),
    }
}

/// A run that no rule groups, by threes, a rest of one with the last.
fn chunks(run: &str) -> String {
    match run.len() {
        3 | 4 => group(run),
        _ => words::dictated(run),
    }
}

/// *611, #123, *123#.
fn dial_code(place: &Place<'_>) -> Option<Said> {
    let [Token::Sign(sign @ ('*' | '#')), Token::Digits(digits), rest @ ..] = place.ahead else { return None };
    let hash = hash(place.locale);
    let dialled = *sign == '*' || place.is_after(DIALLED, BETWEEN);
    if !dialled || digits.len() > 6 || super::street::plate(&place.after(1)).is_some() {
        return None;
    }
    let name = if *sign == '*' { "asterisco" } else { hash };
    let spoken = format!("{name} {}", if digits.len() == 1 { words::digits(digits) } else { group_short(digits) });
    match rest {
        [Token::Sign('#'), ..] => Said::new(format!("{spoken} {hash}"), 3),
        _ => Said::new(spoken, 2),
    }
}

fn group_short(digits: &str) -> String {
    if digits.len() == 4 { group(digits) } else { words::digits(digits) }
}

/// The key `#`.
pub(super) fn hash(locale: Locale) -> &'static str {
    match locale {
        Locale::EsMx => "gato",
        Locale::EsEs => "almohadilla",
        Locale::EsCo | Locale::EsAr | Locale::EnUs | Locale::EnGb | Locale::Other => "numeral",
    }
}
