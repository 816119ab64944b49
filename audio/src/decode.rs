//! From the bytes of a voice engine or an upload to a clip.

use std::io::Cursor;
use std::time::Duration;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as Symphonia;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use thiserror::Error;

use crate::Pcm;
use crate::riff::{TrueSizes, with_true_sizes};

/// Sample rates that speech comes in, in Hz. Anything else is a damaged header, and resampling from it
/// would cost memory without bound.
pub(crate) const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;

/// The file formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Container {
    /// RIFF/WAVE: PCM of 8, 16, 24 or 32 bits, 32-bit float, A-law, µ-law.
    Wav,
    /// MPEG audio layer 3.
    Mp3,
}

impl Container {
    /// By the `Content-Type` of a response; parameters after `;` are ignored.
    pub fn from_content_type(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => Some(Self::Wav),
            "audio/mpeg" | "audio/mp3" => Some(Self::Mp3),
            _ => None,
        }
    }

    /// What the first bytes say, whatever the sender says.
    fn recognise(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(Self::Wav),
            // Frame sync, then layer 3 of MPEG 1, 2 or 2.5.
            [b'I', b'D', b'3', ..] | [0xff, 0xe2 | 0xe3 | 0xf2 | 0xf3 | 0xfa | 0xfb, ..] => Some(Self::Mp3),
            _ => None,
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
        }
    }
}

/// Why bytes did not become a clip.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The bytes end before the audio does: a broken transfer. Fetch or render again.
    #[error("the audio was cut short: {promised} bytes promised, {found} found")]
    CutShort {
        /// Bytes of samples that the header promises.
        promised: u64,
        /// Bytes of samples that are there.
        found: u64,
    },
    /// Recognised, and broken inside. Fetch or render again; the same bytes will fail again.
    #[error("the audio is damaged: {0}")]
    Damaged(String),
    /// Not a format that is read here; often an error page instead of audio. Refuse it.
    #[error("the audio format is not supported: {0}")]
    Unsupported(String),
    /// The file cannot be opened or read, in the words of the system. Never from bytes in memory.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// Well formed, and no sample in it. Refuse it.
    #[error("there is no audio inside")]
    Empty,
    /// Longer than the caller allows. Refuse it, or split the text.
    #[error("the audio is longer than {} s", limit.as_secs_f64())]
    TooLong {
        /// The limit that was given.
        limit: Duration,
    },
}

impl DecodeError {
    /// Whether another attempt to get the audio can help: the bytes at hand are not what was sent.
    pub fn worth_fetching_again(&self) -> bool {
        matches!(self, Self::CutShort { .. } | Self::Damaged(_))
    }
}

/// Decodes a whole file to a mono clip at its own rate; several channels become their mean. Decoding
/// stops as soon as the clip is longer than `limit`, so a small file cannot fill the memory.
///
/// The first bytes decide the format. `hint` is for MP3 streams that do not begin at a frame.
/// WAV sizes that say "unknown" (`espeak-ng --stdout`, streamed responses) mean "to the end of the bytes";
/// a WAV file that is shorter than its true sizes is [`DecodeError::CutShort`]. MP3 has no length to check.
pub fn decode(bytes: &[u8], hint: Option<Container>, limit: Duration) -> Result<Pcm, DecodeError> {
    let container = Container::recognise(bytes)
        .or(hint.filter(|hint| *hint == Container::Mp3))
        .ok_or_else(|| DecodeError::Unsupported("neither WAV nor MP3".into()))?;
    if container == Container::Mp3 {
        return decode_stream(bytes, container, limit);
    }
    match with_true_sizes(bytes) {
        TrueSizes::Sound(file) => decode_stream(&file, container, limit),
        TrueSizes::CutShort { promised, found } => Err(DecodeError::CutShort { promised, found }),
        TrueSizes::NotWav => {
            Err(DecodeError::Damaged("the WAV file has no sensible fmt and data chunk".into()))
        }
    }
}

