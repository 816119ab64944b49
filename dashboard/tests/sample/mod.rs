//! A store and a queue in memory, and a day's work to fill them with: for the tests and for `examples/preview.rs`.

pub(crate) mod air;
pub(crate) mod booth;
pub(crate) mod day;
pub(crate) mod gates;
pub(crate) mod line;
pub(crate) mod voices;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::{BoxStream, StreamExt, unfold};
use pregon_core::stats::{Counts, Minute, tally};
use pregon_core::{
    Answer, Beat, Begun, Change, Consumer, DEAD, DeadLetter, Depth, Filter, Inserted, Job, JobId, Lane, Load,
    Page, Queue, QueueError, RESULTS, Request, StateName, Store, StoreError, Swap, Timestamp, clock,
};
use tokio::sync::broadcast;

/// Jobs in memory. It can go away, as a real store can.
pub(crate) struct Memory {
    jobs: Mutex<BTreeMap<JobId, Job>>,
    minutes: Mutex<HashMap<i64, Minute>>,
    beats: Mutex<Vec<Beat>>,
    loads: Mutex<Vec<Load>>,
    /// By key, with the answer where there is one.
    requests: Mutex<HashMap<String, Option<Answer>>>,
    changes: broadcast::Sender<Change>,
    away: AtomicBool,
    set_aside: AtomicU64,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            jobs: Mutex::default(),
            minutes: Mutex::default(),
            beats: Mutex::default(),
            loads: Mutex::default(),
            requests: Mutex::default(),
            changes: broadcast::channel(256).0,
            away: AtomicBool::new(false),
            set_aside: AtomicU64::new(0),
        }
    }
}

impl Memory {
    /// Puts a job there as it is, or changes it.
    pub(crate) fn put(&self, job: &Job) {
        let before = lock(&self.jobs).insert(job.id, job.clone());
        self.count(before.as_ref(), job, job.finished.or(job.dispatched).unwrap_or(job.created));
        let change = Change {
            job_id: job.id,
            status: job.state.name(),
            client: job.client.clone(),
            version: job.version,
        };
        drop(self.changes.send(change));
    }

    /// Adds to the counters of a minute.
    pub(crate) fn count(&self, before: Option<&Job>, after: &Job, at: Timestamp) {
        let mut minutes = lock(&self.minutes);
        let minute = minutes.entry(at.minute()).or_default();
        minute.minute = at.minute();
        for (name, n) in tally(before, after) {
            *minute.counters.entry(name).or_default() += n;
        }
    }

    /// Stops or starts answering.
    pub(crate) fn go_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// Sets how many messages were set aside.
    pub(crate) fn set_aside(&self, n: u64) {
        self.set_aside.store(n, Ordering::SeqCst);
    }

