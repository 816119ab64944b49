//! Taking a station's announcements. A task of its own fetches them onto a shelf and keeps their leases, so that
//! `next` may be cancelled at any point: it only lifts what lies there.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use pregon_core::{Consumer, Delivery, Job, QueueError, Receipt, StationName};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Sqlite;
use super::air::{Ear, LEASE};
use super::batch::Acked;
use super::consumer::{PAUSE, every, new_consumer};
use super::writer::Op;

/// How often an idle station looks whether other processes have written anything.
const LOOK: Duration = Duration::from_millis(40);

/// How often it looks for something to take, written or not: a lease may have ended, and two writes within the clock's
/// grain look like one.
const LOOK_INTO: Duration = Duration::from_millis(400);

#[derive(Debug, Default)]
struct Stock {
    /// Fetched and not handed out, oldest first.
    waiting: VecDeque<(i64, Job)>,
    /// Fetched and not acknowledged, handed out or not.
    held: BTreeSet<i64>,
    error: Option<QueueError>,
}

#[derive(Debug)]
struct Shelf {
    stock: Mutex<Stock>,
    prefetch: usize,
    /// Something lies on the shelf.
    filled: Notify,
    /// There is room again.
    wanted: Notify,
}

impl Shelf {
    fn stock(&self) -> MutexGuard<'_, Stock> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn room(&self) -> usize {
        self.prefetch.saturating_sub(self.stock().held.len())
    }

    fn held(&self) -> Vec<i64> {
        self.stock().held.iter().copied().collect()
    }

    /// A message is done with, or its lease is left to run out.
    fn forget(&self, seq: i64) {
        self.stock().held.remove(&seq);
        self.wanted.notify_one();
    }

    fn fail(&self, error: QueueError) {
        self.stock().error = Some(error);
        self.filled.notify_one();
    }
}

/// Tells cheaply whether the file was written to: every commit goes to the log beside it.
struct Glance {
    log: PathBuf,
    seen: Option<(SystemTime, u64)>,
    next: Instant,
}

impl Glance {
    fn at(db: &Sqlite) -> Self {
        let mut log = db.readers.connect_options().get_filename().as_os_str().to_owned();
        log.push("-wal");
        Self { log: log.into(), seen: None, next: Instant::now() }
    }

    /// Whether it is worth while to look into the file.
    fn is_worth_while(&mut self) -> bool {
        let log = std::fs::metadata(&self.log).ok();
        let now = log.and_then(|log| Some((log.modified().ok()?, log.len())));
        if now == self.seen && Instant::now() < self.next {
            return false;
        }
        self.seen = now;
        self.next = Instant::now() + LOOK_INTO;
        true
    }
}

/// Fetches for one listener until it is closed.
struct Fetcher {
    ear: Ear,
    shelf: Arc<Shelf>,
    closed: CancellationToken,
    rung: watch::Receiver<u64>,
    glance: Glance,
}

impl Fetcher {
    async fn run(mut self) {
        let (mut renewal, mut look) = (every(LEASE / 5), every(LOOK));
        // Whether the last look found nothing more.
        let mut dry = false;
        while !self.closed.is_cancelled() {
            let room = self.shelf.room();
            if room > 0 && !dry {
                dry = self.fetch(room).await;
                continue;
            }
            tokio::select! {
                () = self.closed.cancelled() => {}
                () = self.shelf.wanted.notified() => {}
                // The sender lives in `ear`, so this cannot fail while we do.
                rung = self.rung.changed() => dry &= rung.is_err(),
                _ = renewal.tick() => self.renew().await,
                _ = look.tick(), if room > 0 => dry = !self.look().await,
            }
        }
        if let Err(error) = self.ear.release(&self.shelf.held()).await {
            tracing::warn!(%error, "taken announcements come back when their lease ends, not at once");
        }
    }

