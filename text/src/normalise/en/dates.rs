//! Dates: "May twelfth, twenty twenty-five", "the twelfth of May twenty twenty-five".

mod figures;

use super::{
    numbers::{ordinal, year},
    place::{Place, Said, among, capital, dash, dot, ends, from, space},
    words::{COUNTED, MONTHS, SHORT_MONTHS},
};
use crate::{Locale, normalise::scan::Token};

/// Words after which a day takes no article: "the 4th of July", "Happy 4th of July".
const ARTICLES: [&str; 11] =
    ["the", "happy", "this", "every", "each", "next", "last", "a", "our", "your", "annual"];

/// A day as it was written.
struct Day {
    number: u64,
    month: usize,
    year: Option<u64>,
    /// Whether it is said "the twelfth of May": "May twelfth" otherwise.
    month_last: bool,
    used: usize,
}

/// A date or a range of dates.
pub(super) fn date(place: &Place<'_>) -> Option<Said> {
    if let Some(said) = days_of_month(place).or_else(|| month_and_days(place)) {
        return Some(said);
    }
    let first = day(place)?;
    let here = place.on(first.used);
    let next = dash(here.rest()).and_then(|dash| day(&here.on(dash)).map(|next| (next, dash)));
    match next {
        Some((next, dash)) => {
            let words = format!("{} {} {}", first.words(place), through(place), next.words(&here.on(dash)));
            Some(Said::new(words, first.used + dash + next.used))
        }
        None => Some(Said::new(first.words(place), first.used)),
    }
}

/// The word between the ends of a stretch of days.
pub(super) fn through(place: &Place<'_>) -> &'static str {
    match place.locale {
        _ if place.after(&["between"]) => "and",
        Locale::EnUs => "through",
        _ => "to",
    }
}

impl Day {
    fn words(&self, place: &Place<'_>) -> String {
        let locale = place.locale;
        let rank = ordinal(self.number, locale);
        let month = MONTHS.get(self.month).copied().unwrap_or_default();
        let year = self.year.map(|n| year(n, locale));
        let article = if place.after(&ARTICLES) { "" } else { "the " };
        match (self.month_last, year) {
            (true, Some(year)) => format!("{article}{rank} of {month} {year}"),
            (true, None) => format!("{article}{rank} of {month}"),
            (false, year) => {
                let article = if place.british() { "the " } else { "" };
                let year = year.map(|year| format!(", {year}")).unwrap_or_default();
                format!("{month} {article}{rank}{year}")
            }
        }
    }
}

/// The one day that is written here.
fn day(place: &Place<'_>) -> Option<Day> {
    match place.rest() {
        [Token::Digits(_), ..] => day_first(place).or_else(|| figures::read(place)),
        [Token::Word(_), ..] => month_first(place),
        _ => None,
    }
}

/// The month that `rest` begins with, and its length. "may" and "march" in small letters are words.
pub(super) fn month(rest: &[Token<'_>]) -> Option<(usize, usize)> {
    let [Token::Word(word), after @ ..] = rest else { return None };
    if !(3..=9).contains(&word.len()) || !ends(after) {
        return None;
    }
    let full = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(word));
    if let Some(month) = full.filter(|_| capital(word) || !among(word, &["may", "march"])) {
        return Some((month, 1));
    }
    let (_, month) = SHORT_MONTHS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word))?;
    capital(word).then_some((*month, 1 + dot(after)))
}

