//! Job state.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use pregon_core::stats::{Counts, Minute};
use pregon_core::{
    Answer, Beat, Begun, Change, Filter, Inserted, Job, JobId, KEY_MEMORY, Page, REQUEST_TIMEOUT, Request,
    State, StateName, Store, StoreError, Swap, Timestamp, clock,
};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::batch::{Moved, Row, id, id_list};
use super::rows::Columns;
use super::writer::{Op, Script};
use super::{Sqlite, Unavailable, count, int};

/// Signs of life are kept this long.
const WORKER_MEMORY: Duration = Duration::from_mins(10);

/// Ids of discarded submissions and of pruned jobs are kept this long: a late duplicate of a message must not bring
/// the job back.
const DISCARD_MEMORY: Duration = Duration::from_hours(7 * 24);

/// Rows that one page of a list looks at when no index covers the filter.
const SCAN: usize = 1_000;

pub(super) const DUE: &str = "SELECT body FROM jobs INDEXED BY jobs_wake
    WHERE state = ? AND wake <= ? ORDER BY wake LIMIT ?";

// Each takes its key, the ids below and from which to list, and the number of rows.
pub(super) const LIST_ALL: &str = "SELECT body FROM jobs INDEXED BY sqlite_autoindex_jobs_1
    WHERE ? IS NULL AND id < ? AND id >= ? ORDER BY id DESC LIMIT ?";
pub(super) const LIST_STATE: &str = "SELECT body FROM jobs INDEXED BY jobs_state
    WHERE state = ? AND id < ? AND id >= ? ORDER BY id DESC LIMIT ?";
pub(super) const LIST_CLIENT: &str = "SELECT body FROM jobs INDEXED BY jobs_client
    WHERE client = ? AND id < ? AND id >= ? ORDER BY id DESC LIMIT ?";

const DISCARD: &str = "
    DELETE FROM jobs WHERE id IN (SELECT unhex(value) FROM json_each(?))
        AND state IN ('scheduled', 'queued') AND body ->> 'attempt' = 0;
    INSERT INTO discarded SELECT unhex(value), ? FROM json_each(?)
        WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE id = unhex(value)) ON CONFLICT DO NOTHING;
    SELECT id FROM jobs WHERE id IN (SELECT unhex(value) FROM json_each(?))";

const PRUNE: &str = "
    INSERT INTO discarded
        SELECT id, ? FROM jobs INDEXED BY jobs_finished WHERE finished < ? ORDER BY finished LIMIT ?
        ON CONFLICT DO NOTHING;
    DELETE FROM jobs WHERE seq IN
        (SELECT seq FROM jobs INDEXED BY jobs_finished WHERE finished < ? ORDER BY finished LIMIT ?)
        RETURNING id;
    DELETE FROM counters WHERE minute < ?;
    DELETE FROM results WHERE at < ?;
    DELETE FROM requests WHERE first_seen <= ?;
    DELETE FROM discarded WHERE at <= ?;
    DELETE FROM workers WHERE at <= ?";

const BEAT: &str = "INSERT INTO workers VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET at = excluded.at, beat = excluded.beat WHERE excluded.at >= at";

/// Returns one row more when the request goes.
const BEGIN: &str = "
    DELETE FROM requests WHERE client = ? AND key = ? AND first_seen <= ?;
    INSERT INTO requests (client, key, fingerprint, first_seen, started) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (client, key) DO UPDATE SET started = excluded.started
            WHERE fingerprint = excluded.fingerprint AND answer IS NULL AND started <= ?
        RETURNING fingerprint, first_seen, answer;
    SELECT fingerprint, first_seen, answer FROM requests WHERE client = ? AND key = ?";

/// Inserts where the first try's key was abandoned by the second: what was answered is remembered in any case.
const FINISH: &str = "INSERT INTO requests (client, key, fingerprint, first_seen, started, answer)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (client, key) DO UPDATE SET answer = excluded.answer WHERE fingerprint = excluded.fingerprint";

const ABANDON: &str =
    "DELETE FROM requests WHERE client = ? AND key = ? AND fingerprint = ? AND answer IS NULL";

fn uuid(id: JobId) -> Vec<u8> {
    id.uuid().as_bytes().to_vec()
}

fn job(row: &SqliteRow) -> Result<Job, Unavailable> {
    Ok(serde_json::from_str(row.try_get(0)?)?)
}

fn job_id(row: &SqliteRow) -> Result<JobId, Unavailable> {
    Ok(id(row)?.into())
}

/// Ends, cancel wishes and appointed times are promises to people; the rest can be found out again.
const fn promised(state: &State) -> bool {
    match state {
        State::Scheduled { .. } | State::Completed | State::Failed | State::Cancelled => true,
        State::Processing { cancelling, .. } => *cancelling,
        State::Queued { .. } | State::Dispatched { .. } => false,
    }
}

