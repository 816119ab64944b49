//! Speech before it is sent: the trait between those who ask and whoever can speak.

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;

use crate::job::{Clip, Speech};

/// Where a speech is to be heard. The same words sound different on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// On the telephone.
    Call,
    /// On the air.
    Air,
}

/// A stretch of a speech.
#[derive(Clone, Debug, PartialEq)]
pub enum Segment {
    /// Words that are spoken in one go.
    Words {
        /// As they are spoken.
        text: String,
        /// Language tag.
        language: String,
    },
    /// Silence.
    Pause(Duration),
}

/// How a speech would be spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The words as they are spoken, on one line.
    pub text: String,
    /// The same in the order in which they are heard, with the pauses.
    pub segments: Vec<Segment>,
    /// The engine that is asked first.
    pub engine: String,
    /// Its voice.
    pub voice: String,
    /// Characters that it is asked to speak: what engines charge for. 0 when it has said the same before.
    pub characters: u64,
    /// The clip, where it is there already.
    pub clip: Option<Clip>,
}

/// Why a speech cannot be heard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRecorded {
    /// It never will be: what is asked for has to change. The text names engines and reasons, and what is wrong
    /// with SSML in its own words: for whoever wrote it, not for logs.
    #[error("{0}")]
    Refused(String),
    /// Not at the moment.
    #[error("{why}")]
    Unavailable {
        /// Engines and reasons.
        why: String,
        /// When to ask again, where that is known.
        retry_after: Option<Duration>,
    },
}

/// Speaks what nobody has sent yet, so that it can be heard first. What it speaks lies in the same cache as what is
/// sent: a preview makes the job after it cheaper, never dearer.
#[async_trait]
pub trait Booth: Send + Sync + 'static {
    /// How `speech` would be spoken for `client`. Asks no engine and costs nothing.
    async fn read(
        &self,
        speech: &Speech,
        medium: Medium,
        client: Option<&str>,
    ) -> Result<Reading, NotRecorded>;

    /// Speaks it, or finds that it was spoken before. Bounded in time by the engines' time-outs; may be cancelled.
    async fn record(
        &self,
        speech: &Speech,
        medium: Medium,
        client: Option<&str>,
    ) -> Result<Clip, NotRecorded>;

    /// What a million characters cost when `engine` speaks them, in the operator's currency; 0 for engines that cost nothing
    /// or are not there.
    fn price(&self, engine: &str) -> f64;

    /// Where the WAV file of the clip of that hash lies; `None` when there is no such clip.
    async fn recording(&self, hash: &str) -> Option<PathBuf>;
}
