//! The limits, as the other end of the line sees them.

use std::time::Duration;

use serde_json::json;

use crate::line::{Line, TEXT, Turn, count};
use crate::peer::calls::{most_at_once, most_within};
use crate::peer::{Call, Manner};
use crate::rig::Rig;

const RATE: usize = 10;
const AT_ONCE: usize = 20;

/// What counts as a second: the peer notes a call when it gets the processor, which on a busy machine it may have to
/// wait for.
const NEARLY_A_SECOND: Duration = Duration::from_millis(950);

/// Calls that are long enough to fill the slots, and short enough not to wait for.
fn manners() -> [(Manner, &'static str); 4] {
    let ring = Duration::from_millis(2_500);
    [
        (Manner::Answer { ring }, "answered"),
        (Manner::HangUp, "answered"),
        (Manner::Refuse { status: 486 }, "busy"),
        (Manner::RingAndRefuse { status: 486 }, "busy"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_hold_at_the_peer_while_workers_die() {
    let (rate, at_once) = (RATE.to_string(), AT_ONCE.to_string());
    let settings = [("CALLS_PER_SECOND", &*rate), ("CALLS_AT_ONCE", &*at_once), ("WORKER_CONCURRENCY", "8")];
    let Some(mut line) = Line::open_with(Turn::alone().await, &settings).await else { return };
    let mut second = line.rig.worker(&[]);
    let _third = line.rig.worker(&[]);
    let mut placed = Vec::new();
    for nth in 0..count(60) {
        let (manner, kind) = manners()[nth % 4].clone();
        let number = manner.number();
        placed.push((line.call(&number, &json!({})).await, number, kind));
    }
    let calls = |line: &Line| -> Vec<Call> {
        placed.iter().flat_map(|(_, number, _)| line.peer.calls_to(number)).collect()
    };
    for (part, doomed) in [(4, &mut line.worker), (2, &mut second)] {
        let patience = Duration::from_mins(1);
        let called = || placed.iter().filter(|(_, number, _)| !line.peer.calls_to(number).is_empty()).count();
        line.rig.until("a part was called", patience, async |_: &Rig| called() >= placed.len() / part).await;
        doomed.kill();
    }
    for (id, number, kind) in &placed {
        let job = line.ended(id).await;
        assert_eq!(job["outcome"]["kind"], *kind, "{job}");
        assert_eq!(line.peer.calls_to(number).len(), 1, "{number} is called once: {job}");
    }
    let calls = calls(&line);
    let (busiest, most) = (most_within(&calls, Duration::from_secs(1)), most_at_once(&calls));
    println!("{} calls, at most {busiest} of {RATE} in a second, {most} of {AT_ONCE} at once", calls.len());
    assert!(most_within(&calls, NEARLY_A_SECOND) <= RATE, "{busiest} calls came within a second");
    assert!(most <= AT_ONCE, "{most} calls at once");
    assert!(most > RATE, "the slots were never near full: {most}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_urgent_call_rings_next_with_a_thousand_waiting() {
    let settings = [("CALLS_PER_SECOND", "4"), ("WORKER_CONCURRENCY", "8")];
    let Some(line) = Line::open_with(Turn::alone().await, &settings).await else { return };
    let busy = Manner::Refuse { status: 486 };
    let numbers: Vec<String> = (0..1_000).map(|_| busy.number()).collect();
    let jobs: Vec<_> =
        numbers.iter().map(|n| json!({"text": TEXT, "phone_number": n, "max_attempts": 1})).collect();
    let (status, answer) = line.rig.post("/tts/batch", &json!({"jobs": jobs})).await.unwrap();
    assert_eq!(status, 202, "{answer}");
    let called = || -> Vec<Call> { numbers.iter().flat_map(|number| line.peer.calls_to(number)).collect() };
    line.rig.until("some were called", Duration::from_mins(1), async |_: &Rig| called().len() >= 4).await;

    let urgent = busy.number();
    line.call(&urgent, &json!({"priority": "high"})).await;
    let accepted = std::time::Instant::now();
    let rang = async |_: &Rig| !line.peer.calls_to(&urgent).is_empty();
    line.rig.until("the urgent one was called", Duration::from_mins(1), rang).await;
    let next = line.peer.calls_to(&urgent)[0].invited;
    let between = called().iter().filter(|call| call.invited > accepted && call.invited < next).count();
    println!("{between} normal calls between the urgent request and its ringing, of {}", called().len());
    // One may have had its turn already.
    assert!(between <= 1, "{between} normal calls came first");
}
