//! Somebody who speaks, with the one clip of the samples.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use pregon_core::{Clip, Medium, NotRecorded, Reading, Segment, Speech};

use super::day::CLIP;

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

    fn price(&self, _: &str) -> f64 {
        0.0
    }

    async fn recording(&self, hash: &str) -> Option<PathBuf> {
        (hash == CLIP).then(|| self.audio_dir.join(&CLIP[..2]).join(CLIP).with_extension("wav"))
    }
}
