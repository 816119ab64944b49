//! Everything between an HTTP request and a telephone, ready for calls.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use pregon_asterisk::{CallFile, ChannelTemplate, Spool};
use pregon_core::{JobId, Key, PhoneNumber, clock};
use serde_json::{Value, json};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::peer::Peer;
use crate::rig::asterisk::Asterisk;
use crate::rig::{Backing, Proc, Rig};

/// How long a telephone may ring, in seconds.
pub(crate) const WAIT_SECONDS: f64 = 3.0;

/// What is said: long enough that somebody can hang up in the middle.
pub(crate) const TEXT: &str = "Buenos días. Su cita es mañana a las nueve de la mañana en la clínica.";

/// More than any call of these tests takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Asterisk is shared by the tests of one process: one that kills it must have it for itself.
static TURN: LazyLock<RwLock<()>> = LazyLock::new(RwLock::default);

/// The other end of the trunks. One for all tests, because Asterisk knows one port.
static PEER: LazyLock<Option<Peer>> =
    LazyLock::new(|| Asterisk::find().map(|asterisk| Peer::at(asterisk.peer_port)));

/// Who else may use Asterisk meanwhile.
pub(crate) enum Turn {
    Shared(#[expect(dead_code, reason = "held")] RwLockReadGuard<'static, ()>),
    Alone(#[expect(dead_code, reason = "held")] RwLockWriteGuard<'static, ()>),
}

impl Turn {
    pub(crate) async fn shared() -> Self {
        Self::Shared(TURN.read().await)
    }

    pub(crate) async fn alone() -> Self {
        Self::Alone(TURN.write().await)
    }
}

/// API, worker, Asterisk and telephones.
pub(crate) struct Line {
    pub(crate) rig: Rig,
    pub(crate) asterisk: Asterisk,
    pub(crate) peer: &'static Peer,
    pub(crate) worker: Proc,
    _turn: Turn,
}

impl Line {
    /// `None` where there is no Asterisk.
    pub(crate) async fn open(turn: Turn) -> Option<Self> {
        Self::open_with(turn, &[]).await
    }

    /// The same with these settings beside, or instead of, the usual ones.
    pub(crate) async fn open_with(turn: Turn, more: &[(&str, &str)]) -> Option<Self> {
        let (asterisk, peer) = (Asterisk::find()?, PEER.as_ref()?);
        let usual = [
            ("ASTERISK_CHANNEL", "PJSIP/{number}@{trunk}"),
            ("ASTERISK_WAIT_SECONDS", "3"),
            ("WORKER_CONCURRENCY", "16"),
        ];
        let settings = [&usual, more].concat();
        let rig = Rig::before(&asterisk.spool(), &Backing::Embedded, &settings).await;
        let worker = rig.worker(&[]);
        Some(Self { rig, asterisk, peer, worker, _turn: turn })
    }

    /// The spool, without a worker between.
    pub(crate) async fn spool(&self) -> Spool {
        let dir = self.asterisk.spool();
        tokio::task::spawn_blocking(move || Spool::open(&dir).unwrap()).await.unwrap()
    }

    /// Asks for one call, once; the job's id.
    pub(crate) async fn call(&self, number: &str, more: &Value) -> String {
        let mut request = json!({"text": TEXT, "phone_number": number, "max_attempts": 1});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, answer) = self.rig.post("/tts/call", &request).await.unwrap();
        assert_eq!(status, 202, "{answer}");
        answer["job_id"].as_str().unwrap().to_owned()
    }

    /// The job as the API shows it.
    pub(crate) async fn job(&self, id: &str) -> Value {
        let (status, job) = self.rig.get(&format!("/tts/status/{id}")).await.unwrap();
        assert_eq!(status, 200, "{job}");
        job
    }

    /// The job when it has ended.
    pub(crate) async fn ended(&self, id: &str) -> Value {
        let over = async |_: &Rig| {
            let job = self.job(id).await;
            job["status"] == "completed" || job["status"] == "failed"
        };
        self.rig.until(&format!("job {id} has ended"), PATIENCE, over).await;
        self.job(id).await
    }
}

/// How often a test is repeated: `PREGON_ROUNDS`, or a few times.
pub(crate) fn rounds() -> usize {
    setting("PREGON_ROUNDS").unwrap_or(2)
}

/// How many calls a test makes at once: `PREGON_CALLS`, or so many.
pub(crate) fn count(calls: usize) -> usize {
    setting("PREGON_CALLS").unwrap_or(calls)
}

fn setting(name: &str) -> Option<usize> {
    std::env::var_os(name).map(|text| text.to_str().and_then(|text| text.parse().ok()).expect("a number"))
}

/// Waits for a condition; panics when it does not come about in time.
pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < end, "not in {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What a worker would write for a call to that number; there is nothing to hear.
pub(crate) fn call_file(number: &str) -> CallFile {
    let template: ChannelTemplate = "PJSIP/{number}@trunk".parse().unwrap();
    let to = PhoneNumber::try_from(format!("+57{number}")).unwrap();
    CallFile {
        key: Key { job: JobId::new(clock::now()), attempt: 1 },
        channel: template.fill(&to, None),
        caller_id: None,
        audio: Path::new("/nowhere/ab").try_into().unwrap(),
        wait_seconds: 3,
        longest_seconds: 60,
        question: None,
    }
}

/// Puts a file into `outgoing/` in one step, as somebody other than Pregon would.
pub(crate) fn hand_over(spool: &Path, name: &str, text: &str, mode: u32) -> PathBuf {
    let (staged, path) = (spool.join(name), spool.join("outgoing").join(name));
    std::fs::write(&staged, text).unwrap();
    std::fs::set_permissions(&staged, std::fs::Permissions::from_mode(mode)).unwrap();
    std::fs::rename(staged, &path).unwrap();
    path
}
