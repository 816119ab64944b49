//! A queue to take from: its [`Tap`], and a new one whenever that is over.

use std::sync::Arc;
use std::time::Instant;

use lapin::types::ShortString;
use pregon_core::QueueError;
use tokio::task::JoinHandle;
use tracing::info;

use super::link::{Link, close};
use super::tap::Tap;

/// Quorum queues cap the prefetch at this, and zero would mean no limit.
const MOST: u16 = 2_000;

pub(super) struct Supply {
    link: Arc<Link>,
    queue: ShortString,
    prefetch: u16,
    tap: Option<Tap>,
    /// A tap being opened, in a task of its own: [`Consumer::next`](pregon_core::Consumer::next) may be cancelled at
    /// any point, and a channel that is given up half-way stays open in lapin, with as many messages as its prefetch
    /// allows.
    opening: Option<JoinHandle<Result<Tap, QueueError>>>,
}

impl Supply {
    pub(super) fn new(link: Arc<Link>, queue: ShortString, prefetch: u16) -> Self {
        Self { link, queue, prefetch: prefetch.clamp(1, MOST), tap: None, opening: None }
    }

    /// The tap, once there is one; it may be over.
    pub(super) fn tap(&mut self) -> Option<&mut Tap> {
        self.tap.as_mut()
    }

    /// Sees to it that there is a tap which is not over. Cancel-safe.
    pub(super) async fn open(&mut self) -> Result<(), QueueError> {
        while self.tap.as_ref().is_none_or(Tap::is_over) {
            let old = self.tap.take();
            let begin = || tokio::spawn(open(Arc::clone(&self.link), self.queue.clone(), self.prefetch, old));
            let opened = self.opening.get_or_insert_with(begin).await;
            self.opening = None;
            self.tap = Some(opened.map_err(|error| QueueError(format!("opening a queue failed: {error}")))??);
        }
        Ok(())
    }

    /// Gives back what was taken and not acknowledged. It is there for others when this returns.
    pub(super) async fn close(mut self) {
        if let Some(tap) = self.tap.take() {
            tap.give_back().await;
        }
    }
}

/// Opens a queue, declaring the queues anew if that is what it takes. The old tap is closed first: what it held goes
/// before what the new one would take next.
async fn open(
    link: Arc<Link>,
    queue: ShortString,
    prefetch: u16,
    old: Option<Tap>,
) -> Result<Tap, QueueError> {
    if let Some(tap) = old {
        close(tap.channel.clone()).await;
    }
    let asked = Instant::now();
    match Tap::open(&link, queue.clone(), prefetch).await {
        Ok(tap) => Ok(tap),
        Err(error) => {
            // Most likely the queue is gone; when it is the broker, this fails just as well.
            info!(%error, %queue, "declaring the queues again");
            link.redeclare(asked).await?;
            Tap::open(&link, queue, prefetch).await
        }
    }
}
