//! Follows the log of changes while somebody watches. The writer of this process rings; what other processes wrote
//! is found by looking.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use pregon_core::{Change, StateName};
use sqlx::Row as _;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use tokio::sync::{broadcast, watch};

use super::batch::id;
use super::{Sqlite, Unavailable, count};

/// Changes a slow watcher may lag behind before it misses some.
const LAG: usize = 4_096;

/// Changes read at once.
const PAGE: i64 = 500;

/// How often to look for changes of other processes.
const LOOK: Duration = Duration::from_millis(50);

/// Under load, changes are read in bundles this far apart, not one by one.
const BUNDLE: Duration = Duration::from_millis(5);

/// The one reader of the log, if anybody watches.
#[derive(Debug, Default)]
pub(super) struct Slot(Mutex<Option<broadcast::Sender<Change>>>);

impl Slot {
    pub(super) async fn watch(
        self: &Arc<Self>,
        db: &Sqlite,
    ) -> Result<BoxStream<'static, Change>, Unavailable> {
        let last: i64 =
            sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM changes").fetch_one(&db.readers).await?;
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = if let Some(sender) = &*slot {
            sender.subscribe()
        } else {
            let (sender, receiver) = broadcast::channel(LAG);
            *slot = Some(sender.clone());
            let tail =
                Tail { readers: db.readers.clone(), changed: db.bells.changed.subscribe(), sender, last };
            tokio::spawn(tail.follow(Arc::clone(self)));
            receiver
        };
        Ok(changes(receiver))
    }

    /// Whether nobody watches any more; then the next watcher starts a new reader.
    fn deserted(&self, sender: &broadcast::Sender<Change>) -> bool {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let deserted = sender.receiver_count() == 0;
        if deserted {
            *slot = None;
        }
        deserted
    }

    fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn changes(receiver: broadcast::Receiver<Change>) -> BoxStream<'static, Change> {
    stream::unfold(receiver, async |mut receiver| {
        loop {
            match receiver.recv().await {
                Ok(change) => return Some((change, receiver)),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    })
    .boxed()
}

struct Tail {
    readers: SqlitePool,
    changed: watch::Receiver<u64>,
    sender: broadcast::Sender<Change>,
    /// The last change that was passed on.
    last: i64,
}

impl Tail {
    async fn follow(mut self, slot: Arc<Slot>) {
        while !slot.deserted(&self.sender) {
            if let Err(error) = self.pass_on().await {
                tracing::warn!(%error, "the log of changes cannot be read");
            }
            tokio::time::sleep(BUNDLE).await;
            match tokio::time::timeout(LOOK, self.changed.changed()).await {
                Ok(Ok(())) | Err(_) => {}
                Ok(Err(_)) => break, // the writer has gone
            }
        }
        slot.close();
    }

    async fn pass_on(&mut self) -> Result<(), Unavailable> {
        loop {
            let rows = sqlx::query(
                "SELECT id, seq, state, version, client FROM changes WHERE seq > ? ORDER BY seq LIMIT ?",
            )
            .bind(self.last)
            .bind(PAGE)
            .fetch_all(&self.readers)
            .await?;
            for row in &rows {
                self.last = row.try_get(1)?;
                if let Some(change) = change(row)? {
                    // Without receivers the loop ends at its next look.
                    self.sender.send(change).ok();
                }
            }
            if rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                return Ok(());
            }
        }
    }
}

/// `None` for a state that only a newer program knows.
fn change(row: &SqliteRow) -> Result<Option<Change>, Unavailable> {
    let job_id = id(row)?.into();
    let (client, version) = (row.try_get(4)?, count(row.try_get(3)?));
    let status = StateName::parse(row.try_get(2)?);
    Ok(status.map(|status| Change { job_id, status, client, version }))
}
