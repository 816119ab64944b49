//! Demuxing and decoding one file, packet by packet, as stereo at the file's own rate.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_OPUS};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as Symphonia;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::{MetadataOptions, StandardTag};
use symphonia::core::packet::Packet;

use super::downmix::Downmix;
use super::mended::Mended;
use super::opus_packets::OpusPackets;
use super::{AIR_RATE, Frame, Tags};
use crate::DecodeError;
use crate::decode::{RATES, unreadable};

/// One lost packet is 20 ms of silence and not worth a word; this many in a row are a broken file.
const BAD_IN_A_ROW: u32 = 50;

/// Titles that a listener reads; anything longer was not written by a person.
const TAG_CHARACTERS: usize = 200;

pub(super) struct Reader {
    format: Box<dyn FormatReader>,
    track: u32,
    codec: Codec,
    bad_in_a_row: u32,
    interleaved: Vec<f32>,
}

enum Codec {
    Symphonia { decoder: Box<dyn AudioDecoder>, downmix: Option<(Channels, Downmix)> },
    Opus(OpusPackets),
}

/// What one packet gave.
pub(super) enum Piece {
    /// Sound at this rate, in Hz.
    Sound {
        rate: u32,
    },
    End,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, DecodeError> {
        let file = Mended::new(regular_file(path)?)?;
        let source = MediaSourceStream::new(Box::new(file), MediaSourceStreamOptions::default());
        let mut hint = Hint::new();
        if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
            hint.with_extension(extension);
        }
        let format = symphonia::default::get_probe()
            .probe(&hint, source, FormatOptions::default(), MetadataOptions::default())
            .map_err(|error| unreadable(&error))?;
        let (track, codec) = sound_of(format.as_ref())?;
        Ok(Self { format, track, codec, bad_in_a_row: 0, interleaved: Vec::new() })
    }

    /// Appends the sound of the next good packet.
    pub(super) fn next(&mut self, out: &mut Vec<Frame>) -> Result<Piece, DecodeError> {
        loop {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(Piece::End),
                // A file that was cut off plays as far as it goes.
                Err(Symphonia::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                    return Ok(Piece::End);
                }
                // The next link of an Ogg chain: other headers, perhaps another codec.
                Err(Symphonia::ResetRequired) => {
                    (self.track, self.codec) = sound_of(self.format.as_ref())?;
                    continue;
                }
                Err(error) => return Err(unreadable(&error)),
            };
            if packet.track_id != self.track {
                continue;
            }
            let before = out.len();
            let rate = self.decode(&packet, out)?;
            if let Some(rate) = rate.filter(|_| out.len() > before) {
                return Ok(Piece::Sound { rate });
            }
        }
    }

    /// `None` for a packet that is damaged.
    fn decode(&mut self, packet: &Packet, out: &mut Vec<Frame>) -> Result<Option<u32>, DecodeError> {
        let rate = match &mut self.codec {
            Codec::Opus(packets) => packets.decode(packet).map(|frames| {
                out.extend_from_slice(frames);
                AIR_RATE
            }),
            Codec::Symphonia { decoder, downmix } => match decoder.decode(packet) {
                Ok(decoded) => {
                    let spec = decoded.spec();
                    if !RATES.contains(&spec.rate()) {
                        return Err(DecodeError::Unsupported(format!("a sample rate of {} Hz", spec.rate())));
                    }
                    if downmix.as_ref().is_none_or(|(channels, _)| channels != spec.channels()) {
                        *downmix = Some((spec.channels().clone(), Downmix::of(spec.channels())));
                    }
                    decoded.copy_to_vec_interleaved::<f32>(&mut self.interleaved);
                    if let Some((_, downmix)) = downmix {
                        downmix.append(&self.interleaved, out);
                    }
                    Some(spec.rate())
                }
                Err(Symphonia::DecodeError(_) | Symphonia::IoError(_)) => None,
                Err(error) => return Err(unreadable(&error)),
            },
        };
        self.bad_in_a_row = if rate.is_some() { 0 } else { self.bad_in_a_row + 1 };
        if self.bad_in_a_row >= BAD_IN_A_ROW {
            return Err(DecodeError::Damaged(format!("{BAD_IN_A_ROW} packets in a row")));
        }
        Ok(rate)
    }

    /// Length in seconds as the file claims it.
    pub(super) fn seconds(&self) -> Option<f64> {
        let track = self.format.tracks().iter().find(|track| track.id == self.track)?;
        let parameters = track.codec_params.as_ref()?.audio()?;
        let by_frames = track.num_frames.zip(parameters.sample_rate.filter(|rate| *rate > 0));
        let by_clock = || track.time_base?.calc_duration(track.duration?).map(|time| time.as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "a count beyond 2^52 is a lie anyway")]
        by_frames.map(|(frames, rate)| frames as f64 / f64::from(rate)).or_else(by_clock)
    }

    pub(super) fn tags(&mut self) -> Tags {
        let mut tags = Tags::default();
        let mut metadata = self.format.metadata();
        let Some(revision) = metadata.skip_to_latest() else { return tags };
        let per_track = revision.per_track.iter().flat_map(|track| &track.metadata.tags);
        for tag in revision.media.tags.iter().chain(per_track) {
            let (place, text) = match &tag.std {
                Some(StandardTag::TrackTitle(text)) => (&mut tags.title, text),
                Some(StandardTag::Artist(text)) => (&mut tags.artist, text),
                Some(StandardTag::Album(text)) => (&mut tags.album, text),
                Some(_) | None => continue,
            };
            *place = place.take().or_else(|| readable(text));
        }
        tags
    }
}

