//! The table of file formats that Asterisk plays, and the one way to write each.

use std::io::{self, Write};

use thiserror::Error;

use crate::{Pcm, g711, g722, wav};

/// A file format for the telephone side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// 16-bit PCM with a RIFF header, 8 kHz.
    Wav,
    /// Headerless signed 16-bit little-endian, 8 kHz.
    Sln,
    /// G.711 µ-law, headerless, 8 kHz, 64 kbit/s.
    Ulaw,
    /// G.711 A-law, headerless, 8 kHz, 64 kbit/s.
    Alaw,
    /// G.722, headerless, 16 kHz, 64 kbit/s.
    G722,
}

/// The clip has another sample rate than the format: played from a headerless file it would run at the
/// wrong speed. Resample to `needs` first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a .{} file holds {needs} Hz audio, the clip has {got} Hz", encoding.extension())]
pub struct WrongRate {
    /// The format that was asked for.
    pub encoding: Encoding,
    /// The rate the format holds, in Hz.
    pub needs: u32,
    /// The rate of the clip, in Hz.
    pub got: u32,
}

impl Encoding {
    /// Every format, in the order of the variants.
    pub const ALL: [Self; 5] = [Self::Wav, Self::Sln, Self::Ulaw, Self::Alaw, Self::G722];

    /// The file name extension by which Asterisk picks its reader, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Sln => "sln",
            Self::Ulaw => "ulaw",
            Self::Alaw => "alaw",
            Self::G722 => "g722",
        }
    }

    /// The only sample rate the format holds, in Hz.
    pub fn rate(self) -> u32 {
        match self {
            Self::Wav | Self::Sln | Self::Ulaw | Self::Alaw => 8_000,
            Self::G722 => g722::RATE,
        }
    }

    /// The whole file as bytes.
    pub fn encode(self, clip: &Pcm) -> Result<Vec<u8>, WrongRate> {
        if clip.rate != self.rate() {
            return Err(WrongRate { encoding: self, needs: self.rate(), got: clip.rate });
        }
        Ok(match self {
            Self::Wav => wav::encode(clip),
            Self::Sln => clip.to_i16().flat_map(i16::to_le_bytes).collect(),
            Self::Ulaw => g711::encode_ulaw(clip),
            Self::Alaw => g711::encode_alaw(clip),
            Self::G722 => g722::encode(clip),
        })
    }

    /// Writes the whole file to `out`. A [`WrongRate`] comes back inside an
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) error, before anything is written.
    pub fn write(self, clip: &Pcm, mut out: impl Write) -> io::Result<()> {
        let bytes = self.encode(clip).map_err(|wrong| io::Error::new(io::ErrorKind::InvalidInput, wrong))?;
        out.write_all(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::sine;

    #[test]
    fn each_format_spends_its_bytes_per_second() {
        let table = [
            (Encoding::Wav, 16_044),
            (Encoding::Sln, 16_000),
            (Encoding::Ulaw, 8_000),
            (Encoding::Alaw, 8_000),
            (Encoding::G722, 8_000),
        ];
        for (encoding, bytes) in table {
            let second = sine(encoding.rate(), 440.0, 0.5, 1.0);
            assert_eq!(encoding.encode(&second).unwrap().len(), bytes, "{encoding:?}");
        }
    }

    #[test]
    fn a_clip_at_another_rate_is_refused_before_anything_is_written() {
        for encoding in Encoding::ALL {
            let clip = sine(22_050, 440.0, 0.5, 0.1);
            let refusal = encoding.encode(&clip).unwrap_err();
            assert_eq!(refusal, WrongRate { encoding, needs: encoding.rate(), got: 22_050 });

            let mut file = Vec::new();
            assert_eq!(encoding.write(&clip, &mut file).unwrap_err().kind(), io::ErrorKind::InvalidInput);
            assert!(file.is_empty());
        }
    }

    #[test]
    fn sln_is_the_samples_and_nothing_else() {
        let clip = Pcm::new(8_000, vec![0.0, 0.5, -1.0, 1.0]);
        assert_eq!(Encoding::Sln.encode(&clip).unwrap(), [0, 0, 0, 0x40, 0, 0x80, 0xff, 0x7f]);
    }

    #[test]
    fn writing_and_encoding_agree() {
        for encoding in Encoding::ALL {
            let clip = sine(encoding.rate(), 700.0, 0.3, 0.2);
            let mut file = Vec::new();
            encoding.write(&clip, &mut file).unwrap();
            assert_eq!(file, encoding.encode(&clip).unwrap());
        }
    }
}
