//! What the engines have in common that somebody else runs: a server, a program.

use std::time::Duration;

use async_trait::async_trait;
use pregon_core::{EngineInfo, VoiceInfo};
use tokio::time::timeout;

use super::EngineName;
use super::roster::Roster;
use crate::engine::{Encoded, SynthError, Synthesizer, Utterance};
use crate::limits::Limits;
use crate::split::split;

/// How long a server may take at start-up to list its voices: whoever starts us waits for that.
const INTRODUCTION: Duration = Duration::from_secs(3);

/// Speaks one piece of a text.
#[async_trait]
pub(super) trait Speaker: Send + Sync + 'static {
    /// Speaks `text`, which is within the engine's limit and a part of `utterance`, with its voice and rate. Dropping
    /// the future stops the work; whoever calls bounds its time.
    async fn speak(&self, text: &str, utterance: &Utterance) -> Result<Encoded, SynthError>;

    /// The voices that its server lists; none when there is no list, or no server at the moment.
    async fn voices(&self) -> Vec<VoiceInfo> {
        Vec::new()
    }

    /// See [`Synthesizer::trouble`].
    fn trouble(&self) -> Option<String> {
        None
    }
}

/// An engine that has a limit for everything.
pub(super) struct Remote<S> {
    name: EngineName,
    version: String,
    roster: Roster,
    /// Voices that it offers beyond those of the roster, for those who ask for one by its name.
    more: Vec<VoiceInfo>,
    limits: Limits,
    speaker: S,
}

impl<S: Speaker> Remote<S> {
    pub(super) fn new(name: EngineName, version: String, roster: Roster, limits: Limits, speaker: S) -> Self {
        Self { name, version, roster, more: Vec::new(), limits, speaker }
    }

    /// The same engine, with the voices that the server itself lists, if it does so now.
    pub(super) async fn introduced(mut self) -> Self {
        let listed = timeout(INTRODUCTION, self.speaker.voices()).await.unwrap_or_default();
        self.more = listed.into_iter().filter(|voice| !self.roster.has(&voice.id)).collect();
        self
    }

    fn voices(&self) -> impl Iterator<Item = &VoiceInfo> {
        self.roster.voices().iter().chain(&self.more)
    }

    async fn piece(&self, text: &str, utterance: &Utterance) -> Result<Encoded, SynthError> {
        let spoken = timeout(self.limits.timeout, self.speaker.speak(text, utterance)).await;
        spoken.map_err(|_| too_slow())?
    }
}

#[async_trait]
impl<S: Speaker> Synthesizer for Remote<S> {
    fn id(&self) -> &'static str {
        self.name.as_str()
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn voice_for(&self, language: &str, asked: Option<&str>) -> Option<String> {
        let named = asked.and_then(|asked| self.voices().find(|voice| voice.id == asked));
        named.map(|voice| voice.id.as_str()).or_else(|| self.roster.choose(language)).map(str::to_owned)
    }

    fn info(&self) -> EngineInfo {
        EngineInfo {
            id: self.id().into(),
            voices: self.voices().cloned().collect(),
            languages: self.roster.languages(),
        }
    }

    fn trouble(&self) -> Option<String> {
        self.speaker.trouble()
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn requests(&self, text: &str) -> usize {
        split(text, self.limits.request).len()
    }

    async fn synthesize(&self, utterance: &Utterance) -> Result<Vec<Encoded>, SynthError> {
        // The voice goes into addresses, headers and environments: only one that is listed may.
        if !self.voices().any(|voice| voice.id == utterance.voice) {
            return Err(SynthError::Rejected("has no such voice".to_owned()));
        }
        let mut spoken = Vec::new();
        for piece in split(&utterance.text, self.limits.request) {
            let file = self.piece(piece.text, utterance).await?;
            spoken.push(Encoded { pause_after: piece.end.pause(), ..file });
        }
        Ok(spoken)
    }
}

pub(super) fn unavailable(reason: impl Into<String>) -> SynthError {
    SynthError::Unavailable { reason: reason.into(), retry_after: None }
}

pub(super) fn too_slow() -> SynthError {
    unavailable("did not answer in time")
}

pub(super) fn oversized() -> SynthError {
    SynthError::Corrupt("sent far more than speech".to_owned())
}

/// The rate in hundredths, as the cache tells them apart: 1.1 is not to be sent as 1.100000023841858.
pub(super) fn factor(rate: f32) -> f64 {
    f64::from(hundredths(rate)) / 100.0
}

/// The rate, unless it is the voice's own.
pub(super) fn other_rate(rate: f32) -> Option<f64> {
    (hundredths(rate) != 100).then(|| factor(rate))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within 0..=1000")]
fn hundredths(rate: f32) -> u16 {
    (rate * 100.0).round().clamp(0.0, 1_000.0) as u16
}
