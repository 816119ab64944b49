//! What the air becomes on its way to listeners.

use axum::body::Bytes;
use pregon_audio::{AIR_BLOCK, EncodeError, Frame, OpusStream, Origin, Page};

use super::start::StartError;

/// The format of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Ogg Opus.
    Opus,
    /// MP3, in builds with the feature `mp3`.
    Mp3,
}

impl Format {
    /// Its media type as players know it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Opus => "audio/ogg",
            Self::Mp3 => "audio/mpeg",
        }
    }
}

/// A piece of a stream, with whose beginning a listener can begin.
#[derive(Debug)]
pub enum Piece {
    /// A page of an Ogg stream.
    Page(Page),
    /// Whole MP3 frames.
    Frames {
        /// As they are sent.
        bytes: Bytes,
        /// Sound that went into them, in frames of the air.
        frames: u64,
    },
}

impl Piece {
    /// Sound in it, in frames of the air.
    pub(super) fn frames(&self) -> u64 {
        match self {
            Self::Page(page) => page.frames,
            Self::Frames { frames, .. } => *frames,
        }
    }

    /// As it goes to a listener. `origin` is where that listener began; the first page decides it.
    pub(super) fn since(&self, origin: &mut Option<Origin>) -> Bytes {
        match self {
            Self::Page(page) => page.since(*origin.get_or_insert_with(|| page.origin())).into(),
            Self::Frames { bytes, .. } => bytes.clone(),
        }
    }
}

/// Encodes one stream. It stays on the thread that made it.
pub(super) trait Codec {
    /// What every listener gets first.
    fn headers(&self) -> &[u8];

    /// Encodes one block. There is a piece when [`PAGE_BLOCKS`] are together. An error costs this block only.
    fn push(&mut self, block: &[Frame; AIR_BLOCK]) -> Result<Option<Piece>, Lost>;

    /// A piece of what has been encoded since the last one, if anything: for what must not wait.
    fn flush(&mut self) -> Option<Piece>;

    /// The last piece.
    fn end(self: Box<Self>) -> Option<Piece>;
}

/// Why a block was lost, in the encoder's own words.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    #[error(transparent)]
    Opus(#[from] EncodeError),
    #[cfg(feature = "mp3")]
    #[error(transparent)]
    Mp3(#[from] pregon_audio::Mp3Error),
}

/// An encoder at `kbits` kbit/s; `station` is the title that players show, where the format has room for one.
pub(super) fn open(format: Format, kbits: u32, station: &str) -> Result<Box<dyn Codec>, StartError> {
    match format {
        Format::Opus => Ok(Box::new(OpusStream::new(kbits.saturating_mul(1_000), rand::random(), station)?)),
        #[cfg(feature = "mp3")]
        Format::Mp3 => Ok(Box::new(mp3::Mp3::open(kbits)?)),
        #[cfg(not(feature = "mp3"))]
        Format::Mp3 => Err(StartError::NoMp3),
    }
}

impl Codec for OpusStream {
    fn headers(&self) -> &[u8] {
        self.headers()
    }

    fn push(&mut self, block: &[Frame; AIR_BLOCK]) -> Result<Option<Piece>, Lost> {
        Ok(self.push(block)?.map(Piece::Page))
    }

    fn flush(&mut self) -> Option<Piece> {
        self.flush().map(Piece::Page)
    }

    fn end(self: Box<Self>) -> Option<Piece> {
        Some(Piece::Page((*self).end()))
    }
}

#[cfg(feature = "mp3")]
mod mp3;
