//! How jobs reach workers: the trait, implemented by RabbitMQ and by SQLite.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::job::{Job, Lane};

/// The queue cannot be reached, or did not confirm. A message may or may not have got through.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the job queue is unavailable: {0}")]
pub struct QueueError(pub String);

/// How full a queue is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Depth {
    /// Name without prefix, such as `tts_calls`.
    pub name: String,
    /// Messages that wait (without those in workers' hands).
    pub messages: u64,
    /// Consumers that wait for messages.
    pub consumers: u64,
}

/// A message that is no job, set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Where it was found.
    pub queue: String,
    /// Why it is no job.
    pub reason: String,
    /// The beginning of it, as text.
    pub excerpt: String,
}

/// Name of the queue of set-aside messages.
pub const DEAD: &str = "tts_dead";
/// Name of the feed of finished jobs.
pub const RESULTS: &str = "tts_results";

/// A taken message. Dropping it without [`Receipt::ack`] leaves it with the queue, which delivers it again when the
/// consumer closes.
pub struct Delivery {
    /// The job as it was when published; the store may know better.
    pub job: Job,
    /// Where it waited.
    pub lane: Lane,
    /// The means to acknowledge it.
    pub receipt: Box<dyn Receipt>,
}

/// Acknowledges one delivery.
#[async_trait]
pub trait Receipt: Send + Sync {
    /// The message is done with. After an error it may be delivered again.
    async fn ack(self: Box<Self>) -> Result<(), QueueError>;
}

/// Takes messages, the high lane strictly first.
#[async_trait]
pub trait Consumer: Send {
    /// The next message. Cancel-safe; reconnects inside and sets aside what is no job. An error means that the queue
    /// is away at the moment; call again.
    async fn next(&mut self) -> Result<Delivery, QueueError>;

    /// Gives back what was taken and not handed out.
    async fn close(self: Box<Self>);
}

/// A durable queue with two lanes and delays.
#[async_trait]
pub trait Queue: Send + Sync + 'static {
    /// Puts jobs into their lanes, each after its delay; one answer per job, in order. `Ok` means durable and
    /// confirmed. Delays are kept to about a second and may be delivered early: the taker looks at the clock.
    async fn publish(&self, jobs: &[(&Job, Duration)]) -> Vec<Result<(), QueueError>>;

    /// Starts taking messages, at most `prefetch` of each lane unacknowledged at a time.
    async fn consume(&self, prefetch: u16) -> Result<Box<dyn Consumer>, QueueError>;

    /// How full the queues are: lanes, delays (summed up as `tts_delayed`), results and dead letters.
    async fn depths(&self) -> Result<Vec<Depth>, QueueError>;

    /// Shows every waiting message (delayed ones too) to `visit`, in batches, and leaves it where it is. Returns how
    /// many there were.
    async fn browse(&self, visit: &mut (dyn FnMut(Job) + Send)) -> Result<u64, QueueError>;

    /// Appends finished jobs to the results feed, which is bounded in length and age.
    async fn report(&self, job: &Job) -> Result<(), QueueError>;

    /// The first `limit` set-aside messages.
    async fn dead(&self, limit: usize) -> Result<Vec<DeadLetter>, QueueError>;

    /// Puts the set-aside messages back where they came from; returns how many.
    async fn replay_dead(&self) -> Result<u64, QueueError>;

    /// Whether it answers.
    async fn check(&self) -> Result<(), QueueError>;
}
