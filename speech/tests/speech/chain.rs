//! Which engine speaks, and what is said about the others.

use std::time::Duration;

use pregon_core::Speech;
use pregon_speech::{Encoded, Health, SynthError};

use crate::fake::{Fake, speech, spoken, studio};

fn unavailable() -> SynthError {
    SynthError::Unavailable { reason: "answered 503".into(), retry_after: None }
}

#[tokio::test]
async fn the_next_engine_speaks_with_its_own_voice_and_the_clip_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (Fake::new("first", |_| Err(unavailable())), Fake::speaking("second"));
    let studio = studio(&[first.clone(), second.clone()], dir.path());
    let asked = Speech { voice: Some("first-other".into()), ..speech("Su cita es mañana") };
    let clip = studio.clip(&asked, None).await.unwrap();
    assert_eq!((clip.engine.as_str(), clip.voice.as_str()), ("second", "second-voice"));
    assert_eq!(clip.fallback.as_deref(), Some("first answered 503"));
    assert_eq!(first.asked()[0].voice, "first-other");

    let again = studio.clip(&asked, None).await.unwrap();
    assert!(again.cached && again.hash == clip.hash && again.fallback == clip.fallback);
    assert_eq!((first.asked().len(), second.asked().len()), (2, 1));
}

#[tokio::test]
async fn a_job_may_name_the_engine_to_ask_first() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (Fake::speaking("first"), Fake::speaking("second"));
    let studio = studio(&[first.clone(), second.clone()], dir.path());
    let named = |engine: &str| Speech { engine: Some(engine.into()), ..speech("Su cita es mañana") };
    let clip = studio.clip(&named("second"), None).await.unwrap();
    assert_eq!((clip.engine.as_str(), clip.fallback), ("second", None));
    assert!(first.asked().is_empty());

    let clip = studio.clip(&named("gone"), None).await.unwrap();
    assert_eq!(clip.engine, "first");
    assert_eq!(clip.fallback.as_deref(), Some("gone is not configured"));
}

#[tokio::test]
async fn the_named_engine_has_the_others_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (Fake::speaking("first"), Fake::new("second", |_| Err(unavailable())));
    let studio = studio(&[first, second], dir.path());
    let clip = studio
        .clip(&Speech { engine: Some("second".into()), ..speech("Su cita es mañana") }, None)
        .await
        .unwrap();
    assert_eq!((clip.engine.as_str(), clip.fallback.as_deref()), ("first", Some("second answered 503")));
}

#[tokio::test]
async fn when_nobody_speaks_the_error_says_whether_to_try_again() {
    let limited =
        |seconds| SynthError::Limited { reason: "is full".into(), retry_after: Duration::from_secs(seconds) };
    let rejected = || SynthError::Rejected("refused".into());
    let corrupt = || SynthError::Corrupt("sent junk".into());
    let table = [
        (rejected(), rejected(), false, None, "first refused; second refused"),
        (rejected(), limited(7), true, Some(7), "first refused; second is full"),
        (limited(9), limited(7), true, Some(7), "first is full; second is full"),
        (limited(9), unavailable(), true, None, "first is full; second answered 503"),
        (corrupt(), limited(9), true, None, "first sent junk; second is full"),
        (corrupt(), rejected(), true, None, "first sent junk; second refused"),
    ];
    for (one, two, retry, after, message) in table {
        let dir = tempfile::tempdir().unwrap();
        let first = Fake::new("first", move |_| Err(one.clone()));
        let second = Fake::new("second", move |_| Err(two.clone()));
        let error = studio(&[first, second], dir.path()).clip(&speech("Su cita"), None).await.unwrap_err();
        assert_eq!(error.message, message);
        assert_eq!((error.retry, error.retry_after.map(|wait| wait.as_secs())), (retry, after), "{message}");
    }
}

