//! From a message to a claimed job.

use std::time::Duration;

use pregon_core::{Event, Inserted, Job, LEASE, StateName, StoreError, Swap, Timestamp, clock};
use uuid::Uuid;

use crate::Shop;

/// What is to be done with a delivered message.
#[derive(Debug)]
pub(crate) enum Claim {
    /// The job is ours under this lease.
    Ours(Box<Job>, Uuid),
    /// It is not its time, or somebody else holds it: the message has to come back after this long.
    Later(Box<Job>, Duration),
    /// Its time was over; it has ended.
    Ended(Box<Job>),
    /// Nothing is left to do: a duplicate, a cancelled job, a submission that was taken back.
    Drop,
}

/// Claims the job of a delivered message for `worker`.
///
/// The message's copy is tried first: mostly nothing has changed since it was published, and one swap is all it takes.
/// Otherwise the row decides, unless the store lost it: then the message brings it back.
pub(crate) async fn claim(floor: &Shop, message: Job, worker: &str) -> Result<Claim, StoreError> {
    let mut candidate = message.clone();
    loop {
        let now = clock::now();
        if candidate.state.name() == StateName::Processing {
            match held_by_other(floor, candidate, now).await? {
                Held::Freed(job) => candidate = *job,
                Held::Still(job, wait) => return Ok(Claim::Later(job, wait)),
                Held::Gone => return Ok(Claim::Drop),
            }
        }
        let (event, lease) = match next_step(&candidate, worker, now) {
            Step::Take(event, lease) => (event, lease),
            Step::Wait(wait) => return Ok(Claim::Later(Box::new(candidate), wait)),
            Step::Nothing => return Ok(Claim::Drop),
        };
        let Ok(after) = candidate.clone().apply(event, now) else { return Ok(Claim::Drop) };
        match floor.desk.store().swap(&candidate, &after).await? {
            Swap::Done => {
                return Ok(match lease {
                    Some(lease) => Claim::Ours(Box::new(after), lease),
                    None => Claim::Ended(Box::new(after)),
                });
            }
            Swap::Stale => match newest(floor, &message).await? {
                Some(job) => candidate = job,
                None => return Ok(Claim::Drop),
            },
            Swap::Missing => {
                match floor.desk.store().insert(std::slice::from_ref(&candidate)).await?.first() {
                    Some(Inserted::Discarded) | None => return Ok(Claim::Drop),
                    Some(Inserted::New) => {
                        tracing::warn!(job.id = %candidate.id, "the store had lost this job; restored");
                    }
                    Some(Inserted::Existing) => {}
                }
            }
        }
    }
}

enum Step {
    Take(Event, Option<Uuid>),
    Wait(Duration),
    Nothing,
}

fn next_step(job: &Job, worker: &str, now: Timestamp) -> Step {
    match job.state.name() {
        StateName::Queued | StateName::Scheduled if job.expired(now) => Step::Take(Event::Expire, None),
        StateName::Scheduled if job.delay(now) > Duration::ZERO => Step::Wait(job.delay(now)),
        StateName::Queued | StateName::Scheduled => {
            let lease = Uuid::new_v4();
            Step::Take(Event::Claim { worker: worker.to_owned(), lease, until: now + LEASE }, Some(lease))
        }
        StateName::Processing
        | StateName::Dispatched
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => Step::Nothing,
    }
}

/// The row, or the message's copy if that is newer: a store that lost its last writes is put right.
async fn newest(floor: &Shop, message: &Job) -> Result<Option<Job>, StoreError> {
    let store = floor.desk.store();
    let Some(row) = store.get(message.id).await? else { return Ok(Some(message.clone())) };
    if row.version >= message.version {
        return Ok(Some(row));
    }
    store.swap(&row, message).await?;
    store.get(message.id).await
}

enum Held {
    Freed(Box<Job>),
    Still(Box<Job>, Duration),
    Gone,
}

/// Another worker has it. While its lease runs the message must come back later: if that worker is dead and the store
/// is lost as well, this message is the only copy.
async fn held_by_other(floor: &Shop, job: Job, now: Timestamp) -> Result<Held, StoreError> {
    // The message's copy is as old as the message: the holder may have renewed since.
    let job = match floor.desk.store().get(job.id).await? {
        Some(row) if row.version > job.version => row,
        Some(_) | None => job,
    };
    if job.state.name() != StateName::Processing {
        return Ok(Held::Freed(Box::new(job)));
    }
    let left = job.state.wake().map_or(Duration::ZERO, |until| until.until(now));
    if left > Duration::ZERO {
        return Ok(Held::Still(Box::new(job), left.max(Duration::from_secs(1))));
    }
    if let Some(freed) = crate::sweep::rescue(floor, &job).await? {
        return Ok(if freed.state.name() == StateName::Queued {
            Held::Freed(Box::new(freed))
        } else {
            Held::Gone
        });
    }
    // Somebody else was faster, and whatever the job is now decides; or the attempt cannot be settled at the moment.
    Ok(match floor.desk.store().get(job.id).await? {
        Some(row) if row.version > job.version => Held::Freed(Box::new(row)),
        Some(row) => Held::Still(Box::new(row), Duration::from_secs(1)),
        None => Held::Still(Box::new(job), Duration::from_secs(1)),
    })
}
