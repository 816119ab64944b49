//! One job after the other: insert, swap, due, prune, discard, beats and the watch.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use pregon_core::{ALIVE, Beat, Change, Inserted, Job, JobId, Lane, State, StateName, Swap, clock};

use super::{PATIENCE, StoreBed, cancelled, claimed, eventually, job, jobs};

pub(crate) async fn a_job_is_inserted_once(bed: &StoreBed) {
    let (one, two) = (job(Lane::Normal, 1, Duration::ZERO), job(Lane::High, 2, Duration::ZERO));
    assert_eq!(bed.store.get(one.id).await.unwrap(), None);
    assert_eq!(bed.store.insert(&[]).await.unwrap(), []);
    assert_eq!(bed.store.insert(std::slice::from_ref(&one)).await.unwrap(), [Inserted::New]);

    let changed = Job { last_error: Some("must not be stored".into()), ..one.clone() };
    let answers = bed.second.insert(&[changed, two.clone(), two.clone()]).await.unwrap();
    assert_eq!(answers, [Inserted::Existing, Inserted::New, Inserted::Existing]);
    assert_eq!(bed.store.get(one.id).await.unwrap(), Some(one));
    assert_eq!(bed.store.get(two.id).await.unwrap(), Some(two));
    assert_eq!(bed.store.counts().await.unwrap().of(StateName::Queued), 2);
    assert_eq!(bed.store.counts().await.unwrap().total(), 2);
}

pub(crate) async fn a_swap_needs_the_version_it_saw(bed: &StoreBed) {
    let queued = job(Lane::Normal, 1, Duration::ZERO);
    let held = claimed(&queued);
    assert_eq!(bed.store.swap(&queued, &held).await.unwrap(), Swap::Missing);
    bed.store.insert(std::slice::from_ref(&queued)).await.unwrap();
    assert_eq!(bed.store.swap(&queued, &held).await.unwrap(), Swap::Done);
    assert_eq!(bed.second.get(queued.id).await.unwrap(), Some(held.clone()));

    assert_eq!(bed.second.swap(&queued, &cancelled(&queued)).await.unwrap(), Swap::Stale);
    assert_eq!(bed.store.get(queued.id).await.unwrap(), Some(held));
    let counts = bed.store.counts().await.unwrap();
    assert_eq!((counts.of(StateName::Processing), counts.total()), (1, 1));
}

pub(crate) async fn of_concurrent_swaps_exactly_one_wins(bed: &StoreBed) {
    for round in 0..10 {
        let queued = job(Lane::Normal, round, Duration::ZERO);
        bed.store.insert(std::slice::from_ref(&queued)).await.unwrap();
        let rivals = (0..16).map(|n| {
            let store = Arc::clone(if n % 2 == 0 { &bed.store } else { &bed.second });
            let (before, after) = (queued.clone(), claimed(&queued));
            tokio::spawn(async move { (store.swap(&before, &after).await.unwrap(), after) })
        });
        let mut winners = Vec::new();
        for rival in rivals.collect::<Vec<_>>() {
            match rival.await.unwrap() {
                (Swap::Done, after) => winners.push(after),
                (swap, _) => assert_eq!(swap, Swap::Stale),
            }
        }
        assert_eq!(winners.len(), 1, "round {round}");
        assert_eq!(bed.store.get(queued.id).await.unwrap(), winners.pop());
    }
    assert_eq!(bed.store.counts().await.unwrap().of(StateName::Processing), 10);
}

