//! Publishing: pipelined, persistent, mandatory, confirmed, repeated while that can help.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt, stream};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation, PublisherConfirm};
use pregon_core::QueueError;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::link::{ANSWER_TIMEOUT, Link, answered, close, no_answer, unavailable};

/// Calls that send at the same time without waiting for each other. One call stays on one channel: that keeps its
/// messages in order.
const CHANNELS: usize = 4;

/// Messages handed to the socket at a time.
const WINDOW: usize = 256;

/// How long a call goes on trying while the broker is away.
const RECOVER_WITHIN: Duration = Duration::from_secs(5);

/// Pause before what was lost is sent again.
const PAUSE: Duration = Duration::from_millis(100);

/// A message on its way out.
pub(super) struct Letter {
    pub(super) exchange: ShortString,
    pub(super) key: ShortString,
    pub(super) body: Vec<u8>,
    pub(super) properties: BasicProperties,
}

/// What became of a message.
enum Fate {
    Confirmed,
    /// The exchange knows no queue for it.
    Unroutable,
    /// The broker had no room for it.
    Refused,
    /// Nobody knows: it may have got through, so sending it again may double it, which does no harm.
    Unknown(QueueError),
}

/// A letter and what is known of it.
struct Posting<'a> {
    letter: &'a Letter,
    answer: Result<(), QueueError>,
    /// Whether sending it (again) may help.
    open: bool,
}

pub(super) struct Publisher {
    link: Arc<Link>,
    channels: [Mutex<Option<Channel>>; CHANNELS],
    turn: AtomicUsize,
}

impl Publisher {
    pub(super) fn new(link: Arc<Link>) -> Self {
        Self { link, channels: Default::default(), turn: AtomicUsize::new(0) }
    }

    /// Sends letters; one answer each, in order. `Ok` means that a queue has it on disk.
    pub(super) async fn post(&self, letters: &[Letter]) -> Vec<Result<(), QueueError>> {
        let mut open: Vec<Posting<'_>> =
            letters.iter().map(|letter| Posting { letter, answer: Err(no_answer()), open: true }).collect();
        let (started, mut declared) = (Instant::now(), false);
        while open.iter().any(|posting| posting.open) {
            let sent = Instant::now();
            let unroutable = self.wave(&mut open).await;
            let hopeless = unroutable && declared;
            if hopeless || started.elapsed() >= RECOVER_WITHIN || open.iter().all(|posting| !posting.open) {
                break;
            }
            declared = self.recover(sent, unroutable).await;
        }
        open.into_iter().map(|posting| posting.answer).collect()
    }

    /// Brings back what may be missing after a failure: connection, exchanges, queues.
    async fn recover(&self, since: Instant, unroutable: bool) -> bool {
        if !unroutable {
            sleep(PAUSE).await;
        }
        match self.link.redeclare(since).await {
            Ok(()) => unroutable,
            Err(error) => {
                warn!(%error, "publishing waits for RabbitMQ");
                false
            }
        }
    }

    /// Sends what is open once and waits for the confirms. Tells whether the exchange knew no queue for something.
    async fn wave(&self, postings: &mut [Posting<'_>]) -> bool {
        let mut postings: Vec<_> = postings.iter_mut().filter(|posting| posting.open).collect();
        let letters: Vec<&Letter> = postings.iter().map(|posting| posting.letter).collect();
        let mut unroutable = false;
        for (posting, fate) in postings.iter_mut().zip(self.fates(&letters).await) {
            unroutable |= matches!(fate, Fate::Unroutable);
            (posting.answer, posting.open) = match fate {
                Fate::Confirmed => (Ok(()), false),
                Fate::Refused => (Err(QueueError("RabbitMQ refused the message".to_owned())), false),
                Fate::Unroutable => {
                    (Err(QueueError(format!("RabbitMQ has no queue for {}", posting.letter.key))), true)
                }
                Fate::Unknown(error) => (Err(error), true),
            };
        }
        unroutable
    }

    async fn fates(&self, letters: &[&Letter]) -> Vec<Fate> {
        let confirms = match self.send(letters).await {
            Ok(confirms) => confirms,
            Err(error) => return letters.iter().map(|_| Fate::Unknown(error.clone())).collect(),
        };
        let mut fates = Vec::with_capacity(letters.len());
        let mut waiting = true;
        for confirm in confirms {
            fates.push(match confirm {
                Err(error) => Fate::Unknown(error),
                // Confirms come about in order: once one is overdue, the rest need not be waited for one by one.
                Ok(confirm) if waiting => {
                    let confirmation = timeout(ANSWER_TIMEOUT, confirm).await;
                    waiting = confirmation.is_ok();
                    confirmation.map_or_else(|_| Fate::Unknown(no_answer()), fate)
                }
                Ok(confirm) => confirm.now_or_never().map_or_else(|| Fate::Unknown(no_answer()), fate),
            });
        }
        if !waiting {
            self.begin_anew().await;
        }
        fates
    }

    /// Replaces all channels. One that has served a quorum queue which was then removed by force numbers its messages
    /// on, and the queue of that name that comes next waits for the first ones for ever.
    async fn begin_anew(&self) {
        for slot in &self.channels {
            if let Some(channel) = slot.lock().await.take() {
                tokio::spawn(close(channel));
            }
        }
    }

    async fn send(
        &self,
        letters: &[&Letter],
    ) -> Result<Vec<Result<PublisherConfirm, QueueError>>, QueueError> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % CHANNELS;
        let Some(slot) = self.channels.get(turn) else { return Err(no_answer()) };
        // Held until everything is handed over: lapin numbers a message before it queues its frames, so two senders on
        // one channel could be told each other's confirms.
        let mut slot = timeout(ANSWER_TIMEOUT, slot.lock()).await.map_err(|_| no_answer())?;
        let channel = match slot.take().filter(|channel| channel.status().connected()) {
            Some(channel) => channel,
            None => self.open().await?,
        };
        let channel = &*slot.insert(channel);
        let mut sends = Vec::with_capacity(letters.len());
        for letter in letters {
            sends.push(hand_over(channel, letter));
        }
        Ok(stream::iter(sends).buffered(WINDOW).collect().await)
    }

    async fn open(&self) -> Result<Channel, QueueError> {
        let channel = self.link.channel().await?;
        answered(timeout(ANSWER_TIMEOUT, channel.confirm_select(ConfirmSelectOptions::default())).await)?;
        Ok(channel)
    }
}

/// Hands a letter to the socket.
async fn hand_over(channel: &Channel, letter: &Letter) -> Result<PublisherConfirm, QueueError> {
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let (exchange, key) = (letter.exchange.clone(), letter.key.clone());
    let send = channel.basic_publish(exchange, key, options, &letter.body, letter.properties.clone());
    answered(timeout(ANSWER_TIMEOUT, send).await)
}

fn fate(confirmation: lapin::Result<Confirmation>) -> Fate {
    match confirmation {
        Ok(Confirmation::Ack(None)) => Fate::Confirmed,
        // An unroutable message is returned first and acknowledged all the same.
        Ok(Confirmation::Ack(Some(_))) => Fate::Unroutable,
        Ok(Confirmation::Nack(_)) => Fate::Refused,
        Ok(Confirmation::NotRequested) => Fate::Unknown(no_answer()),
        Err(error) => Fate::Unknown(unavailable(&error)),
    }
}
