//! Calls that failed and are made again.

use std::time::Duration;

use pregon_core::{
    Event, Job, Key, Lane, Mishap, Outcome, OutcomeKind, RESULTS, Redial, Sequel, StateName, Swap, Timestamp,
    What, clock,
};
use pregon_worker::{Stop, track};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::floor::{Floor, job};
use crate::sweep;

fn tracker(floor: &Floor, stop: &Stop) -> (mpsc::Sender<Key>, JoinHandle<()>) {
    let (tell, news) = mpsc::channel(8);
    (tell, tokio::spawn(track(floor.shop.clone(), news, stop.clone())))
}

/// What the timeline says about the calls that ended.
fn decisions(job: &Job) -> Vec<(OutcomeKind, Option<Sequel>)> {
    let told = |what: &What| match what {
        What::Outcome { outcome, next } => Some((outcome.kind, *next)),
        _ => None,
    };
    job.timeline.iter().filter_map(|entry| told(&entry.what)).collect()
}

/// When the next attempt may start.
fn due(what: &What) -> Option<Timestamp> {
    match what {
        What::Outcome { next: Some(Sequel::Again { due, .. }), .. } => Some(*due),
        _ => None,
    }
}

async fn results(floor: &Floor) -> u64 {
    let depths = floor.shop.desk.queue().depths().await.unwrap();
    depths.iter().find(|depth| depth.name == RESULTS).unwrap().messages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn busy_twice_then_answered_is_three_attempts_and_one_end() {
    let floor = Floor::new(5).await;
    let (stop, worker) = floor.worker("w", 1);
    let id = floor.accept("uno", Lane::Normal, 3).await;
    // Two trackers hear of every call, as the processes of two workers would.
    let ((tell, one), (tell_too, other)) = (tracker(&floor, &stop), tracker(&floor, &stop));
    for (attempt, kind) in [(1, OutcomeKind::Busy), (2, OutcomeKind::Busy), (3, OutcomeKind::Answered)] {
        let key = Key { job: id, attempt };
        floor
            .until("the attempt is out", async || {
                let job = floor.job(id).await;
                (job.attempt, job.state.name()) == (attempt, StateName::Dispatched)
            })
            .await;
        assert_eq!(results(&floor).await, 0, "the feed tells of true ends only");
        floor.notebook.ended.lock().unwrap().insert(key, kind);
        for tell in [&tell, &tell_too] {
            tell.send(key).await.unwrap();
        }
    }
    let done = floor.until_state(id, StateName::Completed).await;
    assert_eq!((done.counted(), done.outcome.as_ref().unwrap().kind), (3, OutcomeKind::Answered));
    let told = decisions(&done);
    let again = |n: usize| matches!(told[n], (OutcomeKind::Busy, Some(Sequel::Again { of: 3, .. })));
    assert!(told.len() == 3 && again(0) && again(1), "{told:?}");
    assert_eq!(told[2], (OutcomeKind::Answered, None));
    let waits: Vec<u64> =
        done.timeline.iter().filter_map(|e| Some(due(&e.what)?.since(e.at).as_secs())).collect();
    assert_eq!(waits, [1, 2], "the first wait, then the second");
    let starts: Vec<_> =
        done.timeline.iter().filter(|e| matches!(e.what, What::Claimed { .. })).map(|e| e.at).collect();
    assert!(starts[1].since(starts[0]) >= Duration::from_secs(1), "the first wait was kept");
    assert!(starts[2].since(starts[1]) >= Duration::from_secs(2), "the second wait was kept");
    let keys: Vec<Key> = (1..=3).map(|attempt| Key { job: id, attempt }).collect();
    assert_eq!(*floor.notebook.handed_over.lock().unwrap(), keys, "one call file per attempt");
    floor.until("it is reported", async || results(&floor).await == 1).await;
    // Late news of an attempt that others have followed; trackers look into all they were told before they end.
    tell.send(Key { job: id, attempt: 1 }).await.unwrap();
    drop((tell, tell_too));
    for tracker in [one, other] {
        tracker.await.unwrap();
    }
    stop.soft.cancel();
    worker.await.unwrap();
    assert_eq!(floor.job(id).await.version, done.version);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_may_repeat_ends_at_once() {
    let floor = Floor::new(5).await;
    let (stop, worker) = floor.worker("w", 1);
    let (tell, tracker) = tracker(&floor, &stop);
    for (kind, attempts, sequel) in [
        (OutcomeKind::Rejected, 3, Sequel::Never),
        (OutcomeKind::InvalidNumber, 3, Sequel::Never),
        (OutcomeKind::Busy, 1, Sequel::NoneLeft),
        (OutcomeKind::NoAnswer, 3, Sequel::Enough),
    ] {
        let id = floor.accept("uno", Lane::Normal, attempts).await;
        let sent = floor.until_state(id, StateName::Dispatched).await;
        floor.notebook.ended.lock().unwrap().insert(sent.key(), kind);
        tell.send(sent.key()).await.unwrap();
        let failed = floor.until_state(id, StateName::Failed).await;
        assert_eq!(decisions(&failed), [(kind, Some(sequel))]);
        assert_eq!(failed.last_error.as_deref(), Some(kind.sentence()));
    }
    stop.soft.cancel();
    worker.await.unwrap();
    tracker.await.unwrap();
    assert_eq!(floor.notebook.handed_over.lock().unwrap().len(), 4);
}

/// A job whose first call was busy, as a process leaves it that dies when the outcome is stored and the next attempt is
/// not published yet.
async fn unpublished_retry(floor: &Floor) -> Job {
    let mut before = job("huérfano", Lane::Normal, 3);
    before.spec.retry = Redial::from_iter([(Mishap::Busy, "1s".parse().unwrap())]);
    let store = floor.shop.desk.store();
    store.insert(std::slice::from_ref(&before)).await.unwrap();
    let then = clock::now() - Duration::from_mins(1);
    let lease = Uuid::new_v4();
    let outcome = Outcome::of(OutcomeKind::Busy);
    for event in [
        Event::Claim { worker: "dead".into(), lease, until: then + Duration::from_secs(15) },
        Event::Dispatched { lease, check: then, clip: None },
        Event::Outcome { attempt: 1, outcome, again: Some(then + Duration::from_secs(1)) },
    ] {
        let after = before.clone().apply(event, then).unwrap();
        assert_eq!(store.swap(&before, &after).await.unwrap(), Swap::Done);
        before = after;
    }
    before
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_that_was_stored_and_never_published_goes_out() {
    let floor = Floor::new(5).await;
    let waiting = unpublished_retry(&floor).await;
    assert_eq!(waiting.state.name(), StateName::Scheduled);
    let (sweeping, sweeper, _) = sweep(&floor);
    let (stop, worker) = floor.worker("w", 1);
    let out = floor.until_state(waiting.id, StateName::Dispatched).await;
    assert_eq!((out.attempt, out.counted(), out.outcome), (2, 2, None));
    for token in [stop.soft, sweeping.soft] {
        token.cancel();
    }
    worker.await.unwrap();
    sweeper.await.unwrap();
    assert_eq!(*floor.notebook.handed_over.lock().unwrap(), [Key { job: waiting.id, attempt: 2 }]);
}
