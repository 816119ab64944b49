//! Dates.

use super::super::scan::Token;
use super::place::{Place, Said};
use super::words::{self, Form};
use super::{fraction, range, time};
use crate::Locale;

pub(in super::super) const MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// Before two figures with a stroke, these say that they are a day and a month.
#[rustfmt::skip]
const BEFORE_DATES: &[&str] = &[
    "al", "antes", "día", "días", "de", "del", "desde", "el", "entre", "fecha", "hasta", "vence", "vencimiento", "vencía", "válido", "válida",
    "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo", "hoy", "mañana", "cita", "corte", "límite",
];

/// After these, a number and a year.
const LAWS: &[&str] =
    &["acuerdo", "circular", "decreto", "dnu", "expediente", "ley", "orden", "rd", "resolución", "sentencia"];

/// The number of a month by its name or its short form, in small letters.
pub(super) fn month(name: &str) -> Option<usize> {
    let short = match name {
        "set" | "sept" | "setiembre" => "septiembre",
        _ => name,
    };
    let known = |full: &&str| **full == *short || short.chars().count() == 3 && full.starts_with(short);
    MONTHS.iter().position(known).map(|at| at + 1)
}

/// A day of the calendar.
struct Date<'a> {
    day: u64,
    month: usize,
    /// The month as it was written, where that was in full.
    written: Option<&'a str>,
    year: Option<&'a str>,
    used: usize,
}

/// Whether a date begins here, with a year or without.
pub(super) fn begins(place: &Place<'_>) -> bool {
    in_figures(place).or_else(|| with_month(place)).or_else(|| without_year(place)).is_some()
}

/// A date in figures, or with its month in letters.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    place.ahead.first()?.digits()?;
    if matches!(place.before.last(), Some(Token::Word(_) | Token::Sign('/' | '.' | ','))) {
        return None;
    }
    let date = in_figures(place)
        .or_else(|| with_month(place))
        .or_else(|| without_year(place).filter(|date| is_date(place, date)));
    let Some(date) = date else { return days_of_a_month(place).or_else(|| month_and_year(place)) };
    let mut spoken = date.in_words(place.locale);
    let rest = place.after(date.used);
    let gap = match rest.ahead {
        [Token::Space, Token::Sign('-'), Token::Space, ..] => 3,
        [Token::Sign(','), Token::Space, ..] => 2,
        [Token::Space | Token::Word("T"), ..] => 1,
        _ => 0,
    };
    if gap > 0 && time::clock(&rest.after(gap)).is_some() {
        let one = rest
            .after(gap)
            .ahead
            .first()
            .and_then(|hour| hour.digits())
            .is_some_and(|hour| matches!(hour, "1" | "01"));
        spoken.push_str(if one { " a la " } else { " a las " });
        return Said::new(spoken, date.used + gap);
    }
    if let Some(dash) = range::dash(&rest)
        && in_figures(&rest.after(dash)).or_else(|| without_year(&rest.after(dash))).is_some()
    {
        spoken.push_str(" al ");
        return Said::new(spoken, date.used + dash);
    }
    Said::new(spoken, date.used)
}

impl Date<'_> {
    fn in_words(&self, locale: Locale) -> String {
        let name = self.month.checked_sub(1).and_then(|at| MONTHS.get(at)).copied().unwrap_or_default();
        let month = self.written.unwrap_or(name);
        let mut spoken = format!("{} de {month}", day(self.day, locale));
        if let Some(year) = self.year {
            spoken.push_str(" de ");
            spoken.push_str(&full_year(year));
        }
        spoken
    }
}

/// The day of a month: the first is said as an ordinal in America.
fn day(day: u64, locale: Locale) -> String {
    if day == 1 && locale != Locale::EsEs { "primero".to_owned() } else { words::cardinal(day, Form::Alone) }
}

fn full_year(digits: &str) -> String {
    let year: u64 = digits.parse().unwrap_or(0);
    let century = match digits.len() {
        2 if year < 50 => 2_000,
        2 => 1_900,
        _ => 0,
    };
    words::cardinal(century + year, Form::Alone)
}

