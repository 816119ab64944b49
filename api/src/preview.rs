//! `POST /speech/preview`: hearing what would be said before it is sent, and `GET /speech/previews/{id}`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use pregon_core::{Caller, Clip, Medium, Reading, Segment, Speech};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body;
use crate::fields::Fields;
use crate::problem::{ApiError, FieldError, Problem};
use crate::request::{Rules, speaker};
use crate::site::Site;
use crate::sound;
use crate::speaker::unspoken;
use crate::wording::{Wording, wording};

/// Every field that a preview may have.
const FIELDS: [&str; 9] = ["text", "ssml", "fields", "language", "voice", "engine", "rate", "audio", "for"];

/// Something to be heard before it is sent.
#[derive(Clone, Debug, ToSchema)]
#[schema(example = json!({"text": "El Concejo sesiona hoy a las 18:30", "language": "es-CO", "for": "air"}))]
#[expect(dead_code, reason = "the schema of the request; it is read field by field")]
pub(crate) struct PreviewRequest {
    /// What to say.
    #[schema(min_length = 1, max_length = 5000)]
    text: String,
    /// Language tag of the text; `DEFAULT_LANGUAGE` when absent.
    #[schema(required = false, example = "es")]
    language: String,
    /// A voice by name: see `GET /voices`.
    voice: Option<String>,
    /// The engine to try first; the configured chain when absent.
    engine: Option<String>,
    /// Speaking rate; 1 is the voice's own.
    #[schema(minimum = 0.5, maximum = 2.0)]
    rate: Option<f32>,
    /// Whether the text is SSML; plain text otherwise.
    #[schema(default = false)]
    ssml: Option<bool>,
    /// What the gaps of the text are filled with, as in a call.
    #[schema(value_type = Option<Object>)]
    fields: Option<BTreeMap<String, Value>>,
    /// Whether it is spoken now. If not, no engine is asked: `seconds` and `audio_url` are there only where the same was
    /// spoken before.
    #[schema(default = true)]
    audio: Option<bool>,
    /// `call` or `air`: how it sounds on the telephone (8 kHz) or on the radio (48 kHz).
    #[schema(rename = "for", pattern = "^(call|air)$", default = "call")]
    medium: Option<String>,
}

/// A stretch of what is said: either `text` with its `language`, or silence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SegmentView {
    /// The words as they are spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Their language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    /// So much silence, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_ms: Option<u64>,
}

impl From<Segment> for SegmentView {
    fn from(segment: Segment) -> Self {
        match segment {
            Segment::Words { text, language } => {
                Self { text: Some(text), language: Some(language), pause_ms: None }
            }
            Segment::Pause(span) => Self { text: None, language: None, pause_ms: Some(millis(span)) },
        }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// What speaking it takes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CostView {
    /// Characters that an engine is asked to speak; 0 when the same was spoken before.
    #[schema(example = 58)]
    characters: u64,
    /// What the engine charges for that, in the currency of the operator.
    #[schema(example = 0.00087)]
    amount: f64,
    /// Whether the same was spoken before.
    cached: bool,
}

/// What would be heard.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewView {
    /// The words as they are spoken.
    normalised_text: String,
    /// The same in the order in which they are heard, with the pauses.
    segments: Vec<SegmentView>,
    /// The engine that spoke; the one that would be asked first where nothing was spoken.
    #[schema(example = "espeak")]
    engine: String,
    /// Its voice.
    #[schema(example = "es-419")]
    voice: String,
    /// Length in seconds; absent where nothing was spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    /// What speaking it takes.
    cost: CostView,
    /// Where the audio lies; absent where nothing was spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/speech/previews/7c9e40d1a2b3c4d5e6f708192a3b4c5d6e7f8091")]
    audio_url: Option<String>,
    /// Why an engine that comes first did not speak.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<String>,
}

