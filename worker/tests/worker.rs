//! What a worker does with jobs, on a real queue and store.

#![expect(
    clippy::unwrap_used,
    clippy::future_not_send,
    reason = "tests say what is wrong by panicking, and print what they skip"
)]

mod floor;
mod pacing;
mod redial;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use floor::{Floor, job};
use pregon_core::{Event, Job, LEASE, Lane, OutcomeKind, State, StateName, Swap, What, clock};
use pregon_worker::{Stop, Sweeper, track};
use uuid::Uuid;

const MANY: usize = 5_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_high_job_overtakes_every_normal_job_not_yet_in_hand() {
    let floor = Floor::new(1).await;
    let normal: Vec<Job> = (0..MANY).map(|_| job("igual", Lane::Normal, 1)).collect();
    for chunk in normal.chunks(500) {
        for accepted in floor.shop.desk.accept(chunk, clock::now()).await {
            accepted.unwrap();
        }
    }
    let (stop, worker) = floor.worker("w", 1);
    floor.until("some went out", async || floor.notebook.handed_over.lock().unwrap().len() >= 50).await;
    let high = floor.accept("igual", Lane::High, 1).await;
    let out_when_accepted = floor.notebook.handed_over.lock().unwrap().len();
    floor
        .until("the high one went out", async || {
            floor.notebook.handed_over.lock().unwrap().iter().any(|key| key.job == high)
        })
        .await;
    let place = floor.notebook.handed_over.lock().unwrap().iter().position(|key| key.job == high).unwrap();
    assert!(place < MANY, "the backlog was still long");
    // One slot: at most the job in hand when the high one was accepted, and the one that was being taken.
    assert!(place <= out_when_accepted + 2, "{place} went before it, {out_when_accepted} were out already");
    stop.soft.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_costs_one_attempt_and_nothing_else() {
    let floor = Floor::new(10).await;
    floor.hum.panics.store(true, Ordering::SeqCst);
    let (unlucky, lucky) =
        (floor.accept("uno", Lane::Normal, 1).await, floor.accept("dos", Lane::Normal, 1).await);
    let (stop, worker) = floor.worker("w", 1);
    let failed = floor.until_state(unlucky, StateName::Failed).await;
    assert_eq!(failed.last_error.as_deref(), Some("internal error"));
    floor.until_state(lucky, StateName::Dispatched).await;
    stop.soft.cancel();
    worker.await.unwrap();
    assert_eq!(floor.notebook.handed_over.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_spool_is_tried_again_as_a_new_attempt() {
    let floor = Floor::new(10).await;
    floor.notebook.refusals.store(1, Ordering::SeqCst);
    let id = floor.accept("uno", Lane::Normal, 3).await;
    let (stop, worker) = floor.worker("w", 1);
    let waiting = floor.until_state(id, StateName::Scheduled).await;
    assert!(waiting.last_error.unwrap().contains("no space left"));
    let done = floor.until_state(id, StateName::Dispatched).await;
    assert_eq!((done.attempt, done.counted()), (2, 2));
    let keys = floor.notebook.handed_over.lock().unwrap().clone();
    assert_eq!(keys, [done.key()]);
    stop.soft.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_end_at_their_number() {
    let floor = Floor::new(10).await;
    floor.hum.fails.store(true, Ordering::SeqCst);
    let id = floor.accept("uno", Lane::Normal, 1).await;
    let (stop, worker) = floor.worker("w", 1);
    let failed = floor.until_state(id, StateName::Failed).await;
    assert!(failed.last_error.unwrap().contains("is out"));
    stop.soft.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wish_to_cancel_reaches_a_job_that_is_being_spoken() {
    let floor = Floor::new(0).await;
    let id = floor.accept("uno", Lane::Normal, 3).await;
    let (stop, worker) = floor.worker("w", 1);
    let taken = floor.until_state(id, StateName::Processing).await.started.unwrap();
    floor.shop.desk.cancel(id, clock::now()).await.unwrap();
    // A fresh job is handed over without another look.
    floor
        .until("it is not fresh any more", async || clock::now().since(taken) > Duration::from_millis(110))
        .await;
    floor.hum.permits.add_permits(1);
    floor.until_state(id, StateName::Cancelled).await;
    assert!(floor.notebook.handed_over.lock().unwrap().is_empty());
    stop.soft.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hard_stop_gives_the_job_back_without_costing_an_attempt() {
    let floor = Floor::new(0).await;
    let id = floor.accept("uno", Lane::Normal, 1).await;
    let (stop, worker) = floor.worker("first", 1);
    floor.until_state(id, StateName::Processing).await;
    stop.soft.cancel();
    stop.hard.cancel();
    worker.await.unwrap();
    let back = floor.job(id).await;
    assert_eq!((back.state.name(), back.counted(), back.rescues), (StateName::Queued, 0, 1));
    floor.hum.permits.add_permits(2);
    let (stop, worker) = floor.worker("second", 1);
    floor.until_state(id, StateName::Dispatched).await;
    stop.soft.cancel();
    worker.await.unwrap();
    assert!(floor.shop.desk.store().workers(clock::now()).await.unwrap().is_empty(), "both said goodbye");
}

/// A job in the hands of a worker that is long dead, its message gone.
async fn orphan(floor: &Floor, cancelling: bool) -> Job {
    let job = job("huérfano", Lane::Normal, 1);
    floor.shop.desk.store().insert(std::slice::from_ref(&job)).await.unwrap();
    let then = clock::now() - LEASE * 2;
    let claim = Event::Claim { worker: "dead".into(), lease: Uuid::new_v4(), until: then + LEASE };
    let mut held = job.clone().apply(claim, then).unwrap();
    if cancelling {
        held = held.apply(Event::Cancel, then).unwrap();
        // Two changes, one swap.
        held.version = job.version + 1;
    }
    assert_eq!(floor.shop.desk.store().swap(&job, &held).await.unwrap(), Swap::Done);
    held
}

fn sweep(floor: &Floor) -> (Stop, tokio::task::JoinHandle<()>, Arc<AtomicU64>) {
    let (stop, rescued) = (Stop::default(), Arc::new(AtomicU64::new(0)));
    let sweeper = Sweeper::new(floor.shop.clone(), Duration::from_hours(1), Arc::clone(&rescued));
    (stop.clone(), tokio::spawn(sweeper.run(stop)), rescued)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_job_of_a_dead_worker_goes_on_and_its_attempt_never_can() {
    let floor = Floor::new(5).await;
    let held = orphan(&floor, false).await;
    let (sweeping, sweeper, rescued) = sweep(&floor);
    let (stop, worker) = floor.worker("w", 1);
    let done = floor.until_state(held.id, StateName::Dispatched).await;
    assert_eq!((done.attempt, done.counted(), done.rescues), (2, 1, 1));
    assert!(done.timeline.iter().any(|e| matches!(e.what, What::Rescued { handed_over: false })));
    assert_eq!(rescued.load(Ordering::Relaxed), 1);
    let zombie = floor.shop.dispatcher.dispatch(&held, &done.clip.unwrap().into()).await;
    assert!(zombie.is_err(), "the dead worker's attempt is void for good");
    for token in [stop.soft, sweeping.soft] {
        token.cancel();
    }
    worker.await.unwrap();
    sweeper.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hand_over_that_was_done_is_not_done_again() {
    let floor = Floor::new(5).await;
    let held = orphan(&floor, false).await;
    let clip = floor::clip();
    floor.shop.dispatcher.dispatch(&held, &clip.into()).await.unwrap();
    let (sweeping, sweeper, _) = sweep(&floor);
    let done = floor.until_state(held.id, StateName::Dispatched).await;
    assert_eq!((done.attempt, done.rescues), (1, 0));
    assert_eq!(floor.notebook.handed_over.lock().unwrap().len(), 1);
    sweeping.soft.cancel();
    sweeper.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_workers_job_that_should_be_cancelled_is() {
    let floor = Floor::new(5).await;
    let held = orphan(&floor, true).await;
    let (sweeping, sweeper, _) = sweep(&floor);
    floor.until_state(held.id, StateName::Cancelled).await;
    sweeping.soft.cancel();
    sweeper.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queued_job_whose_message_was_lost_is_published_again() {
    let floor = Floor::new(5).await;
    let mut lost = job("perdido", Lane::Normal, 1);
    lost.state = State::Queued { ring: clock::now() - Duration::from_secs(1) };
    floor.shop.desk.store().insert(std::slice::from_ref(&lost)).await.unwrap();
    let (sweeping, sweeper, _) = sweep(&floor);
    let (stop, worker) = floor.worker("w", 1);
    floor.until_state(lost.id, StateName::Dispatched).await;
    for token in [stop.soft, sweeping.soft] {
        token.cancel();
    }
    worker.await.unwrap();
    sweeper.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_job_is_not_dialled() {
    let floor = Floor::new(5).await;
    let mut late = job("tarde", Lane::Normal, 1);
    late.spec.expires = Some(clock::now());
    let accepted = floor.shop.desk.accept(std::slice::from_ref(&late), clock::now()).await;
    accepted.into_iter().next().unwrap().unwrap();
    let (stop, worker) = floor.worker("w", 1);
    let failed = floor.until_state(late.id, StateName::Failed).await;
    assert_eq!(failed.outcome.unwrap().kind, OutcomeKind::Expired);
    assert!(floor.notebook.handed_over.lock().unwrap().is_empty());
    stop.soft.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_of_a_call_ends_its_job() {
    let floor = Floor::new(5).await;
    let id = floor.accept("uno", Lane::Normal, 1).await;
    let (stop, worker) = floor.worker("w", 1);
    let sent = floor.until_state(id, StateName::Dispatched).await;
    floor.notebook.ended.lock().unwrap().insert(sent.key(), OutcomeKind::Answered);
    let (tell, news) = tokio::sync::mpsc::channel(1);
    let tracker = tokio::spawn(track(floor.shop.clone(), news, stop.clone()));
    tell.send(sent.key()).await.unwrap();
    let done = floor.until_state(id, StateName::Completed).await;
    assert_eq!(done.outcome.unwrap().kind, OutcomeKind::Answered);
    stop.soft.cancel();
    worker.await.unwrap();
    tracker.await.unwrap();
}
