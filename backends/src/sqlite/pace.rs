//! The gates. An admission reads both, decides by [`pregon_core::pace::decide`], and writes, all in the writer's
//! transaction and by the clock that SQLite reads within it: of two processes the one that holds the lock is first.

use std::time::Duration;

use async_trait::async_trait;
use pregon_core::pace::{
    Admission, Admitted, Bar, EASE_APART, EASE_STEP, Ease, Gate, Load, MOST_EASED, ON_ITS_WAY, PATIENCE,
    Pace, USUAL, decide, eased, micros,
};
use pregon_core::{Key, Lane, StoreError};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::rows::{Columns, Turn};
use super::writer::{Op, Script};
use super::{Sqlite, Unavailable};

/// The gate that all trunks share.
const SHARED: &str = "";

/// Drops what is over and returns the two gates, the trunk's first: the time, next, level, eased, slots, on their way,
/// high ones that wait, and whether the attempt has a slot.
const LOOK: &str = "
    DELETE FROM slots WHERE until <= CAST(unixepoch('subsec') * 1000000 AS INTEGER);
    DELETE FROM wishes WHERE until <= CAST(unixepoch('subsec') * 1000000 AS INTEGER);
    SELECT now, coalesce(next, 0), coalesce(level, 0), coalesce(eased, 0),
        (SELECT count(*) FROM slots WHERE gate = asked.name),
        (SELECT count(*) FROM slots WHERE gate = asked.name AND admitted > now - ?),
        (SELECT count(*) FROM wishes WHERE gate = asked.name AND attempt <> ?),
        EXISTS (SELECT 1 FROM slots WHERE gate = asked.name AND attempt = ?)
    FROM (SELECT ? AS name, 1 AS place, CAST(unixepoch('subsec') * 1000000 AS INTEGER) AS now
        UNION ALL SELECT '', 2, CAST(unixepoch('subsec') * 1000000 AS INTEGER)) AS asked
    LEFT JOIN gates ON gates.name = asked.name ORDER BY place";

const ENTER: &str = "
    INSERT INTO slots (gate, attempt, until, admitted) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET until = excluded.until, admitted = excluded.admitted;
    INSERT INTO gates (name, next, gap) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET next = excluded.next, gap = excluded.gap;
    DELETE FROM wishes WHERE gate = ? AND attempt = ?";

const KEEP: &str = "UPDATE slots SET until = ? WHERE attempt = ?";

const WISH: &str = "INSERT INTO wishes (gate, attempt, until) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET until = excluded.until";

const NO_WISH: &str = "DELETE FROM wishes WHERE gate = ? AND attempt = ?";

/// A call that took longer than usual pushes the next one back. `admitted` is null once a call is under way.
const HOLD: &str = "
    UPDATE gates SET next = max(next, CAST(unixepoch('subsec') * 1000000 AS INTEGER) + gap - ?)
        WHERE gap > 0 AND name IN (SELECT gate FROM slots WHERE attempt = ? AND admitted IS NOT NULL);
    INSERT INTO slots (gate, attempt, until)
        SELECT value, ?, CAST(unixepoch('subsec') * 1000000 AS INTEGER) + ? FROM json_each(json_array(?, '')) WHERE true
        ON CONFLICT DO UPDATE SET until = max(until, excluded.until), admitted = NULL";

const VACATE: &str = "
    DELETE FROM slots WHERE attempt = ? AND gate IN (?, '');
    DELETE FROM wishes WHERE attempt = ? AND gate IN (?, '')";

/// As [`Ease::more`].
const SLOW: &str = "
    INSERT INTO gates (name, next, gap, level, eased)
        VALUES (?, 0, 0, 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER))
    ON CONFLICT DO UPDATE SET level = min(?, max(0, level - (excluded.eased - eased) / ?) + 1), eased = excluded.eased
        WHERE level = 0 OR excluded.eased - eased >= ?";

const LOADS: &str = "
    SELECT value, (SELECT count(*) FROM slots WHERE gate = value AND until > now),
        (SELECT count(*) FROM wishes WHERE gate = value AND until > now),
        coalesce(level, 0), coalesce(eased, 0), now
    FROM (SELECT key, value, CAST(unixepoch('subsec') * 1000000 AS INTEGER) AS now FROM json_each(?))
    LEFT JOIN gates ON gates.name = value ORDER BY key";

/// One gate as it was found.
struct Found {
    now: i64,
    gate: Gate,
    level: u8,
    inside: bool,
}

impl Found {
    fn read(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let number = |at: usize| row.try_get::<u32, _>(at);
        let now = row.try_get(0)?;
        let ease = Ease { level: row.try_get(2)?, at: row.try_get(3)? };
        let gate =
            Gate { next: row.try_get(1)?, calls: number(4)?, on_their_way: number(5)?, high: number(6)? };
        Ok(Self { now, gate, level: ease.level_at(now), inside: row.try_get(7)? })
    }
}

