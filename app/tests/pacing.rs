//! Pacing from end to end: three workers, one of them killed, and what the telephone network sees of it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests say what is wrong by panicking, and print what they skip and what they measured"
)]

mod rig;

#[path = "pacing/network.rs"]
mod network;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use network::Network;
use rig::{Backing, Rig};

const JOBS: usize = 200;
const RATE: usize = 50;
const AT_ONCE: usize = 20;
const SECOND: i64 = 1_000_000_000;
/// The kernel notes times by its tick, so they may be this much too early.
const TICK: i64 = 10_000_000;
const PATIENCE: Duration = Duration::from_mins(2);

/// A disk of a busy machine may hold up one call file by so much more than the next. The rule itself is held to whole
/// seconds, with bounded lateness, in `core/src/pace_tests.rs`.
const DISK: i64 = 50_000_000;

/// The most calls that begin within a stretch of that length, wherever it starts.
fn most_within(arrivals: &[i64], stretch: i64) -> usize {
    let within = |first: i64| arrivals.iter().filter(|at| (first..first + stretch).contains(*at)).count();
    arrivals.iter().map(|first| within(*first)).max().unwrap_or(0)
}

/// The most calls that go on together.
fn most_at_once(calls: &BTreeMap<String, (i64, i64)>) -> usize {
    let during = |at: i64| calls.values().filter(|(from, to)| *from <= at && at + TICK < *to).count();
    calls.values().map(|(from, _)| during(*from)).max().unwrap_or(0)
}

async fn keep_the_limits(backing: &Backing) {
    let spool = tempfile::tempdir().unwrap();
    // First short calls, which the rate bounds, then long ones, which the slots do.
    let network = Network::start(spool.path(), |nth| Duration::from_millis(if nth < 100 { 80 } else { 900 }));
    let (rate, at_once) = (RATE.to_string(), AT_ONCE.to_string());
    let settings = [("CALLS_PER_SECOND", &*rate), ("CALLS_AT_ONCE", &*at_once), ("WORKER_CONCURRENCY", "8")];
    let rig = Rig::before(spool.path(), backing, &settings).await;
    let ids = rig.submit_many(JOBS, 16).await;
    let mut doomed = rig.worker(&[]);
    let _others = [rig.worker(&[]), rig.worker(&[])];
    rig.until("a quarter was dialled", PATIENCE, async |_: &Rig| network.calls().len() >= JOBS / 4).await;
    doomed.kill();
    rig.until("nothing is unfinished", PATIENCE, async |rig: &Rig| {
        let Some((200, stats)) = rig.get("/queue/stats").await else { return false };
        stats["jobs"]["completed"] == JOBS
    })
    .await;
    let calls = network.calls();
    let dialled: BTreeSet<&str> = calls.keys().map(|name| &name[..36]).collect();
    assert_eq!((calls.len(), dialled.len()), (JOBS, JOBS), "every job was dialled once");
    assert!(ids.iter().all(|id| dialled.contains(id.as_str())));
    let mut arrivals: Vec<i64> = calls.values().map(|(from, _)| *from).collect();
    arrivals.sort_unstable();
    let (busiest, most) = (most_within(&arrivals, SECOND), most_at_once(&calls));
    println!("at most {busiest} of {RATE} in a second, {most} of {AT_ONCE} at once");
    assert!(most_within(&arrivals, SECOND - DISK) <= RATE, "{busiest} calls began within a second");
    assert!(most <= AT_ONCE, "{most} calls at once");
    assert!(most > AT_ONCE / 2, "the limit was never near: {most}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_hold_over_all_workers_embedded() {
    keep_the_limits(&Backing::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_hold_over_all_workers_distributed() {
    let Some(backing) = Backing::distributed() else { return };
    keep_the_limits(&backing).await;
}

/// A thousand wait, and every worker has its hands full of them.
async fn ring_next(backing: &Backing) {
    let spool = tempfile::tempdir().unwrap();
    let network = Network::start(spool.path(), |_| Duration::from_millis(50));
    let settings = [("CALLS_PER_SECOND", "5"), ("WORKER_CONCURRENCY", "1")];
    let rig = Rig::before(spool.path(), backing, &settings).await;
    let normal = serde_json::json!({"text": "Mañana no habrá agua.", "phone_number": "3005050149"});
    let (status, _) =
        rig.post("/tts/batch", &serde_json::json!({"jobs": vec![normal; 1_000]})).await.unwrap();
    assert_eq!(status, 202);
    let _workers = [rig.worker(&[]), rig.worker(&[])];
    rig.until("some were dialled", PATIENCE, async |_: &Rig| network.calls().len() >= 5).await;
    let before = network.calls().len();
    let high = rig.submit("high").await.unwrap();
    rig.until("the high one was dialled", PATIENCE, async |_: &Rig| {
        network.calls().keys().any(|name| name.starts_with(&high))
    })
    .await;
    let calls = network.calls();
    let (_, (rang, _)) = calls.iter().find(|(name, _)| name.starts_with(&high)).unwrap();
    let earlier = calls.values().filter(|(from, _)| from < rang).count() - before;
    println!("{earlier} of a thousand were dialled between its submission and its turn");
    // The turns that passed while it was accepted, taken and spoken: a fifth of a second each.
    assert!(earlier <= 2, "{earlier} went before it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_high_call_rings_next_embedded() {
    ring_next(&Backing::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_high_call_rings_next_distributed() {
    let Some(backing) = Backing::distributed() else { return };
    ring_next(&backing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_call_leaves_by_the_trunk_of_its_country() {
    let spool = tempfile::tempdir().unwrap();
    let network = Network::start(spool.path(), |_| Duration::from_millis(20));
    let trunks = "co number=national countries=CO caller_id=6015550100 per_second=5 at_once=1; \
                  world number=e164 prefix=00";
    let rig = Rig::before(spool.path(), &Backing::Embedded, &[("TRUNKS", trunks)]).await;
    let request = |to: &str, trunk: Option<&str>| {
        let mut body = serde_json::json!({"text": "Hola", "phone_number": to});
        if let Some(name) = trunk {
            body["trunk"] = name.into();
        }
        body
    };
    let (status, answer) = rig.post("/tts/call", &request("3005050149", Some("claro"))).await.unwrap();
    assert_eq!((status, &answer["errors"][0]["field"]), (422, &"trunk".into()), "{answer}");
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("co, world"), "{answer}");
    let _worker = rig.worker(&[]);
    for (to, trunk, channel) in [
        ("3005050149", None, "Channel: PJSIP/3005050149@co\nCallerID: <6015550100>\n"),
        ("+34600123456", None, "Channel: PJSIP/00+34600123456@world\n"),
        ("3005050149", Some("world"), "Channel: PJSIP/00+573005050149@world\n"),
    ] {
        let (status, answer) = rig.post("/tts/call", &request(to, trunk)).await.unwrap();
        assert_eq!(status, 202, "{answer}");
        let id = answer["job_id"].as_str().unwrap();
        rig.until("it completed", PATIENCE, async |rig: &Rig| {
            let (_, job) = rig.get(&format!("/tts/status/{id}")).await.unwrap();
            job["status"] == "completed"
        })
        .await;
        let text = network.text(id);
        assert!(text.starts_with(channel), "{text}");
    }
}
