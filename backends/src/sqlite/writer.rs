//! The one writer of a process. Operations wait in a bounded channel; whatever waits is carried out in one
//! transaction and answered once it is committed, so sixteen callers pay for one commit.
//!
//! A batch with an operation that must survive a power failure is committed with a sync, which covers all that was
//! committed to the log before it; a batch without one is not.

use std::sync::Arc;

use pregon_core::book::Leave;
use pregon_core::{Admission, Admitted, Inserted, Swap};
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use tokio::sync::{mpsc, oneshot};

use super::Bells;
use super::batch::{Acked, Batch, Moved, Posting, Row, Statements};
use super::book::Entry;
use super::rows::{Columns, Forms, Turn};

/// Operations in one transaction at most: a slow disk must not make the first wait for the thousandth.
const MOST: usize = 512;

/// So many changes are logged before the oldest are removed.
const TRIM_EVERY: usize = 1_000;

/// Five thousand changes are kept for other processes to read.
const TRIM: &str = "DELETE FROM changes WHERE seq <= (SELECT max(seq) FROM changes) - 5000";

/// An operation, its answer once it is known, and who waits for it.
#[derive(Debug)]
pub(super) struct Ask<I, O> {
    pub(super) input: I,
    pub(super) answer: Option<O>,
    pub(super) reply: oneshot::Sender<Result<O, String>>,
}

impl<I, O> Ask<I, O> {
    /// Tells the caller. One who has gone away needs no answer.
    pub(super) fn tell(self, committed: &Result<(), String>) {
        let answer = match (committed, self.answer) {
            (Err(error), _) => Err(error.clone()),
            (Ok(()), Some(answer)) => Ok(answer),
            (Ok(()), None) => Err("the operation was left out".to_owned()),
        };
        self.reply.send(answer).ok();
    }
}

/// Statements run one after the other; the answer is all rows they return.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) statements: &'static str,
    pub(super) columns: Columns,
    pub(super) durable: bool,
}

impl Script {
    /// One that a power failure may undo.
    pub(super) fn relaxed(statements: &'static str, columns: Columns) -> Self {
        Self { statements, columns, durable: false }
    }

    /// One that stays once it is answered.
    pub(super) fn durable(statements: &'static str, columns: Columns) -> Self {
        Self { statements, columns, durable: true }
    }
}

/// What the writer is asked to do. Those of a kind are carried out together; all that wait in the channel at once
/// were asked for by callers that know nothing of each other's answers, so their order is free.
#[derive(Debug)]
pub(super) enum Op {
    Insert(Ask<Vec<Row>, Vec<Inserted>>),
    Swap(Ask<Moved, Swap>),
    Publish(Ask<Vec<Posting>, ()>),
    Ack(Ask<Acked, bool>),
    Script(Ask<Script, Vec<SqliteRow>>),
    Admit(Ask<Admission, Admitted>),
    Book(Ask<Entry, Option<Leave>>),
}

/// Those who were just answered, and those who hear of it, come back in a moment. A turn of the runtime costs little
/// beside a commit, so as long as each brings more, it is waited for.
async fn gather(waiting: &mut Vec<Op>, ops: &mut mpsc::Receiver<Op>) {
    loop {
        tokio::task::yield_now().await;
        let before = waiting.len();
        while waiting.len() < MOST
            && let Ok(op) = ops.try_recv()
        {
            waiting.push(op);
        }
        if waiting.len() == before || waiting.len() == MOST {
            return;
        }
    }
}

/// Owns the connection that writes.
pub(super) struct Writer {
    connection: SqliteConnection,
    statements: Statements,
    forms: Forms,
    bells: Arc<Bells>,
    /// Whether the connection syncs its commits at the moment; unknown after an error.
    syncing: Option<bool>,
    untrimmed: usize,
}

impl Writer {
    pub(super) fn new(connection: SqliteConnection, bells: Arc<Bells>) -> Self {
        Self {
            connection,
            statements: Statements::new(),
            forms: Forms::default(),
            bells,
            syncing: None,
            untrimmed: 0,
        }
    }

    /// Works until the last handle is gone.
    pub(super) async fn run(mut self, mut ops: mpsc::Receiver<Op>) {
        let mut waiting = Vec::with_capacity(MOST);
        loop {
            if ops.recv_many(&mut waiting, MOST).await == 0 {
                break;
            }
            gather(&mut waiting, &mut ops).await;
            let mut batch = Batch::of(waiting.drain(..));
            let committed = self.commit(&mut batch).await;
            if committed.is_ok() {
                self.ring(&batch);
            }
            batch.tell(&committed);
        }
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the job file was not closed cleanly");
        }
    }

    fn ring(&mut self, batch: &Batch) {
        if let Some(high) = batch.posted() {
            self.bells.ring_posted(high);
        }
        let changed = batch.changed();
        if changed > 0 {
            self.bells.ring_changed();
        }
        self.untrimmed += changed;
    }

    async fn commit(&mut self, batch: &mut Batch) -> Result<(), String> {
        let result = self.attempt(batch).await;
        if let Err(error) = &result {
            tracing::error!(%error, "a transaction on the job file failed");
            self.syncing = None;
            // Fails when the transaction did not begin or SQLite has ended it itself: nothing is left either way.
            sqlx::raw_sql("ROLLBACK").execute(&mut self.connection).await.ok();
        }
        result.map_err(|error| error.to_string())
    }

    async fn attempt(&mut self, batch: &mut Batch) -> Result<(), sqlx::Error> {
        self.sync(batch.durable).await?;
        let mut turn = Turn::new(&mut self.connection, &mut self.forms);
        if self.untrimmed >= TRIM_EVERY {
            turn.run(TRIM, Columns::default()).await?;
            self.untrimmed = 0;
        }
        batch.carry_out(&self.statements, turn).await
    }

    /// `PRAGMA synchronous` acts while it is prepared, so it must never come out of the statement cache: `raw_sql`
    /// bypasses it.
    async fn sync(&mut self, wanted: bool) -> Result<(), sqlx::Error> {
        if self.syncing == Some(wanted) {
            return Ok(());
        }
        let level = if wanted { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" };
        sqlx::raw_sql(level).execute(&mut self.connection).await?;
        self.syncing = Some(wanted);
        Ok(())
    }
}
