//! One queue, open for taking.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use lapin::Channel;
use lapin::message::Delivery;
use lapin::options::{
    BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions, QueueDeclareOptions,
};
use lapin::types::{FieldTable, ShortString};
use pregon_core::QueueError;
use tokio::time::{timeout, timeout_at};
use tracing::warn;

use super::link::{ANSWER_TIMEOUT, Link, answered, close};
use super::taken::{Hands, Taken};

/// An answer may overtake messages that were sent before it, inside the broker, by far less than this.
const OVERTAKING: Duration = Duration::from_millis(2);

/// How long messages that the queue has for us may take to arrive before it is asked again.
const ON_THE_WAY: Duration = Duration::from_millis(100);

/// A queue that was quiet for this long is asked whether it still is one: a broker under load may give up waiting for a
/// quorum queue to end, remove it by force (`rabbit_quorum_queue:delete`), and never cancel its consumers.
const QUIET: Duration = Duration::from_secs(5);

/// A tap that gave nothing for this long, with nothing in hand, is replaced. When a queue is deleted and comes back at
/// once, the broker subscribes its consumers to the new one by itself (`rabbit_channel:queue_down_consumer_action`), and
/// then drops as many messages as they had from the old one, taking their numbers for known. The queue counts those as
/// taken, so asking it tells nothing.
const STALE: Duration = Duration::from_secs(30);

/// A quorum queue keeps messages that are returned together in order up to this many: they travel in an Erlang map
/// (`rabbit_fifo:return`), which is sorted while it is small.
const RETURNED_IN_ORDER: usize = 32;

/// A queue's channel and what came through it.
pub(super) struct Tap {
    pub(super) channel: Channel,
    hands: Arc<Hands>,
    messages: lapin::Consumer,
    queue: ShortString,
    prefetch: usize,
    waiting: VecDeque<Delivery>,
    rest: Rest,
    /// When a message came, or the queue was last asked whether it has any.
    heard: Instant,
    /// When a message came, or the tap was opened.
    fresh: Instant,
    ended: bool,
}

/// What is known of the messages that the broker has not sent yet. It matters for the high lane: while a place in its
/// prefetch is being filled again, a normal job must not slip in.
enum Rest {
    /// There are none, or they would be here.
    Nothing,
    /// It had sent all it might, so there may be more.
    Perhaps,
    /// The queue was asked for its length. Kept here, because [`Tap::urgent`] may be cancelled at any point.
    Asked(BoxFuture<'static, Result<u32, QueueError>>),
    /// It is empty; what it sent before arrives until then.
    Arriving(Instant),
    /// It is not; the next message should arrive until then.
    Coming(Instant),
}

impl Tap {
    pub(super) async fn open(link: &Link, queue: ShortString, prefetch: u16) -> Result<Self, QueueError> {
        let channel = link.channel().await?;
        answered(timeout(ANSWER_TIMEOUT, channel.basic_qos(prefetch, BasicQosOptions::default())).await)?;
        let consume = channel.basic_consume(
            queue.clone(),
            "".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        );
        let messages = answered(timeout(ANSWER_TIMEOUT, consume).await)?;
        Ok(Self {
            channel,
            hands: Arc::default(),
            messages,
            queue,
            prefetch: prefetch.into(),
            waiting: VecDeque::new(),
            rest: Rest::Perhaps,
            heard: Instant::now(),
            fresh: Instant::now(),
            ended: false,
        })
    }

    /// Whether nothing will come any more.
    pub(super) fn is_over(&self) -> bool {
        self.ended && self.waiting.is_empty()
    }

    /// When the queue will have been quiet for so long that [`Tap::examine`] should be called.
    pub(super) fn suspicious_at(&self) -> Instant {
        self.heard + QUIET
    }

    /// Ends a tap that has been quiet although its queue holds messages for it, whose queue is gone, or that has been
    /// quiet for long. Cancel-safe.
    pub(super) async fn examine(&mut self) {
        self.fill();
        let idle = self.waiting.is_empty() && self.hands.count() < self.prefetch;
        if self.ended || Instant::now() < self.suspicious_at() {
            return;
        }
        if !idle {
            self.heard = Instant::now();
            return;
        }
        if self.hands.count() == 0 && self.fresh.elapsed() > STALE {
            self.ended = true;
            return;
        }
        let ready = length(self.channel.clone(), self.queue.clone()).await;
        // What the queue held for us when it answered has had time to come.
        let silent = ready.is_err()
            || (ready.is_ok_and(|n| n > 0) && !self.arrives(Instant::now() + ON_THE_WAY).await);
        self.heard = Instant::now();
        if silent {
            warn!(queue = %self.queue, "messages wait, but none come: taking them anew");
            self.ended = true;
        }
    }

