//! The Google engine against a server that speaks its contract.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use base64::Engine as _;
use futures_util::stream;
use pregon_audio::Encoding;
use pregon_speech::{Encoded, Google, Health, Pace, RequestRate, Studio, SynthError, Synthesizer, Utterance};
use url::Url;

use crate::fake::{CALL, Fake, speech};
use crate::far::{self, kind};

/// 0.55 s of 440 Hz at 24 kHz, mono: bare MP3 frames without a header that counts them, so that repeating the file
/// makes it longer.
const TONE: &[u8] = include_bytes!("../data/tone.mp3");

#[derive(Clone, Copy)]
enum Reply {
    Speech,
    Truncated,
    NoAudio,
    Junk,
    Status(u16),
    Sorry,
    Elsewhere,
    Silence,
    Drip,
    Flood,
    CutOff,
}

#[derive(Clone)]
struct Server {
    reply: Reply,
    calls: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    strays: Arc<Mutex<Vec<String>>>,
    url: Url,
}

impl Server {
    async fn start(reply: Reply) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let server = Self { reply, calls: Arc::default(), strays: Arc::default(), url };
        let router = Router::new()
            .route("/_/TranslateWebserverUi/data/batchexecute", post(answer))
            .fallback(any(stray))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        server
    }

    fn engine(&self) -> Google {
        let pace = Pace {
            rate: RequestRate { requests: 1_000, per: Duration::from_secs(1) },
            burst: 100,
            patience: Duration::from_secs(5),
            timeout: Duration::from_millis(500),
        };
        Google::new(&self.url, pace).unwrap()
    }

    fn studio(&self, dir: &std::path::Path) -> Studio {
        let engines: Vec<Arc<dyn Synthesizer>> = vec![Arc::new(self.engine()), Fake::speaking("fake")];
        Studio::with_engines(engines, dir, CALL, vec![Encoding::Wav]).unwrap()
    }

    /// What was asked: text, language, slow.
    fn asked(&self) -> Vec<(String, String, bool)> {
        self.calls.lock().unwrap().iter().map(|(_, body)| arguments(body)).collect()
    }
}

fn arguments(body: &str) -> (String, String, bool) {
    let fields: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).collect();
    assert_eq!(fields[0].0, "f.req");
    let call: serde_json::Value = serde_json::from_str(&fields[0].1).unwrap();
    assert_eq!((&call[0][0][0], &call[0][0][3]), (&"jQ1olc".into(), &"generic".into()));
    let inner: serde_json::Value = serde_json::from_str(call[0][0][1].as_str().unwrap()).unwrap();
    assert_eq!(inner[3], "null");
    (inner[0].as_str().unwrap().into(), inner[1].as_str().unwrap().into(), inner[2] == true)
}

async fn stray(State(server): State<Server>, uri: axum::http::Uri) -> StatusCode {
    server.strays.lock().unwrap().push(uri.to_string());
    StatusCode::OK
}

async fn answer(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let (text, ..) = arguments(&body);
    server.calls.lock().unwrap().push((headers, body));
    let speech = |repeat| envelope(&TONE.repeat(repeat));
    match server.reply {
        // About 55 ms of tone per character.
        Reply::Speech => speech(1 + text.chars().count() / 10).into_response(),
        Reply::Truncated => envelope(&TONE[..300]).into_response(),
        Reply::NoAudio => r#"[["wrb.fr","jQ1olc",null,null,null,[3],"generic"]]"#.into_response(),
        Reply::Junk => "<!doctype html><title>Before you continue</title>".into_response(),
        Reply::Status(code) => StatusCode::from_u16(code).unwrap().into_response(),
        Reply::Sorry => (StatusCode::FOUND, [(header::LOCATION, "/sorry/index?continue=x")]).into_response(),
        Reply::Elsewhere => (StatusCode::FOUND, [(header::LOCATION, "/consent")]).into_response(),
        Reply::Silence => start(stream::pending()),
        Reply::Drip => far::drip(),
        Reply::Flood => far::flood(Arc::default()),
        Reply::CutOff => start(stream::iter([Err(std::io::Error::other("cut off"))])),
    }
}

/// The beginning of an answer, and then `rest`.
fn start(rest: impl stream::Stream<Item = std::io::Result<Bytes>> + Send + 'static) -> Response {
    use futures_util::StreamExt as _;
    let start = Ok(Bytes::from_static(b")]}'\n\n[[\"wrb.fr\",\"jQ1olc\",\"[\\\"//"));
    Body::from_stream(stream::iter([start]).chain(rest)).into_response()
}

fn envelope(mp3: &[u8]) -> String {
    let base64 = base64::engine::general_purpose::STANDARD.encode(mp3);
    let inner = serde_json::json!([base64]).to_string();
    let line = serde_json::json!([["wrb.fr", "jQ1olc", inner, null, null, null, "generic"], ["di", 19]]);
    format!(")]}}'\n\n{line}")
}

fn utterance(text: &str) -> Utterance {
    Utterance { text: text.into(), language: "es-CO".into(), voice: "es".into(), rate: 1.0 }
}

async fn say(server: &Server, text: &str) -> Result<Vec<Encoded>, SynthError> {
    server.engine().synthesize(&utterance(text)).await
}

const LONG: &str = "Buenos días. Le llamamos de la clínica San Rafael para recordarle su cita de control con la \
                    doctora Gómez, mañana a las tres de la tarde. ¿Puede venir media hora antes? Traiga su documento.";

