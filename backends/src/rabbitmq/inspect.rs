//! Looking into the queues without taking anything.

use std::time::Instant;

use futures_util::future::join_all;
use lapin::Channel;
use lapin::message::BasicGetMessage;
use lapin::options::{BasicAckOptions, BasicGetOptions, BasicNackOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use pregon_core::{DEAD, DeadLetter, Depth, Job, Lane, QueueError, RESULTS};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::link::{ANSWER_TIMEOUT, Link, answered, close};
use super::mail;
use super::publisher::Publisher;
use super::topology::{LADDER, Names};

/// Channels that fetch from one queue at a time. Each fetch is a round trip through the queue's log, and side by side
/// they share it.
const READERS: u32 = 16;

/// A reader is worth its channel from this many messages on.
const PER_READER: u32 = 64;

/// Set-aside messages put back at a time.
const REPLAYED_AT_ONCE: usize = 200;

pub(super) struct Inspector<'a> {
    pub(super) link: &'a Link,
    pub(super) names: &'a Names,
}

impl Inspector<'_> {
    /// Depth of every queue, the delays summed up.
    pub(super) async fn depths(&self) -> Result<Vec<Depth>, QueueError> {
        let channel = self.link.channel().await?;
        let mut depths = Vec::new();
        for name in [Lane::High.queue(), Lane::Normal.queue(), RESULTS, DEAD] {
            depths.push(self.depth(&channel, name).await?);
        }
        let mut delayed = Depth { name: "tts_delayed".to_owned(), messages: 0, consumers: 0 };
        for level in &LADDER {
            delayed.messages += self.depth(&channel, level.name).await?.messages;
        }
        depths.insert(Lane::ALL.len(), delayed);
        close(channel).await;
        Ok(depths)
    }

    /// As [`Inspector::depths`], after declaring what was missing at the first try: to ask for a queue that does not
    /// exist closes the channel.
    pub(super) async fn depths_of_all(&self) -> Result<Vec<Depth>, QueueError> {
        let asked = Instant::now();
        if let Ok(depths) = self.depths().await {
            return Ok(depths);
        }
        self.link.redeclare(asked).await?;
        self.depths().await
    }

    /// Messages that wait in one queue, which is declared if it was missing.
    pub(super) async fn depth_of(&self, name: &str) -> Result<u64, QueueError> {
        let asked = Instant::now();
        let depth = async || {
            let channel = self.link.channel().await?;
            let depth = self.depth(&channel, name).await?;
            close(channel).await;
            Ok(depth.messages)
        };
        if let Ok(messages) = depth().await {
            return Ok(messages);
        }
        self.link.redeclare(asked).await?;
        depth().await
    }

    async fn depth(&self, channel: &Channel, name: &str) -> Result<Depth, QueueError> {
        let passive = QueueDeclareOptions::durable().passive();
        let declare = channel.queue_declare(self.names.of(name), passive, FieldTable::default());
        let queue = answered(timeout(ANSWER_TIMEOUT, declare).await)?;
        let (messages, consumers) = (queue.message_count().into(), queue.consumer_count().into());
        Ok(Depth { name: name.to_owned(), messages, consumers })
    }

    /// Shows every job that waits in a lane or a delay queue.
    pub(super) async fn browse(&self, visit: &mut (dyn FnMut(Job) + Send)) -> Result<u64, QueueError> {
        let (send, mut shown) = mpsc::channel::<Job>(1_024);
        let channels = self.readers().await?;
        let reading = async {
            let readers = channels.iter().map(|(queue, channel)| self.read(queue, channel, send.clone()));
            let results = join_all(readers).await;
            drop(send);
            results.into_iter().collect::<Result<Vec<()>, QueueError>>()
        };
        let visiting = async {
            let mut count = 0;
            while let Some(job) = shown.recv().await {
                visit(job);
                count += 1;
            }
            count
        };
        let (read, count) = tokio::join!(reading, visiting);
        // Only now: a message that goes back too early would be seen twice.
        join_all(channels.into_iter().map(|(_, channel)| give_back(channel))).await;
        read.map(|_| count)
    }

    /// Enough channels for every queue. At least one each: what a channel that closes gave back is not counted for a
    /// moment, but can be fetched.
    async fn readers(&self) -> Result<Vec<(&'static str, Channel)>, QueueError> {
        let probe = self.link.channel().await?;
        let mut channels = Vec::new();
        let queues = Lane::ALL.map(Lane::queue).into_iter().chain(LADDER.iter().map(|level| level.name));
        for queue in queues {
            let messages = u32::try_from(self.depth(&probe, queue).await?.messages).unwrap_or(u32::MAX);
            for _ in 0..messages.div_ceil(PER_READER).clamp(1, READERS) {
                channels.push((queue, self.link.channel().await?));
            }
        }
        close(probe).await;
        Ok(channels)
    }

    async fn read(&self, queue: &str, channel: &Channel, to: mpsc::Sender<Job>) -> Result<(), QueueError> {
        while let Some(message) = self.fetch(queue, channel).await? {
            // What is no job will be set aside when a worker takes it.
            if let Ok(job) = serde_json::from_slice(&message.data) {
                drop(to.send(job).await);
            }
        }
        Ok(())
    }

    async fn fetch(&self, queue: &str, channel: &Channel) -> Result<Option<BasicGetMessage>, QueueError> {
        let get = channel.basic_get(self.names.of(queue), BasicGetOptions::default());
        answered(timeout(ANSWER_TIMEOUT, get).await)
    }

    /// The first set-aside messages.
    pub(super) async fn dead(&self, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        let channel = self.link.channel().await?;
        let mut letters = Vec::new();
        while letters.len() < limit
            && let Some(message) = self.fetch(DEAD, &channel).await?
        {
            letters.push(mail::show(&message));
        }
        give_back(channel).await;
        Ok(letters)
    }

    /// Puts set-aside messages back. As many as there were at the start: those that come back meanwhile stay.
    pub(super) async fn replay_dead(&self, publisher: &Publisher) -> Result<u64, QueueError> {
        let channel = self.link.channel().await?;
        let mut left = usize::try_from(self.depth(&channel, DEAD).await?.messages).unwrap_or(usize::MAX);
        let mut replayed = 0;
        while left > 0 {
            let mut batch = Vec::new();
            while batch.len() < REPLAYED_AT_ONCE.min(left)
                && let Some(message) = self.fetch(DEAD, &channel).await?
            {
                batch.push(message);
            }
            if batch.is_empty() {
                break;
            }
            left -= batch.len();
            // A foreign message that does not say where it came from stays, and goes back when the channel closes.
            let (messages, letters): (Vec<_>, Vec<_>) = batch
                .iter()
                .filter_map(|message| Some((message, mail::replay(self.names, message)?)))
                .unzip();
            for (message, answer) in messages.into_iter().zip(publisher.post(&letters).await) {
                answer?;
                // If this fails it is put back twice, which harms no more than it did at first.
                drop(message.acker.ack(BasicAckOptions::default()).await);
                replayed += 1;
            }
        }
        give_back(channel).await;
        Ok(replayed)
    }
}

/// Returns everything that was fetched, and closes. Closing alone would return it too, but a moment later.
async fn give_back(channel: Channel) {
    let everything = BasicNackOptions { multiple: true, requeue: true };
    drop(timeout(ANSWER_TIMEOUT, channel.basic_nack(0, everything)).await);
    close(channel).await;
}
