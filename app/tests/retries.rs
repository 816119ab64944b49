//! Calls that are busy at first, by the simulator, through the public door.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests say what is wrong by panicking, and print what they skip"
)]

mod rig;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rig::{Backing, Proc, Rig};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_mins(1);

/// API and spool; simulator and workers as the test wants them.
struct Line {
    rig: Rig,
    spool: PathBuf,
    _dir: tempfile::TempDir,
}

impl Line {
    async fn open(backing: &Backing) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let spool = dir.path().join("spool");
        std::fs::create_dir_all(spool.join("outgoing")).unwrap();
        let settings = [("ASTERISK_SIM_CALL_SECONDS", "0.1"), ("RETRY_BUSY", "never")];
        let rig = Rig::before(&spool, backing, &settings).await;
        Self { rig, spool, _dir: dir }
    }

    /// Asterisk, as it takes every call from now on.
    fn simulator(&self, outcomes: &str) -> Proc {
        self.rig.run(&["asterisk-sim"], &[("ASTERISK_SIM_OUTCOMES", outcomes)])
    }

    async fn call(&self, retry: &Value) -> String {
        let request = json!({"text": "Hola", "phone_number": "3005050149", "retry": retry});
        let (status, answer) = self.rig.post("/tts/call", &request).await.unwrap();
        assert_eq!(status, 202, "{answer}");
        answer["job_id"].as_str().unwrap().to_owned()
    }

    async fn job(&self, id: &str) -> Value {
        self.rig.get(&format!("/tts/status/{id}")).await.map(|(_, job)| job).unwrap_or_default()
    }

    /// Waits until the job is in `status` after `attempts`.
    async fn until(&self, id: &str, status: &str, attempts: u64) -> Value {
        let what = format!("{status} after {attempts}");
        self.rig
            .until(&what, PATIENCE, async |_: &Rig| {
                let job = self.job(id).await;
                assert!(job["attempts"].as_u64().is_none_or(|n| n <= attempts), "one call too many: {job}");
                job["status"] == status && job["attempts"] == attempts
            })
            .await;
        self.job(id).await
    }

    /// The call files that ever were: each name is taken once in the ledger, and Asterisk archives or has each.
    fn call_files(&self) -> Vec<String> {
        let names = |folder: &Path| -> Vec<String> {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
        };
        let mut committed = names(&self.spool.join("ledger"));
        committed.retain(|name| std::fs::metadata(self.spool.join("ledger").join(name)).unwrap().len() > 0);
        committed.sort();
        assert_eq!(
            names(&self.spool.join("outgoing")),
            Vec::<String>::new(),
            "nothing is left to be dialled"
        );
        committed
    }
}

fn outcomes(job: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries = job["timeline"].as_array().unwrap().iter();
    let ends = entries.filter(|entry| entry["event"] == "outcome");
    ends.map(|entry| (text(&entry["outcome"]["kind"]), text(&entry["decision"]))).collect()
}

async fn busy_twice_then_answered(backing: &Backing) {
    let line = Line::open(backing).await;
    let mut busy = line.simulator("busy=1");
    let (_first, _second) = (line.rig.worker(&[]), line.rig.worker(&[]));
    let id = line.call(&json!({"busy": ["1s", "5s"]})).await;
    let waiting = line.until(&id, "scheduled", 2).await;
    busy.kill();
    assert_eq!(waiting["outcome"]["kind"], "busy", "{waiting}");
    assert!(waiting["next_attempt_at"].is_string(), "{waiting}");
    let _answered = line.simulator("answered=1");
    let done = line.until(&id, "completed", 3).await;
    assert_eq!(done["outcome"]["kind"], "answered", "{done}");
    let told = outcomes(&done);
    let told: Vec<(&str, &str)> = told.iter().map(|(kind, next)| (kind.as_str(), next.as_str())).collect();
    assert_eq!(told, [("busy", "again"), ("busy", "again"), ("answered", "")]);
    assert_eq!(line.call_files(), [1, 2, 3].map(|attempt| format!("{id}-{attempt}")), "a file per attempt");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_number_is_called_again_until_it_answers() {
    busy_twice_then_answered(&Backing::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_number_is_called_again_on_rabbitmq_and_redis() {
    let Some(backing) = Backing::distributed() else { return };
    busy_twice_then_answered(&backing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_before_it_publishes_the_next_attempt_costs_nothing() {
    let line = Line::open(&Backing::Embedded).await;
    let mut busy = line.simulator("busy=1");
    let mut dying = line.rig.worker(&[("PREGON_FAULT_POINT", "earned@1")]);
    let id = line.call(&json!({"busy": ["3s"]})).await;
    line.until(&id, "scheduled", 1).await;
    busy.kill();
    assert!(dying.ends_within(PATIENCE).await, "the worker has not died");
    let _answered = line.simulator("answered=1");
    let _worker = line.rig.worker(&[]);
    line.until(&id, "completed", 2).await;
    assert_eq!(line.call_files(), [1, 2].map(|attempt| format!("{id}-{attempt}")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_waits_a_busy_call_fails_at_once() {
    let line = Line::open(&Backing::Embedded).await;
    let (_busy, _worker) = (line.simulator("busy=1"), line.rig.worker(&[]));
    let id = line.call(&Value::Null).await;
    let failed = line.until(&id, "failed", 1).await;
    assert_eq!(outcomes(&failed), [("busy".to_owned(), "enough".to_owned())]);
    assert_eq!(failed["error"], "the line was busy");
    assert_eq!(line.call_files(), [format!("{id}-1")]);
}
