//! The real store and queue with a switch that cuts each of them off.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use pregon_backends::sqlite::Sqlite;
use pregon_core::stats::{Counts, Minute};
use pregon_core::{
    Admission, Admitted, Answer, Beat, Begun, Change, Consumer, DeadLetter, Depth, Filter, Inserted, Job,
    JobId, Key, Load, Pace, Page, Queue, QueueError, Request, StateName, Store, StoreError, Swap, Timestamp,
};

/// A job with this in its text cannot be published.
pub(crate) const UNLUCKY: &str = "unlucky";

pub(crate) struct Shaky {
    pub(crate) real: Sqlite,
    pub(crate) store_down: AtomicBool,
    pub(crate) queue_down: AtomicBool,
    /// Never answers, as a host that is switched off.
    pub(crate) store_hangs: AtomicBool,
}

impl Shaky {
    async fn store(&self) -> Result<&Sqlite, StoreError> {
        if self.store_hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.store_down.load(Ordering::SeqCst) {
            return Err(StoreError("no route to 10.1.2.3".into()));
        }
        Ok(&self.real)
    }

    fn queue(&self) -> Result<&Sqlite, QueueError> {
        if self.queue_down.load(Ordering::SeqCst) {
            return Err(QueueError("no route to 10.1.2.3".into()));
        }
        Ok(&self.real)
    }
}

#[async_trait]
impl Store for Shaky {
    async fn insert(&self, jobs: &[Job]) -> Result<Vec<Inserted>, StoreError> {
        self.store().await?.insert(jobs).await
    }
    async fn discard(&self, ids: &[JobId]) -> Result<Vec<bool>, StoreError> {
        self.store().await?.discard(ids).await
    }
    async fn get(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        self.store().await?.get(id).await
    }
    async fn swap(&self, before: &Job, after: &Job) -> Result<Swap, StoreError> {
        self.store().await?.swap(before, after).await
    }
    async fn due(&self, state: StateName, now: Timestamp, limit: usize) -> Result<Vec<Job>, StoreError> {
        self.store().await?.due(state, now, limit).await
    }
    async fn list(&self, filter: &Filter) -> Result<Page, StoreError> {
        self.store().await?.list(filter).await
    }
    async fn counts(&self) -> Result<Counts, StoreError> {
        self.store().await?.counts().await
    }
    async fn minutes(&self, from: i64, to: i64) -> Result<Vec<Minute>, StoreError> {
        self.store().await?.minutes(from, to).await
    }
    async fn prune(&self, finished_before: Timestamp, limit: usize) -> Result<Vec<JobId>, StoreError> {
        self.store().await?.prune(finished_before, limit).await
    }
    async fn beat(&self, beat: &Beat) -> Result<(), StoreError> {
        self.store().await?.beat(beat).await
    }
    async fn leave(&self, worker: &str) -> Result<(), StoreError> {
        self.store().await?.leave(worker).await
    }
    async fn workers(&self, now: Timestamp) -> Result<Vec<Beat>, StoreError> {
        self.store().await?.workers(now).await
    }
    async fn begin(&self, request: Request<'_>, now: Timestamp) -> Result<Begun, StoreError> {
        self.store().await?.begin(request, now).await
    }
    async fn finish(&self, request: Request<'_>, answer: &Answer) -> Result<(), StoreError> {
        self.store().await?.finish(request, answer).await
    }
    async fn abandon(&self, request: Request<'_>) -> Result<(), StoreError> {
        self.store().await?.abandon(request).await
    }
    async fn watch(&self) -> Result<BoxStream<'static, Change>, StoreError> {
        self.store().await?.watch().await
    }
    async fn lost(&self) -> Result<bool, StoreError> {
        self.store().await?.lost().await
    }
    async fn restored(&self) -> Result<(), StoreError> {
        self.store().await?.restored().await
    }
    async fn check(&self) -> Result<Vec<String>, StoreError> {
        Store::check(self.store().await?).await
    }
}

#[async_trait]
impl Pace for Shaky {
    async fn admit(&self, admission: &Admission) -> Result<Admitted, StoreError> {
        self.store().await?.admit(admission).await
    }
    async fn hold(&self, trunk: &str, key: Key, lease: Duration) -> Result<(), StoreError> {
        self.store().await?.hold(trunk, key, lease).await
    }
    async fn vacate(&self, trunk: &str, key: Key) -> Result<(), StoreError> {
        self.store().await?.vacate(trunk, key).await
    }
    async fn slow(&self, trunk: &str) -> Result<(), StoreError> {
        self.store().await?.slow(trunk).await
    }
    async fn loads(&self, trunks: &[String]) -> Result<Vec<Load>, StoreError> {
        self.store().await?.loads(trunks).await
    }
}

#[async_trait]
impl Queue for Shaky {
    async fn publish(&self, jobs: &[(&Job, Duration)]) -> Vec<Result<(), QueueError>> {
        let mut results = Vec::new();
        for posting in jobs {
            let text = posting.0.spec.text();
            results.push(match self.queue() {
                Err(error) => Err(error),
                Ok(_) if text.contains(UNLUCKY) => Err(QueueError("nacked".into())),
                Ok(real) => real.publish(&[*posting]).await.remove(0),
            });
        }
        results
    }
    async fn consume(&self, prefetch: u16) -> Result<Box<dyn Consumer>, QueueError> {
        self.queue()?.consume(prefetch).await
    }
    async fn depths(&self) -> Result<Vec<Depth>, QueueError> {
        self.queue()?.depths().await
    }
    async fn browse(&self, visit: &mut (dyn FnMut(Job) + Send)) -> Result<u64, QueueError> {
        self.queue()?.browse(visit).await
    }
    async fn report(&self, job: &Job) -> Result<(), QueueError> {
        self.queue()?.report(job).await
    }
    async fn dead(&self, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        self.queue()?.dead(limit).await
    }
    async fn replay_dead(&self) -> Result<u64, QueueError> {
        self.queue()?.replay_dead().await
    }
    async fn check(&self) -> Result<(), QueueError> {
        Queue::check(self.queue()?).await
    }
}
