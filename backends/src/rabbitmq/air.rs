//! The queues of stations.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use pregon_core::{AirQueue, Consumer, Delivery, Job, QueueError, StationName};
use tokio::time::{sleep, sleep_until};

use super::consumer::PAUSE;
use super::publisher::Publisher;
use super::supply::Supply;
use super::taken::Taken;
use super::topology::Names;
use super::{RabbitQueue, mail};

struct AirConsumer {
    publisher: Arc<Publisher>,
    names: Names,
    /// Name of the queue without prefix.
    queue: String,
    supply: Supply,
}

impl AirConsumer {
    /// The next message; `None` when the queue is over, or was examined after a long silence.
    async fn poll(&mut self) -> Option<Taken> {
        let tap = self.supply.tap()?;
        let suspicious = tap.suspicious_at();
        if suspicious <= Instant::now() {
            tap.examine().await;
        }
        tokio::select! {
            biased;
            taken = tap.next() => taken,
            () = sleep_until(suspicious.into()) => None,
        }
    }
}

#[async_trait]
impl Consumer for AirConsumer {
    async fn next(&mut self) -> Result<Delivery, QueueError> {
        loop {
            if let Err(error) = self.supply.open().await {
                sleep(PAUSE).await;
                return Err(error);
            }
            let Some(taken) = self.poll().await else { continue };
            match taken.job(&self.names, &self.queue) {
                Ok(job) => {
                    let lane = job.spec.lane;
                    return Ok(Delivery { job, lane, receipt: taken.receipt() });
                }
                Err(letter) => taken.forward(&self.publisher, *letter),
            }
        }
    }

    async fn close(self: Box<Self>) {
        self.supply.close().await;
    }
}

#[async_trait]
impl AirQueue for RabbitQueue {
    async fn hand_on(&self, station: &StationName, job: &Job) -> Result<(), QueueError> {
        // Where the queue is missing, the exchange says so, and the publisher declares what is known by now.
        let letter = mail::air(&self.names, station, job)?;
        self.publisher.post(&[letter]).await.into_iter().collect()
    }

    async fn tune_in(&self, station: &StationName, prefetch: u16) -> Result<Box<dyn Consumer>, QueueError> {
        let mut supply = Supply::new(Arc::clone(&self.taking), self.names.air(station), prefetch);
        supply.open().await?;
        let (publisher, names) = (Arc::clone(&self.publisher), self.names.clone());
        Ok(Box::new(AirConsumer { publisher, names, queue: station.queue(), supply }))
    }

    async fn waiting(&self, station: &StationName) -> Result<u64, QueueError> {
        self.names.air(station);
        self.inspector().depth_of(&station.queue()).await
    }
}
