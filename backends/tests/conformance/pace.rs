//! The gates: asked by two handles at once, never more than the limits; and what becomes of slots whose holder is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use pregon_core::pace::{ADMITTED, ON_ITS_WAY};
use pregon_core::{Admission, Admitted, JobId, Key, Lane, Limits, Load, Store, clock};

use super::{StoreBed, eventually};

const LONG: Duration = Duration::from_mins(5);
const BLINK: Duration = Duration::from_secs(1);

fn key() -> Key {
    Key { job: JobId::new(clock::now()), attempt: 1 }
}

fn limits(per_second: Option<u32>, at_once: Option<u32>) -> Limits {
    Limits { per_second: per_second.map(|n| n.to_string().parse().unwrap()), at_once }
}

fn by(trunk: &str, of_trunk: Limits) -> Admission {
    Admission {
        key: key(),
        trunk: trunk.to_owned(),
        lane: Lane::Normal,
        of_trunk,
        overall: Limits::default(),
        lease: ADMITTED,
    }
}

async fn goes(store: &dyn Store, admission: &Admission) -> bool {
    store.admit(admission).await.unwrap() == Admitted::Go
}

async fn calls(store: &dyn Store, trunk: &str) -> Load {
    store.loads(&[trunk.to_owned()]).await.unwrap().remove(0)
}

/// Asks until it may go, then says that it is under way. Returns when it was let through.
async fn dial(store: &dyn Store, admission: &Admission) -> Instant {
    loop {
        match store.admit(admission).await.unwrap() {
            Admitted::Go => {
                let at = Instant::now();
                store.hold(&admission.trunk, admission.key, LONG).await.unwrap();
                return at;
            }
            Admitted::Wait(wait) => tokio::time::sleep(wait).await,
        }
    }
}

pub(crate) async fn no_second_holds_more_calls_than_the_rate(bed: &StoreBed) {
    const RATE: u32 = 40;
    let askers = (0..60).map(|n| {
        let store = Arc::clone(if n % 2 == 0 { &bed.store } else { &bed.second });
        // Two trunks without a rate of their own share the overall one.
        let trunk = if n % 3 == 0 { "a" } else { "b" };
        let admission = Admission { overall: limits(Some(RATE), None), ..by(trunk, Limits::default()) };
        tokio::spawn(async move { dial(&*store, &admission).await })
    });
    let mut times = Vec::new();
    for asker in askers.collect::<Vec<_>>() {
        times.push(asker.await.unwrap());
    }
    times.sort_unstable();
    for first in &times {
        let second = times.iter().filter(|at| *at >= first && **at - *first < Duration::from_secs(1));
        let count = second.count();
        assert!(count <= RATE as usize, "{count} calls in one second");
    }
}

pub(crate) async fn never_more_calls_at_once_than_slots(bed: &StoreBed) {
    const SLOTS: u32 = 5;
    let (now, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let askers = (0..40).map(|n| {
        let store = Arc::clone(if n % 2 == 0 { &bed.store } else { &bed.second });
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        tokio::spawn(async move {
            let admission = by("co", limits(None, Some(SLOTS)));
            dial(&*store, &admission).await;
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::SeqCst);
            store.vacate("co", admission.key).await.unwrap();
        })
    });
    for asker in askers.collect::<Vec<_>>() {
        asker.await.unwrap();
    }
    let most = most.load(Ordering::SeqCst);
    assert!((2..=SLOTS).contains(&most), "{most} at once");
    assert_eq!(calls(&*bed.store, "co").await.calls, 0);
}

pub(crate) async fn an_attempt_that_asks_again_takes_nothing_more(bed: &StoreBed) {
    let admission = by("co", limits(Some(1), Some(2)));
    for store in [&bed.store, &bed.second, &bed.store] {
        assert!(goes(&**store, &admission).await);
    }
    assert_eq!(calls(&*bed.store, "co").await.calls, 1);
    bed.store.hold("co", admission.key, LONG).await.unwrap();
    bed.second.hold("co", admission.key, LONG).await.unwrap();
    assert_eq!(calls(&*bed.second, "co").await.calls, 1);
    let Admitted::Wait(wait) = bed.store.admit(&by("co", limits(Some(1), Some(2)))).await.unwrap() else {
        panic!("the next turn is more than a second away")
    };
    assert!(wait <= Duration::from_millis(1_200), "one turn was taken, not three: {wait:?}");
    for _ in 0..2 {
        bed.store.vacate("co", admission.key).await.unwrap();
    }
    assert_eq!(calls(&*bed.store, "co").await, Load { trunk: "co".into(), ..Load::default() });
}

pub(crate) async fn the_slot_of_a_dead_worker_comes_back(bed: &StoreBed) {
    let one = limits(None, Some(1));
    let dead = Admission { lease: BLINK, ..by("co", one) };
    assert!(goes(&*bed.store, &dead).await);
    let next = by("co", one);
    assert!(!goes(&*bed.second, &next).await, "its lease still runs");
    eventually(true, async || goes(&*bed.second, &next).await).await;
}

