//! What identifies: codes, references, plates and acronyms, spelled out.

use super::super::scan::Token;
use super::letters::{self, is_capitals, pronounceable, spelled};
use super::place::{Place, Said};
use super::words::{self, Form};
use super::{roman, unit};

/// After these a number is dictated digit by digit, however short.
#[rustfmt::skip]
const SECRETS: &[&str] = &[
    "código", "codigo", "códigos", "cód", "cod", "pin", "otp", "cp", "clave", "contraseña", "token", "cvv", "nip", "postal", "extensión", "ext", "termina",
    "terminada", "terminado", "terminación", "finaliza", "finalizada", "acabada", "iban", "clabe",
];

/// After these it is from four digits on: shorter ones are said as numbers.
#[rustfmt::skip]
const REFERENCES: &[&str] = &[
    "referencia", "ref", "radicado", "factura", "facturas", "guía", "guia", "pedido", "orden", "contrato", "cuenta", "cta", "folio", "póliza", "expediente",
    "tiquete", "ticket", "tique", "nit", "rut", "cuit", "cuil", "cbu", "rfc", "nss", "curp", "cédula", "cedula", "cc", "dni", "nie", "documento", "matrícula",
    "medidor", "suministro", "nic", "niu", "convenio", "comprobante", "boleta", "caso", "trámite", "solicitud", "reserva", "localizador", "pnr", "serie", "serial",
    "paquete", "tarjeta", "premio", "lotería", "placa", "placas", "patente", "vuelo", "afiliado", "cliente", "usuario", "rastreo", "seguimiento", "registro", "cupón", "envío", "autorización", "interno",
];

#[rustfmt::skip]
const BETWEEN: &[&str] = &[
    "de", "del", "la", "el", "es", "su", "tu", "en", "número", "numero", "núm", "num", "no", "nro", "n", "verificación", "seguridad", "acceso", "reserva", "confirmación",
    "pago", "seguimiento", "cliente", "venta", "compra", "servicio", "activación", "identidad", "ciudadanía", "identificación", "bancaria", "ahorros", "ahorro", "corriente",
    "electrónica", "único", "única", "temporal", "dinámica", "personal", "nacional", "entrega", "envío", "retiro", "registro", "cte", "luz", "contrato", "un", "una", "solo", "uso",
];

/// After these, letters are never a word.
const IDENTITIES: &[&str] = &[
    "rfc",
    "curp",
    "nif",
    "nie",
    "cif",
    "iban",
    "placa",
    "placas",
    "patente",
    "matrícula",
    "localizador",
    "pnr",
];

/// More tokens than this are no one number.
const MOST_TOKENS: usize = 24;

/// Digits after a word that says that they identify.
pub(super) fn read_number(place: &Place<'_>) -> Option<Said> {
    let first = place.ahead.first()?.digits()?;
    if let Some(Token::Sign('.' | ',' | '/' | '*') | Token::Digits(_) | Token::Word(_)) = place.before.last()
    {
        return None;
    }
    let kind = kind(place, first)?;
    let mut run = first.to_owned();
    let mut groups = Vec::new();
    let mut used = 1;
    while used < MOST_TOKENS {
        let next = match place.ahead.get(used..)? {
            [Token::Sign('-'), Token::Digits(check), rest @ ..]
                if check.len() == 1 && !matches!(rest, [Token::Sign('-'), ..]) =>
            {
                // 2025-2 is a term of a year.
                let term = is_year(&run) && groups.is_empty() && kind != Kind::Secret;
                let spoken = format!("{} guion {}", joined(groups, &run), words::digits(check));
                return (!term).then(|| Said { words: spoken, used: used + 2 });
            }
            [Token::Sign('.'), Token::Digits(next), ..] if kind == Kind::Taxed && next.len() == 3 => {
                run.push_str(next);
                used += 2;
                continue;
            }
            [Token::Sign('-' | '/'), Token::Digits(next), ..] => next,
            [Token::Space, Token::Digits(next), ..] if continues(first, next, kind) => next,
            [Token::Sign('.' | ',' | ':'), Token::Digits(_), ..] => return None,
            [Token::Word(letters), ..] => {
                let whole = is_capitals(letters) && place.after(used + 1).is_loose_end();
                let spoken = format!("{}, {}", joined(groups, &run), spelled(letters, place.locale));
                return whole.then(|| Said { words: spoken, used: used + 1 });
            }
            _ => return Said::new(joined(groups, &run), used),
        };
        groups.push(words::dictated(&run));
        (*next).clone_into(&mut run);
        used += 2;
    }
    None
}

