//! The sweeper: finds what fell between two chairs. One runs in every process, none leads: each step is a swap, and
//! the loser of a race moves on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use pregon_core::{
    Event, Inserted, Job, Lane, RING_AFTER, Settled, StateName, StoreError, Swap, Timestamp, clock,
};

use crate::{Shop, Stop};

/// Between two rounds.
const ROUND: Duration = Duration::from_secs(5);
/// Jobs of one kind looked at per round.
const PER_ROUND: usize = 5_000;
/// Dispatched jobs looked at per round: each costs a look at files.
const CHECKS_PER_ROUND: usize = 1_000;
/// Swaps under way at once.
const AT_ONCE: usize = 16;
/// A scheduled job's own message gets this long to bring it home.
const GRACE: Duration = Duration::from_secs(5);
/// Rows written at once when a lost store is filled again.
const RESTORE_CHUNK: usize = 500;
/// Rounds between two clearings of old jobs.
const PRUNE_EVERY: u64 = 12;
/// Rescues of one job that follow each other at once; then the pauses grow, in case it is the job that kills.
const QUICK_RESCUES: u16 = 5;

/// Looks after jobs that nobody holds.
pub struct Sweeper {
    shop: Shop,
    retention: Duration,
    rescued: Arc<AtomicU64>,
}

impl Sweeper {
    /// A sweeper that keeps ended jobs for `retention` and counts what it rescues.
    pub fn new(shop: Shop, retention: Duration, rescued: Arc<AtomicU64>) -> Self {
        Self { shop, retention, rescued }
    }

    /// Sweeps until the soft stop.
    pub async fn run(self, stop: Stop) {
        let mut ticks = tokio::time::interval(ROUND);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut round: u64 = 0;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.soft.cancelled() => return,
            }
            // Every step is a swap, so a round can be dropped anywhere.
            tokio::select! {
                swept = self.round(round.is_multiple_of(PRUNE_EVERY)) => if let Err(error) = swept {
                    tracing::warn!(%error, "sweep cut short");
                },
                () = stop.soft.cancelled() => return,
            }
            round += 1;
        }
    }

    async fn round(&self, prune: bool) -> Result<(), StoreError> {
        let store = self.shop.desk.store();
        if store.lost().await? {
            self.restore().await?;
        }
        let now = clock::now();
        for job in store.due(StateName::Processing, now, PER_ROUND).await? {
            if let Some(after) = rescue(&self.shop, &job).await? {
                self.rescued.fetch_add(1, Ordering::Relaxed);
                self.follow(&after).await;
            }
        }
        self.ring(store.due(StateName::Scheduled, now - GRACE, PER_ROUND).await?, now).await;
        self.ring_lost(now).await?;
        let waiting = store.due(StateName::Dispatched, now, CHECKS_PER_ROUND).await?;
        stream::iter(&waiting)
            .for_each_concurrent(AT_ONCE, |job| async move {
                if let Err(error) = crate::track::resolve(&self.shop, job).await {
                    tracing::warn!(job.id = %job.id, %error, "not checked");
                }
            })
            .await;
        if prune {
            self.prune(now).await?;
        }
        Ok(())
    }

    /// Queued jobs are published again only when the lanes hold fewer messages than there are queued jobs: a long
    /// backlog costs nothing, a lost queue is found within a round.
    async fn ring_lost(&self, now: Timestamp) -> Result<(), StoreError> {
        let store = self.shop.desk.store();
        let overdue = store.due(StateName::Queued, now, PER_ROUND).await?;
        if overdue.is_empty() {
            return Ok(());
        }
        let queued = store.counts().await?.of(StateName::Queued);
        let Ok(depths) = self.shop.desk.queue().depths().await else { return Ok(()) };
        let waiting: u64 =
            depths.iter().filter(|d| Lane::ALL.iter().any(|l| l.queue() == d.name)).map(|d| d.messages).sum();
        // Taken and not yet claimed: at most as many as there are slots.
        let in_hand: u64 = store.workers(now).await?.iter().map(|beat| u64::from(beat.slots)).sum();
        if waiting + in_hand < queued || waiting == 0 {
            tracing::info!(
                jobs = overdue.len(),
                queued,
                waiting,
                "publishing queued jobs whose messages are missing"
            );
            self.ring(overdue, now).await;
        }
        Ok(())
    }

    /// Swaps first, so that of several sweepers only one publishes; a publish that fails is made up for when the new
    /// ring time passes.
    async fn ring(&self, jobs: Vec<Job>, now: Timestamp) {
        let rung: Vec<Job> = stream::iter(jobs)
            .map(|job| async move {
                let after = job.clone().apply(Event::Ring { next: now + 2 * RING_AFTER }, now).ok()?;
                let swap = self.shop.desk.store().swap(&job, &after).await;
                matches!(swap, Ok(Swap::Done)).then_some(after)
            })
            .buffer_unordered(AT_ONCE)
            .filter_map(|job| async move { job })
            .collect()
            .await;
        let postings: Vec<(&Job, Duration)> = rung.iter().map(|j| (j, Duration::ZERO)).collect();
        let failed = self.shop.desk.queue().publish(&postings).await.iter().filter(|r| r.is_err()).count();
        if failed > 0 {
            tracing::warn!(jobs = failed, "not published; the next rounds try again");
        }
    }

    async fn follow(&self, job: &Job) {
        match job.state.name() {
            StateName::Queued => {
                let pause = rescue_pause(job.rescues);
                if let Some(Err(error)) = self.shop.desk.queue().publish(&[(job, pause)]).await.pop() {
                    tracing::warn!(job.id = %job.id, %error, "rescued, but not published; a later round does it");
                }
            }
            StateName::Cancelled | StateName::Failed => {
                self.shop.desk.report(job).await;
                self.shop.callbacks.tell(job);
            }
            StateName::Scheduled | StateName::Processing | StateName::Dispatched | StateName::Completed => {}
        }
    }

    /// The store lost its rows: every waiting message carries its whole job, so the queue gives them back.
    async fn restore(&self) -> Result<(), StoreError> {
        let store = self.shop.desk.store();
        let mut jobs: Vec<Job> = Vec::new();
        let seen = self.shop.desk.queue().browse(&mut |job| jobs.push(job)).await;
        let mut restored = 0;
        for chunk in jobs.chunks(RESTORE_CHUNK) {
            restored += store.insert(chunk).await?.iter().filter(|i| matches!(i, Inserted::New)).count();
        }
        seen.map_err(|e| StoreError(e.to_string()))?;
        store.restored().await?;
        if restored > 0 {
            tracing::warn!(jobs = restored, "the store had lost its jobs; restored from the queue");
        }
        Ok(())
    }

    async fn prune(&self, now: Timestamp) -> Result<(), StoreError> {
        loop {
            let gone = self.shop.desk.store().prune(now - self.retention, PER_ROUND).await?;
            self.shop.dispatcher.forget(&gone).await;
            if gone.len() < PER_ROUND {
                return Ok(());
            }
        }
    }
}

