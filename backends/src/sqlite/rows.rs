//! Statements over many rows at once.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Arguments as _, AssertSqlSafe, Encode, Executor as _, Type};

/// Row counts that statements are prepared for. What lies between is padded with nulls: each call to the connection
/// costs more than a dozen empty rows, and each further size would be another statement to prepare.
const SIZES: [usize; 3] = [1, 16, 128];

/// A statement around `VALUES (…), (…), …`.
#[derive(Debug)]
pub(super) struct Rows {
    columns: usize,
    statements: [Arc<str>; SIZES.len()],
}

impl Rows {
    pub(super) fn new(head: &str, columns: usize, tail: &str) -> Self {
        let row = format!("({})", vec!["?"; columns].join(", "));
        let statements = SIZES.map(|n| format!("{head} {} {tail}", vec![row.as_str(); n].join(", ")).into());
        Self { columns, statements }
    }

    /// Runs the statement over all `items`, `bind` giving the columns of each; returns the rows it returns.
    pub(super) async fn run<T: Sync>(
        &self,
        connection: &mut SqliteConnection,
        items: &[T],
        bind: impl Fn(&T, &mut Columns) + Send + Sync,
    ) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let mut returned = Vec::new();
        let [_, _, most] = SIZES;
        for items in items.chunks(most) {
            let sized = SIZES.iter().zip(&self.statements).find(|(size, _)| **size >= items.len());
            let Some((size, statement)) = sized else { continue };
            let mut columns = Columns::default();
            columns.0.reserve(size * self.columns, 0);
            items.iter().for_each(|item| bind(item, &mut columns));
            for _ in items.len() * self.columns..size * self.columns {
                columns.add(None::<i64>);
            }
            returned.extend(fetch(connection, AssertSqlSafe(Arc::clone(statement)), columns).await?);
        }
        Ok(returned)
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

/// Runs one or several statements, whose question marks are counted on, and collects all rows they return.
pub(super) async fn fetch(
    connection: &mut SqliteConnection,
    statement: impl sqlx::SqlSafeStr,
    columns: Columns,
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    let mut results = connection.fetch_many(sqlx::query_with(statement, columns.0));
    let mut rows = Vec::new();
    while let Some(result) = results.try_next().await? {
        rows.extend(result.right());
    }
    Ok(rows)
}
