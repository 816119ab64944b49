//! `POST /v1/audio/speech`: a text becomes sound, which is sent while it is being spoken.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use pregon_core::{Caller, NotRecorded, Recital};
use serde_json::json;

use super::FailureView;
use super::request::{self, SpeechRequest};
use crate::body;
use crate::problem::ApiError;
use crate::site::Site;
use crate::speaker::unspoken;

/// Says a text, in the form of OpenAI's API.
///
/// The answer begins when the first sentence is spoken; `flac` and `mp3` come when all of it is. If an engine fails in the
/// middle the answer is cut off, which a client sees as an error. Nobody is called, and nothing is announced.
#[utoipa::path(
    post, path = "/v1/audio/speech", tag = "openai",
    request_body = SpeechRequest,
    responses(
        (status = 200, description = "The sound, with the media type of the format: `audio/mpeg`, `audio/ogg` (Opus), \
            `audio/flac`, `audio/wav`, `audio/pcm`; or events (`text/event-stream`)", body = Vec<u8>,
            content_type = "audio/wav"),
        (status = 400, description = "A field cannot be taken; the first is in `param`", body = FailureView),
        (status = 401, description = "No key, or not a valid one", body = FailureView),
        (status = 403, description = "The key does not allow it", body = FailureView),
        (status = 413, description = "More than 1 MiB", body = FailureView),
        (status = 415, description = "Not declared as JSON", body = FailureView),
        (status = 429, description = "More requests per second than the key may make", body = FailureView),
        (status = 500, description = "A fault of the API; its log has the cause", body = FailureView),
        (status = 503, description = "No engine can speak it at the moment", body = FailureView),
    )
)]
pub(crate) async fn post_speech(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let bytes = body::read(&headers, body, body::SINGLE).await?;
    let reciter = &site.api.reciter;
    let asked =
        request::read(body::parse(&bytes)?, &site.rules, reciter.formats()).map_err(ApiError::Invalid)?;
    let client = site.client(&caller);
    let recital = reciter.recite(&asked.speech, asked.format, client.as_deref()).await;
    let recital = recital.map_err(|why| unspoken("input", why))?;
    let (media_type, body) = if asked.events {
        let characters = asked.speech.text.chars().count();
        ("text/event-stream", Body::from_stream(events(recital, characters).map(Ok::<_, NotRecorded>)))
    } else {
        (asked.format.media_type(), Body::from_stream(recital))
    };
    Ok(([(header::CONTENT_TYPE, media_type)], body).into_response())
}

/// The sound as events. OpenAI counts tokens, which nobody has here: characters stand in their place.
fn events(recital: Recital, characters: usize) -> BoxStream<'static, String> {
    let done = json!({
        "type": "speech.audio.done",
        "usage": {"input_tokens": characters, "output_tokens": 0, "total_tokens": characters},
    });
    let pieces = recital.map(|piece| match piece {
        Ok(bytes) => (json!({"type": "speech.audio.delta", "audio": BASE64_STANDARD.encode(bytes)}), false),
        Err(why) => {
            let problem = unspoken("input", why).problem();
            (json!({"type": "error", "error": FailureView::from(&problem).error()}), true)
        }
    });
    let ended = (pieces.boxed(), Some(done));
    // The last event is either the error or that all is said.
    stream::unfold(Some(ended), |state| async {
        let (mut pieces, done) = state?;
        match pieces.next().await {
            Some((event, true)) => Some((event, None)),
            Some((event, false)) => Some((event, Some((pieces, done)))),
            None => Some((done?, None)),
        }
    })
    .map(|event| format!("data: {event}\n\n"))
    .boxed()
}
