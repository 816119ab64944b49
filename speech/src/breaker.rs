//! Leaving an engine alone that does not answer.

use std::time::{Duration, Instant};

/// Failures in a row before an engine is left alone. One or two are a hiccup, and every further one costs a job
/// its whole time-out.
const FAILURES: u32 = 4;

/// The first rest; it doubles with every failed probe.
const FIRST_REST: Duration = Duration::from_secs(30);

/// The longest rest, also when the engine asks for more: operators repair things faster than that.
const LONGEST_REST: Duration = Duration::from_mins(30);

/// A probe that has not reported within this time was cancelled, and the next caller may probe.
const PROBE_PATIENCE: Duration = Duration::from_mins(1);

/// Whether an engine may be asked. Pure: time comes in as a parameter (the monotonic clock, since a step of the
/// wall clock must neither end a rest nor prolong it).
#[derive(Clone, Debug)]
pub struct Breaker {
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant, rest: Duration },
    Probing { since: Instant, rest: Duration },
}

/// How an engine stands with its breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It is asked.
    Ready,
    /// It is left alone for that long.
    Resting(Duration),
    /// Its rest is over and the next answer decides.
    Probing,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: State::Closed { failures: 0 } }
    }
}

impl Breaker {
    /// Whether the engine may be asked at `now`; otherwise how long it rests. After a rest one caller at a time is
    /// let through. Whoever is let through reports one of [`Breaker::answered`], [`Breaker::failed`] and
    /// [`Breaker::undecided`], or is forgotten after a minute.
    pub fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match self.state {
            State::Closed { .. } => Ok(()),
            State::Open { until, .. } if until > now => Err(until.saturating_duration_since(now)),
            State::Probing { since, .. } if now.saturating_duration_since(since) < PROBE_PATIENCE => {
                Err(PROBE_PATIENCE.saturating_sub(now.saturating_duration_since(since)))
            }
            State::Open { rest, .. } | State::Probing { rest, .. } => {
                self.state = State::Probing { since: now, rest };
                Ok(())
            }
        }
    }

    /// The engine answered, be it with a refusal.
    pub fn answered(&mut self) {
        self.state = State::Closed { failures: 0 };
    }

    /// The engine was not reached after all, for reasons of ours.
    pub fn undecided(&mut self, now: Instant) {
        if let State::Probing { rest, .. } = self.state {
            self.state = State::Open { until: now, rest };
        }
    }

    /// The engine failed. `rest`: how long it wants to be left alone, which it then is at once.
    pub fn failed(&mut self, now: Instant, rest: Option<Duration>) {
        self.state = match (self.state, rest) {
            (State::Open { until, rest: before }, asked) => {
                let asked = asked.unwrap_or_default().min(LONGEST_REST);
                State::Open { until: until.max(now + asked), rest: before.max(asked) }
            }
            (State::Closed { .. }, Some(asked)) => open(now, asked),
            (State::Closed { failures }, None) if failures + 1 < FAILURES => {
                State::Closed { failures: failures + 1 }
            }
            (State::Closed { .. }, None) => open(now, FIRST_REST),
            (State::Probing { rest: before, .. }, asked) => open(now, asked.unwrap_or(before * 2)),
        };
    }

    /// How it stands at `now`.
    pub fn health(&self, now: Instant) -> Health {
        match self.state {
            State::Closed { .. } => Health::Ready,
            State::Open { until, .. } if until > now => Health::Resting(until.saturating_duration_since(now)),
            State::Open { .. } | State::Probing { .. } => Health::Probing,
        }
    }
}

fn open(now: Instant, rest: Duration) -> State {
    let rest = rest.min(LONGEST_REST);
    State::Open { until: now + rest, rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn broken(now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert_eq!(breaker.admit(now), Ok(()));
            breaker.failed(now, None);
        }
        breaker
    }

    #[test]
    fn a_few_failures_in_a_row_open_it_and_scattered_ones_do_not() {
        let now = Instant::now();
        assert_eq!(broken(now).admit(now + 10 * SECOND), Err(20 * SECOND));

        let mut breaker = Breaker::default();
        for _ in 0..50 {
            breaker.failed(now, None);
            breaker.failed(now, None);
            breaker.answered();
        }
        assert_eq!(breaker.health(now), Health::Ready);
    }

    #[test]
    fn after_the_rest_one_probe_decides() {
        let start = Instant::now();
        let mut breaker = broken(start);
        let later = start + FIRST_REST;
        assert_eq!(breaker.health(later), Health::Probing);
        assert_eq!(breaker.admit(later), Ok(()));
        assert!(breaker.admit(later).is_err(), "one probe at a time");
        breaker.answered();
        assert_eq!(breaker.admit(later), Ok(()));
    }

    #[test]
    fn failed_probes_double_the_rest_up_to_a_cap() {
        let mut now = Instant::now();
        let mut breaker = broken(now);
        let mut rests = Vec::new();
        for _ in 0..9 {
            let Health::Resting(rest) = breaker.health(now) else { panic!("not resting") };
            rests.push(rest.as_secs());
            now += rest;
            assert_eq!(breaker.admit(now), Ok(()));
            breaker.failed(now, None);
        }
        assert_eq!(rests, [30, 60, 120, 240, 480, 960, 1_800, 1_800, 1_800]);
    }

    #[test]
    fn an_engine_that_asks_for_a_pause_gets_it_at_once() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        breaker.failed(now, Some(600 * SECOND));
        assert_eq!(breaker.admit(now + 599 * SECOND), Err(SECOND));
        assert_eq!(breaker.admit(now + 600 * SECOND), Ok(()));

        let mut greedy = Breaker::default();
        greedy.failed(now, Some(Duration::MAX));
        assert_eq!(greedy.health(now), Health::Resting(LONGEST_REST));
    }

    #[test]
    fn latecomers_never_shorten_a_rest() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        breaker.failed(now, Some(600 * SECOND));
        breaker.failed(now, None);
        breaker.failed(now, Some(5 * SECOND));
        assert_eq!(breaker.health(now), Health::Resting(600 * SECOND));
    }

    #[test]
    fn a_cancelled_probe_does_not_keep_it_shut() {
        let start = Instant::now();
        let mut breaker = broken(start);
        let later = start + FIRST_REST;
        assert_eq!(breaker.admit(later), Ok(()));
        assert!(breaker.admit(later + PROBE_PATIENCE / 2).is_err());
        assert_eq!(breaker.admit(later + PROBE_PATIENCE), Ok(()));

        breaker.undecided(later + PROBE_PATIENCE);
        assert_eq!(breaker.admit(later + PROBE_PATIENCE), Ok(()), "an undecided probe is made again at once");
    }
}
