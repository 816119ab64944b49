//! Calls per second and calls at once, as workers keep to them.

use std::time::{Duration, Instant};

use pregon_core::{Job, JobId, Key, Lane, Limits, Line, OutcomeKind, StateName, clock};
use pregon_worker::{Stop, Turns, track};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

use crate::floor::{Floor, job};
use crate::{orphan, sweep};

const TRUNK: &str = "co";

/// A floor whose calls go by one trunk that bears so much.
async fn floor(per_second: Option<&str>, at_once: Option<u32>) -> Floor {
    let floor = Floor::new(100).await;
    let limits = Limits { per_second: per_second.map(|n| n.parse().unwrap()), at_once };
    let line = Line { trunk: TRUNK.into(), limits, ring: Duration::from_secs(45) };
    *floor.notebook.line.lock().unwrap() = Some(line);
    floor
}

fn out(floor: &Floor) -> Vec<Key> {
    floor.notebook.handed_over.lock().unwrap().clone()
}

async fn calls(floor: &Floor) -> u32 {
    floor.shop.desk.store().loads(&[TRUNK.to_owned()]).await.unwrap().remove(0).calls
}

/// The tracker, and how to end calls.
struct Fates {
    tell: Sender<Key>,
    stop: Stop,
    tracker: JoinHandle<()>,
}

impl Fates {
    fn follow(floor: &Floor) -> Self {
        let (tell, news) = tokio::sync::mpsc::channel(16);
        let stop = Stop::default();
        Self { tell, tracker: tokio::spawn(track(floor.shop.clone(), news, stop.clone())), stop }
    }

    async fn end(&self, floor: &Floor, key: Key, kind: OutcomeKind) {
        floor.notebook.ended.lock().unwrap().insert(key, kind);
        self.tell.send(key).await.unwrap();
    }

    async fn leave(self) {
        self.stop.soft.cancel();
        self.tracker.await.unwrap();
    }
}