/// The rows a list has to look at, newest first, and whether there are more.
async fn candidates(db: &Sqlite, filter: &Filter) -> Result<(Vec<SqliteRow>, bool), Unavailable> {
    let (statement, key) = match (&filter.client, filter.state) {
        (Some(client), _) => (LIST_CLIENT, Some(client.as_str())),
        (None, Some(state)) => (LIST_STATE, Some(state.as_str())),
        (None, None) => (LIST_ALL, None),
    };
    let covered = filter.query.is_none()
        && filter.lane.is_none()
        && filter.air.is_none()
        && (filter.client.is_none() || filter.state.is_none());
    let cap = if covered { filter.limit + 1 } else { SCAN.max(filter.limit + 1) };
    let below = filter.before.map_or(vec![0xff; 16], uuid);
    // An id is as old as its job, or up to a day older when its idempotency key was used before.
    let from = filter.since.map_or(vec![0; 16], |since| first_id(since - KEY_MEMORY));
    let rows =
        sqlx::query(statement).bind(key).bind(below).bind(from).bind(int(cap)).fetch_all(&db.readers).await?;
    let more = rows.len() == cap;
    Ok((rows, more))
}

/// The lowest id of that time: a UUID v7 begins with its milliseconds in 48 bits.
fn first_id(at: Timestamp) -> Vec<u8> {
    let millis = u64::try_from(at.millis()).unwrap_or(0);
    (millis << 16).to_be_bytes().into_iter().chain([0; 8]).collect()
}

async fn page(db: &Sqlite, filter: &Filter) -> Result<Page, Unavailable> {
    let (rows, mut more) = candidates(db, filter).await?;
    let mut page = Page::default();
    let mut last = None;
    for row in &rows {
        if page.jobs.len() == filter.limit {
            more = true;
            break;
        }
        let job = job(row)?;
        last = Some(job.id);
        if filter.matches(&job) {
            page.jobs.push(job);
        }
    }
    page.next = last.filter(|_| more);
    Ok(page)
}

async fn minutes(db: &Sqlite, from: i64, to: i64) -> Result<Vec<Minute>, Unavailable> {
    let rows =
        sqlx::query("SELECT minute, name, n FROM counters WHERE minute BETWEEN ? AND ? ORDER BY minute")
            .bind(from)
            .bind(to)
            .fetch_all(&db.readers)
            .await?;
    let mut minutes: Vec<Minute> = Vec::new();
    for row in &rows {
        let minute: i64 = row.try_get(0)?;
        if minutes.last().is_none_or(|last| last.minute != minute) {
            minutes.push(Minute { minute, ..Minute::default() });
        }
        if let Some(last) = minutes.last_mut() {
            last.counters.insert(row.try_get(1)?, count(row.try_get(2)?));
        }
    }
    Ok(minutes)
}

async fn discard(db: &Sqlite, ids: &[JobId]) -> Result<Vec<bool>, Unavailable> {
    let list = id_list(ids.iter().map(|id| id.uuid()));
    let mut columns = Columns::default();
    columns.add(list.as_str()).add(clock::now().millis()).add(list.as_str()).add(list.as_str());
    let stayed = db.script(Script::durable(DISCARD, columns)).await?;
    let stayed = stayed.iter().map(job_id).collect::<Result<HashSet<JobId>, _>>()?;
    Ok(ids.iter().map(|id| !stayed.contains(id)).collect())
}

async fn begin(db: &Sqlite, request: &Request<'_>, now: Timestamp) -> Result<Begun, Unavailable> {
    let mut columns = Columns::default();
    columns.add(request.client).add(request.key).add((now - KEY_MEMORY).millis());
    columns.add(request.client).add(request.key).add(request.fingerprint).add(now.millis()).add(now.millis());
    columns.add((now - REQUEST_TIMEOUT).millis());
    columns.add(request.client).add(request.key);
    let rows = db.script(Script::relaxed(BEGIN, columns)).await?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    if rows.len() > 1 {
        return Ok(Begun::Go { first_seen: Timestamp::from_millis(row.try_get(1)?) });
    }
    let (fingerprint, answer): (&str, Option<&str>) = (row.try_get(0)?, row.try_get(2)?);
    Ok(match answer {
        _ if fingerprint != request.fingerprint => Begun::Conflict,
        Some(answer) => Begun::Replay(serde_json::from_str(answer)?),
        None => Begun::Busy,
    })
}

#[async_trait]
impl Store for Sqlite {
    /// Not synced: the publish that must follow before anybody is told syncs it.
    async fn insert(&self, jobs: &[Job]) -> Result<Vec<Inserted>, StoreError> {
        let rows = jobs.iter().map(|job| Row::of(None, job)).collect::<Result<Vec<_>, _>>();
        Ok(self.write(rows.map_err(Unavailable::from)?, Op::Insert).await?)
    }

    async fn discard(&self, ids: &[JobId]) -> Result<Vec<bool>, StoreError> {
        Ok(discard(self, ids).await?)
    }

