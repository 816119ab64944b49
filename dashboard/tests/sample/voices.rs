//! Three engines, one of which rests, and a cache that is a tenth full.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pregon_core::book::{Health, Month, Standing};
use pregon_core::{
    CacheDown, CacheFigures, EngineInfo, EngineLook, EngineRoom, Lineup, Purge, Purged, Repertoire,
    SoundCache, VoiceInfo, clock,
};
use pregon_dashboard::Voices;

use super::booth::Booth;

/// The voices that `booth` speaks with.
pub(crate) fn voices(booth: Arc<Booth>) -> Voices {
    let sample = Arc::new(Sample);
    Voices { booth, repertoire: repertoire(), engines: sample.clone(), cache: sample }
}

/// A cloud with more voices than a page, one that chooses by language, and espeak.
fn repertoire() -> Repertoire {
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

struct Sample;

#[async_trait]
impl EngineRoom for Sample {
    async fn lineup(&self, client: Option<&str>) -> Lineup {
        let now = clock::now();
        let well = Standing { health: Health::Ready, since: None, trouble: None };
        let rests = Standing {
            health: Health::Resting(Duration::from_secs(90)),
            since: Some(now),
            trouble: Some((now, "answered 429 <too many>".to_owned())),
        };
        let look = |id: &str, local, standing: &Standing, budget| EngineLook {
            id: id.to_owned(),
            local,
            standing: standing.clone(),
            missing: None,
            voices: 2,
            rate: None,
            price: 0.0,
            budget,
            used: if client.is_some() { 7 } else { 12_300 },
        };
        let google = EngineLook {
            missing: Some("set GOOGLE_CLOUD_TTS_KEY".to_owned()),
            ..look("gcloud", false, &well, None)
        };
        let engines =
            vec![look("azure", false, &rests, Some(100_000)), google, look("espeak", true, &well, None)];
        Lineup { month: Month::of(now.millis() * 1_000), engines, accounts: Vec::new() }
    }
}

#[async_trait]
impl SoundCache for Sample {
    async fn figures(&self) -> Result<CacheFigures, CacheDown> {
        let (bytes, limit) = (214_748_364, Some(2 << 30));
        let figures =
            CacheFigures { bytes, files: 1_312, limit, hits: 978, misses: 22, ..CacheFigures::default() };
        Ok(CacheFigures { evicted: 4, damaged: 1, ..figures })
    }

    async fn purge(&self, _: &Purge) -> Result<Purged, CacheDown> {
        Err(CacheDown("nobody purges from a page".to_owned()))
    }
}
