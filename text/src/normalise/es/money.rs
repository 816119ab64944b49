//! Sums of money.

use super::super::scan::{self, Numeral, Token};
use super::place::{Place, Said};
use super::unit;
use super::words::{self, Form};
use super::{number, range};
use crate::Locale;

/// A currency by its names.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Currency {
    one: &'static str,
    many: &'static str,
    cent: &'static str,
    cents: &'static str,
}

const fn cents(one: &'static str, many: &'static str) -> Currency {
    Currency { one, many, cent: "centavo", cents: "centavos" }
}

const PESO: Currency = cents("peso", "pesos");
const DOLLAR: Currency = cents("dólar", "dólares");
const EURO: Currency = Currency { one: "euro", many: "euros", cent: "céntimo", cents: "céntimos" };
const POUND: Currency = Currency { one: "libra", many: "libras", cent: "penique", cents: "peniques" };

/// A currency by its code; that of the country itself by its plain name.
fn coded(code: &str, locale: Locale) -> Option<Currency> {
    Some(match code {
        "USD" | "US" | "USDT" | "dls" | "dlls" | "Dls" | "DLS" => DOLLAR,
        "EUR" => EURO,
        "GBP" => POUND,
        "COP" if locale == Locale::EsCo => PESO,
        "MXN" | "MX" | "MXP" if locale == Locale::EsMx => PESO,
        "ARS" | "AR" if locale == Locale::EsAr => PESO,
        "COP" => cents("peso colombiano", "pesos colombianos"),
        "MXN" | "MX" | "MXP" => cents("peso mexicano", "pesos mexicanos"),
        "ARS" | "AR" => cents("peso argentino", "pesos argentinos"),
        "CLP" => cents("peso chileno", "pesos chilenos"),
        "BRL" => cents("real", "reales"),
        "PEN" => Currency { one: "sol", many: "soles", cent: "céntimo", cents: "céntimos" },
        _ => return None,
    })
}

fn named(word: &str) -> Option<Currency> {
    Some(match word {
        "peso" | "pesos" => PESO,
        "dólar" | "dólares" | "dolar" | "dolares" => DOLLAR,
        "euro" | "euros" => EURO,
        "libra" | "libras" => POUND,
        _ => return None,
    })
}

fn signed(sign: char, locale: Locale) -> Option<Currency> {
    Some(match sign {
        '$' if locale == Locale::EsEs => DOLLAR,
        '$' => PESO,
        '€' => EURO,
        '£' => POUND,
        '¥' => cents("yen", "yenes"),
        _ => return None,
    })
}

/// A sum that begins with a sign or a figure.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    if let [Token::Sign('-'), Token::Sign(sign), ..] = place.ahead {
        signed(*sign, place.locale)
            .filter(|_| matches!(place.before.last(), None | Some(Token::Space | Token::Sign('('))))?;
        let sum = prefixed(&place.after(1))?;
        return Said::new(format!("menos {}", sum.words), sum.used + 1);
    }
    prefixed(place).or_else(|| suffixed(place))
}

fn prefixed(place: &Place<'_>) -> Option<Said> {
    let Some(Token::Sign(sign)) = place.ahead.first() else { return None };
    let currency = signed(*sign, place.locale)?;
    let at = place.after(1).past_space();
    if let [Token::Sign('-'), Token::Digits(_), ..] = at.ahead {
        let sum = sum(&at.after(1), currency)?;
        return Said::new(format!("menos {}", sum.words), place.distance(&at) + 1 + sum.used);
    }
    let sum = sum(&at, currency)?;
    Said::new(sum.words, place.distance(&at) + sum.used)
}

/// A sum after letters: US$ 50, USD 50, U$S 50, COP 20.000.
pub(super) fn read_after_name(place: &Place<'_>) -> Option<Said> {
    let code = place.ahead.first()?.word()?;
    let (currency, used) = match place.ahead {
        [_, Token::Sign('$'), Token::Word("S"), ..] if code == "U" => (DOLLAR, 3),
        [_, Token::Sign('$'), ..] if code == "R" => (coded("BRL", place.locale)?, 2),
        [_, Token::Sign('$'), ..] if matches!(code, "U" | "us") => (DOLLAR, 2),
        [_, Token::Sign('$'), ..] => (coded(code, place.locale)?, 2),
        [_, Token::Space, Token::Sign('$'), ..] if code.len() == 3 => (coded(code, place.locale)?, 3),
        _ if code.len() == 3 && code.starts_with(|c: char| c.is_ascii_uppercase()) => {
            (coded(code, place.locale)?, 1)
        }
        _ => return None,
    };
    let at = place.after(used).past_space();
    let sum = sum(&at, currency)?;
    Said::new(sum.words, place.distance(&at) + sum.used)
}

