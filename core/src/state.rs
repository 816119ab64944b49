//! Where a job stands, and what it is waiting for.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Timestamp;

/// What a dispatched call is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// The call file lies in the spool and Asterisk has not taken it.
    Pickup,
    /// Asterisk is dialling or the call goes on.
    Result,
    /// Its fate cannot be known: a person has to decide.
    Person,
    /// Its station has it, or will take it, and airs it when its turn comes.
    Station,
}

impl Waiting {
    /// One plain sentence, shown with the status.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Pickup => "the call file is in the spool; Asterisk has not taken it yet",
            Self::Result => "Asterisk has taken the call; its result is not known yet",
            Self::Person => "its fate cannot be known; a person has to decide",
            Self::Station => "it is with the station, and has not been aired to its end yet",
        }
    }
}

/// Where a job stands. [`Job::apply`](crate::Job::apply) is the only function that changes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum State {
    /// Waits for a time: a later start or the next attempt.
    Scheduled {
        /// When it may be taken.
        due: Timestamp,
    },
    /// Waits for a worker.
    Queued {
        /// When the sweeper may suspect that its message was lost.
        ring: Timestamp,
    },
    /// In a worker's hands.
    Processing {
        /// Who may act: every event of the holder names it.
        lease: Uuid,
        /// When another worker may take over.
        until: Timestamp,
        /// Somebody asked to cancel; the holder decides whether it came in time.
        #[serde(default)]
        cancelling: bool,
    },
    /// Handed over; its outcome is not known yet.
    Dispatched {
        /// When to look again.
        check: Timestamp,
        /// What it waits for.
        waiting: Waiting,
    },
    /// Heard.
    Completed,
    /// Ended without being heard.
    Failed,
    /// Withdrawn before it was handed over.
    Cancelled,
}

/// A state without its data: for counting, filtering and showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    /// See [`State::Scheduled`].
    Scheduled,
    /// See [`State::Queued`].
    Queued,
    /// See [`State::Processing`].
    Processing,
    /// See [`State::Dispatched`].
    Dispatched,
    /// See [`State::Completed`].
    Completed,
    /// See [`State::Failed`].
    Failed,
    /// See [`State::Cancelled`].
    Cancelled,
}

impl StateName {
    /// All seven, in the order of a job's life.
    pub const ALL: [Self; 7] = [
        Self::Scheduled,
        Self::Queued,
        Self::Processing,
        Self::Dispatched,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The word used in the API and in the stores.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Processing => "processing",
            Self::Dispatched => "dispatched",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// Whether nothing happens any more by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

impl State {
    /// Its name.
    pub const fn name(&self) -> StateName {
        match self {
            Self::Scheduled { .. } => StateName::Scheduled,
            Self::Queued { .. } => StateName::Queued,
            Self::Processing { .. } => StateName::Processing,
            Self::Dispatched { .. } => StateName::Dispatched,
            Self::Completed => StateName::Completed,
            Self::Failed => StateName::Failed,
            Self::Cancelled => StateName::Cancelled,
        }
    }

    /// When the sweeper should look at it, if ever.
    pub const fn wake(&self) -> Option<Timestamp> {
        match self {
            Self::Scheduled { due } => Some(*due),
            Self::Queued { ring } => Some(*ring),
            Self::Processing { until, .. } => Some(*until),
            Self::Dispatched { check, .. } => Some(*check),
            Self::Completed | Self::Failed | Self::Cancelled => None,
        }
    }
}
