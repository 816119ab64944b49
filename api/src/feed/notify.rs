//! `POST /asf/internal/notify_new_audio`: a file becomes a stream.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use pregon_core::{Caller, clock};
use serde::Serialize;
use utoipa::ToSchema;

use super::socket::LONGEST_ID;
use super::source;
use crate::body;
use crate::fields::Fields;
use crate::inside;
use crate::problem::{ApiError, Problem};
use crate::site::Site;

/// Longest path, in characters.
const LONGEST_PATH: usize = 1_024;

/// A file of the audio folder, to be heard as a stream.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the request; it is read field by field")]
pub(crate) struct NewAudio {
    /// The name that listeners join it by, up to 128 characters. The id of a job stays the job's.
    #[schema(example = "strm_abcdef12345", min_length = 1, max_length = 128)]
    stream_id: String,
    /// Where it lies: a file in `AUDIO_DIR`, by its absolute path or by its path in that folder. wav, mp3, ogg, oga,
    /// opus, flac, m4a, aac or webm. It may still be growing.
    #[schema(example = "podcasts/strm_abcdef12345.mp3", max_length = 1024)]
    filepath: String,
}

/// It can be joined.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AudioNoticed {
    /// In words.
    #[schema(example = "the stream can be joined for 24 hours")]
    message: String,
    /// The name that listeners join it by.
    #[schema(example = "strm_abcdef12345")]
    stream_id: String,
}

/// Makes a file of the audio folder a stream of the audio feed.
///
/// For programs that make audio of their own. The stream can be joined for 24 hours, by the key that announced it and
/// by admin and viewer keys; the same key may announce it again. A key has 1,000 of them: the oldest gives way. They
/// are kept in memory.
#[utoipa::path(
    post, path = "/asf/internal/notify_new_audio", tag = "air",
    request_body = NewAudio,
    responses(
        (status = 200, description = "It can be joined", body = AudioNoticed),
        (status = 422, description = "Not a file of the audio folder, or the id is in use", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn notify_new_audio(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<AudioNoticed>, ApiError> {
    let bytes = body::read(&headers, body, body::SINGLE).await?;
    let (id, given) = read(&bytes)?;
    let path = locate(&site.api.audio_dir, PathBuf::from(given)).await?;
    if !site.registry.keep(&caller, site.client(&caller), &id, &path, clock::now()) {
        return Err(ApiError::field(
            "stream_id",
            "is in use by another key, or the file is; choose another one",
        ));
    }
    let hours = super::registry::KEPT.as_secs() / 3_600;
    Ok(Json(AudioNoticed { message: format!("the stream can be joined for {hours} hours"), stream_id: id }))
}

fn read(bytes: &[u8]) -> Result<(String, String), ApiError> {
    let mut fields =
        Fields::of(body::parse(bytes)?, "body").map_err(|error| ApiError::Invalid(vec![error]))?;
    let id = fields.need("stream_id");
    let id = fields.text("stream_id", id, LONGEST_ID);
    let path = fields.need("filepath");
    let path = fields.text("filepath", path, LONGEST_PATH);
    for (name, text) in [("stream_id", &id), ("filepath", &path)] {
        if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            fields.refuse(name, "must not be empty");
        }
    }
    fields.finish(&["stream_id", "filepath"]).map_err(ApiError::Invalid)?;
    // Both are there when nothing was refused.
    id.zip(path).ok_or_else(|| ApiError::field("body", "needs stream_id and filepath"))
}

/// The path below the audio folder. All that is wrong with a place outside of it is answered alike: nobody learns
/// from here what else there is on the machine.
async fn locate(folder: &Path, given: PathBuf) -> Result<PathBuf, ApiError> {
    const OUTSIDE: &str = "must be a file inside AUDIO_DIR, without .. and symbolic links";
    let root = folder.to_owned();
    let below = tokio::task::spawn_blocking(move || inside::below(&root, &given)).await;
    let below = below.map_err(|error| ApiError::Internal(error.to_string()))?;
    let path = below.ok_or_else(|| ApiError::field("filepath", OUTSIDE))?;
    if source::kind(&path).is_none() {
        let kinds = "must end in .wav, .mp3, .ogg, .oga, .opus, .flac, .m4a, .aac or .webm";
        return Err(ApiError::field("filepath", kinds));
    }
    match inside::open_soon(folder, path.clone()).await {
        Ok(_) => Ok(path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(ApiError::field("filepath", "names no file in AUDIO_DIR"))
        }
        Err(_) => Err(ApiError::field("filepath", OUTSIDE)),
    }
}
