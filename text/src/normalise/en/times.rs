//! Times of day: "three thirty PM", "nine o'clock", "eight oh five".
//!
//! AM and PM are in capitals without dots: every engine then says the letters ("a m" is heard as an article), and no
//! dot looks like the end of a sentence. The 24-hour clock is for the eye: 15:30 is said "three thirty PM".

use super::{
    measures::link,
    numbers::cardinal,
    place::{Place, Said, among, capital, dash, ends, from, sentence_over, space},
};
use crate::{Locale, normalise::scan::Token};

/// Time zones as they are said. Others are letters that engines spell.
#[rustfmt::skip]
const ZONES: [(&str, &str); 22] = [
    ("ET", "Eastern Time"), ("EST", "Eastern Standard Time"), ("EDT", "Eastern Daylight Time"),
    ("CT", "Central Time"), ("CST", "Central Standard Time"), ("CDT", "Central Daylight Time"),
    ("MT", "Mountain Time"), ("MST", "Mountain Standard Time"), ("MDT", "Mountain Daylight Time"),
    ("PT", "Pacific Time"), ("PST", "Pacific Standard Time"), ("PDT", "Pacific Daylight Time"),
    ("AKST", "Alaska Standard Time"), ("AKDT", "Alaska Daylight Time"), ("AKT", "Alaska Time"),
    ("HST", "Hawaii Standard Time"), ("AST", "Atlantic Standard Time"), ("GMT", "G M T"), ("BST", "B S T"),
    ("UTC", "U T C"), ("CET", "C E T"), ("CEST", "C E S T"),
];

/// Before or after noon.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Am,
    Pm,
}

/// A time as it was written.
struct Clock {
    hour: u64,
    minute: Option<u64>,
    seconds: Option<u64>,
    half: Option<Half>,
    /// Whether the hour has a zero in front, as on a 24-hour clock.
    zero: bool,
    used: usize,
}

/// A time or a range of times, with its zone.
pub(super) fn time(place: &Place<'_>) -> Option<Said> {
    if let [
        Token::Digits(eastern),
        Token::Sign('/'),
        Token::Digits(central),
        Token::Word("c" | "C"),
        rest @ ..,
    ] = place.rest()
        && ends(rest)
    {
        // A programme's time in two zones: "8/7c".
        let words = [hour(eastern)?, hour(central)?].map(|hour| cardinal(hour, place.locale));
        return Some(Said::new(format!("{} Central", words.join(", ")), 4));
    }
    let first = clock(place.rest()).or_else(|| hundred_hours(place)).or_else(|| departure(place));
    let bare = first.or_else(|| bare_hour(place.rest()))?;
    let here = place.on(bare.used);
    if let Some((words, used)) = range(&bare, &here, place) {
        return Some(with_zone(words, place.on(bare.used + used), place));
    }
    if bare.minute.is_none() && bare.half.is_none() {
        return None;
    }
    let said = matches!(here.rest(), [Token::Space, Token::Word("o"), Token::Sign('\''), ..]);
    Some(with_zone(bare.words(said, place.locale), here, place))
}

/// The words of a range that begins with `first`, and how many tokens follow it.
fn range(first: &Clock, here: &Place<'_>, place: &Place<'_>) -> Option<(String, usize)> {
    let dash = dash(here.rest())?;
    let rest = from(here.rest(), dash);
    if let [Token::Word(word), ..] = rest
        && among(word, &["noon", "midnight"])
    {
        return Some((format!("{} {} {word}", first.words(true, place.locale), link(place)), dash + 1));
    }
    let second = clock(rest).or_else(|| bare_hour(rest))?;
    let timed =
        first.half.is_some() || first.minute.is_some() || second.half.is_some() || second.minute.is_some();
    let open = second.half.is_none() && second.minute.is_none() && unfinished(from(rest, second.used));
    (timed && !open).then(|| {
        let words = [first.words(true, place.locale), second.words(true, place.locale)];
        (words.join(&format!(" {} ", link(place))), dash + second.used)
    })
}

