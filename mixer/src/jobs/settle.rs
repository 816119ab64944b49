//! Telling the store what became of an airing.

use std::sync::Arc;
use std::time::Duration;

use pregon_core::{
    Advance, Event, Job, JobId, Outcome, Receipt, Refused, State, StateName, StoreError, advance, clock,
};

use tokio_util::sync::CancellationToken;

use super::Desks;

/// Shortest and longest pause between tries.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// What came of a try.
enum Told {
    /// Stored, by this try.
    Done(Box<Job>),
    /// There is nothing to store: it had ended, or a later attempt will bring its own message.
    Over,
    /// Its worker has not stored the hand-over yet.
    Early,
}

/// Stores the outcome of the attempt in `job`, however long that takes, and acknowledges its message then. After `stop`
/// there is no further try: the message comes again, and the journal knows the outcome.
pub(super) async fn settle(
    desks: Arc<Desks>,
    job: Job,
    receipt: Box<dyn Receipt>,
    outcome: Outcome,
    stop: CancellationToken,
) {
    let mut pause = PAUSES.0;
    loop {
        match tell(&desks, &job, &outcome).await {
            Ok(Told::Done(after)) => {
                let state = after.state.name().as_str();
                tracing::info!(job.id = %after.id, job.state = state, "job {} {state}", after.id);
                desks.desk.report(&after).await;
                (desks.on_end)(&after);
                break;
            }
            Ok(Told::Over) => break,
            Ok(Told::Early) => {}
            Err(error) => tracing::warn!(job.id = %job.id, %error, "an airing is not stored: trying again"),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
        pause = (pause * 2).min(PAUSES.1);
    }
    acknowledge(job.id, receipt).await;
}

/// Tells the queue that a message is done with.
pub(super) async fn acknowledge(job: JobId, receipt: Box<dyn Receipt>) {
    if let Err(error) = receipt.ack().await {
        // It comes again, and is known.
        tracing::debug!(job.id = %job, %error, "the message of an airing was not acknowledged");
    }
}

async fn tell(desks: &Desks, job: &Job, outcome: &Outcome) -> Result<Told, StoreError> {
    let event = Event::Outcome { attempt: job.attempt, outcome: outcome.clone(), again: None };
    Ok(match advance(desks.desk.store(), job.id, &event, clock::now()).await? {
        Advance::Done(_, after) => Told::Done(after),
        Advance::Refused(row, Refused::State(StateName::Processing)) if row.attempt == job.attempt => {
            Told::Early
        }
        Advance::Refused(..) => Told::Over,
        Advance::Missing => restored(desks, job, &event).await?,
    })
}

/// The store has lost the row; the message carries the whole job.
async fn restored(desks: &Desks, job: &Job, event: &Event) -> Result<Told, StoreError> {
    let now = clock::now();
    let handed = match job.state {
        State::Processing { lease, .. } => {
            let handed = Event::Dispatched { lease, check: now, clip: job.clip.clone() };
            job.clone().apply(handed, now)
        }
        // Handed on again by a sweeper.
        State::Dispatched { .. } => Ok(job.clone()),
        State::Scheduled { .. }
        | State::Queued { .. }
        | State::Completed
        | State::Failed
        | State::Cancelled => {
            return Ok(Told::Over);
        }
    };
    let after = handed.and_then(|job| job.apply(event.clone(), now));
    let Ok(after) = after else { return Ok(Told::Over) };
    match desks.desk.store().insert(std::slice::from_ref(&after)).await?.first() {
        Some(pregon_core::Inserted::New) => Ok(Told::Done(Box::new(after))),
        Some(pregon_core::Inserted::Existing) => Ok(Told::Early),
        Some(pregon_core::Inserted::Discarded) | None => Ok(Told::Over),
    }
}
