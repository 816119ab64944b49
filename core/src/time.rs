//! Time as a value: milliseconds since the Unix epoch, and the one place that reads the system clock.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch. Serialised as that number inside jobs; shown as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The minute this instant lies in, counted from the epoch: the unit of the throughput counters.
    pub const fn minute(self) -> i64 {
        self.0.div_euclid(60_000)
    }

    /// How long it is from `earlier` to `self`; zero when `earlier` is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// How long it is from `now` until `self`; zero when it has passed.
    pub fn until(self, now: Self) -> Duration {
        self.since(now)
    }
}

/// Reads a time span of whole seconds or more with its unit: `90s`, `30m`, `12h` or `7d`.
pub fn span(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let number = text.strip_suffix(unit).filter(|n| n.bytes().all(|b| b.is_ascii_digit()))?;
    let total = number.parse::<u64>().ok()?.checked_mul(seconds)?;
    (total > 0).then(|| Duration::from_secs(total))
}

/// Writes a time span as [`span`] reads it, in the largest unit that leaves no rest.
pub(crate) fn span_text(span: Duration) -> String {
    let seconds = span.as_secs();
    let (unit, size) = [("d", 86_400), ("h", 3_600), ("m", 60)]
        .into_iter()
        .find(|(_, size)| seconds >= *size && seconds.is_multiple_of(*size))
        .unwrap_or(("s", 1));
    format!("{}{unit}", seconds / size)
}

fn millis_of(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(span)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(span)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => write!(f, "{t:.3}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

/// The text was not an RFC 3339 date and time with an offset, such as `2026-11-21T09:30:00-05:00`.
#[derive(Debug, thiserror::Error)]
#[error("must be a date and time with an offset, such as 2026-11-21T09:30:00-05:00")]
pub struct NotATime;

impl FromStr for Timestamp {
    type Err = NotATime;
    fn from_str(text: &str) -> Result<Self, NotATime> {
        text.parse::<jiff::Timestamp>().map(|t| Self(t.as_millisecond())).map_err(|_| NotATime)
    }
}

/// The system clock. Pure functions take `now` as a parameter instead; clippy enforces it.
pub mod clock {
    use super::Timestamp;

    /// The present.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may read the system clock")]
    pub fn now() -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_needs_an_offset_and_prints_in_utc() {
        let t: Timestamp = "2026-11-21T09:30:00-05:00".parse().unwrap();
        assert_eq!(t.to_string(), "2026-11-21T14:30:00.000Z");
        assert!("2026-11-21T09:30:00".parse::<Timestamp>().is_err());
        assert!("mañana".parse::<Timestamp>().is_err());
    }

    #[test]
    fn spans_never_go_negative() {
        let a = Timestamp::from_millis(5_000);
        assert_eq!(a.since(Timestamp::from_millis(7_000)), Duration::ZERO);
        assert_eq!((a + Duration::from_secs(2)).since(a), Duration::from_secs(2));
        assert_eq!(Timestamp::from_millis(61_000).minute(), 1);
    }
}