#[tokio::test]
async fn what_nobody_can_ever_speak_is_not_retried() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    let studio = studio(std::slice::from_ref(&engine), dir.path());
    for (bad, message) in [
        (speech(" \u{0} \n"), "nothing in the text"),
        (Speech { language: "tlh".into(), ..speech("nuqneH") }, "only does not speak tlh"),
    ] {
        let error = studio.clip(&bad, None).await.unwrap_err();
        assert!(!error.retry && error.message.contains(message), "{error}");
    }
    assert!(engine.asked().is_empty());
}

#[tokio::test]
async fn an_engine_that_keeps_failing_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let first = Fake::new("first", |_| Err(SynthError::Corrupt("sent junk".into())));
    let studio = studio(&[first.clone(), Fake::speaking("second")], dir.path());
    for n in 0..10 {
        let clip = studio.clip(&speech(&format!("Su turno es el {n}")), None).await.unwrap();
        assert_eq!(clip.engine, "second");
    }
    assert_eq!(first.asked().len(), 4);
    let health = studio.engines_health();
    assert!(matches!(health[0].health, Health::Resting(_)), "{health:?}");
    assert_eq!(health[0].trouble.as_deref(), Some("sent junk"));
    assert_eq!((health[1].health, health[1].trouble.as_ref()), (Health::Ready, None));
}

#[tokio::test]
async fn clips_that_are_no_speech_move_along_and_silence_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let first = Fake::new("first", |utterance| {
        if utterance.text.starts_with("Su") {
            return Ok(vec![spoken(utterance)]);
        }
        Ok(vec![Encoded::new(b"junk".to_vec(), None)])
    });
    let studio = studio(&[first.clone(), Fake::speaking("second")], dir.path());
    for n in 0..10 {
        let clip = studio.clip(&speech(&format!("Mi turno es el {n}")), None).await.unwrap();
        assert_eq!(clip.engine, "second");
    }
    assert!(studio.engines_health()[0].trouble.as_ref().unwrap().contains("format is not supported"));
    assert_eq!(studio.clip(&speech("Su turno es el 1"), None).await.unwrap().engine, "first");
    assert_eq!(studio.engines_health()[0].trouble, None);
}

#[tokio::test]
async fn a_refusal_is_remembered_for_the_same_text_only() {
    let dir = tempfile::tempdir().unwrap();
    let first = Fake::new("first", |_| Err(SynthError::Rejected("refused".into())));
    let studio = studio(&[first.clone(), Fake::speaking("second")], dir.path());
    for _ in 0..5 {
        let clip = studio.clip(&speech("Su cita es mañana"), None).await.unwrap();
        assert_eq!(clip.fallback.as_deref(), Some("first refused"));
    }
    assert_eq!(first.asked().len(), 1);
    studio.clip(&speech("Su cita es hoy"), None).await.unwrap();
    assert_eq!(first.asked().len(), 2);
    assert_eq!(studio.engines_health()[0].health, Health::Ready, "refusing is not failing");
}

#[tokio::test]
async fn a_full_queue_of_ours_is_not_held_against_the_engine() {
    let dir = tempfile::tempdir().unwrap();
    let busy = || SynthError::Busy { retry_after: Duration::from_secs(3) };
    let first = Fake::new("first", move |_| Err(busy()));
    let studio = studio(&[first.clone(), Fake::speaking("second")], dir.path());
    for n in 0..10 {
        studio.clip(&speech(&format!("Su turno es el {n}")), None).await.unwrap();
    }
    assert_eq!(first.asked().len(), 10);
    assert_eq!(studio.engines_health()[0].health, Health::Ready);
}

#[tokio::test]
async fn the_repertoire_is_that_of_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&[Fake::speaking("first"), Fake::speaking("second")], dir.path());
    let repertoire = studio.repertoire();
    let ids: Vec<_> = repertoire.engines.iter().map(|engine| engine.id.as_str()).collect();
    assert_eq!(ids, ["first", "second"]);
    assert!(repertoire.check("es-CO", Some("second"), Some("second-voice")).is_ok());
}
