//! SQLite under the conformance suite.

#[cfg(test)]
#[macro_use]
mod conformance;

#[cfg(test)]
mod sqlite {
    use std::path::Path;
    use std::sync::Arc;

    use futures_util::FutureExt as _;
    use pregon_backends::sqlite::Sqlite;
    use pregon_core::Lane;
    use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};

    use crate::conformance::{AirBed, BookBed, Clean, QueueBed, StoreBed, air};

    /// The same file twice: as far as SQLite knows, two processes.
    async fn twice() -> (Arc<Sqlite>, Arc<Sqlite>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pregon.db");
        let open = async || Arc::new(Sqlite::open(&path).await.unwrap());
        (open().await, open().await, folder)
    }

    async fn inject(options: SqliteConnectOptions, lane: String, body: Vec<u8>) {
        let mut connection = options.connect().await.unwrap();
        let insert = sqlx::query("INSERT INTO messages (lane, body) VALUES (?, ?)").bind(lane).bind(body);
        insert.execute(&mut connection).await.unwrap();
    }

    fn remove(folder: tempfile::TempDir) -> Clean {
        Box::new(move || Box::pin(async move { folder.close().unwrap() }))
    }

    async fn fresh_store() -> Option<StoreBed> {
        let (store, second, folder) = twice().await;
        Some(StoreBed { store, second, clean: remove(folder) })
    }

    async fn fresh_book() -> Option<BookBed> {
        let (book, second, folder) = twice().await;
        Some(BookBed { book, second, clean: remove(folder) })
    }

    async fn fresh_queue() -> Option<QueueBed> {
        let (queue, second, folder) = twice().await;
        let options = SqliteConnectOptions::new().filename(folder.path().join("pregon.db"));
        let inject = Box::new(move |lane: Lane, body: Vec<u8>| {
            inject(options.clone(), lane.as_str().to_owned(), body).boxed()
        });
        Some(QueueBed { queue, second, inject, clean: remove(folder) })
    }

    async fn fresh_air() -> Option<AirBed> {
        let (air, second, folder) = twice().await;
        let path = folder.path().join("pregon.db");
        let (place, options) = (path.display().to_string(), SqliteConnectOptions::new().filename(path));
        let inject = Box::new(move |queue, body| inject(options.clone(), queue, body).boxed());
        let (queue, holder) = (Arc::clone(&air), "sqlite::a_station_that_is_killed");
        Some(AirBed { air, second, queue, inject, holder, place, clean: remove(folder) })
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "started and killed by another test"]
    async fn a_station_that_is_killed() {
        air::hold(async |place| Arc::new(Sqlite::open(Path::new(&place)).await.unwrap()) as _).await;
    }

    store_suite!(fresh_store);
    book_suite!(fresh_book);
    queue_suite!(fresh_queue);
    air_suite!(fresh_air);
}
