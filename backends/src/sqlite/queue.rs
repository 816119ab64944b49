//! Messages.

use std::time::Duration;

use async_trait::async_trait;
use pregon_core::{
    Consumer, DEAD, DeadLetter, Depth, Inserted, Intake, Job, Lane, Queue, QueueError, RESULTS, StoreError,
    Timestamp, clock,
};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::batch::{Posting, Row};
use super::consumer::Taker;
use super::rows::Columns;
use super::writer::{Op, Script};
use super::{Sqlite, Unavailable, count, int, lane};

/// A consumer that was not heard of for so long is dead, and what it holds can be taken by others.
pub(super) const LEASE: Duration = Duration::from_secs(15);

/// Messages shown at once while browsing.
const PAGE: i64 = 500;

/// Characters of a dead letter that are shown.
const EXCERPT: usize = 200;

const DEPTHS: &str = "SELECT
    (SELECT count(*) FROM messages INDEXED BY messages_ready WHERE lane = 'high' AND due IS NULL),
    (SELECT count(*) FROM messages INDEXED BY messages_ready WHERE lane = 'normal' AND due IS NULL),
    (SELECT count(*) FROM messages INDEXED BY messages_due WHERE due IS NOT NULL AND consumer IS NULL),
    (SELECT coalesce(max(seq) - min(seq) + 1, 0) FROM results),
    (SELECT count(*) FROM dead),
    (SELECT count(*) FROM consumers WHERE at > ?)";

/// The newest ten thousand stay.
const REPORT: &str = "INSERT INTO results (at, body) VALUES (?, ?);
    DELETE FROM results WHERE seq <= (SELECT max(seq) FROM results) - 10000";

pub(super) const BROWSE: &str = "SELECT seq, body FROM messages
    WHERE seq > ? AND lane IN ('high', 'normal') AND (consumer IS NULL OR due <= ?) ORDER BY seq LIMIT ?";

const REPLAY: &str = "INSERT INTO messages (lane, body) SELECT lane, body FROM dead ORDER BY seq;
    DELETE FROM dead RETURNING seq";

/// `? + 0`: SQLite looks at a bare variable behind LIMIT while it plans (`sqlite3ExprIsInteger`), and so prepares the
/// statement anew each time it is bound.
pub(super) const TAKE: &str = "
    UPDATE messages INDEXED BY messages_due SET due = NULL, consumer = NULL WHERE due <= ?;
    UPDATE messages SET due = ?, consumer = ? WHERE seq IN
        (SELECT seq FROM messages INDEXED BY messages_ready
            WHERE lane = 'high' AND due IS NULL ORDER BY seq LIMIT ? + 0)
        RETURNING lane, seq, body;
    UPDATE messages SET due = ?, consumer = ? WHERE seq IN
        (SELECT seq FROM messages INDEXED BY messages_ready
            WHERE lane = 'normal' AND due IS NULL ORDER BY seq LIMIT ? + 0)
        RETURNING lane, seq, body";

/// Whether each lane has something to take, without taking the write lock. What is due counts for both.
const LOOK: &str = "SELECT
    EXISTS (SELECT 1 FROM messages INDEXED BY messages_ready WHERE lane = 'high' AND due IS NULL),
    EXISTS (SELECT 1 FROM messages INDEXED BY messages_ready WHERE lane = 'normal' AND due IS NULL),
    EXISTS (SELECT 1 FROM messages INDEXED BY messages_due WHERE due <= ?)";

const RENEW: &str = "
    UPDATE messages SET due = ? WHERE consumer = ? AND seq IN (SELECT value FROM json_each(?));
    INSERT INTO consumers VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at;
    DELETE FROM consumers WHERE at <= ?";

const RELEASE: &str = "
    UPDATE messages SET due = NULL, consumer = NULL
        WHERE consumer = ? AND seq IN (SELECT value FROM json_each(?));
    DELETE FROM consumers WHERE id = ?";

const SET_ASIDE: &str = "
    INSERT INTO dead (lane, reason, body) SELECT lane, ?, body FROM messages WHERE seq = ? AND consumer = ?;
    DELETE FROM messages WHERE seq = ? AND consumer = ?";

