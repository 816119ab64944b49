//! Piper's HTTP server, today's and its elders.

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::fake::speech;
use crate::far::{Far, Heard, engine, engines, kind, long_text, refusal, say, sound, spoken_wav, studio};

const VOICES: &str = r#"{
    "es_ES-sharvard-medium": {"language": {"code": "es_ES"}, "audio": {"sample_rate": 22050}},
    "es_MX-ald-medium": {"language": {"code": "es_MX"}},
    "en_US-lessac-medium": {}
}"#;

fn args(far: &Far, voices: &str) -> Vec<String> {
    vec![
        "--tts-engines=piper".to_owned(),
        format!("--piper-url={}/", far.url),
        format!("--piper-voices={voices}"),
        "--tts-timeouts=piper=10".to_owned(),
    ]
}

const SHARVARD: &str = "es=es_ES-sharvard-medium";

/// piper-tts 1.8. Like the real one it speaks with its default voice when it lacks the one it is asked for.
fn today(heard: &Heard) -> Response {
    match (&heard.method, heard.path.as_str()) {
        (&Method::GET, "/voices") => refusal(200, VOICES),
        (&Method::POST, "/synthesize") => spoken(heard),
        (_, "/") => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// piper-tts 1.3: programs and people use the same door.
fn yesterday(heard: &Heard) -> Response {
    match (&heard.method, heard.path.as_str()) {
        (&Method::GET, "/voices") => refusal(200, VOICES),
        (&Method::POST, "/") => spoken(heard),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// rhasspy/piper: one voice, no list, and the body is the text.
fn long_ago(heard: &Heard) -> Response {
    match (&heard.method, heard.path.as_str()) {
        (&Method::POST, "/") => sound(spoken_wav(heard.text()), "text/html; charset=utf-8"),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn spoken(heard: &Heard) -> Response {
    sound(spoken_wav(heard.json()["text"].as_str().unwrap()), "text/html; charset=utf-8")
}

#[tokio::test]
async fn the_order_is_what_the_server_expects() {
    let far = Far::start(today).await;
    let engine = engine(&args(&far, SHARVARD)).await;
    say(&*engine, "Su cita es «mañana»", 1.0).await.unwrap();
    say(&*engine, "Su cita es hoy", 1.25).await.unwrap();
    let [first, second] = <[Heard; 2]>::try_from(far.orders()).unwrap();
    assert_eq!(
        (first.path.as_str(), first.header("content-type")),
        ("/synthesize", Some("application/json"))
    );
    assert_eq!(first.json(), json!({"text": "Su cita es «mañana»", "voice": "es_ES-sharvard-medium"}));
    assert_eq!(second.json()["length_scale"], json!(0.8), "sounds last longer when speech is slower");
}

#[tokio::test]
async fn a_label_of_text_on_a_wav_file_is_no_reason_to_refuse_it() {
    let (far, dir) = (Far::start(today).await, tempfile::tempdir().unwrap());
    let studio = studio(&args(&far, SHARVARD), dir.path()).await;
    let clip = studio.clip(&speech("Su cita de control es mañana"), None).await.unwrap();
    assert_eq!(
        (clip.engine.as_str(), clip.voice.as_str()),
        ("piper", "es_ES-sharvard-medium"),
        "{:?}",
        clip.fallback
    );
}

#[tokio::test]
async fn elders_are_asked_at_their_own_door() {
    let far = Far::start(yesterday).await;
    say(&*engine(&args(&far, SHARVARD)).await, "Su cita", 1.0).await.unwrap();
    let last = far.orders().pop().unwrap();
    assert_eq!((last.path.as_str(), &last.json()["text"]), ("/", &json!("Su cita")));

    let far = Far::start(long_ago).await;
    say(&*engine(&args(&far, SHARVARD)).await, "Su cita «mañana»", 1.0).await.unwrap();
    let last = far.orders().pop().unwrap();
    assert_eq!((last.path.as_str(), last.text()), ("/", "Su cita «mañana»"));
    assert_eq!(last.header("content-type"), Some("text/plain; charset=utf-8"));

    let two = engine(&args(&far, "es=es_ES-sharvard-medium,en=en_US-lessac-medium")).await;
    let error = say(&*two, "Su cita", 1.0).await.unwrap_err();
    assert!(error.to_string().contains("has one voice"), "it could only speak with the wrong one: {error}");
}

#[tokio::test]
async fn a_voice_that_the_server_lacks_is_noticed_before_it_speaks_with_another() {
    let far = Far::start(today).await;
    let engine = engine(&args(&far, "es=es_CO-nobody-low")).await;
    let error = say(&*engine, "Su cita", 1.0).await.unwrap_err();
    assert_eq!(kind(&error), "unavailable", "it can be installed while the job waits");
    assert!(error.to_string().contains("has no voice es_CO-nobody-low (PIPER_VOICES)"), "{error}");
    assert!(far.orders().is_empty(), "it was not asked to speak");
}

/// The server takes the extension off with `rstrip`, which takes the end of some names as well.
#[tokio::test]
async fn a_voice_that_the_server_misspells_is_known_all_the_same() {
    let far = Far::start(|heard: &Heard| match heard.method {
        Method::GET => refusal(200, r#"{"es_CO-marti": {}}"#),
        _ => spoken(heard),
    })
    .await;
    assert!(say(&*engine(&args(&far, "es=es_CO-martinson")).await, "Su cita", 1.0).await.is_ok());
    assert_eq!(far.orders()[0].json()["voice"], "es_CO-martinson");
    assert!(say(&*engine(&args(&far, "es=es_CO-martina")).await, "Su cita", 1.0).await.is_err());
}

#[tokio::test]
async fn the_voices_of_the_server_can_be_asked_for() {
    let far = Far::start(today).await;
    let engine = engine(&args(&far, SHARVARD)).await;
    let voices = engine.info().voices;
    assert!(
        voices.iter().any(|v| (v.id.as_str(), v.language.as_str()) == ("es_MX-ald-medium", "es-MX")),
        "{voices:?}"
    );
    assert!(voices.iter().any(|v| (v.id.as_str(), v.language.as_str()) == ("en_US-lessac-medium", "en-US")));
    assert_eq!(engine.voice_for("es-CO", Some("es_MX-ald-medium")).as_deref(), Some("es_MX-ald-medium"));
    assert_eq!(engine.voice_for("es-CO", None).as_deref(), Some("es_ES-sharvard-medium"));
}

#[tokio::test]
async fn long_texts_go_in_pieces() {
    let far = Far::start(today).await;
    let engine = engine(&args(&far, SHARVARD)).await;
    let text = long_text(4_100);
    assert_eq!(say(&*engine, &text, 1.0).await.unwrap().len(), engine.requests(&text));
    let sent: Vec<_> =
        far.orders().iter().map(|order| order.json()["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!((sent.len(), sent.join(" ")), (3, text));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    for (more, variable) in
        [("", "PIPER_URL is not set"), ("--piper-url=http://h", "PIPER_VOICES is not set")]
    {
        let args: Vec<_> = ["--tts-engines=espeak,piper", more]
            .iter()
            .filter(|a| !a.is_empty())
            .map(|a| (*a).to_owned())
            .collect();
        let error = engines(&args).await.err().unwrap();
        assert!(error.starts_with(variable) && !error.contains('\n'), "{error}");
    }
}
