//! Which failed calls are made again, and after what waits. Pure: whether a job takes another attempt is decided in
//! [`Job::apply`], this only says when the policy wants one.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::job::Job;
use crate::outcome::{Outcome, OutcomeKind};
use crate::state::Waiting;
use crate::time::{Timestamp, span, span_text};

/// Most waits of one list: a job has no more attempts.
pub const MAX_WAITS: usize = 20;
/// Longest wait.
const LONGEST: Duration = Duration::from_hours(30 * 24);
/// Ends a list, or is all of it.
const NEVER: &str = "never";

/// An outcome that another attempt may mend. The others are final: nobody who refused is called again, a number that
/// does not exist will not exist later, and what is uncertain is for a person to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mishap {
    /// See [`OutcomeKind::Busy`].
    Busy,
    /// See [`OutcomeKind::NoAnswer`].
    NoAnswer,
    /// See [`OutcomeKind::Congestion`].
    Congestion,
    /// See [`OutcomeKind::Unreachable`].
    Unreachable,
    /// See [`OutcomeKind::Silent`].
    Silent,
}

impl Mishap {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 5] =
        [Self::Busy, Self::NoAnswer, Self::Congestion, Self::Unreachable, Self::Silent];

    /// The mishap in an outcome, if it is one.
    pub const fn of(kind: OutcomeKind) -> Option<Self> {
        match kind {
            OutcomeKind::Busy => Some(Self::Busy),
            OutcomeKind::NoAnswer => Some(Self::NoAnswer),
            OutcomeKind::Congestion => Some(Self::Congestion),
            OutcomeKind::Unreachable => Some(Self::Unreachable),
            OutcomeKind::Silent => Some(Self::Silent),
            OutcomeKind::Answered
            | OutcomeKind::Rejected
            | OutcomeKind::InvalidNumber
            | OutcomeKind::Expired
            | OutcomeKind::Uncertain
            | OutcomeKind::Aired
            | OutcomeKind::Skipped
            | OutcomeKind::Failed => None,
        }
    }

    /// The word used in the API: that of the outcome.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Busy => OutcomeKind::Busy.as_str(),
            Self::NoAnswer => OutcomeKind::NoAnswer.as_str(),
            Self::Congestion => OutcomeKind::Congestion.as_str(),
            Self::Unreachable => OutcomeKind::Unreachable.as_str(),
            Self::Silent => OutcomeKind::Silent.as_str(),
        }
    }
}

/// The waits before the retries after one kind of outcome: the first retry takes the first, and so on.
///
/// Written as `1m,5m,15m`: the last one repeats for as long as the job has attempts left. `1m,5m,never` ends after two
/// retries, `never` makes none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Waits {
    delays: Vec<Duration>,
    ends: bool,
}

/// The text is no list of waits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotWaits {
    /// The part at this place, from 0, is neither a wait nor `never`.
    #[error("{text:?} is not a wait from 1s to 30d, such as 30s, 5m or 2h, or never")]
    Part {
        /// Its place.
        index: usize,
        /// What stands there.
        text: String,
    },
    /// `never` stands at this place, and something follows.
    #[error("never can only stand last")]
    Early {
        /// Its place.
        index: usize,
    },
    /// None, or too many.
    #[error("must have 1 to {MAX_WAITS} waits, such as 1m,5m,15m, or never")]
    Count,
}

impl NotWaits {
    /// The place of the wrong part, where it is one part.
    pub const fn index(&self) -> Option<usize> {
        match self {
            Self::Part { index, .. } | Self::Early { index } => Some(*index),
            Self::Count => None,
        }
    }
}

impl Waits {
    /// No retry at all.
    pub const fn never() -> Self {
        Self { delays: Vec::new(), ends: true }
    }

    /// Reads a list part by part.
    pub fn read(parts: &[&str]) -> Result<Self, NotWaits> {
        let mut waits = Self { delays: Vec::with_capacity(parts.len()), ends: false };
        for (index, part) in parts.iter().map(|p| p.trim()).enumerate() {
            if waits.ends {
                return Err(NotWaits::Early { index: index - 1 });
            }
            if part == NEVER {
                waits.ends = true;
                continue;
            }
            let delay = span(part).filter(|d| *d <= LONGEST);
            waits.delays.push(delay.ok_or_else(|| NotWaits::Part { index, text: part.to_owned() })?);
        }
        if parts.is_empty() || waits.delays.len() > MAX_WAITS {
            return Err(NotWaits::Count);
        }
        Ok(waits)
    }

    /// The list, part by part, as it would be written.
    pub fn parts(&self) -> impl Iterator<Item = String> {
        self.delays.iter().map(|d| span_text(*d)).chain(self.ends.then(|| NEVER.to_owned()))
    }

    /// Whether it makes no retry at all.
    pub const fn is_never(&self) -> bool {
        self.delays.is_empty()
    }

