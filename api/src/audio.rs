//! `GET /jobs/{job_id}/audio`: what the callee hears.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use pregon_core::{Caller, Clip};
use tokio::fs::File;

use crate::extract::JobPath;
use crate::inside;
use crate::problem::{ApiError, Problem};
use crate::site::Site;
use crate::sound;

/// What became of audio that was rendered and is not here.
const GONE: &str = "the audio of this job is not kept any more, since the cache made room for newer announcements, or it \
    lies on another machine; POST /speech/preview with the same text speaks it again";

/// Plays the announcement of a job, as a WAV file.
#[utoipa::path(
    get, path = "/jobs/{job_id}/audio", tag = "jobs",
    params(
        ("job_id" = String, Path, description = "The job"),
        ("Range" = Option<String>, Header, description = "One range of bytes"),
    ),
    responses(
        (status = 200, description = "The whole file", body = Vec<u8>, content_type = "audio/wav"),
        (status = 206, description = "The range asked for", body = Vec<u8>, content_type = "audio/wav"),
        (status = 404, description = "No such job, nothing to hear yet, or not kept any more", body = Problem,
            content_type = "application/problem+json"),
        (status = 416, description = "The range lies outside the file", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_audio(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    JobPath(id): JobPath,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let job = site.job(&caller, id).await?;
    let clip =
        job.clip.ok_or_else(|| ApiError::Missing("nothing was rendered for this job yet".to_owned()))?;
    sound::send_file(open(&site, &clip).await?, &id.to_string(), &headers).await
}

/// Opens the file of a clip. What is there is whole.
pub(crate) async fn open(site: &Site, clip: &Clip) -> Result<File, ApiError> {
    let path = clip.stem(Path::new("")).ok_or_else(elsewhere)?.with_extension("wav");
    inside::open_soon(&site.api.audio_dir, path).await.map_err(|error| unopened(&error))
}

/// What to answer when a file of the audio folder cannot be opened.
pub(crate) fn unopened(error: &io::Error) -> ApiError {
    if error.kind() == ErrorKind::NotFound { elsewhere() } else { ApiError::Internal(error.to_string()) }
}

fn elsewhere() -> ApiError {
    ApiError::Missing(GONE.to_owned())
}
