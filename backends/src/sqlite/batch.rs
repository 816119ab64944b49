//! The operations of one transaction, carried out kind by kind.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use pregon_core::book::Leave;
use pregon_core::{Admission, Admitted, Inserted, Job, Lane, StateName, Swap, clock, stats};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::book::{self, Entry};
use super::int;
use super::pace;
use super::rows::{Columns, MOST, Rows, Turn};
use super::writer::{Ask, Op, Script};

/// What the file keeps of a job beside the job itself.
#[derive(Debug)]
pub(super) struct Row {
    id: Uuid,
    state: StateName,
    wake: Option<i64>,
    finished: Option<i64>,
    version: i64,
    client: Option<String>,
    body: Arc<str>,
    /// Whether it is to be published as well, and if so, when its message can be taken.
    post: Option<Post>,
    /// What its arrival in the file adds to the counters of the present minute.
    tally: Vec<(String, u64)>,
}

/// How a new row's message goes into the queue.
#[derive(Clone, Copy, Debug)]
struct Post {
    lane: Lane,
    due: Option<i64>,
}

impl Row {
    /// The row of a new job that is published with it.
    pub(super) fn posted(job: &Job, due: Option<i64>) -> Result<Self, serde_json::Error> {
        Ok(Self { post: Some(Post { lane: job.spec.lane, due }), ..Self::of(None, job)? })
    }

    pub(super) fn of(before: Option<&Job>, job: &Job) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id: job.id.uuid(),
            state: job.state.name(),
            wake: job.state.wake().map(pregon_core::Timestamp::millis),
            finished: job.finished.map(pregon_core::Timestamp::millis),
            version: int(job.version),
            client: job.client.clone(),
            body: serde_json::to_string(job)?.into(),
            post: None,
            tally: stats::tally(before, job),
        })
    }
}

/// A swap: the row as it shall be, if its version is still `was`.
#[derive(Debug)]
pub(super) struct Moved {
    pub(super) was: i64,
    pub(super) row: Row,
    pub(super) durable: bool,
}

/// A message on its way in.
#[derive(Debug)]
pub(super) struct Posting {
    pub(super) lane: Lane,
    /// When it may be taken, milliseconds; at once when absent.
    pub(super) due: Option<i64>,
    pub(super) body: Arc<str>,
}

/// An acknowledgement by the consumer that holds the message.
#[derive(Debug)]
pub(super) struct Acked {
    pub(super) consumer: i64,
    pub(super) seq: i64,
}

/// The prepared forms of what is done to many rows at once.
pub(super) struct Statements {
    insert: Rows,
    swap: Rows,
    publish: Rows,
    ack: Rows,
    count: Rows,
    count_and_commit: Rows,
}

const COUNT_HEAD: &str = "WITH new (minute, name, n) AS (VALUES";
const COUNT_TAIL: &str = ") INSERT INTO counters SELECT * FROM new WHERE name IS NOT NULL
     ON CONFLICT DO UPDATE SET n = n + excluded.n";

impl Statements {
    pub(super) fn new() -> Self {
        Self {
            insert: Rows::new(
                "WITH new (id, state, wake, finished, version, client, body) AS (VALUES",
                7,
                ") INSERT INTO jobs (id, state, wake, finished, version, client, body) SELECT * FROM new
                 WHERE id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM discarded WHERE discarded.id = new.id)
                 ON CONFLICT (id) DO NOTHING RETURNING id",
            ),
            swap: Rows::new(
                "WITH new (id, was, state, wake, finished, version, body) AS (VALUES",
                7,
                ") UPDATE jobs SET state = new.state, wake = new.wake, finished = new.finished,
                 version = new.version, body = new.body
                 FROM new WHERE jobs.id = new.id AND jobs.version = new.was RETURNING id",
            ),
            publish: Rows::new(
                "WITH new (lane, due, body) AS (VALUES",
                3,
                ") INSERT INTO messages (lane, due, body) SELECT * FROM new WHERE lane IS NOT NULL",
            ),
            ack: Rows::new(
                "WITH gone (seq, consumer) AS (VALUES",
                2,
                ") DELETE FROM messages WHERE seq IN (SELECT seq FROM gone)
                 AND consumer IN (SELECT consumer FROM gone WHERE gone.seq = messages.seq) RETURNING seq",
            ),
            count: Rows::new(COUNT_HEAD, 3, COUNT_TAIL),
            count_and_commit: Rows::new(COUNT_HEAD, 3, &format!("{COUNT_TAIL}; COMMIT")),
        }
    }

    /// Those whose query plans are tested.
    #[cfg(test)]
    pub(super) fn texts(&self) -> [&str; 3] {
        [self.insert.text(), self.swap.text(), self.ack.text()]
    }
}