/// Asks both gates within the writer's transaction.
pub(super) async fn admit(turn: &mut Turn<'_>, admission: &Admission) -> Result<Admitted, sqlx::Error> {
    let attempt = admission.key.to_string();
    let mut columns = Columns::default();
    columns.add(micros(ON_ITS_WAY)).add(attempt.as_str()).add(attempt.as_str()).add(admission.trunk.as_str());
    let rows = turn.run(LOOK, columns).await?;
    let [own, shared] = rows.as_slice() else { return Err(sqlx::Error::RowNotFound) };
    let (own, shared) = (Found::read(own)?, Found::read(shared)?);
    let (now, lease) = (own.now, micros(admission.lease));
    if shared.inside {
        let mut columns = Columns::default();
        columns.add(now + lease).add(attempt);
        turn.run(KEEP, columns).await?;
        return Ok(Admitted::Go);
    }
    let [own_bar, shared_bar] = admission.bars();
    let own_bar = eased(own_bar, admission.eased_gap(), own.level);
    let gates = [(own.gate, own_bar), (shared.gate, shared_bar)];
    let (answer, kept) = decide(admission.lane, gates, now);
    let names = [admission.trunk.as_str(), SHARED];
    match answer {
        Admitted::Go => {
            for (name, (gate, bar)) in names.into_iter().zip(gates) {
                enter(turn, name, &attempt, (gate, bar), now, lease).await?;
            }
        }
        Admitted::Wait(wait) if admission.lane == Lane::High => {
            let until = now + micros(wait + PATIENCE);
            for (name, kept) in names.into_iter().zip(kept) {
                wish(turn, name, &attempt, kept.then_some(until)).await?;
            }
        }
        Admitted::Wait(_) => {}
    }
    Ok(answer)
}

async fn enter(
    turn: &mut Turn<'_>,
    name: &str,
    attempt: &str,
    (gate, bar): (Gate, Bar),
    now: i64,
    lease: i64,
) -> Result<(), sqlx::Error> {
    let mut columns = Columns::default();
    columns.add(name).add(attempt).add(now + lease).add(now);
    columns.add(name).add(gate.after(bar, now)).add(bar.gap);
    columns.add(name).add(attempt);
    turn.run(ENTER, columns).await.map(drop)
}

async fn wish(turn: &mut Turn<'_>, name: &str, attempt: &str, until: Option<i64>) -> Result<(), sqlx::Error> {
    let mut columns = Columns::default();
    columns.add(name).add(attempt);
    let Some(until) = until else { return turn.run(NO_WISH, columns).await.map(drop) };
    columns.add(until);
    turn.run(WISH, columns).await.map(drop)
}

async fn loads(db: &Sqlite, trunks: &[String]) -> Result<Vec<Load>, Unavailable> {
    let names = serde_json::to_string(trunks)?;
    let rows = sqlx::query(LOADS).bind(names).fetch_all(&db.readers).await?;
    let load = |row: &SqliteRow| {
        let ease = Ease { level: row.try_get(3)?, at: row.try_get(4)? };
        let eased = ease.level_at(row.try_get(5)?);
        Ok(Load { trunk: row.try_get(0)?, calls: row.try_get(1)?, high_waiting: row.try_get(2)?, eased })
    };
    rows.iter().map(load).collect()
}

/// None of it is synced: after a power failure, calls of before it are not under way any more.
#[async_trait]
impl Pace for Sqlite {
    async fn admit(&self, admission: &Admission) -> Result<Admitted, StoreError> {
        Ok(self.write(admission.clone(), Op::Admit).await?)
    }

    async fn hold(&self, trunk: &str, key: Key, lease: Duration) -> Result<(), StoreError> {
        let attempt = key.to_string();
        let mut columns = Columns::default();
        columns.add(micros(USUAL)).add(attempt.as_str());
        columns.add(attempt.as_str()).add(micros(lease)).add(trunk);
        self.script(Script::relaxed(HOLD, columns)).await?;
        Ok(())
    }

    async fn vacate(&self, trunk: &str, key: Key) -> Result<(), StoreError> {
        let attempt = key.to_string();
        let mut columns = Columns::default();
        columns.add(attempt.as_str()).add(trunk).add(attempt.as_str()).add(trunk);
        self.script(Script::relaxed(VACATE, columns)).await?;
        Ok(())
    }

    async fn slow(&self, trunk: &str) -> Result<(), StoreError> {
        let mut columns = Columns::default();
        columns.add(trunk).add(i64::from(MOST_EASED)).add(micros(EASE_STEP)).add(micros(EASE_APART));
        self.script(Script::relaxed(SLOW, columns)).await?;
        Ok(())
    }

    async fn loads(&self, trunks: &[String]) -> Result<Vec<Load>, StoreError> {
        Ok(loads(self, trunks).await?)
    }
}
