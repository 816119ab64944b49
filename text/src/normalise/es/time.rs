//! Times of day.

use super::super::scan::Token;
use super::place::{Place, Said};
use super::words::{self, Form};
use crate::Locale;

/// A time as it was written.
pub(super) struct Clock {
    hour: u64,
    minute: u64,
    second: Option<u64>,
    half: Option<Half>,
    /// An `h` or `horas` was written with it.
    marked: bool,
    pub(super) used: usize,
}

/// Which half of the day the hour counts in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
    /// `12 m.`, Latin meridies.
    Noon,
}

/// A time of day, or the first of a range of times.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    if matches!(place.before.last(), Some(Token::Sign('-' | ':' | '.' | '/') | Token::Word(_)))
        && !after_dash(place)
    {
        return None;
    }
    if let Some(clock) = clock(place) {
        let rest = place.after(clock.used);
        let joint = joint(&rest);
        let other = joint.and_then(|(used, _)| self::clock(&rest.after(used)).map(|other| (used, other)));
        return match (joint, other) {
            (Some((used, dashed)), Some((_, other))) => {
                let spoken = first_of_two(&clock, &other, place.locale);
                if dashed {
                    Said::new(format!("{spoken} a "), clock.used + used)
                } else {
                    Said::new(spoken, clock.used)
                }
            }
            _ => Said::new(clock.in_words(place), clock.used),
        };
    }
    // "9-11 a.m.", "de 1 a 3 p.m.": a bare hour before a time of day.
    let [Token::Digits(hour), ..] = place.ahead else { return None };
    let hour: u64 = hour.parse().ok().filter(|hour| *hour <= 24)?;
    let rest = place.after(1);
    let (used, dashed) = joint(&rest)?;
    let other = clock_with_mark(&rest.after(used))?;
    (other.half.is_some() || other.marked && dashed).then_some(())?;
    let spoken = words::cardinal(hour, Form::Feminine);
    if dashed { Said::new(format!("{spoken} a "), 1 + used) } else { Said::new(spoken, 1) }
}

/// Whether the figure here is the second of a range.
fn after_dash(place: &Place<'_>) -> bool {
    matches!(place.before, [.., Token::Digits(_) | Token::Word(_) | Token::Sign('.'), Token::Sign('-')])
}

/// What joins two times, in tokens, and whether it is a dash.
fn joint(place: &Place<'_>) -> Option<(usize, bool)> {
    match place.ahead {
        [Token::Sign('-'), Token::Digits(_), ..] => Some((1, true)),
        [Token::Space, Token::Sign('-'), Token::Space, Token::Digits(_), ..] => Some((3, true)),
        [Token::Space, Token::Word("a" | "y" | "o"), Token::Space, Token::Digits(_), ..] => Some((3, false)),
        _ => None,
    }
}

/// The first of two times: what both share is said with the second.
fn first_of_two(clock: &Clock, other: &Clock, locale: Locale) -> String {
    match clock.half {
        Some(half) if other.half != clock.half || half == Half::Noon => clock.spoken(locale),
        None if other.half.is_none() && clock.hour_alone() && other.hour_alone() => {
            words::cardinal(clock.hour, Form::Feminine)
        }
        Some(_) => clock.twelve_hours(),
        None if other.half.is_some() => clock.twelve_hours(),
        None => clock.spoken(locale),
    }
}

impl Clock {
    fn hour_alone(&self) -> bool {
        self.minute == 0 && self.second.is_none()
    }

    /// The words, with the stop that an abbreviation shares with the end of its sentence.
    fn in_words(&self, place: &Place<'_>) -> String {
        let mut spoken = self.spoken(place.locale);
        let last = self.used.checked_sub(1).and_then(|last| place.ahead.get(last));
        if last == Some(&Token::Sign('.')) && place.after(self.used).ends_sentence() {
            spoken.push('.');
        }
        spoken
    }

    fn spoken(&self, locale: Locale) -> String {
        let Some(half) = self.half else { return self.twenty_four_hours() };
        format!("{} {}", self.twelve_hours(), part_of_day(self.hour, self.minute, half, locale))
    }

    fn twelve_hours(&self) -> String {
        let hour = words::cardinal(if self.hour == 0 { 12 } else { self.hour }, Form::Feminine);
        match self.minute {
            0 => hour,
            30 => format!("{hour} y media"),
            minute => format!("{hour} y {}", words::cardinal(minute, Form::Alone)),
        }
    }

    fn twenty_four_hours(&self) -> String {
        let hour = words::cardinal(self.hour, Form::Feminine);
        let spoken = match self.minute {
            0 if self.second.is_none() && (self.marked || self.hour == 0 || self.hour > 12) => {
                format!("{hour} {}", if self.hour == 1 { "hora" } else { "horas" })
            }
            0 => hour,
            minute => format!("{hour} y {}", words::cardinal(minute, Form::Alone)),
        };
        if let Some(second) = self.second {
            return format!("{spoken} con {} segundos", words::cardinal(second, Form::Masculine));
        }
        spoken
    }
}