    async fn get(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let row = sqlx::query("SELECT body FROM jobs WHERE id = ?").bind(uuid(id));
        let row = row.fetch_optional(&self.readers).await.map_err(Unavailable::from)?;
        Ok(row.as_ref().map(job).transpose()?)
    }

    async fn swap(&self, before: &Job, after: &Job) -> Result<Swap, StoreError> {
        let row = Row::of(Some(before), after).map_err(Unavailable::from)?;
        let moved = Moved { was: int(before.version), row, durable: promised(&after.state) };
        Ok(self.write(moved, Op::Swap).await?)
    }

    async fn due(&self, state: StateName, now: Timestamp, limit: usize) -> Result<Vec<Job>, StoreError> {
        let due = sqlx::query(DUE).bind(state.as_str()).bind(now.millis()).bind(int(limit));
        let rows = due.fetch_all(&self.readers).await.map_err(Unavailable::from)?;
        Ok(rows.iter().map(job).collect::<Result<_, _>>()?)
    }

    async fn list(&self, filter: &Filter) -> Result<Page, StoreError> {
        Ok(page(self, filter).await?)
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as("SELECT state, n FROM counts")
            .fetch_all(&self.readers)
            .await
            .map_err(Unavailable::from)?;
        let mut counts = Counts::default();
        for (state, n) in rows {
            if let Some(state) = StateName::parse(&state) {
                counts.set(state, count(n));
            }
        }
        Ok(counts)
    }

    async fn minutes(&self, from: i64, to: i64) -> Result<Vec<Minute>, StoreError> {
        Ok(minutes(self, from, to).await?)
    }

    async fn prune(&self, finished_before: Timestamp, limit: usize) -> Result<Vec<JobId>, StoreError> {
        let now = clock::now();
        let mut columns = Columns::default();
        columns.add(now.millis()).add(finished_before.millis()).add(int(limit));
        columns.add(finished_before.millis()).add(int(limit));
        columns.add(finished_before.minute()).add(finished_before.millis());
        columns.add((now - KEY_MEMORY).millis()).add((now - DISCARD_MEMORY).millis());
        columns.add((now - WORKER_MEMORY).millis());
        let rows = self.script(Script::relaxed(PRUNE, columns)).await?;
        Ok(rows.iter().map(job_id).collect::<Result<_, _>>()?)
    }

    async fn beat(&self, beat: &Beat) -> Result<(), StoreError> {
        let body = serde_json::to_string(beat).map_err(Unavailable::from)?;
        let mut columns = Columns::default();
        columns.add(beat.id.as_str()).add(beat.at.millis()).add(body);
        self.script(Script::relaxed(BEAT, columns)).await?;
        Ok(())
    }

    async fn leave(&self, worker: &str) -> Result<(), StoreError> {
        let mut columns = Columns::default();
        columns.add(worker);
        self.script(Script::relaxed("DELETE FROM workers WHERE id = ?", columns)).await?;
        Ok(())
    }

    async fn workers(&self, now: Timestamp) -> Result<Vec<Beat>, StoreError> {
        let recent = sqlx::query_scalar("SELECT beat FROM workers WHERE at > ? ORDER BY id");
        let beats: Vec<String> = recent
            .bind((now - WORKER_MEMORY).millis())
            .fetch_all(&self.readers)
            .await
            .map_err(Unavailable::from)?;
        let beats = beats.iter().map(|beat| serde_json::from_str(beat)).collect::<Result<_, _>>();
        Ok(beats.map_err(Unavailable::from)?)
    }

    async fn begin(&self, request: Request<'_>, now: Timestamp) -> Result<Begun, StoreError> {
        Ok(begin(self, &request, now).await?)
    }

    async fn finish(&self, request: Request<'_>, answer: &Answer) -> Result<(), StoreError> {
        let now = clock::now().millis();
        let body = serde_json::to_string(answer).map_err(Unavailable::from)?;
        let mut columns = Columns::default();
        columns.add(request.client).add(request.key).add(request.fingerprint).add(now).add(now).add(body);
        self.script(Script::durable(FINISH, columns)).await?;
        Ok(())
    }

    async fn abandon(&self, request: Request<'_>) -> Result<(), StoreError> {
        let mut columns = Columns::default();
        columns.add(request.client).add(request.key).add(request.fingerprint);
        self.script(Script::relaxed(ABANDON, columns)).await?;
        Ok(())
    }

    async fn watch(&self) -> Result<BoxStream<'static, Change>, StoreError> {
        Ok(self.tail.watch(self).await?)
    }

    /// Rows and messages share the file: neither is lost without the other.
    async fn lost(&self) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn restored(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.answers().await?;
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
            .fetch_one(&self.readers)
            .await
            .map_err(Unavailable::from)?;
        // SQLite falls back where shared memory or locks do not work, as on network file systems.
        let warning = format!(
            "the job file is in journal mode {mode} instead of wal: is it on a network file system? \
             Put PREGON_DATA_DIR on a local disk"
        );
        Ok(Some(warning).filter(|_| mode != "wal").into_iter().collect())
    }
}
