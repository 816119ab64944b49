//! Speech that is heard before it is sent.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use pregon_core::{Booth, Clip, Medium, NotRecorded, Reading, Segment, Speech};
use pregon_text::{Piece, Say, Script};
use tokio::sync::Semaphore;

use crate::address::Address;
use crate::disk::Tree;
use crate::joint::Part;
use crate::plan::Plan;
use crate::render::Outlet;
use crate::studio::{SpeechError, Studio, blocking};

/// Recordings made at once for people who try things out: the rest of the machine is for what is sent.
static PLACES: Semaphore = Semaphore::const_new(2);

#[async_trait]
impl Booth for Studio {
    async fn read(
        &self,
        speech: &Speech,
        medium: Medium,
        client: Option<&str>,
    ) -> Result<Reading, NotRecorded> {
        let script = self.script(speech, client).map_err(not_recorded)?;
        let outlet = outlet(medium);
        let Some((engine, plan)) = self.first_plan(speech, &script, outlet) else {
            return Err(NotRecorded::Refused("no configured engine speaks the language".to_owned()));
        };
        let clip = self.there(plan.rendition, outlet).await;
        let characters = if clip.is_some() { 0 } else { self.unspoken(&plan).await };
        Ok(Reading {
            text: script.spoken(),
            segments: segments(&script),
            engine: engine.to_owned(),
            voice: plan.voice,
            characters,
            clip,
        })
    }

    async fn record(
        &self,
        speech: &Speech,
        medium: Medium,
        client: Option<&str>,
    ) -> Result<Clip, NotRecorded> {
        let script = self.script(speech, client).map_err(not_recorded)?;
        self.record_script(script, speech, medium, client).await
    }

    fn price(&self, engine: &str) -> f64 {
        self.engines().find(|known| known.id() == engine).map_or(0.0, |known| known.limits().price)
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
    /// The clip of a script, as [`Studio::said`] gives it. What is there already waits for nobody. What was begun goes on
    /// when nobody waits for it any more: the engine has been asked, and whoever asks again finds it.
    pub(crate) async fn record_script(
        &self,
        script: Arc<Script>,
        speech: &Speech,
        medium: Medium,
        client: Option<&str>,
    ) -> Result<Clip, NotRecorded> {
        let outlet = outlet(medium);
        if let Some((_, plan)) = self.first_plan(speech, &script, outlet)
            && let Some(clip) = self.there(plan.rendition, outlet).await
        {
            return Ok(clip);
        }
        let place = PLACES.acquire().await;
        let (studio, speech, client) = (self.clone(), speech.clone(), client.map(str::to_owned));
        let recording = tokio::spawn(async move {
            let _place = place;
            studio.said(&script, &speech, client.as_deref(), outlet).await
        });
        let gone = |error: tokio::task::JoinError| NotRecorded::Unavailable {
            why: format!("it could not be spoken: {error}"),
            retry_after: None,
        };
        recording.await.map_err(gone)?.map_err(not_recorded)
    }

    /// Characters of what the engine has not said before, for whatever medium.
    async fn unspoken(&self, plan: &Plan) -> u64 {
        let takes = plan.parts.iter().filter_map(|part| match part {
            Part::Sound(take) => Some((take.master, take.utterance.text.chars().count() as u64)),
            Part::Pause(_) | Part::Mark(_) => None,
        });
        let (cache, takes) = (self.cache(), takes.collect::<BTreeMap<_, _>>());
        let total: u64 = takes.values().sum();
        let unspoken = blocking(move || {
            let missing =
                takes.iter().filter(|(master, _)| cache.load_master(Tree::Masters, **master).is_none());
            missing.map(|(_, characters)| characters).sum()
        });
        unspoken.await.unwrap_or(total)
    }
}

fn outlet(medium: Medium) -> Outlet {
    match medium {
        Medium::Call => Outlet::Call,
        Medium::Air => Outlet::Air,
    }
}

fn segments(script: &Script) -> Vec<Segment> {
    let segment = |piece: &Piece| match piece {
        Piece::Say(Say { text, language, .. }) => {
            Some(Segment::Words { text: text.clone(), language: language.clone() })
        }
        Piece::Pause(length) => Some(Segment::Pause(*length)),
        Piece::Mark(_) => None,
    };
    script.pieces().iter().filter_map(segment).collect()
}

pub(crate) fn not_recorded(error: SpeechError) -> NotRecorded {
    let SpeechError { retry, message, retry_after } = error;
    if retry { NotRecorded::Unavailable { why: message, retry_after } } else { NotRecorded::Refused(message) }
}
