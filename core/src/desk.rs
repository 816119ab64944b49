//! What people do to jobs: hand in, cancel, try again. Used by the API and by the dashboard alike.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::event::{Event, Refused, Verdict};
use crate::id::JobId;
use crate::job::Job;
use crate::queue::Queue;
use crate::state::StateName;
use crate::store::{Inserted, Store, StoreError, Swap};
use crate::switchboard::{HungUp, NotHungUp, Switchboard};
use crate::time::Timestamp;

/// Takes jobs in and passes people's wishes on.
#[derive(Clone)]
pub struct Desk {
    store: Arc<dyn Store>,
    queue: Arc<dyn Queue>,
    intake: Option<Arc<dyn Intake>>,
    ears: Option<Ears>,
}

/// Told of every job that ended here, by what a person did.
pub type Ears = Arc<dyn Fn(&Job) + Send + Sync>;

/// A store and a queue in one, which does in one write what would take two.
#[async_trait]
pub trait Intake: Send + Sync + 'static {
    /// Stores jobs as [`Store::insert`] does and publishes them, each with its delay, as [`Queue::publish`] does,
    /// except those whose ids were discarded. All of them or, with an error, possibly none. What is returned is
    /// durable. A caller that goes away does not undo it.
    async fn take_in(&self, jobs: &[(&Job, Duration)]) -> Result<Vec<Inserted>, StoreError>;
}

/// A job was not accepted, and will not run.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotAccepted {
    /// Store or queue are away; the same request may work later.
    #[error("{0}")]
    Unavailable(String),
    /// The id belongs to a submission that was taken back.
    #[error("this submission was taken back")]
    TakenBack,
}

/// What became of the wish to cancel.
#[derive(Debug, Clone, PartialEq)]
pub enum Cancelled {
    /// It will not run.
    InTime(Box<Job>),
    /// A worker or a station holds it and will decide within moments.
    Asked(Box<Job>),
    /// It was handed over, or had ended. What was handed over gets no further attempt.
    TooLate(Box<Job>),
    /// There is no such job.
    Unknown,
}

/// What became of the wish to try again.
#[derive(Debug, Clone, PartialEq)]
pub enum Again {
    /// It is queued.
    Queued(Box<Job>),
    /// It has not ended yet, or has changed since the attempt that was named.
    NotEnded(Box<Job>),
    /// It was heard, and that was not known to whoever asked.
    Heard(Box<Job>),
    /// There is no such job.
    Unknown,
}

/// What became of a person's decision on a call whose fate is not known.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// The job has ended so.
    Done(Box<Job>),
    /// It does not wait for a decision, or not on that attempt.
    NotAsked(Box<Job>),
    /// There is no such job.
    Unknown,
}

/// What became of the wish to hang up a job's call.
#[derive(Debug, Clone, PartialEq)]
pub enum Cut {
    /// The call ends now, and no other follows.
    Done(Box<Job>),
    /// It has no call on the line.
    NoCall(Box<Job>),
    /// The call may go on. If it was to be hung up at all, no other follows; asking again does no harm.
    Failed(NotHungUp),
    /// There is no such job.
    Unknown,
}

/// What became of an attempt to change a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Advance {
    /// Changed: before, after.
    Done(Box<Job>, Box<Job>),
    /// The job's state does not take the event.
    Refused(Box<Job>, Refused),
    /// There is no such job.
    Missing,
}

/// A change that loses the race this often is given up: the job is busy.
const TRIES: usize = 16;

/// Reads the job, applies `event`, swaps; starts over when somebody else was faster.
pub async fn advance(
    store: &dyn Store,
    id: JobId,
    event: &Event,
    now: Timestamp,
) -> Result<Advance, StoreError> {
    for _ in 0..TRIES {
        let Some(before) = store.get(id).await? else { return Ok(Advance::Missing) };
        let after = match before.clone().apply(event.clone(), now) {
            Ok(after) => after,
            Err(refused) => return Ok(Advance::Refused(Box::new(before), refused)),
        };
        match store.swap(&before, &after).await? {
            Swap::Done => return Ok(Advance::Done(Box::new(before), Box::new(after))),
            Swap::Missing => return Ok(Advance::Missing),
            Swap::Stale => {}
        }
    }
    Err(StoreError("the job keeps changing".to_owned()))
}