/// What waits for one commit.
#[derive(Debug, Default)]
pub(super) struct Batch {
    inserts: Vec<Ask<Vec<Row>, Vec<Inserted>>>,
    swaps: Vec<Ask<Moved, Swap>>,
    publishes: Vec<Ask<Vec<Posting>, ()>>,
    acks: Vec<Ask<Acked, bool>>,
    scripts: Vec<Ask<Script, Vec<SqliteRow>>>,
    admissions: Vec<Ask<Admission, Admitted>>,
    entries: Vec<Ask<Entry, Option<Leave>>>,
    /// Whether something in it must survive a power failure.
    pub(super) durable: bool,
}

impl Batch {
    pub(super) fn of(ops: impl Iterator<Item = Op>) -> Self {
        let mut batch = Self::default();
        for op in ops {
            batch.durable |= match &op {
                Op::Insert(ask) => ask.input.iter().any(|row| row.post.is_some()),
                Op::Ack(_) | Op::Admit(_) | Op::Book(_) => false,
                Op::Swap(ask) => ask.input.durable,
                Op::Publish(_) => true,
                Op::Script(ask) => ask.input.durable,
            };
            match op {
                Op::Insert(ask) => batch.inserts.push(ask),
                Op::Swap(ask) => batch.swaps.push(ask),
                Op::Publish(ask) => batch.publishes.push(ask),
                Op::Ack(ask) => batch.acks.push(ask),
                Op::Script(ask) => batch.scripts.push(ask),
                Op::Admit(ask) => batch.admissions.push(ask),
                Op::Book(ask) => batch.entries.push(ask),
            }
        }
        batch
    }

    /// Answers everybody.
    pub(super) fn tell(self, committed: &Result<(), String>) {
        self.inserts.into_iter().for_each(|ask| ask.tell(committed));
        self.swaps.into_iter().for_each(|ask| ask.tell(committed));
        self.publishes.into_iter().for_each(|ask| ask.tell(committed));
        self.acks.into_iter().for_each(|ask| ask.tell(committed));
        self.scripts.into_iter().for_each(|ask| ask.tell(committed));
        self.admissions.into_iter().for_each(|ask| ask.tell(committed));
        self.entries.into_iter().for_each(|ask| ask.tell(committed));
    }

    /// Whether messages came in, and if so, whether high ones that can be taken at once are among them.
    pub(super) fn posted(&self) -> Option<bool> {
        let published = self.publishes.iter().flat_map(|ask| &ask.input).map(|p| (p.lane, p.due));
        let inserted = self.inserts.iter().flat_map(|ask| &ask.input).filter_map(|row| row.post);
        let mut all = published.chain(inserted.map(|post| (post.lane, post.due))).peekable();
        all.peek()?;
        Some(all.any(|(lane, due)| lane == Lane::High && due.is_none()))
    }

    /// How many jobs may have changed.
    pub(super) fn changed(&self) -> usize {
        self.swaps.len() + self.inserts.iter().map(|ask| ask.input.len()).sum::<usize>()
    }

    /// Runs everything in one transaction and notes the answers, which hold once this returns `Ok`.
    pub(super) async fn carry_out(
        &mut self,
        statements: &Statements,
        mut turn: Turn<'_>,
    ) -> Result<(), sqlx::Error> {
        let counters = self.run(statements, &mut turn).await?;
        counters.write_and_commit(statements, turn).await
    }

