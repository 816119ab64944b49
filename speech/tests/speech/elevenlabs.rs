//! ElevenLabs' contract.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::response::Response;
use pregon_speech::{Health, SynthError};
use serde_json::json;

use crate::fake::speech;
use crate::far::{Far, Heard, engine, engines, kind, refusal, say, sound, studio};

const TONE: &[u8] = include_bytes!("../data/tone.mp3");

fn args(far: &Far) -> Vec<String> {
    vec![
        "--tts-engines=elevenlabs".to_owned(),
        format!("--elevenlabs-url={}", far.url),
        "--elevenlabs-key=k-123".to_owned(),
        "--elevenlabs-voices=es=21m00Tcm4TlvDq8ikWAM,en=a/b?c".to_owned(),
        "--tts-timeouts=elevenlabs=2".to_owned(),
    ]
}

fn spoken(heard: &Heard) -> Response {
    let characters = heard.json()["text"].as_str().unwrap().chars().count();
    sound(TONE.repeat(1 + characters / 10), "audio/mpeg")
}

#[tokio::test]
async fn the_order_is_what_the_service_expects() {
    let far = Far::start(spoken).await;
    let engine = engine(&args(&far)).await;
    say(&*engine, "Su cita es \"mañana\"", 1.0).await.unwrap();
    say(&*engine, "Su cita es hoy", 3.0).await.unwrap();
    let [first, second] = <[Heard; 2]>::try_from(far.orders()).unwrap();
    assert_eq!(first.path, "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM?output_format=mp3_44100_128");
    assert_eq!(first.header("xi-api-key"), Some("k-123"));
    assert_eq!(first.json(), json!({"text": "Su cita es \"mañana\"", "model_id": "eleven_multilingual_v2"}));
    assert_eq!(second.json()["voice_settings"], json!({"speed": 1.2}), "the most it takes");
}

#[tokio::test]
async fn a_voice_cannot_leave_its_place_in_the_address() {
    let far = Far::start(spoken).await;
    let engine = engine(&args(&far)).await;
    let voice = engine.voice_for("en", None).unwrap();
    let utterance =
        pregon_speech::Utterance { text: "hello".into(), language: "en".into(), voice, rate: 1.0 };
    engine.synthesize(&utterance).await.unwrap();
    assert_eq!(far.orders()[0].path, "/v1/text-to-speech/a%2Fb%3Fc?output_format=mp3_44100_128");
    let unlisted = pregon_speech::Utterance { voice: "../user".into(), ..utterance };
    assert_eq!(kind(&engine.synthesize(&unlisted).await.unwrap_err()), "rejected");
}

#[tokio::test]
async fn too_much_at_the_same_time_waits_in_line() {
    let crowd = AtomicUsize::new(3);
    let far = Far::start(move |heard: &Heard| {
        let before = crowd.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if before.is_ok() {
            return refusal(429, r#"{"detail":{"status":"too_many_concurrent_requests","message":"x"}}"#);
        }
        spoken(heard)
    })
    .await;
    assert!(say(&*engine(&args(&far)).await, "Su cita", 1.0).await.is_ok());
    assert_eq!(far.orders().len(), 4);
}

#[tokio::test]
async fn a_line_that_does_not_move_is_busy_and_rests_nobody() {
    let far =
        Far::start(|_: &Heard| refusal(429, r#"{"detail":{"status":"too_many_concurrent_requests"}}"#)).await;
    let error = say(&*engine(&args(&far)).await, "Su cita", 1.0).await.unwrap_err();
    assert_eq!(error, SynthError::Busy { retry_after: Duration::from_millis(500) });

    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&args(&far), dir.path()).await;
    assert_eq!(studio.clip(&speech("Su cita es mañana"), None).await.unwrap().engine, "fake");
    assert_eq!(studio.engines_health()[0].health, Health::Ready);
}

#[tokio::test]
async fn an_overloaded_service_is_left_alone() {
    let far = Far::start(|_: &Heard| refusal(429, r#"{"detail":{"status":"system_busy"}}"#)).await;
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&args(&far), dir.path()).await;
    for text in ["Su cita es mañana", "Su cita es hoy"] {
        let clip = studio.clip(&speech(text), None).await.unwrap();
        assert!(clip.fallback.unwrap().contains("is overloaded: answered 429 (system_busy)"));
    }
    assert_eq!(far.orders().len(), 1, "asked once and then left alone");
    assert!(
        matches!(studio.engines_health()[0].health, Health::Resting(rest) if rest > Duration::from_secs(10))
    );
}

#[tokio::test]
async fn codes_tell_what_to_do() {
    for (status, body, expected, words) in [
        (
            401,
            r#"{"detail":{"status":"quota_exceeded","message":"x"}}"#,
            "limited",
            "has no credit left: answered 401 (quota_exceeded)",
        ),
        (
            401,
            r#"{"detail":{"status":"invalid_api_key"}}"#,
            "denied",
            "answered 401 (invalid_api_key): it rests until ELEVENLABS_KEY is set right and Pregon is restarted",
        ),
        (
            400,
            r#"{"detail":{"status":"voice_not_found"}}"#,
            "unavailable",
            "answered 400 (voice_not_found): check its voices and its model",
        ),
        (
            400,
            r#"{"detail":{"status":"max_character_limit_exceeded"}}"#,
            "rejected",
            "refused the text: answered 400 (max_character_limit_exceeded)",
        ),
    ] {
        let far = Far::start(move |_: &Heard| refusal(status, body)).await;
        let error = say(&*engine(&args(&far)).await, "hola", 1.0).await.unwrap_err();
        assert_eq!((kind(&error), error.to_string().as_str()), (expected, words));
    }
}

#[tokio::test]
async fn truncated_audio_is_never_played() {
    let far = Far::start(|_: &Heard| sound(TONE[..300].to_vec(), "audio/mpeg")).await;
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&args(&far), dir.path()).await;
    for _ in 0..2 {
        let clip = studio.clip(&speech("Su cita de control es mañana a las tres"), None).await.unwrap();
        assert_eq!(clip.engine, "fake", "{:?}", clip.fallback);
    }
    assert_eq!(far.orders().len(), 2, "and never cached");
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let mut args = vec!["--tts-engines=elevenlabs".to_owned()];
    for (variable, remedy) in [
        ("ELEVENLABS_KEY is not set", "--elevenlabs-key=k"),
        ("ELEVENLABS_VOICES is not set", "--elevenlabs-voices=es=x"),
    ] {
        let error = engines(&args).await.err().unwrap();
        assert!(error.starts_with(variable) && !error.contains('\n'), "{error}");
        args.push(remedy.to_owned());
    }
    assert!(engines(&args).await.is_ok());
}
