//! Money.

use super::{
    measures::{adjective, link, per},
    numbers::cardinal,
    place::{Place, Said, dash, ends, from, space},
    quantity::{number, number_words, whole_words},
};
use crate::{
    Locale,
    normalise::scan::{Numeral, Token},
};

/// A currency: one and many of it, one and many of its hundredth part. Without a part, decimals are read as such.
#[derive(Clone, Copy)]
struct Currency {
    one: &'static str,
    many: &'static str,
    part: Option<(&'static str, &'static str)>,
}

const fn currency(one: &'static str, many: &'static str, part: (&'static str, &'static str)) -> Currency {
    Currency { one, many, part: Some(part) }
}

const CENTS: (&str, &str) = ("cent", "cents");
const DOLLAR: Currency = currency("dollar", "dollars", CENTS);
const POUND: Currency = currency("pound", "pounds", ("penny", "pence"));
const EURO: Currency = currency("euro", "euros", CENTS);
const YEN: Currency = Currency { one: "yen", many: "yen", part: None };
const RUPEE: Currency = currency("rupee", "rupees", ("paisa", "paise"));
const US_DOLLAR: Currency = currency("US dollar", "US dollars", CENTS);
const CANADIAN: Currency = currency("Canadian dollar", "Canadian dollars", CENTS);
const AUSTRALIAN: Currency = currency("Australian dollar", "Australian dollars", CENTS);
const MEXICAN: Currency = currency("Mexican peso", "Mexican pesos", ("centavo", "centavos"));

static SIGNS: [(char, Currency); 5] = [('$', DOLLAR), ('£', POUND), ('€', EURO), ('¥', YEN), ('₹', RUPEE)];
/// What stands before a dollar sign to say whose dollar it is.
static DOLLARS: [(&str, Currency); 7] = [
    ("US", US_DOLLAR),
    ("C", CANADIAN),
    ("CA", CANADIAN),
    ("A", AUSTRALIAN),
    ("AU", AUSTRALIAN),
    ("MX", MEXICAN),
    ("NZ", currency("New Zealand dollar", "New Zealand dollars", CENTS)),
];
/// ISO 4217.
static CODES: [(&str, Currency); 13] = [
    ("GBP", POUND),
    ("EUR", EURO),
    ("MXN", MEXICAN),
    ("CAD", CANADIAN),
    ("AUD", AUSTRALIAN),
    ("JPY", YEN),
    ("INR", RUPEE),
    ("CHF", currency("Swiss franc", "Swiss francs", ("centime", "centimes"))),
    ("COP", currency("Colombian peso", "Colombian pesos", ("centavo", "centavos"))),
    ("ARS", currency("Argentine peso", "Argentine pesos", ("centavo", "centavos"))),
    ("BRL", currency("Brazilian real", "Brazilian reais", ("centavo", "centavos"))),
    ("CNY", Currency { one: "yuan", many: "yuan", part: None }),
    ("NZD", currency("New Zealand dollar", "New Zealand dollars", CENTS)),
];
#[rustfmt::skip]
const SCALES: [(&str, &str); 18] = [
    ("K", "thousand"), ("k", "thousand"), ("M", "million"), ("m", "million"), ("MM", "million"),
    ("mn", "million"), ("Mn", "million"), ("mm", "million"), ("mil", "million"), ("B", "billion"),
    ("b", "billion"), ("bn", "billion"), ("Bn", "billion"), ("BN", "billion"), ("T", "trillion"),
    ("tn", "trillion"), ("trn", "trillion"), ("Tn", "trillion"),
];
const SCALE_WORDS: [&str; 5] = ["hundred", "thousand", "million", "billion", "trillion"];

/// A sum as it is written, without its currency.
struct Sum<'a> {
    number: Numeral<'a>,
    scale: Option<&'static str>,
    used: usize,
}

/// "$1,250.50", "USD 500", "£60-£120", "25 EUR", "99¢", "50p".
pub(super) fn money(place: &Place<'_>) -> Option<Said> {
    if let [Token::Digits(_), ..] = place.rest() {
        let sum = sum(place.rest())?;
        let (currency, used) = behind(from(place.rest(), sum.used), place.locale)?;
        return Some(finish(
            &spoken(&sum, currency, place, &place.on(sum.used + used)),
            place.on(sum.used + used),
            place,
        ));
    }
    let (currency, sign) = ahead(place.rest(), place.locale)?;
    let minus = usize::from(matches!(from(place.rest(), sign), [Token::Sign('-'), ..]));
    let first = sum(from(place.rest(), sign + minus))?;
    let mut end = place.on(sign + minus + first.used);
    let mut words = spoken(&first, currency, place, &end);
    if let Some((second, beyond)) = range(&end) {
        end = beyond;
        let plain = first.scale.is_none() && (first.number.fraction.is_none() || second.scale.is_some());
        let from = if plain { number_words(&first.number, place.locale) } else { words };
        words = format!("{from} {} {}", link(place), spoken(&second, currency, place, &end));
    }
    if minus == 1 {
        words.insert_str(0, "minus ");
    }
    Some(finish(&words, end, place))
}