    async fn run(&mut self, statements: &Statements, turn: &mut Turn<'_>) -> Result<Counters, sqlx::Error> {
        let mut counters = Counters::default();
        if !self.inserts.is_empty() {
            self.insert(statements, turn, &mut counters).await?;
        }
        self.publish(statements, turn).await?;
        if !self.swaps.is_empty() {
            self.swap(statements, turn, &mut counters).await?;
        }
        if !self.acks.is_empty() {
            self.ack(statements, turn).await?;
        }
        for ask in &mut self.scripts {
            let columns = std::mem::take(&mut ask.input.columns);
            ask.answer = Some(turn.run(ask.input.statements, columns).await?);
        }
        // Last: a hold or a vacated slot in the same batch makes room.
        for ask in &mut self.admissions {
            ask.answer = Some(pace::admit(turn, &ask.input).await?);
        }
        for ask in &mut self.entries {
            ask.answer = Some(book::enter(turn, &ask.input).await?);
        }
        Ok(counters)
    }

    async fn insert(
        &mut self,
        statements: &Statements,
        turn: &mut Turn<'_>,
        counters: &mut Counters,
    ) -> Result<(), sqlx::Error> {
        let all: Vec<&Row> = self.inserts.iter().flat_map(|ask| &ask.input).collect();
        let bind = |row: &&Row, columns: &mut Columns| {
            columns.add(row.id.as_bytes().as_slice()).add(row.state.as_str()).add(row.wake).add(row.finished);
            columns.add(row.version).add(row.client.as_deref()).add(Arc::clone(&row.body));
        };
        let mut new = ids(&statements.insert.run(turn, &all, bind).await?)?;
        let discarded = if new.len() == all.len() {
            HashSet::new()
        } else {
            let known = "SELECT id FROM discarded WHERE id IN (SELECT unhex(value) FROM json_each(?))";
            let mut columns = Columns::default();
            columns.add(id_list(all.iter().map(|row| row.id)));
            ids(&turn.run(known, columns).await?)?
        };
        for ask in &mut self.inserts {
            let fate = |row: &Row| {
                if new.remove(&row.id) {
                    counters.add(&row.tally);
                    Inserted::New
                } else if discarded.contains(&row.id) {
                    Inserted::Discarded
                } else {
                    Inserted::Existing
                }
            };
            ask.answer = Some(ask.input.iter().map(fate).collect());
        }
        Ok(())
    }

    /// What was asked for, and the messages of new rows; not of discarded ones.
    async fn publish(&mut self, statements: &Statements, turn: &mut Turn<'_>) -> Result<(), sqlx::Error> {
        let published = self.publishes.iter().flat_map(|ask| &ask.input).map(|p| (p.lane, p.due, &p.body));
        let fates = self.inserts.iter().flat_map(|ask| ask.input.iter().zip(ask.answer.iter().flatten()));
        let inserted = fates.filter(|(_, fate)| !matches!(fate, Inserted::Discarded));
        let inserted = inserted.filter_map(|(row, _)| row.post.map(|post| (post.lane, post.due, &row.body)));
        let all: Vec<(Lane, Option<i64>, &Arc<str>)> = published.chain(inserted).collect();
        if !all.is_empty() {
            let bind = |(lane, due, body): &(Lane, Option<i64>, &Arc<str>), columns: &mut Columns| {
                columns.add(lane.as_str()).add(*due).add(Arc::clone(body));
            };
            statements.publish.run(turn, &all, bind).await?;
        }
        self.publishes.iter_mut().for_each(|ask| ask.answer = Some(()));
        Ok(())
    }

