//! The book about voice engines. Leave and reports are decided by [`pregon_core::book::Record`] within the writer's
//! transaction, by the clock that SQLite reads within it: of two processes the one that holds the lock is first.

use async_trait::async_trait;
use pregon_core::StoreError;
use pregon_core::book::{Account, EngineBook, Errand, Leave, Month, Record, Spending, Standing, Told};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::rows::{Columns, Turn};
use super::writer::{Op, Script};
use super::{Sqlite, Unavailable, count, int};

/// What is written into the book.
#[derive(Debug)]
pub(super) enum Entry {
    Ask(Errand),
    Tell(Told),
    /// Of this engine.
    Unlock(String),
}

/// A row for every engine of a list, also for new ones: the time, then the columns of [`Record`].
const READ: &str = "
    SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER), coalesce(failures, 0), coalesce(rest, 0),
        coalesce(until, 0), coalesce(probe, 0), coalesce(locked, 0), coalesce(since, 0), coalesce(trouble, ''),
        coalesce(troubled, 0), coalesce(next, 0)
    FROM json_each(?) LEFT JOIN engines ON name = value ORDER BY key";

const WRITE: &str = "
    INSERT INTO engines (name, failures, rest, until, probe, locked, since, trouble, troubled, next)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET failures = excluded.failures, rest = excluded.rest, until = excluded.until,
        probe = excluded.probe, locked = excluded.locked, since = excluded.since, trouble = excluded.trouble,
        troubled = excluded.troubled, next = excluded.next";

const USED: &str = "SELECT characters FROM spent WHERE month = ? AND client = ? AND engine = ?";

/// What is taken off an account was put there before; an account of a file that was lost since is not overdrawn.
const ADD: &str = "INSERT INTO spent (month, client, engine, characters) VALUES (?, ?, ?, max(0, ?))
    ON CONFLICT DO UPDATE SET characters = max(0, characters + ?)";

const NOW: &str = "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER)";

const ACCOUNTS: &str = "SELECT engine, client, characters FROM spent WHERE month = ?";

fn read(row: &SqliteRow) -> Result<(i64, Record), sqlx::Error> {
    let record = Record {
        failures: row.try_get(1)?,
        rest: row.try_get(2)?,
        until: row.try_get(3)?,
        probe: row.try_get(4)?,
        locked: row.try_get(5)?,
        since: row.try_get(6)?,
        trouble: row.try_get(7)?,
        troubled: row.try_get(8)?,
        next: row.try_get(9)?,
    };
    Ok((row.try_get(0)?, record))
}

async fn record(turn: &mut Turn<'_>, engine: &str) -> Result<(i64, Record), sqlx::Error> {
    let mut columns = Columns::default();
    columns.add(serde_json::json!([engine]).to_string());
    let rows = turn.run(READ, columns).await?;
    read(rows.first().ok_or(sqlx::Error::RowNotFound)?)
}

async fn write(turn: &mut Turn<'_>, engine: &str, record: Record) -> Result<(), sqlx::Error> {
    let mut columns = Columns::default();
    columns.add(engine).add(record.failures).add(record.rest).add(record.until).add(record.probe);
    columns.add(record.locked).add(record.since).add(record.trouble).add(record.troubled).add(record.next);
    turn.run(WRITE, columns).await.map(drop)
}

/// Carries one entry out within the writer's transaction; the answer to a question is a leave.
pub(super) async fn enter(turn: &mut Turn<'_>, entry: &Entry) -> Result<Option<Leave>, sqlx::Error> {
    match entry {
        Entry::Ask(errand) => ask(turn, errand).await.map(Some),
        Entry::Tell(told) => {
            let (now, before) = record(turn, &told.engine).await?;
            let mut after = before.clone();
            after.note(&told.ticket, &told.report, now);
            if after != before {
                write(turn, &told.engine, after).await?;
            }
            if let Some(Spending { client, characters, .. }) = &told.refund {
                add(turn, told.ticket.month, client, &told.engine, -int(*characters)).await?;
            }
            Ok(None)
        }
        Entry::Unlock(engine) => {
            let (now, mut record) = record(turn, engine).await?;
            if record.locked {
                record.unlock(now);
                write(turn, engine, record).await?;
            }
            Ok(None)
        }
    }
}