/// What people call the hour's part of the day; evening begins later in the south and in Spain.
fn part_of_day(hour: u64, minute: u64, half: Half, locale: Locale) -> &'static str {
    let night = match locale {
        Locale::EsEs => 9,
        Locale::EsAr => 8,
        Locale::EsCo | Locale::EsMx | Locale::EnUs | Locale::EnGb | Locale::Other => 7,
    };
    match (half, hour) {
        (Half::Noon, _) => "del mediodía",
        (Half::Morning, 12 | 0) => "de la noche",
        (Half::Morning, 1..=4) => "de la madrugada",
        (Half::Morning, _) => "de la mañana",
        (Half::Afternoon, 12) if minute == 0 => "del mediodía",
        (Half::Afternoon, 12) => "de la tarde",
        (Half::Afternoon, hour) if hour >= night && hour < 12 => "de la noche",
        (Half::Afternoon, hour) if hour >= night + 12 => "de la noche",
        (Half::Afternoon, _) => "de la tarde",
    }
}

/// The time of day that begins here.
pub(super) fn clock(place: &Place<'_>) -> Option<Clock> {
    let (hour, minute, second, used) = figures(place)?;
    let mut clock = Clock { hour, minute: minute.unwrap_or(0), second, half: None, marked: false, used };
    mark(place, &mut clock, minute.is_some());
    let dotted = place.ahead.get(1) == Some(&Token::Sign('.'));
    let timed = clock.half.is_some()
        || clock.marked && minute.is_some()
        || matches!(place.word_before().as_deref(), Some("las" | "la"));
    let written = minute.is_some() && (!dotted || timed) || clock.half.is_some();
    let twelve = clock.half.is_none()
        || (1..=12).contains(&clock.hour)
        || clock.half == Some(Half::Afternoon)
        || clock.hour == 0;
    (written && twelve && place.after(clock.used).is_loose_end()).then(|| {
        if clock.half.is_some() && clock.hour > 12 {
            clock.hour -= 12;
        }
        clock
    })
}

fn clock_with_mark(place: &Place<'_>) -> Option<Clock> {
    clock(place).or_else(|| {
        let (hour, None, None, used) = figures(place)? else { return None };
        let mut clock = Clock { hour, minute: 0, second: None, half: None, marked: false, used };
        mark(place, &mut clock, false);
        clock.marked.then_some(clock)
    })
}

type Figures = (u64, Option<u64>, Option<u64>, usize);

/// Hour, minute and second in figures: 8, 08:00, 15h30, 20.30, 10:15:30.
fn figures(place: &Place<'_>) -> Option<Figures> {
    let under = |digits: &str, size: usize, end: u64| {
        digits.parse().ok().filter(|value| digits.len() <= size && *value < end)
    };
    let exact = |digits: &str| under(digits, 2, 60).filter(|_| digits.len() == 2);
    let hour = under(place.ahead.first()?.digits()?, 2, 25)?;
    Some(match place.ahead {
        [_, Token::Sign(':'), Token::Digits(minute), Token::Sign(':'), Token::Digits(second), ..] => {
            (hour, Some(exact(minute)?), Some(exact(second)?), 5)
        }
        [_, Token::Sign(':' | '.') | Token::Word("h" | "H"), Token::Digits(minute), rest @ ..] => {
            let more = matches!(rest, [Token::Sign('.' | ',' | ':' | '/'), Token::Digits(_), ..]);
            (hour, Some(exact(minute).filter(|_| !more)?), None, 3)
        }
        _ => (hour, None, None, 1),
    })
}

/// Adds what says how the hour counts.
fn mark(place: &Place<'_>, clock: &mut Clock, minutes: bool) {
    let at = place.after(clock.used).past_space();
    let start = place.distance(&at);
    let stop = |used: usize| usize::from(at.ahead.get(used) == Some(&Token::Sign('.')));
    let (half, used) = match at.ahead {
        [Token::Word(word), ..] if word.eq_ignore_ascii_case("am") => (Some(Half::Morning), 1),
        [Token::Word(word), ..] if word.eq_ignore_ascii_case("pm") => (Some(Half::Afternoon), 1),
        [Token::Word("a" | "A"), Token::Sign('.'), Token::Word("m" | "M"), ..] => {
            (Some(Half::Morning), 3 + stop(3))
        }
        [Token::Word("p" | "P"), Token::Sign('.'), Token::Word("m" | "M"), ..] => {
            (Some(Half::Afternoon), 3 + stop(3))
        }
        [
            Token::Word("a" | "A"),
            Token::Sign('.'),
            Token::Space,
            Token::Word("m" | "M"),
            Token::Sign('.'),
            ..,
        ] => (Some(Half::Morning), 5),
        [
            Token::Word("p" | "P"),
            Token::Sign('.'),
            Token::Space,
            Token::Word("m" | "M"),
            Token::Sign('.'),
            ..,
        ] => (Some(Half::Afternoon), 5),
        [Token::Word("m" | "M"), Token::Sign('.'), ..]
            if clock.hour == 12 && place.locale == Locale::EsCo =>
        {
            (Some(Half::Noon), 2)
        }
        [Token::Word("m" | "M"), ..] if clock.hour == 12 && minutes => (Some(Half::Noon), 1),
        [Token::Word(word), ..]
            if ["h", "hs", "hr", "hrs", "horas", "hora"]
                .iter()
                .any(|mark| word.eq_ignore_ascii_case(mark)) =>
        {
            clock.marked = true;
            (
                None,
                1 + if word.len() < 4 && !place.after(start + 1 + stop(1)).ends_sentence() {
                    stop(1)
                } else {
                    0
                },
            )
        }
        _ => return,
    };
    clock.half = half;
    clock.used = start + used;
}
