//! A whole Pregon in separate processes, in front of a real Asterisk or of a stand-in that counts every call file it
//! ever sees.

#![expect(dead_code, reason = "each test file uses its own part of the rig")]

pub(crate) mod asterisk;
mod process;
pub(crate) mod proxy;
mod taker;

use std::collections::HashMap;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) use process::Proc;
use serde_json::{Value, json};
use taker::Taker;

/// Where queue and state live.
#[derive(Clone, Debug)]
pub(crate) enum Backing {
    Embedded,
    Distributed { amqp: String, redis: String },
}

impl Backing {
    /// RabbitMQ and Redis from `TEST_AMQP_URL` and `TEST_REDIS_URL`; `None` after saying SKIPPED where they are
    /// missing, unless `REQUIRE_SERVICES` makes that a failure.
    pub(crate) fn distributed() -> Option<Self> {
        let var = |name| std::env::var_os(name).and_then(|v| v.into_string().ok());
        match (var("TEST_AMQP_URL"), var("TEST_REDIS_URL")) {
            (Some(amqp), Some(redis)) => Some(Self::Distributed { amqp, redis }),
            _ if var("REQUIRE_SERVICES").is_some() => panic!("TEST_AMQP_URL and TEST_REDIS_URL are not set"),
            _ => {
                println!(
                    "SKIPPED: TEST_AMQP_URL and TEST_REDIS_URL are not set; ./manage.sh check starts both"
                );
                None
            }
        }
    }
}

/// A free loopback port.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The rig.
pub(crate) struct Rig {
    taker: Option<Taker>,
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    env: Vec<(String, String)>,
    api: Option<Proc>,
    /// Last, so that it is removed when nobody works in it any more.
    pub(crate) dir: tempfile::TempDir,
}

