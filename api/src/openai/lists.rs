//! `GET /v1/models` and `GET /v1/audio/voices`: what clients of OpenAI's API fill their menus with.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::FailureView;
use super::request::CHAIN;
use crate::site::Site;

/// A voice that can be asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VoiceEntry {
    /// What to write as `voice`.
    #[schema(example = "espeak:es-419")]
    id: String,
    /// What to show.
    #[schema(example = "es-419 (espeak)")]
    name: String,
    /// Its language tag; absent where the engine speaks several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "es-419")]
    language: Option<String>,
}

/// The voices there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VoiceMenu {
    /// In the order in which engines are tried.
    voices: Vec<VoiceEntry>,
}

/// Lists the voices, in the form that servers like this one have agreed on.
#[utoipa::path(
    get, path = "/v1/audio/voices", tag = "openai",
    responses((status = 200, description = "What can be written as `voice`", body = VoiceMenu),
        (status = 401, description = "No key, or not a valid one", body = FailureView))
)]
pub(crate) async fn list_voices(State(site): State<Arc<Site>>) -> Json<VoiceMenu> {
    let mut voices = Vec::new();
    for engine in &site.rules.repertoire.engines {
        let id = &engine.id;
        // One that chooses by itself is a voice, too.
        if engine.voices.is_empty() {
            voices.push(VoiceEntry { id: id.clone(), name: id.clone(), language: None });
        }
        voices.extend(engine.voices.iter().map(|voice| VoiceEntry {
            id: format!("{id}:{}", voice.id),
            name: format!("{} ({id})", voice.id),
            language: Some(voice.language.clone()),
        }));
    }
    Json(VoiceMenu { voices })
}

/// A model, which is an engine here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelEntry {
    /// What to write as `model`.
    #[schema(example = "pregon")]
    id: String,
    /// `model`.
    object: &'static str,
    /// When it was made: nobody knows.
    created: u64,
    /// `pregon`.
    owned_by: &'static str,
}

/// The models there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelMenu {
    /// `list`.
    object: &'static str,
    /// The chain of all engines, then each by itself.
    data: Vec<ModelEntry>,
}

/// Lists the models: the chain of engines as it is configured, and each engine.
#[utoipa::path(
    get, path = "/v1/models", tag = "openai",
    responses((status = 200, description = "What can be written as `model`", body = ModelMenu),
        (status = 401, description = "No key, or not a valid one", body = FailureView))
)]
pub(crate) async fn list_models(State(site): State<Arc<Site>>) -> Json<ModelMenu> {
    let engines = site.rules.repertoire.engines.iter().map(|engine| engine.id.as_str());
    let entry = |id: &str| ModelEntry { id: id.to_owned(), object: "model", created: 0, owned_by: CHAIN };
    Json(ModelMenu { object: "list", data: std::iter::once(CHAIN).chain(engines).map(entry).collect() })
}
