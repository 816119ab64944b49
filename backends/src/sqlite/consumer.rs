//! Taking messages. A task of its own fetches them onto a shelf and keeps their leases, so that `next` may be
//! cancelled at any point: it only lifts what lies there.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pregon_core::{Consumer, Delivery, Job, Lane, QueueError, Receipt};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use super::batch::Acked;
use super::queue::LEASE;
use super::shelf::Shelf;
use super::writer::Op;
use super::{Posted, Sqlite};

/// How often an idle consumer looks for messages of other processes, and for delays that are over.
const LOOK: Duration = Duration::from_millis(40);

/// Pause after the file did not answer.
pub(super) const PAUSE: Duration = Duration::from_millis(250);

pub(super) fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Half of a random UUID: no two processes ever share one. Positive, because it travels through JSON.
pub(super) fn new_consumer() -> i64 {
    let (_, low) = Uuid::new_v4().as_u64_pair();
    i64::try_from(low >> 1).unwrap_or(0)
}

/// Fetches for one consumer until it is closed.
struct Fetcher {
    db: Sqlite,
    shelf: Arc<Shelf>,
    consumer: i64,
    closed: CancellationToken,
    posted: watch::Receiver<Posted>,
}

impl Fetcher {
    async fn run(mut self) {
        let (mut renewal, mut look) = (every(LEASE / 3), every(LOOK));
        while !self.closed.is_cancelled() {
            if let Some(room) = self.room().await
                && self.fetch(room).await
            {
                continue;
            }
            tokio::select! {
                () = self.closed.cancelled() => {}
                () = self.shelf.wanted.notified() => {}
                changed = self.posted.changed() => {
                    // The sender lives in `db`, so this cannot fail while we do.
                    if changed.is_ok() {
                        self.shelf.look_again([true, true]);
                    }
                }
                _ = renewal.tick() => self.renew().await,
                _ = look.tick() => self.look().await,
            }
        }
        if let Err(error) = self.db.release(self.consumer, &self.shelf.held()).await {
            tracing::warn!(%error, "taken messages come back when their lease ends, not at once");
        }
    }

    /// What room there is, once no more comes about at once: messages whose acknowledgements shared a commit are let go
    /// one after the other.
    async fn room(&self) -> Option<[usize; 2]> {
        let mut room = self.shelf.room()?;
        loop {
            tokio::task::yield_now().await;
            let now = self.shelf.room()?;
            if now == room {
                return Some(room);
            }
            room = now;
        }
    }

    /// Fetches up to `room` of each lane; says whether there may be more to do at once.
    async fn fetch(&mut self, room: [usize; 2]) -> bool {
        let seen = *self.posted.borrow_and_update();
        let taken = match self.db.take(self.consumer, room).await {
            Ok(taken) => taken,
            Err(error) => {
                self.shelf.fail(error.into());
                tokio::select! { () = self.closed.cancelled() => {}, () = sleep(PAUSE) => {} }
                return false;
            }
        };
        let spoiled = self.shelf.shelve(taken, room, seen);
        self.shelf.filled.notify_one();
        for (seq, reason) in &spoiled {
            match self.db.set_aside(self.consumer, *seq, reason).await {
                // Without the reason: it quotes the message, which may hold a text or a number.
                Ok(()) => tracing::warn!("a message is no job and was set aside"),
                Err(error) => tracing::warn!(%error, "a message is no job and could not be set aside"),
            }
            self.shelf.forget(*seq);
        }
        !spoiled.is_empty()
    }

    /// Finds what other processes posted, and what is due.
    async fn look(&self) {
        match self.db.waiting().await {
            Ok(lanes) => self.shelf.look_again(lanes),
            Err(error) => self.shelf.fail(error.into()),
        }
    }

    async fn renew(&self) {
        if let Err(error) = self.db.renew(self.consumer, &self.shelf.held()).await {
            tracing::warn!(%error, "the leases of taken messages were not renewed");
        }
    }
}

/// A consumer. Dropping it gives back what it holds, as closing does, but does not wait for it.
pub(super) struct Taker {
    db: Sqlite,
    shelf: Arc<Shelf>,
    consumer: i64,
    closing: DropGuard,
    fetcher: JoinHandle<()>,
}

impl Taker {
    pub(super) async fn start(db: Sqlite, prefetch: u16) -> Result<Self, QueueError> {
        let consumer = new_consumer();
        db.renew(consumer, &[]).await?;
        let posted = db.bells.posted.subscribe();
        let shelf = Arc::new(Shelf::new(prefetch.into(), posted.clone()));
        let closed = CancellationToken::new();
        let fetcher =
            Fetcher { db: db.clone(), shelf: Arc::clone(&shelf), consumer, closed: closed.clone(), posted };
        let fetcher = tokio::spawn(fetcher.run());
        Ok(Self { db, shelf, consumer, closing: closed.drop_guard(), fetcher })
    }

    fn delivery(&self, lane: Lane, seq: i64, job: Job) -> Delivery {
        let (db, consumer) = (self.db.clone(), self.consumer);
        let receipt = Held { db, shelf: Arc::clone(&self.shelf), consumer, seq };
        Delivery { job, lane, receipt: Box::new(receipt) }
    }
}

#[async_trait]
impl Consumer for Taker {
    async fn next(&mut self) -> Result<Delivery, QueueError> {
        loop {
            if let Some((lane, seq, job)) = self.shelf.lift() {
                return Ok(self.delivery(lane, seq, job));
            }
            if let Some(error) = self.shelf.take_error() {
                return Err(error);
            }
            self.shelf.filled.notified().await;
        }
    }

    async fn close(self: Box<Self>) {
        drop(self.closing);
        if self.fetcher.await.is_err() {
            tracing::warn!("the fetching task ended badly; what it held comes back when its lease ends");
        }
    }
}

/// The right to acknowledge one message.
struct Held {
    db: Sqlite,
    shelf: Arc<Shelf>,
    consumer: i64,
    seq: i64,
}

#[async_trait]
impl Receipt for Held {
    async fn ack(self: Box<Self>) -> Result<(), QueueError> {
        let acked = self.db.write(Acked { consumer: self.consumer, seq: self.seq }, Op::Ack).await;
        self.shelf.forget(self.seq);
        if acked? { Ok(()) } else { Err(QueueError("the message is in other hands by now".to_owned())) }
    }
}