pub(crate) async fn a_call_under_way_keeps_its_slot(bed: &StoreBed) {
    let one = limits(None, Some(1));
    let first = Admission { lease: BLINK, ..by("co", one) };
    assert!(goes(&*bed.store, &first).await);
    bed.second.hold("co", first.key, LONG).await.unwrap();
    // Another one, admitted with the same lease afterwards, has lost its slot by then.
    let clocklike = Admission { lease: BLINK, ..by("other", one) };
    assert!(goes(&*bed.store, &clocklike).await);
    eventually(0, async || calls(&*bed.store, "other").await.calls).await;
    assert!(!goes(&*bed.store, &by("co", one)).await);
    bed.store.vacate("co", first.key).await.unwrap();
    assert!(goes(&*bed.store, &by("co", one)).await);
    // A store that had lost the slot takes it back.
    let lost = key();
    bed.store.hold("es", lost, LONG).await.unwrap();
    assert!(!goes(&*bed.second, &by("es", one)).await);
}

pub(crate) async fn a_high_call_takes_the_next_turn(bed: &StoreBed) {
    let one = limits(None, Some(1));
    let (talking, normal) = (by("co", one), by("co", one));
    let high = Admission { lane: Lane::High, ..by("co", one) };
    assert!(goes(&*bed.store, &talking).await);
    assert!(!goes(&*bed.store, &normal).await);
    assert!(!goes(&*bed.second, &high).await);
    assert_eq!(calls(&*bed.store, "co").await.high_waiting, 1);
    bed.store.vacate("co", talking.key).await.unwrap();
    assert!(!goes(&*bed.store, &normal).await, "there is room, and a high one waits for it");
    assert!(goes(&*bed.store, &by("world", one)).await, "it does not wait for another trunk");
    assert!(goes(&*bed.second, &high).await);
    bed.store.vacate("co", high.key).await.unwrap();
    assert!(goes(&*bed.store, &normal).await, "it waits no more");
}

pub(crate) async fn a_high_call_that_gives_up_keeps_nobody_back(bed: &StoreBed) {
    let one = limits(None, Some(1));
    let (talking, normal) = (by("co", one), by("co", one));
    let [given_up, dead] = [(); 2].map(|()| Admission { lane: Lane::High, ..by("co", one) });
    assert!(goes(&*bed.store, &talking).await);
    for high in [&given_up, &dead] {
        assert!(!goes(&*bed.store, high).await);
    }
    bed.store.vacate("co", talking.key).await.unwrap();
    bed.store.vacate("co", given_up.key).await.unwrap();
    assert!(!goes(&*bed.store, &normal).await);
    eventually(true, async || goes(&*bed.store, &normal).await).await;
}

pub(crate) async fn trunks_have_slots_of_their_own_and_share_the_overall_ones(bed: &StoreBed) {
    let shared = Admission { overall: limits(None, Some(3)), ..by("co", limits(None, Some(2))) };
    let next = |trunk: &str| Admission { key: key(), trunk: trunk.into(), ..shared.clone() };
    for (trunk, free) in [("co", true), ("co", true), ("co", false), ("es", true), ("es", false)] {
        assert_eq!(goes(&*bed.store, &next(trunk)).await, free, "{trunk}");
    }
    let loads = bed.second.loads(&["es".to_owned(), "co".to_owned(), "new".to_owned()]).await.unwrap();
    let told: Vec<_> = loads.iter().map(|load| (load.trunk.as_str(), load.calls)).collect();
    assert_eq!(told, [("es", 1), ("co", 2), ("new", 0)]);
}

pub(crate) async fn calls_on_their_way_hold_up_others_for_a_moment_only(bed: &StoreBed) {
    let fast = || by("co", limits(Some(1_000), None));
    let mut stuck = 0;
    while goes(&*bed.store, &fast()).await || stuck == 0 {
        stuck += 1;
        assert!(stuck < 500, "nobody is held up");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let held_up = Instant::now();
    let next = fast();
    eventually(true, async || goes(&*bed.second, &next).await).await;
    assert!(held_up.elapsed() < ON_ITS_WAY * 5);
}

pub(crate) async fn congestion_slows_a_trunk_down_once_per_event(bed: &StoreBed) {
    let gap = async |trunk: &str| {
        let admission = by(trunk, limits(Some(1), None));
        dial(&*bed.store, &admission).await;
        match bed.store.admit(&by(trunk, limits(Some(1), None))).await.unwrap() {
            Admitted::Go => Duration::ZERO,
            Admitted::Wait(wait) => wait,
        }
    };
    bed.store.slow("co").await.unwrap();
    bed.second.slow("co").await.unwrap();
    assert_eq!(calls(&*bed.second, "co").await.eased, 1, "answers that come together count once");
    assert!(gap("co").await > Duration::from_millis(1_900));
    assert!(gap("es").await <= Duration::from_millis(1_100), "other trunks go on");
}
