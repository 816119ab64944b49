//! The outcome tracker: when news of an attempt arrives, looks what became of it.

use std::time::Duration;

use pregon_core::{Event, Fate, Job, Key, State, StateName, StoreError, Timestamp, Waiting, clock, fault};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use crate::{Shop, Stop};

/// News looked into at once.
const AT_ONCE: usize = 32;

/// A call can end before its hand-over is stored. Then the news is looked at again, this often at most.
const EARLY: (u32, Duration) = (20, Duration::from_millis(250));

/// Between two looks at a call whose fate a person has to decide.
const LATE: Duration = Duration::from_hours(1);

/// Looks into every attempt that `news` names until the soft stop. What is missed, the sweeper finds later.
pub async fn track(floor: Shop, mut news: mpsc::Receiver<Key>, stop: Stop) {
    let tasks = TaskTracker::new();
    let slots = std::sync::Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
    loop {
        let key = tokio::select! {
            key = news.recv() => key,
            () = stop.soft.cancelled() => None,
        };
        let Some(key) = key else { break };
        let Ok(permit) = std::sync::Arc::clone(&slots).acquire_owned().await else { break };
        let floor = floor.clone();
        tasks.spawn(async move {
            let mut tries = 0;
            while tries < EARLY.0 && matches!(look(&floor, key).await, Ok(Look::TooEarly)) {
                tries += 1;
                tokio::time::sleep(EARLY.1).await;
            }
            drop(permit);
        });
    }
    tasks.close();
    tasks.wait().await;
}

/// What a look at an attempt found.
#[derive(Debug, PartialEq, Eq)]
enum Look {
    /// Nothing more to do.
    Settled,
    /// The hand-over is not stored yet.
    TooEarly,
}

async fn look(floor: &Shop, key: Key) -> Result<Look, StoreError> {
    let Some(job) = floor.desk.store().get(key.job).await? else { return Ok(Look::Settled) };
    if job.attempt != key.attempt {
        return Ok(Look::Settled);
    }
    match job.state.name() {
        StateName::Processing => Ok(Look::TooEarly),
        StateName::Dispatched => {
            resolve(floor, &job).await?;
            Ok(Look::Settled)
        }
        StateName::Scheduled
        | StateName::Queued
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => Ok(Look::Settled),
    }
}

/// Stores what became of a dispatched job: its outcome and whether another attempt follows, or what it still waits for
/// and when to look again.
pub(crate) async fn resolve(floor: &Shop, job: &Job) -> Result<(), StoreError> {
    let now = clock::now();
    let event = match floor.dispatcher.fate(job).await {
        // Uncertain before, uncertain now: out of the sweeper's way for a while.
        Ok(Fate::Known(outcome)) if job.outcome.as_ref() == Some(&outcome) => {
            Event::Check { attempt: job.attempt, next: now + LATE, waiting: waiting_of(job) }
        }
        Ok(Fate::Known(outcome)) => {
            let again = floor.redial.due(job, outcome.kind, now);
            Event::Outcome { attempt: job.attempt, outcome, again }
        }
        Ok(Fate::Pending(waiting)) => {
            if let Some(clip) = &job.clip {
                floor.studio.still_wanted(clip).await;
            }
            Event::Check { attempt: job.attempt, next: now + patience(job, now), waiting }
        }
        Err(error) => {
            tracing::warn!(job.id = %job.id, %error, "the outcome of {} cannot be read", job.id);
            Event::Check { attempt: job.attempt, next: now + patience(job, now), waiting: waiting_of(job) }
        }
    };
    crate::turn::looked_at(floor, job, &event, now).await;
    let after = crate::perform::change(floor, job, &event, now).await?;
    crate::turn::stored(floor, job, &event, after.is_some()).await;
    let Some(after) = after else { return Ok(()) };
    match after.state.name() {
        StateName::Completed | StateName::Failed | StateName::Cancelled => {
            tracing::info!(job.id = %after.id, job.state = after.state.name().as_str(), "job {} {}", after.id, after.state.name().as_str());
            floor.desk.report(&after).await;
            floor.callbacks.tell(&after);
        }
        StateName::Scheduled => call_again(floor, &after, now).await,
        StateName::Queued | StateName::Processing | StateName::Dispatched => {}
    }
    Ok(())
}

/// Publishes the next attempt of a job whose latest call earned one. Where this fails, or the process ends before it,
/// the sweeper publishes it when its time has passed.
async fn call_again(floor: &Shop, job: &Job, now: Timestamp) {
    fault::point("earned");
    let delay = job.delay(now);
    tracing::info!(job.id = %job.id, delay_seconds = delay.as_secs(), "job {} is tried again", job.id);
    if let Some(Err(error)) = floor.desk.queue().publish(&[(job, delay)]).await.pop() {
        tracing::warn!(job.id = %job.id, %error, "the next attempt is not published; the sweeper does it when it is due");
    }
}

fn waiting_of(job: &Job) -> Waiting {
    match job.state {
        State::Dispatched { waiting, .. } => waiting,
        State::Scheduled { .. }
        | State::Queued { .. }
        | State::Processing { .. }
        | State::Completed
        | State::Failed
        | State::Cancelled => Waiting::Result,
    }
}

/// Looks less often the longer it takes: news comes by itself, this is the net below.
fn patience(job: &Job, now: Timestamp) -> Duration {
    let age = job.dispatched.map_or(Duration::ZERO, |at| now.since(at));
    (age / 2).clamp(Duration::from_secs(10), Duration::from_mins(5))
}