    fn here(&self) -> Result<(), StoreError> {
        if self.away.load(Ordering::SeqCst) {
            Err(StoreError("connection refused".to_owned()))
        } else {
            Ok(())
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Store for Memory {
    async fn insert(&self, jobs: &[Job]) -> Result<Vec<Inserted>, StoreError> {
        self.here()?;
        for job in jobs {
            self.put(job);
        }
        Ok(vec![Inserted::New; jobs.len()])
    }

    async fn discard(&self, ids: &[JobId]) -> Result<Vec<bool>, StoreError> {
        self.here()?;
        Ok(ids.iter().map(|id| lock(&self.jobs).remove(id).is_some()).collect())
    }

    async fn get(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        self.here()?;
        Ok(lock(&self.jobs).get(&id).cloned())
    }

    async fn swap(&self, before: &Job, after: &Job) -> Result<Swap, StoreError> {
        self.here()?;
        match lock(&self.jobs).get(&before.id) {
            None => return Ok(Swap::Missing),
            Some(job) if job.version != before.version => return Ok(Swap::Stale),
            Some(_) => {}
        }
        self.put(after);
        Ok(Swap::Done)
    }

    async fn due(&self, state: StateName, now: Timestamp, limit: usize) -> Result<Vec<Job>, StoreError> {
        self.here()?;
        let waits = |j: &&Job| j.state.name() == state && j.state.wake().is_some_and(|at| at <= now);
        let mut due: Vec<Job> = lock(&self.jobs).values().filter(waits).cloned().collect();
        due.sort_by_key(|j| j.state.wake());
        due.truncate(limit);
        Ok(due)
    }

    async fn list(&self, filter: &Filter) -> Result<Page, StoreError> {
        self.here()?;
        let listed = |j: &&Job| filter.matches(j) && filter.before.is_none_or(|before| j.id < before);
        let mut jobs: Vec<Job> =
            lock(&self.jobs).values().rev().filter(listed).take(filter.limit + 1).cloned().collect();
        let more = jobs.len() > filter.limit;
        jobs.truncate(filter.limit);
        let next = jobs.last().map(|j| j.id).filter(|_| more);
        Ok(Page { jobs, next })
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        self.here()?;
        let mut counts = Counts::default();
        for job in lock(&self.jobs).values() {
            let state = job.state.name();
            counts.set(state, counts.of(state) + 1);
        }
        Ok(counts)
    }

    async fn minutes(&self, from: i64, to: i64) -> Result<Vec<Minute>, StoreError> {
        self.here()?;
        let minutes = lock(&self.minutes);
        Ok((from..=to).filter_map(|m| minutes.get(&m).cloned()).collect())
    }

    async fn prune(&self, _: Timestamp, _: usize) -> Result<Vec<JobId>, StoreError> {
        self.here()?;
        Ok(Vec::new())
    }

    async fn beat(&self, beat: &Beat) -> Result<(), StoreError> {
        self.here()?;
        let mut beats = lock(&self.beats);
        beats.retain(|b| b.id != beat.id);
        beats.push(beat.clone());
        beats.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(())
    }

    async fn leave(&self, worker: &str) -> Result<(), StoreError> {
        self.here()?;
        lock(&self.beats).retain(|b| b.id != worker);
        Ok(())
    }

    async fn workers(&self, _: Timestamp) -> Result<Vec<Beat>, StoreError> {
        self.here()?;
        Ok(lock(&self.beats).clone())
    }

    async fn begin(&self, request: Request<'_>, now: Timestamp) -> Result<Begun, StoreError> {
        self.here()?;
        let mut requests = lock(&self.requests);
        let known = requests.insert(request.key.to_owned(), None);
        Ok(match known {
            None => Begun::Go { first_seen: now },
            Some(answer) => {
                requests.insert(request.key.to_owned(), answer.clone());
                answer.map_or(Begun::Busy, Begun::Replay)
            }
        })
    }

    async fn finish(&self, request: Request<'_>, answer: &Answer) -> Result<(), StoreError> {
        self.here()?;
        lock(&self.requests).insert(request.key.to_owned(), Some(answer.clone()));
        Ok(())
    }

    async fn abandon(&self, request: Request<'_>) -> Result<(), StoreError> {
        self.here()?;
        lock(&self.requests).remove(request.key);
        Ok(())
    }

    async fn watch(&self) -> Result<BoxStream<'static, Change>, StoreError> {
        self.here()?;
        let changes = self.changes.subscribe();
        Ok(unfold(changes, async |mut changes| {
            loop {
                match changes.recv().await {
                    Ok(change) => return Some((change, changes)),
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        })
        .boxed())
    }

    async fn lost(&self) -> Result<bool, StoreError> {
        self.here()?;
        Ok(false)
    }

    async fn restored(&self) -> Result<(), StoreError> {
        self.here()
    }

    async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.here()?;
        Ok(Vec::new())
    }
}

#[async_trait]
impl Queue for Memory {
    async fn publish(&self, jobs: &[(&Job, Duration)]) -> Vec<Result<(), QueueError>> {
        vec![Ok(()); jobs.len()]
    }

    async fn consume(&self, _: u16) -> Result<Box<dyn Consumer>, QueueError> {
        Err(QueueError("nobody works here".to_owned()))
    }

    async fn depths(&self) -> Result<Vec<Depth>, QueueError> {
        let jobs = lock(&self.jobs);
        let queued = |j: &&Job| j.state.name() == StateName::Queued;
        let waiting = |lane| jobs.values().filter(queued).filter(|j| j.spec.lane == lane).count() as u64;
        let scheduled = jobs.values().filter(|j| j.state.name() == StateName::Scheduled).count() as u64;
        let depth = |name: &str, messages, consumers| Depth { name: name.to_owned(), messages, consumers };
        Ok(vec![
            depth(Lane::High.queue(), waiting(Lane::High), 3),
            depth(Lane::Normal.queue(), waiting(Lane::Normal), 3),
            depth("tts_delayed", scheduled, 0),
            depth(RESULTS, 512, 0),
            depth(DEAD, self.set_aside.load(Ordering::SeqCst), 0),
        ])
    }

    async fn browse(&self, _: &mut (dyn FnMut(Job) + Send)) -> Result<u64, QueueError> {
        Ok(0)
    }

    async fn report(&self, _: &Job) -> Result<(), QueueError> {
        Ok(())
    }

    async fn dead(&self, _: usize) -> Result<Vec<DeadLetter>, QueueError> {
        Ok(Vec::new())
    }

    async fn replay_dead(&self) -> Result<u64, QueueError> {
        Ok(self.set_aside.swap(0, Ordering::SeqCst))
    }

    async fn check(&self) -> Result<(), QueueError> {
        Ok(())
    }
}

/// A sign of life of a worker, as old as `silent_for`.
pub(crate) fn beat(id: &str, busy: u32, slots: u32, silent_for: Duration) -> Beat {
    let now = clock::now();
    Beat {
        id: id.to_owned(),
        host: "obra".to_owned(),
        pid: 4_711,
        slots,
        busy,
        done: 3_200 + u64::from(slots),
        rescued: u64::from(busy == 0) * 2,
        started: now - Duration::from_hours(24),
        at: now - silent_for,
    }
}
