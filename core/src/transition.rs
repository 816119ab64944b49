//! The state machine: one pure function, every rule of a job's life in one table.

use std::time::Duration;

use uuid::Uuid;

use crate::job::{Clip, Job, State, StateName, Waiting};
use crate::outcome::{Outcome, OutcomeKind};
use crate::time::Timestamp;
use crate::timeline::{Entry, What, push};

/// After this long in a queue the sweeper may suspect that a job's message was lost. Checked against the queue's
/// depth first, so a long backlog costs nothing.
pub const RING_AFTER: Duration = Duration::from_secs(15);

/// A worker holds a job for this long unless it renews; a third of it passes between renewals.
pub const LEASE: Duration = Duration::from_secs(15);

/// How long an uncertain call is left alone before a late result is looked for again.
const DOUBT_CHECK: Duration = Duration::from_hours(1);

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
        /// When to look again.
        next: Timestamp,
        /// What it waits for.
        waiting: Waiting,
    },
    /// The outcome is known.
    Outcome(Outcome),
    /// Somebody wants it withdrawn.
    Cancel,
    /// Its time is over.
    Expire,
    /// Somebody wants it tried again.
    Again,
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
    /// Its time has not come, or its lease has not ended.
    #[error("not yet")]
    TooEarly,
}

impl Job {
    /// What `event` at `now` makes of the job: the only place where a state changes. Pure; the caller stores the
    /// result with a compare-and-swap on [`Job::version`].
    pub fn apply(mut self, event: Event, now: Timestamp) -> Result<Self, Refused> {
        let state = std::mem::replace(&mut self.state, State::Cancelled);
        let name = state.name();
        let next = match (state, event) {
            (State::Queued { .. }, Event::Claim { worker, lease, until }) => {
                self.claim(worker, lease, until, now)
            }
            (State::Scheduled { due }, Event::Claim { worker, lease, until }) => {
                if due > now {
                    return Err(Refused::TooEarly);
                }
                self.claim(worker, lease, until, now)
            }
            (State::Processing { lease, until, cancelling }, event) => {
                self.held(Hold { lease, until, cancelling }, event, now)?
            }
            (State::Queued { .. }, Event::Ring { next }) => State::Queued { ring: next },
            (State::Scheduled { due }, Event::Ring { next }) => {
                if due > now {
                    return Err(Refused::TooEarly);
                }
                State::Queued { ring: next }
            }
            (State::Queued { .. } | State::Scheduled { .. }, Event::Cancel) => self.end_cancelled(now),
            (State::Queued { .. } | State::Scheduled { .. }, Event::Expire) => self.end_expired(now)?,
            (State::Dispatched { .. }, Event::Check { next, waiting }) => {
                State::Dispatched { check: next, waiting }
            }
            (State::Dispatched { .. }, Event::Outcome(outcome)) => self.end_with(outcome, now),
            (
                State::Completed
                | State::Failed
                | State::Cancelled
                | State::Dispatched { waiting: Waiting::Person, .. },
                Event::Again,
            ) => self.again(now),
            (
                State::Scheduled { .. }
                | State::Queued { .. }
                | State::Dispatched { .. }
                | State::Completed
                | State::Failed
                | State::Cancelled,
                _,
            ) => return Err(Refused::State(name)),
        };
        self.state = next;
        self.version += 1;
        Ok(self)
    }

