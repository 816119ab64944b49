//! Store and queue in one SQLite file: the embedded way, with nothing to install.
//!
//! Several processes on one machine may open the same file. Each has one writer that commits what
//! waits in groups, and a few readers, which the write-ahead log keeps from blocking anybody.
//!
//! What survives what: nothing that was confirmed is lost when a process dies. When the *machine* loses power, what
//! was committed without a sync may be missing: claims, renewals and acknowledgements, whose loss only repeats work
//! that the ledger refuses to do twice, and [`Store::insert`], which is confirmed to nobody before
//! [`Queue::publish`] has synced the same log.
//!
//! [`Store::insert`]: pregon_core::Store::insert
//! [`Queue::publish`]: pregon_core::Queue::publish

mod air;
mod batch;
mod book;
mod consumer;
mod listener;
mod pace;
#[cfg(test)]
mod plans;
mod queue;
mod rows;
mod schema;
mod shelf;
mod store;
mod tail;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pregon_core::{Lane, QueueError, StoreError};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions, SqliteRow};
use tokio::sync::{mpsc, oneshot, watch};

use writer::{Ask, Op, Script};

/// Reads go on beside the writer; more readers than this only contend for two or four cores.
const READERS: u32 = 3;

/// Operations that may wait for the writer; callers beyond wait in line.
const WAITING: usize = 4_096;

/// Why a file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be created, read or written.
    #[error("cannot open {}: {source}; the folder must exist and be writable, on a local disk", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: sqlx::Error,
    },
    /// A newer Pregon has used it.
    #[error("{} is of version {found}, this program knows up to {known}; use the newer program", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The latest version this program knows.
        known: i64,
    },
}

/// What was put into the queue through this handle, counted: waiting consumers watch it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Posted {
    /// High jobs that can be taken now.
    high: u64,
    /// Everything.
    all: u64,
}

/// Wakes whoever waits in this process. Other processes look every few milliseconds instead.
#[derive(Debug, Default)]
struct Bells {
    posted: watch::Sender<Posted>,
    changed: watch::Sender<u64>,
    air: watch::Sender<u64>,
}

impl Bells {
    /// Messages can be taken, or there are new times to wait for.
    fn ring_posted(&self, high: bool) {
        self.posted.send_modify(|posted| {
            posted.high += u64::from(high);
            posted.all += 1;
        });
    }

    fn ring_changed(&self) {
        self.changed.send_modify(|n| *n += 1);
    }

    /// Stations may find something to take.
    fn ring_air(&self) {
        self.air.send_modify(|n| *n += 1);
    }
}

/// A handle on the file; clones share one writer. The file is closed when the last clone and the last consumer are
/// gone.
#[derive(Clone, Debug)]
pub struct Sqlite {
    readers: SqlitePool,
    writer: mpsc::Sender<Op>,
    bells: Arc<Bells>,
    tail: Arc<tail::Slot>,
}

/// The file did not answer as it should.
#[derive(Debug, thiserror::Error)]
enum Unavailable {
    #[error("{0}")]
    Sqlite(#[from] sqlx::Error),
    #[error("a stored job cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The transaction that held the operation failed.
    #[error("{0}")]
    NotCommitted(String),
    #[error("the file is closed")]
    Closed,
}

impl From<Unavailable> for StoreError {
    fn from(error: Unavailable) -> Self {
        Self(error.to_string())
    }
}

impl From<Unavailable> for QueueError {
    fn from(error: Unavailable) -> Self {
        Self(error.to_string())
    }
}

impl Sqlite {
    /// Opens the file, makes it if it is not there, and brings its schema up to date. The folder must exist.
    /// Must be called within a Tokio runtime, which then runs the writer.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Unusable { path: path.to_owned(), source };
        let options = schema::options(path);
        let mut connection = schema::connect(&options).await.map_err(unusable)?;
        schema::migrate(&mut connection, path).await?;
        let bells = Arc::new(Bells::default());
        let (writer, ops) = mpsc::channel(WAITING);
        tokio::spawn(writer::Writer::new(connection, Arc::clone(&bells)).run(ops));
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false) // a ping per read would double its cost, and a file does not hang up
            .connect_lazy_with(options);
        Ok(Self { readers, writer, bells, tail: Arc::default() })
    }

    /// Hands an operation to the writer and waits until it is committed.
    async fn write<I, O>(&self, input: I, wrap: impl FnOnce(Ask<I, O>) -> Op) -> Result<O, Unavailable> {
        let (reply, answer) = oneshot::channel();
        let op = wrap(Ask { input, answer: None, reply });
        self.writer.send(op).await.map_err(|_| Unavailable::Closed)?;
        answer.await.map_err(|_| Unavailable::Closed)?.map_err(Unavailable::NotCommitted)
    }

    async fn script(&self, script: Script) -> Result<Vec<SqliteRow>, Unavailable> {
        self.write(script, Op::Script).await
    }
}

/// The lane of that word in the file; none for the queue of a station.
fn lane(word: &str) -> Option<Lane> {
    Lane::ALL.into_iter().find(|lane| lane.as_str() == word)
}

/// A count as SQLite has it.
fn int(n: impl TryInto<i64>) -> i64 {
    n.try_into().unwrap_or(i64::MAX)
}

/// A count as Rust has it.
fn count(n: i64) -> u64 {
    n.try_into().unwrap_or(0)
}
