//! Counting: what a change adds to the counters, and what the counters say.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::job::Job;
use crate::state::{State, StateName};

/// Jobs by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; 7]);

impl Counts {
    /// Jobs in `state`.
    pub fn of(&self, state: StateName) -> u64 {
        StateName::ALL.iter().zip(self.0).find_map(|(s, n)| (*s == state).then_some(n)).unwrap_or(0)
    }

    /// Sets the number of jobs in `state`.
    pub fn set(&mut self, state: StateName, n: u64) {
        if let Some((_, slot)) = StateName::ALL.iter().zip(self.0.iter_mut()).find(|(s, _)| **s == state) {
            *slot = n;
        }
    }

    /// All jobs.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// Counters of one minute: name to number. Names are those of [`tally`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Minute {
    /// Minutes since the epoch.
    pub minute: i64,
    /// The counters.
    pub counters: BTreeMap<String, u64>,
}

impl Minute {
    /// One counter.
    pub fn get(&self, name: &str) -> u64 {
        self.counters.get(name).copied().unwrap_or(0)
    }
}

/// Counts jobs that ended in this state, by its name.
fn ended(state: StateName) -> Option<&'static str> {
    state.is_final().then_some(state.as_str())
}

/// What the change from `before` (`None`: accepted) to `after` adds to the counters of its minute:
/// `accepted`, `dispatched`, `completed`, `failed`, `cancelled`, `rescued`, and for the times histogram cells
/// `wait.<cell>` (acceptance or due time to the claim) and `run.<cell>` with `run_ms` and `runs` (claim to hand-over).
pub fn tally(before: Option<&Job>, after: &Job) -> Vec<(String, u64)> {
    let mut out = Vec::new();
    let mut one = |name: &str| out.push((name.to_owned(), 1));
    let Some(before) = before else {
        one("accepted");
        return out;
    };
    let (from, to) = (before.state.name(), after.state.name());
    if after.rescues > before.rescues {
        one("rescued");
    }
    if let Some(name) = ended(to).filter(|_| from != to) {
        one(name);
    }
    if to == StateName::Processing && from != to {
        let ready = match before.state {
            State::Scheduled { due } => due,
            _ => before.spec.not_before.filter(|_| before.attempt == 0).unwrap_or(before.created),
        };
        if let Some(started) = after.started {
            one(&format!("wait.{}", cell(started.since(ready))));
        }
    }
    if from == StateName::Processing
        && to == StateName::Dispatched
        && let (Some(started), Some(dispatched)) = (after.started, after.dispatched)
    {
        let run = dispatched.since(started);
        one("dispatched");
        one("runs");
        one(&format!("run.{}", cell(run)));
        out.push(("run_ms".to_owned(), u64::try_from(run.as_millis()).unwrap_or(u64::MAX)));
    }
    out
}

/// Cells per doubling of the time histogram: neighbouring cells differ by 19 %.
const PER_DOUBLING: f64 = 4.0;

/// The histogram cell of a time span; cell 0 is up to one millisecond.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a logarithm of a u64 fits")]
pub fn cell(span: Duration) -> u32 {
    let millis = span.as_secs_f64() * 1_000.0;
    if millis <= 1.0 { 0 } else { (millis.log2() * PER_DOUBLING).ceil() as u32 }
}

/// The upper edge of a cell.
pub fn edge(cell: u32) -> Duration {
    Duration::from_secs_f64((f64::from(cell) / PER_DOUBLING).exp2() / 1_000.0)
}

/// A histogram read back from counters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times(BTreeMap<u32, u64>);

impl Times {
    /// The cells `<name>.<cell>` of some minutes, added up.
    pub fn read<'a>(minutes: impl IntoIterator<Item = &'a Minute>, name: &str) -> Self {
        let mut cells = BTreeMap::new();
        for (key, n) in minutes.into_iter().flat_map(|m| &m.counters) {
            let cell =
                key.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')).and_then(|c| c.parse().ok());
            if let Some(cell) = cell {
                *cells.entry(cell).or_default() += n;
            }
        }
        Self(cells)
    }

    /// The time that `share` (0..1) of all stay within, up to the width of a cell; `None` when nothing was counted.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "ranks of at most millions"
    )]
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let total: u64 = self.0.values().sum();
        let rank = ((total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        self.0.iter().find_map(|(cell, n)| {
            seen += n;
            (seen >= rank).then(|| edge(*cell))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_its_own_edge() {
        for n in 0..80 {
            let inside = edge(n).mul_f64(0.9999);
            assert_eq!(cell(inside), n, "cell {n}");
        }
        assert_eq!(cell(Duration::ZERO), 0);
    }

    #[test]
    fn quantiles_come_from_the_cells_of_all_minutes() {
        let minute = |ms: &[u64]| Minute {
            minute: 1,
            counters: ms.iter().map(|ms| (format!("run.{}", cell(Duration::from_millis(*ms))), 1)).collect(),
        };
        let times = Times::read(&[minute(&[10, 20, 40]), minute(&[80, 1_000])], "run");
        let p50 = times.quantile(0.5).unwrap().as_millis();
        assert!((40..=48).contains(&p50), "{p50}");
        assert!(times.quantile(1.0).unwrap() >= Duration::from_secs(1));
        assert_eq!(Times::default().quantile(0.5), None);
    }

    #[test]
    fn counts_add_up() {
        let mut counts = Counts::default();
        counts.set(StateName::Queued, 3);
        counts.set(StateName::Failed, 2);
        assert_eq!(
            (counts.of(StateName::Queued), counts.of(StateName::Completed), counts.total()),
            (3, 0, 5)
        );
    }
}
