//! MP3, written by the LAME of the system (libmp3lame, linked dynamically: it is LGPL and stays outside of the binary).

use lame::Lame;
use thiserror::Error;

use crate::Pcm;
use crate::pcm::quantise;

/// Bit rates of MPEG-1 Layer III in kbit/s (ISO 11172-3, 2.4.2.3): for sample rates of 32 kHz and more.
pub const MP3_BITRATES: [u32; 14] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];

/// The same of MPEG-2 and 2.5, for lower sample rates.
const LOW_BITRATES: [u32; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/// Speech at 64 kbit/s, one channel, sounds as its source does.
const SPEECH_KBITS: u32 = 64;

/// LAME's scale from 0, slow and best, to 9: 5 is what it calls good and fast.
const EFFORT: u8 = 5;

/// LAME holds back this many samples at most, encoder delay, a granule in hand and the bit reservoir, until more come.
const HELD_BACK: usize = 4 * 1_152;

/// Why there is no MP3.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Mp3Error {
    /// LAME has no such sample rate or bit rate, or no memory; its own word.
    #[error("LAME refuses {rate} Hz at {kbits} kbit/s: {why}")]
    Refused {
        /// Sample rate in Hz.
        rate: u32,
        /// Bit rate in kbit/s.
        kbits: u32,
        /// What LAME calls it.
        why: String,
    },
    /// It failed in the middle; its own word.
    #[error("LAME failed: {0}")]
    Failed(String),
}

/// One endless MP3 stream of a constant bit rate. It stays on the thread that made it.
pub struct Mp3Stream {
    lame: Lame,
    left: Vec<i16>,
    right: Vec<i16>,
    room: Vec<u8>,
    /// Of a frame that is not complete yet: LAME lets go of bytes wherever its reservoir ends.
    begun: Vec<u8>,
}

impl Mp3Stream {
    /// A stream of `channels` (1 or 2) at `rate` Hz and `kbits` kbit/s.
    ///
    /// # Errors
    /// LAME does not do these together.
    pub fn new(rate: u32, channels: u8, kbits: u32) -> Result<Self, Mp3Error> {
        let refused = |why: String| Mp3Error::Refused { rate, kbits, why };
        let named = |error: lame::Error| refused(format!("{error:?}"));
        let mut lame = Lame::new().ok_or_else(|| refused("NoMem".to_owned()))?;
        lame.set_sample_rate(rate).map_err(named)?;
        lame.set_channels(channels).map_err(named)?;
        lame.set_quality(EFFORT).map_err(named)?;
        lame.set_kilobitrate(i32::try_from(kbits).unwrap_or(i32::MAX)).map_err(named)?;
        lame.init_params().map_err(named)?;
        Ok(Self { lame, left: Vec::new(), right: Vec::new(), room: Vec::new(), begun: Vec::new() })
    }

    /// Encodes samples, left and right; of one channel the left counts. Returns the frames that are complete, whole ones, so
    /// that a listener can begin with any; or nothing yet.
    ///
    /// # Errors
    /// LAME failed. These samples are lost.
    pub fn push(&mut self, sound: impl Iterator<Item = [f32; 2]>) -> Result<Vec<u8>, Mp3Error> {
        self.left.clear();
        self.right.clear();
        for [left, right] in sound {
            self.left.push(quantise(left));
            self.right.push(quantise(right));
        }
        // What LAME asks for at most: 1.25 bytes a sample and 7,200 bytes (lame.h, lame_encode_buffer).
        self.room.resize(self.left.len() * 5 / 4 + 7_200, 0);
        let written = self.lame.encode(&self.left, &self.right, &mut self.room);
        let written = written.map_err(|error| Mp3Error::Failed(format!("{error:?}")))?;
        self.begun.extend(self.room.get(..written).unwrap_or_default());
        let mut whole = 0;
        while let Some(length) = self.begun.get(whole..).and_then(frame_length) {
            if whole + length > self.begun.len() {
                break;
            }
            whole += length;
        }
        let rest = self.begun.split_off(whole);
        Ok(std::mem::replace(&mut self.begun, rest))
    }
}

