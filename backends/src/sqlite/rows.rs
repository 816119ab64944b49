//! Statements over many rows at once, and the transaction they run in.
//!
//! Each call to the connection wakes its thread and costs more than most statements do. So `BEGIN` travels with the
//! first statement, `COMMIT` with the last one where possible, and many rows in one statement.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::TryStreamExt;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Arguments as _, AssertSqlSafe, Encode, Executor as _, Type};

/// Row counts that statements are prepared for. What lies between is padded with nulls: an empty row is cheaper than
/// one more call, and each further size would be another statement to prepare.
const SIZES: [usize; 3] = [1, 16, MOST];

/// Rows of one statement at most.
pub(super) const MOST: usize = 128;

/// A statement, alone and as the first of a transaction.
#[derive(Clone, Debug)]
struct Form {
    alone: Arc<str>,
    first: Arc<str>,
}

impl Form {
    fn of(statement: &str) -> Self {
        Self { alone: statement.into(), first: format!("BEGIN IMMEDIATE; {statement}").into() }
    }
}

/// Forms of statements that have been used.
#[derive(Debug, Default)]
pub(super) struct Forms(HashMap<&'static str, Form>);

/// A transaction. It begins with its first statement, which waits for the write lock; after that nothing is busy.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    connection: &'a mut SqliteConnection,
    forms: &'a mut Forms,
    begun: bool,
}

impl<'a> Turn<'a> {
    pub(super) fn new(connection: &'a mut SqliteConnection, forms: &'a mut Forms) -> Self {
        Self { connection, forms, begun: false }
    }

    /// Runs one or several statements, whose question marks are counted on, and collects all rows they return.
    pub(super) async fn run(
        &mut self,
        statements: &'static str,
        columns: Columns,
    ) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let form = self.forms.0.entry(statements).or_insert_with(|| Form::of(statements)).clone();
        self.fetch(&form, columns).await
    }

    async fn fetch(&mut self, form: &Form, columns: Columns) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let statement = if self.begun { &form.alone } else { &form.first };
        self.begun = true;
        let query = sqlx::query_with(AssertSqlSafe(Arc::clone(statement)), columns.0);
        let mut results = self.connection.fetch_many(query);
        let mut rows = Vec::new();
        while let Some(result) = results.try_next().await? {
            rows.extend(result.right());
        }
        Ok(rows)
    }

    /// Ends it, when its last statement did not.
    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        if self.begun {
            sqlx::query("COMMIT").execute(self.connection).await?;
        }
        Ok(())
    }
}

/// A statement around `VALUES (…), (…), …`.
#[derive(Debug)]
pub(super) struct Rows {
    columns: usize,
    forms: [Form; SIZES.len()],
}

impl Rows {
    pub(super) fn new(head: &str, columns: usize, tail: &str) -> Self {
        let row = format!("({})", vec!["?"; columns].join(", "));
        let form = |n| Form::of(&format!("{head} {} {tail}", vec![row.as_str(); n].join(", ")));
        Self { columns, forms: SIZES.map(form) }
    }

    /// Runs the statement over all `items`, `bind` giving the columns of each; returns the rows it returns.
    pub(super) async fn run<T: Sync>(
        &self,
        turn: &mut Turn<'_>,
        items: &[T],
        bind: impl Fn(&T, &mut Columns) + Send + Sync,
    ) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let mut returned = Vec::new();
        for items in items.chunks(MOST) {
            let sized = SIZES.iter().zip(&self.forms).find(|(size, _)| **size >= items.len());
            let Some((size, form)) = sized else { continue };
            let mut columns = Columns::default();
            columns.0.reserve(size * self.columns, 0);
            for item in items {
                bind(item, &mut columns);
            }
            for _ in items.len() * self.columns..size * self.columns {
                columns.add(None::<i64>);
            }
            returned.extend(turn.fetch(form, columns).await?);
        }
        Ok(returned)
    }
}

#[cfg(test)]
impl Rows {
    /// The statement for two rows or more.
    pub(super) fn text(&self) -> &str {
        let [_, several, _] = &self.forms;
        &several.alone
    }
}

/// Values for the question marks of a statement, in order.
#[derive(Debug, Default)]
pub(super) struct Columns(SqliteArguments);

impl Columns {
    pub(super) fn add<'t>(&mut self, value: impl Encode<'t, Sqlite> + Type<Sqlite>) -> &mut Self {
        // Only texts of 2 GiB fail to encode; the missing value then fails the statement.
        self.0.add(value).ok();
        self
    }
}
