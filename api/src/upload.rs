//! `POST /audio`: sound to be aired.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use pregon_core::{Caller, NotKept, Role};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body;
use crate::problem::{ApiError, Away, Problem};
use crate::site::Site;

/// Sound that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AudioKept {
    /// What `audio` of `POST /tts/broadcast` takes. The same bytes have the same id.
    #[schema(example = "7c9e40d1a2b3c4d5e6f708192a3b4c5d6e7f8091")]
    id: String,
    /// Length in seconds, without the silence around it.
    #[schema(example = 12.4)]
    seconds: f64,
}

/// Keeps a WAV or MP3 file of up to 32 MiB and 10 minutes, to be aired.
///
/// It is decoded to its end before the answer: what was kept can be played.
#[utoipa::path(
    post, path = "/audio", tag = "air",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file itself"),
    responses(
        (status = 201, description = "Kept", body = AudioKept),
        (status = 408, description = "It did not arrive within 150 s", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "More than 32 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not audio, or broken", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn post_audio(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<AudioKept>), ApiError> {
    if caller.role == Role::Viewer {
        return Err(ApiError::Forbidden("a viewer key changes nothing"));
    }
    let bytes = body::read_any(&headers, body, body::AUDIO).await?;
    match site.api.shelf.keep(bytes.into()).await {
        Ok(kept) => Ok((StatusCode::CREATED, Json(AudioKept { id: kept.id, seconds: kept.seconds }))),
        Err(NotKept::NotAudio(why)) => Err(ApiError::field("body", why)),
        Err(NotKept::Unavailable(why)) => Err(ApiError::Unavailable(Away::Store, why)),
    }
}
