//! Job state in Redis.
//!
//! A job is a hash `{pregon}:job:<id>` of version, state and body (the job as JSON), indexed by sorted sets: `all`,
//! `state:<name>` and `client:<name>` in the order of ids (which is that of acceptance), `wake:<state>` by wake time,
//! `finished` by end. Every write is one Lua script that changes row, indexes and counters together, so nothing can
//! drift; no key is ever searched for. `QUEUE_PREFIX` goes inside the braces.
//!
//! Redis may lose everything: [`RedisStore::lost`](pregon_core::Store::lost) notices the missing marker, and workers
//! bring the jobs back from RabbitMQ.

mod book;
mod keys;
mod list;
mod pace;
mod scripts;
mod watch;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use pregon_core::stats::{Counts, Minute, tally};
use pregon_core::{
    Answer, Beat, Begun, Change, Filter, Inserted, Job, JobId, Page, Request, StateName, Store, StoreError,
    Swap, Timestamp, clock,
};
use redis::AsyncCommands;
use tokio_util::sync::{CancellationToken, DropGuard};

use scripts::Scripts;
use wire::Wire;

/// Jobs per insert script: Redis serves nobody else meanwhile, which at this size is about two milliseconds.
const CHUNK: usize = 200;

/// Signs of life older than this are swept away.
const BEATS_KEPT: Duration = Duration::from_mins(10);

/// A process that set out to restore a lost store has this long, in seconds, before another one may.
const RESTORING: u64 = 10;

/// Job state in Redis.
pub struct RedisStore {
    wire: Wire,
    scripts: Scripts,
    /// `{<prefix>pregon}:`, the beginning of every key.
    prefix: String,
    alive: CancellationToken,
    /// Ends the watches with the store.
    _end: DropGuard,
}

impl RedisStore {
    /// Connects to the server at `url` (`redis://[user:password@]host:port/db`) and keeps all keys under `prefix`.
    /// An error when the URL is none or the server does not answer; from then on, connections are replaced as needed.
    pub async fn connect(url: &str, prefix: &str) -> Result<Self, StoreError> {
        // The parser's own words may quote the URL, and with it the password.
        let client = redis::Client::open(url)
            .map_err(|_| StoreError("REDIS_URL is not of the form redis://host:port/db".to_owned()))?;
        let alive = CancellationToken::new();
        let store = Self {
            wire: Wire::new(client),
            scripts: Scripts::new(),
            prefix: format!("{{{prefix}pregon}}:"),
            _end: alive.clone().drop_guard(),
            alive,
        };
        store.wire.ping().await?;
        Ok(store)
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn job_key(&self, id: JobId) -> String {
        format!("{}job:{id}", self.prefix)
    }

    async fn insert_chunk(&self, jobs: &[Job]) -> Result<Vec<Inserted>, StoreError> {
        let mut script = self.scripts.insert.key(&self.prefix);
        script.arg(clock::now().minute());
        for job in jobs {
            let client = job.client.as_deref().unwrap_or_default();
            script.arg(job.id.to_string()).arg(job.version).arg(job.state.name().as_str());
            script.arg(wake(job)).arg(finished(job)).arg(client).arg(body(job)?).arg(change(job)?);
        }
        let answers: Vec<u8> = self.wire.run(&script).await?;
        answers
            .into_iter()
            .map(|answer| match answer {
                0 => Ok(Inserted::New),
                1 => Ok(Inserted::Existing),
                2 => Ok(Inserted::Discarded),
                other => Err(StoreError(format!("the insert script answered {other}"))),
            })
            .collect()
    }
}

/// Wake time of a row in milliseconds, or nothing.
fn wake(job: &Job) -> String {
    job.state.wake().map(|at| at.millis().to_string()).unwrap_or_default()
}

/// End of a row in milliseconds, or nothing.
fn finished(job: &Job) -> String {
    let ended = job.state.name().is_final().then(|| job.finished.unwrap_or(job.created));
    ended.map(|at| at.millis().to_string()).unwrap_or_default()
}

fn body(job: &Job) -> Result<String, StoreError> {
    serde_json::to_string(job).map_err(|e| StoreError(format!("job {} cannot be written: {e}", job.id)))
}

fn change(job: &Job) -> Result<String, StoreError> {
    let change =
        Change { job_id: job.id, status: job.state.name(), client: job.client.clone(), version: job.version };
    serde_json::to_string(&change).map_err(|e| StoreError(format!("job {} cannot be told of: {e}", job.id)))
}

fn read(body: &str) -> Result<Job, StoreError> {
    serde_json::from_str(body).map_err(|e| StoreError(format!("a stored job cannot be read: {e}")))
}

#[async_trait]
impl Store for RedisStore {
    async fn insert(&self, jobs: &[Job]) -> Result<Vec<Inserted>, StoreError> {
        let mut answers = Vec::with_capacity(jobs.len());
        for chunk in jobs.chunks(CHUNK) {
            answers.extend(self.insert_chunk(chunk).await?);
        }
        Ok(answers)
    }

    async fn discard(&self, ids: &[JobId]) -> Result<Vec<bool>, StoreError> {
        let mut gone = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let mut script = self.scripts.discard.key(&self.prefix);
            for id in chunk {
                script.arg(id.to_string());
            }
            gone.extend(self.wire.run::<Vec<bool>>(&script).await?);
        }
        Ok(gone)
    }

    async fn get(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let key = self.job_key(id);
        let body: Option<String> = self.wire.with(async |c| c.hget(key, "body").await).await?;
        body.as_deref().map(read).transpose()
    }

