//! Handing over: calls to Asterisk, airings to the queue of their station.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pregon_core::{
    Air, AirQueue, Airing, DispatchError, Dispatcher, Fate, Job, JobId, Line, Outcome, OutcomeKind,
    Recordings, Settled, Target, Timestamp, Waiting, clock,
};

/// A station tells within moments that an announcement's time is over; one that is not running tells nothing.
const GRACE: Duration = Duration::from_mins(1);

/// Takes each job to where it is announced.
pub struct Outlets {
    /// Telephones.
    pub calls: Arc<dyn Dispatcher>,
    /// Stations.
    pub air: Announcer,
}

/// Hands airings to their stations. A station airs one attempt of a job's round ([`Job::round`]) and takes every other
/// for the same, so handing on twice does no harm, and an attempt need not be fenced here.
pub struct Announcer {
    queue: Arc<dyn AirQueue>,
}

impl Announcer {
    /// Over these queues.
    pub fn new(queue: Arc<dyn AirQueue>) -> Self {
        Self { queue }
    }

    async fn hand_on(&self, air: &Air, job: &Job) -> Result<(), DispatchError> {
        let handed = self.queue.hand_on(&air.station, job).await;
        handed.map_err(|error| DispatchError::Unavailable(error.to_string()))
    }

    /// An airing whose message is neither with the station nor on its way may have been lost with its queue: it is
    /// handed on again. One that nobody took in time will not be aired any more.
    async fn look(&self, air: &Air, job: &Job, now: Timestamp) -> Result<Fate, DispatchError> {
        let long = job.clip.as_ref().map_or(0.0, |clip| clip.seconds) * f64::from(air.repeat);
        let grace = GRACE + Duration::try_from_secs_f64(long).unwrap_or_default();
        if job.expired(now - grace) {
            return Ok(Fate::Known(unaired(air, OutcomeKind::Expired)));
        }
        if job.cancel_asked_at().is_some_and(|at| at + GRACE < now) {
            return Ok(Fate::Known(unaired(air, OutcomeKind::Skipped)));
        }
        let waiting = self.queue.waiting(&air.station).await;
        if waiting.map_err(|error| DispatchError::Unavailable(error.to_string()))? == 0 {
            self.hand_on(air, job).await?;
        }
        Ok(Fate::Pending(Waiting::Station))
    }
}

/// What is told of an airing that no station has told anything of.
fn unaired(air: &Air, kind: OutcomeKind) -> Outcome {
    let airing =
        Airing { station: air.station.clone(), at: None, seconds: 0.0, listeners: None, reason: None };
    Outcome { airing: Some(airing), ..Outcome::of(kind) }
}

#[async_trait]
impl Dispatcher for Outlets {
    async fn dispatch(&self, job: &Job, recordings: &Recordings) -> Result<(), DispatchError> {
        match &job.spec.target {
            Target::Call(_) => self.calls.dispatch(job, recordings).await,
            Target::Air(air) => {
                let rendered = Job { clip: Some(recordings.message.clone()), ..job.clone() };
                self.air.hand_on(air, &rendered).await
            }
        }
    }

    fn line(&self, target: &Target) -> Option<Line> {
        match target {
            Target::Call(_) => self.calls.line(target),
            Target::Air(_) => None,
        }
    }

    async fn settle(&self, job: &Job) -> Result<Settled, DispatchError> {
        match &job.spec.target {
            Target::Call(_) => self.calls.settle(job).await,
            // Another attempt does no harm, even if this one was handed on.
            Target::Air(_) => Ok(Settled::Voided),
        }
    }

    async fn fate(&self, job: &Job) -> Result<Fate, DispatchError> {
        match &job.spec.target {
            Target::Call(_) => self.calls.fate(job).await,
            Target::Air(air) => self.air.look(air, job, clock::now()).await,
        }
    }

    async fn forget(&self, jobs: &[JobId]) {
        self.calls.forget(jobs).await;
    }
}

#[cfg(test)]
#[path = "air_tests.rs"]
mod tests;
