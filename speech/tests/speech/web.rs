//! What every engine that is asked over HTTP does when the far end misbehaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use pregon_speech::SynthError;

use crate::fake::speech;
use crate::far::{
    Far, Heard, begin, drip, engine, engines, flood, kind, nobody, refusal, say, spoken_wav, studio,
};

const NAMES: [&str; 5] = ["piper", "openai", "azure", "elevenlabs", "gcloud"];

/// The variable to name when the key is refused.
const KEYS: [&str; 5] =
    ["PIPER_URL", "OPENAI_TTS_KEY", "AZURE_TTS_KEY", "ELEVENLABS_KEY", "GOOGLE_CLOUD_TTS_KEY"];

fn args(name: &str, url: &str, seconds: &str) -> Vec<String> {
    let prefix = match name {
        "piper" => "piper",
        "openai" => "openai-tts",
        "azure" => "azure-tts",
        "elevenlabs" => "elevenlabs",
        _ => "google-cloud-tts",
    };
    let mut args = vec![
        format!("--tts-engines={name}"),
        format!("--{prefix}-url={url}"),
        format!("--{prefix}-voices=es=voz"),
        format!("--tts-timeouts={name}={seconds}"),
    ];
    if name != "piper" {
        args.push(format!("--{prefix}-key=k-123"));
    }
    args
}

