//! When to try again.

use std::time::Duration;

/// What kind of thing went wrong, as far as waiting is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// An engine did not speak: often over in seconds.
    Speech,
    /// The engine asked to be left alone for a while.
    Limited(Duration),
    /// The spool or the disk refused: an operator may have to act.
    Handover,
    /// The job made the code panic: most likely it will again.
    Panic,
}

/// Longest pause between two attempts.
pub const LONGEST: Duration = Duration::from_mins(10);

impl Trouble {
    const fn first(self) -> Duration {
        match self {
            Self::Speech => Duration::from_secs(2),
            Self::Limited(wait) => wait,
            Self::Handover => Duration::from_secs(5),
            Self::Panic => Duration::from_secs(30),
        }
    }

    /// The pause after the `failed`-th counted attempt (from 1): doubling, capped at [`LONGEST`], and spread by
    /// `jitter` in 0..1 over its upper half so that a thousand jobs that failed together do not return together.
    pub fn pause(self, failed: u16, jitter: f64) -> Duration {
        let doubled = self.first().saturating_mul(1_u32 << u32::from(failed.saturating_sub(1).min(12)));
        let full = doubled.min(LONGEST);
        full.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap() {
        let pauses: Vec<u64> = (1..=10).map(|n| Trouble::Speech.pause(n, 1.0).as_secs()).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 512, 600]);
        assert_eq!(Trouble::Handover.pause(u16::MAX, 1.0), LONGEST);
    }

    #[test]
    fn jitter_takes_at_most_half() {
        assert_eq!(Trouble::Handover.pause(1, 0.0), Duration::from_millis(2_500));
        assert_eq!(Trouble::Handover.pause(1, 1.0), Duration::from_secs(5));
        assert_eq!(Trouble::Limited(Duration::from_secs(7)).pause(1, 1.0), Duration::from_secs(7));
    }
}
