//! What happens to a spoken clip between the voice engine and the telephone line: decode it, cut the
//! silence around it, resample it, bring it to a target loudness, and write it in a file format that
//! the line can play.
//!
//! Everything here is synchronous and works in memory: bytes in, bytes out. The crate never opens a
//! socket, never reads the clock, spawns nothing and knows nothing of jobs. A clip of 20 s takes some
//! 20 ms from end to end, so callers in async code belong on a blocking thread.
//!
//! The feature `air` adds what a radio station needs: `Track` reads music files piece by piece (the only
//! code here that opens a file), `OpusStream` makes one endless Ogg Opus stream of what is on the air.
//! It links libopus, which is built from C with cmake; telephone calls do without it. The feature `mp3` writes MP3 with
//! the libmp3lame of the system.
//!
//! ```
//! use std::time::Duration;
//! use pregon_audio::{Container, Encoding, Pcm, decode, is_silent, level, loudness, resample, trim, wav};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let tone = (0..22_050_u16).map(|n| 0.1 * (f32::from(n) * 0.3).sin()).collect();
//! # let from_engine = wav::encode(&Pcm::new(22_050, tone));
//! let master = trim(&decode(&from_engine, Some(Container::Wav), Duration::from_secs(120))?);
//! assert!(!is_silent(&master));
//!
//! let call = level(&resample(&master, 8_000), loudness::CALL_LUFS, loudness::CALL_MAX_DBTP);
//! let file = Encoding::Wav.encode(&call)?;
//! assert!(wav::probe(file.as_slice())?.plays_on_calls());
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "air")]
mod air;
pub mod decode;
pub mod encoding;
mod envelope;
mod flac;
pub mod g711;
pub mod g722;
mod limiter;
pub mod loudness;
#[cfg(feature = "mp3")]
mod mp3;
mod pcm;
mod resample;
mod riff;
pub mod trim;
pub mod wav;

#[cfg(test)]
mod signals;

#[cfg(feature = "air")]
pub use air::{AIR_BLOCK, AIR_RATE, EncodeError, Frame, OpusStream, Origin, PAGE_BLOCKS, Page, Tags, Track};
pub use decode::{Container, DecodeError, decode};
pub use encoding::{Encoding, WrongRate};
pub use envelope::envelope;
pub use flac::{FlacError, flac};
pub use loudness::{Loudness, level, measure};
#[cfg(feature = "mp3")]
pub use mp3::{MP3_BITRATES, Mp3Error, Mp3Stream, mp3};
pub use pcm::Pcm;
pub use resample::resample;
pub use trim::{SILENCE_DBFS, is_silent, trim};
pub use wav::WavInfo;
