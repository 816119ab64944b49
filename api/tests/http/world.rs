//! An API over a file of its own, and a client for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use pregon_api::{Api, Pacing};
use pregon_backends::sqlite::Sqlite;
use pregon_core::{
    Advance, Clip, Desk, EngineInfo, Event, Job, JobId, Kept, NotKept, Outcome, OutcomeKind, Queue,
    Repertoire, Shelf, StateName, Store, TrunkInfo, Trunks, VoiceInfo, advance, clock,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

use crate::attic::Attic;
use crate::engines::Choir;
use crate::lexicon::Notebook;
use crate::shaky::Shaky;
use crate::speaker::Speaker;

/// Keys of the tests with sign-in: an admin, two clients, a viewer.
pub(crate) const KEYS: &str =
    "ana:admin:secret-ana,crm:client:secret-crm,shop:client:secret-shop,wall:viewer:secret-wall";

pub(crate) struct World {
    pub(crate) shaky: Arc<Shaky>,
    pub(crate) router: Router,
    pub(crate) workers: watch::Receiver<usize>,
    pub(crate) folder: TempDir,
}

/// An answer, read to its end.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The answer is a problem of this status; returns the fields it names.
    pub(crate) fn problem(&self, status: u16) -> Vec<String> {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let body = self.json();
        assert_eq!(body["status"], status);
        for member in ["type", "title", "detail"] {
            assert!(body[member].as_str().is_some_and(|s| !s.is_empty()), "{member} is missing: {body}");
        }
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|e| e["field"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn job_id(&self) -> JobId {
        assert_eq!(self.status, 202, "{}", self.text());
        self.json()["job_id"].as_str().unwrap().parse().unwrap()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with_keys() -> Self {
        Self::with(|api| api.keys = KEYS.parse().unwrap()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Api)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shaky = Arc::new(Shaky {
            real: Sqlite::open(&folder.path().join("pregon.db")).await.unwrap(),
            store_down: AtomicBool::default(),
            queue_down: AtomicBool::default(),
            store_hangs: AtomicBool::default(),
        });
        let (count, workers) = watch::channel(1);
        let voice = |id: &str| VoiceInfo { id: id.into(), language: "es".into() };
        let mut api = Api {
            desk: Desk::new(Arc::clone(&shaky) as Arc<dyn Store>, Arc::clone(&shaky) as Arc<dyn Queue>),
            keys: "".parse().unwrap(),
            repertoire: Repertoire {
                engines: vec![EngineInfo {
                    id: "espeak".into(),
                    voices: vec![voice("es-419"), voice("es")],
                    languages: vec!["es".into(), "en".into()],
                }],
            },
            stations: vec!["main".parse().unwrap(), "radio-2".parse().unwrap()],
            engines: Arc::new(Choir),
            shelf: Arc::new(Cupboard),
            lexicons: Arc::new(Notebook::default()),
            booth: Arc::new(Speaker(folder.path().join("audio"))),
            cache: Arc::new(Attic::default()),
            reciter: Arc::new(Speaker(folder.path().join("audio"))),
            trunks: Trunks {
                known: vec![TrunkInfo { name: "trunk".into(), countries: Vec::new() }],
                open: true,
            },
            region: "CO".parse().unwrap(),
            language: "es".into(),
            audio_dir: folder.path().join("audio"),
            switchboard: None,
            workers: Some(count),
            rate_limit: 0,
            pacing: Pacing { chunk: 4_096, pause: Duration::ZERO },
            stop: CancellationToken::new(),
        };
        change(&mut api);
        Self { shaky, router: pregon_api::router(api), workers, folder }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &self.shaky.real
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, &[], Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask(Method::POST, path, &[], body.to_string()).await
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Sends bytes as they are.
    pub(crate) async fn send_raw(&self, path: &str, bytes: &'static str) -> Reply {
        self.send(Request::post(path).body(bytes.into()).unwrap()).await
    }

    /// A job that was just accepted.
    pub(crate) async fn job(&self) -> JobId {
        self.post("/tts/call", &good()).await.job_id()
    }

    pub(crate) async fn read(&self, id: JobId) -> Job {
        self.store().get(id).await.unwrap().unwrap()
    }

    pub(crate) async fn apply(&self, id: JobId, event: Event) {
        let done = advance(self.store(), id, &event, clock::now()).await.unwrap();
        assert!(matches!(done, Advance::Done(..)), "{done:?}");
    }

    /// A worker takes the job; returns the lease.
    pub(crate) async fn claim(&self, id: JobId) -> Uuid {
        let lease = Uuid::new_v4();
        let until = clock::now() + Duration::from_secs(15);
        self.apply(id, Event::Claim { worker: "w1".into(), lease, until }).await;
        lease
    }

    /// The job goes all the way to its hand-over.
    pub(crate) async fn dispatch(&self, id: JobId) {
        let lease = self.claim(id).await;
        let check = clock::now() + Duration::from_mins(1);
        self.apply(id, Event::Dispatched { lease, check, clip: Some(clip()) }).await;
    }

    pub(crate) async fn complete(&self, id: JobId) {
        self.end(id, OutcomeKind::Answered).await;
    }

    /// Its call ends so.
    pub(crate) async fn end(&self, id: JobId, kind: OutcomeKind) {
        self.dispatch(id).await;
        let attempt = self.read(id).await.attempt;
        self.apply(id, Event::Outcome { attempt, outcome: Outcome::of(kind), again: None }).await;
    }

    /// No job is kept, and no message waits.
    pub(crate) async fn assert_nothing_enqueued(&self) {
        assert_eq!(self.store().counts().await.unwrap().total(), 0);
        let depths = self.shaky.real.depths().await.unwrap();
        assert!(depths.iter().all(|d| d.messages == 0), "{depths:?}");
    }

    pub(crate) async fn waiting(&self, queue: &str) -> u64 {
        let depths = self.shaky.real.depths().await.unwrap();
        depths.iter().find(|d| d.name == queue).unwrap().messages
    }

    pub(crate) async fn queued(&self) -> u64 {
        self.store().counts().await.unwrap().of(StateName::Queued)
    }

    pub(crate) fn store_down(&self, down: bool) {
        self.shaky.store_down.store(down, Ordering::SeqCst);
    }

    pub(crate) fn queue_down(&self, down: bool) {
        self.shaky.queue_down.store(down, Ordering::SeqCst);
    }
}

pub(crate) fn good() -> Value {
    json!({"text": "Su cita es mañana a las nueve", "phone_number": "3005050149"})
}

/// A good request with some fields replaced.
pub(crate) fn with(changes: &Value) -> Value {
    let mut request = good();
    for (name, value) in changes.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

pub(crate) fn clip() -> Clip {
    Clip {
        hash: "0123456789abcdef0123".into(),
        seconds: 3.5,
        lufs: -19.0,
        peak_dbtp: -3.1,
        engine: "espeak".into(),
        voice: "es-419".into(),
        cached: false,
        fallback: None,
    }
}

/// Keeps nothing but knows one file.
pub(crate) struct Cupboard;

/// The file that [`Cupboard`] knows.
pub(crate) const KEPT: &str = "7c9e40d1a2b3c4d5e6f708192a3b4c5d6e7f8091";

#[async_trait::async_trait]
impl Shelf for Cupboard {
    async fn keep(&self, bytes: Vec<u8>) -> Result<Kept, NotKept> {
        match bytes.as_slice() {
            b"RIFF" => Ok(Kept { id: KEPT.to_owned(), seconds: 1.5 }),
            b"full" => Err(NotKept::Unavailable("no space left".to_owned())),
            _ => Err(NotKept::NotAudio("the audio format is not supported".to_owned())),
        }
    }

    async fn keeps(&self, id: &str) -> bool {
        id == KEPT
    }
}
