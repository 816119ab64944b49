//! Taking messages from the queue, in a task of its own: opening a queue may take longer than the next event.

use std::sync::Arc;

use pregon_core::{Consumer, Delivery, QueueError, StationName};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Desks, HELD, PAUSE};

/// Messages on their way in.
pub(super) struct Intake {
    deliveries: mpsc::Receiver<Delivery>,
    taking: JoinHandle<Option<Box<dyn Consumer>>>,
}

impl Intake {
    /// Takes messages for `station` until `stop`.
    pub(super) fn open(desks: Arc<Desks>, station: StationName, stop: CancellationToken) -> Self {
        let (sender, deliveries) = mpsc::channel(1);
        Self { deliveries, taking: tokio::spawn(take(desks, station, sender, stop)) }
    }

    /// The next message; `None` after `stop`. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Delivery> {
        self.deliveries.recv().await
    }

    /// Gives back, after `stop`, whatever was not acknowledged.
    pub(super) async fn close(self) {
        drop(self.deliveries);
        if let Ok(Some(consumer)) = self.taking.await {
            consumer.close().await;
        }
    }
}

async fn take(
    desks: Arc<Desks>,
    station: StationName,
    sender: mpsc::Sender<Delivery>,
    stop: CancellationToken,
) -> Option<Box<dyn Consumer>> {
    let mut consumer = None;
    loop {
        let taken = tokio::select! {
            biased;
            () = stop.cancelled() => return consumer,
            taken = next(&desks, &station, &mut consumer) => taken,
        };
        let pause = match taken {
            Ok(delivery) => {
                if sender.send(delivery).await.is_err() {
                    return consumer;
                }
                continue;
            }
            Err(error) => {
                tracing::warn!(%error, station = station.as_str(), "no announcements can be taken");
                tokio::time::sleep(PAUSE)
            }
        };
        tokio::select! {
            () = pause => {}
            () = stop.cancelled() => return consumer,
        }
    }
}

/// The next message; the consumer is opened when there is none.
async fn next(
    desks: &Desks,
    station: &StationName,
    consumer: &mut Option<Box<dyn Consumer>>,
) -> Result<Delivery, QueueError> {
    match consumer {
        Some(consumer) => consumer.next().await,
        None => consumer.insert(desks.queue.tune_in(station, HELD).await?).next().await,
    }
}
