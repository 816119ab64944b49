//! What workers share: what one learns of an engine, and what a client may spend.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use pregon_backends::sqlite::Sqlite;
use pregon_core::book::{
    Account, EngineBook, Errand, Health, Leave, Month, Report, Spending, Standing, Ticket, Told,
};
use pregon_core::notes::{Notes, micros_of};
use pregon_core::{EngineRoom as _, StoreError, clock};
use pregon_speech::{Budgets, Studio, SynthError};

use crate::fake::{Fake, speech, spoken, studio};
use crate::far::{Far, nobody, open, refusal, sound, spoken_wav};

const DEADLINE: Duration = Duration::from_secs(20);

/// A book in memory that can be away.
#[derive(Default)]
struct Pad {
    notes: Mutex<Notes>,
    away: AtomicBool,
}

impl Pad {
    fn with<T>(&self, act: impl FnOnce(&mut Notes, i64) -> T) -> Result<T, StoreError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(StoreError("it is away".to_owned()));
        }
        Ok(act(&mut self.notes.lock().unwrap(), micros_of(clock::now())))
    }

    fn spent(&self, client: &str) -> u64 {
        let (_, accounts) = self.notes.lock().unwrap().accounts(micros_of(clock::now()));
        accounts.iter().filter(|account| account.client == client).map(|account| account.characters).sum()
    }
}

#[async_trait]
impl EngineBook for Pad {
    async fn ask(&self, errand: &Errand) -> Result<Leave, StoreError> {
        self.with(|notes, now| notes.ask(errand, now))
    }

    async fn tell(&self, told: &Told) -> Result<(), StoreError> {
        self.with(|notes, now| notes.tell(told, now))
    }

    async fn charge(&self, engine: &str, spending: &Spending) -> Result<(), StoreError> {
        let (requests, cadence, patience) = (1, None, Duration::ZERO);
        let spending = Spending { limit: None, ..spending.clone() };
        let errand = Errand { engine: engine.to_owned(), requests, cadence, patience, spending };
        self.with(|notes, now| assert!(matches!(notes.ask(&errand, now), Leave::Go(_))))
    }

    async fn unlock(&self, engine: &str) -> Result<(), StoreError> {
        self.with(|notes, now| notes.unlock(engine, now))
    }

    async fn standings(&self, engines: &[String]) -> Result<Vec<Standing>, StoreError> {
        self.with(|notes, now| engines.iter().map(|engine| notes.standing(engine, now)).collect())
    }

    async fn accounts(&self) -> Result<(Month, Vec<Account>), StoreError> {
        self.with(Notes::accounts)
    }
}

/// A worker with this engine and a local one.
fn worker(engine: &Arc<Fake>, dir: &tempfile::TempDir, book: Arc<dyn EngineBook>, budgets: &str) -> Studio {
    let engines = [Arc::clone(engine), Fake::speaking("local")];
    studio(&engines, dir.path()).keeping(Some(book), budgets.parse().unwrap(), DEADLINE)
}

