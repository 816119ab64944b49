//! `POST /tts/broadcast`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use pregon_core::{Caller, Content, Job, JobId, Recording, clock};

use crate::air::{self, BroadcastRequest, Sound};
use crate::body;
use crate::idempotency::{Keyed, Undone, accepted, once};
use crate::problem::{ApiError, Problem};
use crate::site::Site;
use crate::view::Accepted;

/// Announces a text, or a recording, on the air of a station.
///
/// The answer comes when the job is stored and its queue has confirmed it. The job is `completed` when it was heard to
/// its end; `outcome` tells when its first sample left the encoder. With an `Idempotency-Key` the request can be repeated
/// safely for 24 hours.
#[utoipa::path(
    post, path = "/tts/broadcast", tag = "air",
    params(("Idempotency-Key" = Option<String>, Header, description = "Up to 255 visible ASCII characters; the same \
        key with the same body makes the job once, and is answered as the first time")),
    request_body = BroadcastRequest,
    responses(
        (status = 202, description = "Accepted", body = Accepted,
            headers(("Location" = String, description = "The job's status"),
                ("Idempotent-Replay" = String, description = "`true` on a repeated answer"))),
        (status = 400, description = "No valid JSON", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The same request is being carried out", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "More than 1 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not declared as JSON", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "Fields that cannot be taken, all of them named", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn post_broadcast(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let bytes = body::read(&headers, body, body::SINGLE).await?;
    let keyed = Keyed::of(&caller, &headers, "/tts/broadcast", &bytes)?;
    let client = site.client(&caller);
    once(Arc::clone(&site), keyed, move |ids| async move {
        let now = clock::now();
        let asked = body::parse(&bytes)
            .and_then(|value| air::read(value, &site.rules, now).map_err(ApiError::Invalid))
            .map_err(Undone::cleanly)?;
        let content = content(&site, &caller, &asked.sound).await.map_err(Undone::cleanly)?;
        let job = Job::accept(ids.id(0, now), asked.into_spec(content), client, now);
        site.submit_one(&job, now).await?;
        accepted(&job)
    })
    .await
}

/// What is to be heard. What does not exist is an error now, not when it should be aired.
async fn content(site: &Site, caller: &Caller, sound: &Sound) -> Result<Content, ApiError> {
    let audio = match sound {
        Sound::Speech(speech) => return Ok(Content::Speech(speech.clone())),
        Sound::Audio(audio) => audio,
    };
    if let Ok(id) = audio.parse::<JobId>() {
        return match site.job(caller, id).await {
            Ok(job) => Ok(job.spec.content),
            Err(ApiError::NoJob(_)) => Err(ApiError::field("audio", format!("there is no job {id}"))),
            Err(error) => Err(error),
        };
    }
    if site.api.shelf.keeps(audio).await {
        return Ok(Content::Audio(Recording { id: audio.clone() }));
    }
    Err(ApiError::field("audio", "is neither the id of a job nor of a file sent to POST /audio"))
}
