//! Workers: take a job, claim it, perform it, settle it; and the two that tidy up behind them, the sweeper and the
//! outcome tracker.
//!
//! The rules that keep the two promises are here: a message is acknowledged only after its transition is stored and
//! any follow-up message is confirmed, and no attempt is followed by another before the dispatcher has settled it.
//! This crate never builds a call file and never knows which queue or store it works with.

mod air;
mod args;
mod callback;
mod claim;
mod crew;
mod perform;
mod sweep;
mod track;
mod turn;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use pregon_core::{Desk, Dispatcher, Redial};
use pregon_speech::Studio;
use tokio_util::sync::CancellationToken;

pub use air::{Announcer, Outlets};
pub use args::{PaceArgs, RetryArgs, WorkerArgs};
pub use callback::Callbacks;
pub use crew::Crew;
pub use sweep::Sweeper;
pub use track::track;
pub use turn::Turns;
pub use worker::Worker;

/// What every worker of a process shares.
#[derive(Clone)]
pub struct Shop {
    /// Store and queue.
    pub desk: Desk,
    /// Where speech is made.
    pub studio: Arc<Studio>,
    /// Where it is handed over.
    pub dispatcher: Arc<dyn Dispatcher>,
    /// Which failed calls are made again, where a job asks for nothing else.
    pub redial: Redial,
    /// Who may dial when.
    pub turns: Turns,
    /// Who is told when a job ends.
    pub callbacks: Callbacks,
}

/// How a process stops: first softly (take nothing new, finish what is in hand), then hard (give back what is in hand).
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Finish.
    pub soft: CancellationToken,
    /// Give back and go.
    pub hard: CancellationToken,
}

impl Stop {
    /// A stop of one part: stops with the whole, and can be stopped alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self { soft: self.soft.child_token(), hard: self.hard.child_token() }
    }
}

/// Shortest and longest pause between tries to reach a store or queue that is away.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// Repeats `act` until it works; `None` when the hard stop came first. For steps that must not be skipped: the job
/// stays in hand meanwhile, its message unacknowledged.
async fn insist<T, E, F>(stop: &Stop, what: &str, mut act: impl FnMut() -> F) -> Option<T>
where
    E: std::fmt::Display,
    F: Future<Output = Result<T, E>>,
{
    let mut pause = PAUSES.0;
    loop {
        match act().await {
            Ok(value) => return Some(value),
            Err(error) => {
                tracing::warn!(%error, pause_ms = pause.as_millis(), "{what}: trying again");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.hard.cancelled() => return None,
        }
        pause = (pause * 2).min(PAUSES.1);
    }
}