    /// Fetches up to `room` messages; says whether there were no more.
    async fn fetch(&mut self, room: usize) -> bool {
        self.rung.mark_unchanged();
        let taken = match self.ear.take(room).await {
            Ok(taken) => taken,
            Err(error) => {
                self.shelf.fail(error.into());
                tokio::select! { () = self.closed.cancelled() => {}, () = sleep(PAUSE) => {} }
                return true;
            }
        };
        let dry = taken.len() < room;
        for message in taken {
            match message.job {
                Ok(job) => self.shelve(message.seq, job),
                Err(error) => self.set_aside(message.seq, &error.to_string()).await,
            }
        }
        dry
    }

    fn shelve(&self, seq: i64, job: Job) {
        let mut stock = self.shelf.stock();
        // Otherwise a renewal came late, somebody freed the message, and we have just taken it back.
        if stock.held.insert(seq) {
            stock.waiting.push_back((seq, job));
            self.shelf.filled.notify_one();
        }
    }

    async fn set_aside(&self, seq: i64, reason: &str) {
        match self.ear.db.set_aside(self.ear.consumer, seq, reason).await {
            // Without the reason: it quotes the message, which may hold a text.
            Ok(()) => tracing::warn!("a message is no job and was set aside"),
            Err(error) => tracing::warn!(%error, "a message is no job and could not be set aside"),
        }
    }

    /// Finds what other processes handed on, and what the dead have left.
    async fn look(&mut self) -> bool {
        if !self.glance.is_worth_while() {
            return false;
        }
        self.ear.look().await.unwrap_or_else(|error| {
            self.shelf.fail(error.into());
            false
        })
    }

    async fn renew(&self) {
        let held = self.shelf.held();
        if held.is_empty() {
            return;
        }
        if let Err(error) = self.ear.renew(&held).await {
            tracing::warn!(%error, "the leases of taken announcements were not renewed");
        }
    }
}

/// A consumer of one station. Dropping it gives back what it holds, as closing does, but does not wait for it.
pub(super) struct Listener {
    ear: Ear,
    shelf: Arc<Shelf>,
    closing: DropGuard,
    fetcher: JoinHandle<()>,
}

impl Listener {
    pub(super) fn start(db: Sqlite, station: &StationName, prefetch: u16) -> Self {
        let shelf = Arc::new(Shelf {
            stock: Mutex::default(),
            prefetch: prefetch.max(1).into(),
            filled: Notify::new(),
            wanted: Notify::new(),
        });
        let rung = db.bells.air.subscribe();
        let glance = Glance::at(&db);
        let ear = Ear { db, queue: station.queue(), consumer: new_consumer() };
        let closed = CancellationToken::new();
        let fetcher =
            Fetcher { ear: ear.clone(), shelf: Arc::clone(&shelf), closed: closed.clone(), rung, glance };
        Self { ear, shelf, closing: closed.drop_guard(), fetcher: tokio::spawn(fetcher.run()) }
    }

    fn lift(&self) -> Option<Result<Delivery, QueueError>> {
        let mut stock = self.shelf.stock();
        if let Some((seq, job)) = stock.waiting.pop_front() {
            let receipt = Held { ear: self.ear.clone(), shelf: Arc::clone(&self.shelf), seq };
            return Some(Ok(Delivery { lane: job.spec.lane, job, receipt: Box::new(receipt) }));
        }
        stock.error.take().map(Err)
    }
}

#[async_trait]
impl Consumer for Listener {
    async fn next(&mut self) -> Result<Delivery, QueueError> {
        loop {
            if let Some(lifted) = self.lift() {
                return lifted;
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
    ear: Ear,
    shelf: Arc<Shelf>,
    seq: i64,
}

#[async_trait]
impl Receipt for Held {
    async fn ack(self: Box<Self>) -> Result<(), QueueError> {
        let acked = self.ear.db.write(Acked { consumer: self.ear.consumer, seq: self.seq }, Op::Ack).await;
        self.shelf.forget(self.seq);
        if acked? { Ok(()) } else { Err(QueueError("the message is in other hands by now".to_owned())) }
    }
}
