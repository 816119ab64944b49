//! `GET /voices`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pregon_core::{EngineInfo, VoiceInfo};
use serde::Serialize;
use utoipa::ToSchema;

use crate::site::Site;

/// A voice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VoiceView {
    /// What to write as `voice`.
    #[schema(example = "es-419")]
    voice: String,
    /// Its language tag.
    #[schema(example = "es-419")]
    language: String,
}

/// An engine with its voices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EngineView {
    /// What to write as `engine`.
    #[schema(example = "espeak")]
    engine: String,
    /// Languages it speaks.
    languages: Vec<String>,
    /// Voices to choose from; none when the engine chooses.
    voices: Vec<VoiceView>,
}

impl From<&EngineInfo> for EngineView {
    fn from(EngineInfo { id, voices, languages }: &EngineInfo) -> Self {
        let voice = |VoiceInfo { id, language }: &VoiceInfo| VoiceView {
            voice: id.clone(),
            language: language.clone(),
        };
        Self { engine: id.clone(), languages: languages.clone(), voices: voices.iter().map(voice).collect() }
    }
}

/// The engines that are configured.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VoiceList {
    /// In the order in which they are tried.
    engines: Vec<EngineView>,
    /// The language of texts that name none.
    default_language: String,
}

/// Lists engines, languages and voices.
#[utoipa::path(
    get, path = "/voices", tag = "calls",
    responses((status = 200, description = "What can be asked for", body = VoiceList))
)]
pub(crate) async fn list_voices(State(site): State<Arc<Site>>) -> Json<VoiceList> {
    Json(VoiceList {
        engines: site.api.repertoire.engines.iter().map(Into::into).collect(),
        default_language: site.api.language.clone(),
    })
}
