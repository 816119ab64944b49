//! Engines that keep everybody waiting, and the one that speaks in the end. Time is made to pass where nothing else does.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use pregon_speech::{Budgets, Health, Limits, Studio, SynthError};
use tokio::time::Instant;

use crate::espeak::espeak;
use crate::fake::{Fake, UNLIMITED, speech, spoken, studio};
use crate::far::{Far, begin, nobody, open, refusal};

const DEADLINE: Duration = Duration::from_secs(20);

fn patient(engines: &[Arc<Fake>], dir: &Path) -> Studio {
    studio(engines, dir).keeping(None, Budgets::default(), DEADLINE)
}

fn unavailable() -> SynthError {
    SynthError::Unavailable { reason: "answered 503".into(), retry_after: None }
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_hangs_is_given_up_while_there_is_time_for_the_local_one() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (Fake::hanging("first"), Fake::hanging("second"));
    let studio = patient(&[first.clone(), second.clone(), Fake::speaking("local")], dir.path());
    for n in 0..4 {
        let asked = Instant::now();
        let clip = studio.clip(&speech(&format!("Su turno es el {n}")), None).await.unwrap();
        assert_eq!(asked.elapsed().as_secs(), 15);
        assert_eq!((clip.engine.as_str(), clip.voice.as_str()), ("local", "local-voice"));
        assert_eq!(
            clip.fallback.as_deref(),
            Some("first had not answered after 15 s; second was given no time: the job's was used up")
        );
    }
    assert_eq!((first.asked().len(), second.asked().len()), (4, 0));
    let health = studio.engines_health();
    assert!(matches!(health[0].health, Health::Resting(_)), "{health:?}");
    assert_eq!((health[1].health, &health[1].trouble), (Health::Ready, &None), "nobody asked it");

    let asked = Instant::now();
    let clip = studio.clip(&speech("Su turno es el 5"), None).await.unwrap();
    let fallback = clip.fallback.unwrap();
    assert!(fallback.starts_with("first rests for another "), "{fallback}");
    assert!(fallback.contains("second had not answered after 15 s"), "{fallback}");
    assert_eq!(asked.elapsed().as_secs(), 15);
}