/// Digits as a number of at most `most`, and of two digits at most.
fn small(digits: &str, most: u64) -> Option<u64> {
    digits.parse().ok().filter(|value| digits.len() <= 2 && (1..=most).contains(value))
}

fn valid<'a>(day: &str, month: &str, year: Option<&'a str>, used: usize) -> Option<Date<'a>> {
    let month = usize::try_from(small(month, 12)?).ok()?;
    Some(Date { day: small(day, 31)?, month, written: None, year, used })
}

/// Day, month and year, the day first unless it cannot be; or the year first.
fn in_figures<'a>(place: &Place<'a>) -> Option<Date<'a>> {
    let [Token::Digits(a), Token::Sign(one), Token::Digits(b), Token::Sign(two), Token::Digits(c), rest @ ..] =
        place.ahead
    else {
        return None;
    };
    if one != two
        || !matches!(one, '/' | '-' | '.')
        || matches!(rest, [Token::Sign('/' | '-' | '.'), Token::Digits(_), ..])
    {
        return None;
    }
    if a.len() == 4 {
        return valid(c, b, Some(a), 5).filter(|_| plausible(a) && b.len() == 2);
    }
    let short = c.len() == 2 && (*one != '.' || a.len() == 2 && b.len() == 2);
    if !(short || c.len() == 4 && plausible(c)) {
        return None;
    }
    valid(a, b, Some(c), 5).or_else(|| valid(b, a, Some(c), 5))
}

fn plausible(year: &str) -> bool {
    ["17", "18", "19", "20", "21"].iter().any(|century| year.starts_with(century))
}

/// 12-may-2025, 12/may/25, 12 mayo 2025, 1 de mayo.
fn with_month<'a>(place: &Place<'a>) -> Option<Date<'a>> {
    let (day, at, named) = match place.ahead {
        [Token::Digits(day), Token::Space, Token::Word("de"), Token::Space, Token::Word(_), ..] => {
            (day, 4, true)
        }
        [Token::Digits(day), Token::Space | Token::Sign('-' | '/'), Token::Word(_), ..] => (day, 2, false),
        _ => return None,
    };
    let name = place.ahead.get(at)?.word()?.to_lowercase();
    let number = month(&name)?;
    let stop = name.len() < 5
        && name != "mayo"
        && place.ahead.get(at + 1) == Some(&Token::Sign('.'))
        && !place.after(at + 2).ends_sentence();
    let used = at + 1 + usize::from(stop);
    let written = place.ahead.get(at)?.word().filter(|_| MONTHS.contains(&name.as_str()));
    let date = Date { day: small(day, 31)?, month: number, written, year: None, used };
    let year = match place.ahead.get(used..)? {
        [Token::Sign('-' | '/'), Token::Digits(year), ..] => Some((*year, 2)),
        [Token::Space, Token::Digits(year), ..] if year.len() == 4 && plausible(year) => Some((*year, 2)),
        [Token::Sign(','), Token::Space, Token::Digits(year), ..] if year.len() == 4 && plausible(year) => {
            Some((*year, 3))
        }
        _ => None,
    };
    if let Some((year, more)) = year.filter(|(year, _)| matches!(year.len(), 2 | 4)) {
        return Some(Date { year: Some(year), used: used + more, ..date });
    }
    // "12 mar" may be the sea, "3 sept" hardly anything but a month.
    let sure = named || at == 2 && (stop || !matches!(name.as_str(), "mar" | "may" | "set"));
    sure.then_some(date)
}

/// Day and month with a stroke.
fn without_year<'a>(place: &Place<'a>) -> Option<Date<'a>> {
    match place.ahead {
        [Token::Digits(day), Token::Sign('/'), Token::Digits(month), rest @ ..]
            if !matches!(rest, [Token::Sign('/' | '%'), ..] | [Token::Space, Token::Sign('%'), ..]) =>
        {
            valid(day, month, None, 3)
        }
        _ => None,
    }
}