async fn ask(turn: &mut Turn<'_>, errand: &Errand) -> Result<Leave, sqlx::Error> {
    let (now, before) = record(turn, &errand.engine).await?;
    let Spending { client, characters, .. } = &errand.spending;
    let mut columns = Columns::default();
    columns.add(Month::of(now).number()).add(client.as_str()).add(errand.engine.as_str());
    let rows = turn.run(USED, columns).await?;
    let used = rows.first().map(|row| row.try_get(0)).transpose()?.map_or(0, count);
    let mut after = before.clone();
    let leave = after.admit(errand, used, now);
    if after != before {
        write(turn, &errand.engine, after).await?;
    }
    if let Leave::Go(ticket) = &leave {
        add(turn, ticket.month, client, &errand.engine, int(*characters)).await?;
    }
    Ok(leave)
}

async fn add(
    turn: &mut Turn<'_>,
    month: Month,
    client: &str,
    engine: &str,
    characters: i64,
) -> Result<(), sqlx::Error> {
    turn.run(ADD, addition(month, client, engine, characters)).await.map(drop)
}

fn addition(month: Month, client: &str, engine: &str, characters: i64) -> Columns {
    let mut columns = Columns::default();
    columns.add(month.number()).add(client).add(engine).add(characters).add(characters);
    columns
}

async fn standings(db: &Sqlite, engines: &[String]) -> Result<Vec<Standing>, Unavailable> {
    let names = serde_json::to_string(engines)?;
    let rows = sqlx::query(READ).bind(names).fetch_all(&db.readers).await?;
    let standing = |row: &SqliteRow| read(row).map(|(now, record)| record.standing(now));
    Ok(rows.iter().map(standing).collect::<Result<_, _>>()?)
}

async fn month(db: &Sqlite) -> Result<Month, Unavailable> {
    Ok(Month::of(sqlx::query_scalar(NOW).fetch_one(&db.readers).await?))
}

async fn accounts(db: &Sqlite) -> Result<(Month, Vec<Account>), Unavailable> {
    let month = month(db).await?;
    let rows = sqlx::query(ACCOUNTS).bind(month.number()).fetch_all(&db.readers).await?;
    let account = |row: &SqliteRow| {
        let characters = count(row.try_get(2)?);
        Ok(Account { engine: row.try_get(0)?, client: row.try_get(1)?, characters })
    };
    Ok((month, rows.iter().map(account).collect::<Result<_, sqlx::Error>>()?))
}

/// None of it is synced: after a power failure, the last characters may be missing and an engine may be asked again.
#[async_trait]
impl EngineBook for Sqlite {
    async fn ask(&self, errand: &Errand) -> Result<Leave, StoreError> {
        let leave = self.write(Entry::Ask(errand.clone()), Op::Book).await?;
        leave.ok_or_else(|| StoreError("the errand was left out".to_owned()))
    }

    async fn tell(&self, told: &Told) -> Result<(), StoreError> {
        Ok(self.write(Entry::Tell(told.clone()), Op::Book).await.map(drop)?)
    }

    async fn charge(&self, engine: &str, spending: &Spending) -> Result<(), StoreError> {
        let columns = addition(month(self).await?, &spending.client, engine, int(spending.characters));
        self.script(Script::relaxed(ADD, columns)).await?;
        Ok(())
    }

    async fn unlock(&self, engine: &str) -> Result<(), StoreError> {
        Ok(self.write(Entry::Unlock(engine.to_owned()), Op::Book).await.map(drop)?)
    }

    async fn standings(&self, engines: &[String]) -> Result<Vec<Standing>, StoreError> {
        Ok(standings(self, engines).await?)
    }

    async fn accounts(&self) -> Result<(Month, Vec<Account>), StoreError> {
        Ok(accounts(self).await?)
    }
}
