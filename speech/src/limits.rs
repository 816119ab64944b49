//! What an engine bears, and what it costs.

use std::str::FromStr;
use std::time::Duration;

/// How long a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// So many code points.
    Characters(usize),
    /// So many bytes of UTF-8.
    Bytes(usize),
}

impl Length {
    /// How many bytes of `text`, from its beginning, are within it; whole characters, and at least one of them.
    pub(crate) fn prefix(self, text: &str) -> usize {
        let end = match self {
            Self::Characters(most) => text.char_indices().nth(most).map_or(text.len(), |(at, _)| at),
            Self::Bytes(most) => text.floor_char_boundary(most),
        };
        end.max(text.chars().next().map_or(0, char::len_utf8))
    }
}

/// How often an engine may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestRate {
    /// So many requests, at least 1,
    pub requests: u32,
    /// in so long.
    pub per: Duration,
}

impl RequestRate {
    /// The time between two requests, in the long run.
    pub fn interval(self) -> Duration {
        self.per / self.requests.max(1)
    }
}

impl FromStr for RequestRate {
    type Err = String;

    /// Reads `1/s`, `600/m`, `5000/h`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("{text:?} is no rate: write requests per second, minute or hour, such as 2/s or 600/m")
        };
        let (requests, per) = text.trim().split_once('/').ok_or_else(wrong)?;
        let requests = requests.trim().parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?;
        let per = match per.trim() {
            "s" => Duration::from_secs(1),
            "m" => Duration::from_mins(1),
            "h" => Duration::from_hours(1),
            _ => return Err(wrong()),
        };
        Ok(Self { requests, per })
    }
}

/// What an engine bears, and what it costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The longest text of one request; an utterance that is longer becomes several. The engine sees to it.
    pub request: Length,
    /// For each request, from connecting to the last byte. The engine sees to it.
    pub timeout: Duration,
    /// Requests at the same time, of this process; `usize::MAX` where it does not matter. The chain sees to it.
    pub at_once: usize,
    /// How often it may be asked, by all workers together; `None` where it does not matter. The chain sees to it.
    pub rate: Option<RequestRate>,
    /// What a million characters cost, in the currency that the operator counts in. The same number is what one
    /// character costs in millionths of it.
    pub price: f64,
}

impl Limits {
    /// Of an engine that costs nothing and takes whole texts.
    pub(crate) const fn free(request: Length, timeout: Duration, at_once: usize) -> Self {
        Self { request, timeout, at_once, rate: None, price: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_requests_per_time() {
        for (text, millis) in [("1/s", 1_000), (" 4 / s", 250), ("600/m", 100), ("3600/h", 1_000)] {
            assert_eq!(
                text.parse::<RequestRate>().unwrap().interval(),
                Duration::from_millis(millis),
                "{text}"
            );
        }
        for text in ["", "1", "/s", "0/s", "-1/s", "1/d", "1.5/s", "1/s/s"] {
            assert!(text.parse::<RequestRate>().unwrap_err().contains("such as 2/s"), "{text}");
        }
    }

    #[test]
    fn a_length_is_counted_in_whole_characters() {
        assert_eq!(Length::Characters(2).prefix("ñañ"), 3);
        assert_eq!(Length::Bytes(2).prefix("añ"), 1);
        assert_eq!(Length::Bytes(1).prefix("ñ"), 2, "at least one");
        assert_eq!(Length::Characters(9).prefix("ñ"), 2);
        assert_eq!(Length::Characters(9).prefix(""), 0);
    }
}