impl Desk {
    /// A desk over these two.
    pub fn new(store: Arc<dyn Store>, queue: Arc<dyn Queue>) -> Self {
        Self { store, queue, intake: None, ears: None }
    }

    /// A desk over a store that is the queue as well.
    pub fn over_one<T: Store + Queue + Intake>(both: Arc<T>) -> Self {
        Self { store: Arc::clone(&both) as _, queue: Arc::clone(&both) as _, intake: Some(both), ears: None }
    }

    /// The same desk, which tells `ears` of every job that a person ends here: cancelled in time, or decided on.
    #[must_use]
    pub fn telling(self, ears: Ears) -> Self {
        Self { ears: Some(ears), ..self }
    }

    /// Somebody has ended it.
    async fn ended(&self, job: &Job) {
        self.report(job).await;
        if let Some(ears) = &self.ears {
            ears(job);
        }
    }

    /// The store behind it.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The queue behind it.
    pub fn queue(&self) -> &dyn Queue {
        &*self.queue
    }

    /// Stores the jobs and queues them; one answer per job, in order. `Ok` means: stored, and confirmed by the queue.
    /// Jobs whose ids are there already are queued again, which does no harm: workers refuse duplicates.
    pub async fn accept(&self, jobs: &[Job], now: Timestamp) -> Vec<Result<(), NotAccepted>> {
        let inserted = match &self.intake {
            Some(both) => {
                let postings: Vec<(&Job, Duration)> = jobs.iter().map(|job| (job, job.delay(now))).collect();
                both.take_in(&postings).await
            }
            None => self.store.insert(jobs).await,
        };
        let inserted = match inserted {
            Ok(inserted) => inserted,
            Err(error) => return self.give_up(jobs, &error).await,
        };
        let mut answers: Vec<Result<(), NotAccepted>> = inserted
            .iter()
            .map(|i| match i {
                Inserted::New | Inserted::Existing => Ok(()),
                Inserted::Discarded => Err(NotAccepted::TakenBack),
            })
            .collect();
        if self.intake.is_some() {
            return answers;
        }
        // Repeated with its key: accepted before, and the sweeper publishes what is stored. It must not be taken back.
        let known: Vec<JobId> = jobs
            .iter()
            .zip(&inserted)
            .filter(|(_, i)| matches!(i, Inserted::Existing))
            .map(|(job, _)| job.id)
            .collect();
        let postings: Vec<(&Job, Duration)> =
            jobs.iter().zip(&answers).filter(|(_, a)| a.is_ok()).map(|(j, _)| (j, j.delay(now))).collect();
        let published = self.queue.publish(&postings).await;
        let failed: Vec<(JobId, String)> = postings
            .iter()
            .zip(published)
            .filter_map(|((job, _), result)| result.err().map(|e| (job.id, e.to_string())))
            .filter(|(id, _)| !known.contains(id))
            .collect();
        if !failed.is_empty() {
            self.take_back(jobs, &failed, &mut answers).await;
        }
        answers
    }

    /// What could not be stored may have been stored all the same: it is taken back if that can be done.
    async fn give_up(&self, jobs: &[Job], error: &StoreError) -> Vec<Result<(), NotAccepted>> {
        let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
        let gone = self.store.discard(&ids).await.unwrap_or_else(|_| vec![true; ids.len()]);
        gone.into_iter().map(|gone| unavailable_if(gone, &error.to_string())).collect()
    }

    /// An unconfirmed message may be in the queue all the same. The discarded id makes workers drop it; where a
    /// worker was faster, the job runs, and the truth is that it was accepted.
    async fn take_back(
        &self,
        jobs: &[Job],
        failed: &[(JobId, String)],
        answers: &mut [Result<(), NotAccepted>],
    ) {
        let ids: Vec<_> = failed.iter().map(|(id, _)| *id).collect();
        let gone = self.store.discard(&ids).await.unwrap_or_else(|_| vec![true; ids.len()]);
        for ((id, error), gone) in failed.iter().zip(gone) {
            for (_, answer) in jobs.iter().zip(answers.iter_mut()).filter(|(job, _)| job.id == *id) {
                *answer = unavailable_if(gone, error);
            }
        }
    }

