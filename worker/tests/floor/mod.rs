//! A shop floor: real SQLite, real rendering of a made-up voice, and a dispatcher that writes down what it hands over.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pregon_audio::{Pcm, wav};
use pregon_backends::sqlite::Sqlite;
use pregon_core::{
    Call, Clip, Content, Desk, DispatchError, Dispatcher, EngineInfo, Fate, Job, JobId, Key, Lane, Line,
    Mishap, Outcome, OutcomeKind, PhoneNumber, Recordings, Redial, Settled, Spec, Speech, StateName, Target,
    VoiceInfo, Waiting, clock,
};
use pregon_speech::{Encoded, Profile, Studio, SynthError, Synthesizer, Utterance};
use pregon_worker::{Callbacks, Shop, Stop, Turns, Worker};
use tokio::sync::Semaphore;

/// Hands attempts over by writing them down. The first `refusals` times the spool is full.
#[derive(Default)]
pub(crate) struct Notebook {
    pub(crate) handed_over: Mutex<Vec<Key>>,
    pub(crate) times: Mutex<Vec<Instant>>,
    decided: Mutex<HashMap<Key, Settled>>,
    pub(crate) ended: Mutex<HashMap<Key, OutcomeKind>>,
    pub(crate) refusals: AtomicU64,
    /// The trunk by which everything goes; without one nothing is paced.
    pub(crate) line: Mutex<Option<Line>>,
}

#[async_trait]
impl Dispatcher for Notebook {
    async fn dispatch(&self, job: &Job, _: &Recordings) -> Result<(), DispatchError> {
        let key = job.key();
        let left = self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if left.is_ok() {
            return Err(DispatchError::Unavailable("no space left".to_owned()));
        }
        match self.decided.lock().unwrap().entry(key).or_insert(Settled::HandedOver) {
            Settled::Voided => return Err(DispatchError::Voided),
            Settled::HandedOver => {}
        }
        self.handed_over.lock().unwrap().push(key);
        self.times.lock().unwrap().push(Instant::now());
        Ok(())
    }

    fn line(&self, _: &Target) -> Option<Line> {
        self.line.lock().unwrap().clone()
    }

    async fn settle(&self, job: &Job) -> Result<Settled, DispatchError> {
        Ok(*self.decided.lock().unwrap().entry(job.key()).or_insert(Settled::Voided))
    }

    async fn fate(&self, job: &Job) -> Result<Fate, DispatchError> {
        let ended = self.ended.lock().unwrap().get(&job.key()).copied();
        Ok(ended.map_or(Fate::Pending(Waiting::Pickup), |kind| Fate::Known(Outcome::of(kind))))
    }

    async fn forget(&self, _: &[JobId]) {}
}

/// A voice that hums; it can be told to panic, to fail, or to wait for a permit.
pub(crate) struct Hum {
    pub(crate) permits: Semaphore,
    pub(crate) panics: AtomicBool,
    pub(crate) fails: AtomicBool,
}

#[async_trait]
impl Synthesizer for Hum {
    fn id(&self) -> &'static str {
        "hum"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn voice_for(&self, _: &str, _: Option<&str>) -> Option<String> {
        Some("one".to_owned())
    }

    fn info(&self) -> EngineInfo {
        EngineInfo {
            id: "hum".to_owned(),
            voices: vec![VoiceInfo { id: "one".to_owned(), language: "es".to_owned() }],
            languages: vec!["es".to_owned()],
        }
    }

    async fn synthesize(&self, _: &Utterance) -> Result<Vec<Encoded>, SynthError> {
        self.permits.acquire().await.unwrap().forget();
        assert!(!self.panics.swap(false, Ordering::SeqCst), "a made-up fault");
        if self.fails.swap(false, Ordering::SeqCst) {
            return Err(SynthError::Unavailable { reason: "is out".to_owned(), retry_after: None });
        }
        let tone = (0..8_000_u16).map(|n| 0.3 * (f32::from(n) * 0.3).sin()).collect();
        Ok(vec![Encoded::new(wav::encode(&Pcm::new(8_000, tone)), None)])
    }
}

