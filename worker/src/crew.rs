//! The workers of one process, as many as are wanted.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::{Shop, Stop, Worker};

/// Starts and stops workers until there are as many as wanted.
pub struct Crew {
    /// What the workers share.
    pub shop: Shop,
    /// Beginning of their names; each gets a number behind it.
    pub name: String,
    /// Slots of each.
    pub slots: u16,
    /// Counts rescued jobs of the process.
    pub rescued: Arc<AtomicU64>,
}

impl Crew {
    /// Keeps as many workers running as `wanted` says, until the soft stop; returns when all have ended. A worker that
    /// is one too many finishes what it holds.
    pub async fn run(self, mut wanted: watch::Receiver<usize>, stop: Stop) {
        let tasks = TaskTracker::new();
        let mut running: Vec<Stop> = Vec::new();
        loop {
            let count = *wanted.borrow_and_update();
            while running.len() > count {
                if let Some(one) = running.pop() {
                    one.soft.cancel();
                }
            }
            while running.len() < count {
                let own = stop.child();
                let name = format!("{}-{}", self.name, running.len() + 1);
                let worker = Worker::new(self.shop.clone(), name, self.slots, Arc::clone(&self.rescued));
                tasks.spawn(worker.run(own.clone()));
                running.push(own);
            }
            tokio::select! {
                changed = wanted.changed() => if changed.is_err() { stop.soft.cancelled().await; },
                () = stop.soft.cancelled() => {}
            }
            if stop.soft.is_cancelled() {
                break;
            }
        }
        tasks.close();
        tasks.wait().await;
    }
}
