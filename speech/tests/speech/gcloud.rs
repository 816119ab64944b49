//! Google Cloud's contract.

use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pregon_speech::Length;
use serde_json::json;

use crate::fake::speech;
use crate::far::{Far, Heard, engine, engines, kind, long_text, refusal, say, spoken_wav, studio};

fn args(far: &Far) -> Vec<String> {
    vec![
        "--tts-engines=gcloud".to_owned(),
        format!("--google-cloud-tts-url={}", far.url),
        "--google-cloud-tts-key=k-123".to_owned(),
        "--google-cloud-tts-voices=es-419=es-US-Neural2-A,en=Charon".to_owned(),
    ]
}

fn text(heard: &Heard) -> String {
    heard.json()["input"]["text"].as_str().unwrap().to_owned()
}

fn neural(heard: &Heard) -> Response {
    axum::Json(json!({ "audioContent": STANDARD.encode(spoken_wav(&text(heard))) })).into_response()
}

#[tokio::test]
async fn the_order_is_what_the_service_expects() {
    let far = Far::start(neural).await;
    let engine = engine(&args(&far)).await;
    say(&*engine, "Su cita es \"mañana\"", 1.0).await.unwrap();
    say(&*engine, "Su cita es hoy", 4.0).await.unwrap();
    let [first, second] = <[Heard; 2]>::try_from(far.orders()).unwrap();
    assert_eq!((first.path.as_str(), first.header("x-goog-api-key")), ("/v1/text:synthesize", Some("k-123")));
    assert_eq!(
        first.json(),
        json!({
            "input": {"text": "Su cita es \"mañana\""},
            "voice": {"languageCode": "es-US", "name": "es-US-Neural2-A"},
            "audioConfig": {"audioEncoding": "LINEAR16"},
        })
    );
    assert_eq!(second.json()["audioConfig"]["speakingRate"], json!(2.0), "the most it takes");
}

#[tokio::test]
async fn its_answer_becomes_a_clip() {
    let (far, dir) = (Far::start(neural).await, tempfile::tempdir().unwrap());
    let clip = studio(&args(&far), dir.path())
        .await
        .clip(&speech("Su cita de control es mañana"), None)
        .await
        .unwrap();
    assert_eq!(
        (clip.engine.as_str(), clip.voice.as_str(), clip.fallback),
        ("gcloud", "es-US-Neural2-A", None)
    );
}

#[tokio::test]
async fn its_limit_is_in_bytes() {
    let far = Far::start(neural).await;
    let engine = engine(&args(&far)).await;
    assert_eq!(engine.limits().request, Length::Bytes(5_000));
    let rate = engine.limits().rate.unwrap();
    assert_eq!((rate.requests, rate.per.as_secs()), (1_000, 60));
    let long = long_text(4_990).replace('a', "á");
    assert!(long.chars().count() < 5_060 && long.len() > 5_000);
    say(&*engine, &long, 1.0).await.unwrap();
    let sent: Vec<_> = far.orders().iter().map(text).collect();
    assert!(sent.len() == 2 && sent.iter().all(|piece| piece.len() <= 5_000));
    assert_eq!(sent.join(" "), long);
}

#[tokio::test]
async fn answers_without_sound_are_told_apart() {
    for (body, words) in [
        (r#"{"audioContent":""}"#, "sent no audio"),
        (r#"{"audioContent":"a*"}"#, "sent damaged audio"),
        ("{}", "did not answer as it used to"),
    ] {
        let far = Far::start(move |_: &Heard| refusal(200, body)).await;
        let error = say(&*engine(&args(&far)).await, "hola", 1.0).await.unwrap_err();
        assert_eq!(kind(&error), "corrupt");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn codes_tell_what_to_do() {
    for (status, body, expected, words) in [
        (
            400,
            r#"{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
            "denied",
            "answered 400 (API_KEY_INVALID): it rests until GOOGLE_CLOUD_TTS_KEY is set right and Pregon is restarted",
        ),
        (
            429,
            r#"{"error":{"status":"RESOURCE_EXHAUSTED"}}"#,
            "limited",
            "is asked too often: answered 429 (RESOURCE_EXHAUSTED)",
        ),
        (
            400,
            r#"{"error":{"status":"INVALID_ARGUMENT"}}"#,
            "rejected",
            "refused the text: answered 400 (INVALID_ARGUMENT)",
        ),
        (
            403,
            r#"{"error":{"status":"PERMISSION_DENIED","details":[{"reason":"SERVICE_DISABLED"}]}}"#,
            "denied",
            "answered 403 (SERVICE_DISABLED): it rests until GOOGLE_CLOUD_TTS_KEY is set right and Pregon is restarted",
        ),
    ] {
        let far = Far::start(move |_: &Heard| refusal(status, body)).await;
        let error = say(&*engine(&args(&far)).await, "hola", 1.0).await.unwrap_err();
        assert_eq!((kind(&error), error.to_string().as_str()), (expected, words));
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let mut args = vec!["--tts-engines=gcloud".to_owned()];
    for (variable, remedy) in [
        ("GOOGLE_CLOUD_TTS_KEY is not set", "--google-cloud-tts-key=k"),
        ("GOOGLE_CLOUD_TTS_VOICES is not set", "--google-cloud-tts-voices=es=x"),
    ] {
        let error = engines(&args).await.err().unwrap();
        assert!(error.starts_with(variable) && !error.contains('\n'), "{error}");
        args.push(remedy.to_owned());
    }
    assert!(engines(&args).await.is_ok());
}