/// A day of the month in figures, with or without its ending, and its length.
fn figure(rest: &[Token<'_>]) -> Option<(u64, usize)> {
    let [Token::Digits(digits), after @ ..] = rest else { return None };
    let day = digits.parse().ok().filter(|day| (1..=31).contains(day) && digits.len() <= 2)?;
    match after {
        [Token::Word(ending), ..] => among(ending, &["st", "nd", "rd", "th"]).then_some((day, 2)),
        [Token::Sign(':' | '%' | '°'), ..] | [Token::Sign('.' | ','), Token::Digits(_), ..] => None,
        [Token::Space, Token::Word(word), ..]
            if among(word, &COUNTED) || among(word, &["percent", "per"]) =>
        {
            None
        }
        _ => Some((day, 1)),
    }
}

/// The year behind a date, and its length with what stands before it.
fn year_after(rest: &[Token<'_>]) -> Option<(u64, usize)> {
    let (gap, digits) = match rest {
        [Token::Sign(','), Token::Space, Token::Digits(digits), ..] => (2, digits),
        [Token::Space | Token::Sign('-' | ','), Token::Digits(digits), ..] => (1, digits),
        _ => return None,
    };
    let after = from(rest, gap + 1);
    let whole = ends(after) && !matches!(after, [Token::Sign(':' | '-' | ',' | '/'), Token::Digits(_), ..]);
    let year =
        digits.parse().ok().filter(|year| digits.len() == 4 && (1000..3000).contains(year) && whole)?;
    Some((year, gap + 1))
}

/// "May 12, 2025", "Sept. 5".
fn month_first(place: &Place<'_>) -> Option<Day> {
    let rest = place.rest();
    let (month, named) = month(rest)?;
    let [Token::Space | Token::Sign('-'), ..] = from(rest, named) else { return None };
    let (day, used) = figure(from(rest, named + 1))?;
    let used = named + 1 + used;
    let year = year_after(from(rest, used));
    let used = used + year.map_or(0, |(_, used)| used);
    Some(Day { number: day, month, year: year.map(|(year, _)| year), month_last: false, used })
}

/// "12 May 2025", "12th of May".
fn day_first(place: &Place<'_>) -> Option<Day> {
    let rest = place.rest();
    let (day, used) = figure(rest)?;
    let gap = match from(rest, used) {
        [Token::Space, Token::Word("of"), Token::Space, ..] => 3,
        [Token::Space | Token::Sign('-'), ..] => 1,
        _ => return None,
    };
    let (month, named) = month(from(rest, used + gap))?;
    let used = used + gap + named;
    let year = year_after(from(rest, used));
    let used = used + year.map_or(0, |(_, used)| used);
    Some(Day { number: day, month, year: year.map(|(year, _)| year), month_last: true, used })
}

/// Several days of one month, the month last: "5-7 May", "5 and 6 May".
fn days_of_month(place: &Place<'_>) -> Option<Said> {
    let rest = place.rest();
    let (first, used) = figure(rest)?;
    let (link, gap) = between_days(from(rest, used), place)?;
    let last = day_first(&place.on(used + gap))?;
    let article = if place.after(&ARTICLES) { "" } else { "the " };
    let second = last.words(&place.on(used + gap));
    let second = if link == "and" { second.trim_start_matches("the ") } else { &second };
    let words = format!("{article}{} {link} {second}", ordinal(first, place.locale));
    Some(Said::new(words, used + gap + last.used))
}

/// Several days of one month, the month first: "May 5-7", "May 5 and 6".
fn month_and_days(place: &Place<'_>) -> Option<Said> {
    let first = month_first(place).filter(|first| first.year.is_none())?;
    let rest = from(place.rest(), first.used);
    let (link, gap) = between_days(rest, place)?;
    let (last, used) = figure(from(rest, gap)).filter(|(last, _)| *last > first.number)?;
    let after = from(rest, gap + used);
    let counts = matches!(after, [Token::Space, Token::Word(word), ..]
        if !among(word, &["at", "from", "in", "for", "between", "on", "only", "and", "or", "will", "is", "are", "to", "by", "with"]));
    if counts
        || !ends(after)
        || matches!(after, [Token::Sign('/' | '-'), ..])
        || day_first(&place.on(first.used + gap)).is_some()
    {
        return None;
    }
    let behind = year_after(after);
    let mut words = format!(
        "{} {link} {}{}",
        first.words(place),
        if place.british() { "the " } else { "" },
        ordinal(last, place.locale)
    );
    if let Some((n, _)) = behind {
        words = format!("{words}, {}", year(n, place.locale));
    }
    Some(Said::new(words, first.used + gap + used + behind.map_or(0, |(_, used)| used)))
}

/// What joins two days, as it is said, and its length.
fn between_days(rest: &[Token<'_>], place: &Place<'_>) -> Option<(&'static str, usize)> {
    match rest {
        [Token::Space, Token::Word("and") | Token::Sign('&'), Token::Space, ..] => Some(("and", 3)),
        [Token::Space, Token::Word("or"), Token::Space, ..] => Some(("or", 3)),
        [Token::Space, Token::Word("to"), Token::Space, ..] => Some(("to", 3)),
        [Token::Space, Token::Word("through"), Token::Space, ..] => Some(("through", 3)),
        _ => dash(rest).map(|used| (through(place), used)),
    }
}

/// A month with its year, or a month's short form: "May 2025", "05/2025", "in Sept."
pub(super) fn month_alone(place: &Place<'_>) -> Option<Said> {
    if let [Token::Digits(figures), Token::Sign('/'), Token::Digits(n), rest @ ..] = place.rest() {
        let month = figures.parse::<usize>().ok()?.checked_sub(1)?;
        let n = n.parse().ok().filter(|n| (1900..2100).contains(n) && ends(rest))?;
        return Some(Said::new(format!("{} {}", MONTHS.get(month)?, year(n, place.locale)), 3));
    }
    let rest = place.rest();
    let (index, used) = month(rest)?;
    let name = MONTHS.get(index).copied()?;
    if let Some((n, after)) = year_after(from(rest, used)).filter(|_| space(from(rest, used)) == 1) {
        return Some(Said::new(format!("{name} {}", year(n, place.locale)), used + after));
    }
    let [Token::Word(word), after @ ..] = rest else { return None };
    if word.len() > 4 || name.eq_ignore_ascii_case(word) {
        return None;
    }
    let dotted = matches!(after, [Token::Sign('.'), ..]);
    let range = matches!(after, [Token::Sign('-' | '/'), Token::Word(_), ..]);
    // "Jan", "Jun" and "Mar" are names and words.
    let sure = !among(word, &["jan", "jun", "jul", "mar", "sep"])
        && word.get(1..)? == word.get(1..)?.to_ascii_lowercase();
    (dotted || range || sure).then(|| Said::new(name, used))
}
