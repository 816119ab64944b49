//! Taking messages. A task of its own fetches them onto a shelf and keeps their leases, so that `next` may be
//! cancelled at any point: it only lifts what lies there.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use pregon_core::{Consumer, Delivery, Job, Lane, QueueError, Receipt};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use super::batch::Acked;
use super::queue::{LEASE, Taken};
use super::writer::Op;
use super::{Posted, Sqlite};

/// How often an idle consumer looks for messages of other processes, and for delays that are over.
const LOOK: Duration = Duration::from_millis(40);

/// Pause after the file did not answer.
const PAUSE: Duration = Duration::from_millis(250);

const fn index(lane: Lane) -> usize {
    match lane {
        Lane::High => 0,
        Lane::Normal => 1,
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// What has been fetched, and what is known about the rest.
#[derive(Debug, Default)]
struct Stock {
    /// Fetched and not handed out: by lane, oldest first.
    waiting: [VecDeque<(i64, Job)>; 2],
    /// Fetched and not acknowledged, handed out or not.
    held: BTreeMap<i64, Lane>,
    /// Lanes that had nothing more at the last look.
    dry: [bool; 2],
    /// What had been posted by that look.
    seen: Posted,
    error: Option<QueueError>,
}

impl Stock {
    fn holds(&self, lane: Lane) -> usize {
        self.held.values().filter(|held| **held == lane).count()
    }
}

#[derive(Debug)]
struct Shelf {
    stock: Mutex<Stock>,
    prefetch: usize,
    posted: watch::Receiver<Posted>,
    /// Something lies on the shelf, or `next` must look again.
    filled: Notify,
    /// There is room, or something to fetch.
    wanted: Notify,
}

impl Shelf {
    fn stock(&self) -> MutexGuard<'_, Stock> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many of each lane to fetch, if a fetch is worth its while. Then both lanes are asked: it costs the same.
    fn room(&self) -> Option<[usize; 2]> {
        let stock = self.stock();
        let room = Lane::ALL.map(|lane| self.prefetch.saturating_sub(stock.holds(lane)));
        room.iter().zip(stock.dry).any(|(room, dry)| *room > 0 && !dry).then_some(room)
    }

    /// The next message to hand out. A normal one waits while a high one may be had: one that was posted after the
    /// last look, or that there was no room for then and is now.
    fn lift(&self) -> Option<(Lane, i64, Job)> {
        let posted = self.posted.borrow().high;
        let mut stock = self.stock();
        let [dry, _] = stock.dry;
        let settled = (dry && stock.seen.high == posted) || stock.holds(Lane::High) >= self.prefetch;
        let [high, normal] = &mut stock.waiting;
        if let Some((seq, job)) = high.pop_front() {
            return Some((Lane::High, seq, job));
        }
        if !settled {
            return None;
        }
        normal.pop_front().map(|(seq, job)| (Lane::Normal, seq, job))
    }

    /// A message is done with, or its lease is left to run out.
    fn forget(&self, seq: i64) {
        self.stock().held.remove(&seq);
        self.wanted.notify_one();
    }

    fn held(&self) -> Vec<i64> {
        self.stock().held.keys().copied().collect()
    }

    /// Everything may have changed.
    fn look_again(&self, lanes: [bool; 2]) {
        let mut stock = self.stock();
        let [high, normal] = lanes;
        let [high_dry, normal_dry] = &mut stock.dry;
        *high_dry &= !high;
        *normal_dry &= !normal;
    }

    fn fail(&self, error: QueueError) {
        self.stock().error = Some(error);
        self.filled.notify_one();
    }
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
        let spoiled = self.shelve(taken, room, seen);
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

    /// Puts messages on the shelf; returns those that are no jobs.
    fn shelve(&self, taken: Vec<Taken>, room: [usize; 2], seen: Posted) -> Vec<(i64, String)> {
        let mut spoiled = Vec::new();
        let mut stock = self.shelf.stock();
        stock.seen = seen;
        for (lane, room) in Lane::ALL.into_iter().zip(room) {
            let got = taken.iter().filter(|taken| taken.lane == lane).count();
            if let Some(dry) = stock.dry.get_mut(index(lane)).filter(|_| room > 0) {
                *dry = got < room;
            }
        }
        for Taken { lane, seq, job } in taken {
            stock.held.insert(seq, lane);
            match job {
                Ok(job) => {
                    stock
                        .waiting
                        .get_mut(index(lane))
                        .into_iter()
                        .for_each(|line| line.push_back((seq, job.clone())));
                }
                Err(error) => spoiled.push((seq, error.to_string())),
            }
        }
        spoiled
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
        // Half of a random UUID: no two processes ever share one. Positive, because it travels through JSON.
        let (_, low) = Uuid::new_v4().as_u64_pair();
        let consumer = i64::try_from(low >> 1).unwrap_or(0);
        db.renew(consumer, &[]).await?;
        let posted = db.bells.posted.subscribe();
        let shelf = Arc::new(Shelf {
            stock: Mutex::default(),
            prefetch: prefetch.into(),
            posted: posted.clone(),
            filled: Notify::new(),
            wanted: Notify::new(),
        });
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
            if let Some(error) = self.shelf.stock().error.take() {
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
