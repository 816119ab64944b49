//! What a radio station needs beyond telephone clips: music files in, one endless Ogg Opus stream out.

mod downmix;
mod mended;
mod ogg;
mod opus_packets;
mod opus_stream;
mod rate_change;
mod reader;
mod track;

pub use opus_stream::{AIR_BLOCK, EncodeError, OpusStream, Origin, PAGE_BLOCKS, Page};
pub use track::{Tags, Track};

/// One moment of stereo: left and right, nominally in −1.0..=1.0.
pub type Frame = [f32; 2];

/// Frames per second of everything on the air, in Hz: the rate that Opus works at, so nothing is resampled again.
pub const AIR_RATE: u32 = 48_000;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod track_tests;
