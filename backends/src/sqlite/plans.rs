//! The trap this guards against: with the wrong index, taking one message sorts the whole backlog, and draining
//! it takes quadratic time. Nothing but the query plan shows it before the backlog is there.

use std::collections::BTreeMap;
use std::time::Instant;

use pregon_core::{
    AirQueue, Call, Content, Job, JobId, Lane, PhoneNumber, Queue, Spec, Speech, StationName, Target, clock,
};
use sqlx::{AssertSqlSafe, Row as _};

use super::batch::Statements;
use super::queue::{BROWSE, TAKE};
use super::store::{DUE, LIST_ALL, LIST_CLIENT, LIST_STATE};
use super::{Sqlite, air};

const BACKLOG: i64 = 100_000;

fn job() -> Job {
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
            to: PhoneNumber::try_from("+573005050149".to_owned()).unwrap(),
            caller_id: None,
            trunk: None,
            interaction: None,
        }),
        lane: Lane::Normal,
        max_attempts: 3,
        retry: pregon_core::Redial::default(),
        not_before: None,
        expires: None,
        metadata: BTreeMap::default(),
        callback_url: None,
    };
    Job::accept(JobId::new(now), spec, Some("clinic".into()), now)
}

/// A file with a hundred thousand queued jobs, as many messages, and as many for a station.
async fn backlog() -> (Sqlite, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let db = Sqlite::open(&folder.path().join("pregon.db")).await.unwrap();
    let body = serde_json::to_string(&job()).unwrap();
    let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT INTO messages (lane, body) SELECT 'normal', ?2 FROM n;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT INTO messages (lane, body) SELECT 'air_main', ?2 FROM n;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT INTO jobs (id, state, wake, version, client, body)
            SELECT randomblob(16), 'queued', i, 0, 'clinic', ?2 FROM n";
    sqlx::query(fill).bind(BACKLOG).bind(body).execute(&db.readers).await.unwrap();
    (db, folder)
}

async fn plan(db: &Sqlite, statement: &str) -> Vec<String> {
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let rows = sqlx::query(explain).fetch_all(&db.readers).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect()
}

/// Neither a sort nor a walk through a whole table of ours.
fn assert_indexed(statement: &str, plan: &[String]) {
    for step in plan {
        assert!(!step.contains("TEMP B-TREE"), "{statement}\n{plan:#?}");
        let whole = ["SCAN jobs", "SCAN messages", "SCAN discarded"].iter().any(|scan| step.contains(scan));
        assert!(!whole, "{statement}\n{plan:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_sorts_or_scans_a_backlog() {
    let (db, _folder) = backlog().await;
    let named = [
        (DUE, "jobs_wake (state=? AND wake<?)"),
        (LIST_ALL, "sqlite_autoindex_jobs_1 (id>? AND id<?)"),
        (LIST_STATE, "jobs_state (state=? AND id>? AND id<?)"),
        (LIST_CLIENT, "jobs_client (client=? AND id>? AND id<?)"),
    ];
    for (statement, index) in named {
        let plan = plan(&db, statement).await;
        assert!(plan.iter().any(|step| step.ends_with(index)), "{statement}\n{plan:#?}");
        assert_indexed(statement, &plan);
    }
    let takes: Vec<&str> = TAKE.split(';').collect();
    for (statement, index) in takes.iter().zip(["messages_due", "messages_ready", "messages_ready"]) {
        let plan = plan(&db, statement).await;
        assert!(plan.iter().any(|step| step.contains(index)), "{statement}\n{plan:#?}");
        assert_indexed(statement, &plan);
    }
    for statement in Statements::new().texts() {
        assert_indexed(statement, &plan(&db, statement).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stations_backlog_is_neither_sorted_nor_scanned() {
    const READY: &str = "messages_ready (lane=?";
    const HELD: &str = "messages_air (lane=?)";
    let (db, _folder) = backlog().await;
    let takes: Vec<&str> = air::TAKE.split(';').collect();
    let wanted: [(&str, &[&str]); 5] = [
        (takes[0], &[HELD]),
        (takes[1], &[READY, HELD]),
        (air::LOOK, &[READY, HELD]),
        (air::WAITING, &[READY]),
        (air::RENEW, &["INTEGER PRIMARY KEY (rowid=?)"]),
    ];
    for (statement, indexes) in wanted {
        let plan = plan(&db, statement).await;
        for index in indexes {
            assert!(plan.iter().any(|step| step.contains(index)), "{statement}\n{plan:#?}");
        }
        assert_indexed(statement, &plan);
    }
    assert_indexed(air::RELEASE, &plan(&db, air::RELEASE).await);
    let browse = plan(&db, BROWSE).await;
    assert_eq!(browse, ["SEARCH messages USING INTEGER PRIMARY KEY (rowid>?)"], "page after page");
}

/// What a plan may hide: how much of an index is walked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_takes_from_a_backlog_as_fast_as_from_an_empty_queue() {
    let (db, _folder) = backlog().await;
    let (long, short) = ("main".parse().unwrap(), "radio-2".parse().unwrap());
    let time = async |station: &StationName| {
        let mut consumer = db.tune_in(station, 2).await.unwrap();
        let started = Instant::now();
        for _ in 0..100 {
            consumer.next().await.unwrap().receipt.ack().await.unwrap();
        }
        let took = started.elapsed();
        consumer.close().await;
        took
    };
    for _ in 0..100 {
        db.hand_on(&short, &job()).await.unwrap();
    }
    let (few, many) = (time(&short).await, time(&long).await);
    assert!(many < few * 5, "{many:?} instead of {few:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_drains_by_the_same_plan_from_the_first_to_the_last() {
    let (db, _folder) = backlog().await;
    let claim = TAKE.split(';').nth(2).unwrap();
    let before = plan(&db, claim).await;
    let mut consumer = db.consume(500).await.unwrap();
    for _ in 0..1_000 {
        consumer.next().await.unwrap().receipt.ack().await.unwrap();
    }
    assert_eq!(plan(&db, claim).await, before);
    consumer.close().await;

    sqlx::query("DELETE FROM messages WHERE seq <= ?")
        .bind(BACKLOG - 100)
        .execute(&db.readers)
        .await
        .unwrap();
    let mut consumer = db.consume(500).await.unwrap();
    for _ in 0..100 {
        consumer.next().await.unwrap().receipt.ack().await.unwrap();
    }
    assert_eq!(plan(&db, claim).await, before);
    assert_eq!(db.waiting().await.unwrap(), [false, false]);
    consumer.close().await;
}