    async fn swap(&self, before: &Job, after: &Job) -> Result<Swap, StoreError> {
        let mut script = self.scripts.swap.key(&self.prefix);
        script.arg(after.id.to_string()).arg(before.version).arg(after.version);
        script.arg(after.state.name().as_str()).arg(wake(after)).arg(finished(after));
        script.arg(body(after)?).arg(change(after)?).arg(clock::now().minute());
        for (name, n) in tally(Some(before), after) {
            script.arg(name).arg(n);
        }
        match self.wire.run::<u8>(&script).await? {
            0 => Ok(Swap::Done),
            1 => Ok(Swap::Stale),
            2 => Ok(Swap::Missing),
            other => Err(StoreError(format!("the swap script answered {other}"))),
        }
    }

    async fn due(&self, state: StateName, now: Timestamp, limit: usize) -> Result<Vec<Job>, StoreError> {
        let mut script = self.scripts.due.key(&self.prefix);
        script.arg(state.as_str()).arg(now.millis()).arg(limit);
        let bodies: Vec<String> = self.wire.run(&script).await?;
        bodies.iter().map(|body| read(body)).collect()
    }

    async fn list(&self, filter: &Filter) -> Result<Page, StoreError> {
        self.page(filter).await
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        let mut pipe = redis::pipe();
        // One transaction: a job that moves meanwhile is counted once.
        pipe.atomic();
        for state in StateName::ALL {
            pipe.zcard(self.key(&format!("state:{}", state.as_str())));
        }
        let cards: Vec<u64> = self.wire.with(async |c| pipe.query_async(c).await).await?;
        let mut counts = Counts::default();
        for (state, n) in StateName::ALL.into_iter().zip(cards) {
            counts.set(state, n);
        }
        Ok(counts)
    }

    async fn minutes(&self, from: i64, to: i64) -> Result<Vec<Minute>, StoreError> {
        let mut pipe = redis::pipe();
        for minute in from..=to {
            pipe.hgetall(self.key(&format!("minute:{minute}")));
        }
        let counters: Vec<std::collections::BTreeMap<String, u64>> =
            self.wire.with(async |c| pipe.query_async(c).await).await?;
        let minutes = (from..=to).zip(counters).map(|(minute, counters)| Minute { minute, counters });
        Ok(minutes.filter(|minute| !minute.counters.is_empty()).collect())
    }

    async fn prune(&self, finished_before: Timestamp, limit: usize) -> Result<Vec<JobId>, StoreError> {
        let mut pruned = Vec::new();
        while pruned.len() < limit {
            let few = (limit - pruned.len()).min(CHUNK);
            let mut script = self.scripts.prune.key(&self.prefix);
            script.arg(finished_before.millis()).arg(few);
            let ids: Vec<String> = self.wire.run(&script).await?;
            pruned.extend(ids.iter().filter_map(|id| id.parse::<JobId>().ok()));
            if ids.len() < few {
                break;
            }
        }
        Ok(pruned)
    }

    async fn beat(&self, beat: &Beat) -> Result<(), StoreError> {
        let value =
            serde_json::to_string(beat).map_err(|e| StoreError(format!("a beat cannot be written: {e}")))?;
        let key = self.key("workers");
        self.wire.with(async |c| c.hset(key, &beat.id, value).await).await
    }

    async fn leave(&self, worker: &str) -> Result<(), StoreError> {
        let key = self.key("workers");
        self.wire.with(async |c| c.hdel(key, worker).await).await
    }

    async fn workers(&self, now: Timestamp) -> Result<Vec<Beat>, StoreError> {
        let key = self.key("workers");
        let all: Vec<(String, String)> = self.wire.with(async |c| c.hgetall(&key).await).await?;
        let (mut beats, mut silent) = (Vec::new(), Vec::new());
        for (id, value) in all {
            match serde_json::from_str::<Beat>(&value) {
                Ok(beat) if now.since(beat.at) < BEATS_KEPT => beats.push(beat),
                Ok(_) | Err(_) => silent.push(id),
            }
        }
        if !silent.is_empty() {
            self.wire.with(async |c| c.hdel::<_, _, ()>(&key, silent).await).await?;
        }
        beats.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(beats)
    }

    async fn begin(&self, request: Request<'_>, now: Timestamp) -> Result<Begun, StoreError> {
        self.begin_request(&request, now).await
    }

    async fn finish(&self, request: Request<'_>, answer: &Answer) -> Result<(), StoreError> {
        self.finish_request(&request, answer).await
    }

    async fn abandon(&self, request: Request<'_>) -> Result<(), StoreError> {
        self.abandon_request(&request).await
    }

    async fn watch(&self) -> Result<BoxStream<'static, Change>, StoreError> {
        self.changes().await
    }

    async fn lost(&self) -> Result<bool, StoreError> {
        let (here, restoring) = (self.key("here"), self.key("restoring"));
        if self.wire.with(async |c| c.exists(here).await).await? {
            return Ok(false);
        }
        let mut claim = redis::cmd("SET");
        claim.arg(restoring).arg("").arg("NX").arg("EX").arg(RESTORING);
        let claimed: Option<String> = self.wire.with(async |c| claim.query_async(c).await).await?;
        Ok(claimed.is_some())
    }

    async fn restored(&self) -> Result<(), StoreError> {
        let mut pipe = redis::pipe();
        pipe.atomic().set(self.key("here"), "").ignore().del(self.key("restoring")).ignore();
        self.wire.with(async |c| pipe.query_async(c).await).await
    }

    async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.wire.ping().await?;
        self.dangers().await
    }
}
