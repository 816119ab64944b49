//! WAV files of our own make: writing them, and checking strictly that one is whole.

use std::io::{self, Read, Write};

use thiserror::Error;

use crate::Pcm;
use crate::riff::{u16_at, u32_at};

/// RIFF, `fmt ` with 16 bytes, and the head of `data`: the only layout that we write.
const HEADER_LEN: usize = 44;

/// RIFF size without the samples: everything in the header after the size field.
const HEADER_AFTER_SIZE: u32 = 36;

const TAG_PCM: u16 = 1;

/// What the header of a file that we wrote says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WavInfo {
    /// Samples per second, in Hz.
    pub rate: u32,
    /// Number of channels.
    pub channels: u16,
    /// Bits per sample.
    pub bits: u16,
    /// Number of samples per channel.
    pub frames: u32,
}

impl WavInfo {
    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        f64::from(self.frames) / f64::from(self.rate)
    }

    /// Whether Asterisk plays it as `.wav`: 8 kHz, mono, 16 bits, and not empty.
    /// (`format_wav.c` accepts nothing else under that extension.)
    pub fn plays_on_calls(&self) -> bool {
        self.rate == 8_000 && self.channels == 1 && self.bits == 16 && self.frames > 0
    }

    /// Whether a station plays it without resampling: 48 kHz, mono, 16 bits, and not empty.
    pub fn plays_on_air(&self) -> bool {
        self.rate == 48_000 && self.channels == 1 && self.bits == 16 && self.frames > 0
    }
}

/// Why a file is not one that [`encode`] wrote completely.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// It is something else, or a WAV file of another make: render the clip again.
    #[error("not a WAV file of ours: {0}")]
    Foreign(&'static str),
    /// The sizes in the header differ from the file's: it was cut short or written over. Render again.
    #[error("the header promises {promised} bytes, the file has {found}")]
    WrongSize {
        /// File length by the header, in bytes.
        promised: u64,
        /// File length found, in bytes.
        found: u64,
    },
    /// The reader failed; the file may be sound.
    #[error("the file could not be read")]
    Unreadable(#[from] io::Error),
}

/// The clip as a 16-bit mono WAV file with true sizes.
pub fn encode(clip: &Pcm) -> Vec<u8> {
    let mut file = Vec::with_capacity(HEADER_LEN + 2 * clip.samples.len());
    // Above 4 GB the format has no true size; the readers' word for that is the largest one.
    let data_len = u32::try_from(2 * clip.samples.len()).unwrap_or(u32::MAX);
    file.extend_from_slice(&header(clip.rate, data_len));
    file.extend(clip.to_i16().flat_map(i16::to_le_bytes));
    file
}

/// The header of 16-bit mono sound at `rate` Hz whose end is not known yet: it promises the largest size there is, and
/// readers of streams go on until nothing comes any more.
pub fn endless_header(rate: u32) -> Vec<u8> {
    header(rate, u32::MAX).to_vec()
}

/// Writes the clip as a 16-bit mono WAV file with true sizes.
pub fn write(clip: &Pcm, mut out: impl Write) -> io::Result<()> {
    out.write_all(&encode(clip))
}

/// Reads a whole file to its end and checks that it is one of ours: canonical 44-byte header, PCM,
/// consistent rates, and sizes that match the length. Foreign but valid WAV files are refused too; for
/// those there is [`crate::decode()`].
pub fn probe(mut file: impl Read) -> Result<WavInfo, ProbeError> {
    let mut header = [0; HEADER_LEN];
    file.read_exact(&mut header).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => ProbeError::Foreign("shorter than a header"),
        _ => ProbeError::Unreadable(error),
    })?;
    let (info, data_len) = parse_header(&header)?;

    let promised = u64::from(data_len) + HEADER_LEN as u64;
    let found = io::copy(&mut file, &mut io::sink())? + HEADER_LEN as u64;
    if promised != found {
        return Err(ProbeError::WrongSize { promised, found });
    }
    Ok(info)
}

fn header(rate: u32, data_len: u32) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    let fields: [&[u8]; 13] = [
        b"RIFF",
        &data_len.saturating_add(HEADER_AFTER_SIZE).to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &16_u32.to_le_bytes(),
        &TAG_PCM.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &rate.to_le_bytes(),
        &rate.saturating_mul(2).to_le_bytes(),
        &2_u16.to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &data_len.to_le_bytes(),
    ];
    for (slot, byte) in header.iter_mut().zip(fields.into_iter().flatten()) {
        *slot = *byte;
    }
    header
}