impl PreviewView {
    fn of(reading: Reading, clip: Option<Clip>, price: impl Fn(&str) -> f64) -> Self {
        let Reading { text, segments, engine, voice, characters, .. } = reading;
        let cached = clip.as_ref().is_some_and(|clip| clip.cached);
        let segments = segments.into_iter().map(Into::into).collect();
        let audio_url = clip.as_ref().map(|clip| format!("/speech/previews/{}", clip.hash));
        let seconds = clip.as_ref().map(|clip| clip.seconds);
        let (engine, voice, fallback) = match clip {
            Some(clip) => (clip.engine, clip.voice, clip.fallback),
            None => (engine, voice, None),
        };
        let characters = if cached { 0 } else { characters };
        let cost = CostView { characters, amount: amount(characters, price(&engine)), cached };
        Self { normalised_text: text, segments, engine, voice, seconds, cost, audio_url, fallback }
    }
}

/// `price` is that of a million characters, so in millionths it is that of one.
#[expect(clippy::cast_precision_loss, reason = "a text has thousands of characters")]
fn amount(characters: u64, price: f64) -> f64 {
    (characters as f64 * price).round() / 1e6
}

/// Says what would be spoken, and speaks it, without calling or announcing.
///
/// What is spoken here need not be spoken again when it is sent: the job finds it in the cache.
#[utoipa::path(
    post, path = "/speech/preview", tag = "speech",
    request_body = PreviewRequest,
    responses(
        (status = 200, description = "What would be heard", body = PreviewView),
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
pub(crate) async fn post_preview(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<PreviewView>, ApiError> {
    let bytes = body::read(&headers, body, body::SINGLE).await?;
    let asked = read(body::parse(&bytes)?, &site.rules).map_err(ApiError::Invalid)?;
    let client = site.client(&caller);
    let (booth, client) = (&site.api.booth, client.as_deref());
    let reading =
        booth.read(&asked.speech, asked.medium, client).await.map_err(|why| unspoken("text", why))?;
    let clip = match &reading.clip {
        Some(clip) => Some(clip.clone()),
        None if asked.audio => Some(
            booth.record(&asked.speech, asked.medium, client).await.map_err(|why| unspoken("text", why))?,
        ),
        None => None,
    };
    Ok(Json(PreviewView::of(reading, clip, |engine| booth.price(engine))))
}

/// Plays what a preview spoke, as a WAV file.
#[utoipa::path(
    get, path = "/speech/previews/{id}", tag = "speech",
    params(
        ("id" = String, Path, description = "From `audio_url`: 40 hex digits"),
        ("Range" = Option<String>, Header, description = "One range of bytes"),
    ),
    responses(
        (status = 200, description = "The whole file", body = Vec<u8>, content_type = "audio/wav"),
        (status = 206, description = "The range asked for", body = Vec<u8>, content_type = "audio/wav"),
        (status = 404, description = "Nothing was spoken under that id, or it is not kept any more", body = Problem,
            content_type = "application/problem+json"),
        (status = 416, description = "The range lies outside the file", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_preview(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let gone = || ApiError::Missing("there is no such preview; ask for it again".to_owned());
    let path = site.api.booth.recording(&id).await.ok_or_else(gone)?;
    sound::send(&path, &id, &headers).await?.ok_or_else(gone)
}

/// A preview that was read.
struct Preview {
    speech: Speech,
    medium: Medium,
    audio: bool,
}

/// Reads one preview. All that is wrong with it is told at once.
fn read(value: Value, rules: &Rules) -> Result<Preview, Vec<FieldError>> {
    let mut fields = Fields::of(value, "body").map_err(|e| vec![e])?;
    let text = fields.need("text");
    let (language, engine, voice) = speaker(&mut fields, rules);
    let text = wording(&mut fields, text, &language, rules);
    let rate = fields.number("rate", &(0.5..=2.0));
    let audio = fields.flag("audio").unwrap_or(true);
    let medium = fields.parsed("for", 40, medium).unwrap_or(Medium::Call);
    fields.finish(&FIELDS)?;
    // Without errors it is there.
    let Some(Wording { text, ssml }) = text else { return Err(Vec::new()) };
    Ok(Preview { speech: Speech { text, language, voice, engine, rate, ssml }, medium, audio })
}

pub(crate) fn medium(word: &str) -> Result<Medium, &'static str> {
    match word {
        "call" => Ok(Medium::Call),
        "air" => Ok(Medium::Air),
        _ => Err("must be call or air"),
    }
}