    fn held(&mut self, hold: Hold, event: Event, now: Timestamp) -> Result<State, Refused> {
        let Hold { lease: holder, until: end, cancelling } = hold;
        match event {
            Event::Renew { lease, .. }
            | Event::Dispatched { lease, .. }
            | Event::Retry { lease, .. }
            | Event::Fail { lease, .. }
            | Event::Release { lease, .. }
                if lease != holder =>
            {
                Err(Refused::Lease)
            }
            Event::Renew { until, .. } => Ok(State::Processing { lease: holder, until, cancelling }),
            Event::Dispatched { check, clip, .. } => Ok(self.handed_over(clip, check, now)),
            Event::Retry { .. } | Event::Fail { .. } | Event::Release { .. } if cancelling => {
                Ok(self.end_cancelled(now))
            }
            Event::Retry { due, error, .. } => Ok(self.retry(due, error, now)),
            Event::Fail { error, .. } => Ok(self.end_failed(error, now)),
            Event::Release { ring, .. } => {
                self.rescues += 1;
                self.note(now, What::Released);
                Ok(State::Queued { ring })
            }
            Event::Rescue { .. } if end > now => Err(Refused::TooEarly),
            Event::Rescue { handed_over, next } => {
                self.note(now, What::Rescued { handed_over });
                if handed_over {
                    return Ok(self.handed_over(None, next, now));
                }
                if cancelling {
                    return Ok(self.end_cancelled(now));
                }
                self.rescues += 1;
                Ok(State::Queued { ring: next })
            }
            Event::Cancel if cancelling => Err(Refused::TooEarly),
            Event::Cancel => {
                self.note(now, What::CancelAsked);
                Ok(State::Processing { lease: holder, until: end, cancelling: true })
            }
            Event::Claim { .. }
            | Event::Ring { .. }
            | Event::Check { .. }
            | Event::Outcome(_)
            | Event::Expire
            | Event::Again => Err(Refused::State(StateName::Processing)),
        }
    }

    fn claim(&mut self, worker: String, lease: Uuid, until: Timestamp, now: Timestamp) -> State {
        self.attempt += 1;
        self.started = Some(now);
        self.worker = Some(worker.clone());
        self.note(now, What::Claimed { worker });
        State::Processing { lease, until, cancelling: false }
    }

    fn handed_over(&mut self, clip: Option<Clip>, check: Timestamp, now: Timestamp) -> State {
        self.clip = clip.or_else(|| self.clip.take());
        self.dispatched = Some(now);
        self.last_error = None;
        self.note(now, What::Dispatched);
        State::Dispatched { check, waiting: Waiting::Pickup }
    }

    fn retry(&mut self, due: Timestamp, error: String, now: Timestamp) -> State {
        if self.exhausted() {
            return self.end_failed(error, now);
        }
        self.last_error = Some(error.clone());
        self.note(now, What::Retry { due, error });
        State::Scheduled { due }
    }

    fn end_with(&mut self, outcome: Outcome, now: Timestamp) -> State {
        let (kind, heard) = (outcome.kind, outcome.heard());
        self.note(now, What::Outcome { outcome: outcome.clone() });
        self.outcome = Some(outcome);
        if kind == OutcomeKind::Uncertain {
            return State::Dispatched { check: now + DOUBT_CHECK, waiting: Waiting::Person };
        }
        self.finished = Some(now);
        if heard {
            self.last_error = None;
            return State::Completed;
        }
        self.last_error = Some(kind.sentence().to_owned());
        State::Failed
    }

    fn end_failed(&mut self, error: String, now: Timestamp) -> State {
        self.finished = Some(now);
        self.last_error = Some(error.clone());
        self.note(now, What::Failed { error });
        State::Failed
    }

    fn end_cancelled(&mut self, now: Timestamp) -> State {
        self.finished = Some(now);
        self.note(now, What::Cancelled);
        State::Cancelled
    }

    fn end_expired(&mut self, now: Timestamp) -> Result<State, Refused> {
        if !self.expired(now) {
            return Err(Refused::TooEarly);
        }
        self.finished = Some(now);
        self.note(now, What::Expired);
        self.outcome = Some(Outcome::of(OutcomeKind::Expired));
        self.last_error = Some(OutcomeKind::Expired.sentence().to_owned());
        Ok(State::Failed)
    }

    fn again(&mut self, now: Timestamp) -> State {
        self.allowed = self.counted().saturating_add(self.spec.max_attempts);
        self.outcome = None;
        self.last_error = None;
        self.finished = None;
        self.dispatched = None;
        // A second wish overrides the first time limit: otherwise an expired job could never be tried again.
        self.spec.expires = self.spec.expires.filter(|at| *at > now);
        self.note(now, What::Again);
        State::Queued { ring: now + RING_AFTER }
    }

    fn note(&mut self, at: Timestamp, what: What) {
        push(&mut self.timeline, Entry { at, attempt: self.attempt, what });
    }
}

/// Who holds a job in processing.
#[derive(Clone, Copy)]
struct Hold {
    lease: Uuid,
    until: Timestamp,
    cancelling: bool,
}

#[cfg(test)]
#[path = "transition_tests.rs"]
mod tests;
