//! One thread per stream: blocks in, pieces out.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use pregon_audio::PAGE_BLOCKS;
use pregon_core::clock;

use super::codec::{self, Codec, Format, Piece};
use super::departures::{Departure, Departures};
use super::hub::Hub;
use super::start::StartError;
use crate::{Block, Tap};

/// How long to sleep at most before looking whether the station has closed. Blocks wake the thread by themselves.
const LOOK_UP: Duration = Duration::from_secs(1);

/// What a stream is to be.
pub(super) struct Wish {
    pub(super) format: Format,
    pub(super) kbits: u32,
    /// The title that players show.
    pub(super) station: String,
    /// See [`Hub::new`].
    pub(super) burst: Duration,
    /// Only the first of several streams says when announcements leave.
    pub(super) departures: Option<Arc<Departures>>,
}

/// Encodes what comes out of `tap` until the station closes, and ends the stream then. Returns when the encoder has been
/// set up, some milliseconds: it lives on the new thread, since not all of them may be moved.
pub(super) fn start(wish: Wish, mut tap: Tap) -> Result<(Arc<Hub>, JoinHandle<()>), StartError> {
    let (report, ready) = sync_channel(1);
    let name = format!("encoder-{}", wish.kbits);
    let thread = Builder::new().name(name).spawn(move || {
        let codec = codec::open(wish.format, wish.kbits, &wish.station);
        let (mut encoder, hub) = match codec {
            Ok(codec) => {
                let hub = Hub::new(codec.headers(), wish.burst);
                (Encoder::new(codec, Arc::clone(&hub), wish.departures), hub)
            }
            Err(error) => return drop(report.send(Err(error))),
        };
        // Nobody waits for the answer of a start that was given up.
        drop(report.send(Ok(hub)));
        loop {
            match tap.next(LOOK_UP) {
                Some(block) => encoder.take(block),
                None if tap.closed() => break,
                None => {}
            }
        }
        encoder.end();
    })?;
    let died = |_| StartError::Thread(std::io::Error::other("it ended at once"));
    Ok((ready.recv().map_err(died)??, thread))
}

/// One stream on its way from the air to a hub.
struct Encoder {
    codec: Box<dyn Codec>,
    hub: Arc<Hub>,
    /// Blocks of the piece to come.
    waiting: Vec<Block>,
    departures: Option<Arc<Departures>>,
}

impl Encoder {
    fn new(codec: Box<dyn Codec>, hub: Arc<Hub>, departures: Option<Arc<Departures>>) -> Self {
        Self { codec, hub, waiting: Vec::with_capacity(PAGE_BLOCKS), departures }
    }

    /// Encodes a piece at a time: five blocks in a row cost little more than half of five blocks one by one, because
    /// the caches are warm. Pieces leave no later for that, and an announcement does not wait.
    fn take(&mut self, block: Block) {
        let (first_frame, urgent) = (block.first_frame, block.urgent);
        self.waiting.push(block);
        if !urgent && self.waiting.len() < PAGE_BLOCKS {
            return;
        }
        let full = self.encode();
        if let Some(piece) = full.or_else(|| self.codec.flush()) {
            self.hub.publish(piece);
        }
        if let Some(departures) = self.departures.as_ref().filter(|_| urgent) {
            let listeners = self.hub.listening().now;
            departures.record(Departure { frame: first_frame, at: clock::now(), listeners });
        }
    }

    /// The piece is there when as many blocks waited as belong in one.
    fn encode(&mut self) -> Option<Piece> {
        let mut full = None;
        for block in self.waiting.drain(..) {
            match self.codec.push(&block.frames) {
                Ok(piece) => full = piece,
                Err(error) => {
                    tracing::error!(%error, frame = block.first_frame, "20 ms were lost in the encoder");
                }
            }
        }
        full
    }

    fn end(mut self) {
        let last = [self.encode(), self.codec.end()];
        last.into_iter().flatten().for_each(|piece| self.hub.publish(piece));
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
        let codec = codec::open(Format::Opus, 64, "test").unwrap();
        let hub = Hub::new(codec.headers(), Duration::ZERO);
        let departures = Arc::new(Departures::default());
        (Encoder::new(codec, Arc::clone(&hub), Some(Arc::clone(&departures))), hub, departures)
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
        let (mut air, tap) = crate::air::tap(8);
        let station = "test".to_owned();
        let wish = Wish { format: Format::Opus, kbits: 64, station, burst: Duration::ZERO, departures: None };
        let (hub, thread) = start(wish, tap).unwrap();
        let mut listener = hub.listen(None);
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