    /// Withdraws a job, or asks its worker to.
    pub async fn cancel(&self, id: JobId, now: Timestamp) -> Result<Cancelled, StoreError> {
        Ok(match advance(&*self.store, id, &Event::Cancel, now).await? {
            Advance::Missing => Cancelled::Unknown,
            Advance::Done(_, job) if job.state.name() == StateName::Cancelled => {
                self.ended(&job).await;
                Cancelled::InTime(job)
            }
            // A station can still take it out of its queue.
            Advance::Done(_, job)
                if job.state.name() == StateName::Dispatched && job.spec.air().is_none() =>
            {
                Cancelled::TooLate(job)
            }
            Advance::Done(_, job) => Cancelled::Asked(job),
            Advance::Refused(job, _) => match job.state.name() {
                StateName::Cancelled => Cancelled::InTime(job),
                StateName::Processing => Cancelled::Asked(job),
                StateName::Dispatched if job.spec.air().is_some() => Cancelled::Asked(job),
                StateName::Scheduled
                | StateName::Queued
                | StateName::Dispatched
                | StateName::Completed
                | StateName::Failed => Cancelled::TooLate(job),
            },
        })
    }

    /// Hangs up the call of a job. That no other may follow is stored first: a call that is cut while it rings ends
    /// like one that nobody answers.
    pub async fn hang_up(
        &self,
        id: JobId,
        switchboard: &dyn Switchboard,
        now: Timestamp,
    ) -> Result<Cut, StoreError> {
        let Some(job) = self.store.get(id).await? else { return Ok(Cut::Unknown) };
        if !switchboard.connected() {
            return Ok(Cut::Failed(NotHungUp::NotConnected));
        }
        let key = job.key();
        if switchboard.call(key).is_none() {
            return Ok(Cut::NoCall(Box::new(job)));
        }
        let wish = Event::HangUp { attempt: key.attempt };
        let job = match advance(&*self.store, id, &wish, now).await? {
            Advance::Missing => return Ok(Cut::Unknown),
            // It ended a moment ago.
            Advance::Refused(job, _) => return Ok(Cut::NoCall(job)),
            Advance::Done(_, job) => job,
        };
        Ok(match switchboard.hang_up(key).await {
            Ok(HungUp::Done) => Cut::Done(job),
            Ok(HungUp::NoCall) => Cut::NoCall(job),
            Err(why) => Cut::Failed(why),
        })
    }

    /// Ends a job whose call has an unknown fate, as a person says. Deciding the same once more changes nothing.
    pub async fn decide(
        &self,
        id: JobId,
        attempt: u16,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<Decided, StoreError> {
        Ok(match advance(&*self.store, id, &Event::Decide { attempt, verdict }, now).await? {
            Advance::Missing => Decided::Unknown,
            Advance::Refused(job, _) if job.was_decided(attempt, verdict) => Decided::Done(job),
            Advance::Refused(job, _) => Decided::NotAsked(job),
            Advance::Done(_, job) => {
                self.ended(&job).await;
                Decided::Done(job)
            }
        })
    }

    /// Queues a job that has ended once more, on a person's wish. `attempt` is the latest that they know of. One that was
    /// heard is only announced again where they know it (`heard_too`): they may ask because they do not.
    pub async fn again(
        &self,
        id: JobId,
        attempt: u16,
        heard_too: bool,
        now: Timestamp,
    ) -> Result<Again, StoreError> {
        Ok(match advance(&*self.store, id, &Event::Again { attempt, heard_too }, now).await? {
            Advance::Missing => Again::Unknown,
            Advance::Refused(job, Refused::State(StateName::Completed)) => Again::Heard(job),
            Advance::Refused(job, _) => Again::NotEnded(job),
            Advance::Done(_, job) => {
                // If this fails the row is queued all the same, and the sweeper publishes it within half a minute.
                drop(self.queue.publish(&[(&*job, Duration::ZERO)]).await);
                Again::Queued(job)
            }
        })
    }

    /// Adds a job that has ended to the results feed. The feed is a copy for outside consumers, so its failure must
    /// not undo the end itself.
    pub async fn report(&self, job: &Job) {
        drop(self.queue.report(job).await);
    }
}

fn unavailable_if(gone: bool, why: &str) -> Result<(), NotAccepted> {
    if gone { Err(NotAccepted::Unavailable(why.to_owned())) } else { Ok(()) }
}