#[tokio::test(start_paused = true)]
async fn without_a_local_engine_the_job_is_tried_again_when_its_time_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let studio = patient(&[Fake::hanging("first"), Fake::speaking("second")], dir.path());
    let asked = Instant::now();
    let error = studio.clip(&speech("Su turno es el 1"), None).await.unwrap_err();
    assert_eq!(asked.elapsed(), DEADLINE);
    assert!(error.retry && error.message.contains("second was given no time"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn all_that_a_job_says_shares_one_time() {
    let dir = tempfile::tempdir().unwrap();
    let studio = patient(&[Fake::hanging("first"), Fake::speaking("local")], dir.path());
    let started = Instant::now();
    let job = studio.for_one_job(None);
    for text in ["Su cita es mañana", "Oprima uno para confirmar", "Gracias"] {
        assert_eq!(job.clip(&speech(text), None).await.unwrap().engine, "local");
    }
    assert_eq!(started.elapsed().as_secs(), 15, "it waited once and not three times");

    let started = Instant::now();
    let urgent = studio.for_one_job(Some(Duration::from_secs(8)));
    urgent.clip(&speech("Evacúe el edificio"), None).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 6, "a quarter is left to the local engine");
    let late = studio.for_one_job(Some(Duration::ZERO));
    assert_eq!(late.clip(&speech("Evacúe la escuela"), None).await.unwrap().engine, "local");
    assert_eq!(started.elapsed().as_secs(), 6);
}

#[tokio::test(start_paused = true)]
async fn who_was_given_little_time_is_not_blamed() {
    let dir = tempfile::tempdir().unwrap();
    let second = Fake::hanging("second");
    let studio = patient(&[second.clone(), Fake::speaking("local")], dir.path());
    for n in 0..6 {
        let job = studio.for_one_job(None);
        tokio::time::advance(Duration::from_secs(12)).await;
        let clip = job.clip(&speech(&format!("Su turno es el {n}")), None).await.unwrap();
        assert_eq!(clip.fallback.as_deref(), Some("second was given no time: the job's was used up"));
    }
    for n in 6..12 {
        let urgent = studio.for_one_job(Some(Duration::from_secs(4)));
        urgent.clip(&speech(&format!("Su turno es el {n}")), None).await.unwrap();
    }
    assert_eq!(second.asked().len(), 12);
    assert_eq!(studio.engines_health()[0].health, Health::Ready);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_seat_waits_for_us_and_blames_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let first = Fake::within(Limits { at_once: 1, ..UNLIMITED }, "first", |u| Ok(vec![spoken(u)]));
    first.gate.forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
    let studio = patient(&[first.clone(), Fake::speaking("local")], dir.path());
    let texts: Vec<_> = (0..6).map(|n| speech(&format!("Su turno es el {n}"))).collect();
    let clips = texts.iter().map(|speech| studio.clip(speech, None));
    let mut fallbacks: Vec<String> = futures_util::future::join_all(clips)
        .await
        .into_iter()
        .map(|clip| clip.unwrap().fallback.unwrap())
        .collect();
    fallbacks.sort();
    assert_eq!(fallbacks[0], "first had not answered after 15 s");
    let ours = ["first has too many requests waiting", "first was given no time: the job's was used up"];
    assert!(fallbacks[1..].iter().all(|why| ours.contains(&why.as_str())), "{fallbacks:?}");
    assert_eq!(first.asked().len(), 1);
    assert_eq!(studio.engines_health()[0].health, Health::Ready, "one failure, not six");
}

#[tokio::test(start_paused = true)]
async fn an_engine_is_asked_no_faster_than_it_bears() {
    let dir = tempfile::tempdir().unwrap();
    let rate = "1/s".parse().ok();
    let first = Fake::within(Limits { rate, ..UNLIMITED }, "first", |u| Ok(vec![spoken(u)]));
    let studio = patient(&[first.clone(), Fake::speaking("local")], dir.path());
    let texts: Vec<_> = (0..20).map(|n| speech(&format!("Su turno es el {n}"))).collect();
    let started = Instant::now();
    let clips = futures_util::future::join_all(texts.iter().map(|speech| studio.clip(speech, None))).await;
    let by_first = clips.iter().filter(|clip| clip.as_ref().unwrap().engine == "first").count();
    // Four at once, and then one a second for the ten seconds that leave the engine its fair time.
    assert!((13..=15).contains(&by_first), "{by_first}");
    assert_eq!(first.asked().len(), by_first);
    assert!((9..=10).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    let others = clips.into_iter().filter_map(|clip| clip.unwrap().fallback);
    assert!(others.into_iter().all(|why| why == "first has too many requests waiting"));
    assert_eq!(studio.engines_health()[0].health, Health::Ready);
}

#[tokio::test]
async fn with_every_online_engine_down_the_real_local_one_speaks_in_time_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let hung = Far::start(|_| begin(stream::pending())).await;
    let ill = Far::start(|_| refusal(503, "{}")).await;
    let args = [
        "--tts-engines=google,azure,openai".to_owned(),
        format!("--google-tts-url=http://{}", nobody().await),
        format!("--azure-tts-url={}", ill.url),
        "--azure-tts-key=k-123".to_owned(),
        "--azure-tts-voices=es=dalia".to_owned(),
        format!("--openai-tts-url={}/v1", hung.url),
        "--openai-tts-voices=es=nova".to_owned(),
        "--tts-deadline=2s".to_owned(),
    ];
    if espeak().await.is_none() {
        return;
    }
    let studio = open(&args, dir.path(), None).await;
    let asked = Instant::now();
    let text = speech("Atención: evacúen el edificio por la salida norte");
    let clip =
        tokio::time::timeout(Duration::from_secs(30), studio.clip(&text, None)).await.unwrap().unwrap();
    assert!(asked.elapsed() >= Duration::from_millis(1_400), "the one that hangs got its time");
    assert_eq!((clip.engine.as_str(), clip.cached), ("espeak", false));
    assert!(clip.voice.starts_with("es"), "{}", clip.voice);
    let why = clip.fallback.clone().unwrap();
    for words in ["google cannot be reached: ", "azure answered 503", "openai had not answered after 1 s"] {
        assert!(why.contains(words), "{why}");
    }
    let again = studio.clip(&text, None).await.unwrap();
    assert!(again.cached && again.engine == "espeak" && again.hash == clip.hash && again.fallback.is_some());
}

#[tokio::test]
async fn the_last_resort_can_be_turned_off() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("--google-tts-url=http://{}", nobody().await);
    let args = ["--tts-engines=google".to_owned(), url, "--tts-last-resort=none".to_owned()];
    let studio = open(&args, dir.path(), None).await;
    let error = studio.clip(&speech("Su cita es mañana"), None).await.unwrap_err();
    assert!(error.retry && error.message.starts_with("google cannot be reached"), "{error}");
}

#[tokio::test]
async fn what_nobody_can_speak_is_not_handed_on() {
    let dir = tempfile::tempdir().unwrap();
    let engines = [Fake::new("first", |_| Err(unavailable())), Fake::speaking("local")];
    let studio = patient(&engines, dir.path());
    let error = studio.clip(&speech("\u{1F600}"), None).await;
    if let Err(error) = error {
        assert!(!error.retry, "{error}");
        assert!(engines.iter().all(|engine| engine.asked().is_empty()));
    }
}