    /// The wait before the next retry after `made` of them; `None` when that was all.
    pub fn after(&self, made: u16) -> Option<Duration> {
        let next = self.delays.get(usize::from(made));
        next.or_else(|| self.delays.last().filter(|_| !self.ends)).copied()
    }
}

impl FromStr for Waits {
    type Err = NotWaits;

    fn from_str(text: &str) -> Result<Self, NotWaits> {
        Self::read(&text.split(',').collect::<Vec<_>>())
    }
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts().collect::<Vec<_>>().join(","))
    }
}

impl From<Waits> for String {
    fn from(waits: Waits) -> Self {
        waits.to_string()
    }
}

impl TryFrom<String> for Waits {
    type Error = NotWaits;

    fn try_from(text: String) -> Result<Self, NotWaits> {
        text.parse()
    }
}

/// Waits by outcome. Of an installation: what goes for every job; an outcome without waits is not tried again. Of a
/// job: what it asked for instead; for an outcome without waits, the installation's go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Redial(BTreeMap<Mishap, Waits>);

impl Redial {
    /// No retry after any outcome.
    pub fn never() -> Self {
        Mishap::ALL.into_iter().map(|mishap| (mishap, Waits::never())).collect()
    }

    /// Whether it says nothing about any outcome.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The waits after `mishap`.
    pub fn of(&self, mishap: Mishap) -> Option<&Waits> {
        self.0.get(&mishap)
    }

    /// When this installation's policy, or the job's own, wants the next attempt of a job whose latest call ended as
    /// `kind` at `now`. `None`: not again.
    pub fn due(&self, job: &Job, kind: OutcomeKind, now: Timestamp) -> Option<Timestamp> {
        let mishap = Mishap::of(kind)?;
        let waits = job.spec.retry.of(mishap).or_else(|| self.of(mishap))?;
        let made = job.redials.get(&mishap).copied().unwrap_or(0);
        Some(now + waits.after(made)?)
    }
}

impl FromIterator<(Mishap, Waits)> for Redial {
    fn from_iter<I: IntoIterator<Item = (Mishap, Waits)>>(waits: I) -> Self {
        Self(waits.into_iter().collect())
    }
}

/// What follows from the outcome of a call, as the timeline tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sequel {
    /// Another attempt.
    Again {
        /// When it may start.
        due: Timestamp,
        /// Which one it is, of those that count.
        attempt: u16,
        /// How many may be made.
        of: u16,
    },
    /// No attempts are left.
    NoneLeft,
    /// The job's waits, or the installation's, make no further retry after this outcome.
    Enough,
    /// The next attempt would come when the job has expired.
    TooLate,
    /// This outcome is never tried again.
    Never,
    /// A person decides.
    Person,
}

impl Sequel {
    /// What follows from `outcome` when the policy wants another attempt at `again`: the rules that no policy breaks.
    /// `waiting` is what the job waited for until then. `None` when the announcement was heard.
    pub(crate) fn of(
        job: &Job,
        outcome: &Outcome,
        waiting: Waiting,
        again: Option<Timestamp>,
    ) -> Option<Self> {
        if outcome.heard() {
            return None;
        }
        let expires = |due: Timestamp| job.spec.expires.is_some_and(|at| at <= due);
        Some(match again {
            _ if outcome.kind == OutcomeKind::Uncertain => Self::Person,
            _ if Mishap::of(outcome.kind).is_none() => Self::Never,
            // Somebody was asked to decide, and may have acted on it: a late result starts no call behind their back.
            _ if waiting == Waiting::Person => Self::Person,
            _ if job.exhausted() => Self::NoneLeft,
            None => Self::Enough,
            Some(due) if expires(due) => Self::TooLate,
            Some(due) => Self::Again { due, attempt: job.counted() + 1, of: job.allowed },
        })
    }

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Again { .. } => "again",
            Self::NoneLeft => "none_left",
            Self::Enough => "enough",
            Self::TooLate => "too_late",
            Self::Never => "never",
            Self::Person => "person",
        }
    }

    /// The outcome and what follows from it, in one plain sentence.
    pub fn sentence(self, kind: OutcomeKind) -> String {
        let kind = kind.as_str().replace('_', " ");
        match self {
            Self::Again { due, attempt, of } => {
                format!("{kind}; tried again at {due}, attempt {attempt} of {of}")
            }
            Self::NoneLeft => format!("{kind}; no attempts left"),
            Self::Enough => format!("{kind}; its waits allow no further retry"),
            Self::TooLate => format!("{kind}; not tried again: it expires before the next attempt"),
            Self::Never => format!("{kind}: never tried again"),
            Self::Person => format!("{kind}; not tried again unless a person decides so"),
        }
    }
}

#[cfg(test)]
#[path = "redial_tests.rs"]
mod tests;
