//! One worker: takes messages, high lane first, and handles as many at once as it has slots.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use pregon_core::{Beat, Consumer, Delivery, Job, StateName, Timestamp, clock, fault};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::claim::{Claim, claim};
use crate::perform::perform;
use crate::turn::Seat;
use crate::{Shop, Stop, insist};

/// Between two signs of life.
const BEAT: Duration = Duration::from_secs(2);

/// Takes jobs from the queue and performs them.
pub struct Worker {
    shop: Shop,
    name: String,
    slots: u16,
    busy: AtomicU32,
    done: AtomicU64,
    rescued: Arc<AtomicU64>,
    started: Timestamp,
}

impl Worker {
    /// A worker of that unique name with that many slots. `rescued` counts what its process takes over from the dead.
    pub fn new(shop: Shop, name: String, slots: u16, rescued: Arc<AtomicU64>) -> Arc<Self> {
        Arc::new(Self {
            shop,
            name,
            slots,
            busy: AtomicU32::new(0),
            done: AtomicU64::new(0),
            rescued,
            started: clock::now(),
        })
    }

    /// Works until the soft stop, then finishes what it holds; at the hard stop it gives that back. Returns when
    /// nothing is left in its hands.
    pub async fn run(self: Arc<Self>, stop: Stop) {
        tracing::info!(worker.id = %self.name, worker.slots = self.slots, "worker {} ready", self.name);
        let tasks = TaskTracker::new();
        let beating = tokio::spawn(Arc::clone(&self).beat(stop.clone()));
        if let Some(mut consumer) = self.open(&stop).await {
            self.take(&mut *consumer, &tasks, &stop).await;
            tasks.close();
            tasks.wait().await;
            consumer.close().await;
        }
        beating.abort();
        if let Err(error) = self.shop.desk.store().leave(&self.name).await {
            tracing::debug!(%error, "could not say goodbye");
        }
        tracing::info!(worker.id = %self.name, "worker {} stopped", self.name);
    }

    async fn open(&self, stop: &Stop) -> Option<Box<dyn Consumer>> {
        tokio::select! {
            consumer = insist(stop, "opening the queue", || self.shop.desk.queue().consume(self.slots)) => consumer,
            () = stop.soft.cancelled() => None,
        }
    }

    async fn take(self: &Arc<Self>, consumer: &mut dyn Consumer, tasks: &TaskTracker, stop: &Stop) {
        let slots = Arc::new(Semaphore::new(usize::from(self.slots)));
        loop {
            let permit = tokio::select! {
                permit = Arc::clone(&slots).acquire_owned() => permit,
                () = stop.soft.cancelled() => return,
            };
            let delivery = tokio::select! {
                biased;
                () = stop.soft.cancelled() => return,
                delivery = consumer.next() => delivery,
            };
            match delivery {
                Ok(delivery) => {
                    let (worker, stop) = (Arc::clone(self), stop.clone());
                    tasks.spawn(async move {
                        worker.busy.fetch_add(1, Ordering::Relaxed);
                        worker.handle(delivery, permit.ok(), &stop).await;
                        worker.busy.fetch_sub(1, Ordering::Relaxed);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the queue is away");
                    tokio::select! {
                        () = tokio::time::sleep(Duration::from_secs(1)) => {}
                        () = stop.soft.cancelled() => return,
                    }
                }
            }
        }
    }

    /// Acknowledges only when everything that follows from the message is stored and confirmed; else the message
    /// stays with the queue.
    async fn handle(&self, delivery: Delivery, mut seat: Seat, stop: &Stop) {
        let Delivery { job: message, receipt, .. } = delivery;
        let claimed = insist(stop, "claiming a job", || claim(&self.shop, message.clone(), &self.name)).await;
        let followed = match claimed {
            None => return,
            Some(Claim::Drop) => true,
            Some(Claim::Later(job, wait)) => self.publish(&job, wait, stop).await,
            Some(Claim::Ended(job)) => {
                self.conclude(&job).await;
                true
            }
            Some(Claim::Ours(job, lease)) => {
                fault::point("claimed");
                let ended = perform(&self.shop, *job, lease, &mut seat, stop).await;
                self.done.fetch_add(1, Ordering::Relaxed);
                fault::point("dispatched");
                match ended {
                    Some(job) => self.follow(&job, stop).await,
                    None => !stop.hard.is_cancelled(),
                }
            }
        };
        if followed && let Err(error) = receipt.ack().await {
            tracing::debug!(%error, "not acknowledged; the duplicate will be refused");
        }
    }

    /// What follows from the end of an attempt. False when it could not be done before the hard stop.
    async fn follow(&self, job: &Job, stop: &Stop) -> bool {
        match job.state.name() {
            StateName::Scheduled | StateName::Queued => {
                self.publish(job, job.delay(clock::now()), stop).await
            }
            StateName::Failed | StateName::Cancelled | StateName::Completed => {
                self.conclude(job).await;
                true
            }
            StateName::Processing | StateName::Dispatched => true,
        }
    }

    async fn publish(&self, job: &Job, delay: Duration, stop: &Stop) -> bool {
        insist(stop, "publishing a follow-up", || async {
            match self.shop.desk.queue().publish(&[(job, delay)]).await.pop() {
                Some(Err(error)) => Err(error),
                Some(Ok(())) | None => Ok(()),
            }
        })
        .await
        .is_some()
    }

    async fn conclude(&self, job: &Job) {
        self.shop.desk.report(job).await;
        self.shop.callbacks.tell(job);
    }

    async fn beat(self: Arc<Self>, stop: Stop) {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let mut ticks = tokio::time::interval(BEAT);
        while !stop.hard.is_cancelled() {
            ticks.tick().await;
            let beat = Beat {
                id: self.name.clone(),
                host: host.clone(),
                pid: std::process::id(),
                slots: u32::from(self.slots),
                busy: self.busy.load(Ordering::Relaxed),
                done: self.done.load(Ordering::Relaxed),
                rescued: self.rescued.load(Ordering::Relaxed),
                started: self.started,
                at: clock::now(),
            };
            if let Err(error) = self.shop.desk.store().beat(&beat).await {
                tracing::debug!(%error, "no sign of life given");
            }
        }
    }
}
