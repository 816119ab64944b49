//! `POST /vendors/jambonz`: jambonz asks for speech as it asks any vendor of one's own making.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use pregon_core::{Caller, Medium, Speech};
use serde_json::Value;
use utoipa::ToSchema;

use crate::body;
use crate::fields::Fields;
use crate::problem::{ApiError, FieldError, Problem};
use crate::request::{MAX_TEXT, Rules};
use crate::site::Site;
use crate::sound;
use crate::speaker::{chosen, readable, unspoken};

/// What jambonz asks for.
#[derive(Clone, Debug, ToSchema)]
#[schema(example = json!({"language": "es-CO", "voice": "espeak:es-419", "type": "text", "text": "Su cita es mañana"}))]
#[expect(dead_code, reason = "the schema of the request; it is read field by field")]
pub(crate) struct VendorRequest {
    /// Language tag of the text; `DEFAULT_LANGUAGE` when absent.
    language: Option<String>,
    /// A voice, with or without its engine and a colon before it; the usual one of the language when absent.
    voice: Option<String>,
    /// `text` or `ssml`.
    #[schema(rename = "type", pattern = "^(text|ssml)$", default = "text")]
    kind: Option<String>,
    /// What to say.
    #[schema(min_length = 1, max_length = 5000)]
    text: String,
}

/// Says a text for jambonz: a WAV file of 8 kHz, as for calls.
///
/// In the portal, make a custom speech vendor with this address, and an API key as its key.
#[utoipa::path(
    post, path = "/vendors/jambonz", tag = "speech",
    request_body = VendorRequest,
    responses(
        (status = 200, description = "The sound", body = Vec<u8>, content_type = "audio/wav"),
        (status = 400, description = "No valid JSON", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "More than 1 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not declared as JSON", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "Fields that cannot be taken, all of them named", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "No engine can speak it at the moment", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn post_vendor(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let bytes = body::read(&headers, body, body::SINGLE).await?;
    let speech = read(body::parse(&bytes)?, &site.rules).map_err(ApiError::Invalid)?;
    let client = site.client(&caller);
    let booth = &site.api.booth;
    let clip = booth.record(&speech, Medium::Call, client.as_deref()).await;
    let clip = clip.map_err(|why| unspoken("text", why))?;
    let gone = || ApiError::Internal("a clip that was just recorded is not there".to_owned());
    let path = booth.recording(&clip.hash).await.ok_or_else(gone)?;
    // The whole of it, whatever range was asked for: this answers a POST.
    sound::send(&path, &clip.hash, &HeaderMap::new()).await?.ok_or_else(gone)
}

/// Reads one request. Fields that we do not know are left alone: jambonz may send more some day.
fn read(value: Value, rules: &Rules) -> Result<Speech, Vec<FieldError>> {
    let mut fields = Fields::of(value, "body").map_err(|e| vec![e])?;
    let text = fields.need("text");
    let text = fields.any_text("text", text, MAX_TEXT).map(|text| readable(&text).replace('\n', " "));
    if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
        fields.refuse("text", "is empty");
    }
    let ssml = fields.parsed("type", 40, |word: &str| match word {
        "text" => Ok(false),
        "ssml" => Ok(true),
        _ => Err("must be text or ssml"),
    });
    let voice = fields.parsed("voice", MAX_TEXT, |name: &str| Ok::<_, &str>(name.to_owned()));
    let chosen = chosen(&mut fields, rules, None, voice.as_deref());
    fields.end()?;
    // Without errors it is there.
    let Some(text) = text else { return Err(Vec::new()) };
    Ok(Speech {
        text,
        language: chosen.language,
        voice: chosen.voice,
        engine: chosen.engine,
        rate: None,
        ssml: ssml.unwrap_or(false),
    })
}