/// The floor.
pub(crate) struct Floor {
    pub(crate) shop: Shop,
    pub(crate) notebook: Arc<Notebook>,
    pub(crate) hum: Arc<Hum>,
    _dir: tempfile::TempDir,
}

impl Floor {
    /// A floor whose voice may speak `permits` times.
    pub(crate) async fn new(permits: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let sqlite = Sqlite::open(&dir.path().join("pregon.db")).await.unwrap();
        let desk = Desk::new(Arc::new(sqlite.clone()), Arc::new(sqlite));
        let hum = Arc::new(Hum {
            permits: Semaphore::new(permits),
            panics: AtomicBool::new(false),
            fails: AtomicBool::new(false),
        });
        let studio = Self::studio(&hum, dir.path());
        let notebook = Arc::new(Notebook::default());
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
        let dispatcher: Arc<dyn Dispatcher> = Arc::clone(&notebook) as _;
        let redial = Redial::from_iter([(Mishap::Busy, "1s,2s".parse().unwrap())]);
        let shop = Shop {
            desk,
            studio,
            dispatcher,
            redial,
            turns: Turns::default(),
            callbacks: Callbacks::new(http),
        };
        Self { shop, notebook, hum, _dir: dir }
    }

    fn studio(hum: &Arc<Hum>, dir: &Path) -> Arc<Studio> {
        let profile = Profile { lufs: -19.0, max_dbtp: -3.0 };
        let engine: Arc<dyn Synthesizer> = Arc::clone(hum) as _;
        Arc::new(Studio::with_engines(vec![engine], &dir.join("audio"), profile, Vec::new()).unwrap())
    }

    /// Accepts a job with that text; jobs of equal text share a clip.
    pub(crate) async fn accept(&self, text: &str, lane: Lane, max_attempts: u16) -> JobId {
        let job = job(text, lane, max_attempts);
        let accepted = self.shop.desk.accept(std::slice::from_ref(&job), clock::now()).await;
        accepted.into_iter().next().unwrap().unwrap();
        job.id
    }

    pub(crate) fn worker(&self, name: &str, slots: u16) -> (Stop, tokio::task::JoinHandle<()>) {
        let stop = Stop::default();
        let worker = Worker::new(self.shop.clone(), name.to_owned(), slots, Arc::default());
        (stop.clone(), tokio::spawn(worker.run(stop)))
    }

    pub(crate) async fn job(&self, id: JobId) -> Job {
        self.shop.desk.store().get(id).await.unwrap().unwrap()
    }

    /// Waits for a condition.
    pub(crate) async fn until(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let waited = tokio::time::timeout(Duration::from_secs(40), async {
            while !condition().await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        assert!(waited.await.is_ok(), "never: {what}");
    }

    pub(crate) async fn until_state(&self, id: JobId, state: StateName) -> Job {
        self.until(&format!("{id} is {state:?}"), async || self.job(id).await.state.name() == state).await;
        self.job(id).await
    }
}

pub(crate) fn job(text: &str, lane: Lane, max_attempts: u16) -> Job {
    let now = clock::now();
    let spec = Spec {
        content: Content::Speech(Speech {
            text: text.to_owned(),
            language: "es".to_owned(),
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
        lane,
        max_attempts,
        retry: Redial::default(),
        not_before: None,
        expires: None,
        metadata: std::collections::BTreeMap::default(),
        callback_url: None,
    };
    Job::accept(JobId::new(now), spec, None, now)
}

/// Something rendered.
pub(crate) fn clip() -> Clip {
    Clip {
        hash: "00".into(),
        seconds: 1.0,
        lufs: -19.0,
        peak_dbtp: -3.0,
        engine: "hum".into(),
        voice: "one".into(),
        cached: false,
        fallback: None,
    }
}
