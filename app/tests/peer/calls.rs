//! The record of every call, and what can be measured on it.

use std::time::{Duration, Instant};

use pregon_core::Timestamp;

use super::sound::Sound;

/// One INVITE and what came of it. An INVITE that is sent again because the first got lost is the same one.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Who was called, as it was dialled, without a plus sign.
    pub(crate) number: String,
    /// Who calls, as the callee sees it.
    pub(crate) caller: String,
    /// The trunk by which it came.
    pub(crate) trunk: String,
    /// When it came, by the wall clock.
    pub(crate) invited_at: Timestamp,
    /// When it came.
    pub(crate) invited: Instant,
    /// When the telephone began to ring.
    pub(crate) rang: Option<Instant>,
    /// When it was picked up.
    pub(crate) answered: Option<Instant>,
    /// When it was over, whoever ended it. Never, for a dead line.
    pub(crate) ended: Option<Instant>,
    /// What was heard.
    pub(crate) sound: Sound,
}

impl Call {
    /// From the INVITE to the answer or, without one, to the end.
    pub(crate) fn ringing(&self) -> Option<Duration> {
        Some(self.answered.or(self.ended)? - self.invited)
    }

    /// From the answer to the end.
    pub(crate) fn talking(&self) -> Option<Duration> {
        Some(self.ended? - self.answered?)
    }
}

/// The most calls that were up, ringing or talking, at one moment.
pub(crate) fn most_at_once(calls: &[Call]) -> usize {
    let mut changes: Vec<(Instant, bool)> = calls
        .iter()
        .flat_map(|call| [Some((call.invited, true)), call.ended.map(|at| (at, false))])
        .flatten()
        .collect();
    // One that ends at the moment in which another begins makes room for it.
    changes.sort_unstable();
    let counts = changes.iter().scan(0_usize, |up, (_, begins)| {
        *up = if *begins { *up + 1 } else { *up - 1 };
        Some(*up)
    });
    counts.max().unwrap_or(0)
}

/// The most calls that came within one stretch of that length, wherever it begins.
pub(crate) fn most_within(calls: &[Call], stretch: Duration) -> usize {
    let mut times: Vec<Instant> = calls.iter().map(|call| call.invited).collect();
    times.sort_unstable();
    let within = |first: usize| times[first..].iter().take_while(|at| **at - times[first] < stretch).count();
    (0..times.len()).map(within).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(times: &[(u64, Option<u64>)]) -> Vec<Call> {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let call = |(from, to): &(u64, Option<u64>)| Call {
            number: String::new(),
            caller: String::new(),
            trunk: String::new(),
            invited_at: Timestamp::from_millis(0),
            invited: at(*from),
            rang: None,
            answered: None,
            ended: to.map(at),
            sound: Sound::default(),
        };
        times.iter().map(call).collect()
    }

    #[test]
    fn calls_at_once_are_counted_by_their_spans() {
        assert_eq!(most_at_once(&[]), 0);
        assert_eq!(most_at_once(&calls(&[(0, Some(10)), (10, Some(20)), (20, Some(30))])), 1);
        assert_eq!(most_at_once(&calls(&[(0, Some(11)), (10, Some(20)), (5, None), (30, Some(40))])), 3);
    }

    #[test]
    fn calls_of_a_second_are_counted_in_any_second() {
        let second = Duration::from_secs(1);
        assert_eq!(most_within(&[], second), 0);
        assert_eq!(most_within(&calls(&[(0, None), (1_000, None), (2_000, None)]), second), 1);
        assert_eq!(most_within(&calls(&[(1_400, None), (500, None), (0, None), (1_499, None)]), second), 3);
    }
}
