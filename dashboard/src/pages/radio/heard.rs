//! An announcement that is heard before it is sent.

use pregon_core::{Booth, Medium, NotRecorded, Speech};

use super::Complaint;
use crate::House;
use crate::audio::envelope;
use crate::chart;

/// What was spoken of a form that is not sent yet.
pub(super) struct Heard {
    /// The words as they are spoken.
    pub(super) text: String,
    pub(super) wave: Option<String>,
    pub(super) seconds: f64,
    pub(super) engine: String,
    pub(super) voice: String,
    /// Why an engine that comes first did not speak.
    pub(super) fallback: Option<String>,
    /// Where this page plays it from.
    pub(super) audio: String,
}

impl Heard {
    /// Has it spoken as it would be on the air.
    pub(super) async fn record(
        house: &House,
        booth: &dyn Booth,
        speech: &Speech,
        client: Option<&str>,
    ) -> Result<Self, Complaint> {
        let reading = booth.read(speech, Medium::Air, client).await.map_err(|why| complaint(&why))?;
        let clip = match reading.clip {
            Some(clip) => clip,
            None => booth.record(speech, Medium::Air, client).await.map_err(|why| complaint(&why))?,
        };
        Ok(Self {
            text: reading.text,
            wave: envelope(&clip, &house.audio_dir).await.map(|envelope| chart::wave(&envelope)),
            seconds: clip.seconds,
            audio: format!("/previews/{}", clip.hash),
            engine: clip.engine,
            voice: clip.voice,
            fallback: clip.fallback,
        })
    }
}

fn complaint(why: &NotRecorded) -> Complaint {
    tracing::info!(%why, "a preview was not spoken");
    match why {
        NotRecorded::Refused(_) => Complaint::Unspeakable,
        NotRecorded::Unavailable { .. } => Complaint::Mute,
    }
}
