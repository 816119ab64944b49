//! The queues of stations. Strictly first in, first out: while somebody holds an older message, nobody else gets a
//! younger one, so that what a station held when it died comes before what was handed on since.

use std::time::Duration;

use async_trait::async_trait;
use pregon_core::{AirQueue, Consumer, Job, QueueError, StationName, clock};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::listener::Listener;
use super::queue::list;
use super::rows::Columns;
use super::writer::Script;
use super::{Sqlite, Unavailable, count, int};

/// A station that was not heard of for so long is dead, and what it held comes again. Shorter than for a lane: all
/// that was handed on since waits behind it.
pub(super) const LEASE: Duration = Duration::from_secs(5);

const HAND_ON: &str = "INSERT INTO messages (lane, body) VALUES (?, ?)";

/// What the dead held is free again. Then takes what is older than all that others hold.
///
/// `? + 0`: see the lanes' own statement.
pub(super) const TAKE: &str = "
    UPDATE messages INDEXED BY messages_air SET due = NULL, consumer = NULL
        WHERE lane = ? AND lane NOT IN ('high', 'normal') AND consumer IS NOT NULL AND due <= ?;
    UPDATE messages SET due = ?, consumer = ? WHERE seq IN
        (SELECT seq FROM messages INDEXED BY messages_ready
            WHERE lane = ? AND due IS NULL AND seq < coalesce(
                (SELECT seq FROM messages INDEXED BY messages_air
                    WHERE lane = ? AND lane NOT IN ('high', 'normal') AND consumer IS NOT NULL AND consumer <> ?
                    ORDER BY seq LIMIT 1), 9223372036854775807)
            ORDER BY seq LIMIT ? + 0)
        RETURNING seq, body";

/// Whether a take would give something, without taking the write lock.
pub(super) const LOOK: &str = "SELECT
    EXISTS (SELECT 1 FROM messages INDEXED BY messages_ready
        WHERE lane = ? AND due IS NULL AND seq < coalesce(
            (SELECT seq FROM messages INDEXED BY messages_air
                WHERE lane = ? AND lane NOT IN ('high', 'normal') AND consumer IS NOT NULL AND consumer <> ?
                ORDER BY seq LIMIT 1), 9223372036854775807))
    OR EXISTS (SELECT 1 FROM messages INDEXED BY messages_air
        WHERE lane = ? AND lane NOT IN ('high', 'normal') AND consumer IS NOT NULL AND due <= ?)";

/// Takes back, too, what was freed because the renewal came late and nobody has taken.
pub(super) const RENEW: &str = "UPDATE messages SET due = ?, consumer = ?
    WHERE seq IN (SELECT value FROM json_each(?)) AND (consumer = ? OR consumer IS NULL)";

pub(super) const RELEASE: &str = "UPDATE messages SET due = NULL, consumer = NULL
    WHERE consumer = ? AND seq IN (SELECT value FROM json_each(?))";

pub(super) const WAITING: &str =
    "SELECT count(*) FROM messages INDEXED BY messages_ready WHERE lane = ? AND due IS NULL";

/// A message for a station as it lies in the file.
pub(super) struct Taken {
    pub(super) seq: i64,
    pub(super) job: Result<Job, serde_json::Error>,
}

fn taken(row: &SqliteRow) -> Result<Taken, Unavailable> {
    // A foreign program may have written bytes instead of text.
    let body: &[u8] = row.try_get_unchecked(1)?;
    Ok(Taken { seq: row.try_get(0)?, job: serde_json::from_slice(body) })
}

/// One who takes a station's messages.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    pub(super) db: Sqlite,
    /// The station's queue.
    pub(super) queue: String,
    pub(super) consumer: i64,
}

impl Ear {
    /// Takes up to `room` messages, oldest first.
    pub(super) async fn take(&self, room: usize) -> Result<Vec<Taken>, Unavailable> {
        let (now, queue) = (clock::now(), self.queue.as_str());
        let mut columns = Columns::default();
        columns.add(queue).add(now.millis());
        columns.add((now + LEASE).millis()).add(self.consumer);
        columns.add(queue).add(queue).add(self.consumer).add(int(room));
        let rows = self.db.script(Script::relaxed(TAKE, columns)).await?;
        let mut all = rows.iter().map(taken).collect::<Result<Vec<_>, _>>()?;
        // RETURNING has no order.
        all.sort_unstable_by_key(|taken| taken.seq);
        Ok(all)
    }

    /// Whether there is something to take, whoever put it there.
    pub(super) async fn look(&self) -> Result<bool, Unavailable> {
        let queue = self.queue.as_str();
        let look = sqlx::query_scalar(LOOK).bind(queue).bind(queue).bind(self.consumer);
        Ok(look.bind(queue).bind(clock::now().millis()).fetch_one(&self.db.readers).await?)
    }

    /// Keeps what is held.
    pub(super) async fn renew(&self, held: &[i64]) -> Result<(), Unavailable> {
        let until = clock::now() + LEASE;
        let mut columns = Columns::default();
        columns.add(until.millis()).add(self.consumer).add(list(held)).add(self.consumer);
        self.db.script(Script::relaxed(RENEW, columns)).await.map(drop)
    }

    /// Gives back what is held.
    pub(super) async fn release(&self, held: &[i64]) -> Result<(), Unavailable> {
        let mut columns = Columns::default();
        columns.add(self.consumer).add(list(held));
        self.db.script(Script::relaxed(RELEASE, columns)).await?;
        self.db.bells.ring_air();
        Ok(())
    }
}

async fn hand_on(db: &Sqlite, station: &StationName, job: &Job) -> Result<(), Unavailable> {
    let mut columns = Columns::default();
    columns.add(station.queue()).add(serde_json::to_string(job)?);
    db.script(Script::durable(HAND_ON, columns)).await?;
    db.bells.ring_air();
    Ok(())
}

#[async_trait]
impl AirQueue for Sqlite {
    async fn hand_on(&self, station: &StationName, job: &Job) -> Result<(), QueueError> {
        Ok(hand_on(self, station, job).await?)
    }

    async fn tune_in(&self, station: &StationName, prefetch: u16) -> Result<Box<dyn Consumer>, QueueError> {
        self.answers().await?;
        Ok(Box::new(Listener::start(self.clone(), station, prefetch)))
    }

    async fn waiting(&self, station: &StationName) -> Result<u64, QueueError> {
        let waiting = sqlx::query_scalar(WAITING).bind(station.queue());
        Ok(count(waiting.fetch_one(&self.readers).await.map_err(Unavailable::from)?))
    }
}