#[tokio::test]
async fn what_one_worker_was_told_the_other_keeps_to() {
    let dirs = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let file = dirs[0].path().join("pregon.db");
    let limited =
        || SynthError::Limited { reason: "is asked too often".into(), retry_after: Duration::from_mins(10) };
    let (one, other) = (Fake::new("google", move |_| Err(limited())), Fake::speaking("google"));
    // As far as SQLite knows, two processes; with a cache of their own each.
    let book = async || Arc::new(Sqlite::open(&file).await.unwrap()) as Arc<dyn EngineBook>;
    let first = worker(&one, &dirs[0], book().await, "");
    let second = worker(&other, &dirs[1], book().await, "");
    let clip = first.clip(&speech("Su cita es mañana"), None).await.unwrap();
    assert_eq!(clip.fallback.as_deref(), Some("google is asked too often"));

    let clip = second.clip(&speech("Su cita es mañana"), None).await.unwrap();
    let why = clip.fallback.unwrap();
    assert!(why.starts_with("google rests for another ") && why.ends_with(" s: is asked too often"), "{why}");
    assert_eq!((clip.engine.as_str(), other.asked().len()), ("local", 0));

    let lineup = second.lineup(None).await;
    let google = &lineup.engines[0];
    assert!(matches!(google.standing.health, Health::Resting(_)), "{google:?}");
    assert_eq!(google.standing.trouble.as_ref().unwrap().1, "is asked too often");
    assert_eq!((google.local, lineup.engines[1].local), (false, true));
    assert_eq!(lineup.engines[1].standing.health, Health::Ready);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_workers_never_overspend_a_budget() {
    let dirs: Vec<_> = (0..16).map(|_| tempfile::tempdir().unwrap()).collect();
    let file = dirs[0].path().join("pregon.db");
    let google = Fake::speaking("google");
    let mut jobs = Vec::new();
    for (n, dir) in dirs.iter().enumerate() {
        let book = Arc::new(Sqlite::open(&file).await.unwrap());
        let studio = worker(&google, dir, book, "google=1000,acme/google=120");
        // 25 characters as they are spoken.
        let text = speech(&format!("el turno de la sala {}", ["uno", "dos"][n % 2].repeat(2)));
        jobs.push(tokio::spawn(async move { studio.clip(&text, Some("acme")).await.unwrap() }));
    }
    let mut reasons = Vec::new();
    for job in jobs {
        reasons.extend(job.await.unwrap().fallback);
    }
    let spoken: usize = google.asked().iter().map(|utterance| utterance.text.chars().count()).sum();
    assert!((96..=120).contains(&spoken), "{spoken} characters");
    assert_eq!(reasons.len(), 16 - google.asked().len());
    let month = Month::of(micros_of(clock::now()));
    let expected = format!("google was not asked: the budget of 120 characters for {month} is used up");
    assert!(reasons.iter().all(|why| *why == expected), "{reasons:?}");

    let studio = worker(&google, &dirs[0], Arc::new(Sqlite::open(&file).await.unwrap()), "google=1000");
    let acme = &studio.lineup(Some("acme")).await.engines[0];
    assert_eq!((acme.used, acme.budget), (spoken as u64, Some(1_000)));
    assert_eq!(studio.lineup(None).await.engines[0].used, 0);
    assert_eq!(studio.clip(&speech("para otro cliente"), Some("crm")).await.unwrap().engine, "google");
}

#[tokio::test]
async fn what_the_engine_did_not_speak_costs_nothing_and_what_it_mumbled_does() {
    let dir = tempfile::tempdir().unwrap();
    let google = Fake::new("google", |utterance| match utterance.text.as_str() {
        "roto" => Err(SynthError::Corrupt("sent junk".into())),
        "no" => Err(SynthError::Rejected("refused".into())),
        "mudo" => Ok(vec![spoken(&pregon_speech::Utterance { text: String::new(), ..utterance.clone() })]),
        _ => Ok(vec![spoken(utterance)]),
    });
    let pad = Arc::new(Pad::default());
    let studio = worker(&google, &dir, Arc::clone(&pad) as _, "google=40");
    for (text, spent) in [("roto", 0), ("no", 0), ("mudo", 4), ("Su cita es hoy", 18)] {
        studio.clip(&speech(text), Some("acme")).await.unwrap();
        assert_eq!(pad.spent("acme"), spent, "{text}");
    }
    studio.clip(&speech("Su cita es hoy"), Some("acme")).await.unwrap();
    assert_eq!(pad.spent("acme"), 18, "cached speech costs nothing");
}

#[tokio::test]
async fn an_empty_purse_is_nobody_elses() {
    let dir = tempfile::tempdir().unwrap();
    let google = Fake::speaking("google");
    let pad = Arc::new(Pad::default());
    let studio = worker(&google, &dir, pad, "poor/google=0");
    let text = speech("Su cita es mañana");
    // The poor one comes first, and the rich one waits with it for the same clip.
    let (poor, rich) = tokio::join!(studio.clip(&text, Some("poor")), studio.clip(&text, Some("rich")));
    let (poor, rich) = (poor.unwrap(), rich.unwrap());
    assert_eq!((rich.engine.as_str(), rich.fallback), ("google", None));
    assert_eq!(poor.engine, "local");
    let now = studio.clip(&text, Some("poor")).await.unwrap();
    assert_eq!((now.engine.as_str(), now.cached), ("google", true), "what is there is everybody's");
}

#[tokio::test(start_paused = true)]
async fn without_the_book_everybody_speaks_and_it_is_written_down_later() {
    let dir = tempfile::tempdir().unwrap();
    let google = Fake::speaking("google");
    let pad = Arc::new(Pad::default());
    let studio = worker(&google, &dir, Arc::clone(&pad) as _, "google=10");
    pad.away.store(true, Ordering::SeqCst);
    for text in ["primero sin libro", "segundo sin libro"] {
        assert_eq!(studio.clip(&speech(text), Some("acme")).await.unwrap().engine, "google", "{text}");
    }
    assert_eq!(pad.spent("acme"), 0);
    assert_eq!(studio.lineup(Some("acme")).await.engines[0].used, 34, "as far as this process knows");

    pad.away.store(false, Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(5)).await;
    let clip = studio.clip(&speech("corto"), Some("acme")).await.unwrap();
    assert_eq!(clip.engine, "google", "the book did not know yet");
    assert_eq!(pad.spent("acme"), 39);
    let clip = studio.clip(&speech("ahora no"), Some("acme")).await.unwrap();
    assert!(clip.fallback.unwrap().contains("the budget of 10 characters"));
}

#[tokio::test(start_paused = true)]
async fn a_process_alone_still_leaves_an_ill_engine_alone() {
    let dir = tempfile::tempdir().unwrap();
    let google = Fake::new("google", |_| Err(SynthError::Corrupt("sent junk".into())));
    let pad = Arc::new(Pad::default());
    let studio = worker(&google, &dir, Arc::clone(&pad) as _, "");
    for n in 0..10 {
        pad.away.store(n >= 2, Ordering::SeqCst);
        studio.clip(&speech(&format!("Su turno es el {n}")), None).await.unwrap();
    }
    assert_eq!(google.asked().len(), 4, "what was learnt with the book counts without it");
}

#[tokio::test]
async fn a_process_that_starts_asks_engines_again_that_had_refused_the_old_key() {
    let dir = tempfile::tempdir().unwrap();
    let pad = Arc::new(Pad::default());
    let ticket = Ticket { wait: Duration::ZERO, probe: false, month: Month::default() };
    for (engine, report) in [
        ("google", Report::Locked { trouble: "answered 401".into() }),
        ("espeak", Report::Failed { trouble: "failed".into(), rest: Some(Duration::from_mins(1)) }),
    ] {
        let told = Told { engine: engine.into(), ticket, report, refund: None };
        pad.tell(&told).await.unwrap();
    }
    let args = ["--tts-engines=google".to_owned(), format!("--google-tts-url=http://{}", nobody().await)];
    let studio = open(&args, dir.path(), Some(Arc::clone(&pad) as _)).await;
    let google = studio.lineup(None).await.engines.remove(0);
    assert_eq!((google.id.as_str(), google.standing.health), ("google", Health::Ready));
    assert_eq!(google.rate, Some((1, Duration::from_secs(1))));
}

#[tokio::test]
async fn a_wrong_key_in_one_process_rests_the_engine_once_and_not_for_ever() {
    let dirs = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let pad = Arc::new(Pad::default());
    let (ill, well) = (
        Far::start(|_| refusal(401, "{}")).await,
        Far::start(|_| sound(spoken_wav("Su turno es el 1"), "audio/x-wav")).await,
    );
    let args = |far: &Far| {
        let url = format!("--azure-tts-url={}", far.url);
        ["--tts-engines=azure", "--azure-tts-key=k", "--azure-tts-voices=es=dalia", url.as_str()]
            .map(str::to_owned)
    };
    let wrong = open(&args(&ill), dirs[0].path(), Some(Arc::clone(&pad) as _)).await;
    let right = open(&args(&well), dirs[1].path(), Some(Arc::clone(&pad) as _)).await;
    let engine = async |studio: &Studio, n: u32| {
        let clip = studio.clip(&speech(&format!("Su turno es el {n}")), None).await;
        clip.map_or_else(|error| error.message, |clip| clip.engine)
    };
    assert_ne!(engine(&wrong, 1).await, "azure");
    assert_ne!(engine(&right, 2).await, "azure", "one refusal is believed by all");
    let restarted = open(&args(&well), dirs[1].path(), Some(Arc::clone(&pad) as _)).await;
    assert_eq!(engine(&restarted, 3).await, "azure");
    assert_ne!(engine(&wrong, 4).await, "azure");
    assert_eq!(engine(&right, 5).await, "azure", "it is known already, and nobody else's business");
    assert_eq!(ill.orders().len(), 1);
}

#[tokio::test]
async fn budgets_hold_in_a_process_without_a_book() {
    let dir = tempfile::tempdir().unwrap();
    let google = Fake::speaking("google");
    let engines = [google.clone(), Fake::speaking("local")];
    let budgets: Budgets = "google=20".parse().unwrap();
    let studio = studio(&engines, dir.path()).keeping(None, budgets, DEADLINE);
    assert_eq!(studio.clip(&speech("Su cita es hoy"), None).await.unwrap().engine, "google");
    assert_eq!(studio.clip(&speech("Su cita es ayer"), None).await.unwrap().engine, "local");
}