/// The sum whose number begins here. A currency that follows it says which one it is.
fn sum(place: &Place<'_>, currency: Currency) -> Option<Said> {
    let number = amount(place)?;
    let rest = place.after(number.used);
    let scale = scale(&rest);
    let used = number.used + scale.used;
    let (currency, more) = match currency_after(&place.after(used)) {
        Some((found, more)) if scale.currency.is_none() => (found, more),
        _ => (scale.currency.unwrap_or(currency), 0),
    };
    if more == 0
        && let Some(dash) = range::dash(&place.after(used))
        && let Some(other) = amount(&place.after(used + dash))
    {
        let first = in_words(&number, &scale, None, place.locale);
        let second = sum(&place.after(used + dash), currency).filter(|_| other.used > 0)?;
        return Said::new(format!("{first} a {}", second.words), used + dash + second.used);
    }
    if let Some(tail) = tail(&place.after(used), &scale, currency).filter(|_| more == 0) {
        return Said::new(
            format!("{} {}", in_words(&number, &scale, None, place.locale), tail.words),
            used + tail.used,
        );
    }
    let spoken = in_words(&number, &scale, Some(currency), place.locale);
    with_rate(place, spoken, used + more)
}

/// The rest of a sum in which thousands are a word: $5 mil 300 pesos, $2 millones 500 mil.
fn tail(place: &Place<'_>, scale: &Scale, currency: Currency) -> Option<Said> {
    let [Token::Space, Token::Digits(digits), ..] = place.ahead else { return None };
    (!scale.many.is_empty() && digits.len() <= 3).then_some(())?;
    let end = place.after(2);
    (currency_after(&end).is_some() || self::scale(&end).many == "mil").then_some(())?;
    let rest = sum(&place.after(1), currency)?;
    Said::new(rest.words, 1 + rest.used)
}

/// The amount, where nothing is glued behind it that makes it something else.
fn amount<'a>(place: &Place<'a>) -> Option<Numeral<'a>> {
    place.ahead.first()?.digits()?;
    let spaced =
        number::numeral(place).filter(|number| number.used > 1 && place.ahead.get(1) == Some(&Token::Space));
    // Colombians write both $1.250 and $1,250, and mean the same.
    let marked = if place.locale == Locale::EsCo {
        scan::amount(place.ahead)
    } else {
        scan::numeral(place.ahead, number::decimal_mark(place.locale))
    };
    let mut number = spaced.or(marked)?;
    if let Some([Token::Sign('.' | ','), Token::Word("oo" | "OO")]) =
        place.ahead.get(number.used..number.used + 2)
    {
        number.used += 2; // "$5.000.000.oo", so that nobody writes more after it
    }
    Some(number)
}

/// A sum whose currency stands behind it.
fn suffixed(place: &Place<'_>) -> Option<Said> {
    let first = place.ahead.first()?.digits()?;
    if matches!(place.before.last(), Some(Token::Sign('.' | ',' | '/' | ':' | '#') | Token::Word(_))) {
        return None;
    }
    let number = amount(place)?;
    let scale = scale(&place.after(number.used));
    let used = number.used + scale.used;
    let (currency, more) = match (currency_after(&place.after(used)), scale.currency) {
        (Some(found), _) => found,
        (None, Some(currency)) => (currency, 0),
        (None, None) => return None,
    };
    // A plain whole number before a plain noun is counted like anything else.
    if first.len() > 15 {
        return None;
    }
    let spoken = in_words(&number, &scale, Some(currency), place.locale);
    with_rate(place, spoken, used + more)
}

/// The currency after an amount, and its tokens.
fn currency_after(place: &Place<'_>) -> Option<(Currency, usize)> {
    let at = place.past_space();
    let spaces = place.distance(&at);
    let (currency, used) = match at.ahead {
        [Token::Word("US" | "U"), Token::Sign('$'), Token::Word("S"), ..] => (DOLLAR, 3),
        [Token::Word("US" | "U"), Token::Sign('$'), ..] => (DOLLAR, 2),
        [Token::Sign(sign @ ('€' | '£' | '$')), rest @ ..]
            if !matches!(rest, [Token::Digits(_), ..] | [Token::Space, Token::Digits(_), ..]) =>
        {
            (signed(*sign, place.locale)?, 1)
        }
        [Token::Word("US" | "AR" | "MX"), ..] => return None,
        [Token::Word(word), ..] => (coded(word, place.locale).or_else(|| named(&word.to_lowercase()))?, 1),
        _ => return None,
    };
    let stop = matches!(at.ahead, [Token::Word("dls" | "dlls" | "Dls"), Token::Sign('.'), Token::Space, Token::Word(next), ..] if next.starts_with(char::is_lowercase));
    at.after(used).is_loose_end().then_some((currency, spaces + used + usize::from(stop)))
}

/// A word or letter that multiplies an amount.
struct Scale {
    one: &'static str,
    many: &'static str,
    currency: Option<Currency>,
    used: usize,
}

