//! Measured times, and what is said of them.

use std::time::Duration;

/// Times of single events.
#[derive(Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// `p50_ms=… p99_ms=… max_ms=…`
    pub(crate) fn summary(&mut self) -> String {
        let [p50, p99, max] = [50, 99, 100].map(|percent| self.seconds_at(percent) * 1_000.0);
        format!("p50_ms={p50:.2} p99_ms={p99:.2} max_ms={max:.2}")
    }

    /// The time that so many percent do not exceed, in seconds.
    pub(crate) fn seconds_at(&mut self, percent: usize) -> f64 {
        self.0.sort_unstable();
        let rank = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(rank).copied().unwrap_or_default().as_secs_f64()
    }
}

/// Events per second.
#[expect(clippy::cast_precision_loss, reason = "counts of at most millions")]
pub(crate) fn rate(events: u64, span: Duration) -> f64 {
    events as f64 / span.as_secs_f64().max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_ranks() {
        let mut times = Times((1..=200).rev().map(Duration::from_millis).collect());
        assert_eq!(times.summary(), "p50_ms=100.00 p99_ms=198.00 max_ms=200.00");
        assert_eq!(Times::default().summary(), "p50_ms=0.00 p99_ms=0.00 max_ms=0.00");
    }
}