async fn accept_many(floor: &Floor, n: usize) -> Vec<JobId> {
    let jobs: Vec<Job> = (0..n).map(|_| job("igual", Lane::Normal, 3)).collect();
    for accepted in floor.shop.desk.accept(&jobs, clock::now()).await {
        accepted.unwrap();
    }
    jobs.iter().map(|job| job.id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_of_two_processes_keep_one_rate() {
    const RATE: usize = 20;
    let mut floor = floor(None, None).await;
    let mut stops = Vec::new();
    for name in ["first", "second"] {
        // As another process would have it: the same trunk, with a waiting line of its own.
        let overall = Limits { per_second: RATE.to_string().parse().ok(), at_once: None };
        floor.shop.turns = Turns::new(overall);
        stops.push(floor.worker(name, 4));
    }
    let begun = Instant::now();
    accept_many(&floor, 50).await;
    floor.until("all went out", async || out(&floor).len() == 50).await;
    let times = floor.notebook.times.lock().unwrap().clone();
    for first in &times {
        let second = times.iter().filter(|at| *at >= first && **at - *first < Duration::from_secs(1));
        assert!(second.count() <= RATE);
    }
    assert!(begun.elapsed() < Duration::from_secs(15), "slower than asked for: {:?}", begun.elapsed());
    for (stop, worker) in stops {
        stop.soft.cancel();
        worker.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_waited_plays_a_clip_that_is_there() {
    let floor = floor(None, Some(1)).await;
    let (stop, worker) = floor.worker("w", 2);
    let fates = Fates::follow(&floor);
    floor.accept("uno", Lane::High, 1).await;
    floor.until("the first one rings", async || out(&floor).len() == 1).await;
    let second = floor.accept("dos", Lane::High, 1).await;
    let load = async || floor.shop.desk.store().loads(&[TRUNK.to_owned()]).await.unwrap().remove(0);
    floor.until("the second one waits for its turn", async || load().await.high_waiting == 1).await;
    // As the cache makes room while it waits.
    let audio_dir = floor.shop.studio.audio_dir();
    std::fs::remove_dir_all(audio_dir).unwrap();
    std::fs::create_dir_all(audio_dir.join("tmp")).unwrap();
    fates.end(&floor, out(&floor)[0], OutcomeKind::Answered).await;
    floor.until("the second one rings", async || out(&floor).len() == 2).await;
    let clip = floor.until_state(second, StateName::Dispatched).await.clip.unwrap();
    assert!(clip.stem(audio_dir).unwrap().with_extension("wav").exists());
    fates.leave().await;
    stop.soft.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_high_call_behind_a_thousand_that_wait_rings_next() {
    let floor = floor(None, Some(1)).await;
    let (stop, worker) = floor.worker("w", 2);
    let fates = Fates::follow(&floor);
    accept_many(&floor, 1_000).await;
    floor.until("the first one rings", async || out(&floor).len() == 1).await;
    // Both slots of the worker, and all it may fetch of the lane, are taken by calls that wait.
    let waiting = async || floor.shop.desk.store().counts().await.unwrap().of(StateName::Processing);
    floor.until("the worker's hands are full", async || waiting().await == 2).await;
    let high = floor.accept("urgente", Lane::High, 1).await;
    floor.until_state(high, StateName::Processing).await;
    let load = async || floor.shop.desk.store().loads(&[TRUNK.to_owned()]).await.unwrap().remove(0);
    floor.until("it waits for its turn", async || load().await.high_waiting == 1).await;
    assert_eq!(out(&floor).len(), 1);
    fates.end(&floor, out(&floor)[0], OutcomeKind::Answered).await;
    floor.until("the next one rings", async || out(&floor).len() == 2).await;
    assert_eq!(out(&floor)[1].job, high);
    fates.end(&floor, out(&floor)[1], OutcomeKind::Answered).await;
    floor.until("a normal one follows", async || out(&floor).len() == 3).await;
    fates.leave().await;
    stop.soft.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_wait_are_given_back_at_once_when_the_worker_stops() {
    let floor = floor(None, Some(1)).await;
    let (stop, worker) = floor.worker("first", 4);
    let ids = accept_many(&floor, 4).await;
    floor.until("one rings", async || out(&floor).len() == 1).await;
    let processing = async || floor.shop.desk.store().counts().await.unwrap().of(StateName::Processing);
    floor.until("the others wait", async || processing().await == 3).await;
    stop.soft.cancel();
    tokio::time::timeout(Duration::from_secs(10), worker).await.expect("it drains").unwrap();
    for id in ids.iter().filter(|id| **id != out(&floor)[0].job) {
        let back = floor.job(*id).await;
        assert_eq!((back.state.name(), back.counted(), back.rescues), (StateName::Queued, 0, 1));
    }
    assert_eq!(calls(&floor).await, 1, "only the one that rings has a slot");
    let fates = Fates::follow(&floor);
    fates.end(&floor, out(&floor)[0], OutcomeKind::Answered).await;
    let (stop, worker) = floor.worker("second", 4);
    floor.until("the next one rings", async || out(&floor).len() == 2).await;
    fates.leave().await;
    stop.soft.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wish_to_cancel_and_a_time_limit_reach_calls_that_wait() {
    let floor = floor(None, Some(1)).await;
    let (stop, worker) = floor.worker("w", 4);
    accept_many(&floor, 1).await;
    floor.until("one rings", async || out(&floor).len() == 1).await;
    let unwanted = floor.accept("no", Lane::Normal, 3).await;
    let mut late = job("tarde", Lane::High, 3);
    late.spec.expires = Some(clock::now() + Duration::from_secs(3));
    floor.shop.desk.accept(std::slice::from_ref(&late), clock::now()).await.remove(0).unwrap();
    for id in [unwanted, late.id] {
        floor.until_state(id, StateName::Processing).await;
    }
    floor.shop.desk.cancel(unwanted, clock::now()).await.unwrap();
    floor.until_state(unwanted, StateName::Cancelled).await;
    let failed = floor.until_state(late.id, StateName::Failed).await;
    assert_eq!(failed.outcome.unwrap().kind, OutcomeKind::Expired);
    assert_eq!((out(&floor).len(), calls(&floor).await), (1, 1));
    stop.soft.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn congestion_frees_the_slot_and_slows_the_trunk_down() {
    let floor = floor(Some("50"), Some(1)).await;
    let (stop, worker) = floor.worker("w", 1);
    let fates = Fates::follow(&floor);
    accept_many(&floor, 1).await;
    floor.until("it rings", async || out(&floor).len() == 1).await;
    // Told twice: by two processes that both watch the spool.
    fates.end(&floor, out(&floor)[0], OutcomeKind::Congestion).await;
    fates.end(&floor, out(&floor)[0], OutcomeKind::Congestion).await;
    let load = async || floor.shop.desk.store().loads(&[TRUNK.to_owned()]).await.unwrap().remove(0);
    floor.until("it is slower", async || load().await.eased == 1 && load().await.calls == 0).await;
    fates.leave().await;
    stop.soft.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_slot_of_a_dead_workers_attempt_comes_back_unless_it_was_handed_over() {
    let floor = floor(None, Some(5)).await;
    let (idle, ringing) = (orphan(&floor, false).await, orphan(&floor, false).await);
    for held in [&idle, &ringing] {
        floor.shop.desk.store().hold(TRUNK, held.key(), Duration::from_mins(10)).await.unwrap();
    }
    let clip = crate::floor::clip();
    floor.shop.dispatcher.dispatch(&ringing, &clip.into()).await.unwrap();
    assert_eq!(calls(&floor).await, 2);
    let (sweeping, sweeper, _) = sweep(&floor);
    floor.until_state(idle.id, StateName::Queued).await;
    floor.until_state(ringing.id, StateName::Dispatched).await;
    assert_eq!(calls(&floor).await, 1);
    sweeping.soft.cancel();
    sweeper.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trunk_without_limits_counts_nobody() {
    let floor = floor(None, None).await;
    let (stop, worker) = floor.worker("w", 1);
    accept_many(&floor, 3).await;
    floor.until("all went out", async || out(&floor).len() == 3).await;
    assert_eq!(calls(&floor).await, 0);
    stop.soft.cancel();
    worker.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn congestion_slows_down_a_trunk_without_limits_too() {
    let floor = floor(None, None).await;
    let (stop, worker) = floor.worker("w", 4);
    let fates = Fates::follow(&floor);
    accept_many(&floor, 1).await;
    floor.until("it rings", async || out(&floor).len() == 1).await;
    fates.end(&floor, out(&floor)[0], OutcomeKind::Congestion).await;
    let load = async || floor.shop.desk.store().loads(&[TRUNK.to_owned()]).await.unwrap().remove(0);
    floor.until("it is slower", async || load().await.eased == 1).await;
    // The job itself may be tried again beside them.
    accept_many(&floor, 11).await;
    floor.until("they went out", async || out(&floor).len() >= 12).await;
    let times = floor.notebook.times.lock().unwrap().clone();
    // Ten a second at most: half of what is assumed.
    assert!(times[11] - times[1] > Duration::from_millis(900), "{:?}", times[11] - times[1]);
    fates.leave().await;
    stop.soft.cancel();
    worker.await.unwrap();
}