pub(crate) async fn due_gives_the_overdue_of_one_state_in_order(bed: &StoreBed) {
    let now = clock::now();
    let seconds = [-30_i64, 60, -10, -50, 3_600];
    let mut queued: Vec<Job> = Vec::new();
    for (n, at) in (0..).zip(seconds) {
        let ring = pregon_core::Timestamp::from_millis(now.millis() + at * 1_000);
        queued.push(Job { state: State::Queued { ring }, ..job(Lane::Normal, n, Duration::ZERO) });
    }
    let overdue = now - Duration::from_secs(20);
    let scheduled = Job { state: State::Scheduled { due: overdue }, ..job(Lane::Normal, 9, Duration::ZERO) };
    bed.store.insert(&queued).await.unwrap();
    bed.store.insert(std::slice::from_ref(&scheduled)).await.unwrap();

    let ids = |jobs: Vec<Job>| jobs.into_iter().map(|j| j.id).collect::<Vec<_>>();
    let due = bed.store.due(StateName::Queued, now, 10).await.unwrap();
    assert_eq!(ids(due), [queued[3].id, queued[0].id, queued[2].id]);
    let due = bed.store.due(StateName::Queued, now, 2).await.unwrap();
    assert_eq!(ids(due), [queued[3].id, queued[0].id]);
    assert_eq!(bed.store.due(StateName::Scheduled, now, 10).await.unwrap(), [scheduled]);
    assert_eq!(bed.store.due(StateName::Dispatched, now, 10).await.unwrap(), []);

    let ended = cancelled(&queued[3]);
    assert_eq!(bed.store.swap(&queued[3], &ended).await.unwrap(), Swap::Done);
    let later = State::Queued { ring: now + Duration::from_secs(90) };
    let rung = Job { state: later, version: 1, ..queued[0].clone() };
    assert_eq!(bed.store.swap(&queued[0], &rung).await.unwrap(), Swap::Done);
    let due = bed.store.due(StateName::Queued, now, 10).await.unwrap();
    assert_eq!(ids(due), [queued[2].id], "an ended job and a later wake time are not due");
}

pub(crate) async fn prune_takes_ended_jobs_only(bed: &StoreBed) {
    let all = jobs(Lane::Normal, 6);
    bed.store.insert(&all).await.unwrap();
    for waiting in &all[..4] {
        assert_eq!(bed.store.swap(waiting, &cancelled(waiting)).await.unwrap(), Swap::Done);
    }
    let now = clock::now();
    let long_ago = now - Duration::from_hours(1);
    assert_eq!(bed.store.prune(long_ago, 10).await.unwrap(), []);

    let soon = now + Duration::from_secs(1);
    let mut pruned = bed.store.prune(soon, 3).await.unwrap();
    assert_eq!(pruned.len(), 3);
    pruned.extend(bed.store.prune(soon, 3).await.unwrap());
    pruned.sort_unstable();
    assert_eq!(pruned, all[..4].iter().map(|j| j.id).collect::<Vec<JobId>>());
    for gone in &all[..4] {
        assert_eq!(bed.store.get(gone.id).await.unwrap(), None);
    }
    assert_eq!(bed.store.get(all[5].id).await.unwrap().as_ref(), Some(&all[5]));
    let counts = bed.store.counts().await.unwrap();
    assert_eq!((counts.of(StateName::Cancelled), counts.total()), (0, 2));
    assert_eq!(bed.store.prune(soon, 10).await.unwrap(), []);
}

pub(crate) async fn a_submission_can_be_taken_back_until_it_is_taken(bed: &StoreBed) {
    let all = jobs(Lane::Normal, 4);
    bed.store.insert(&all[..3]).await.unwrap();
    let held = claimed(&all[1]);
    assert_eq!(bed.store.swap(&all[1], &held).await.unwrap(), Swap::Done);
    let ids: Vec<JobId> = all.iter().map(|j| j.id).collect();

    let gone = bed.second.discard(&[ids[0], ids[1], ids[3]]).await.unwrap();
    assert_eq!(gone, [true, false, true], "waiting, taken, never arrived");
    assert_eq!(bed.store.get(ids[0]).await.unwrap(), None);
    assert_eq!(bed.store.get(ids[1]).await.unwrap(), Some(held));
    assert_eq!(bed.store.swap(&all[0], &claimed(&all[0])).await.unwrap(), Swap::Missing);

    let answers = bed.store.insert(&all).await.unwrap();
    let wanted = [Inserted::Discarded, Inserted::Existing, Inserted::Existing, Inserted::Discarded];
    assert_eq!(answers, wanted);
    assert_eq!(bed.store.get(ids[0]).await.unwrap(), None);
    assert_eq!(bed.store.discard(&ids[..1]).await.unwrap(), [true], "twice is as good as once");
    let counts = bed.store.counts().await.unwrap();
    assert_eq!((counts.of(StateName::Queued), counts.of(StateName::Processing), counts.total()), (1, 1, 2));
}

