//! The rings between the air thread and the encoders.

use std::sync::{Arc, OnceLock};
use std::thread::Thread;
use std::time::Duration;

use pregon_audio::Frame;
use rtrb::{Consumer, Producer, RingBuffer};

/// Frames of a block: 20 ms at 48 kHz, which is also a packet of Opus.
pub const BLOCK_FRAMES: usize = 960;

/// 20 ms of a station's output.
#[derive(Clone, Debug)]
pub struct Block {
    /// Index of the first frame since the station began. Rises by [`BLOCK_FRAMES`]; a jump means that the encoder
    /// was too slow and lost blocks.
    pub first_frame: u64,
    /// An announcement begins in this block: send it on its way at once.
    pub urgent: bool,
    /// The audio, within ±1.
    pub frames: [Frame; BLOCK_FRAMES],
}

/// An encoder's end of the air thread: blocks in order. Belongs to one thread.
#[derive(Debug)]
pub struct Tap {
    ring: Consumer<Block>,
    bell: Arc<OnceLock<Thread>>,
}

impl Tap {
    /// The next block; waits for it up to `timeout`. Call it always from the same thread: that one is woken. `None`
    /// when none came in time, or the station has closed (see [`closed`](Self::closed)).
    pub fn next(&mut self, timeout: Duration) -> Option<Block> {
        self.bell.get_or_init(std::thread::current);
        if let Ok(block) = self.ring.pop() {
            return Some(block);
        }
        std::thread::park_timeout(timeout);
        self.ring.pop().ok()
    }

    /// Whether the station has closed and everything was taken.
    pub fn closed(&self) -> bool {
        self.ring.is_abandoned() && self.ring.is_empty()
    }
}

/// The air thread's end of a [`Tap`].
#[derive(Debug)]
pub struct Spout {
    ring: Producer<Block>,
    // After the ring, since fields are dropped in this order: whoever is woken by the end must see it.
    bell: Bell,
}

/// Wakes the encoder.
#[derive(Debug)]
struct Bell(Arc<OnceLock<Thread>>);

impl Bell {
    fn ring(&self) {
        if let Some(encoder) = self.0.get() {
            encoder.unpark();
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.ring();
    }
}

impl Spout {
    /// Gives a block to the encoder and wakes it. False when the encoder is too far behind, and the block is lost.
    pub fn pour(&mut self, block: &Block) -> bool {
        let poured = match self.ring.write_chunk_uninit(1) {
            Ok(slot) => slot.fill_from_iter(std::iter::once_with(|| block.clone())) == 1,
            Err(_) => false,
        };
        self.bell.ring();
        poured
    }
}

/// Both ends, with room for so many blocks. The air thread renders in real time, so the ring holds one block at most
/// unless the encoder was held up: room costs no latency.
pub fn tap(blocks: usize) -> (Spout, Tap) {
    let (producer, consumer) = RingBuffer::new(blocks);
    let bell = Arc::new(OnceLock::new());
    (Spout { ring: producer, bell: Bell(Arc::clone(&bell)) }, Tap { ring: consumer, bell })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tap_gives_what_was_poured_and_sees_the_end() {
        let (mut spout, mut tap) = tap(2);
        let block = |first_frame| Block { first_frame, urgent: false, frames: [[0.5; 2]; BLOCK_FRAMES] };
        assert!(spout.pour(&block(0)) && spout.pour(&block(960)) && !spout.pour(&block(1_920)), "two fit");
        drop(spout);
        assert!(!tap.closed());
        let taken: Vec<u64> =
            std::iter::from_fn(|| tap.next(Duration::ZERO)).map(|block| block.first_frame).collect();
        assert_eq!(taken, [0, 960]);
        assert!(tap.closed());
    }

    #[test]
    fn a_waiting_encoder_is_woken() {
        let (mut spout, mut tap) = tap(2);
        let encoder = std::thread::spawn(move || {
            let begun = std::time::Instant::now();
            while !tap.closed() {
                tap.next(Duration::from_secs(20));
            }
            begun.elapsed()
        });
        while spout.bell.0.get().is_none() {
            std::thread::yield_now();
        }
        assert!(spout.pour(&Block { first_frame: 0, urgent: true, frames: [[0.0; 2]; BLOCK_FRAMES] }));
        drop(spout);
        assert!(encoder.join().unwrap() < Duration::from_secs(10));
    }
}