fn finish(words: &str, end: Place<'_>, place: &Place<'_>) -> Said {
    const RATES: [(&str, &str); 5] = [
        ("pp", "per person"),
        ("pw", "per week"),
        ("pcm", "per month"),
        ("pa", "per annum"),
        ("ph", "per hour"),
    ];
    if let [Token::Space, Token::Word(word), rest @ ..] = end.rest()
        && let Some((_, rate)) = RATES.iter().find(|(short, _)| short == word)
        && ends(rest)
    {
        return Said::new(format!("{words} {rate}"), end.at - place.at + 2);
    }
    match per(&end) {
        Some(per) => Said::new(format!("{words} {}", per.words), end.at - place.at + per.used),
        None => Said::new(words, end.at - place.at),
    }
}

/// The currency that `tokens` begin with, and its length with the space behind it.
fn ahead(tokens: &[Token<'_>], locale: Locale) -> Option<(&'static Currency, usize)> {
    let (found, used) = match tokens {
        [Token::Word(country), Token::Sign('$'), ..] => {
            (DOLLARS.iter().find(|(name, _)| name == country).map(|(_, currency)| currency)?, 2)
        }
        [Token::Word(code), ..] => (coded(code, locale)?, 1),
        [Token::Sign(sign), ..] => {
            (SIGNS.iter().find(|(own, _)| own == sign).map(|(_, currency)| currency)?, 1)
        }
        _ => return None,
    };
    Some((found, used + space(from(tokens, used))))
}

/// "USD" says no more than "$" in the United States.
fn coded(code: &str, locale: Locale) -> Option<&'static Currency> {
    if code.len() != 3 {
        return None;
    }
    if code == "USD" {
        return Some(if locale == Locale::EnUs { &DOLLAR } else { &US_DOLLAR });
    }
    CODES.iter().find(|(name, _)| *name == code).map(|(_, currency)| currency)
}

fn sum<'a>(tokens: &[Token<'a>]) -> Option<Sum<'a>> {
    let number = number(tokens)?;
    let rest = from(tokens, number.used);
    let (scale, used) = match rest {
        [Token::Word(short), after @ ..] if ends(after) => {
            (SCALES.iter().find(|(sign, _)| sign == short).map(|(_, name)| *name), 1)
        }
        [Token::Space | Token::Sign('-'), Token::Word(word), ..] => {
            (SCALE_WORDS.iter().find(|name| name.eq_ignore_ascii_case(word)).copied(), 2)
        }
        _ => (None, 0),
    };
    let used = number.used + if scale.is_some() { used } else { 0 };
    Some(Sum { number, scale, used })
}

/// The upper end of a range, and the place behind it. Its currency may be written again.
fn range<'a>(here: &Place<'a>) -> Option<(Sum<'a>, Place<'a>)> {
    let dash = dash(here.rest())?;
    let sign = ahead(here.on(dash).rest(), here.locale).map_or(0, |(_, used)| used);
    let second = sum(here.on(dash + sign).rest())?;
    let end = here.on(dash + sign + second.used);
    (ends(end.rest()) && !matches!(end.rest(), [Token::Sign('-'), Token::Word(_), ..]))
        .then_some((second, end))
}

/// The currency behind a number, with the space before it.
fn behind(rest: &[Token<'_>], locale: Locale) -> Option<(&'static Currency, usize)> {
    static PENNIES: Currency = Currency { one: "penny", many: "pence", part: None };
    static COINS: Currency = Currency { one: "cent", many: "cents", part: None };
    let gap = space(rest);
    let (found, used) = match from(rest, gap) {
        [Token::Word("p"), ..] if gap == 0 => (&PENNIES, 1),
        [Token::Word(code), ..] => (coded(code, locale)?, 1),
        [Token::Sign('¢'), ..] => (&COINS, 1),
        [Token::Sign(sign @ ('€' | '£')), ..] => {
            (SIGNS.iter().find(|(own, _)| own == sign).map(|(_, currency)| currency)?, 1)
        }
        _ => return None,
    };
    let after = from(rest, gap + used);
    // "5 £10 vouchers": the sign belongs to what follows.
    ends(after).then_some((found, gap + used))
}

/// A sum in words.
fn spoken(sum: &Sum<'_>, currency: &Currency, place: &Place<'_>, after: &Place<'_>) -> String {
    let locale = place.locale;
    let Sum { number, scale, .. } = sum;
    let name = |one: &'static str, many: &'static str, alone: bool| {
        // "A two pence coin": pennies are counted one by one only.
        if alone || one != "penny" && adjective(place, after) { one } else { many }
    };
    if let Some(scale) = scale {
        return format!(
            "{} {scale} {}",
            number_words(number, locale),
            name(currency.one, currency.many, false)
        );
    }
    let units = || {
        let name = name(currency.one, currency.many, number.whole == "1");
        format!("{} {name}", whole_words(&number.whole, locale))
    };
    match (number.fraction, currency.part) {
        (None, _) => units(),
        (Some(cents), Some((one, many))) if cents.len() == 2 => match cents.parse() {
            Ok(0) | Err(_) => units(),
            Ok(cents) => {
                let cents = format!("{} {}", cardinal(cents, locale), name(one, many, cents == 1));
                if number.whole == "0" { cents } else { format!("{} and {cents}", units()) }
            }
        },
        (Some(_), _) => {
            format!("{} {}", number_words(number, locale), name(currency.one, currency.many, false))
        }
    }
}
