//! The queue in RabbitMQ, 3.10 to 4.x.
//!
//! A direct exchange `tts` in front of quorum queues: one for each lane (`tts_priority`, `tts_calls`) and for each
//! station that was named (`air_main`), a ladder of delay queues (`tts_delay_1s` to `tts_delay_1h`) whose messages
//! return to their lane when their time is over, and `tts_dead` for messages that are no jobs; `tts_results` is a
//! bounded feed for readers outside. `QUEUE_PREFIX` is put before every name. Nothing rests on the broker's own priorities or delivery counters.
//!
//! Two connections: the broker stops reading from one that publishes when it runs out of memory or disk, and
//! acknowledgements must get through then, or it would never have room again.

mod air;
mod consumer;
mod inspect;
mod link;
mod mail;
mod publisher;
mod supply;
mod taken;
mod tap;
mod topology;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pregon_core::{Consumer, DeadLetter, Depth, Job, Queue, QueueError};

use consumer::RabbitConsumer;
use inspect::Inspector;
use link::Link;
use publisher::Publisher;
use topology::Names;

/// The queue in RabbitMQ.
pub struct RabbitQueue {
    names: Names,
    posting: Arc<Link>,
    taking: Arc<Link>,
    publisher: Arc<Publisher>,
}

impl RabbitQueue {
    /// Connects to the broker at `url` (`amqp://user:password@host:port/vhost`, `/` being `%2f`), and declares what
    /// is missing, all names beginning with `prefix`. An error when the URL is none, the broker does not answer, or
    /// a queue of that name exists with other settings; from then on, connections and queues are replaced as needed.
    pub async fn connect(url: &str, prefix: &str) -> Result<Self, QueueError> {
        let uri = link::parse(url)?;
        let names = Names::new(prefix);
        let posting = Arc::new(Link::new(uri.clone(), "pregon: publishing", names.clone()));
        let taking = Arc::new(Link::new(uri, "pregon: taking", names.clone()));
        posting.connection().await?;
        Ok(Self { names, publisher: Arc::new(Publisher::new(Arc::clone(&posting))), posting, taking })
    }

    fn inspector(&self) -> Inspector<'_> {
        Inspector { link: &self.taking, names: &self.names }
    }
}

#[async_trait]
impl Queue for RabbitQueue {
    async fn publish(&self, jobs: &[(&Job, Duration)]) -> Vec<Result<(), QueueError>> {
        let written: Vec<_> = jobs.iter().map(|(job, delay)| mail::post(&self.names, job, *delay)).collect();
        let mut letters = Vec::with_capacity(jobs.len());
        let unwritten: Vec<Option<QueueError>> =
            written.into_iter().map(|letter| letter.map(|letter| letters.push(letter)).err()).collect();
        let mut posted = self.publisher.post(&letters).await.into_iter();
        unwritten
            .into_iter()
            .map(|error| error.map_or_else(|| posted.next().unwrap_or_else(|| Err(link::no_answer())), Err))
            .collect()
    }

    async fn consume(&self, prefetch: u16) -> Result<Box<dyn Consumer>, QueueError> {
        let (publisher, names) = (Arc::clone(&self.publisher), self.names.clone());
        Ok(Box::new(RabbitConsumer::start(&self.taking, publisher, names, prefetch).await?))
    }

    async fn depths(&self) -> Result<Vec<Depth>, QueueError> {
        self.inspector().depths_of_all().await
    }

    async fn browse(&self, visit: &mut (dyn FnMut(Job) + Send)) -> Result<u64, QueueError> {
        self.inspector().browse(visit).await
    }

    async fn report(&self, job: &Job) -> Result<(), QueueError> {
        let letter = mail::result(&self.names, job)?;
        self.publisher.post(&[letter]).await.into_iter().collect()
    }

    async fn dead(&self, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        self.inspector().dead(limit).await
    }

    async fn replay_dead(&self) -> Result<u64, QueueError> {
        self.inspector().replay_dead(&self.publisher).await
    }

    async fn check(&self) -> Result<(), QueueError> {
        link::close(self.posting.channel().await?).await;
        Ok(())
    }
}
