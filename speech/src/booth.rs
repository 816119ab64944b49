//! Speech that is heard before it is sent.

use std::path::PathBuf;

use async_trait::async_trait;
use pregon_core::{Booth, Clip, Medium, NotRecorded, Reading, Segment, Speech};
use tokio::sync::Semaphore;

use crate::address::Address;
use crate::render::Outlet;
use crate::studio::{Found, SpeechError, Studio, blocking, clip};
use crate::text::normalised;

/// Recordings made at once for people who try things out: the rest of the machine is for what is sent.
static PLACES: Semaphore = Semaphore::const_new(2);

#[async_trait]
impl Booth for Studio {
    async fn read(
        &self,
        speech: &Speech,
        medium: Medium,
        _client: Option<&str>,
    ) -> Result<Reading, NotRecorded> {
        let text = normalised(&speech.text);
        if text.is_empty() {
            return Err(NotRecorded::Refused("there is nothing in the text that can be spoken".to_owned()));
        }
        let outlet = match medium {
            Medium::Call => Outlet::Call,
            Medium::Air => Outlet::Air,
        };
        let Some((engine, choice)) = self.first_choice(speech, outlet) else {
            return Err(NotRecorded::Refused("no configured engine speaks the language".to_owned()));
        };
        let clip = self.there(choice.rendition, outlet).await;
        let spoken = clip.is_some() || self.was_spoken(choice.master).await;
        let characters = if spoken { 0 } else { text.chars().count() as u64 };
        let segments = vec![Segment::Words { text: text.clone(), language: speech.language.clone() }];
        Ok(Reading { text, segments, engine: engine.to_owned(), voice: choice.voice, characters, clip })
    }

    async fn record(
        &self,
        speech: &Speech,
        medium: Medium,
        _client: Option<&str>,
    ) -> Result<Clip, NotRecorded> {
        let _place = PLACES.acquire().await;
        let clip = match medium {
            Medium::Call => self.clip(speech).await,
            Medium::Air => self.air_clip(speech).await,
        };
        clip.map_err(not_recorded)
    }

    async fn recording(&self, hash: &str) -> Option<PathBuf> {
        let address = Address::parse(hash)?;
        let call = self.there(address, Outlet::Call).await;
        let clip = match call {
            Some(clip) => clip,
            None => self.there(address, Outlet::Air).await?,
        };
        Some(clip.stem(self.audio_dir())?.with_extension("wav"))
    }
}

impl Studio {
    /// Whether the engine has said it before, for whatever medium.
    async fn was_spoken(&self, master: Address) -> bool {
        let cache = self.cache();
        blocking(move || cache.load_master(master).is_some()).await.unwrap_or(false)
    }

    async fn there(&self, address: Address, outlet: Outlet) -> Option<Clip> {
        let cache = self.cache();
        let entry = match cache.hot(address) {
            Some(entry) => Some(entry),
            None => blocking(move || cache.load(address, outlet)).await.ok()?,
        };
        entry.map(|entry| clip(address, &Found { entry, before: true }, None))
    }
}

fn not_recorded(error: SpeechError) -> NotRecorded {
    let SpeechError { retry, message, retry_after } = error;
    if retry { NotRecorded::Unavailable { why: message, retry_after } } else { NotRecorded::Refused(message) }
}
