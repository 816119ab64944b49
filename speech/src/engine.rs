//! What every voice engine looks like to the chain.

use std::time::Duration;

use async_trait::async_trait;
use pregon_audio::Container;
use pregon_core::EngineInfo;

use crate::limits::{Length, Limits};

/// What is to be spoken, settled in every detail.
#[derive(Clone, Debug, PartialEq)]
pub struct Utterance {
    /// Plain text: words separated by single spaces, no control characters, not empty. Never markup, whatever it
    /// looks like.
    pub text: String,
    /// Language tag such as `es-CO`.
    pub language: String,
    /// The engine's own voice, as [`Synthesizer::voice_for`] chose it.
    pub voice: String,
    /// Speaking rate, 0.25 to 4, 1 being the voice's own.
    pub rate: f32,
}

/// Audio as an engine delivered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// A whole file.
    pub bytes: Vec<u8>,
    /// What the engine says it is; the first bytes decide.
    pub container: Option<Container>,
    /// Silence to put between this file and the next one, on top of the pads that trimming leaves.
    pub pause_after: Duration,
}

impl Encoded {
    /// A file with nothing but its own pads around it.
    pub fn new(bytes: Vec<u8>, container: Option<Container>) -> Self {
        Self { bytes, container, pause_after: Duration::ZERO }
    }
}

/// Why an engine did not speak, by what the caller does next. The words are shown with the job, so they hold no
/// spoken text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SynthError {
    /// It may speak later: ask the next engine, and count this against this one.
    #[error("{reason}")]
    Unavailable {
        /// In one plain sentence without a subject, such as `answered 503`.
        reason: String,
        /// When to ask again, where that is known.
        retry_after: Option<Duration>,
    },
    /// It wants to be left alone: ask the next engine, and this one not before the time is over.
    #[error("{reason}")]
    Limited {
        /// In one plain sentence without a subject.
        reason: String,
        /// How long to leave it alone.
        retry_after: Duration,
    },
    /// It is well, and our own queue in front of it is full: ask the next engine and think no worse of this one.
    #[error("has too many requests waiting")]
    Busy {
        /// When there is room again.
        retry_after: Duration,
    },
    /// This text or voice will never work here: ask the next engine, and never again for the same.
    #[error("{0}")]
    Rejected(String),
    /// It refuses our credentials: ask the next engine, and this one when somebody has had the chance to put them right.
    #[error("{0}")]
    Denied(String),
    /// Its budget is used up for whoever asks: ask the next engine and think no worse of this one.
    #[error("{0}")]
    Unaffordable(String),
    /// Whoever asks has no time left for it: ask the next engine and think no worse of this one.
    #[error("was given no time: the job's was used up")]
    Late,
    /// What came back is not speech: ask the next engine, and count this against this one.
    #[error("{0}")]
    Corrupt(String),
}

impl SynthError {
    /// Whether it says something about who asks, and nothing about the engine: somebody else may have more luck.
    pub(crate) const fn is_personal(&self) -> bool {
        matches!(self, Self::Unaffordable(_) | Self::Late | Self::Busy { .. })
    }
}

/// A voice engine. The chain calls it from many tasks at once; an engine that cannot bear that queues inside.
#[async_trait]
pub trait Synthesizer: Send + Sync + 'static {
    /// Its name, as in `TTS_ENGINES`.
    fn id(&self) -> &'static str;

    /// Changes whenever the same utterance would sound different: part of the cache key.
    fn version(&self) -> &str;

    /// The voice to speak `language` with: `asked`, where the engine has it, else its own choice. `None` when it
    /// does not speak the language. Called for every clip, also for cached ones: no I/O, no waiting.
    fn voice_for(&self, language: &str, asked: Option<&str>) -> Option<String>;

    /// What it offers.
    fn info(&self) -> EngineInfo;

    /// What keeps it from working at the moment and how to repair that, as far as it can tell without speaking.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// Whether it needs nothing but this machine. Then it costs nothing, its troubles are no other machine's, and it
    /// may speak when the time for all others is over: the last resort.
    fn local(&self) -> bool {
        false
    }

    /// What it bears, and what it costs.
    fn limits(&self) -> Limits {
        Limits::free(Length::Characters(usize::MAX), Duration::from_mins(1), usize::MAX)
    }

    /// How many requests it takes to speak `text`: what [`Limits::rate`] counts.
    fn requests(&self, _text: &str) -> usize {
        1
    }

    /// Speaks. Returns one or more whole files, to be played in order. Equal utterances give equal bytes as far as
    /// the engine is in our hands. Gives up by itself within a bounded time; dropping the future stops the work.
    async fn synthesize(&self, utterance: &Utterance) -> Result<Vec<Encoded>, SynthError>;
}
