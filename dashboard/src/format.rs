//! Numbers, spans and times as people of a language write them.

use std::time::Duration;

use jiff::Zoned;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use pregon_core::Timestamp;

use crate::words::{Language, Words};

/// A language and a time zone.
#[derive(Clone, Debug)]
pub(crate) struct Locale {
    pub(crate) language: Language,
    pub(crate) zone: TimeZone,
}

/// Keeps a number and its unit on one line.
const NBSP: char = '\u{a0}';

impl Language {
    /// `1.284`, `1,284`
    pub(crate) fn number(self, n: u64) -> String {
        let digits = n.to_string();
        let separator = match self {
            Self::Es => '.',
            Self::En => ',',
        };
        let mut out = String::with_capacity(digits.len() + digits.len() / 3);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(separator);
            }
            out.push(digit);
        }
        out
    }

    /// `4,6`, `4.6`; a true minus sign.
    pub(crate) fn decimal(self, value: f64, places: usize) -> String {
        let text = format!("{value:.places$}").replace('-', "−");
        match self {
            Self::Es => text.replace('.', ","),
            Self::En => text,
        }
    }

    /// `97,8 %`
    pub(crate) fn percent(self, part: u64, whole: u64) -> String {
        #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
        let share = if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 };
        format!("{}{NBSP}%", self.decimal(share, 1))
    }

    /// How fast: `10/s`, `2,5/s`, and by the minute where that is less than one a second: `15/min`.
    pub(crate) fn rate(self, per_second: f64) -> String {
        let (value, unit) = if per_second < 1.0 { (per_second * 60.0, "min") } else { (per_second, "s") };
        let places = [0, 1, 2].into_iter().find(|places| {
            let scale = 10_f64.powi(*places);
            ((value * scale).round() / scale - value).abs() < 1e-9
        });
        format!("{}/{unit}", self.decimal(value, usize::try_from(places.unwrap_or(2)).unwrap_or(2)))
    }

    /// A span to read exactly: `120 ms`, `4,6 s`, `24 s`, `4 min 08 s`, `3 h 05 min`, `5 d 2 h`.
    pub(crate) fn span(self, span: Duration) -> String {
        let seconds = span.as_secs();
        match seconds {
            0 => format!("{}{NBSP}ms", span.as_millis()),
            1..10 => format!("{}{NBSP}s", self.decimal(span.as_secs_f64(), 1)),
            10..60 => format!("{seconds}{NBSP}s"),
            60..3_600 => format!("{}{NBSP}min {:02}{NBSP}s", seconds / 60, seconds % 60),
            3_600..172_800 => format!("{}{NBSP}h {:02}{NBSP}min", seconds / 3_600, seconds / 60 % 60),
            _ => format!("{}{NBSP}d {}{NBSP}h", seconds / 86_400, seconds / 3_600 % 24),
        }
    }

    /// Seconds as a figure: `24`, `4,6`.
    pub(crate) fn seconds(self, seconds: f64) -> String {
        self.decimal(seconds, usize::from(seconds < 10.0 && seconds.fract() > 0.049))
    }
}

/// A span at a glance: `8 s`, `12 min`, `3 h`, `5 d`.
pub(crate) fn glance(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..60 => format!("{seconds}{NBSP}s"),
        60..3_600 => format!("{}{NBSP}min", seconds / 60),
        3_600..172_800 => format!("{}{NBSP}h", seconds / 3_600),
        _ => format!("{}{NBSP}d", seconds / 86_400),
    }
}

/// Minutes and seconds of a recording: `0:24`.
pub(crate) fn length(seconds: f64) -> String {
    let whole = Duration::try_from_secs_f64(seconds).unwrap_or_default().as_secs_f64().round();
    let whole = Duration::from_secs_f64(whole).as_secs();
    format!("{}:{:02}", whole / 60, whole % 60)
}

