//! What can happen to a job.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::job::Clip;
use crate::outcome::Outcome;
use crate::state::{StateName, Waiting};
use crate::time::Timestamp;

/// Something that happened to a job.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A worker takes it. Starts an attempt.
    Claim {
        /// The worker's name.
        worker: String,
        /// Its new lease.
        lease: Uuid,
        /// When the lease ends.
        until: Timestamp,
    },
    /// The holder is alive.
    Renew {
        /// The lease.
        lease: Uuid,
        /// Its new end.
        until: Timestamp,
    },
    /// The holder handed it over.
    Dispatched {
        /// The lease.
        lease: Uuid,
        /// When to look for the outcome.
        check: Timestamp,
        /// What was rendered; absent when the hand-over outlived the knowledge of it.
        clip: Option<Clip>,
    },
    /// The attempt failed and another may help. Only after the attempt is settled as not handed over.
    Retry {
        /// The lease.
        lease: Uuid,
        /// When the next attempt may start.
        due: Timestamp,
        /// Why this one failed.
        error: String,
    },
    /// The attempt failed and no other can help. Only after the attempt is settled as not handed over.
    Fail {
        /// The lease.
        lease: Uuid,
        /// Why.
        error: String,
    },
    /// The holder gives it back without it counting. Only after the attempt is settled as not handed over.
    Release {
        /// The lease.
        lease: Uuid,
        /// When the sweeper may suspect a lost message.
        ring: Timestamp,
    },
    /// The lease is over, and the ledger says what the dead holder had done.
    Rescue {
        /// Whether the attempt had been handed over.
        handed_over: bool,
        /// When to look again.
        next: Timestamp,
    },
    /// Its message was published again, or its time came and it was published.
    Ring {
        /// When the sweeper may suspect the next loss.
        next: Timestamp,
    },
    /// The outcome is still not known.
    Check {
        /// The attempt that was looked at.
        attempt: u16,
        /// When to look again.
        next: Timestamp,
        /// What it waits for.
        waiting: Waiting,
    },
    /// The outcome is known.
    Outcome {
        /// The attempt that it is of.
        attempt: u16,
        /// Which.
        outcome: Outcome,
        /// When the policy ([`Redial::due`](crate::Redial::due)) wants another attempt, if it does. It gets one only
        /// where the outcome may be mended, attempts are left, and the job has not expired by then.
        again: Option<Timestamp>,
    },
    /// Somebody wants it withdrawn.
    Cancel,
    /// Somebody is about to hang up its call: whatever becomes of it, no other follows.
    HangUp {
        /// The attempt that is under way.
        attempt: u16,
    },
    /// A person has decided what became of a call whose fate cannot be known. [`Event::Again`] is the third way.
    Decide {
        /// The attempt that was decided on.
        attempt: u16,
        /// How.
        verdict: Verdict,
    },
    /// Its time is over.
    Expire,
    /// Somebody wants it tried again.
    Again {
        /// The latest attempt that they know of: what has changed since may make them think again.
        attempt: u16,
        /// Whether they know that it was heard, and want it all the same.
        heard_too: bool,
    },
}

/// What a person says of a call whose fate cannot be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The announcement was heard: the callee has said so, or did what it asked.
    Heard,
    /// It stays unknown, and nobody is called again.
    Left,
}

impl Verdict {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Heard, Self::Left];

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Heard => "heard",
            Self::Left => "left",
        }
    }
}

/// The event does not fit the state; nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The job is not in a state in which that can happen.
    #[error("a {} job cannot take that", .0.as_str())]
    State(StateName),
    /// Somebody else holds the job now.
    #[error("the lease is not yours any more")]
    Lease,
    /// It is about an attempt that another one has followed.
    #[error("that was another attempt")]
    Attempt,
    /// Its time has not come, or its lease has not ended.
    #[error("not yet")]
    TooEarly,
}
