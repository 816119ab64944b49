//! `POST /speech/prerender`: speaking texts before they are needed.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use pregon_core::{Booth, Caller, Clip, Medium, NotRecorded, Role, Speech};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use crate::body;
use crate::fields::Fields;
use crate::preview::medium;
use crate::problem::{ApiError, FieldError, Problem};
use crate::request::{Rules, speaker};
use crate::site::Site;
use crate::wording::whole;

/// Every field that the request may have.
const FIELDS: [&str; 7] = ["texts", "language", "voice", "engine", "rate", "ssml", "for"];

/// Most texts of one request.
const MAX_TEXTS: usize = 500;

/// Texts that are spoken at the same time, for each request: the rest of the machine is for jobs.
const AT_ONCE: usize = 1;

/// The same for all requests together.
static TURNS: Semaphore = Semaphore::const_new(1);

/// Texts to be spoken before they are needed.
#[derive(Clone, Debug, ToSchema)]
#[schema(example = json!({"texts": ["Su cita es mañana", "Su cita es hoy"], "language": "es-CO", "for": "call"}))]
#[expect(dead_code, reason = "the schema of the request; it is read field by field")]
pub(crate) struct PrerenderRequest {
    /// What to speak.
    #[schema(min_items = 1, max_items = 500)]
    texts: Vec<String>,
    /// Language tag of the texts; `DEFAULT_LANGUAGE` when absent.
    #[schema(required = false, example = "es")]
    language: String,
    /// A voice by name: see `GET /voices`.
    voice: Option<String>,
    /// The engine to try first; the configured chain when absent.
    engine: Option<String>,
    /// Speaking rate; 1 is the voice's own.
    #[schema(minimum = 0.5, maximum = 2.0)]
    rate: Option<f32>,
    /// Whether the texts are SSML; plain text otherwise.
    #[schema(default = false)]
    ssml: Option<bool>,
    /// `call` or `air`: to be heard on the telephone or on the radio.
    #[schema(rename = "for", pattern = "^(call|air)$", default = "call")]
    medium: Option<String>,
}

/// What became of one text: a line of the answer.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct PrerenderedLine {
    /// Which of the texts, counted from 0.
    index: usize,
    /// `spoken` now, `cached` before, or `failed`.
    #[schema(pattern = "^(spoken|cached|failed)$")]
    status: &'static str,
    /// Length in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    /// The engine that spoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    engine: Option<String>,
    /// Its voice.
    #[serde(skip_serializing_if = "Option::is_none")]
    voice: Option<String>,
    /// Why an engine that comes first did not speak.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Whether the same may work later.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<bool>,
}

impl PrerenderedLine {
    fn of(index: usize, result: Result<Clip, NotRecorded>) -> Self {
        let (why, retry) = match result {
            Ok(clip) => {
                return Self {
                    index,
                    status: if clip.cached { "cached" } else { "spoken" },
                    seconds: Some(clip.seconds),
                    engine: Some(clip.engine),
                    voice: Some(clip.voice),
                    fallback: clip.fallback,
                    ..Self::default()
                };
            }
            Err(NotRecorded::Refused(why)) => (why, false),
            Err(NotRecorded::Unavailable { why, .. }) => (why, true),
        };
        Self { index, status: "failed", error: Some(why), retry: Some(retry), ..Self::default() }
    }
}

/// Speaks texts before they are needed: jobs with the same text find them in the cache.
///
/// The answer is one line of JSON for each text, in their order, sent when it is done. Whoever hangs up stops what was
/// not begun. Nobody is called, and nothing is announced.
#[utoipa::path(
    post, path = "/speech/prerender", tag = "speech",
    request_body = PrerenderRequest,
    responses(
        (status = 200, description = "A line for each text", body = PrerenderedLine,
            content_type = "application/x-ndjson"),
        (status = 400, description = "No valid JSON", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not for this key", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "More than 16 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields that cannot be taken, all of them named", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn post_prerender(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    if caller.role == Role::Viewer {
        return Err(ApiError::Forbidden("a viewer key changes nothing"));
    }
    let bytes = body::read(&headers, body, body::BATCH).await?;
    let (speeches, medium) = read(body::parse(&bytes)?, &site.rules).map_err(ApiError::Invalid)?;
    let lines = lines(Arc::clone(&site.api.booth), speeches, medium, site.client(&caller));
    let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((kind, Body::from_stream(lines)).into_response())
}

fn lines(
    booth: Arc<dyn Booth>,
    speeches: Vec<Speech>,
    medium: Medium,
    client: Option<String>,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    let record = move |(index, speech): (usize, Speech)| {
        let (booth, client) = (Arc::clone(&booth), client.clone());
        async move {
            // All of them together leave a place to those who wait for an answer.
            let _turn = TURNS.acquire().await;
            PrerenderedLine::of(index, booth.record(&speech, medium, client.as_deref()).await)
        }
    };
    stream::iter(speeches.into_iter().enumerate()).map(record).buffered(AT_ONCE).map(|line| {
        let mut line = serde_json::to_vec(&line).unwrap_or_default();
        line.push(b'\n');
        Ok(line.into())
    })
}

/// Reads the request. All that is wrong with it is told at once.
fn read(value: Value, rules: &Rules) -> Result<(Vec<Speech>, Medium), Vec<FieldError>> {
    let mut fields = Fields::of(value, "body").map_err(|e| vec![e])?;
    let texts = match fields.need("texts") {
        Some(Value::Array(texts)) if (1..=MAX_TEXTS).contains(&texts.len()) => texts,
        Some(Value::Array(_)) => {
            fields.refuse("texts", format_args!("must hold 1 to {MAX_TEXTS} texts"));
            Vec::new()
        }
        Some(_) => {
            fields.refuse("texts", "must be a list of texts in brackets");
            Vec::new()
        }
        None => Vec::new(),
    };
    let (language, engine, voice) = speaker(&mut fields, rules);
    let rate = fields.number("rate", &(0.5..=2.0));
    let ssml = fields.flag("ssml").unwrap_or(false);
    let mut readable = Vec::with_capacity(texts.len());
    for (index, text) in texts.into_iter().enumerate() {
        readable.extend(whole(&mut fields, &format!("texts[{index}]"), text, (&language, ssml), rules));
    }
    let medium = fields.parsed("for", 40, medium).unwrap_or(Medium::Call);
    fields.finish(&FIELDS)?;
    let speech = |text: String| Speech {
        text,
        language: language.clone(),
        voice: voice.clone(),
        engine: engine.clone(),
        rate,
        ssml,
    };
    Ok((readable.into_iter().map(speech).collect(), medium))
}