fn scale(place: &Place<'_>) -> Scale {
    let at = place.past_space();
    let none = Scale { one: "", many: "", currency: None, used: 0 };
    let Some(word) = at.ahead.first().and_then(|token| token.word()) else { return none };
    let (one, many, currency) = match word {
        "mil" | "k" | "K" => ("mil", "mil", None),
        "millón" | "millon" | "millones" | "mill" | "mills" | "M" | "MM" | "mm" | "Millones" | "Mill" => {
            ("millón", "millones", None)
        }
        "billón" | "billones" => ("billón", "billones", None),
        "mdp" => ("millón", "millones", Some(PESO)),
        "mdd" => ("millón", "millones", Some(DOLLAR)),
        "mde" => ("millón", "millones", Some(EURO)),
        _ => return none,
    };
    if matches!(at.ahead, [Token::Word("M" | "m" | "MM"), Token::Sign('.'), Token::Word(_), ..]) {
        return none; // "M.N."
    }
    let stop = matches!(at.ahead, [Token::Word("mill" | "mills" | "Mill"), Token::Sign('.'), ..])
        && !at.after(2).ends_sentence();
    let used = place.distance(&at) + 1 + usize::from(stop);
    let mut used_of = used;
    // "2 millones de pesos" has its "de" already.
    if let [Token::Space, Token::Word("de"), ..] = place.after(used).ahead
        && currency_after(&place.after(used + 2)).is_some()
    {
        used_of += 2;
    }
    if place.after(used).is_loose_end() { Scale { one, many, currency, used: used_of } } else { none }
}

fn in_words(number: &Numeral<'_>, scale: &Scale, currency: Option<Currency>, locale: Locale) -> String {
    let form =
        if currency == Some(POUND) && scale.many.is_empty() { Form::Feminine } else { Form::Masculine };
    let bare = Form::Alone;
    let value: u64 = number.whole.parse().unwrap_or(0);
    let cents = number.fraction.filter(|_| scale.many.is_empty()).and_then(hundredths);
    if !scale.many.is_empty() || number.fraction.is_some() && cents.is_none() {
        return scaled(number, scale, currency, value, locale);
    }
    let Some(currency) = currency else { return words::number(&number.whole, bare) };
    let name = if value == 1 { currency.one } else { currency.many };
    let of = if value >= 1_000_000 && value.is_multiple_of(1_000_000) { " de" } else { "" };
    let whole = format!("{}{of} {name}", words::number(&number.whole, form));
    match cents.unwrap_or(0) {
        0 => whole,
        cents => {
            let small = format!(
                "{} {}",
                words::cardinal(cents, Form::Masculine),
                if cents == 1 { currency.cent } else { currency.cents }
            );
            if value == 0 { small } else { format!("{whole} con {small}") }
        }
    }
}

/// An amount with a scale, or with more decimals than a currency has.
fn scaled(
    number: &Numeral<'_>,
    scale: &Scale,
    currency: Option<Currency>,
    value: u64,
    locale: Locale,
) -> String {
    let point = if locale == Locale::EsMx { "punto" } else { "coma" };
    let name = currency.map_or("", |currency| {
        if value == 1 && scale.many.is_empty() && number.fraction.is_none() {
            currency.one
        } else {
            currency.many
        }
    });
    let one = value == 1 && number.fraction.is_none();
    let count = number::in_words(number, Form::Masculine, point);
    let spoken = match (scale.many, one) {
        ("", _) => count,
        ("mil", true) => "mil".to_owned(),
        (_, true) => format!("{count} {}", scale.one),
        (_, false) => format!("{count} {}", scale.many),
    };
    let of = if scale.many.is_empty() || scale.many == "mil" || name.is_empty() { " " } else { " de " };
    format!("{spoken}{of}{name}").trim_end().to_owned()
}

/// Decimals as hundredths; None where there are more than a currency has.
fn hundredths(fraction: &str) -> Option<u64> {
    let value: u64 = fraction.parse().ok()?;
    match fraction.len() {
        1 => Some(value * 10),
        2 => Some(value),
        _ => None,
    }
}

/// Adds what the sum is for: $50.000/mes, 0,15 €/kWh.
fn with_rate(place: &Place<'_>, spoken: String, used: usize) -> Option<Said> {
    let rest = place.after(used);
    let [Token::Sign('/'), Token::Word(word), ..] = rest.ahead else {
        let national = matches!(
            rest.ahead,
            [Token::Space, Token::Word("M"), Token::Sign('.'), Token::Word("N"), Token::Sign('.'), ..]
        );
        return if national {
            Said::new(
                format!("{spoken} moneda nacional{}", if rest.after(6).ends_sentence() { "." } else { "" }),
                used + 6,
            )
        } else {
            Said::new(spoken, used)
        };
    };
    let per = match word.to_lowercase().as_str() {
        "mes" => "al mes".to_owned(),
        "día" | "dia" => "al día".to_owned(),
        "año" => "al año".to_owned(),
        "semana" | "sem" => "a la semana".to_owned(),
        lower => format!("por {}", unit::name_of_one(word).unwrap_or(lower)),
    };
    Said::new(format!("{spoken} {per}"), used + 2)
}
