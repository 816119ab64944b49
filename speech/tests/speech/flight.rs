//! Equal text is spoken once.

use std::future::Future;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use pregon_core::Clip;
use pregon_speech::{SpeechError, Studio};
use tokio::sync::Semaphore;

use crate::fake::{Fake, speech, studio};

/// Starts them all, lets each get as far as it can, opens the gate, and collects.
async fn together(asks: impl Iterator<Item = Studio>, gate: &Semaphore) -> Vec<Result<Clip, SpeechError>> {
    let asks: Vec<_> = asks
        .map(|studio| tokio::spawn(async move { studio.clip(&speech("Su cita es mañana"), None).await }))
        .collect();
    gate.add_permits(1_000);
    join_all(asks).await.into_iter().map(Result::unwrap).collect()
}

fn closed(engine: &Fake) {
    engine.gate.forget_permits(Semaphore::MAX_PERMITS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_equal_requests_need_one_synthesis() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    closed(&engine);
    let studio = studio(std::slice::from_ref(&engine), dir.path());
    let clips = together((0..64).map(|_| studio.clone()), &engine.gate).await;
    assert_eq!(engine.asked().len(), 1);
    let fresh = clips.iter().filter(|clip| !clip.as_ref().unwrap().cached).count();
    assert_eq!(fresh, 1, "one of them was not there before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_studios_on_one_folder_need_one_synthesis() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    closed(&engine);
    // Separate studios share nothing but the disk, as separate processes do.
    let studios: Vec<_> = (0..4).map(|_| studio(std::slice::from_ref(&engine), dir.path())).collect();
    let clips = together((0..64).map(|n| studios[n % 4].clone()), &engine.gate).await;
    assert!(clips.iter().all(Result::is_ok));
    assert_eq!(engine.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_equal_jobs_of_sixteen_workers_need_one_synthesis() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    closed(&engine);
    let studios: Vec<_> = (0..16).map(|_| studio(std::slice::from_ref(&engine), dir.path())).collect();
    let clips = together((0..10_000).map(|n| studios[n % 16].clone()), &engine.gate).await;
    assert_eq!(engine.asked().len(), 1);
    let hashes: std::collections::HashSet<_> = clips.into_iter().map(|clip| clip.unwrap().hash).collect();
    assert_eq!(hashes.len(), 1);
}

#[tokio::test]
async fn whoever_waits_gets_the_clip_when_the_first_goes_away() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    closed(&engine);
    let studio = studio(std::slice::from_ref(&engine), dir.path());
    let asked = speech("Su cita es mañana");
    let mut first = Box::pin(studio.clip(&asked, None));
    poll_until(first.as_mut(), || !engine.asked().is_empty()).await;
    let mut second = Box::pin(studio.clip(&asked, None));
    assert!(second.as_mut().now_or_never().is_none());
    drop(first);
    engine.gate.add_permits(1);
    assert!(second.await.is_ok());
    assert_eq!(engine.asked().len(), 1);
}

#[tokio::test]
async fn a_cancelled_request_leaves_nothing_in_the_way() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    closed(&engine);
    let studio = studio(std::slice::from_ref(&engine), dir.path());
    let asked = speech("Su cita es mañana");
    let mut first = Box::pin(studio.clip(&asked, None));
    poll_until(first.as_mut(), || !engine.asked().is_empty()).await;
    drop(first);
    engine.gate.add_permits(1);
    assert!(!studio.clip(&asked, None).await.unwrap().cached);
    assert_eq!(engine.asked().len(), 2);
}

#[tokio::test]
async fn failures_are_shared_too_and_the_next_request_tries_afresh() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let dir = tempfile::tempdir().unwrap();
    let down = std::sync::Arc::new(AtomicBool::new(true));
    let engine = Fake::new("only", {
        let down = std::sync::Arc::clone(&down);
        move |utterance| {
            if down.load(Ordering::SeqCst) {
                return Err(pregon_speech::SynthError::Corrupt("sent junk".into()));
            }
            Ok(vec![crate::fake::spoken(utterance)])
        }
    });
    closed(&engine);
    let studio = studio(std::slice::from_ref(&engine), dir.path());
    let asked = speech("Su cita es mañana");
    let (one, two, ()) = tokio::join!(studio.clip(&asked, None), studio.clip(&asked, None), async {
        engine.gate.add_permits(5);
    });
    assert_eq!(one.unwrap_err(), two.unwrap_err());
    assert_eq!(engine.asked().len(), 1);
    down.store(false, Ordering::SeqCst);
    assert!(studio.clip(&asked, None).await.is_ok());
}

async fn poll_until<F: Future + Unpin>(mut future: F, done: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !done() {
        assert!(std::time::Instant::now() < deadline, "it never got there");
        assert!((&mut future).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
}
