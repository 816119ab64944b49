//! From a source into the ring that the air thread reads.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use pregon_audio::Frame;
use rtrb::{Producer, RingBuffer};

use super::{Source, SourceError};
use crate::air::Feed;
use crate::station::Ticket;

/// Frames that are read at once: 85 ms.
const CHUNK: usize = 4_096;

/// Why a source ended early, once it has. Set before the air thread can see the end.
pub(crate) type Failure = Arc<OnceLock<SourceError>>;

/// Fills one ring from one source. Ends with the source, or when the air thread is done with the feed.
pub(crate) struct Pump {
    source: Box<dyn Source>,
    ring: Producer<Frame>,
    failure: Failure,
}

/// How far a pump came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// There is room, and there may be more.
    More,
    /// The ring is full.
    Full,
    /// There will never be more.
    Done,
}

impl Pump {
    /// A pump, the feed that it fills, and where it tells why it ended early. `room` is the ring's size in frames.
    pub(crate) fn new(ticket: Ticket, source: Box<dyn Source>, room: usize) -> (Self, Feed, Failure) {
        let (ring, consumer) = RingBuffer::new(room);
        let failure = Failure::default();
        let pump = Self { source, ring, failure: Arc::clone(&failure) };
        (pump, Feed::new(ticket, consumer), failure)
    }

    /// Reads once.
    pub(crate) fn pump(&mut self) -> Progress {
        if self.ring.is_abandoned() {
            return Progress::Done;
        }
        let room = self.ring.slots().min(CHUNK);
        let Ok(mut chunk) = self.ring.write_chunk(room) else { return Progress::Full };
        let (slots, _wrapped) = chunk.as_mut_slices();
        if slots.is_empty() {
            return Progress::Full;
        }
        match self.source.read(slots) {
            Ok(0) => Progress::Done,
            Ok(count) => {
                chunk.commit(count.min(room));
                Progress::More
            }
            Err(error) => {
                // Only the first reason counts.
                drop(self.failure.set(error));
                Progress::Done
            }
        }
    }

    /// Reads until at least that many frames lie ready, or there will never be more.
    pub(crate) fn prime(&mut self, frames: usize) -> Progress {
        let capacity = self.ring.buffer().capacity();
        loop {
            let progress = self.pump();
            if progress != Progress::More || capacity - self.ring.slots() >= frames {
                return progress;
            }
        }
    }

    /// Reads until the source ends, sleeping while the ring is full.
    pub(crate) fn run(mut self) {
        // Four wake-ups per ring: it never falls below three quarters while the machine keeps up.
        let frames = u32::try_from(self.ring.buffer().capacity()).unwrap_or(u32::MAX) / 4;
        let nap = Duration::from_secs(1) * frames / pregon_audio::AIR_RATE;
        loop {
            match self.pump() {
                Progress::More => {}
                Progress::Full => std::thread::sleep(nap),
                Progress::Done => return,
            }
        }
    }

    /// Ends it before its time.
    pub(crate) fn fail(&self, error: SourceError) {
        drop(self.failure.set(error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Steps(Vec<Result<usize, SourceError>>);

    impl Source for Steps {
        fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError> {
            let step = self.0.remove(0)?.min(out.len());
            out.iter_mut().take(step).for_each(|frame| *frame = [1.0; 2]);
            Ok(step)
        }
    }

    #[test]
    fn a_pump_fills_its_ring_and_waits() {
        let (mut pump, feed, _) =
            Pump::new(Ticket(1), Box::new(Steps(vec![Ok(100), Ok(900), Ok(900)])), 1_000);
        assert_eq!((pump.pump(), pump.pump(), pump.pump()), (Progress::More, Progress::More, Progress::Full));
        drop(feed);
        assert_eq!(pump.pump(), Progress::Done, "the air thread is done with it");
    }

    #[test]
    fn priming_reads_no_more_than_it_must() {
        let (mut pump, _feed, _) =
            Pump::new(Ticket(1), Box::new(Steps(vec![Ok(100), Ok(100), Ok(100)])), 1_000);
        assert_eq!(pump.prime(150), Progress::More);
        assert_eq!(pump.ring.slots(), 800);
    }

    #[test]
    fn an_error_ends_the_feed_and_is_told() {
        let steps = vec![Ok(10), Err(SourceError("broken".into()))];
        let (mut pump, _feed, failure) = Pump::new(Ticket(1), Box::new(Steps(steps)), 1_000);
        assert_eq!(pump.prime(100), Progress::Done);
        assert_eq!(failure.get(), Some(&SourceError("broken".into())));
    }
}