impl Rig {
    /// A fresh rig with its API running, and a stand-in that completes every call.
    pub(crate) async fn start(backing: &Backing) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let spool = dir.path().join("spool");
        let taker = Taker::start(&spool);
        Self::build(dir, &spool, Some(taker), backing, &[]).with_api().await
    }

    /// A fresh rig with nothing running.
    pub(crate) fn at_rest(backing: &Backing, settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let spool = dir.path().join("spool");
        Self::build(dir, &spool, None, backing, settings)
    }

    /// A fresh rig with its API running, in front of whoever takes calls from that spool.
    pub(crate) async fn before(spool: &Path, backing: &Backing, settings: &[(&str, &str)]) -> Self {
        // Asterisk may be another user, and has to read the audio in there.
        let reachable = std::fs::Permissions::from_mode(0o755);
        let dir = tempfile::Builder::new().permissions(reachable).tempdir().unwrap();
        Self::build(dir, spool, None, backing, settings).with_api().await
    }

    fn build(
        dir: tempfile::TempDir,
        spool: &Path,
        taker: Option<Taker>,
        backing: &Backing,
        settings: &[(&str, &str)],
    ) -> Self {
        let [base, pages, mixer, telnet] = std::array::from_fn(|_| format!("127.0.0.1:{}", free_port()));
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let mut env: Vec<(String, String)> = [
            ("PREGON_DATA_DIR", text(dir.path().join("data"))),
            ("ASTERISK_SPOOL_DIR", text(spool.to_owned())),
            ("ASTERISK_SIMULATE", "off".to_owned()),
            ("API_ADDR", base.clone()),
            ("DASHBOARD_ADDR", pages),
            ("MIXER_ADDR", mixer),
            ("TELNET_ADDR", telnet),
            ("RADIO", "false".to_owned()),
            ("WORKER_CONCURRENCY", "4".to_owned()),
            ("RUST_LOG", "warn".to_owned()),
        ]
        .map(|(k, v)| (k.to_owned(), v))
        .to_vec();
        if let Backing::Distributed { amqp, redis } = backing {
            let prefix =
                format!("t{}-", dir.path().file_name().unwrap().to_str().unwrap().trim_start_matches('.'));
            for (key, value) in [("RABBITMQ_URL", amqp), ("REDIS_URL", redis), ("QUEUE_PREFIX", &prefix)] {
                env.push((key.to_owned(), value.clone()));
            }
        }
        env.extend(settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        Self { taker, base, http: client(), env, api: None, dir }
    }

    /// With an API of its own.
    pub(crate) async fn with_api(mut self) -> Self {
        self.api = Some(self.run(&["api"], &[]));
        self.until_answered().await;
        self
    }

    /// Waits until an API answers.
    pub(crate) async fn until_answered(&self) {
        self.until("the API is up", Duration::from_mins(1), async |rig: &Rig| {
            rig.get("/health/live").await.is_some_and(|(status, _)| status == 200)
        })
        .await;
    }

    /// Starts a role; its log goes to a file in the rig's folder.
    pub(crate) fn run(&self, args: &[&str], extra: &[(&str, &str)]) -> Proc {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.dir.path().join(format!("{}.log", args[0])))
            .unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_pregon"))
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .envs(self.env.iter().map(|(k, v)| (k, v)))
            .envs(extra.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        Proc { child }
    }

    pub(crate) fn worker(&self, extra: &[(&str, &str)]) -> Proc {
        self.run(&["worker"], extra)
    }

    /// One of the settings the processes run with.
    pub(crate) fn setting(&self, name: &str) -> &str {
        &self.env.iter().find(|(k, _)| k == name).unwrap().1
    }

    pub(crate) async fn get(&self, path: &str) -> Option<(u16, Value)> {
        let answer = self.http.get(format!("http://{}{path}", self.base)).send().await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        let url = format!("http://{}{path}", self.base);
        let request = self.http.post(url).header("content-type", "application/json").body(body.to_string());
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    /// Submits one job; its id when it was accepted.
    pub(crate) async fn submit(&self, priority: &str) -> Option<String> {
        let body = json!({
            "text": "Mañana no habrá agua de ocho a dos.",
            "phone_number": "3005050149",
            "priority": priority,
        });
        match self.post("/tts/call", &body).await? {
            (202, answer) => Some(answer["job_id"].as_str().unwrap().to_owned()),
            (status, answer) => {
                assert_eq!(status, 503, "a good request may only meet an unavailable service: {answer}");
                None
            }
        }
    }

    /// Submits until `count` jobs are accepted, `at_once` requests at a time.
    pub(crate) async fn submit_many(&self, count: usize, at_once: usize) -> Vec<String> {
        use futures_util::StreamExt as _;
        futures_util::stream::iter(0..count)
            .map(async |_| {
                loop {
                    if let Some(id) = self.submit("normal").await {
                        return id;
                    }
                    // As a client would: refused with 503, it asks again a little later.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            })
            .buffer_unordered(at_once)
            .collect()
            .await
    }

    /// Waits for a condition; panics, with the end of the logs, when it does not come about in time.
    pub(crate) async fn until(&self, what: &str, patience: Duration, condition: impl AsyncFn(&Self) -> bool) {
        let end = Instant::now() + patience;
        while !condition(self).await {
            if Instant::now() >= end {
                let stats = self.get("/queue/stats").await;
                panic!("not in {patience:?}: {what}\n{stats:?}\n{}", self.logs());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Whatever was seen of call files by the stand-in.
    fn seen(&self) -> HashMap<String, u32> {
        self.taker.as_ref().map(Taker::seen).unwrap_or_default()
    }

    fn logs(&self) -> String {
        let mut text = String::new();
        for entry in std::fs::read_dir(self.dir.path()).unwrap().flatten() {
            if entry.path().extension().is_some_and(|e| e == "log") {
                let log = std::fs::read_to_string(entry.path()).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(30).collect();
                text.push_str("--- ");
                text.push_str(&entry.file_name().to_string_lossy());
                text.push('\n');
                for line in tail.into_iter().rev() {
                    text += line;
                    text.push('\n');
                }
            }
        }
        text
    }

    /// How many of `ids` have had their call file taken.
    pub(crate) fn taken(&self, ids: &[String]) -> usize {
        let seen = self.seen();
        ids.iter().filter(|id| seen.keys().any(|name| name.starts_with(id.as_str()))).count()
    }

    /// The two promises: every accepted job had exactly one call file, seen exactly once, and has ended as completed;
    /// nothing is left unfinished. With `forgetful` a status may be 404 (the store was emptied).
    pub(crate) async fn assert_kept(&self, ids: &[String], forgetful: bool) {
        let seen = self.seen();
        for (name, times) in &seen {
            assert_eq!(*times, 1, "{name} was seen {times} times");
        }
        let mut files: HashMap<&str, Vec<&str>> = HashMap::new();
        for name in seen.keys() {
            files.entry(name.get(..36).unwrap()).or_default().push(name);
        }
        for id in ids {
            let mine = files.get(id.as_str()).map_or(&[][..], Vec::as_slice);
            assert_eq!(mine.len(), 1, "job {id} had the call files {mine:?}\n{}", self.logs());
            let (status, body) = self.get(&format!("/tts/status/{id}")).await.unwrap();
            match status {
                404 => assert!(forgetful, "job {id} is unknown"),
                _ => assert_eq!(body["status"], "completed", "{body}"),
            }
        }
        let (_, stats) = self.get("/queue/stats").await.unwrap();
        for state in ["scheduled", "queued", "processing", "dispatched", "failed", "cancelled"] {
            assert_eq!(stats["jobs"][state], 0, "{state}: {stats}");
        }
    }

    /// Waits until every job has ended, then checks the promises.
    pub(crate) async fn settle(&self, ids: &[String], forgetful: bool, patience: Duration) {
        self.until("every job had its call file", patience, async |rig: &Rig| rig.taken(ids) == ids.len())
            .await;
        self.until("nothing is unfinished", Duration::from_mins(1), async |rig: &Rig| {
            let Some((200, stats)) = rig.get("/queue/stats").await else { return false };
            ["scheduled", "queued", "processing", "dispatched"].iter().all(|s| stats["jobs"][s] == 0)
        })
        .await;
        self.assert_kept(ids, forgetful).await;
    }
}

fn client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap()
}
