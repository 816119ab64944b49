//! What happened to a job, as its page tells it.

use serde::{Deserialize, Serialize};

use crate::event::Verdict;
use crate::outcome::Outcome;
use crate::redial::Sequel;
use crate::time::Timestamp;

/// Entries kept at most: twenty attempts with their outcomes, and some more. The first ones and the latest ones tell the
/// story; the middle is dropped.
pub const MAX_ENTRIES: usize = 72;
const KEPT_AT_THE_START: usize = 8;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// During which attempt; 0 before the first.
    pub attempt: u16,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// The kinds of things that happen to a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// The API stored and queued it.
    Accepted,
    /// A worker took it.
    Claimed {
        /// Which.
        worker: String,
    },
    /// It was handed over to Asterisk.
    Dispatched,
    /// The attempt failed; the next one has a time.
    Retry {
        /// When the next attempt may start.
        due: Timestamp,
        /// Why this one failed.
        error: String,
    },
    /// The worker stopped in good order and gave it back.
    Released,
    /// The worker died; another one looked what it had done.
    Rescued {
        /// Whether the call file had been handed over already.
        handed_over: bool,
    },
    /// The result of the call arrived.
    Outcome {
        /// Which.
        outcome: Outcome,
        /// What follows from it; absent where the announcement was heard.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Sequel>,
    },
    /// It failed for good.
    Failed {
        /// Why.
        error: String,
    },
    /// Somebody asked to cancel while a worker held it.
    CancelAsked,
    /// Somebody asked to hang up the call.
    HangUpAsked,
    /// A person decided on a call whose fate is not known.
    Decided {
        /// How.
        verdict: Verdict,
    },
    /// It was withdrawn in time.
    Cancelled,
    /// Its time was over.
    Expired,
    /// Somebody asked to try again.
    Again,
}

/// Adds an entry and keeps the list bounded.
pub(crate) fn push(timeline: &mut Vec<Entry>, entry: Entry) {
    if timeline.len() >= MAX_ENTRIES {
        timeline.remove(KEPT_AT_THE_START);
    }
    timeline.push(entry);
}