impl Locale {
    pub(crate) fn words(&self) -> &'static Words {
        self.language.words()
    }

    fn zoned(&self, at: Timestamp) -> Zoned {
        jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default().to_zoned(self.zone.clone())
    }

    /// `16:42`
    pub(crate) fn clock(&self, at: Timestamp) -> String {
        let t = self.zoned(at);
        format!("{:02}:{:02}", t.hour(), t.minute())
    }

    /// `16:42:07`
    pub(crate) fn clock_seconds(&self, at: Timestamp) -> String {
        let t = self.zoned(at);
        format!("{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second())
    }

    /// `viernes 20 de noviembre, 16:42:07`
    pub(crate) fn date(&self, at: Timestamp) -> String {
        let t = self.zoned(at);
        let words = self.words();
        let weekday = weekday_name(words, t.weekday());
        (words.date)(weekday, t.day(), month_name(words, t.month()), &self.clock_seconds(at))
    }

    /// `16:42` today, `20 nov 16:42` on another day.
    pub(crate) fn when(&self, at: Timestamp, now: Timestamp) -> String {
        format!("{}{}", self.other_day(at, now), self.clock(at))
    }

    /// `16:42:07` today, `20 nov 16:42:07` on another day.
    pub(crate) fn when_seconds(&self, at: Timestamp, now: Timestamp) -> String {
        format!("{}{}", self.other_day(at, now), self.clock_seconds(at))
    }

    /// `16:42:07,045` today, `20 nov 16:42:07,045` on another day.
    pub(crate) fn exact(&self, at: Timestamp, now: Timestamp) -> String {
        let point = match self.language {
            Language::Es => ',',
            Language::En => '.',
        };
        format!("{}{point}{:03}", self.when_seconds(at, now), at.millis().rem_euclid(1_000))
    }

    /// Day and month, where that is not today.
    fn other_day(&self, at: Timestamp, now: Timestamp) -> String {
        let (t, today) = (self.zoned(at), self.zoned(now));
        if t.date() == today.date() {
            return String::new();
        }
        let month: String = month_name(self.words(), t.month()).chars().take(3).collect();
        format!("{}{NBSP}{month} ", t.day())
    }

    /// The first instant of the day.
    pub(crate) fn midnight(&self, now: Timestamp) -> Timestamp {
        let start = self.zoned(now).start_of_day();
        start.map_or(now, |t| Timestamp::from_millis(t.timestamp().as_millisecond()))
    }
}

fn weekday_name(words: &Words, day: Weekday) -> &'static str {
    let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or_default();
    words.weekdays.get(index).copied().unwrap_or_default()
}

fn month_name(words: &Words, month: i8) -> &'static str {
    let index = usize::try_from(month - 1).unwrap_or_default();
    words.months.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bogota(language: Language) -> Locale {
        Locale { language, zone: TimeZone::fixed(jiff::tz::offset(-5)) }
    }

    #[test]
    fn numbers_follow_the_language() {
        assert_eq!(Language::Es.number(1_284), "1.284");
        assert_eq!(Language::En.number(1_284_567), "1,284,567");
        assert_eq!(Language::Es.number(0), "0");
        assert_eq!(Language::Es.decimal(-19.08, 1), "−19,1");
        assert_eq!(Language::En.percent(978, 1_000), "97.8\u{a0}%");
        assert_eq!(Language::Es.percent(0, 0), "0,0\u{a0}%");
    }

    #[test]
    fn rates_are_told_by_the_second_or_by_the_minute() {
        for (per_second, es) in [
            (10.0, "10/s"),
            (2.5, "2,5/s"),
            (1.25, "1,25/s"),
            (0.5, "30/min"),
            (0.312_5, "18,75/min"),
            (0.001, "0,06/min"),
        ] {
            assert_eq!(Language::Es.rate(per_second), es);
        }
    }

    #[test]
    fn spans_are_as_exact_as_they_are_short() {
        let es = |ms| Language::Es.span(Duration::from_millis(ms)).replace('\u{a0}', " ");
        assert_eq!(es(120), "120 ms");
        assert_eq!(es(4_600), "4,6 s");
        assert_eq!(es(24_400), "24 s");
        assert_eq!(es(248_000), "4 min 08 s");
        assert_eq!(es(3 * 3_600_000 + 5 * 60_000), "3 h 05 min");
        assert_eq!(es(50 * 3_600_000), "2 d 2 h");
        assert_eq!(glance(Duration::from_secs(725)), "12\u{a0}min");
        assert_eq!((Language::Es.seconds(4.6), Language::Es.seconds(24.3)), ("4,6".into(), "24".into()));
        assert_eq!(length(83.6), "1:24");
    }

    #[test]
    fn times_are_of_the_zone_and_name_the_day_when_it_is_another() {
        let at: Timestamp = "2026-11-20T16:42:07-05:00".parse().unwrap();
        let es = bogota(Language::Es);
        assert_eq!(es.date(at), "viernes 20 de noviembre, 16:42:07");
        assert_eq!(bogota(Language::En).date(at), "Friday 20 November, 16:42:07");
        assert_eq!(es.when(at, at), "16:42");
        assert_eq!(es.when(at, at + Duration::from_hours(24)).replace('\u{a0}', " "), "20 nov 16:42");
        assert_eq!(es.exact(at + Duration::from_millis(45), at), "16:42:07,045");
        assert_eq!(bogota(Language::En).exact(at, at), "16:42:07.000");
        assert_eq!(es.midnight(at).to_string(), "2026-11-20T05:00:00.000Z");
    }
}
