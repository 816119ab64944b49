//! Where job state lives: the trait, implemented by Redis and by SQLite.

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::id::JobId;
use crate::job::{Job, Lane};
use crate::pace::Pace;
use crate::state::StateName;
use crate::stats::{Counts, Minute};
use crate::time::Timestamp;

/// The store cannot answer now. What was asked may or may not have happened, so callers repeat: every write is
/// conditional.
#[derive(Debug, thiserror::Error)]
#[error("the job store is unavailable: {0}")]
pub struct StoreError(pub String);

/// What became of one inserted job.
#[derive(Clone, Debug, PartialEq)]
pub enum Inserted {
    /// It was not there before.
    New,
    /// It was there; nothing changed.
    Existing,
    /// Its submission was taken back by [`Store::discard`]; it must not run.
    Discarded,
}

/// What became of a swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// Stored.
    Done,
    /// Somebody changed the job in the meantime; read it again.
    Stale,
    /// The job is not there: pruned, or the store lost it.
    Missing,
}

/// Which jobs to list, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<StateName>,
    /// Only in this lane.
    pub lane: Option<Lane>,
    /// Only of this client.
    pub client: Option<String>,
    /// Only calls (`false`) or only airings (`true`).
    pub air: Option<bool>,
    /// Only with this in the text, the number or the id (case-insensitive).
    pub query: Option<String>,
    /// Only accepted at or after this time.
    pub since: Option<Timestamp>,
    /// Only older than this id.
    pub before: Option<JobId>,
    /// At most this many, 1 to 500.
    pub limit: usize,
}

impl Filter {
    /// Whether `job` belongs to the list, `before` and `limit` aside. Both stores use it for what their indexes do
    /// not cover.
    pub fn matches(&self, job: &Job) -> bool {
        self.state.is_none_or(|s| s == job.state.name())
            && self.lane.is_none_or(|l| l == job.spec.lane)
            && self.client.as_ref().is_none_or(|c| job.client.as_ref() == Some(c))
            && self.air.is_none_or(|air| air == job.spec.air().is_some())
            && self.since.is_none_or(|t| job.created >= t)
            && self.query.as_ref().is_none_or(|q| job.mentions(q))
    }
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The jobs, newest first.
    pub jobs: Vec<Job>,
    /// Where the next page starts ([`Filter::before`]); `None` at the end. A page can be short and still have a
    /// next one: a text search looks at a bounded number of jobs at a time.
    pub next: Option<JobId>,
}

/// A worker's sign of life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beat {
    /// The worker's name, unique among all.
    pub id: String,
    /// Host it runs on.
    pub host: String,
    /// Process id there.
    pub pid: u32,
    /// Jobs it may hold at once.
    pub slots: u32,
    /// Jobs it holds.
    pub busy: u32,
    /// Jobs it has handed over or given up since its start.
    pub done: u64,
    /// Jobs it took over from dead workers.
    pub rescued: u64,
    /// When it started.
    pub started: Timestamp,
    /// When it said so.
    pub at: Timestamp,
}

/// A worker is alive when its last sign is younger than this.
pub const ALIVE: std::time::Duration = std::time::Duration::from_secs(15);

/// A job changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The job.
    pub job_id: JobId,
    /// Its state now.
    pub status: StateName,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Counts the job's changes.
    pub version: u64,
}

/// A request that carries an idempotency key.
#[derive(Clone, Debug, PartialEq)]
pub struct Request<'a> {
    /// Whose: keys of different clients do not meet.
    pub client: &'a str,
    /// The key.
    pub key: &'a str,
    /// Hash of method, path and body.
    pub fingerprint: &'a str,
}

/// An answer as it was first given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: String,
    /// `Location` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

/// What is known about a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// First of its key, or the first never finished: carry it out. Ids derive from the time of the first arrival.
    Go {
        /// When the key was first seen.
        first_seen: Timestamp,
    },
    /// The same request is being carried out right now.
    Busy,
    /// It was answered before.
    Replay(Answer),
    /// The key was used for something else.
    Conflict,
}

/// How long an idempotency key is remembered.
pub const KEY_MEMORY: std::time::Duration = std::time::Duration::from_hours(24);

/// After this long an unfinished request is taken for dead and may be carried out again.
pub const REQUEST_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);

/// Job state. Every write is atomic together with all indexes and counters. All calls may be cancelled at any
/// point; a cancelled write may or may not have happened. `Err` never means "refused", only "unknown".
#[async_trait]
pub trait Store: Pace + Send + Sync + 'static {
    /// Adds jobs; one answer per job, in order. A job that is there already stays as it is.
    async fn insert(&self, jobs: &[Job]) -> Result<Vec<Inserted>, StoreError>;

    /// Takes back submissions that could not be queued: removes the rows and remembers the ids for a day, so that a
    /// message that got through after all is dropped. `false` where a worker had already taken the job: it stays.
    async fn discard(&self, ids: &[JobId]) -> Result<Vec<bool>, StoreError>;

    /// One job.
    async fn get(&self, id: JobId) -> Result<Option<Job>, StoreError>;

    /// Replaces `before` by `after` if the stored version is still that of `before`.
    async fn swap(&self, before: &Job, after: &Job) -> Result<Swap, StoreError>;

    /// Jobs in `state` whose wake time has passed, longest overdue first.
    async fn due(&self, state: StateName, now: Timestamp, limit: usize) -> Result<Vec<Job>, StoreError>;

    /// Jobs, newest first.
    async fn list(&self, filter: &Filter) -> Result<Page, StoreError>;

    /// How many jobs are in each state.
    async fn counts(&self) -> Result<Counts, StoreError>;

    /// Counters of the minutes `from..=to` (minutes since the epoch); minutes in which nothing happened are absent.
    async fn minutes(&self, from: i64, to: i64) -> Result<Vec<Minute>, StoreError>;

    /// Removes up to `limit` jobs that ended before `finished_before`, and old counters; returns the ids. For a week
    /// they count as discarded, so that a late duplicate of a message cannot bring one back.
    async fn prune(&self, finished_before: Timestamp, limit: usize) -> Result<Vec<JobId>, StoreError>;

    /// A worker's sign of life.
    async fn beat(&self, beat: &Beat) -> Result<(), StoreError>;

    /// A worker says goodbye.
    async fn leave(&self, worker: &str) -> Result<(), StoreError>;

    /// Signs of life of the last ten minutes, by name; the silent ones are dead.
    async fn workers(&self, now: Timestamp) -> Result<Vec<Beat>, StoreError>;

    /// Starts a request with an idempotency key.
    async fn begin(&self, request: Request<'_>, now: Timestamp) -> Result<Begun, StoreError>;

    /// Remembers its answer.
    async fn finish(&self, request: Request<'_>, answer: &Answer) -> Result<(), StoreError>;

    /// Forgets it, so that the next try starts afresh.
    async fn abandon(&self, request: Request<'_>) -> Result<(), StoreError>;

    /// All changes from now on. Slow readers miss some; the stream ends when the store goes away.
    async fn watch(&self) -> Result<BoxStream<'static, Change>, StoreError>;

    /// Whether the store has lost its jobs and the caller is the one to bring them back from the queue. True for one
    /// caller at a time; a caller that dies is replaced after half a minute.
    async fn lost(&self) -> Result<bool, StoreError>;

    /// The jobs are back.
    async fn restored(&self) -> Result<(), StoreError>;

    /// Whether it answers, with a word on settings that endanger data.
    async fn check(&self) -> Result<Vec<String>, StoreError>;
}