    /// The next message; `None` when the tap is over. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Taken> {
        self.fill();
        while self.waiting.is_empty() && !self.ended {
            let message = self.messages.next().await;
            self.keep(message);
        }
        let message = self.waiting.pop_front()?;
        Some(Taken::new(message, Arc::clone(&self.hands)))
    }

    /// Returns all that is not acknowledged, in order, and closes. Closing alone would return it too, but a moment
    /// later, and whoever takes next meanwhile would get younger messages first.
    pub(super) async fn give_back(mut self) {
        let tag = self.messages.tag();
        let cancelled = self.channel.basic_cancel(tag, BasicCancelOptions::default());
        // Where these fail, closing has to do, or the channel is gone already.
        drop(timeout(ANSWER_TIMEOUT, cancelled).await);
        while let Some(Some(Ok(message))) = self.messages.next().now_or_never() {
            self.waiting.push_back(message);
        }
        let waiting = self.waiting.iter().map(|message| message.delivery_tag);
        let tags: BTreeSet<_> = self.hands.tags().iter().copied().chain(waiting).collect();
        let all_up_to = BasicNackOptions { multiple: true, requeue: true };
        for last in Vec::from_iter(tags).chunks(RETURNED_IN_ORDER).filter_map(<[_]>::last) {
            drop(timeout(ANSWER_TIMEOUT, self.channel.basic_nack(*last, all_up_to)).await);
        }
        close(self.channel).await;
    }

    /// The next message that is here or that the queue holds ready for a free place; `None` when there is none.
    /// Cancel-safe.
    pub(super) async fn urgent(&mut self) -> Option<Taken> {
        loop {
            self.fill();
            if !self.waiting.is_empty() {
                return self.next().await;
            }
            if self.ended || self.hands.count() >= self.prefetch {
                return None;
            }
            match &mut self.rest {
                Rest::Nothing => return None,
                Rest::Perhaps => self.rest = Rest::Asked(length(self.channel.clone(), self.queue.clone())),
                Rest::Asked(answer) => {
                    self.rest = match answer.await {
                        Ok(0) => Rest::Arriving(Instant::now() + OVERTAKING),
                        Ok(_) => Rest::Coming(Instant::now() + ON_THE_WAY),
                        Err(_) => Rest::Nothing,
                    }
                }
                Rest::Arriving(until) => {
                    let until = *until;
                    if !self.arrives(until).await {
                        self.rest = Rest::Nothing;
                    }
                }
                Rest::Coming(until) => {
                    let until = *until;
                    self.arrives(until).await;
                    self.rest = Rest::Perhaps;
                }
            }
        }
    }

    async fn arrives(&mut self, until: Instant) -> bool {
        let message = timeout_at(until.into(), self.messages.next()).await;
        message.map(|message| self.keep(message)).is_ok()
    }

    fn fill(&mut self) {
        while !self.ended
            && let Some(message) = self.messages.next().now_or_never()
        {
            self.keep(message);
        }
        let taken = self.waiting.len() + self.hands.count();
        if taken >= self.prefetch {
            self.rest = Rest::Perhaps;
        }
    }

    fn keep(&mut self, message: Option<lapin::Result<Delivery>>) {
        match message {
            Some(Ok(message)) => {
                self.heard = Instant::now();
                self.fresh = self.heard;
                self.waiting.push_back(message);
            }
            Some(Err(error)) => {
                warn!(%error, queue = %self.queue, "taking messages was interrupted");
                // The broker has given them to somebody else by now.
                self.waiting.clear();
                self.ended = true;
            }
            // The broker cancels a consumer when its queue is deleted.
            None => {
                warn!(queue = %self.queue, "the queue is gone");
                self.ended = true;
            }
        }
    }
}

/// How many messages the queue has ready.
fn length(channel: Channel, queue: ShortString) -> BoxFuture<'static, Result<u32, QueueError>> {
    async move {
        let ask =
            channel.queue_declare(queue, QueueDeclareOptions::durable().passive(), FieldTable::default());
        Ok(answered(timeout(ANSWER_TIMEOUT, ask).await)?.message_count())
    }
    .boxed()
}
