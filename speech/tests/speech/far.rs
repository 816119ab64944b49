//! A server at the far end of an engine, under the test's control; and engines as the settings make them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use clap::Parser;
use futures_util::{Stream, StreamExt as _, stream};
use pregon_audio::{Encoding, Pcm, wav};
use pregon_core::EngineBook;
use pregon_speech::{Encoded, SpeechArgs, Studio, SynthError, Synthesizer, Utterance, configured};
use serde_json::Value;

use crate::fake::{CALL, Fake};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) method: Method,
    /// With the query.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Heard {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

type Answer = dyn Fn(&Heard) -> Response + Send + Sync;

#[derive(Clone)]
pub(crate) struct Far {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    answer: Arc<Answer>,
}

impl Far {
    pub(crate) async fn start(answer: impl Fn(&Heard) -> Response + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let far = Self { url, heard: Arc::default(), answer: Arc::new(answer) };
        let router = Router::new().fallback(hear).with_state(far.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        far
    }

    /// What was asked, without the lists of voices that engines fetch.
    pub(crate) fn orders(&self) -> Vec<Heard> {
        self.heard().into_iter().filter(|heard| heard.method == Method::POST).collect()
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

async fn hear(State(far): State<Far>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let heard = Heard { method: parts.method, path: parts.uri.to_string(), headers: parts.headers, body };
    far.heard.lock().unwrap().push(heard.clone());
    (far.answer)(&heard)
}

/// An address where nobody listens.
pub(crate) async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

pub(crate) fn sound(bytes: Vec<u8>, content_type: &'static str) -> Response {
    ([(header::CONTENT_TYPE, content_type)], bytes).into_response()
}

pub(crate) fn refusal(status: u16, body: &'static str) -> Response {
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, "application/json")], body)
        .into_response()
}

/// The beginning of an answer, and then `rest`.
pub(crate) fn begin(rest: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static) -> Response {
    let start = stream::iter([Ok(Bytes::from_static(b"RIFF"))]);
    Body::from_stream(start.chain(rest)).into_response()
}

/// A byte every 20 ms, for ever: each comes in time, the whole never does.
pub(crate) fn drip() -> Response {
    begin(stream::unfold(tokio::time::interval(Duration::from_millis(20)), async |mut clock| {
        clock.tick().await;
        Some((Ok(Bytes::from_static(b"x")), clock))
    }))
}

/// Bytes without end, counted.
pub(crate) fn flood(sent: Arc<AtomicUsize>) -> Response {
    let chunk = Bytes::from(vec![b'x'; 64 << 10]);
    begin(stream::repeat_with(move || {
        sent.fetch_add(chunk.len(), Ordering::Relaxed);
        Ok(chunk.clone())
    }))
}

/// 60 ms of warble for each character, as a WAV file of 24 kHz.
#[expect(clippy::cast_precision_loss, reason = "test maths")]
pub(crate) fn spoken_wav(text: &str) -> Vec<u8> {
    let warble = |n: usize| 0.4 * (n as f32 * 0.1).sin() * (n as f32 * 0.002).sin();
    wav::encode(&Pcm::new(24_000, (0..text.chars().count() * 1_440).map(warble).collect()))
}

#[derive(Parser)]
pub(crate) struct Program {
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
}

fn settings(args: &[String]) -> Result<SpeechArgs, String> {
    let name = "pregon".to_owned();
    let program = Program::try_parse_from(std::iter::once(&name).chain(args));
    program.map(|program| program.speech).map_err(|error| error.to_string())
}

/// The engines as configured with these arguments.
pub(crate) async fn engines(args: &[String]) -> Result<Vec<Arc<dyn Synthesizer>>, String> {
    configured(&settings(args)?).await
}

/// A studio as configured with these arguments.
pub(crate) async fn open(
    args: &[String],
    dir: &std::path::Path,
    book: Option<Arc<dyn EngineBook>>,
) -> Studio {
    Studio::open(&settings(args).unwrap(), dir, book).await.unwrap()
}

pub(crate) async fn engine(args: &[String]) -> Arc<dyn Synthesizer> {
    engines(args).await.unwrap().remove(0)
}

/// That engine, and one behind it that always speaks.
pub(crate) async fn studio(args: &[String], dir: &std::path::Path) -> Studio {
    let engines: Vec<Arc<dyn Synthesizer>> = vec![engine(args).await, Fake::speaking("fake")];
    Studio::with_engines(engines, dir, CALL, vec![Encoding::Wav]).unwrap()
}

/// Has the engine say `text` in Colombian Spanish with the voice it has for that.
pub(crate) async fn say(engine: &dyn Synthesizer, text: &str, rate: f32) -> Result<Vec<Encoded>, SynthError> {
    let voice = engine.voice_for("es-CO", None).unwrap();
    engine.synthesize(&Utterance { text: text.into(), language: "es-CO".into(), voice, rate }).await
}

pub(crate) fn kind(error: &SynthError) -> &'static str {
    match error {
        SynthError::Unavailable { .. } => "unavailable",
        SynthError::Limited { .. } => "limited",
        SynthError::Busy { .. } => "busy",
        SynthError::Rejected(_) => "rejected",
        SynthError::Corrupt(_) => "corrupt",
        SynthError::Denied(_) => "denied",
        SynthError::Unaffordable(_) => "unaffordable",
        SynthError::Late => "late",
    }
}

/// A text of more than `most` characters, in sentences.
pub(crate) fn long_text(most: usize) -> String {
    let mut text = String::new();
    while text.chars().count() <= most {
        text.push_str("Su cita de control es mañana, a las tres y media de la tarde. ");
    }
    text.trim_end().to_owned()
}
