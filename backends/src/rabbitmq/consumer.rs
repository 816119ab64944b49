//! Taking jobs: one channel per lane, the high one first.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pregon_core::{Consumer, Delivery, Job, Lane, QueueError, clock};
use tokio::time::{sleep, sleep_until};

use super::link::Link;
use super::mail;
use super::publisher::{Letter, Publisher};
use super::supply::Supply;
use super::taken::Taken;
use super::topology::Names;

/// Pause between attempts to reach the broker.
pub(super) const PAUSE: Duration = Duration::from_millis(250);

/// A delayed message that comes this much too early is handed out all the same.
const CLOSE_ENOUGH: Duration = Duration::from_millis(500);

pub(super) struct RabbitConsumer {
    publisher: Arc<Publisher>,
    names: Names,
    high: Supply,
    normal: Supply,
}

impl RabbitConsumer {
    /// Starts taking from both lanes.
    pub(super) async fn start(
        link: &Arc<Link>,
        publisher: Arc<Publisher>,
        names: Names,
        prefetch: u16,
    ) -> Result<Self, QueueError> {
        let [high, normal] =
            Lane::ALL.map(|lane| Supply::new(Arc::clone(link), names.of(lane.queue()), prefetch));
        let mut consumer = Self { publisher, names, high, normal };
        consumer.open_lanes().await?;
        Ok(consumer)
    }

    /// Opens the lanes that are closed, on new channels.
    async fn open_lanes(&mut self) -> Result<(), QueueError> {
        self.high.open().await?;
        self.normal.open().await
    }

    /// The next message of either lane; `None` when a lane is over, or was examined after a long silence.
    async fn poll(&mut self) -> Option<(Lane, Taken)> {
        let (high, normal) = (self.high.tap()?, self.normal.tap()?);
        let suspicious = high.suspicious_at().min(normal.suspicious_at());
        if suspicious <= Instant::now() {
            high.examine().await;
            normal.examine().await;
        }
        if let Some(taken) = high.urgent().await {
            return Some((Lane::High, taken));
        }
        tokio::select! {
            biased;
            taken = high.next() => Some((Lane::High, taken?)),
            taken = normal.next() => Some((Lane::Normal, taken?)),
            () = sleep_until(suspicious.into()) => None,
        }
    }

    /// What a message asks for: to be handed out, or to travel on.
    fn read(&self, lane: Lane, taken: &Taken) -> Result<Job, Box<Letter>> {
        let job = taken.job(&self.names, lane.queue())?;
        let early = taken.due().map(|due| due.until(clock::now())).filter(|early| *early > CLOSE_ENOUGH);
        match early.map(|early| mail::post(&self.names, &job, early)) {
            Some(Ok(letter)) => Err(Box::new(letter)),
            Some(Err(_)) | None => Ok(job),
        }
    }
}

#[async_trait]
impl Consumer for RabbitConsumer {
    async fn next(&mut self) -> Result<Delivery, QueueError> {
        loop {
            if let Err(error) = self.open_lanes().await {
                sleep(PAUSE).await;
                return Err(error);
            }
            let Some((lane, taken)) = self.poll().await else { continue };
            match self.read(lane, &taken) {
                Ok(job) => return Ok(Delivery { job, lane, receipt: taken.receipt() }),
                Err(letter) => taken.forward(&self.publisher, *letter),
            }
        }
    }

    async fn close(self: Box<Self>) {
        self.high.close().await;
        self.normal.close().await;
    }
}
