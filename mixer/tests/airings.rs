//! Announcements that are jobs, on a station with its real threads, over a real store and a real queue.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::future_not_send, reason = "awaited on the thread that makes them")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use pregon_audio::{Pcm, wav};
use pregon_backends::sqlite::Sqlite;
use pregon_core::{
    Air, AirQueue, Chime, Clip, Content, Desk, Event, Job, Lane, Mode, OutcomeKind, OverLive, Recording,
    Redial, Spec, State, StateName, StationName, Store, Swap, Target, Waiting, clock,
};
use pregon_mixer::jobs::{Airings, Desks};
use pregon_mixer::out::{OutSettings, Outputs};
use pregon_mixer::{Cut, Ended, OnAir, Plan, Programme, Tier};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    out: OutSettings,
}

/// Nothing to play: noise.
struct Nothing;

impl Programme for Nothing {
    fn next(&mut self) -> Option<Cut> {
        None
    }
}

const HASH: &str = "ab54a98ceb1f0ad2ab54a98ceb1f0ad2ab54a98c";

/// A station with its jobs, in a folder.
struct Booth {
    db: Arc<Sqlite>,
    station: pregon_mixer::Station,
    stop: CancellationToken,
    tasks: TaskTracker,
    on_air: OnAir,
}

impl Booth {
    async fn open(folder: &Path) -> Self {
        let clip = folder.join("audio/ab").join(HASH).with_extension("wav");
        std::fs::create_dir_all(clip.parent().unwrap()).unwrap();
        let tone = (0..24_000_u16).map(|n| 0.1 * (f32::from(n) * 0.05).sin()).collect();
        std::fs::write(clip, wav::encode(&Pcm::new(48_000, tone))).unwrap();
        let db = Arc::new(Sqlite::open(&folder.join("pregon.db")).await.unwrap());
        let plan =
            Plan { name: "main".into(), crossfade: Duration::ZERO, duck_db: -15.0, chime: None, taps: 1 };
        let (taps, on_air) = OnAir::start(plan, Nothing).unwrap().into_parts();
        let (station, stop, tasks) = (on_air.station.clone(), CancellationToken::new(), TaskTracker::new());
        let settings = Line::parse_from(["test"]).out;
        let outputs = Outputs::start(&settings, &station, taps, None, &stop).unwrap();
        let desks = Desks {
            desk: Desk::over_one(Arc::clone(&db)),
            queue: Arc::clone(&db) as _,
            audio_dir: folder.join("audio"),
            lufs: -16.0,
            on_end: Arc::new(|_| {}),
        };
        let name = StationName::default();
        let airings = Airings::open(station.clone(), name, outputs, desks, folder, &stop).unwrap();
        tasks.spawn(airings.run());
        Self { db, station, stop, tasks, on_air }
    }