fn regular_file(path: &Path) -> Result<File, DecodeError> {
    let unreadable = |error: std::io::Error| DecodeError::Unreadable(error.to_string());
    // A named pipe would block the thread until somebody writes to it.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(DecodeError::Unreadable("not a file".into()));
    }
    File::open(path).map_err(unreadable)
}

fn sound_of(format: &dyn FormatReader) -> Result<(u32, Codec), DecodeError> {
    let track = format.default_track(TrackType::Audio).ok_or(DecodeError::Empty)?;
    let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let parameters = parameters.ok_or_else(|| DecodeError::Unsupported("unknown codec".into()))?;
    Ok((track.id, Codec::for_parameters(parameters)?))
}

impl Codec {
    fn for_parameters(parameters: &AudioCodecParameters) -> Result<Self, DecodeError> {
        let extra = parameters.extra_data.as_deref().unwrap_or_default();
        if parameters.codec == CODEC_ID_OPUS {
            return Ok(Self::Opus(OpusPackets::new(extra)?));
        }
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(|error| match error {
                // Its decoder knows AAC-LC and calls everything else "too complex".
                Symphonia::Unsupported(_) if parameters.codec == CODEC_ID_AAC => DecodeError::Unsupported(
                    "AAC of this kind (HE-AAC or surround): AAC-LC in mono or stereo is played".into(),
                ),
                Symphonia::Unsupported(_) => {
                    DecodeError::Unsupported("a codec that is not played here".into())
                }
                error => unreadable(&error),
            })?;
        Ok(Self::Symphonia { decoder, downmix: None })
    }
}

/// One line of text: players and logs must not trip over what strangers write in tags.
fn readable(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    let line: String = line.chars().take(TAG_CHARACTERS).collect();
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_one_short_line() {
        assert_eq!(
            readable("  La\tgata\r\nbajo \u{0} la lluvia\u{1b}[31m "),
            Some("La gata bajo la lluvia [31m".into())
        );
        assert_eq!(readable(" \n\u{0}"), None);
        assert_eq!(readable(&"ñ".repeat(5_000)).unwrap().chars().count(), TAG_CHARACTERS);
    }
}
