//! WAV files of foreign make: finding their samples, and putting right the sizes in their headers.

use std::borrow::Cow;

/// Declared sizes from here up mean "unknown when the header was written": espeak-ng writes 0x7ffff024,
/// ffmpeg and the OpenAI-style services 0xFFFFFFFF. Nobody hands us a real 2 GB clip in memory.
const STREAMED_FROM: u32 = 0x7fff_0000;

/// No voice engine or upload has more; see [`plausible_frame_bytes`].
const MAX_CHANNELS: u16 = 32;

/// A foreign WAV file with the sizes it really has, cut after its samples.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TrueSizes<'a> {
    /// Sizes are right now; borrowed if they were before.
    Sound(Cow<'a, [u8]>),
    /// The sizes were known to the writer, and the file ends before them (both in bytes).
    CutShort { promised: u64, found: u64 },
    /// There is no sensible `fmt ` and `data` chunk to be found.
    NotWav,
}

/// Decoders trust the sizes in the header, and streaming writers cannot know them: this puts the true
/// ones in, so that the end of the bytes is the end of the samples.
pub(crate) fn with_true_sizes(bytes: &[u8]) -> TrueSizes<'_> {
    let Some(data) = DataChunk::find(bytes) else { return TrueSizes::NotWav };
    let available = bytes.len() - data.start;
    let streamed = data.size >= STREAMED_FROM || data.size == 0 && data.riff_size_unknown;
    let promised = usize::try_from(data.size).unwrap_or(usize::MAX);
    if !streamed && promised > available {
        return TrueSizes::CutShort { promised: u64::from(data.size), found: available as u64 };
    }

    let len = if streamed { available - available % data.frame_bytes } else { promised };
    let Some(sound) = bytes.get(..data.start + len) else { return TrueSizes::NotWav };
    if !streamed && sound.len() == bytes.len() && !data.riff_size_unknown {
        return TrueSizes::Sound(Cow::Borrowed(bytes));
    }
    let mut repaired = sound.to_vec();
    for (at, size) in [(4, repaired.len() - 8), (data.start - 4, len)] {
        let Ok(size) = u32::try_from(size) else { return TrueSizes::NotWav };
        if let Some(field) = repaired.get_mut(at..at + 4) {
            field.copy_from_slice(&size.to_le_bytes());
        }
    }
    TrueSizes::Sound(Cow::Owned(repaired))
}

/// The places of the two sizes in a WAV file of `length` bytes that begins with `start`, and what belongs
/// there; a size that the file cannot hold becomes what it does hold. `None` if it is not sensible WAV.
#[cfg(feature = "air")]
pub(crate) fn true_sizes(start: &[u8], length: u64) -> Option<[(u64, u32); 2]> {
    let data = DataChunk::find(start)?;
    let data_at = data.start as u64;
    let available = length.saturating_sub(data_at);
    let available = u32::try_from(available - available % data.frame_bytes as u64).unwrap_or(u32::MAX);
    let streamed = data.size >= STREAMED_FROM || data.size == 0 && data.riff_size_unknown;
    let size = if streamed { available } else { data.size.min(available) };
    let riff_size = u32::try_from(length.saturating_sub(8)).unwrap_or(u32::MAX);
    Some([(4, riff_size), (data_at - 4, size)])
}

struct DataChunk {
    /// Offset of the first sample.
    start: usize,
    /// Size as declared.
    size: u32,
    /// Bytes of one sample of all channels.
    frame_bytes: usize,
    riff_size_unknown: bool,
}

impl DataChunk {
    fn find(bytes: &[u8]) -> Option<Self> {
        if bytes.get(..4)? != b"RIFF" || bytes.get(8..12)? != b"WAVE" {
            return None;
        }
        let riff_size = u32_at(bytes, 4)?;
        let riff_size_unknown = riff_size == 0 || riff_size >= STREAMED_FROM;
        let (mut at, mut frame_bytes) = (12, None);
        loop {
            let (tag, size, start) = (bytes.get(at..at + 4)?, u32_at(bytes, at + 4)?, at + 8);
            match tag {
                b"data" => return Some(Self { start, size, frame_bytes: frame_bytes?, riff_size_unknown }),
                b"fmt " => frame_bytes = Some(plausible_frame_bytes(bytes, start)?),
                _ => {}
            }
            // Chunks start at even offsets.
            at = start.checked_add(usize::try_from(size).ok()?)?.checked_next_multiple_of(2)?;
        }
    }
}

/// `None` where the numbers of a `fmt ` chunk contradict each other. Decoders multiply them unchecked:
/// symphonia 0.6.1 panics on 21 504 channels of 24 bits.
fn plausible_frame_bytes(bytes: &[u8], fmt: usize) -> Option<usize> {
    let [channels, align, bits] = [2, 12, 14].map(|field| u16_at(bytes, fmt + field));
    let (channels, align, bits) = (channels?, align?, bits?);
    let plausible = (1..=MAX_CHANNELS).contains(&channels) && (1..=64).contains(&bits);
    (plausible && align == channels * bits.div_ceil(8)).then_some(align.into())
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::signals::sine;
    use crate::wav::{encode, probe};

    fn with_u32(mut file: Vec<u8>, at: usize, value: u32) -> Vec<u8> {
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
        file
    }

    #[test]
    fn streaming_sizes_become_true_ones() {
        let good = encode(&sine(8_000, 440.0, 0.5, 0.01));
        for (riff, data) in
            [(0x7fff_f024, 0x7fff_f000), (u32::MAX, u32::MAX), (u32::MAX, 160), (0, 0), (0, 160)]
        {
            let streamed = with_u32(with_u32(good.clone(), 4, riff), 40, data);
            assert_eq!(
                with_true_sizes(&streamed),
                TrueSizes::Sound(Cow::Owned(good.clone())),
                "{riff:#x} {data:#x}"
            );
        }
        assert_eq!(with_true_sizes(&good), TrueSizes::Sound(Cow::Borrowed(&good[..])));
    }

    #[test]
    fn a_cut_file_is_only_excused_when_its_sizes_were_unknown() {
        let good = encode(&sine(8_000, 440.0, 0.5, 0.01));
        let cut = &good[..good.len() - 61];
        assert_eq!(with_true_sizes(cut), TrueSizes::CutShort { promised: 160, found: 99 });

        let streamed = with_u32(with_u32(cut.to_vec(), 4, u32::MAX), 40, u32::MAX);
        let TrueSizes::Sound(repaired) = with_true_sizes(&streamed) else { panic!("refused") };
        assert_eq!(probe(&*repaired).unwrap().frames, 49, "the torn half of a sample is dropped");
    }

    proptest! {
        #[test]
        fn any_bytes_behind_a_riff_mark_are_handled(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let file = [b"RIFF\0\0\0\0WAVE".as_slice(), &tail].concat();
            if let TrueSizes::Sound(sound) = with_true_sizes(&file) {
                prop_assert!(sound.len() <= file.len());
            }
        }
    }
}