/// Length in bytes of the frame of Layer III that begins here, from its header (ISO 11172-3, 2.4.2.3 and 2.4.3.1; ISO
/// 13818-3 and its extension for the lower sample rates). `None` without a whole header.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let &[0xff, version, sound, ..] = bytes else { return None };
    let (full, rates) = match version >> 3 & 3 {
        3 => (true, [44_100, 48_000, 32_000]),
        2 => (false, [22_050, 24_000, 16_000]),
        0 => (false, [11_025, 12_000, 8_000]),
        _ => return None,
    };
    let rate = rates.get(usize::from(sound >> 2 & 3))?;
    let index = usize::from(sound >> 4).checked_sub(1)?;
    let kbits = if full { MP3_BITRATES.get(index)? } else { LOW_BITRATES.get(index)? };
    let padding = usize::from(sound >> 1 & 1);
    Some((if full { 144_000 } else { 72_000 } * *kbits as usize) / rate + padding)
}

/// A whole MP3 file of a clip: one channel, 64 kbit/s, with some silence behind it (0.1 s at 48 kHz, 0.6 s at 8 kHz).
///
/// # Errors
/// LAME does not do the sample rate of the clip.
pub fn mp3(clip: &Pcm) -> Result<Vec<u8>, Mp3Error> {
    let mut stream = Mp3Stream::new(clip.rate, 1, SPEECH_KBITS)?;
    let sound = clip.samples.iter().copied().chain(std::iter::repeat_n(0.0, HELD_BACK));
    stream.push(sound.map(|sample| [sample; 2]))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::signals::{fit_sine, sine};
    use crate::{Container, decode};

    fn heard(file: &[u8]) -> Pcm {
        decode(file, Some(Container::Mp3), Duration::from_mins(1)).unwrap()
    }

    #[test]
    fn a_clip_comes_back_whole_and_as_it_was() {
        for rate in [8_000, 24_000, 48_000] {
            let clip = sine(rate, 440.0, 0.5, 2.0);
            let back = heard(&mp3(&clip).unwrap());
            assert_eq!(back.rate, rate);
            assert!((2.0..2.8).contains(&back.seconds()), "{} s at {rate} Hz", back.seconds());
            let middle =
                Pcm::new(rate, back.samples[back.samples.len() / 4..back.samples.len() / 2].to_vec());
            let fit = fit_sine(&middle, 440.0);
            // LAME turns low bit rates down by up to 5 %, to keep peaks from clipping.
            assert!((0.47..0.505).contains(&fit.amplitude) && fit.snr_db > 40.0, "{fit:?} at {rate} Hz");
        }
    }

    #[test]
    fn a_stream_can_be_joined_in_the_middle() {
        let mut stream = Mp3Stream::new(48_000, 2, 128).unwrap();
        let tone = sine(48_000, 440.0, 0.5, 3.0);
        let blocks = tone.samples.chunks(960);
        let pieces: Vec<Vec<u8>> =
            blocks.map(|block| stream.push(block.iter().map(|s| [*s, *s])).unwrap()).collect();
        let late = pieces[50..].concat();
        assert_eq!((late[0], late[1] & 0xe0), (0xff, 0xe0), "pieces are whole frames");
        let back = heard(&late);
        assert!((1.8..2.05).contains(&back.seconds()), "{} s of the last two", back.seconds());
        let middle = Pcm::new(48_000, back.samples[24_000..72_000].to_vec());
        assert!(fit_sine(&middle, 440.0).snr_db > 40.0, "{:?}", fit_sine(&middle, 440.0));
    }

    #[test]
    fn what_lame_does_not_do_is_refused() {
        assert!(matches!(Mp3Stream::new(48_000, 7, 128), Err(Mp3Error::Refused { kbits: 128, .. })));
    }
}
