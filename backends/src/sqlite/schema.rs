//! The file's tables, and how a connection is set up.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use super::OpenError;

/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(10);

/// Rows the connection thread may run ahead of whoever reads them.
const ROWS_AHEAD: usize = 1_024;

/// Each step takes a file from the version of its index to the next. Steps are never edited, only added.
const STEPS: [&str; 4] = [FIRST, GATES, AIR, ENGINES];

/// Counters move in triggers, so that no write can forget them. `changes` is a log of the latest changes, by which
/// processes tell each other. An index that begins with `state` is a trap: without statistics SQLite may choose
/// the wrong one and sort a whole backlog, so every query names the index it is made for.
const FIRST: &str = "
CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL,
    wake INTEGER,
    finished INTEGER,
    version INTEGER NOT NULL,
    client TEXT,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_wake ON jobs (state, wake) WHERE wake IS NOT NULL;
CREATE INDEX jobs_state ON jobs (state, id);
CREATE INDEX jobs_client ON jobs (client, id) WHERE client IS NOT NULL;
CREATE INDEX jobs_finished ON jobs (finished) WHERE finished IS NOT NULL;

CREATE TABLE counts (state TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE changes (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    client TEXT
) STRICT;
CREATE TRIGGER jobs_inserted AFTER INSERT ON jobs BEGIN
    INSERT INTO counts VALUES (new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
    INSERT INTO changes (id, state, version, client) VALUES (new.id, new.state, new.version, new.client);
END;
CREATE TRIGGER jobs_moved AFTER UPDATE OF state ON jobs WHEN old.state <> new.state BEGIN
    UPDATE counts SET n = n - 1 WHERE state = old.state;
    INSERT INTO counts VALUES (new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER jobs_changed AFTER UPDATE ON jobs BEGIN
    INSERT INTO changes (id, state, version, client) VALUES (new.id, new.state, new.version, new.client);
END;
CREATE TRIGGER jobs_deleted AFTER DELETE ON jobs BEGIN
    UPDATE counts SET n = n - 1 WHERE state = old.state;
END;

CREATE TABLE counters (
    minute INTEGER NOT NULL,
    name TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (minute, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE discarded (id BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE workers (id TEXT PRIMARY KEY, at INTEGER NOT NULL, beat TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE requests (
    client TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    started INTEGER NOT NULL,
    answer TEXT,
    UNIQUE (client, key)
) STRICT;

-- A message can be taken while `due` is null. Otherwise that is when it can: the end of its delay, or of the lease
-- of the consumer that holds it. Numbers are never used twice: a late acknowledgement must not hit a newer message.
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    lane TEXT NOT NULL,
    due INTEGER,
    consumer INTEGER,
    body ANY NOT NULL
) STRICT;
CREATE INDEX messages_ready ON messages (lane, seq) WHERE due IS NULL;
CREATE INDEX messages_due ON messages (due) WHERE due IS NOT NULL;
CREATE TABLE consumers (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
CREATE TABLE results (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE dead (
    seq INTEGER PRIMARY KEY,
    lane TEXT NOT NULL,
    reason TEXT NOT NULL,
    body ANY NOT NULL
) STRICT;
";

/// Pacing: a gate is that of a trunk, or with an empty name the one that all trunks share. Times are microseconds.
/// `admitted` is null once a call is under way.
const GATES: &str = "
CREATE TABLE gates (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL,
    gap INTEGER NOT NULL,
    level INTEGER NOT NULL DEFAULT 0,
    eased INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE slots (
    gate TEXT NOT NULL,
    attempt TEXT NOT NULL,
    until INTEGER NOT NULL,
    admitted INTEGER,
    PRIMARY KEY (gate, attempt)
) STRICT, WITHOUT ROWID;
CREATE TABLE wishes (
    gate TEXT NOT NULL,
    attempt TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (gate, attempt)
) STRICT, WITHOUT ROWID;
";

/// What stations hold: whatever is younger waits until they are done with it. Not for lanes, whose messages come and go
/// by the thousand.
const AIR: &str = "
CREATE INDEX messages_air ON messages (lane, seq)
    WHERE consumer IS NOT NULL AND lane NOT IN ('high', 'normal');
";

/// The book about voice engines, and the characters that each client had spoken: months are counted from the year 0.
const ENGINES: &str = "
CREATE TABLE engines (
    name TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    rest INTEGER NOT NULL,
    until INTEGER NOT NULL,
    probe INTEGER NOT NULL,
    locked INTEGER NOT NULL,
    since INTEGER NOT NULL,
    trouble TEXT NOT NULL,
    troubled INTEGER NOT NULL,
    next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE spent (
    month INTEGER NOT NULL,
    client TEXT NOT NULL,
    engine TEXT NOT NULL,
    characters INTEGER NOT NULL,
    PRIMARY KEY (month, client, engine)
) STRICT, WITHOUT ROWID;
";

/// How every connection to the file is opened.
pub(super) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(BUSY)
        .row_buffer_size(ROWS_AHEAD)
        .disable_statement_logging()
}

pub(super) async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    options.connect().await
}

/// Brings the file up to date; does nothing to one that is. Processes that start together take turns.
pub(super) async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    let unusable = |source| OpenError::Unusable { path: path.to_owned(), source };
    let known = super::int(STEPS.len());
    let mut turn = connection.begin_with("BEGIN IMMEDIATE").await.map_err(unusable)?;
    let found: i64 =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *turn).await.map_err(unusable)?;
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        sqlx::raw_sql(*step).execute(&mut *turn).await.map_err(unusable)?;
    }
    if found < known {
        let stamp = format!("PRAGMA user_version = {known}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(stamp)).execute(&mut *turn).await.map_err(unusable)?;
    }
    turn.commit().await.map_err(unusable)
}
