//! A music file or a spoken clip as 48 kHz stereo, a piece at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::Frame;
use super::rate_change::RateChange;
use super::reader::{Piece, Reader};
use crate::DecodeError;

/// What a file says about itself: one line each, at most 200 characters, without control characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    /// Name of the piece.
    pub title: Option<String>,
    /// Who plays it.
    pub artist: Option<String>,
    /// Where it was released.
    pub album: Option<String>,
}

/// An open file: mp3, flac, Ogg Vorbis, Ogg Opus, m4a and ADTS with AAC-LC, wav. Whatever its rate and channels, it
/// reads as stereo at [`AIR_RATE`](super::AIR_RATE), exactly as long as it is.
///
/// Files come from strangers. Decoding is streamed, so memory does not grow with the file; lengths in headers are
/// believed only where nothing depends on them; a panic of a decoder is an error here. Blocks on the disk: not for
/// async code, and not for the thread that is on the air.
pub struct Track {
    reader: Reader,
    tags: Tags,
    seconds: Option<f64>,
    rate_change: Option<RateChange>,
    decoded: Vec<Frame>,
    ready: Vec<Frame>,
    /// How many frames of `ready` have been read.
    read: usize,
    /// Why there will be no more, once what is ready has been read.
    end: Option<Result<(), DecodeError>>,
}

impl Track {
    /// Opens a file and decodes its first sound, so that what cannot be played fails here and not on the air.
    ///
    /// # Errors
    /// [`DecodeError::Unreadable`] when there is no such file, [`DecodeError::Unsupported`] for what is not played
    /// (HE-AAC among it), [`DecodeError::Damaged`], and [`DecodeError::Empty`] when there is no sound inside.
    pub fn open(path: &Path) -> Result<Self, DecodeError> {
        let (reader, tags, seconds) = shielded(|| {
            let mut reader = Reader::open(path)?;
            let (tags, seconds) = (reader.tags(), reader.seconds());
            Ok((reader, tags, seconds))
        })?;
        let (decoded, ready) = (Vec::new(), Vec::new());
        let mut track = Self { reader, tags, seconds, rate_change: None, decoded, ready, read: 0, end: None };
        while track.ready.is_empty() && track.end.is_none() {
            track.advance();
        }
        match track.end.take_if(|_| track.ready.is_empty()) {
            None => Ok(track),
            Some(Ok(())) => Err(DecodeError::Empty),
            Some(Err(error)) => Err(error),
        }
    }

    /// Fills `out` from the beginning and says how many frames it wrote: fewer than fit only at the end, 0 after it.
    ///
    /// # Errors
    /// The file is broken from here on; what was good has been read before. Every further call fails the same way.
    pub fn read(&mut self, out: &mut [Frame]) -> Result<usize, DecodeError> {
        let mut filled = 0;
        while let Some(room) = out.get_mut(filled..).filter(|room| !room.is_empty()) {
            let ready = self.ready.get(self.read..).unwrap_or_default();
            let taken = ready.len().min(room.len());
            if let (Some(room), Some(ready)) = (room.get_mut(..taken), ready.get(..taken)) {
                room.copy_from_slice(ready);
            }
            filled += taken;
            self.read += taken;
            if taken > 0 {
                continue;
            }
            match &self.end {
                Some(Err(error)) if filled == 0 => return Err(error.clone()),
                Some(_) => break,
                None => self.advance(),
            }
        }
        Ok(filled)
    }

    /// What the file says about itself.
    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    /// Length in seconds as the file claims it, `None` if it does not. A hint for a display: files lie.
    pub fn seconds(&self) -> Option<f64> {
        self.seconds
    }

    /// Decodes one packet into `ready`, which has been read to its end.
    fn advance(&mut self) {
        self.ready.clear();
        self.decoded.clear();
        self.read = 0;
        match shielded(|| self.reader.next(&mut self.decoded)) {
            Ok(Piece::Sound { rate }) => {
                // A chain of Ogg streams may change its rate on the way.
                if let Some(mut old) = self.rate_change.take_if(|change| change.rate() != rate) {
                    old.finish(&mut self.ready);
                }
                let change = self.rate_change.get_or_insert_with(|| RateChange::from(rate));
                change.push(&self.decoded, &mut self.ready);
            }
            Ok(Piece::End) => self.close(Ok(())),
            Err(error) => self.close(Err(error)),
        }
    }

    fn close(&mut self, end: Result<(), DecodeError>) {
        if let Some(mut change) = self.rate_change.take() {
            change.finish(&mut self.ready);
        }
        self.end = Some(end);
    }
}

impl std::fmt::Debug for Track {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Track")
            .field("tags", &self.tags)
            .field("seconds", &self.seconds)
            .finish_non_exhaustive()
    }
}

/// Demuxers and decoders are other people's code fed with strangers' files. After a panic the reader is never
/// touched again: the caller closes the track on any error.
fn shielded<T>(work: impl FnOnce() -> Result<T, DecodeError>) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(DecodeError::Damaged("the decoder gave up".into())))
}
