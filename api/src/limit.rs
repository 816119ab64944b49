//! How fast each key may ask.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A token bucket per key: refilled at the rate, holding twice as much.
pub(crate) struct Limits {
    per_second: u32,
    buckets: Mutex<HashMap<String, Bucket>>,
}

struct Bucket {
    left: f64,
    filled: Instant,
}

impl Limits {
    /// Limits of `per_second` requests; 0 sets none.
    pub(crate) fn new(per_second: u32) -> Self {
        Self { per_second, buckets: Mutex::default() }
    }

    /// Whether the key of this name may ask now. There are as many buckets as configured keys, so none is dropped.
    pub(crate) fn allow(&self, name: &str, now: Instant) -> bool {
        if self.per_second == 0 {
            return true;
        }
        let (rate, full) = (f64::from(self.per_second), 2.0 * f64::from(self.per_second));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(name.to_owned()).or_insert(Bucket { left: full, filled: now });
        let passed = now.saturating_duration_since(bucket.filled).as_secs_f64();
        bucket.left = (bucket.left + passed * rate).min(full);
        bucket.filled = now;
        let allowed = bucket.left >= 1.0;
        if allowed {
            bucket.left -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let (limits, start) = (Limits::new(10), Instant::now());
        let passed = |at: Instant| (0..100).filter(|_| limits.allow("crm", at)).count();
        assert_eq!(passed(start), 20);
        assert_eq!(passed(start + Duration::from_secs(1)), 10);
        assert_eq!(passed(start + Duration::from_mins(1)), 20);
        assert!(limits.allow("other", start));
    }

    #[test]
    fn zero_sets_no_limit() {
        let limits = Limits::new(0);
        assert!((0..1_000).all(|_| limits.allow("crm", Instant::now())));
    }
}
