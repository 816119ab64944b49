//! Where frames come from: sources, and the threads that bring what they give to the air thread.

mod chain;
mod chime;
mod pump;
mod tapes;
mod turned;

use std::path::PathBuf;

use pregon_audio::{Frame, Track};

pub(crate) use chain::{Chain, Part};
pub(crate) use chime::Chime;
pub(crate) use pump::{Failure, Progress, Pump};
pub(crate) use tapes::{Files, Tapes};
pub(crate) use turned::Turned;

/// Seconds of silence between the repeats of an announcement.
pub const REPEAT_GAP: f64 = 1.0;

/// A source that cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(pub String);

/// Frames at 48 kHz stereo. Lives on a thread of its own and may block.
pub trait Source: Send {
    /// Fills the beginning of `out` and says how much; zero is the end. After an error it is not called again.
    fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError>;
}

impl Source for Track {
    fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError> {
        Track::read(self, out).map_err(|error| SourceError(error.to_string()))
    }
}

/// A track, opened.
pub struct Cut {
    /// The file; none for what is synthesised.
    pub path: Option<PathBuf>,
    /// Title, from the tags or the file name.
    pub title: String,
    /// Artist, from the tags.
    pub artist: Option<String>,
    /// Length, where known.
    pub seconds: Option<f64>,
    /// Its frames, at the station's loudness already.
    pub source: Box<dyn Source>,
}

impl std::fmt::Debug for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, title, artist, seconds, source: _ } = self;
        let mut shown = f.debug_struct("Cut");
        shown.field("path", path).field("title", title).field("artist", artist).field("seconds", seconds);
        shown.finish_non_exhaustive()
    }
}
