//! Telephone numbers: a country's groups, three digits one by one, two as a number, every zero said.

mod number;

use super::super::scan::Token;
use super::place::{Place, Said};
use super::words;
use crate::Locale;
use number::{Number, group};

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
        if !place.after(used).is_loose_end() || is_counted(&place.after(used)) {
            continue;
        }
        let number = Number {
            parts,
            digits: parts.concat(),
            dotted: place.ahead.get(..used)?.contains(&Token::Sign('.')),
            plus: groups.plus,
        };
        if let Some(spoken) = number.spoken(place.locale, dialled, numbered) {
            return Said::new(spoken, used);
        }
    }
    None
}

/// Whether the number stands in a list of services: `Policía: 911`.
fn titled(place: &Place<'_>) -> bool {
    const SERVICES: &[&str] = &[
        "policía",
        "bomberos",
        "ambulancia",
        "ambulancias",
        "médicas",
        "roja",
        "civil",
        "tránsito",
        "acueducto",
        "gas",
    ];
    let alone = matches!(place.before, [.., Token::Sign(':'), Token::Space])
        || !matches!(place.ahead.get(1..3), Some([Token::Space, Token::Word(_)]));
    alone && place.is_after(SERVICES, &[])
}

/// Whether a text message goes there: "envía GANA al 72020".
fn is_sent_to(place: &Place<'_>) -> bool {
    const SENDING: &[&str] = &[
        "envía",
        "envíe",
        "enviá",
        "envíanos",
        "enviando",
        "manda",
        "mande",
        "mandá",
        "mandando",
        "responda",
        "responde",
        "respondé",
        "escriba",
        "escribe",
        "texto",
        "palabra",
    ];
    let short = matches!(place.ahead, [Token::Digits(digits), ..] if (3..=6).contains(&digits.len()));
    short
        && place.word_before().as_deref() == Some("al")
        && place.words_before().take(8).any(|word| SENDING.contains(&&*word))
}

/// What makes an amount of the figures before it.
#[rustfmt::skip]
const COUNTED: &[&str] = &[
    "años", "días", "dólares", "euros", "habitantes", "horas", "kilómetros", "mil", "millones", "minutos", "personas", "pesos", "puntos",
    "veces",
];

/// Whether what follows makes an amount of the figures before it.
fn is_counted(rest: &Place<'_>) -> bool {
    match rest.ahead {
        [Token::Sign('%' | '€' | '°'), ..]
        | [Token::Space, Token::Sign('%' | '€' | '°'), ..]
        | [Token::Sign(',' | ':' | '-' | '.'), Token::Digits(_), ..] => true,
        [Token::Sign('/'), Token::Digits(next), ..] => next.len() < 7,
        [Token::Space, Token::Word(word), ..] => COUNTED.contains(word),
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

/// *611, #123, *123#.
fn dial_code(place: &Place<'_>) -> Option<Said> {
    let [Token::Sign(sign @ ('*' | '#')), Token::Digits(digits), rest @ ..] = place.ahead else {
        return None;
    };
    let hash = hash(place.locale);
    let dialled = *sign == '*' || place.is_after(DIALLED, BETWEEN);
    if !dialled || digits.len() > 6 || super::street::plate(&place.after(1)).is_some() {
        return None;
    }
    let name = if *sign == '*' { "asterisco" } else { hash };
    let spoken =
        format!("{name} {}", if digits.len() == 1 { words::digits(digits) } else { group_short(digits) });
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