/// What kind of a number was announced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Secret,
    /// Of a taxpayer: with stops for thousands and a check digit.
    Taxed,
    Reference,
}

fn kind(place: &Place<'_>, first: &str) -> Option<Kind> {
    if matches!(
        place.before,
        [
            ..,
            Token::Word("No" | "Núm" | "Num"),
            Token::Sign('.'),
            Token::Space,
            Token::Word("Ext"),
            Token::Sign('.'),
            Token::Space
        ]
    ) {
        return None; // of a house, not of a telephone
    }
    if place.is_after(SECRETS, BETWEEN) || announced(place, first) {
        return Some(Kind::Secret);
    }
    let year = place.word_before().as_deref() == Some("de") && is_year(first);
    if year || counts(place) {
        return None;
    }
    if place.is_after(&["nit", "cuit", "cuil", "rut"], BETWEEN) {
        return Some(Kind::Taxed);
    }
    (first.len() > 3 && place.is_after(REFERENCES, BETWEEN)).then_some(Kind::Reference)
}

/// Whether a group of digits after a space belongs to the number that began with `first`.
fn continues(first: &str, next: &str, kind: Kind) -> bool {
    next.len() == first.len() && first.len() >= 2 || kind == Kind::Secret && first.len().min(next.len()) >= 3
}

/// Whether a code was spoken of and this is said to be it: "su código de retiro en cajero es 4821".
fn announced(place: &Place<'_>, digits: &str) -> bool {
    let told = place.word_before().as_deref() == Some("es")
        || matches!(place.before, [.., Token::Sign(':'), Token::Space]);
    told && (4..=8).contains(&digits.len())
        && !counts(place)
        && place.words_before().take(8).any(|word| SECRETS.contains(&&*word))
}

fn joined(mut groups: Vec<String>, last: &str) -> String {
    groups.push(words::dictated(last));
    groups.join(", ")
}

/// Whether the number is an amount all the same.
fn counts(place: &Place<'_>) -> bool {
    let rest = place.after(1);
    let word = rest.past_space().word();
    unit::after(&rest).is_some()
        || [
            "pesos", "puntos", "personas", "mil", "millones", "años", "meses", "días", "horas", "minutos",
            "euros", "dólares", "unidades",
        ]
        .contains(&&*word)
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
}

/// Letters and digits in one piece, with dashes or without: IB3456, COVID-19, 4G, 2x1, FAC-2025-001.
pub(super) fn read_mixed(place: &Place<'_>) -> Option<Said> {
    if place.is_glued() {
        return None;
    }
    if let Some(said) = with_spaces(place) {
        return Some(said);
    }
    if let [Token::Digits(year), Token::Sign('-'), Token::Word(term @ ("I" | "II" | "III" | "IV")), ..] =
        place.ahead
        && is_year(year)
    {
        let term = roman::value(term)?;
        return Said::new(
            format!("{} {}", words::number(year, Form::Alone), words::cardinal(term, Form::Alone)),
            3,
        );
    }
    let parts = parts(place)?;
    let figures: Vec<_> = parts.iter().filter_map(|part| part.digits()).collect();
    let many = figures.len() > 1 || figures.iter().any(|run| run.len() > 3);
    let lettered =
        parts.iter().any(|part| part.word().is_some_and(|word| is_spelled(word) && word.len() > 1));
    let secret = place.is_after(IDENTITIES, BETWEEN)
        || place.is_after(&["contraseña", "clave", "código"], BETWEEN)
            && !parts.iter().any(|part| part.word().is_some_and(pronounceable));
    let mut spoken: Vec<String> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        match part {
            Token::Word("x" | "X") if at > 0 && at + 1 < parts.len() => spoken.push("por".to_owned()),
            Token::Word("x") if at == 0 => spoken.push("por".to_owned()),
            Token::Word(word)
                if word.len() > 2 && word.bytes().all(|byte| byte.eq_ignore_ascii_case(&b'x')) => {} // a masked card
            Token::Word(word) if secret || is_spelled(word) => spoken.push(spelled(word, place.locale)),
            Token::Word(word) => spoken.push(word.to_lowercase()),
            Token::Digits(run) => {
                let times = parts
                    .iter()
                    .skip(usize::from(parts.len() > 2))
                    .any(|part| matches!(part, Token::Word("x" | "X")));
                let worded = at
                    .checked_sub(1)
                    .and_then(|before| parts.get(before))
                    .is_some_and(|before| before.word().is_some_and(|word| !is_spelled(word)));
                let number = times || run.len() <= 4 && worded || !many && (run.len() < 3 || !lettered);
                spoken.push(if number { words::number(run, Form::Alone) } else { words::dictated(run) });
            }
            Token::Mail(_) | Token::Link(_) | Token::Sign(_) | Token::Space => {}
        }
    }
    Said::new(spoken.join(" "), length(place, parts.len()))
}

