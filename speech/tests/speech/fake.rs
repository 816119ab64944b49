//! An engine under the test's control.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pregon_audio::{Encoding, Pcm, wav};
use pregon_core::{EngineInfo, Speech, VoiceInfo};
use pregon_speech::{Encoded, Length, Limits, Profile, Studio, SynthError, Synthesizer, Utterance};
use tokio::sync::Semaphore;

pub(crate) const CALL: Profile = Profile { lufs: -19.0, max_dbtp: -3.0 };

pub(crate) const UNLIMITED: Limits = Limits {
    request: Length::Characters(usize::MAX),
    timeout: Duration::from_mins(1),
    at_once: usize::MAX,
    rate: None,
    price: 0.0,
};

type Answer = dyn Fn(&Utterance) -> Result<Vec<Encoded>, SynthError> + Send + Sync;

/// Speaks Spanish and English with one voice, `<id>-voice`, and counts. The one with the id `local` needs nothing but
/// this machine.
pub(crate) struct Fake {
    id: &'static str,
    answer: Box<Answer>,
    asked: Mutex<Vec<Utterance>>,
    limits: Limits,
    /// Every utterance needs a permit.
    pub(crate) gate: Semaphore,
}

impl Fake {
    pub(crate) fn new(
        id: &'static str,
        answer: impl Fn(&Utterance) -> Result<Vec<Encoded>, SynthError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::within(UNLIMITED, id, answer)
    }

    pub(crate) fn within(
        limits: Limits,
        id: &'static str,
        answer: impl Fn(&Utterance) -> Result<Vec<Encoded>, SynthError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let (answer, asked) = (Box::new(answer), Mutex::default());
        Arc::new(Self { id, answer, asked, limits, gate: Semaphore::new(Semaphore::MAX_PERMITS) })
    }

    /// Never answers.
    pub(crate) fn hanging(id: &'static str) -> Arc<Self> {
        let fake = Self::speaking(id);
        fake.gate.forget_permits(Semaphore::MAX_PERMITS);
        fake
    }

    /// Speaks everything.
    pub(crate) fn speaking(id: &'static str) -> Arc<Self> {
        Self::new(id, |utterance| Ok(vec![spoken(utterance)]))
    }

    pub(crate) fn asked(&self) -> Vec<Utterance> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl Synthesizer for Fake {
    fn id(&self) -> &'static str {
        self.id
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn voice_for(&self, language: &str, asked: Option<&str>) -> Option<String> {
        let own = format!("{}-voice", self.id);
        let speaks = language.starts_with("es") || language.starts_with("en");
        asked
            .filter(|asked| *asked == format!("{}-other", self.id))
            .map(str::to_owned)
            .or(speaks.then_some(own))
    }

    fn info(&self) -> EngineInfo {
        let voices = vec![VoiceInfo { id: format!("{}-voice", self.id), language: "es".into() }];
        EngineInfo { id: self.id.into(), voices, languages: vec!["es".into(), "en".into()] }
    }

    fn local(&self) -> bool {
        self.id == "local"
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    async fn synthesize(&self, utterance: &Utterance) -> Result<Vec<Encoded>, SynthError> {
        self.asked.lock().unwrap().push(utterance.clone());
        self.gate.acquire().await.unwrap().forget();
        (self.answer)(utterance)
    }
}

/// A warble of 60 ms per character.
#[expect(clippy::cast_precision_loss, reason = "test maths")]
pub(crate) fn spoken(utterance: &Utterance) -> Encoded {
    let frames = utterance.text.chars().count() * 1_323;
    let warble = |n: usize| 0.4 * (n as f32 * 0.1).sin() * (n as f32 * 0.002).sin();
    Encoded::new(wav::encode(&Pcm::new(22_050, (0..frames).map(warble).collect())), None)
}

pub(crate) fn speech(text: &str) -> Speech {
    Speech { text: text.into(), language: "es".into(), voice: None, engine: None, rate: None, ssml: false }
}

pub(crate) fn studio(engines: &[Arc<Fake>], dir: &Path) -> Studio {
    let engines = engines.iter().map(|engine| Arc::clone(engine) as Arc<dyn Synthesizer>).collect();
    Studio::with_engines(engines, dir, CALL, vec![Encoding::Wav]).unwrap()
}

/// A file that somebody sends in.
#[expect(clippy::cast_precision_loss, reason = "test maths")]
pub(crate) fn warble(seconds: u32) -> Vec<u8> {
    let at = |n: u32| n as f32 / 22_050.0;
    let samples = (0..22_050 * seconds).map(|n| 0.2 * (at(n) * 2_765.0).sin() * (at(n) * 12.0).sin());
    wav::encode(&Pcm::new(22_050, samples.collect()))
}
