//! A speech that was spoken for whoever is at a form, as the template `take.html` plays it.

use pregon_core::{Booth, Medium, NotRecorded, Speech};

use crate::House;
use crate::audio::envelope;
use crate::chart;
use crate::words::Language;

/// What was spoken of a form that is not sent yet.
pub(crate) struct Heard {
    /// The words as they are spoken.
    pub(crate) text: String,
    pub(crate) wave: Option<String>,
    pub(crate) seconds: f64,
    pub(crate) engine: String,
    pub(crate) voice: String,
    /// Why an engine that comes first did not speak.
    pub(crate) fallback: Option<String>,
    /// Where this page plays it from.
    pub(crate) audio: String,
    pub(crate) wave_label: String,
}

impl Heard {
    /// Has it spoken as it would be on that medium.
    pub(crate) async fn record(
        house: &House,
        booth: &dyn Booth,
        speech: &Speech,
        medium: Medium,
        client: Option<&str>,
        language: Language,
    ) -> Result<Self, NotRecorded> {
        let reading = booth.read(speech, medium, client).await?;
        let clip = match reading.clip {
            Some(clip) => clip,
            None => booth.record(speech, medium, client).await?,
        };
        Ok(Self {
            text: reading.text,
            wave: envelope(&clip, &house.audio_dir).await.map(|envelope| chart::wave(&envelope)),
            wave_label: (language.words().wave_label)(&language.seconds(clip.seconds)),
            seconds: clip.seconds,
            audio: format!("/previews/{}", clip.hash),
            engine: clip.engine,
            voice: clip.voice,
            fallback: clip.fallback,
        })
    }
}
