//! The state machine: one pure function, every rule of a job's life in one table.

use std::time::Duration;

use uuid::Uuid;

use crate::event::{Event, Refused, Verdict};
use crate::job::{Clip, Job, Target};
use crate::outcome::{Outcome, OutcomeKind};
use crate::redial::{Mishap, Sequel};
use crate::state::{State, StateName, Waiting};
use crate::time::Timestamp;
use crate::timeline::{Entry, What, push};

/// After this long in a queue the sweeper may suspect that a job's message was lost. Checked against the queue's
/// depth first, so a long backlog costs nothing.
pub const RING_AFTER: Duration = Duration::from_secs(15);

/// A worker holds a job for this long unless it renews; a third of it passes between renewals.
pub const LEASE: Duration = Duration::from_secs(15);

/// How long an uncertain call is left alone before a late result is looked for again.
const DOUBT_CHECK: Duration = Duration::from_hours(1);

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
            (State::Dispatched { check, waiting }, event) => {
                self.handed_over_already(check, waiting, event, now)?
            }
            // A worker died, or was cut off, right after it had handed it to the station, and nobody knew.
            (
                State::Queued { .. } | State::Scheduled { .. } | State::Failed | State::Cancelled,
                Event::Outcome { attempt, outcome, .. },
            ) if self.was_aired_after_all(attempt, &outcome, name.is_final()) => {
                let next = Sequel::of(&self, &outcome, Waiting::Station, None);
                self.call_ended(outcome, next, now)
            }
            (
                state @ (State::Completed | State::Failed | State::Cancelled),
                Event::Again { attempt, heard_too },
            ) => {
                if attempt != self.attempt {
                    return Err(Refused::Attempt);
                }
                if state == State::Completed && !heard_too {
                    return Err(Refused::State(StateName::Completed));
                }
                self.again(now)
            }
            (
                State::Scheduled { .. }
                | State::Queued { .. }
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
            Event::Dispatched { check, clip, .. } => {
                self.keep_wish(cancelling);
                Ok(self.handed_over(clip, check, now))
            }
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
                    self.keep_wish(cancelling);
                    return Ok(self.handed_over(None, next, now));
                }
                if cancelling {
                    return Ok(self.end_cancelled(now));
                }
                self.rescues += 1;
                Ok(State::Queued { ring: next })
            }
            Event::HangUp { attempt } if attempt != self.attempt => Err(Refused::Attempt),
            // Handed over, and not stored yet: the worker is about to, or has died.
            Event::HangUp { .. } => {
                self.note_hang_up(now);
                Ok(State::Processing { lease: holder, until: end, cancelling: true })
            }
            Event::Cancel if cancelling => Err(Refused::TooEarly),
            Event::Cancel => {
                self.note(now, What::CancelAsked);
                Ok(State::Processing { lease: holder, until: end, cancelling: true })
            }
            Event::Claim { .. }
            | Event::Ring { .. }
            | Event::Check { .. }
            | Event::Outcome { .. }
            | Event::Decide { .. }
            | Event::Expire
            | Event::Again { .. } => Err(Refused::State(StateName::Processing)),
        }
    }

    /// What a job takes whose call is in the spool, under way, or of unknown fate.
    fn handed_over_already(
        &mut self,
        check: Timestamp,
        waiting: Waiting,
        event: Event,
        now: Timestamp,
    ) -> Result<State, Refused> {
        match event {
            // News can be late: by then the job may wait for the result of its next attempt.
            Event::Check { attempt, .. }
            | Event::Outcome { attempt, .. }
            | Event::HangUp { attempt }
            | Event::Decide { attempt, .. }
            | Event::Again { attempt, .. }
                if attempt != self.attempt =>
            {
                Err(Refused::Attempt)
            }
            Event::Check { next, waiting, .. } => Ok(State::Dispatched { check: next, waiting }),
            Event::Outcome { outcome, again, .. } => {
                let next = Sequel::of(self, &outcome, waiting, again);
                Ok(self.call_ended(outcome, next, now))
            }
            // The station takes it out of its queue when that is still possible, and tells what became of it.
            Event::Cancel if waiting == Waiting::Station => {
                if self.cancel_asked() {
                    return Err(Refused::TooEarly);
                }
                self.keep_wish(true);
                self.note(now, What::CancelAsked);
                Ok(State::Dispatched { check, waiting })
            }
            // Too late for this call, and in time for those that might follow it.
            Event::Cancel if waiting != Waiting::Person && !self.exhausted() => {
                self.keep_wish(true);
                self.note(now, What::CancelAsked);
                Ok(State::Dispatched { check, waiting })
            }
            Event::HangUp { .. } => {
                self.keep_wish(true);
                self.note_hang_up(now);
                Ok(State::Dispatched { check, waiting })
            }
            Event::Again { .. } if waiting == Waiting::Person => Ok(self.again(now)),
            Event::Decide { verdict, .. } if waiting == Waiting::Person => Ok(self.decided(verdict, now)),
            Event::Claim { .. }
            | Event::Renew { .. }
            | Event::Dispatched { .. }
            | Event::Retry { .. }
            | Event::Fail { .. }
            | Event::Release { .. }
            | Event::Rescue { .. }
            | Event::Ring { .. }
            | Event::Cancel
            | Event::Decide { .. }
            | Event::Expire
            | Event::Again { .. } => Err(Refused::State(StateName::Dispatched)),
        }
    }

    /// Whoever wished to cancel came too late for this call; no other may follow it.
    fn keep_wish(&mut self, cancelling: bool) {
        if cancelling {
            self.allowed = self.counted();
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
        // An earlier call's: the timeline keeps it.
        self.outcome = None;
        self.note(now, What::Dispatched);
        let waiting = match self.spec.target {
            Target::Call(_) => Waiting::Pickup,
            Target::Air(_) => Waiting::Station,
        };
        State::Dispatched { check, waiting }
    }

    fn retry(&mut self, due: Timestamp, error: String, now: Timestamp) -> State {
        if self.exhausted() {
            return self.end_failed(error, now);
        }
        self.last_error = Some(error.clone());
        self.note(now, What::Retry { due, error });
        State::Scheduled { due }
    }

    /// The outcome stays `uncertain`: it is what the telephone network told.
    fn decided(&mut self, verdict: Verdict, now: Timestamp) -> State {
        self.finished = Some(now);
        self.note(now, What::Decided { verdict });
        match verdict {
            Verdict::Heard => {
                self.last_error = None;
                State::Completed
            }
            Verdict::Left => {
                self.last_error = Some(OutcomeKind::Uncertain.sentence().to_owned());
                State::Failed
            }
        }
    }

    fn call_ended(&mut self, mut outcome: Outcome, next: Option<Sequel>, now: Timestamp) -> State {
        let kind = outcome.kind;
        let asked = self.spec.call().and_then(|call| call.interaction.as_ref());
        if let Some(asked) = asked.filter(|_| kind == OutcomeKind::Answered) {
            outcome.reply = Some(asked.reply(outcome.digits.as_deref()));
        }
        self.note(now, What::Outcome { outcome: outcome.clone(), next });
        self.outcome = Some(outcome);
        if kind == OutcomeKind::Uncertain {
            return State::Dispatched { check: now + DOUBT_CHECK, waiting: Waiting::Person };
        }
        let Some(next) = next else {
            self.finished = Some(now);
            self.last_error = None;
            return State::Completed;
        };
        if kind == OutcomeKind::Skipped && self.cancel_asked() && self.unheard() {
            return self.end_cancelled(now);
        }
        self.last_error = Some(kind.sentence().to_owned());
        if let (Sequel::Again { due, .. }, Some(mishap)) = (next, Mishap::of(kind)) {
            *self.redials.entry(mishap).or_insert(0) += 1;
            return State::Scheduled { due };
        }
        self.finished = Some(now);
        State::Failed
    }

    /// Whether the outcome of a station tells more than is known: what was on the air was, whatever was stored since. A
    /// job that has ended only yields to having been heard to its end.
    fn was_aired_after_all(&self, attempt: u16, outcome: &Outcome, ended: bool) -> bool {
        let on_air = |outcome: &Outcome| outcome.airing.as_ref().is_some_and(|airing| airing.at.is_some());
        let unknown = self.outcome.as_ref().is_none_or(|known| !on_air(known));
        attempt == self.attempt
            && on_air(outcome)
            && (!ended || (outcome.kind == OutcomeKind::Aired && unknown))
    }

    /// Whether not a moment of it was on the air.
    fn unheard(&self) -> bool {
        let airing = self.outcome.as_ref().and_then(|outcome| outcome.airing.as_ref());
        airing.is_none_or(|airing| airing.seconds == 0.0)
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
        self.redials.clear();
        self.outcome = None;
        self.last_error = None;
        self.finished = None;
        self.dispatched = None;
        // A second wish overrides the first time limit: otherwise an expired job could never be tried again.
        self.spec.expires = self.spec.expires.filter(|at| *at > now);
        self.note(now, What::Again);
        State::Queued { ring: now + RING_AFTER }
    }

    /// Once per attempt: who asks again may be waiting for an answer that was lost.
    fn note_hang_up(&mut self, now: Timestamp) {
        let attempt = self.attempt;
        if !self.timeline.iter().any(|e| e.attempt == attempt && e.what == What::HangUpAsked) {
            self.note(now, What::HangUpAsked);
        }
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