/// Whether two figures with a stroke are meant as a date: the words before say so, or nothing else looks like that.
fn is_date(place: &Place<'_>, date: &Date<'_>) -> bool {
    let (Some(Token::Digits(day)), Some(Token::Digits(month))) = (place.ahead.first(), place.ahead.get(2))
    else {
        return false;
    };
    if fraction::is_share(place) {
        return false;
    }
    let ratio = matches!(
        (*day, *month),
        ("24", "7")
            | ("10", "10" | "5")
            | ("1" | "2" | "3", "2" | "3" | "4" | "5" | "8")
            | ("5" | "6" | "7" | "8" | "9", "10")
    );
    let timed = time::clock(&place.after(3).past_space()).is_some();
    let introduced = place.word_before().is_some_and(|word| BEFORE_DATES.contains(&&*word))
        || matches!(place.before, [.., Token::Sign(':'), Token::Space]);
    let counts = matches!(place.after(3).ahead, [Token::Space, Token::Word(word), ..] if super::noun::form_before(&word.to_lowercase()).is_some())
        || matches!(place.after(3).ahead, [Token::Space, Token::Word("de"), ..]);
    let padded = month.starts_with('0') || day.starts_with('0');
    timed || padded || (introduced && !(ratio && counts)) || date.day > 12 && !ratio || !ratio
}

/// "3-7 de mayo", "1 y 2 de mayo": the first of two days of a month.
fn days_of_a_month(place: &Place<'_>) -> Option<Said> {
    let first = small(place.ahead.first()?.digits()?, 31)?;
    let rest = place.after(1);
    let (used, joint) = match rest.ahead {
        [Token::Space, Token::Word("y"), Token::Space, Token::Digits(_), ..] => (3, " y "),
        [Token::Space, Token::Word("al"), Token::Space, Token::Digits(_), ..] => (3, " al "),
        _ => (range::dash(&rest)?, " al "),
    };
    let second = rest.after(used);
    let [Token::Digits(_), Token::Space, Token::Word("de"), ..] = second.ahead else { return None };
    with_month(&second)?;
    Said::new(format!("{}{joint}", day(first, place.locale)), 1 + used)
}

/// 05/2025, and 12/27 as cards have it.
fn month_and_year(place: &Place<'_>) -> Option<Said> {
    let [Token::Digits(first), Token::Sign('/'), Token::Digits(year), rest @ ..] = place.ahead else {
        return None;
    };
    let name = MONTHS.get(usize::try_from(small(first, 12)?).ok()?.checked_sub(1)?)?;
    // "Decreto 12/2023"
    let law = place.word_before().is_some_and(|word| LAWS.contains(&&*word));
    let card = year.len() == 2 && first.len() == 2 && matches!(year.parse(), Ok(24..=45));
    let full = year.len() == 4 && plausible(year);
    let alone = !matches!(rest, [Token::Sign('/'), ..]);
    (alone && !law && (card || full))
        .then(|| Said { words: format!("{name} de {}", full_year(year)), used: 3 })
}

/// "mayo 1 de 2025", as Colombians write it; "sept 2025".
pub(super) fn read_month_day(place: &Place<'_>) -> Option<Said> {
    if let [Token::Word(_), Token::Space, Token::Digits(year), ..] = place.ahead
        && year.len() == 4
        && plausible(year)
        && place.after(3).is_loose_end()
    {
        let name = MONTHS.get(month(&place.word())?.checked_sub(1)?)?;
        return Said::new(format!("{name} de {}", full_year(year)), 3);
    }
    let [Token::Word(name), Token::Space, Token::Digits(day @ ("1" | "01")), rest @ ..] = place.ahead else {
        return None;
    };
    let full = MONTHS.iter().find(|month| **month == name.to_lowercase())?;
    let bare = matches!(
        rest,
        [] | [Token::Space, Token::Word("de" | "del" | "a" | "y" | "al"), ..]
            | [Token::Sign(','), Token::Space, ..]
    );
    (bare && !day.is_empty() && place.locale != Locale::EsEs)
        .then(|| Said { words: format!("{full} primero"), used: 3 })
}