    /// Of several swaps of one job only the first can win: the others wait for the next round, in which they find
    /// its new version.
    async fn swap(
        &mut self,
        statements: &Statements,
        turn: &mut Turn<'_>,
        counters: &mut Counters,
    ) -> Result<(), sqlx::Error> {
        let mut rest: Vec<&mut Ask<Moved, Swap>> = self.swaps.iter_mut().collect();
        while !rest.is_empty() {
            let mut seen = HashSet::new();
            let (mut round, later): (Vec<_>, Vec<_>) =
                rest.into_iter().partition(|ask| seen.insert(ask.input.row.id));
            rest = later;
            let inputs: Vec<&Moved> = round.iter().map(|ask| &ask.input).collect();
            let bind = |moved: &&Moved, columns: &mut Columns| {
                let row = &moved.row;
                columns
                    .add(row.id.as_bytes().as_slice())
                    .add(moved.was)
                    .add(row.state.as_str())
                    .add(row.wake);
                columns.add(row.finished).add(row.version).add(Arc::clone(&row.body));
            };
            let done = ids(&statements.swap.run(turn, &inputs, bind).await?)?;
            let there = if done.len() == inputs.len() {
                HashSet::new()
            } else {
                let known = "SELECT id FROM jobs WHERE id IN (SELECT unhex(value) FROM json_each(?))";
                let mut columns = Columns::default();
                columns.add(id_list(inputs.iter().map(|moved| moved.row.id)));
                ids(&turn.run(known, columns).await?)?
            };
            for ask in &mut round {
                let row = &ask.input.row;
                ask.answer = Some(if done.contains(&row.id) {
                    counters.add(&row.tally);
                    Swap::Done
                } else if there.contains(&row.id) {
                    Swap::Stale
                } else {
                    Swap::Missing
                });
            }
        }
        Ok(())
    }

    async fn ack(&mut self, statements: &Statements, turn: &mut Turn<'_>) -> Result<(), sqlx::Error> {
        let all: Vec<&Acked> = self.acks.iter().map(|ask| &ask.input).collect();
        let bind = |acked: &&Acked, columns: &mut Columns| {
            columns.add(acked.seq).add(acked.consumer);
        };
        let rows = statements.ack.run(turn, &all, bind).await?;
        let gone = rows.iter().map(|row| row.try_get(0)).collect::<Result<HashSet<i64>, _>>()?;
        self.acks.iter_mut().for_each(|ask| ask.answer = Some(gone.contains(&ask.input.seq)));
        Ok(())
    }
}

/// What a transaction adds to the counters of the present minute, added up before it is written.
#[derive(Debug, Default)]
struct Counters(BTreeMap<String, u64>);

impl Counters {
    fn add(&mut self, tally: &[(String, u64)]) {
        for (name, n) in tally {
            *self.0.entry(name.clone()).or_default() += n;
        }
    }

    async fn write_and_commit(self, statements: &Statements, mut turn: Turn<'_>) -> Result<(), sqlx::Error> {
        let minute = clock::now().minute();
        let all: Vec<(String, u64)> = self.0.into_iter().collect();
        if all.is_empty() {
            return turn.commit().await;
        }
        let bind = |(name, n): &(String, u64), columns: &mut Columns| {
            columns.add(minute).add(name.as_str()).add(int(*n));
        };
        let (more, last) = all.split_at(all.len().saturating_sub(MOST));
        statements.count.run(&mut turn, more, bind).await?;
        statements.count_and_commit.run(&mut turn, last, bind).await.map(drop)
    }
}

fn ids(rows: &[SqliteRow]) -> Result<HashSet<Uuid>, sqlx::Error> {
    rows.iter().map(id).collect()
}

/// The id in the first column.
pub(super) fn id(row: &SqliteRow) -> Result<Uuid, sqlx::Error> {
    Uuid::from_slice(row.try_get(0)?).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Ids as a JSON list of hexadecimal texts, for `unhex(value) … json_each(?)`.
pub(super) fn id_list(ids: impl Iterator<Item = Uuid>) -> String {
    let quoted: Vec<String> = ids.map(|id| format!("\"{}\"", id.simple())).collect();
    format!("[{}]", quoted.join(","))
}