pub(crate) async fn workers_are_known_by_their_beats(bed: &StoreBed) {
    let now = clock::now();
    let beat = |id: &str, ago: u64, done: u64| Beat {
        id: id.into(),
        host: "here".into(),
        pid: 7,
        slots: 4,
        busy: 1,
        done,
        rescued: 0,
        started: now - Duration::from_hours(1),
        at: now - Duration::from_secs(ago),
    };
    let (ana, dead, old) = (beat("ana", 0, 5), beat("beto", 60, 2), beat("carla", 11 * 60, 3));
    for b in [&dead, &old, &beat("ana", 5, 4), &ana] {
        bed.store.beat(b).await.unwrap();
    }
    let seen = bed.second.workers(now).await.unwrap();
    assert_eq!(seen, [ana.clone(), dead.clone()]);
    let alive = |b: &Beat| now.since(b.at) < ALIVE;
    assert_eq!(seen.iter().map(alive).collect::<Vec<_>>(), [true, false]);

    bed.store.leave("ana").await.unwrap();
    bed.store.leave("nobody").await.unwrap();
    assert_eq!(bed.store.workers(now).await.unwrap(), [dead]);
}

pub(crate) async fn watch_sees_every_change_in_order(bed: &StoreBed) {
    let before = job(Lane::Normal, 0, Duration::ZERO);
    bed.store.insert(std::slice::from_ref(&before)).await.unwrap();
    let mut changes = bed.store.watch().await.unwrap();
    let mut current = Job { client: Some("clinic".into()), ..job(Lane::Normal, 1, Duration::ZERO) };
    let id = current.id;
    bed.store.insert(std::slice::from_ref(&current)).await.unwrap();
    for _ in 0..10 {
        let now = clock::now();
        let ring = pregon_core::Event::Ring { next: now + Duration::from_mins(1) };
        let next = current.clone().apply(ring, now).unwrap();
        assert_eq!(bed.store.swap(&current, &next).await.unwrap(), Swap::Done);
        current = next;
    }
    let ended = cancelled(&current);
    assert_eq!(bed.store.swap(&current, &ended).await.unwrap(), Swap::Done);

    let client = Some("clinic".to_owned());
    for version in 0..12 {
        let seen = tokio::time::timeout(PATIENCE, changes.next()).await.expect("a change").expect("no end");
        let status = if version == 11 { StateName::Cancelled } else { StateName::Queued };
        assert_eq!(seen, Change { job_id: id, status, client: client.clone(), version });
    }
}

pub(crate) async fn watch_sees_other_processes(bed: &StoreBed) {
    let mut changes = bed.store.watch().await.unwrap();
    let queued = job(Lane::Normal, 1, Duration::ZERO);
    bed.second.insert(std::slice::from_ref(&queued)).await.unwrap();
    let ended = cancelled(&queued);
    assert_eq!(bed.second.swap(&queued, &ended).await.unwrap(), Swap::Done);
    let mut seen = Vec::new();
    while seen.last() != Some(&(StateName::Cancelled, 1)) {
        let change = tokio::time::timeout(PATIENCE, changes.next()).await.expect("a change").expect("no end");
        assert_eq!(change.job_id, queued.id);
        seen.push((change.status, change.version));
    }
    // Two changes in one blink may be seen as one, but never twice and never backwards.
    assert!(seen.is_sorted_by(|a, b| a.1 < b.1), "{seen:?}");
}

pub(crate) async fn a_restored_store_is_not_lost(bed: &StoreBed) {
    bed.store.restored().await.unwrap();
    assert!(!bed.store.lost().await.unwrap());
    bed.store.insert(&jobs(Lane::Normal, 2)).await.unwrap();
    assert!(!bed.second.lost().await.unwrap());
    bed.store.check().await.unwrap();
    eventually(2, async || bed.second.counts().await.unwrap().total()).await;
}