/// The runs of letters and digits that make one piece; None where it is only letters or only digits, or a quantity.
fn parts<'a>(place: &Place<'a>) -> Option<Vec<Token<'a>>> {
    let mut parts = vec![*place.ahead.first()?];
    let mut at = 1;
    loop {
        let dash = usize::from(place.ahead.get(at) == Some(&Token::Sign('-')));
        match place.ahead.get(at + dash) {
            Some(part @ Token::Digits(_)) => parts.push(*part),
            Some(part @ Token::Word(word)) if dash == 0 || is_capitals(word) && word.len() <= 4 => {
                parts.push(*part);
            }
            _ => break,
        }
        at += dash + 1;
        if parts.len() > 16 {
            return None;
        }
    }
    let letters = parts.iter().any(|part| part.word().is_some());
    let figures = parts.iter().any(|part| part.digits().is_some());
    let starts_as_word = matches!(parts.as_slice(), [Token::Word(_), Token::Word(_), ..]);
    let quantity = parts.first()?.digits().is_some() && unit::after(&place.after(1)).is_some();
    (letters && figures && !starts_as_word && !quantity).then_some(parts)
}

/// The tokens of `parts` parts with the dashes between them.
fn length(place: &Place<'_>, parts: usize) -> usize {
    let (mut at, mut seen) = (0, 0);
    while seen < parts {
        if place.ahead.get(at) != Some(&Token::Sign('-')) {
            seen += 1;
        }
        at += 1;
    }
    at
}

fn is_spelled(word: &str) -> bool {
    let vowels = word.chars().any(|letter| "aeiouáéíóúAEIOUÁÉÍÓÚ".contains(letter));
    word.chars().count() == 1 || !vowels || is_capitals(word) && !pronounceable(word)
}

/// A flight or a plate whose letters and digits stand apart: vuelo AV 9521, placa ABC 123.
fn with_spaces(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(letters), Token::Space, Token::Digits(digits), ..] = place.ahead else { return None };
    let identified = is_capitals(letters)
        && letters.len() <= 3
        && place.is_after(&["vuelo", "vuelos", "placa", "placas", "patente", "matrícula"], BETWEEN);
    (identified && place.after(3).is_loose_end()).then(|| Said {
        words: format!("{} {}", spelled(letters, place.locale), words::dictated(digits)),
        used: 3,
    })
}

/// Capitals that make no word.
pub(super) fn read_capitals(place: &Place<'_>) -> Option<Said> {
    let word = place.ahead.first()?.word()?;
    let letters = word.chars().count();
    if letters < 2
        || !is_capitals(word)
        || place.is_glued() && !matches!(place.before.last(), Some(Token::Sign('-' | '/')))
    {
        return None;
    }
    if letters > 1 && word.chars().all(|figure| "IVX".contains(figure)) {
        return Said::new(words::cardinal(roman::value(word)?, Form::Alone), 1);
    }
    let located = || place.is_after(&["localizador", "pnr"], BETWEEN);
    let code =
        || letters >= 5 && place.is_after(&["código", "reserva", "clave"], BETWEEN) && !is_sayable(word);
    let spell = letters::is_initialism(word) || located() || code();
    spell.then(|| Said { words: spelled(word, place.locale), used: 1 })
}

/// Whether consonants and vowels take turns as they do in words.
fn is_sayable(word: &str) -> bool {
    let mut run = 0;
    word.chars().all(|letter| {
        run = if "AEIOUÁÉÍÓÚ".contains(letter) { 0 } else { run + 1 };
        run < 3
    }) && word.chars().filter(|letter| "AEIOUÁÉÍÓÚ".contains(*letter)).count() * 3 >= word.chars().count()
}
