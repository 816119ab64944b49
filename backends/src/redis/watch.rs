//! The watch: changes as they are published.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use pregon_core::{Change, StoreError};
use tokio::sync::mpsc;
use tracing::warn;

use super::RedisStore;
use super::wire::Wire;

/// Changes kept for a reader that is slow; the ones after that it misses.
const BUFFER: usize = 4_096;

/// Pause between attempts to subscribe again.
const PAUSE: Duration = Duration::from_millis(250);

impl RedisStore {
    pub(super) async fn changes(&self) -> Result<BoxStream<'static, Change>, StoreError> {
        let channel = self.key("changes");
        let wire = self.wire.another();
        let first = wire.subscribe(&channel).await?;
        let (send, receive) = mpsc::channel(BUFFER);
        let alive = self.alive.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = alive.cancelled() => {}
                () = send.closed() => {}
                () = forward(&wire, &channel, first, &send) => {}
            }
        });
        let changes = stream::unfold(receive, async |mut receive| receive.recv().await.map(|c| (c, receive)));
        Ok(changes.boxed())
    }
}

/// Passes changes on for ever, subscribing again whenever the connection is gone.
async fn forward(wire: &Wire, channel: &str, first: redis::aio::PubSub, to: &mpsc::Sender<Change>) {
    let mut subscription = first;
    loop {
        {
            let mut messages = subscription.on_message();
            while let Some(message) = messages.next().await {
                match serde_json::from_slice(message.get_payload_bytes()) {
                    Ok(change) => drop(to.try_send(change)),
                    Err(error) => warn!(%error, "a change that cannot be read"),
                }
            }
        }
        subscription = loop {
            match wire.subscribe(channel).await {
                Ok(subscription) => break subscription,
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        };
    }
}