fn decode_stream(bytes: &[u8], container: Container, limit: Duration) -> Result<Pcm, DecodeError> {
    let source = MediaSourceStream::new(Box::new(Cursor::new(bytes)), MediaSourceStreamOptions::default());
    let mut hint = Hint::new();
    hint.with_extension(container.extension());
    let mut format = symphonia::default::get_probe()
        .probe(&hint, source, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| unreadable(&error))?;

    let track = format.default_track(TrackType::Audio).ok_or(DecodeError::Empty)?;
    let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let parameters = parameters.ok_or_else(|| DecodeError::Unsupported("unknown codec".into()))?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|error| unreadable(&error))?;
    let track = track.id;

    let mut mixer = Mixer::new(limit);
    while let Some(packet) = next_packet(format.as_mut(), &mixer)? {
        if packet.track_id == track {
            mixer.add(decoder.as_mut(), &packet)?;
        }
    }
    mixer.finish()
}

/// `None` at the end. A stream that was cut ends in an error instead; what came before it counts.
fn next_packet(format: &mut dyn FormatReader, mixer: &Mixer) -> Result<Option<Packet>, DecodeError> {
    match format.next_packet() {
        Ok(packet) => Ok(packet),
        Err(Symphonia::IoError(error))
            if error.kind() == std::io::ErrorKind::UnexpectedEof && !mixer.samples.is_empty() =>
        {
            Ok(None)
        }
        Err(error) => Err(unreadable(&error)),
    }
}

/// Collects packets as mono samples.
struct Mixer {
    limit: Duration,
    rate: Option<u32>,
    samples: Vec<f32>,
    interleaved: Vec<f32>,
    good: usize,
    bad: usize,
}

impl Mixer {
    fn new(limit: Duration) -> Self {
        Self { limit, rate: None, samples: Vec::new(), interleaved: Vec::new(), good: 0, bad: 0 }
    }

    fn add(&mut self, codec: &mut dyn AudioDecoder, packet: &Packet) -> Result<(), DecodeError> {
        let decoded = match codec.decode(packet) {
            Ok(decoded) => decoded,
            // The first MP3 frames may lean on frames from before the cut; one bad frame is 24 ms.
            Err(Symphonia::DecodeError(_) | Symphonia::IoError(_)) => {
                self.bad += 1;
                return Ok(());
            }
            Err(error) => return Err(unreadable(&error)),
        };
        self.good += 1;
        let (rate, channels) = (decoded.spec().rate(), decoded.spec().channels().count());
        decoded.copy_to_vec_interleaved::<f32>(&mut self.interleaved);
        self.accept_rate(rate)?;
        self.mix_down(channels)?;
        if self.samples.len() > frames_within(self.limit, rate) {
            return Err(DecodeError::TooLong { limit: self.limit });
        }
        Ok(())
    }

    fn accept_rate(&mut self, rate: u32) -> Result<(), DecodeError> {
        if !RATES.contains(&rate) {
            return Err(DecodeError::Unsupported(format!("a sample rate of {rate} Hz")));
        }
        if *self.rate.get_or_insert(rate) != rate {
            return Err(DecodeError::Damaged("the sample rate changes in the middle".into()));
        }
        Ok(())
    }

    fn mix_down(&mut self, channels: usize) -> Result<(), DecodeError> {
        #[expect(clippy::cast_precision_loss, reason = "a handful of channels")]
        let share = 1.0 / channels.max(1) as f32;
        let frames = self.interleaved.chunks_exact(channels.max(1));
        self.samples.extend(frames.map(|frame| frame.iter().sum::<f32>() * share));
        // Float files can hold anything; one NaN would silence every filter after it.
        if self.interleaved.iter().any(|sample| !sample.is_finite()) {
            return Err(DecodeError::Damaged("a sample is not a number".into()));
        }
        Ok(())
    }

    fn finish(self) -> Result<Pcm, DecodeError> {
        if self.bad > self.good {
            return Err(DecodeError::Damaged(format!("{} of {} packets", self.bad, self.bad + self.good)));
        }
        match self.rate {
            Some(rate) if !self.samples.is_empty() => Ok(Pcm::new(rate, self.samples)),
            _ => Err(DecodeError::Empty),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "never negative, and a float cast holds at the end of the range"
)]
fn frames_within(limit: Duration, rate: u32) -> usize {
    (limit.as_secs_f64() * f64::from(rate)) as usize
}

pub(crate) fn unreadable(error: &Symphonia) -> DecodeError {
    match error {
        Symphonia::Unsupported(feature) => DecodeError::Unsupported((*feature).into()),
        error => DecodeError::Damaged(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