    async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        tokio::task::spawn_blocking(move || self.on_air.stop()).await.unwrap();
    }

    /// Claims a job as a worker does, and hands the attempt on.
    async fn attempt(&self, job: &Job) -> Job {
        let claim = Event::Claim {
            worker: "w".to_owned(),
            lease: "7f5e12a4-90fb-4f4c-a1d4-2f3c3a0e8a01".parse().unwrap(),
            until: clock::now() + Duration::from_secs(15),
        };
        let claimed = self.change(job, claim).await;
        let handed = Job { clip: Some(clip()), ..claimed.clone() };
        self.db.hand_on(&StationName::default(), &handed).await.unwrap();
        claimed
    }

    /// Stores the hand-over of an attempt.
    async fn dispatch(&self, job: &Job) -> Job {
        let State::Processing { lease, .. } = job.state else { panic!("{job:?}") };
        let check = clock::now() + Duration::from_secs(15);
        self.change(job, Event::Dispatched { lease, check, clip: Some(clip()) }).await
    }

    async fn change(&self, job: &Job, event: Event) -> Job {
        let after = job.clone().apply(event, clock::now()).unwrap();
        assert_eq!(self.db.swap(job, &after).await.unwrap(), Swap::Done);
        after
    }

    async fn until(&self, what: &str, mut condition: impl AsyncFnMut() -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        while !condition().await {
            assert!(Instant::now() < end, "{what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn ended(&self, job: &Job) -> Job {
        let row = async || self.db.get(job.id).await.unwrap().unwrap();
        self.until("the job has ended", async || row().await.state.name().is_final()).await;
        row().await
    }

    /// Airs another job: what was handed on before it has been dealt with then.
    async fn another(&self, number: u32) {
        let job = job(number, Mode::Interrupt);
        self.db.insert(std::slice::from_ref(&job)).await.unwrap();
        self.dispatch(&self.attempt(&job).await).await;
        assert_eq!(self.ended(&job).await.state, State::Completed);
    }

    /// How many announcements were on the air.
    async fn heard(&self) -> usize {
        let history = self.station.history().await;
        let aired = |ended: &Ended| matches!(ended, Ended::Aired { .. });
        history.iter().filter(|played| played.tier == Tier::Interrupt && aired(&played.ended)).count()
    }
}

fn clip() -> Clip {
    Clip {
        hash: HASH.to_owned(),
        seconds: 0.5,
        lufs: -19.0,
        peak_dbtp: -20.0,
        engine: "upload".to_owned(),
        voice: String::new(),
        cached: false,
        fallback: None,
    }
}

fn job(number: u32, mode: Mode) -> Job {
    let air = Air {
        station: StationName::default(),
        mode,
        over_live: OverLive::default(),
        chime: Chime::None,
        repeat: 1,
        dedupe: None,
    };
    let spec = Spec {
        content: Content::Audio(Recording { id: HASH.to_owned() }),
        target: Target::Air(air),
        lane: Lane::Normal,
        max_attempts: 3,
        retry: Redial::default(),
        not_before: None,
        expires: None,
        metadata: [].into(),
        callback_url: None,
    };
    let id = format!("01997c00-0000-7000-8000-{number:012x}").parse().unwrap();
    Job::accept(id, spec, None, clock::now())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_is_handed_on_twice_is_aired_once() {
    let folder = tempfile::tempdir().unwrap();
    let booth = Booth::open(folder.path()).await;
    let job = job(1, Mode::Interrupt);
    booth.db.insert(std::slice::from_ref(&job)).await.unwrap();
    let claimed = booth.attempt(&job).await;
    let copy = Job { clip: Some(clip()), ..claimed.clone() };
    booth.db.hand_on(&StationName::default(), &copy).await.unwrap();
    booth.dispatch(&claimed).await;
    let ended = booth.ended(&job).await;
    assert_eq!(ended.state, State::Completed);
    assert_eq!(booth.heard().await, 1);
    booth.db.hand_on(&StationName::default(), &copy).await.unwrap();
    booth.another(2).await;
    assert_eq!(booth.heard().await, 2);
    booth.close().await;
    // A station that comes back knows it too.
    let booth = Booth::open(folder.path()).await;
    booth.db.hand_on(&StationName::default(), &copy).await.unwrap();
    booth.another(3).await;
    assert_eq!(booth.heard().await, 1);
    assert_eq!(booth.db.get(job.id).await.unwrap().unwrap(), ended);
    booth.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_attempt_after_a_dead_worker_ends_as_what_was_aired_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let booth = Booth::open(folder.path()).await;
    let job = job(1, Mode::Interrupt);
    booth.db.insert(std::slice::from_ref(&job)).await.unwrap();
    let claimed = booth.attempt(&job).await;
    booth.until("it was heard", async || booth.heard().await == 1).await;
    // Its worker died before it could store the hand-over.
    let State::Processing { lease, .. } = claimed.state else { panic!() };
    let ring = clock::now() + Duration::from_secs(15);
    let queued = booth.change(&claimed, Event::Release { lease, ring }).await;
    let second = booth.attempt(&queued).await;
    booth.dispatch(&second).await;
    let ended = booth.ended(&job).await;
    assert_eq!((&ended.state, ended.attempt), (&State::Completed, 2));
    assert_eq!(ended.outcome.unwrap().kind, OutcomeKind::Aired);
    assert_eq!(booth.heard().await, 1);
    booth.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_counts_no_more_is_not_aired() {
    let folder = tempfile::tempdir().unwrap();
    let booth = Booth::open(folder.path()).await;
    let (cancelled, good) = (job(1, Mode::Interrupt), job(2, Mode::Interrupt));
    booth.db.insert(&[cancelled.clone(), good.clone()]).await.unwrap();
    // Cancelled while it waited for its next attempt, and its message comes late.
    let late = Job { clip: Some(clip()), ..cancelled.clone() };
    booth.change(&cancelled, Event::Cancel).await;
    booth.db.hand_on(&StationName::default(), &late).await.unwrap();
    let claimed = booth.attempt(&good).await;
    booth.dispatch(&claimed).await;
    assert_eq!(booth.ended(&good).await.state, State::Completed);
    assert_eq!(booth.db.get(cancelled.id).await.unwrap().unwrap().state, State::Cancelled);
    assert_eq!(booth.heard().await, 1);
    booth.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_station_has_is_not_looked_for_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let booth = Booth::open(folder.path()).await;
    let job = job(1, Mode::At(clock::now() + Duration::from_hours(1)));
    booth.db.insert(std::slice::from_ref(&job)).await.unwrap();
    let claimed = booth.attempt(&job).await;
    booth.dispatch(&claimed).await;
    let row = async || booth.db.get(job.id).await.unwrap().unwrap();
    let looked_for = clock::now() + Duration::from_secs(30);
    let later = async || match row().await.state {
        State::Dispatched { check, waiting: Waiting::Station } => check > looked_for,
        _ => false,
    };
    booth.until("the sweepers leave it alone", later).await;
    let (before, now) = (row().await, clock::now());
    let asked = before.clone().apply(Event::Cancel, now).unwrap();
    assert_eq!(booth.db.swap(&before, &asked).await.unwrap(), Swap::Done);
    assert_eq!(booth.ended(&job).await.state.name(), StateName::Cancelled);
    assert_eq!(booth.heard().await, 0);
    booth.close().await;
}
