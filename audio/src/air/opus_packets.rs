//! Decoding the Opus packets of a music file.

use symphonia::core::packet::Packet;

use super::{AIR_RATE, Frame};
use crate::DecodeError;

/// The longest packet there is: 120 ms (RFC 6716).
const LONGEST: usize = 5_760;

/// Opus decodes to the rate of the air and to stereo whatever was encoded, so nothing else is needed here.
pub(super) struct OpusPackets {
    decoder: opus::Decoder,
    /// Frames still to throw away: the encoder's lead-in, which the demuxer leaves to us.
    skip: usize,
    decoded: Vec<Frame>,
}

impl OpusPackets {
    /// `head` is the identification header (RFC 7845, 5.1).
    pub(super) fn new(head: &[u8]) -> Result<Self, DecodeError> {
        let family = head.get(18).copied();
        let channels = head.get(9).copied().unwrap_or_default();
        if family.is_some_and(|family| family > 1) || !(1..=2).contains(&channels) {
            return Err(DecodeError::Unsupported(format!("Opus with {channels} channels")));
        }
        let refused = |error: opus::Error| DecodeError::Damaged(format!("Opus: {}", error.description()));
        let mut decoder = opus::Decoder::new(AIR_RATE, opus::Channels::Stereo).map_err(refused)?;
        if let Some(gain) = head.get(16..18).and_then(|gain| gain.try_into().ok()) {
            decoder.set_gain(i32::from(i16::from_le_bytes(gain))).map_err(refused)?;
        }
        let skip = head.get(10..12).and_then(|skip| skip.try_into().ok()).map_or(0, u16::from_le_bytes);
        Ok(Self { decoder, skip: usize::from(skip), decoded: vec![[0.0; 2]; LONGEST] })
    }

    /// The sound of one packet, without what the encoder padded at either end; `None` if it is damaged.
    pub(super) fn decode(&mut self, packet: &Packet) -> Option<&[Frame]> {
        let frames = self.decoder.decode_float(&packet.data, self.decoded.as_flattened_mut(), false).ok()?;
        let start = self.skip.max(frames_of(packet.trim_start.get())).min(frames);
        self.skip = self.skip.saturating_sub(frames);
        let end = frames.saturating_sub(frames_of(packet.trim_end.get())).max(start);
        self.decoded.get(start..end)
    }
}

fn frames_of(trim: u64) -> usize {
    usize::try_from(trim).unwrap_or(usize::MAX)
}