/// A job that keeps losing its workers waits a little longer each time; it is never given up.
fn rescue_pause(rescues: u16) -> Duration {
    match rescues.checked_sub(QUICK_RESCUES) {
        None | Some(0) => Duration::ZERO,
        Some(more) => Duration::from_secs(1 << u32::from(more.min(8))),
    }
}

/// Takes a job from a holder whose lease is over: the dispatcher says what that holder had done, and decides it for
/// good. `None` when somebody else was faster. The caller publishes what is queued again.
pub(crate) async fn rescue(floor: &Shop, job: &Job) -> Result<Option<Job>, StoreError> {
    let settled = match floor.dispatcher.settle(job).await {
        Ok(settled) => settled,
        Err(error) => {
            tracing::warn!(job.id = %job.id, %error, "a dead worker's attempt cannot be settled; a later round tries again");
            return Ok(None);
        }
    };
    crate::turn::rescued(floor, job, settled == Settled::HandedOver).await?;
    let now = clock::now();
    let event = Event::Rescue {
        handed_over: settled == Settled::HandedOver,
        next: now + RING_AFTER.max(rescue_pause(job.rescues + 1)),
    };
    let Ok(after) = job.clone().apply(event, now) else { return Ok(None) };
    let won = match floor.desk.store().swap(job, &after).await? {
        Swap::Done => true,
        Swap::Stale => false,
        Swap::Missing => {
            matches!(
                floor.desk.store().insert(std::slice::from_ref(&after)).await?.first(),
                Some(Inserted::New)
            )
        }
    };
    if won {
        tracing::warn!(job.id = %job.id, job.attempt = job.attempt, handed_over = settled == Settled::HandedOver,
            "job {} rescued from a worker that went silent", job.id);
    }
    Ok(won.then_some(after))
}
