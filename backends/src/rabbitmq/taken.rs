//! A message in hand.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use lapin::Acker;
use lapin::message::Delivery as Message;
use lapin::options::{BasicAckOptions, BasicNackOptions};
use lapin::types::DeliveryTag;
use pregon_core::{Job, QueueError, Receipt, Timestamp};
use tracing::warn;

use super::link::unavailable;
use super::mail;
use super::publisher::{Letter, Publisher};
use super::topology::Names;

/// What was handed out on a channel and not acknowledged yet.
#[derive(Default)]
pub(super) struct Hands(Mutex<BTreeSet<DeliveryTag>>);

impl Hands {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.tags().len()
    }

    /// Which they are.
    pub(super) fn tags(&self) -> MutexGuard<'_, BTreeSet<DeliveryTag>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message that counts as handed out until it is settled.
pub(super) struct Taken {
    message: Message,
    hands: Arc<Hands>,
}

impl Taken {
    pub(super) fn new(message: Message, hands: Arc<Hands>) -> Self {
        hands.tags().insert(message.delivery_tag);
        Self { message, hands }
    }

    /// The job it carries; what is none is to be set aside, as taken from `queue` (without prefix).
    pub(super) fn job(&self, names: &Names, queue: &str) -> Result<Job, Box<Letter>> {
        serde_json::from_slice(&self.message.data).map_err(|error| {
            let reason = error.to_string();
            // Without the reason: it quotes the message, which may hold a text or a number.
            warn!(queue, "a message that is no job is set aside");
            Box::new(mail::set_aside(names, queue, &self.message.data, &reason))
        })
    }

    /// When it should be handed out, if it was delayed.
    pub(super) fn due(&self) -> Option<Timestamp> {
        mail::due(&self.message)
    }

    /// Sends it elsewhere in the background; it keeps its place in the prefetch until that is done.
    pub(super) fn forward(self, publisher: &Arc<Publisher>, letter: Letter) {
        let publisher = Arc::clone(publisher);
        let Self { message: Message { acker, delivery_tag, .. }, hands } = self;
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
            hands.tags().remove(&delivery_tag);
        });
    }

    pub(super) fn receipt(self) -> Box<dyn Receipt> {
        Box::new(RabbitReceipt {
            acker: self.message.acker,
            tag: self.message.delivery_tag,
            hands: self.hands,
        })
    }
}

struct RabbitReceipt {
    acker: Acker,
    tag: DeliveryTag,
    hands: Arc<Hands>,
}

#[async_trait]
impl Receipt for RabbitReceipt {
    async fn ack(self: Box<Self>) -> Result<(), QueueError> {
        let acked = self.acker.ack(BasicAckOptions::default()).await;
        self.hands.tags().remove(&self.tag);
        match acked {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(QueueError("the channel of this message is closed: it will come again".to_owned()))
            }
            Err(error) => Err(unavailable(&error)),
        }
    }
}
