//! Taking: one channel per lane, the high one first.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use lapin::Acker;
use lapin::message::Delivery as Message;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use pregon_core::{Consumer, Delivery, Job, Lane, QueueError, Receipt, clock};
use tokio::task::JoinHandle;
use tokio::time::{sleep, sleep_until};
use tracing::{info, warn};

use super::link::{Link, close, unavailable};
use super::mail;
use super::publisher::{Letter, Publisher};
use super::tap::{Hands, Tap};
use super::topology::Names;

/// Quorum queues cap the prefetch at this, and zero would mean no limit.
const MOST: u16 = 2_000;

/// Pause between attempts to reach the broker.
const PAUSE: Duration = Duration::from_millis(250);

/// A delayed message that comes this much too early is handed out all the same.
const CLOSE_ENOUGH: Duration = Duration::from_millis(500);

pub(super) struct RabbitConsumer {
    link: Arc<Link>,
    publisher: Arc<Publisher>,
    names: Names,
    prefetch: u16,
    high: Option<Tap>,
    normal: Option<Tap>,
    /// A lane being opened, in a task of its own: [`Consumer::next`] may be cancelled at any point, and a channel
    /// that is given up half-way stays open in lapin, with as many messages as its prefetch allows.
    opening: Option<JoinHandle<Result<(Lane, Tap), QueueError>>>,
}

impl RabbitConsumer {
    /// Starts taking from both lanes.
    pub(super) async fn start(
        link: Arc<Link>,
        publisher: Arc<Publisher>,
        names: Names,
        prefetch: u16,
    ) -> Result<Self, QueueError> {
        let prefetch = prefetch.clamp(1, MOST);
        let mut consumer = Self { link, publisher, names, prefetch, high: None, normal: None, opening: None };
        consumer.open_lanes().await?;
        Ok(consumer)
    }

    fn tap(&mut self, lane: Lane) -> &mut Option<Tap> {
        match lane {
            Lane::High => &mut self.high,
            Lane::Normal => &mut self.normal,
        }
    }

    /// Opens the lanes that are closed, on new channels.
    async fn open_lanes(&mut self) -> Result<(), QueueError> {
        loop {
            if let Some(opening) = &mut self.opening {
                let opened = opening.await;
                self.opening = None;
                let (lane, tap) =
                    opened.map_err(|error| QueueError(format!("opening a lane failed: {error}")))??;
                *self.tap(lane) = Some(tap);
            }
            let closed = |lane: &Lane| self.tap(*lane).as_ref().is_none_or(Tap::is_over);
            let Some(lane) = Lane::ALL.into_iter().find(closed) else { return Ok(()) };
            if let Some(tap) = self.tap(lane).take() {
                // In the background, and before anything else is asked for: what it holds goes to others at once.
                tokio::spawn(close(tap.channel.clone()));
            }
            let (link, names) = (Arc::clone(&self.link), self.names.clone());
            self.opening = Some(tokio::spawn(open(link, names, lane, self.prefetch)));
        }
    }

    /// The next message of either lane; `None` when a lane is over, or was examined after a long silence.
    async fn poll(&mut self) -> Option<(Lane, Message, Arc<Hands>)> {
        let (Some(high), Some(normal)) = (&mut self.high, &mut self.normal) else { return None };
        let suspicious = high.suspicious_at().min(normal.suspicious_at());
        if suspicious <= Instant::now() {
            high.examine().await;
            normal.examine().await;
        }
        if let Some(message) = high.urgent().await {
            return Some((Lane::High, message, Arc::clone(&high.hands)));
        }
        let (lane, message, hands) = tokio::select! {
            biased;
            message = high.next() => (Lane::High, message, &high.hands),
            message = normal.next() => (Lane::Normal, message, &normal.hands),
            () = sleep_until(suspicious.into()) => return None,
        };
        message.map(|message| (lane, message, Arc::clone(hands)))
    }

    /// Sends a message elsewhere in the background; it keeps its place in the prefetch until that is done.
    fn forward(&self, letter: Letter, acker: Acker, hands: Arc<Hands>) {
        let publisher = Arc::clone(&self.publisher);
        tokio::spawn(async move {
            let sent: Result<(), QueueError> = publisher.post(&[letter]).await.into_iter().collect();
            let settled = match sent {
                Ok(()) => acker.ack(BasicAckOptions::default()).await,
                Err(error) => {
                    warn!(%error, "a message could not be sent on");
                    acker.nack(BasicNackOptions { requeue: true, ..BasicNackOptions::default() }).await
                }
            };
            // Where this fails the channel is gone, and the message comes again by itself.
            drop(settled);
            hands.let_go();
        });
    }

    /// What a message asks for: to be handed out, or to travel on.
    fn read(&self, lane: Lane, message: &Message) -> Result<Job, Box<Letter>> {
        let job: Job = serde_json::from_slice(&message.data).map_err(|error| {
            let reason = error.to_string();
            // Without the reason: it quotes the message, which may hold a text or a number.
            warn!(lane = lane.as_str(), "a message that is no job is set aside");
            Box::new(mail::set_aside(&self.names, lane, &message.data, &reason))
        })?;
        let early =
            mail::due(message).map(|due| due.until(clock::now())).filter(|early| *early > CLOSE_ENOUGH);
        match early.map(|early| mail::post(&self.names, &job, early)) {
            Some(Ok(letter)) => Err(Box::new(letter)),
            Some(Err(_)) | None => Ok(job),
        }
    }
}

/// Opens a lane, declaring the queues anew if that is what it takes.
async fn open(link: Arc<Link>, names: Names, lane: Lane, prefetch: u16) -> Result<(Lane, Tap), QueueError> {
    let asked = Instant::now();
    let tap = match Tap::open(&link, &names, lane, prefetch).await {
        Ok(tap) => tap,
        Err(error) => {
            // Most likely the queue is gone; when it is the broker, this fails just as well.
            info!(%error, lane = lane.as_str(), "declaring the queues again");
            link.redeclare(asked).await?;
            Tap::open(&link, &names, lane, prefetch).await?
        }
    };
    Ok((lane, tap))
}

#[async_trait]
impl Consumer for RabbitConsumer {
    async fn next(&mut self) -> Result<Delivery, QueueError> {
        loop {
            if let Err(error) = self.open_lanes().await {
                sleep(PAUSE).await;
                return Err(error);
            }
            let Some((lane, message, hands)) = self.poll().await else { continue };
            match self.read(lane, &message) {
                Ok(job) => {
                    let receipt = Box::new(RabbitReceipt { acker: message.acker, hands });
                    return Ok(Delivery { job, lane, receipt });
                }
                Err(letter) => self.forward(*letter, message.acker, hands),
            }
        }
    }

    async fn close(mut self: Box<Self>) {
        for lane in Lane::ALL {
            if let Some(tap) = self.tap(lane).take() {
                close(tap.channel.clone()).await;
            }
        }
    }
}

struct RabbitReceipt {
    acker: Acker,
    hands: Arc<Hands>,
}

#[async_trait]
impl Receipt for RabbitReceipt {
    async fn ack(self: Box<Self>) -> Result<(), QueueError> {
        let acked = self.acker.ack(BasicAckOptions::default()).await;
        self.hands.let_go();
        match acked {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(QueueError("the channel of this message is closed: it will come again".to_owned()))
            }
            Err(error) => Err(unavailable(&error)),
        }
    }
}
