//! MP3, for the players and Icecast servers that know nothing else.

use pregon_audio::{AIR_BLOCK, AIR_RATE, Frame, Mp3Error, Mp3Stream, PAGE_BLOCKS};

use super::{Codec, Lost, Piece};

pub(super) struct Mp3 {
    stream: Mp3Stream,
    bytes: Vec<u8>,
    blocks: usize,
}

impl Mp3 {
    pub(super) fn open(kbits: u32) -> Result<Self, Mp3Error> {
        Ok(Self { stream: Mp3Stream::new(AIR_RATE, 2, kbits)?, bytes: Vec::new(), blocks: 0 })
    }
}

impl Codec for Mp3 {
    fn headers(&self) -> &[u8] {
        &[]
    }

    fn push(&mut self, block: &[Frame; AIR_BLOCK]) -> Result<Option<Piece>, Lost> {
        self.bytes.extend(self.stream.push(block.iter().copied())?);
        self.blocks += 1;
        Ok(if self.blocks < PAGE_BLOCKS { None } else { self.flush() })
    }

    fn flush(&mut self) -> Option<Piece> {
        let frames = (std::mem::take(&mut self.blocks) * AIR_BLOCK) as u64;
        let bytes = std::mem::take(&mut self.bytes);
        (!bytes.is_empty()).then(|| Piece::Frames { bytes: bytes.into(), frames })
    }

    /// What LAME still holds back, some 50 ms, is not heard: the station has closed.
    fn end(mut self: Box<Self>) -> Option<Piece> {
        self.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_100_ms_and_an_announcement_does_not_wait() {
        let mut mp3 = Box::new(Mp3::open(128).unwrap());
        let tone = [[0.1; 2]; AIR_BLOCK];
        let frames: Vec<_> =
            (0..10).filter_map(|_| mp3.push(&tone).unwrap()).map(|piece| piece.frames()).collect();
        assert_eq!(frames, [4_800, 4_800]);
        assert!(mp3.flush().is_none(), "nothing waits");
        for _ in 0..3 {
            assert!(mp3.push(&tone).unwrap().is_none());
        }
        let Some(Piece::Frames { bytes, frames }) = mp3.flush() else { unreachable!() };
        assert_eq!((frames, bytes[0], bytes[1] & 0xe0), (2_880, 0xff, 0xe0));
        assert!(mp3.end().is_none());
    }
}