fn parse_header(header: &[u8; HEADER_LEN]) -> Result<(WavInfo, u32), ProbeError> {
    let marker = |at: usize, tag: &[u8; 4]| header.get(at..at + 4) == Some(tag.as_slice());
    let long = |at| u32_at(header, at).unwrap_or_default();
    let short = |at| u16_at(header, at).unwrap_or_default();

    if !marker(0, b"RIFF") || !marker(8, b"WAVE") {
        return Err(ProbeError::Foreign("no RIFF WAVE mark"));
    }
    if !marker(12, b"fmt ") || long(16) != 16 || !marker(36, b"data") {
        return Err(ProbeError::Foreign("other chunks than fmt and data"));
    }
    let (tag, channels, rate, byte_rate, align, bits) =
        (short(20), short(22), long(24), long(28), short(32), short(34));
    if tag != TAG_PCM {
        return Err(ProbeError::Foreign("not PCM"));
    }
    let frame_bytes = u32::from(channels) * u32::from(bits) / 8;
    if rate == 0 || frame_bytes == 0 || u32::from(align) != frame_bytes {
        return Err(ProbeError::Foreign("frame size does not match channels and bits"));
    }
    if rate.checked_mul(frame_bytes) != Some(byte_rate) {
        return Err(ProbeError::Foreign("byte rate does not match the sample rate"));
    }
    let data_len = long(40);
    if data_len.checked_add(HEADER_AFTER_SIZE) != Some(long(4)) || data_len % frame_bytes != 0 {
        return Err(ProbeError::Foreign("RIFF size does not match the data size"));
    }
    Ok((WavInfo { rate, channels, bits, frames: data_len / frame_bytes }, data_len))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::signals::sine;

    fn with_u32(mut file: Vec<u8>, at: usize, value: u32) -> Vec<u8> {
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
        file
    }

    #[test]
    fn a_file_that_we_wrote_passes_its_own_probe() {
        let file = encode(&sine(8_000, 440.0, 0.5, 0.25));
        let info = probe(file.as_slice()).unwrap();
        assert_eq!(info, WavInfo { rate: 8_000, channels: 1, bits: 16, frames: 2_000 });
        assert!((info.seconds() - 0.25).abs() < 1e-12);
        assert!(info.plays_on_calls());
    }

    #[test]
    fn the_header_is_the_canonical_one() {
        let file = encode(&Pcm::new(8_000, vec![0.5]));
        let expected = b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x02\0\0\0\0\x40";
        assert_eq!(file, expected);
    }

    #[test]
    fn sound_without_an_end_promises_the_largest_size() {
        let header = endless_header(24_000);
        assert_eq!(header.len(), HEADER_LEN);
        assert_eq!((&header[4..8], &header[40..44]), ([0xff; 4].as_slice(), [0xff; 4].as_slice()));
        let tone = sine(24_000, 440.0, 0.5, 0.25);
        let stream = [header, tone.to_i16().flat_map(i16::to_le_bytes).collect()].concat();
        let back = crate::decode(&stream, None, std::time::Duration::from_mins(1)).unwrap();
        assert_eq!((back.rate, back.samples.len()), (24_000, tone.samples.len()));
    }

    #[test]
    fn only_8_khz_mono_16_bit_with_samples_plays_on_calls() {
        let call = WavInfo { rate: 8_000, channels: 1, bits: 16, frames: 1 };
        let table = [
            (call, true),
            (WavInfo { rate: 16_000, ..call }, false),
            (WavInfo { channels: 2, ..call }, false),
            (WavInfo { bits: 8, ..call }, false),
            (WavInfo { frames: 0, ..call }, false),
        ];
        for (info, plays) in table {
            assert_eq!(info.plays_on_calls(), plays, "{info:?}");
        }
    }

    #[test]
    fn probe_refuses_every_header_that_is_not_exactly_ours() {
        let good = encode(&sine(8_000, 440.0, 0.5, 0.01));
        let table = [
            ("empty", Vec::new()),
            ("only a header's beginning", good[..20].to_vec()),
            ("another mark", [b"OggS", &good[4..]].concat()),
            ("a-law inside", with_u32(good.clone(), 20, 0x0001_0006)),
            ("rate 0", with_u32(good.clone(), 24, 0)),
            ("byte rate of another rate", with_u32(good.clone(), 28, 44_100)),
            ("alignment of stereo", with_u32(good.clone(), 32, 0x0010_0004)),
            ("espeak's fake RIFF size", with_u32(good.clone(), 4, 0x7fff_f024)),
            ("streaming sizes", with_u32(with_u32(good.clone(), 4, u32::MAX), 40, u32::MAX)),
        ];
        for (case, file) in table {
            assert!(matches!(probe(file.as_slice()), Err(ProbeError::Foreign(_))), "{case}");
        }
    }

    #[test]
    fn probe_sees_a_file_that_was_cut_or_appended_to() {
        let good = encode(&sine(8_000, 440.0, 0.5, 0.01));
        for found in [good.len() - 1, good.len() - 2, HEADER_LEN, good.len() + 1] {
            let mut file = good.clone();
            file.resize(found, 0);
            let Err(ProbeError::WrongSize { promised, found: seen }) = probe(file.as_slice()) else {
                panic!("{found} bytes passed")
            };
            assert_eq!((promised, seen), (good.len() as u64, found as u64));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_behind_a_riff_mark_are_handled(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let file = [b"RIFF\0\0\0\0WAVE".as_slice(), &tail].concat();
            let refused = probe(file.as_slice()).is_err();
            prop_assert!(refused || file.len() >= HEADER_LEN);
        }

        #[test]
        fn what_is_written_probes_with_its_own_numbers(frames in 0_u32..2_000, rate in 1_u32..200_000) {
            let clip = Pcm::new(rate, vec![0.25; frames as usize]);
            let info = probe(encode(&clip).as_slice()).unwrap();
            prop_assert_eq!(info, WavInfo { rate, channels: 1, bits: 16, frames });
        }
    }
}
