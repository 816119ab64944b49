//! Bytes of a sound whose end is not known when its beginning is sent.

use pregon_audio::{AIR_BLOCK, Frame, OpusStream, Pcm, flac, wav};
use pregon_core::SoundFormat;

/// Samples per second of everything but Opus, in Hz: what the speech endpoints of others send.
const RATE: u32 = 24_000;

/// Samples per second of Opus, in Hz.
const OPUS_RATE: u32 = pregon_audio::AIR_RATE;

/// Speech in one channel twice, which Opus sees.
const OPUS_BITS: u32 = 64_000;

/// Frames that a player throws away first (RFC 7845, 4.2; [`OpusStream`] asks for 80 ms), so that they hold silence.
const OPUS_HEAD: usize = 4 * AIR_BLOCK;

/// What this build writes, best known first.
pub(crate) const FORMATS: &[SoundFormat] = &[
    #[cfg(feature = "mp3")]
    SoundFormat::Mp3,
    SoundFormat::Opus,
    SoundFormat::Flac,
    SoundFormat::Wav,
    SoundFormat::Pcm,
];

/// A sound that is being written.
pub(crate) enum Sound {
    /// Samples as they are, behind a header that is still to come.
    Raw {
        header: Vec<u8>,
    },
    Opus(Box<Opus>),
    /// Written when all of it is there: the header tells the length, or the encoder cannot be moved between threads.
    Whole {
        samples: Vec<f32>,
        write: fn(&Pcm) -> Result<Vec<u8>, String>,
    },
}

impl Sound {
    /// `serial` tells the stream from others, where the format wants that. An error is a fault of ours, in words for the
    /// log.
    pub(crate) fn begin(format: SoundFormat, serial: u32) -> Result<Self, String> {
        match format {
            SoundFormat::Pcm => Ok(Self::Raw { header: Vec::new() }),
            SoundFormat::Wav => Ok(Self::Raw { header: wav::endless_header(RATE) }),
            SoundFormat::Opus => Ok(Self::Opus(Box::new(Opus::begin(serial)?))),
            SoundFormat::Flac => Ok(Self::Whole {
                samples: Vec::new(),
                write: |clip| flac(clip).map_err(|error| error.to_string()),
            }),
            #[cfg(feature = "mp3")]
            SoundFormat::Mp3 => Ok(Self::Whole {
                samples: Vec::new(),
                write: |clip| pregon_audio::mp3(clip).map_err(|error| error.to_string()),
            }),
            #[cfg(not(feature = "mp3"))]
            SoundFormat::Mp3 => Err("this build writes no MP3".to_owned()),
        }
    }

    /// Samples per second that it takes, in Hz.
    pub(crate) fn rate(format: SoundFormat) -> u32 {
        match format {
            SoundFormat::Opus => OPUS_RATE,
            SoundFormat::Mp3 | SoundFormat::Flac | SoundFormat::Wav | SoundFormat::Pcm => RATE,
        }
    }

    /// What can be sent now that `more` is there; nothing, perhaps.
    pub(crate) fn write(&mut self, more: &Pcm) -> Result<Vec<u8>, String> {
        match self {
            Self::Raw { header } => {
                let mut bytes = std::mem::take(header);
                bytes.extend(more.to_i16().flat_map(i16::to_le_bytes));
                Ok(bytes)
            }
            Self::Opus(stream) => stream.write(&more.samples),
            Self::Whole { samples, .. } => {
                samples.extend_from_slice(&more.samples);
                Ok(Vec::new())
            }
        }
    }

    /// What is left to send.
    pub(crate) fn end(self) -> Result<Vec<u8>, String> {
        match self {
            Self::Raw { header } => Ok(header),
            Self::Opus(stream) => stream.end(),
            Self::Whole { samples, write } => write(&Pcm::new(RATE, samples)),
        }
    }
}

/// An Opus stream and what does not fill a block yet.
pub(crate) struct Opus {
    stream: OpusStream,
    headers: Vec<u8>,
    rest: Vec<Frame>,
}

impl Opus {
    fn begin(serial: u32) -> Result<Self, String> {
        let stream = OpusStream::new(OPUS_BITS, serial, "").map_err(|error| error.to_string())?;
        Ok(Self { headers: stream.headers().to_vec(), stream, rest: vec![[0.0; 2]; OPUS_HEAD] })
    }

    fn write(&mut self, samples: &[f32]) -> Result<Vec<u8>, String> {
        let mut bytes = std::mem::take(&mut self.headers);
        self.rest.extend(samples.iter().map(|sample| [*sample; 2]));
        let (blocks, rest) = self.rest.as_chunks::<AIR_BLOCK>();
        for block in blocks {
            let page = self.stream.push(block).map_err(|error| error.to_string())?;
            bytes.extend(page.into_iter().flat_map(|page| page.bytes));
        }
        self.rest = rest.to_vec();
        bytes.extend(self.stream.flush().into_iter().flat_map(|page| page.bytes));
        Ok(bytes)
    }

    /// A block more than is needed to fill the last one: the encoder is some milliseconds behind.
    fn end(mut self) -> Result<Vec<u8>, String> {
        let silence = 2 * AIR_BLOCK - self.rest.len() % AIR_BLOCK;
        let mut bytes = self.write(&vec![0.0; silence])?;
        bytes.extend(self.stream.end().bytes);
        Ok(bytes)
    }
}
