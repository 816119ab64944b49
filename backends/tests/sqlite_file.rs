//! What only a file can do: be shared, be refused, outlive its process.

#[cfg(test)]
mod file {
    use std::path::Path;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use pregon_backends::sqlite::{OpenError, Sqlite};
    use pregon_core::{
        Call, Content, Inserted, Intake, Job, JobId, Lane, PhoneNumber, Queue, Spec, Speech, Store, Target,
        clock,
    };
    use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};

    fn job(n: u32) -> Job {
        let now = clock::now();
        let spec = Spec {
            content: Content::Speech(Speech {
                text: "Hola".into(),
                language: "es".into(),
                voice: None,
                engine: None,
                rate: None,
                ssml: false,
            }),
            target: Target::Call(Call {
                to: PhoneNumber::try_from(format!("+57300{n:07}")).unwrap(),
                caller_id: None,
                trunk: None,
                interaction: None,
            }),
            lane: Lane::Normal,
            max_attempts: 3,
            retry: pregon_core::Redial::default(),
            not_before: None,
            expires: None,
            metadata: std::collections::BTreeMap::default(),
            callback_url: None,
        };
        Job::accept(JobId::new(now), spec, None, now)
    }

    async fn publish(db: &Sqlite, jobs: &[Job]) {
        let postings: Vec<_> = jobs.iter().map(|job| (job, Duration::ZERO)).collect();
        for answer in db.publish(&postings).await {
            answer.unwrap();
        }
    }

    async fn sql(path: &Path, statement: &'static str) {
        let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_taken_in_is_stored_and_queued_at_once_except_what_was_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let db = Sqlite::open(&folder.path().join("pregon.db")).await.unwrap();
        let [new, known, discarded, later] = [1, 2, 3, 4].map(job);
        db.insert(std::slice::from_ref(&known)).await.unwrap();
        assert_eq!(db.discard(&[discarded.id]).await.unwrap(), [true]);
        let all = [
            (&new, Duration::ZERO),
            (&known, Duration::ZERO),
            (&discarded, Duration::ZERO),
            (&later, Duration::from_hours(1)),
        ];
        let taken = db.take_in(&all).await.unwrap();
        assert_eq!(taken, [Inserted::New, Inserted::Existing, Inserted::Discarded, Inserted::New]);
        assert_eq!(db.counts().await.unwrap().total(), 3);
        assert_eq!(db.get(new.id).await.unwrap().as_ref(), Some(&new));

        let mut queued = Vec::new();
        assert_eq!(db.browse(&mut |job| queued.push(job.id)).await.unwrap(), 3);
        assert_eq!(queued, [new.id, known.id, later.id]);
        let mut consumer = db.consume(10).await.unwrap();
        for expected in [&new, &known] {
            let delivery = consumer.next().await.unwrap();
            assert_eq!(&delivery.job, expected);
            delivery.receipt.ack().await.unwrap();
        }
        let depths = db.depths().await.unwrap();
        let of = |name| depths.iter().find(|d| d.name == name).map(|d| d.messages);
        assert_eq!((of("tts_calls"), of("tts_delayed")), (Some(0), Some(1)));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn processes_that_start_together_share_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = Arc::new(folder.path().join("pregon.db"));
        let openings = (0..6).map(|_| {
            let path = Arc::clone(&path);
            tokio::spawn(async move { Sqlite::open(&path).await.unwrap() })
        });
        let mut handles = Vec::new();
        for opening in openings.collect::<Vec<_>>() {
            handles.push(opening.await.unwrap());
        }
        let one = job(1);
        let mut new = 0;
        for db in &handles {
            new += usize::from(db.insert(std::slice::from_ref(&one)).await.unwrap() == [Inserted::New]);
        }
        assert_eq!(new, 1);
        assert_eq!(Store::check(&handles[0]).await.unwrap(), Vec::<String>::new());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_reopened_file_has_everything() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pregon.db");
        let one = job(1);
        {
            let db = Sqlite::open(&path).await.unwrap();
            db.insert(std::slice::from_ref(&one)).await.unwrap();
            publish(&db, std::slice::from_ref(&one)).await;
        }
        let db = Sqlite::open(&path).await.unwrap();
        assert_eq!(db.get(one.id).await.unwrap().as_ref(), Some(&one));
        assert_eq!(db.consume(1).await.unwrap().next().await.unwrap().job, one);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_a_killed_process_held_comes_back_when_its_lease_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pregon.db");
        let db = Sqlite::open(&path).await.unwrap();
        publish(&db, &[job(1), job(2)]).await;
        let mut killed = db.consume(2).await.unwrap();
        killed.next().await.unwrap();
        // As a process that was killed leaves it: nobody renews, nobody releases. Its consumer is only a number.
        sql(&path, "UPDATE messages SET consumer = -1").await;

        let heir_db = Sqlite::open(&path).await.unwrap();
        let mut heir = heir_db.consume(2).await.unwrap();
        let early = tokio::time::timeout(Duration::from_millis(300), heir.next()).await;
        assert!(early.is_err(), "the lease still holds");
        sql(&path, "UPDATE messages SET due = due - 15000").await;
        let asked = Instant::now();
        for _ in 0..2 {
            let delivery = tokio::time::timeout(Duration::from_secs(20), heir.next()).await.unwrap().unwrap();
            delivery.receipt.ack().await.unwrap();
        }
        assert!(asked.elapsed() < Duration::from_secs(5), "the heir looks by itself: {:?}", asked.elapsed());
        killed.close().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_acknowledgement_that_comes_too_late_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pregon.db");
        let db = Sqlite::open(&path).await.unwrap();
        publish(&db, &[job(1)]).await;
        let mut slow = db.consume(1).await.unwrap();
        let late = slow.next().await.unwrap();
        sql(&path, "UPDATE messages SET due = 0").await;
        let heir_db = Sqlite::open(&path).await.unwrap();
        let mut heir = heir_db.consume(1).await.unwrap();
        let taken = heir.next().await.unwrap();
        assert!(late.receipt.ack().await.is_err());
        taken.receipt.ack().await.unwrap();
        slow.close().await;
        heir.close().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_file_that_cannot_be_made_is_named() {
        // Not even root can create a file there.
        let path = Path::new("/proc/pregon.db");
        let error = Sqlite::open(path).await.unwrap_err();
        assert!(matches!(error, OpenError::Unusable { .. }));
        let text = error.to_string();
        assert!(text.starts_with("cannot open /proc/pregon.db: "), "{text}");
        assert!(text.contains("must exist and be writable"), "{text}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_file_of_a_newer_program_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pregon.db");
        drop(Sqlite::open(&path).await.unwrap());
        sql(&path, "PRAGMA user_version = 99").await;
        let error = Sqlite::open(&path).await.unwrap_err();
        assert!(matches!(error, OpenError::Newer { found: 99, known: 4, .. }), "{error}");
    }
}
