//! Handing over: the trait in front of Asterisk and of the stations.

use async_trait::async_trait;

use crate::id::JobId;
use std::time::Duration;

use crate::job::{Clip, Job, Target};
use crate::outcome::Outcome;
use crate::pace::Line;
use crate::state::Waiting;

/// What is known for good about an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was, or just now is, handed over.
    HandedOver,
    /// It never was and never can be.
    Voided,
}

/// What is known about a handed-over attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// Not over.
    Pending(Waiting),
    /// Over.
    Known(Outcome),
}

/// What is played: the message and, where the target asks something, what it asks and what it says after an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Recordings {
    /// The announcement.
    pub message: Clip,
    /// The question.
    pub prompt: Option<Clip>,
    /// What follows an answer.
    pub thanks: Option<Clip>,
}

impl From<Clip> for Recordings {
    fn from(message: Clip) -> Self {
        Self { message, prompt: None, thanks: None }
    }
}

/// What a call needs beside its recordings, for the audio path to open and for whoever hangs up late.
const AROUND: Duration = Duration::from_secs(10);

/// No call lasts longer, whatever it plays: Asterisk would take it for one to be dialled anew after an hour.
const MOST: Duration = Duration::from_mins(50);

impl Recordings {
    /// The longest that a call to `target` can last once it was answered. Asterisk is told to hang up then.
    pub fn longest(&self, target: &Target) -> Duration {
        let interaction = match target {
            Target::Call(call) => call.interaction.as_ref(),
            Target::Air(_) => None,
        };
        let seconds = |clip: &Option<Clip>| clip.as_ref().map_or(0.0, |clip| clip.seconds);
        let (message, prompt, thanks) = (self.message.seconds, seconds(&self.prompt), seconds(&self.thanks));
        let talk = interaction.map_or(message, |asked| asked.longest(message, prompt, thanks));
        (AROUND + Duration::try_from_secs_f64(talk).unwrap_or(MOST)).min(MOST)
    }
}

/// Why an attempt was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// It may work later: disk full, folder missing, broker away.
    #[error("it could not be handed over: {0}")]
    Unavailable(String),
    /// It will never work: this target cannot be reached from here.
    #[error("{0}")]
    Rejected(String),
    /// Somebody settled the attempt as not handed over; it may not go out any more.
    #[error("the attempt was settled as not handed over")]
    Voided,
}

/// Hands attempts over, each at most once. All calls are about a job's latest attempt ([`Job::key`]), idempotent by its
/// key, safe to repeat after a crash at any point, and safe to race: the first to commit or to void a key decides for
/// everybody, for good.
#[async_trait]
pub trait Dispatcher: Send + Sync + 'static {
    /// Hands the attempt over. `Ok` also when it had been handed over before. Cancelling the future leaves the
    /// attempt either undone or committed; [`Dispatcher::settle`] then tells which.
    async fn dispatch(&self, job: &Job, recordings: &Recordings) -> Result<(), DispatchError>;

    /// The trunk that `target` goes by. `None` where there are no trunks, and where none can reach the target: then
    /// [`Dispatcher::dispatch`] says so.
    fn line(&self, _target: &Target) -> Option<Line> {
        None
    }

    /// Decides an attempt whose worker is gone: finishes a committed hand-over, voids anything less.
    async fn settle(&self, job: &Job) -> Result<Settled, DispatchError>;

    /// What became of a handed-over attempt.
    async fn fate(&self, job: &Job) -> Result<Fate, DispatchError>;

    /// Forgets everything about jobs that ended long ago and were pruned. After this their keys are free again, so
    /// no message of theirs may be left.
    async fn forget(&self, jobs: &[JobId]);
}