/// A taken message as it lies in the file.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) lane: Lane,
    pub(super) seq: i64,
    pub(super) job: Result<Job, serde_json::Error>,
}

fn taken(row: &SqliteRow) -> Result<Taken, Unavailable> {
    // A foreign program may have written bytes instead of text.
    let body: &[u8] = row.try_get_unchecked(2)?;
    // The statement asks for the two lanes by name.
    let lane = lane(row.try_get(0)?).unwrap_or(Lane::Normal);
    Ok(Taken { lane, seq: row.try_get(1)?, job: serde_json::from_slice(body) })
}

/// What a consumer asks of the file.
impl Sqlite {
    /// Takes messages for a consumer, up to `room` of each lane, oldest first.
    pub(super) async fn take(&self, consumer: i64, room: [usize; 2]) -> Result<Vec<Taken>, Unavailable> {
        let now = clock::now();
        let mut columns = Columns::default();
        columns.add(now.millis());
        for room in room {
            columns.add((now + LEASE).millis()).add(consumer).add(int(room));
        }
        let rows = self.script(Script::relaxed(TAKE, columns)).await?;
        let mut all = rows.iter().map(taken).collect::<Result<Vec<_>, _>>()?;
        // RETURNING has no order.
        all.sort_unstable_by_key(|taken| taken.seq);
        Ok(all)
    }

    /// Whether something of each lane waits, whoever put it there.
    pub(super) async fn waiting(&self) -> Result<[bool; 2], Unavailable> {
        let (high, normal, due): (bool, bool, bool) =
            sqlx::query_as(LOOK).bind(clock::now().millis()).fetch_one(&self.readers).await?;
        Ok([high || due, normal || due])
    }

    /// Keeps a consumer and what it holds alive.
    pub(super) async fn renew(&self, consumer: i64, held: &[i64]) -> Result<(), Unavailable> {
        let now = clock::now();
        let mut columns = Columns::default();
        columns.add((now + LEASE).millis()).add(consumer).add(list(held));
        columns.add(consumer).add(now.millis()).add((now - LEASE).millis());
        self.script(Script::relaxed(RENEW, columns)).await.map(drop)
    }

    /// Gives back what a consumer holds and forgets the consumer.
    pub(super) async fn release(&self, consumer: i64, held: &[i64]) -> Result<(), Unavailable> {
        let mut columns = Columns::default();
        columns.add(consumer).add(list(held)).add(consumer);
        self.script(Script::relaxed(RELEASE, columns)).await?;
        self.bells.ring_posted(true);
        Ok(())
    }

    /// Moves a message that is no job out of the way.
    pub(super) async fn set_aside(&self, consumer: i64, seq: i64, reason: &str) -> Result<(), Unavailable> {
        let mut columns = Columns::default();
        columns.add(reason).add(seq).add(consumer).add(seq).add(consumer);
        self.script(Script::durable(SET_ASIDE, columns)).await.map(drop)
    }

    /// Whether the file can be locked for writing.
    pub(super) async fn answers(&self) -> Result<(), Unavailable> {
        self.script(Script::relaxed("SELECT 1", Columns::default())).await.map(drop)
    }
}

pub(super) fn list(seqs: &[i64]) -> String {
    let seqs: Vec<String> = seqs.iter().map(i64::to_string).collect();
    format!("[{}]", seqs.join(","))
}

/// When a message can be taken, in the words of the file.
fn due(delay: Duration, now: Timestamp) -> Option<i64> {
    Some((now + delay).millis()).filter(|_| !delay.is_zero())
}

fn posting((job, delay): &(&Job, Duration), now: Timestamp) -> Result<Posting, serde_json::Error> {
    let body = serde_json::to_string(job)?.into();
    Ok(Posting { lane: job.spec.lane, due: due(*delay, now), body })
}

#[async_trait]
impl Intake for Sqlite {
    async fn take_in(&self, jobs: &[(&Job, Duration)]) -> Result<Vec<Inserted>, StoreError> {
        let now = clock::now();
        let rows =
            jobs.iter().map(|(job, delay)| Row::posted(job, due(*delay, now))).collect::<Result<_, _>>();
        Ok(self.write(rows.map_err(Unavailable::from)?, Op::Insert).await?)
    }
}

