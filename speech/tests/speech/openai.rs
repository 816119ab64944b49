//! Servers with OpenAI's interface.

use axum::http::Method;
use axum::response::Response;
use pregon_audio::Container;
use serde_json::json;

use crate::fake::speech;
use crate::far::{Far, Heard, engine, engines, kind, long_text, refusal, say, sound, spoken_wav, studio};

fn args(far: &Far, more: &[&str]) -> Vec<String> {
    let mut args = vec![
        "--tts-engines=openai".to_owned(),
        format!("--openai-tts-url={}/v1", far.url),
        "--openai-tts-voices=es=nova,en=alloy".to_owned(),
        "--tts-timeouts=openai=10".to_owned(),
    ];
    args.extend(more.iter().map(|arg| (*arg).to_owned()));
    args
}

fn input(heard: &Heard) -> String {
    heard.json()["input"].as_str().unwrap().to_owned()
}

/// Speaks as a Kokoro would.
fn kokoro(heard: &Heard) -> Response {
    match heard.method {
        Method::POST => sound(spoken_wav(&input(heard)), "audio/wav"),
        _ => refusal(200, r#"{"voices":["ef_dora","em_alex"]}"#),
    }
}

#[tokio::test]
async fn the_order_is_what_the_interface_expects() {
    let far = Far::start(kokoro).await;
    let engine = engine(&args(&far, &["--openai-tts-key=k-123", "--openai-tts-model=kokoro"])).await;
    say(&*engine, "Su cita es \"mañana\"", 1.0).await.unwrap();
    say(&*engine, "Su cita es hoy", 1.2).await.unwrap();
    let [first, second] = <[Heard; 2]>::try_from(far.orders()).unwrap();
    assert_eq!(
        (first.path.as_str(), first.header("authorization")),
        ("/v1/audio/speech", Some("Bearer k-123"))
    );
    assert_eq!(first.header("content-type"), Some("application/json"));
    let order = json!({"model": "kokoro", "input": "Su cita es \"mañana\"", "voice": "nova", "response_format": "wav"});
    assert_eq!(first.json(), order);
    assert_eq!(second.json()["speed"], json!(1.2));
}

#[tokio::test]
async fn a_server_without_a_key_is_sent_none() {
    let far = Far::start(kokoro).await;
    let engine = engine(&args(&far, &["--openai-tts-key="])).await;
    say(&*engine, "hola", 1.0).await.unwrap();
    assert!(far.heard().iter().all(|heard| heard.header("authorization").is_none()));
    assert_eq!(far.orders()[0].json()["model"], "tts-1");
}

#[tokio::test]
async fn its_own_voices_can_be_asked_for() {
    let far = Far::start(kokoro).await;
    let engine = engine(&args(&far, &[])).await;
    let known: Vec<_> = engine.info().voices.into_iter().map(|voice| (voice.id, voice.language)).collect();
    let expected = [("nova", "es"), ("alloy", "en"), ("ef_dora", "mul"), ("em_alex", "mul")];
    assert_eq!(known, expected.map(|(id, language)| (id.to_owned(), language.to_owned())));
    assert_eq!(engine.info().languages, ["en", "es"]);
    assert_eq!(engine.voice_for("es-CO", Some("ef_dora")).as_deref(), Some("ef_dora"));
    assert_eq!(engine.voice_for("es-CO", Some("Ana")).as_deref(), Some("nova"));
    assert_eq!(engine.voice_for("fr", None), None);
}

#[tokio::test]
async fn a_server_without_a_list_offers_what_is_configured() {
    for list in [r#"{"error":{"message":"Invalid URL"}}"#, "<html>"] {
        let far = Far::start(move |heard: &Heard| match heard.method {
            Method::POST => sound(spoken_wav(&input(heard)), "audio/wav"),
            _ => refusal(404, list),
        })
        .await;
        let engine = engine(&args(&far, &[])).await;
        assert_eq!(engine.info().voices.len(), 2);
        assert!(say(&*engine, "hola", 1.0).await.is_ok());
    }
}

#[tokio::test]
async fn a_key_that_may_only_speak_is_asked_to_speak() {
    let far = Far::start(|heard: &Heard| match heard.method {
        Method::POST => sound(spoken_wav(&input(heard)), "audio/wav"),
        _ => refusal(403, r#"{"error":{"code":"missing_scope"}}"#),
    })
    .await;
    let engine = engine(&args(&far, &[])).await;
    assert!(say(&*engine, "hola", 1.0).await.is_ok(), "a list that is not for us decides nothing");
}

#[tokio::test]
async fn sizes_that_say_unknown_do_no_harm() {
    for size in [0xffff_ffff_u32, 0x7fff_f024] {
        let far = Far::start(move |heard: &Heard| {
            let mut file = spoken_wav(&"x".repeat(50));
            file[4..8].copy_from_slice(&size.to_le_bytes());
            file[40..44].copy_from_slice(&size.to_le_bytes());
            if heard.method == Method::POST { sound(file, "audio/wav") } else { refusal(404, "") }
        })
        .await;
        let dir = tempfile::tempdir().unwrap();
        let clip = studio(&args(&far, &[]), dir.path())
            .await
            .clip(&speech("Su cita de control es mañana a las tres"), None)
            .await;
        let clip = clip.unwrap();
        assert_eq!((clip.engine.as_str(), clip.fallback), ("openai", None), "{size:x}");
        assert!((2.5..3.3).contains(&clip.seconds), "{size:x}: {}", clip.seconds);
    }
}

#[tokio::test]
async fn a_file_shorter_than_its_header_says_is_never_played() {
    let far = Far::start(|heard: &Heard| {
        let mut file = spoken_wav(&input_or_empty(heard));
        file.truncate(file.len() / 2);
        if heard.method == Method::POST { sound(file, "audio/wav") } else { refusal(404, "") }
    })
    .await;
    let dir = tempfile::tempdir().unwrap();
    let clip = studio(&args(&far, &[]), dir.path())
        .await
        .clip(&speech("Su cita de control es mañana"), None)
        .await
        .unwrap();
    assert_eq!(clip.engine, "fake");
    assert!(clip.fallback.as_ref().unwrap().contains("cut short"), "{:?}", clip.fallback);
}

fn input_or_empty(heard: &Heard) -> String {
    if heard.method == Method::POST { input(heard) } else { String::new() }
}

#[tokio::test]
async fn an_mp3_is_taken_where_a_server_knows_nothing_else() {
    let tone = include_bytes!("../data/tone.mp3").repeat(5);
    let far = Far::start(move |heard: &Heard| match heard.method {
        Method::POST => sound(tone.clone(), "audio/mpeg"),
        _ => refusal(404, ""),
    })
    .await;
    let engine = engine(&args(&far, &[])).await;
    assert_eq!(say(&*engine, "hola", 1.0).await.unwrap()[0].container, Some(Container::Mp3));
    let dir = tempfile::tempdir().unwrap();
    let clip =
        studio(&args(&far, &[]), dir.path()).await.clip(&speech("Su cita es mañana"), None).await.unwrap();
    assert_eq!((clip.engine.as_str(), clip.fallback), ("openai", None));
}

#[tokio::test]
async fn texts_over_its_limit_go_in_pieces_and_become_one_clip() {
    let far = Far::start(kokoro).await;
    let text = long_text(4_500);
    let engine = engine(&args(&far, &[])).await;
    assert_eq!(engine.requests(&text), 2);
    let pieces = say(&*engine, &text, 1.0).await.unwrap();
    let sent: Vec<_> = far.orders().iter().map(input).collect();
    assert_eq!((sent.len(), sent.join(" ")), (2, text.clone()));
    assert!(sent.iter().all(|piece| piece.chars().count() <= 4_096 && piece.ends_with("tarde.")));
    assert_eq!(pieces[0].pause_after.as_millis(), 300, "a sentence ends there");
    let dir = tempfile::tempdir().unwrap();
    let clip = studio(&args(&far, &[]), dir.path()).await.clip(&speech(&text), None).await.unwrap();
    assert_eq!(clip.engine, "openai", "{:?}", clip.fallback);
}

#[tokio::test]
async fn codes_tell_what_to_do() {
    for (status, body, expected, words) in [
        (
            429,
            r#"{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            "limited",
            "has no credit left: answered 429 (insufficient_quota)",
        ),
        (
            429,
            r#"{"error":{"code":"rate_limit_exceeded"}}"#,
            "limited",
            "is asked too often: answered 429 (rate_limit_exceeded)",
        ),
        (
            400,
            r#"{"detail":{"error":"invalid_model","message":"x"}}"#,
            "unavailable",
            "answered 400 (invalid_model): check its voices and its model",
        ),
        (404, r#"{"error":{"code":"model_not_found"}}"#, "unavailable", "answered 404 (model_not_found)"),
        (
            400,
            r#"{"error":{"code":"string_above_max_length"}}"#,
            "rejected",
            "refused the text: answered 400 (string_above_max_length)",
        ),
    ] {
        let far = Far::start(move |_: &Heard| refusal(status, body)).await;
        let error = say(&*engine(&args(&far, &[])).await, "hola", 1.0).await.unwrap_err();
        assert_eq!((kind(&error), error.to_string().as_str()), (expected, words));
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    for (args, variable) in [
        (vec!["--tts-engines=openai"], "OPENAI_TTS_URL is not set"),
        (vec!["--tts-engines=openai", "--openai-tts-url=http://h"], "OPENAI_TTS_VOICES is not set"),
    ] {
        let args: Vec<_> = args.into_iter().map(str::to_owned).collect();
        let error = engines(&args).await.err().unwrap();
        assert!(error.starts_with(variable) && !error.contains('\n'), "{error}");
    }
}
