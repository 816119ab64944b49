//! One thread per bit rate: blocks in, pages out.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use pregon_audio::{OpusStream, PAGE_BLOCKS, Page};
use pregon_core::clock;

use super::departures::{Departure, Departures};
use super::hub::Hub;
use crate::{Block, Tap};

/// How long to sleep at most before looking whether the station has closed. Blocks wake the thread by themselves.
const LOOK_UP: Duration = Duration::from_secs(1);

/// Encodes what comes out of `tap` until the station closes, and ends the stream then.
pub(super) fn start(kbits: u32, mut tap: Tap, mut encoder: Encoder) -> std::io::Result<JoinHandle<()>> {
    Builder::new().name(format!("encoder-{kbits}")).spawn(move || {
        loop {
            match tap.next(LOOK_UP) {
                Some(block) => encoder.take(block),
                None if tap.closed() => break,
                None => {}
            }
        }
        encoder.end();
    })
}

/// One stream on its way from the air to a hub.
pub(super) struct Encoder {
    stream: OpusStream,
    hub: Arc<Hub>,
    /// Blocks of the page to come.
    waiting: Vec<Block>,
    /// Only the first of several bit rates says when announcements leave.
    departures: Option<Arc<Departures>>,
}

impl Encoder {
    pub(super) fn new(stream: OpusStream, hub: Arc<Hub>, departures: Option<Arc<Departures>>) -> Self {
        Self { stream, hub, waiting: Vec::with_capacity(PAGE_BLOCKS), departures }
    }

    /// Encodes a page at a time: five blocks in a row cost little more than half of five blocks one by one, because
    /// the caches are warm. Pages leave no later for that, and an announcement does not wait.
    fn take(&mut self, block: Block) {
        let (first_frame, urgent) = (block.first_frame, block.urgent);
        self.waiting.push(block);
        if !urgent && self.waiting.len() < PAGE_BLOCKS {
            return;
        }
        let full = self.encode();
        if let Some(page) = full.or_else(|| self.stream.flush()) {
            self.hub.publish(page);
        }
        if let Some(departures) = self.departures.as_ref().filter(|_| urgent) {
            let listeners = self.hub.listening().now;
            departures.record(Departure { frame: first_frame, at: clock::now(), listeners });
        }
    }

    /// The page is there when as many blocks waited as belong in one.
    fn encode(&mut self) -> Option<Page> {
        let mut full = None;
        for block in self.waiting.drain(..) {
            match self.stream.push(&block.frames) {
                Ok(page) => full = page,
                Err(error) => {
                    tracing::error!(%error, frame = block.first_frame, "20 ms were lost in the encoder");
                }
            }
        }
        full
    }

    fn end(mut self) {
        if let Some(page) = self.encode() {
            self.hub.publish(page);
        }
        self.hub.publish(self.stream.end());
        self.hub.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BLOCK_FRAMES;

    fn block(number: u64, urgent: bool) -> Block {
        Block { first_frame: number * BLOCK_FRAMES as u64, urgent, frames: [[0.1; 2]; BLOCK_FRAMES] }
    }

    fn encoder() -> (Encoder, Arc<Hub>, Arc<Departures>) {
        let stream = OpusStream::new(64_000, 1, "test").unwrap();
        let hub = Hub::new(stream.headers(), Duration::ZERO);
        let departures = Arc::new(Departures::default());
        (Encoder::new(stream, Arc::clone(&hub), Some(Arc::clone(&departures))), hub, departures)
    }

    /// The sound of a page in frames, from its granule position.
    fn granule(page: &[u8]) -> u64 {
        u64::from_le_bytes(page[6..14].try_into().unwrap())
    }

    #[tokio::test]
    async fn the_page_with_the_beginning_of_an_announcement_leaves_at_once() {
        let (mut encoder, hub, departures) = encoder();
        let mut listener = hub.listen(None);
        listener.next().await.unwrap();
        for number in 0..7 {
            encoder.take(block(number, number == 6));
        }
        assert_eq!(granule(&listener.next().await.unwrap()), 4_800, "100 ms");
        assert_eq!(granule(&listener.next().await.unwrap()), 6_720, "and 40 ms that did not wait");
        let left = departures.of(6 * 960 + 100).unwrap();
        assert_eq!((left.frame, left.listeners), (5_760, 1));
        assert_eq!(departures.of(0), None);
    }

    #[tokio::test]
    async fn when_the_station_closes_the_stream_is_played_out_and_ends() {
        let (encoder, hub, _) = encoder();
        let mut listener = hub.listen(None);
        let (mut air, tap) = crate::air::tap(8);
        let thread = start(64, tap, encoder).unwrap();
        assert!(air.pour(&block(0, false)));
        drop(air);
        tokio::task::spawn_blocking(|| thread.join()).await.unwrap().unwrap();
        listener.next().await.unwrap();
        let last = listener.next().await.unwrap();
        assert_eq!((granule(&last), last[5]), (960, 4), "the last page, marked as such");
        assert_eq!(listener.next().await, None);
        assert_eq!(hub.listen(None).next().await, None, "nobody joins a stream that has ended");
    }
}
