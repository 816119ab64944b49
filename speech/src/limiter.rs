//! Not asking an engine more often than it bears.

use std::time::{Duration, Instant};

/// A token bucket that hands out times instead of tokens, so that nobody has to poll it. Pure: time comes in as a
/// parameter.
#[derive(Clone, Debug)]
pub struct Limiter {
    interval: Duration,
    burst: u32,
    /// When the next request may start once the bucket is empty.
    next: Option<Instant>,
}

impl Limiter {
    /// One request every `interval`, and up to `burst` (at least 1) at once after a pause.
    pub fn new(interval: Duration, burst: u32) -> Self {
        Self { interval, burst: burst.max(1), next: None }
    }

    /// Books `count` requests and returns when each may start, or, where the first would have to wait longer than
    /// `patience`, books nothing and returns how much longer.
    pub fn book(&mut self, now: Instant, count: u32, patience: Duration) -> Result<Vec<Instant>, Duration> {
        let credit = self.interval * (self.burst - 1);
        // What was saved up in a long pause is worth one burst and no more.
        let earliest = now.checked_sub(credit).unwrap_or(now);
        let first = self.next.map_or(earliest, |next| next.max(earliest));
        let wait = first.saturating_duration_since(now);
        if wait > patience {
            return Err(wait.saturating_sub(patience));
        }
        self.next = Some(first + self.interval * count);
        Ok((0..count).map(|n| (first + self.interval * n).max(now)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn waits(booked: &[Instant], now: Instant) -> Vec<u64> {
        booked.iter().map(|at| at.saturating_duration_since(now).as_secs()).collect()
    }

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_pace() {
        let now = Instant::now();
        let mut limiter = Limiter::new(SECOND, 3);
        assert_eq!(waits(&limiter.book(now, 5, SECOND).unwrap(), now), [0, 0, 0, 1, 2]);
        assert_eq!(waits(&limiter.book(now, 1, 9 * SECOND).unwrap(), now), [3]);
    }

    #[test]
    fn the_impatient_are_told_and_book_nothing() {
        let now = Instant::now();
        let mut limiter = Limiter::new(SECOND, 1);
        limiter.book(now, 10, SECOND).unwrap();
        assert_eq!(limiter.book(now, 1, 8 * SECOND), Err(2 * SECOND));
        let later = now + 2 * SECOND;
        assert_eq!(waits(&limiter.book(later, 1, 8 * SECOND).unwrap(), later), [8]);
    }

    #[test]
    fn a_long_pause_saves_up_one_burst() {
        let now = Instant::now();
        let mut limiter = Limiter::new(SECOND, 2);
        limiter.book(now, 2, SECOND).unwrap();
        let later = now + 3_600 * SECOND;
        assert_eq!(waits(&limiter.book(later, 4, SECOND).unwrap(), later), [0, 0, 1, 2]);
    }
}
