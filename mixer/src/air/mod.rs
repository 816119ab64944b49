//! The air engine: what is heard, rendered 20 ms at a time on a thread that nothing may hold up.
//!
//! Orders come in through a ring, notices and finished feeds go out through two more, blocks through one per encoder.
//! `Mixer::render` is the whole real-time part, and tests step it by hand.

mod announcer;
mod bus;
mod deck;
mod desk;
mod envelope;
mod limiter;
mod meter;
mod mixer;
mod noise;
mod tap;
mod thread;
mod voice;

#[cfg(test)]
mod tests;

use pregon_audio::Frame;
pub use pregon_core::Tier;

pub use meter::Readings;
pub use tap::{BLOCK_FRAMES, Block, Spout, Tap, tap};

pub(crate) use desk::{Command, Cue, Desk, Ending, Manner, Notice, Sound, Start, mixer};
pub(crate) use meter::Meters;
#[cfg(test)]
pub(crate) use mixer::Mixer;
pub(crate) use thread::{Dial, start};
pub(crate) use voice::Feed;

fn add(out: &mut [Frame], more: &[Frame]) {
    for (out, more) in out.iter_mut().zip(more) {
        out[0] += more[0];
        out[1] += more[1];
    }
}

/// The smallest of these spans that is known and not over; everything is later than "not known".
fn earliest(spans: impl IntoIterator<Item = Option<usize>>) -> usize {
    spans.into_iter().flatten().filter(|frames| *frames > 0).min().unwrap_or(usize::MAX)
}
