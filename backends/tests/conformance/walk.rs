//! A random walk of many jobs through all their events: the counters never drift from what is stored.

use std::collections::BTreeMap;
use std::time::Duration;

use pregon_core::stats::tally;
use pregon_core::{
    Event, Filter, Inserted, Job, Lane, Outcome, OutcomeKind, State, StateName, Store, Swap, Timestamp,
    Verdict, Waiting, clock,
};
use uuid::Uuid;

use super::{StoreBed, clip, job, listing};

/// Numbers that look random and repeat with their seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    /// Up to ten seconds before or after `now`.
    fn around(&mut self, now: Timestamp) -> Timestamp {
        now - Duration::from_secs(10) + Duration::from_millis(self.roll(20_000))
    }
}

fn some_event(job: &Job, dice: &mut Dice, now: Timestamp) -> Event {
    let lease = match job.state {
        State::Processing { lease, .. } => lease,
        _ => Uuid::new_v4(),
    };
    let at = dice.around(now);
    let error = || "no voice".to_owned();
    match dice.roll(16) {
        0 | 1 => Event::Claim { worker: "ana".into(), lease, until: at },
        2 => Event::Renew { lease, until: at },
        3 | 4 => Event::Dispatched { lease, check: at, clip: (dice.roll(2) == 0).then(clip) },
        5 => Event::Retry { lease, due: at, error: error() },
        6 => Event::Fail { lease, error: error() },
        7 => Event::Release { lease, ring: at },
        8 => Event::Rescue { handed_over: dice.roll(2) == 0, next: at },
        9 => Event::Ring { next: at },
        10 => Event::Check { attempt: job.attempt, next: at, waiting: Waiting::Result },
        11 => Event::Outcome {
            attempt: job.attempt,
            outcome: Outcome::of(OutcomeKind::ALL[usize::try_from(dice.roll(10)).unwrap()]),
            again: (dice.roll(2) == 0).then_some(at),
        },
        12 => Event::Cancel,
        13 => Event::HangUp { attempt: job.attempt },
        14 => Event::Decide { attempt: job.attempt, verdict: Verdict::ALL[usize::from(dice.roll(2) == 0)] },
        _ => Event::Again { attempt: job.attempt, heard_too: true },
    }
}

/// What a walk should have left behind.
#[derive(Default)]
struct Expected {
    jobs: Vec<Job>,
    counters: BTreeMap<String, u64>,
}

impl Expected {
    fn count(&mut self, before: Option<&Job>, after: &Job) {
        for (name, n) in tally(before, after) {
            *self.counters.entry(name).or_default() += n;
        }
    }

    async fn compare(&self, store: &dyn Store) {
        let counts = store.counts().await.unwrap();
        for state in StateName::ALL {
            let wanted = self.jobs.iter().filter(|j| j.state.name() == state).count();
            assert_eq!(counts.of(state), wanted as u64, "{state:?}");
            let filter = Filter { state: Some(state), limit: 50, ..Filter::default() };
            assert_eq!(listing::walk(store, &filter).await.len(), wanted, "{state:?}");
        }
        let mut newest_first = self.jobs.clone();
        newest_first.sort_by_key(|job| std::cmp::Reverse(job.id));
        let listed = listing::walk(store, &Filter { limit: 50, ..Filter::default() }).await;
        assert_eq!(listed, newest_first);
    }
}

pub(crate) async fn counters_follow_any_walk(bed: &StoreBed) {
    let seed = u64::try_from(clock::now().millis()).unwrap();
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let mut expected = Expected::default();
    let started = clock::now();
    for step in 0..1_500_u32 {
        let store = if dice.roll(2) == 0 { &bed.store } else { &bed.second };
        let now = clock::now();
        if expected.jobs.len() < 40 && dice.roll(10) == 0 {
            let new = job(if dice.roll(2) == 0 { Lane::High } else { Lane::Normal }, step, Duration::ZERO);
            assert_eq!(store.insert(std::slice::from_ref(&new)).await.unwrap(), [Inserted::New]);
            expected.count(None, &new);
            expected.jobs.push(new);
            continue;
        }
        let Some(at) = dice.roll(expected.jobs.len().max(1) as u64).try_into().ok() else { continue };
        let Some(before): Option<&Job> = expected.jobs.get::<usize>(at) else { continue };
        let event = some_event(before, &mut dice, now);
        let Ok(after) = before.clone().apply(event, now) else { continue };
        let before = before.clone();
        assert_eq!(store.swap(&before, &after).await.unwrap(), Swap::Done);
        let stale = store.swap(&before, &after).await.unwrap();
        assert_eq!(stale, Swap::Stale, "the same change does not count twice");
        expected.count(Some(&before), &after);
        expected.jobs[at] = after;
        if step % 500 == 499 {
            expected.compare(&*bed.store).await;
        }
    }
    expected.compare(&*bed.second).await;

    let (from, to) = (started.minute() - 1, clock::now().minute() + 1);
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for minute in bed.store.minutes(from, to).await.unwrap() {
        assert!((from..=to).contains(&minute.minute));
        for (name, n) in minute.counters {
            *counted.entry(name).or_default() += n;
        }
    }
    expected.counters.retain(|_, n| *n > 0);
    counted.retain(|_, n| *n > 0);
    assert_eq!(counted, expected.counters);
    assert_eq!(bed.store.minutes(from - 100, from - 90).await.unwrap(), []);
}
