//! What the store knows of announcements that a station has, or is about to take.

use std::time::Duration;

use pregon_core::{Event, Job, State, Swap, Waiting, clock};

use super::Desks;
use crate::{Station, Ticket};

/// How long an announcement may wait for the store's word. It goes on air without it: a store that is away must not
/// silence a station.
const PATIENCE: Duration = Duration::from_millis(500);

/// For so long the workers' sweepers leave a job alone that its station has. After it they suspect that its message
/// was lost, and hand it on again.
const KEPT: Duration = Duration::from_mins(1);

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Air it.
    Air,
    /// Somebody wants it back.
    Back,
    /// This attempt counts no more: the job has ended, or a later attempt brings a message of its own.
    Over,
}

/// What the store says to a message that has just come.
pub(super) async fn word(desks: &Desks, job: &Job) -> Word {
    let row = tokio::time::timeout(PATIENCE, desks.desk.store().get(job.id)).await;
    let Ok(Ok(Some(row))) = row else { return Word::Air };
    match row.state {
        State::Processing { .. } | State::Dispatched { .. } if row.cancel_asked() => Word::Back,
        State::Processing { .. } | State::Dispatched { .. } => Word::Air,
        State::Scheduled { .. }
        | State::Queued { .. }
        | State::Completed
        | State::Failed
        | State::Cancelled => Word::Over,
    }
}

/// One announcement that a station has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    pub(super) job: pregon_core::JobId,
    pub(super) ticket: Ticket,
    /// Whether it has not begun.
    pub(super) waits: bool,
}

/// Takes back what waits and is not wanted any more (it ends as skipped, and that is told like any other end), and
/// keeps the sweepers from looking for what is here.
pub(super) async fn look_after(desks: &Desks, station: &Station, all: Vec<Kept>) {
    for kept in all {
        let Ok(Some(row)) = desks.desk.store().get(kept.job).await else { continue };
        if kept.waits && row.cancel_asked() {
            station.withdraw(kept.ticket).await;
            continue;
        }
        let now = clock::now();
        let State::Dispatched { check, waiting: Waiting::Station } = row.state else { continue };
        if check > now + KEPT / 2 {
            continue;
        }
        let still = Event::Check { attempt: row.attempt, next: now + KEPT, waiting: Waiting::Station };
        if let Ok(after) = row.clone().apply(still, now) {
            // Who was faster has looked at it, or will.
            drop::<Result<Swap, _>>(desks.desk.store().swap(&row, &after).await);
        }
    }
}
