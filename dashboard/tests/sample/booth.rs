//! Somebody who speaks, with the one clip of the samples.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use pregon_core::{Clip, EngineInfo, Medium, NotRecorded, Reading, Repertoire, Segment, Speech, VoiceInfo};

use super::day::CLIP;

/// What it can say: a cloud with more voices than a page, and espeak.
pub(crate) fn repertoire() -> Repertoire {
    let engine = |id: &str, voices: Vec<VoiceInfo>, languages: &[&str]| EngineInfo {
        id: id.to_owned(),
        voices,
        languages: languages.iter().map(|language| (*language).to_owned()).collect(),
    };
    let voice = |id: String, language: &str| VoiceInfo { id, language: language.to_owned() };
    let many =
        (1..=70).map(|n| voice(format!("en-{n}"), "en-US")).chain([voice("Salomé".to_owned(), "es-CO")]);
    let few = vec![voice("es-419".to_owned(), "es-419"), voice("en-gb".to_owned(), "en-GB")];
    Repertoire {
        engines: vec![
            engine("azure", many.collect(), &["es", "en"]),
            engine("espeak", few, &["es", "en"]),
            engine("google", Vec::new(), &["es", "en", "fr"]),
        ],
    }
}

/// Speaks Spanish and English, and reads half past six as it is said.
pub(crate) struct Booth {
    audio_dir: PathBuf,
    mute: AtomicBool,
}

impl Booth {
    pub(crate) fn over(audio_dir: PathBuf) -> Self {
        Self { audio_dir, mute: AtomicBool::default() }
    }

    pub(crate) fn fall_silent(&self, mute: bool) {
        self.mute.store(mute, Ordering::SeqCst);
    }
}

#[async_trait]
impl pregon_core::Booth for Booth {
    async fn read(&self, speech: &Speech, _: Medium, _: Option<&str>) -> Result<Reading, NotRecorded> {
        if !["es", "en"].iter().any(|language| speech.language.starts_with(language)) {
            return Err(NotRecorded::Refused("no configured engine speaks the language".to_owned()));
        }
        let text = speech.text.replace("18:30", "seis y media de la tarde");
        let segments = vec![Segment::Words { text: text.clone(), language: speech.language.clone() }];
        let characters = text.chars().count() as u64;
        let (engine, voice) = ("espeak".to_owned(), "es-419".to_owned());
        Ok(Reading { text, segments, engine, voice, characters, clip: None })
    }

    async fn record(&self, _: &Speech, _: Medium, _: Option<&str>) -> Result<Clip, NotRecorded> {
        if self.mute.load(Ordering::SeqCst) {
            return Err(NotRecorded::Unavailable { why: "espeak is missing".to_owned(), retry_after: None });
        }
        Ok(Clip {
            hash: CLIP.to_owned(),
            seconds: 7.2,
            lufs: -19.0,
            peak_dbtp: -2.1,
            engine: "espeak".to_owned(),
            voice: "es-419".to_owned(),
            cached: false,
            fallback: None,
        })
    }

    async fn recording(&self, hash: &str) -> Option<PathBuf> {
        (hash == CLIP).then(|| self.audio_dir.join(&CLIP[..2]).join(CLIP).with_extension("wav"))
    }
}
