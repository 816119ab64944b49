//! Dates in figures: "05/12/2025", "2025-05-12", "3/4".

use super::Day;
use crate::normalise::{
    en::{
        place::{Place, among, ends},
        quantity::is_fraction,
        words::{MONTHS, WEEKDAYS},
    },
    scan::Token,
};

/// Words before figures such as 3/4 that make them a date.
#[rustfmt::skip]
const CUES: [&str; 28] = [
    "on", "by", "before", "after", "until", "till", "from", "since", "due", "through", "thru", "to", "starting",
    "effective", "dated", "date", "expires", "ends", "begins", "beginning", "deadline", "closes", "opens",
    "open", "reopen", "reopens", "resume", "resumes",
];

/// Two figures of a year are of this century up to here.
const TURN: u64 = 69;

/// A date in figures.
pub(super) fn read(place: &Place<'_>) -> Option<Day> {
    with_year(place).or_else(|| without_year(place))
}

/// A date in figures with its year.
fn with_year(place: &Place<'_>) -> Option<Day> {
    let [
        Token::Digits(a),
        Token::Sign(mark @ ('/' | '-' | '.')),
        Token::Digits(b),
        Token::Sign(again),
        Token::Digits(c),
        rest @ ..,
    ] = place.rest()
    else {
        return None;
    };
    let joined = matches!(rest, [Token::Sign('/' | '-' | '.'), Token::Digits(_), ..]);
    if mark != again || joined || b.len() > 2 || place.after(&["code", "version", "v"]) {
        return None;
    }
    let time = matches!(rest, [Token::Word("T"), Token::Digits(_), ..]);
    if !ends(rest) && !time {
        return None;
    }
    let number = |digits: &str| digits.parse::<u64>().ok();
    if a.len() == 4 {
        let (day, month) = valid(number(c)?, number(b)?)?;
        return Some(Day {
            number: day,
            month,
            year: number(a),
            month_last: place.british(),
            used: 5 + usize::from(time),
        });
    }
    let year = match (c.len(), number(c)?) {
        (4, year) => year,
        (2, year) if *mark != '.' || a.len() == 2 && b.len() == 2 => {
            year + if year <= TURN { 2000 } else { 1900 }
        }
        _ => return None,
    };
    let (day, month) = either(a, b, place.british() || *mark == '.')?;
    Some(Day { number: day, month, year: Some(year), month_last: place.british(), used: 5 })
}

/// Day and month without a year: "3/4". Half and two thirds are written so too.
fn without_year(place: &Place<'_>) -> Option<Day> {
    let [Token::Digits(a), Token::Sign('/'), Token::Digits(b), rest @ ..] = place.rest() else { return None };
    if !ends(rest) || matches!(rest, [Token::Sign('/' | '%'), ..]) || a.len() > 2 || b.len() > 2 {
        return None;
    }
    let (day, month) = either(a, b, place.british())?;
    let weekday = |word: &str| WEEKDAYS.iter().any(|(name, short)| word == *name || short.contains(&word));
    let dated = match place.before() {
        [.., Token::Word(word), Token::Sign(',' | '.'), Token::Space] => weekday(word),
        [.., Token::Word(word), Token::Space] => weekday(word) || among(word, &CUES),
        [.., Token::Digits(_), Token::Sign('-')] | [.., Token::Sign('(')] => true,
        _ => false,
    };
    let timed = matches!(rest, [Token::Space, Token::Word(word), Token::Space, Token::Digits(_), ..]
        if among(word, &["at", "from", "between"]));
    let parts = is_fraction(place.rest());
    let kind = matches!(rest, [Token::Space, Token::Word(word), ..] if among(word, &["of", "mile", "cup", "inch", "hour", "price"]));
    ((dated || timed || !parts && a != b) && !kind).then_some(Day {
        number: day,
        month,
        year: None,
        month_last: place.british(),
        used: 3,
    })
}

/// Day and month in the order of the place, or in the other where only that is a date.
fn either(a: &str, b: &str, day_first: bool) -> Option<(u64, usize)> {
    let (a, b) = (a.parse().ok()?, b.parse().ok()?);
    if day_first { valid(a, b).or_else(|| valid(b, a)) } else { valid(b, a).or_else(|| valid(a, b)) }
}

/// The day, and the month's place in the year.
fn valid(day: u64, month: u64) -> Option<(u64, usize)> {
    let month = usize::try_from(month).ok()?.checked_sub(1)?;
    (month < MONTHS.len() && (1..=31).contains(&day)).then_some((day, month))
}