/// Lists the voice, and misbehaves when asked to speak.
async fn far(order: impl Fn() -> Response + Send + Sync + 'static) -> Far {
    Far::start(move |heard: &Heard| match heard.method {
        Method::POST => order(),
        _ => refusal(200, r#"{"voz":{"language":{"code":"es"}}}"#),
    })
    .await
}

async fn outcome(
    name: &str,
    seconds: &str,
    order: impl Fn() -> Response + Send + Sync + 'static,
) -> SynthError {
    let far = far(order).await;
    let engine = engine(&args(name, &far.url, seconds)).await;
    let error = say(&*engine, "Su cita es mañana", 1.0).await.unwrap_err();
    assert_eq!(far.orders().len(), 1, "{name}: one answer is enough");
    error
}

fn wait(error: &SynthError) -> Option<Duration> {
    match error {
        SynthError::Unavailable { retry_after, .. } => *retry_after,
        SynthError::Limited { retry_after, .. } | SynthError::Busy { retry_after } => Some(*retry_after),
        SynthError::Rejected(_)
        | SynthError::Corrupt(_)
        | SynthError::Denied(_)
        | SynthError::Unaffordable(_)
        | SynthError::Late => None,
    }
}

type Order = (Box<dyn Fn() -> Response + Send + Sync>, &'static str, &'static str, Option<Duration>);

#[tokio::test]
async fn a_status_decides_what_happens_next() {
    let later =
        |status: u16| (StatusCode::from_u16(status).unwrap(), [(header::RETRY_AFTER, "77")]).into_response();
    let away = || (StatusCode::FOUND, [(header::LOCATION, "/sorry/index")]).into_response();
    let seconds = |n| Some(Duration::from_secs(n));
    for name in NAMES {
        let table: Vec<Order> = vec![
            (Box::new(move || later(429)), "limited", "is asked too often: answered 429", seconds(77)),
            (Box::new(|| refusal(429, "{}")), "limited", "is asked too often", seconds(10)),
            (Box::new(|| refusal(402, "{}")), "limited", "has no credit left: answered 402", seconds(1_800)),
            (Box::new(|| refusal(500, "<h1>oh</h1>")), "unavailable", "answered 500", None),
            (Box::new(move || later(503)), "unavailable", "answered 503", seconds(77)),
            (Box::new(away), "unavailable", "answered 302", None),
            (Box::new(|| refusal(400, "{}")), "rejected", "refused the text: answered 400", None),
            (Box::new(|| refusal(413, "{}")), "rejected", "refused the text: answered 413", None),
        ];
        for (order, expected, words, retry_after) in table {
            let error = outcome(name, "5", order).await;
            assert_eq!((kind(&error), wait(&error)), (expected, retry_after), "{name}: {error:?}");
            assert!(error.to_string().starts_with(words), "{name}: {error} does not say: {words}");
        }
    }
}

#[tokio::test]
async fn success_without_sound_is_corrupt() {
    for name in NAMES {
        let error = outcome(name, "5", || StatusCode::OK.into_response()).await;
        assert_eq!(kind(&error), "corrupt", "{name}: {error:?}");
        let html = || ([(header::CONTENT_TYPE, "text/html")], "<title>Sign in</title>").into_response();
        let error = outcome(name, "5", html).await;
        assert_eq!(kind(&error), "corrupt", "{name}: {error:?}");
    }
}

#[tokio::test]
async fn a_refused_key_is_not_shown_again_before_the_next_start() {
    for (name, key) in NAMES.into_iter().zip(KEYS) {
        for status in [401, 403] {
            let far = far(move || refusal(status, "{}")).await;
            let engine = engine(&args(name, &far.url, "5")).await;
            assert_eq!(engine.trouble(), None);
            for _ in 0..3 {
                let error = say(&*engine, "Su cita es mañana", 1.0).await.unwrap_err();
                assert_eq!(kind(&error), "denied", "{name}: {error:?}");
                let expected =
                    format!("answered {status}: it rests until {key} is set right and Pregon is restarted");
                assert_eq!(error.to_string(), expected);
            }
            assert_eq!(far.orders().len(), 1, "{name} asked once");
            assert!(engine.trouble().unwrap().contains(key), "and says so where health is shown");
        }
    }
}

#[tokio::test]
async fn the_deadline_is_for_the_whole_and_not_for_each_byte() {
    for name in NAMES {
        for order in [drip, || begin(stream::pending())] {
            let error = outcome(name, "0.3", order).await;
            assert_eq!(
                (kind(&error), error.to_string().as_str()),
                ("unavailable", "did not answer in time"),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_said_to() {
    for name in NAMES {
        let error = outcome(name, "5", || begin(stream::iter([Err(std::io::Error::other("cut"))]))).await;
        assert_eq!(kind(&error), "unavailable", "{name}: {error:?}");
        assert!(error.to_string().starts_with("broke off"), "{name}: {error}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_not_kept() {
    for name in NAMES {
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        let error = outcome(name, "60", move || flood(Arc::clone(&counted))).await;
        assert_eq!(
            (kind(&error), error.to_string().as_str()),
            ("corrupt", "sent far more than speech"),
            "{name}"
        );
        let mebibytes = sent.load(Ordering::Relaxed) >> 20;
        assert!((64..96).contains(&mebibytes), "{name}: {mebibytes} MiB");
    }
}

#[tokio::test]
async fn nobody_listening_is_said_and_keeps_nothing_from_starting() {
    for name in NAMES {
        let engine = engine(&args(name, &format!("http://{}", nobody().await), "5")).await;
        let error = say(&*engine, "Su cita es mañana", 1.0).await.unwrap_err();
        assert_eq!(kind(&error), "unavailable", "{name}: {error:?}");
        assert!(error.to_string().starts_with("cannot be reached"), "{name}: {error}");
    }
}

#[tokio::test]
async fn what_a_server_says_about_the_text_is_not_repeated() {
    let quoting =
        r#"{"error":{"code":"cannot say Su cita","message":"cannot say Su cita"},"detail":"Su cita"}"#;
    for name in NAMES {
        for status in [400, 422, 429, 500] {
            let error = outcome(name, "5", move || refusal(status, quoting)).await;
            assert!(!error.to_string().contains("cita"), "{name}: {error}");
        }
    }
}

#[tokio::test]
async fn keys_do_not_show_themselves() {
    for name in NAMES {
        let mut args = args(name, "http://127.0.0.1:1", "5");
        args.retain(|arg| !arg.ends_with("-key=k-123"));
        if name == "piper" {
            continue;
        }
        args.push(format!(
            "--{}=bad\nkey",
            KEYS[NAMES.iter().position(|n| *n == name).unwrap()].to_lowercase().replace('_', "-")
        ));
        let error = engines(&args).await.err().unwrap();
        assert!(error.contains("characters that cannot be sent") && !error.contains("bad"), "{error}");
    }
}

#[tokio::test]
async fn no_more_is_asked_at_the_same_time_than_is_allowed() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (inside, peak) = (Arc::clone(&now), Arc::clone(&most));
    let far = far(move || {
        peak.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let leaving = Arc::clone(&inside);
        let rest = stream::once(async move {
            leaving.fetch_sub(1, Ordering::SeqCst);
            Ok(spoken_wav("Su cita 10")[4..].to_vec().into())
        });
        begin(rest)
    })
    .await;
    let mut args = args("azure", &far.url, "30");
    args.push("--tts-concurrency=azure=2".into());
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&args, dir.path()).await;
    let texts: Vec<_> = (10..30).map(|n| speech(&format!("Su cita {n}"))).collect();
    let clips = futures_util::future::join_all(texts.iter().map(|text| studio.clip(text, None))).await;
    assert!(clips.into_iter().all(|clip| clip.unwrap().engine == "azure"));
    assert_eq!((far.orders().len(), now.load(Ordering::SeqCst)), (20, 0));
    assert!((1..=2).contains(&most.load(Ordering::SeqCst)), "{most:?}");
}

#[tokio::test]
async fn a_server_that_says_nothing_at_start_up_is_not_waited_for() {
    let far = Far::start(|_: &Heard| begin(stream::pending())).await;
    for name in ["piper", "openai"] {
        let args = args(name, &far.url, "600");
        let engine =
            tokio::time::timeout(Duration::from_mins(1), engine(&args)).await.expect("it was waited for");
        assert_eq!(engine.info().voices.len(), 1, "it offers what is configured");
    }
}