#[tokio::test]
async fn a_browser_asks_for_short_pieces_in_order() {
    let server = Server::start(Reply::Speech).await;
    let pieces = say(&server, LONG).await.unwrap();
    let asked = server.asked();
    assert_eq!(pieces.len(), asked.len());
    assert!(asked.iter().all(|(_, language, slow)| language == "es" && !slow));
    let texts: Vec<_> = asked.iter().map(|(text, ..)| text.as_str()).collect();
    let sentences = [
        "Buenos días",
        "Le llamamos de la clínica San Rafael para recordarle su cita de control con la doctora Gómez",
        "mañana a las tres de la tarde",
        "Puede venir media hora antes?",
        "Traiga su documento.",
    ];
    assert_eq!(texts, sentences);
    let pauses: Vec<_> = pieces.iter().map(|piece| piece.pause_after.as_millis()).collect();
    assert_eq!(pauses, [300, 0, 300, 300, 300], "a pause after each sentence, none after a comma");

    let (headers, _) = server.calls.lock().unwrap()[0].clone();
    assert_eq!(headers[header::CONTENT_TYPE], "application/x-www-form-urlencoded;charset=utf-8");
    assert!(headers[header::USER_AGENT].to_str().unwrap().starts_with("Mozilla/5.0"));
    assert_eq!(headers[header::REFERER], server.url.as_str());
}

#[tokio::test]
async fn pieces_become_one_clip() {
    let (dir, server) = (tempfile::tempdir().unwrap(), Server::start(Reply::Speech).await);
    let clip = server.studio(dir.path()).clip(&speech(LONG), None).await.unwrap();
    assert_eq!((clip.engine.as_str(), clip.voice.as_str(), clip.fallback), ("google", "es", None));
    assert!((9.0..20.0).contains(&clip.seconds) && (clip.lufs + 19.0).abs() <= 1.0, "{}", clip.seconds);
}

#[tokio::test]
async fn slow_speech_is_asked_for_as_such() {
    let server = Server::start(Reply::Speech).await;
    server.engine().synthesize(&Utterance { rate: 0.6, ..utterance("hola") }).await.unwrap();
    assert!(server.asked()[0].2);
}

#[tokio::test]
async fn a_blocked_address_stays_away_for_ten_minutes() {
    for reply in [Reply::Status(429), Reply::Sorry] {
        let (dir, server) = (tempfile::tempdir().unwrap(), Server::start(reply).await);
        let studio = server.studio(dir.path());
        for text in ["Su cita es hoy", "Su cita es mañana"] {
            let clip = studio.clip(&speech(text), None).await.unwrap();
            assert_eq!(clip.engine, "fake");
            assert!(clip.fallback.unwrap().contains("blocks this address"));
        }
        assert_eq!(server.asked().len(), 1, "asked once and then left alone");
        assert!(server.strays.lock().unwrap().is_empty(), "no redirect is followed");
        let Health::Resting(rest) = studio.engines_health()[0].health else { panic!("not resting") };
        assert!(rest > Duration::from_secs(590) && rest <= Duration::from_mins(10), "{rest:?}");
    }
}

#[tokio::test]
async fn what_went_wrong_decides_what_happens_next() {
    let table = [
        (Reply::NoAudio, "rejected", "sent no audio"),
        (Reply::Junk, "corrupt", "did not answer as it used to"),
        (Reply::Status(400), "rejected", "refused the text with 400"),
        (Reply::Status(403), "unavailable", "answered 403"),
        (Reply::Status(503), "unavailable", "answered 503"),
        (Reply::Elsewhere, "unavailable", "answered 302"),
        (Reply::Silence, "unavailable", "did not answer in time"),
        (Reply::Drip, "unavailable", "did not answer in time"),
        (Reply::Flood, "corrupt", "sent far more than speech"),
        (Reply::CutOff, "unavailable", "broke off"),
    ];
    for (reply, expected, words) in table {
        let server = Server::start(reply).await;
        let error = say(&server, "Su cita es mañana").await.unwrap_err();
        assert_eq!(kind(&error), expected, "{error:?}");
        assert!(error.to_string().contains(words), "{error:?} does not say: {words}");
        assert!(server.strays.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn nobody_listening_is_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let error = Google::new(&url, Pace::default()).unwrap().synthesize(&utterance("hola")).await.unwrap_err();
    assert!(error.to_string().contains("cannot be reached"), "{error}");
}

#[tokio::test]
async fn truncated_audio_is_never_cached() {
    let (dir, server) = (tempfile::tempdir().unwrap(), Server::start(Reply::Truncated).await);
    let studio = server.studio(dir.path());
    for _ in 0..2 {
        let clip = studio.clip(&speech("Su cita de control es mañana a las tres"), None).await.unwrap();
        assert_eq!(clip.engine, "fake", "{:?}", clip.fallback);
    }
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn too_many_requests_of_our_own_move_along_without_waiting() {
    let server = Server::start(Reply::Speech).await;
    let hour = Duration::from_hours(1);
    let pace = Pace {
        rate: RequestRate { requests: 1, per: hour },
        burst: 1,
        patience: Duration::ZERO,
        timeout: hour,
    };
    let google = Google::new(&server.url, pace).unwrap();
    assert!(google.synthesize(&utterance("hola")).await.is_ok());
    let error = google.synthesize(&utterance("hola")).await.unwrap_err();
    assert!(matches!(error, SynthError::Busy { retry_after } if retry_after <= hour), "{error:?}");
    assert_eq!(server.asked().len(), 1);
}
