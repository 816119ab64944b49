//! SQLite under the conformance suite.

#[cfg(test)]
#[macro_use]
mod conformance;

#[cfg(test)]
mod sqlite {
    use std::sync::Arc;

    use pregon_backends::sqlite::Sqlite;
    use pregon_core::Lane;
    use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};

    use crate::conformance::{Clean, Inject, QueueBed, StoreBed};

    /// The same file twice: as far as SQLite knows, two processes.
    async fn twice() -> (Arc<Sqlite>, Arc<Sqlite>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pregon.db");
        let open = async || Arc::new(Sqlite::open(&path).await.unwrap());
        (open().await, open().await, folder)
    }

    fn remove(folder: tempfile::TempDir) -> Clean {
        Box::new(move || Box::pin(async move { folder.close().unwrap() }))
    }

    async fn fresh_store() -> Option<StoreBed> {
        let (store, second, folder) = twice().await;
        Some(StoreBed { store, second, clean: remove(folder) })
    }

    async fn fresh_queue() -> Option<QueueBed> {
        let (queue, second, folder) = twice().await;
        let options = SqliteConnectOptions::new().filename(folder.path().join("pregon.db"));
        let inject: Inject = Box::new(move |lane: Lane, body: Vec<u8>| {
            let options = options.clone();
            Box::pin(async move {
                let mut connection = options.connect().await.unwrap();
                sqlx::query("INSERT INTO messages (lane, body) VALUES (?, ?)")
                    .bind(lane.as_str())
                    .bind(body)
                    .execute(&mut connection)
                    .await
                    .unwrap();
            })
        });
        Some(QueueBed { queue, second, inject, clean: remove(folder) })
    }

    store_suite!(fresh_store);
    queue_suite!(fresh_queue);
}