async fn publish(db: &Sqlite, jobs: &[(&Job, Duration)]) -> Result<(), Unavailable> {
    let now = clock::now();
    let postings = jobs.iter().map(|job| posting(job, now)).collect::<Result<Vec<_>, _>>()?;
    db.write(postings, Op::Publish).await
}

async fn depths(db: &Sqlite) -> Result<Vec<Depth>, Unavailable> {
    let alive = (clock::now() - LEASE).millis();
    let row = sqlx::query(DEPTHS).bind(alive).fetch_one(&db.readers).await?;
    let listening = count(row.try_get(5)?);
    let names = [
        (Lane::High.queue(), listening),
        (Lane::Normal.queue(), listening),
        ("tts_delayed", 0),
        (RESULTS, 0),
        (DEAD, 0),
    ];
    let depth = |(column, (name, consumers)): (usize, (&str, u64))| {
        Ok(Depth { name: name.to_owned(), messages: count(row.try_get(column)?), consumers })
    };
    names.into_iter().enumerate().map(depth).collect()
}

async fn browse(db: &Sqlite, visit: &mut (dyn FnMut(Job) + Send)) -> Result<u64, Unavailable> {
    let (mut last, mut seen) = (0_i64, 0);
    loop {
        let now = clock::now().millis();
        let rows = sqlx::query(BROWSE).bind(last).bind(now).bind(PAGE).fetch_all(&db.readers).await?;
        for row in &rows {
            last = row.try_get(0)?;
            // What is no job is set aside by whoever takes it.
            if let Ok(job) = serde_json::from_slice(row.try_get_unchecked(1)?) {
                visit(job);
                seen += 1;
            }
        }
        if rows.is_empty() {
            return Ok(seen);
        }
    }
}

fn dead_letter(row: &SqliteRow) -> Result<DeadLetter, Unavailable> {
    let text = String::from_utf8_lossy(row.try_get_unchecked(2)?);
    let word: &str = row.try_get(0)?;
    Ok(DeadLetter {
        queue: lane(word).map_or_else(|| word.to_owned(), |lane| lane.queue().to_owned()),
        reason: row.try_get(1)?,
        excerpt: text.chars().take(EXCERPT).collect(),
    })
}

#[async_trait]
impl Queue for Sqlite {
    async fn publish(&self, jobs: &[(&Job, Duration)]) -> Vec<Result<(), QueueError>> {
        if jobs.is_empty() {
            return Vec::new();
        }
        let published = publish(self, jobs).await.map_err(QueueError::from);
        vec![published; jobs.len()]
    }

    async fn consume(&self, prefetch: u16) -> Result<Box<dyn Consumer>, QueueError> {
        Ok(Box::new(Taker::start(self.clone(), prefetch).await?))
    }

    async fn depths(&self) -> Result<Vec<Depth>, QueueError> {
        Ok(depths(self).await?)
    }

    async fn browse(&self, visit: &mut (dyn FnMut(Job) + Send)) -> Result<u64, QueueError> {
        Ok(browse(self, visit).await?)
    }

    async fn report(&self, job: &Job) -> Result<(), QueueError> {
        let body = serde_json::to_string(job).map_err(Unavailable::from)?;
        let mut columns = Columns::default();
        columns.add(clock::now().millis()).add(body);
        self.script(Script::relaxed(REPORT, columns)).await?;
        Ok(())
    }

    async fn dead(&self, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        let first = sqlx::query("SELECT lane, reason, body FROM dead ORDER BY seq LIMIT ?").bind(int(limit));
        let rows = first.fetch_all(&self.readers).await.map_err(Unavailable::from)?;
        Ok(rows.iter().map(dead_letter).collect::<Result<_, _>>()?)
    }

    async fn replay_dead(&self) -> Result<u64, QueueError> {
        let moved = self.script(Script::durable(REPLAY, Columns::default())).await?;
        self.bells.ring_posted(true);
        self.bells.ring_air();
        Ok(moved.len().try_into().unwrap_or(u64::MAX))
    }

    async fn check(&self) -> Result<(), QueueError> {
        Ok(self.answers().await?)
    }
}