/// Whether a bare hour goes on and is none: "9:30-5%", "9:30-11/2".
fn unfinished(rest: &[Token<'_>]) -> bool {
    !ends(rest)
        || matches!(
            rest,
            [Token::Sign('%' | '°' | '/' | '-'), ..] | [Token::Sign('.' | ','), Token::Digits(_), ..]
        )
}

fn hour(digits: &str) -> Option<u64> {
    (digits.len() <= 2).then(|| digits.parse().ok()).flatten().filter(|hour| *hour <= 24)
}

/// An hour without minutes or half of the day.
fn bare_hour(rest: &[Token<'_>]) -> Option<Clock> {
    let [Token::Digits(digits), ..] = rest else { return None };
    let hour = hour(digits).filter(|hour| (1..=12).contains(hour))?;
    Some(Clock { hour, minute: None, seconds: None, half: None, zero: false, used: 1 })
}

/// The time that `rest` begins with: "3:30 pm", "15:30", "8am", "7.30pm".
fn clock(rest: &[Token<'_>]) -> Option<Clock> {
    let [Token::Digits(digits), after @ ..] = rest else { return None };
    let hour = hour(digits)?;
    let (minute, used) = match after {
        [Token::Sign(':' | '.'), Token::Digits(minute), ..] if minute.len() == 2 => {
            (Some(minute.parse().ok().filter(|minute| *minute < 60)?), 3)
        }
        [Token::Sign(':'), Token::Digits(_), ..] => return None,
        _ => (None, 1),
    };
    let dotted = matches!(after, [Token::Sign('.'), Token::Digits(_), ..]);
    let (seconds, more) = match from(rest, used) {
        [Token::Sign(':'), Token::Digits(seconds), ..] if used == 3 && seconds.len() == 2 => {
            (seconds.parse().ok(), 2)
        }
        _ => (None, 0),
    };
    let zero = digits.starts_with('0') && minute.is_some();
    let used = used + more;
    match half(from(rest, used)).filter(|_| (1..=23).contains(&hour)) {
        Some((half, more)) => {
            Some(Clock { hour, minute, seconds, half: Some(half), zero, used: used + more })
        }
        None if minute.is_none() || dotted || !ends(from(rest, used)) => None,
        None => Some(Clock {
            hour,
            minute,
            seconds,
            half: None,
            zero,
            used: used + hours_word(from(rest, used), hour),
        }),
    }
}

/// "0930 hrs", "at 1500 hours".
fn hundred_hours(place: &Place<'_>) -> Option<Clock> {
    let [Token::Digits(figures), Token::Space, Token::Word(word), ..] = place.rest() else { return None };
    let timed =
        figures.starts_with('0') || place.after(&["at", "by", "from", "until", "to", "before", "after"]);
    if figures.len() != 4 || !timed || !among(word, &["hrs", "hours", "h"]) {
        return None;
    }
    let (hours, minutes) = figures.split_at_checked(2)?;
    let minute = minutes.parse().ok().filter(|minute| *minute < 60)?;
    Some(Clock { hour: hour(hours)?, minute: Some(minute), seconds: None, half: None, zero: true, used: 3 })
}

/// "The 6.15 from Leeds".
fn departure(place: &Place<'_>) -> Option<Clock> {
    let [Token::Digits(hours), Token::Sign('.'), Token::Digits(minutes), Token::Space, Token::Word(word), ..] =
        place.rest()
    else {
        return None;
    };
    let leaves = place.after(&["the"]) && among(word, &["from", "to", "train", "bus", "service"]);
    let minute = minutes.parse().ok().filter(|minute| leaves && minutes.len() == 2 && *minute < 60)?;
    let zero = hours.starts_with('0');
    Some(Clock { hour: hour(hours)?, minute: Some(minute), seconds: None, half: None, zero, used: 3 })
}

/// "hrs" behind a 24-hour time, which is not said.
fn hours_word(rest: &[Token<'_>], hour: u64) -> usize {
    match rest {
        [Token::Space, Token::Word(word), ..]
            if (hour > 12 || hour == 0) && among(word, &["hrs", "hours", "h"]) =>
        {
            2
        }
        _ => 0,
    }
}

/// "am", "p.m.", "A. M.", and its length. Its last dot stays where it ends the sentence.
fn half(rest: &[Token<'_>]) -> Option<(Half, usize)> {
    let gap = space(rest);
    let (half, used, after) = match from(rest, gap) {
        [Token::Word(word), after @ ..] if among(word, &["am", "pm"]) => (word, 1, after),
        [Token::Word(half), Token::Sign('.'), Token::Word("m" | "M"), after @ ..] => (half, 3, after),
        [Token::Word(half), Token::Sign('.'), Token::Space, Token::Word("m" | "M"), after @ ..] => {
            (half, 4, after)
        }
        _ => return None,
    };
    let half = match half.as_bytes() {
        [b'a' | b'A', ..] if half.len() <= 2 => Half::Am,
        [b'p' | b'P', ..] if half.len() <= 2 => Half::Pm,
        _ => return None,
    };
    let dot = match after {
        // "8am. Breakfast": where there is no dot inside, the last one is the sentence's.
        [Token::Sign('.'), Token::Space, Token::Word(next), ..] if used == 1 && capital(next) => 0,
        [Token::Sign('.'), beyond @ ..] => usize::from(!sentence_over(beyond)),
        _ => 0,
    };
    ends(after).then_some((half, gap + used + dot))
}

impl Clock {
    /// The time in words; an hour without minutes or half is "nine o'clock", unless it is `short`.
    fn words(&self, short: bool, locale: Locale) -> String {
        if self.hour.is_multiple_of(24) && self.minute == Some(0) {
            return "midnight".to_owned();
        }
        let day = self.hour == 0 || self.hour > 12 || self.zero;
        let half = match self.half {
            _ if self.hour > 12 && self.hour < 24 => Some(Half::Pm),
            None if day => Some(Half::Am),
            written => written,
        };
        let hour = cardinal(if self.hour.is_multiple_of(12) { 12 } else { self.hour % 12 }, locale);
        let minute = self.minute.unwrap_or(0);
        let time = match minute {
            0 if half.is_none() && !short => format!("{hour} o'clock"),
            0 => hour,
            1..10 => format!("{hour} oh {}", cardinal(minute, locale)),
            _ => format!("{hour} {}", cardinal(minute, locale)),
        };
        let time = match self.seconds {
            None | Some(0) => time,
            Some(1) => format!("{time} and one second"),
            Some(seconds) => format!("{time} and {} seconds", cardinal(seconds, locale)),
        };
        match half {
            Some(Half::Am) => format!("{time} AM"),
            Some(Half::Pm) => format!("{time} PM"),
            None => time,
        }
    }
}

/// The words, with the time zone at `after`.
fn with_zone(words: String, after: Place<'_>, place: &Place<'_>) -> Said {
    let used = after.at - place.at;
    let zone = |name: &str| ZONES.iter().find(|(short, _)| *short == name).map(|(_, zone)| *zone);
    match after.rest() {
        [Token::Space, Token::Word(name), rest @ ..] if ends(rest) => match zone(name) {
            Some(zone) => Said::new(format!("{words} {zone}"), used + 2),
            None => Said::new(words, used),
        },
        [Token::Space, Token::Sign('('), Token::Word(name), Token::Sign(')'), ..] => match zone(name) {
            Some(zone) => Said::new(format!("{words}, {zone}"), used + 4),
            None => Said::new(words, used),
        },
        _ => Said::new(words, used),
    }
}
