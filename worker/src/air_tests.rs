use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use pregon_core::{
    Chime, Clip, Consumer, Content, Lane, Mode, OverLive, QueueError, Recording, Redial, Spec, StationName,
};

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A station's queue that remembers what was put into it.
#[derive(Default)]
struct Band {
    handed: Mutex<Vec<JobId>>,
    waiting: AtomicU64,
}

#[async_trait]
impl AirQueue for Band {
    async fn hand_on(&self, station: &StationName, job: &Job) -> Result<(), QueueError> {
        assert_eq!(station.as_str(), "main");
        self.handed.lock().unwrap().push(job.id);
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn tune_in(&self, _: &StationName, _: u16) -> Result<Box<dyn Consumer>, QueueError> {
        Err(QueueError("nobody listens here".to_owned()))
    }

    async fn waiting(&self, _: &StationName) -> Result<u64, QueueError> {
        Ok(self.waiting.load(Ordering::Relaxed))
    }
}

/// A queue that is away.
struct Away;

#[async_trait]
impl AirQueue for Away {
    async fn hand_on(&self, _: &StationName, _: &Job) -> Result<(), QueueError> {
        Err(QueueError("away".to_owned()))
    }

    async fn tune_in(&self, _: &StationName, _: u16) -> Result<Box<dyn Consumer>, QueueError> {
        Err(QueueError("away".to_owned()))
    }

    async fn waiting(&self, _: &StationName) -> Result<u64, QueueError> {
        Err(QueueError("away".to_owned()))
    }
}

/// Twenty seconds of sound, said twice, pointless `expires` from now.
fn job(expires: Option<Duration>) -> (Job, Air) {
    let air = Air {
        station: StationName::default(),
        mode: Mode::Interrupt,
        over_live: OverLive::default(),
        chime: Chime::None,
        repeat: 2,
        dedupe: None,
    };
    let spec = Spec {
        content: Content::Audio(Recording { id: "0".repeat(40) }),
        target: Target::Air(air.clone()),
        lane: Lane::Normal,
        max_attempts: 3,
        retry: Redial::default(),
        not_before: None,
        expires: expires.map(|expires| NOW + expires),
        metadata: [].into(),
        callback_url: None,
    };
    let clip = Clip {
        hash: "0".repeat(40),
        seconds: 20.0,
        lufs: -19.0,
        peak_dbtp: -3.0,
        engine: "upload".to_owned(),
        voice: String::new(),
        cached: false,
        fallback: None,
    };
    let id = "01997c00-0000-7000-8000-000000000001".parse().unwrap();
    (Job { clip: Some(clip), ..Job::accept(id, spec, None, NOW) }, air)
}

/// Expired at its station, and not a moment of it was heard.
fn assert_expired(fate: &Fate) {
    let Fate::Known(outcome) = fate else { panic!("{fate:?}") };
    let airing = outcome.airing.as_ref().unwrap();
    assert_eq!((outcome.kind, airing.station.as_str(), airing.at), (OutcomeKind::Expired, "main", None));
}

#[tokio::test]
async fn what_is_lost_is_handed_on_again_and_what_waits_is_not() {
    let band = Arc::new(Band::default());
    let announcer = Announcer::new(Arc::clone(&band) as _);
    let (job, air) = job(None);
    for _ in 0..3 {
        let fate = announcer.look(&air, &job, NOW).await.unwrap();
        assert_eq!(fate, Fate::Pending(Waiting::Station));
        assert_eq!(*band.handed.lock().unwrap(), [job.id], "it waits now");
    }
    band.waiting.store(0, Ordering::Relaxed);
    announcer.look(&air, &job, NOW).await.unwrap();
    assert_eq!(*band.handed.lock().unwrap(), [job.id, job.id]);
}

#[tokio::test]
async fn what_nobody_took_in_time_is_expired_once_it_cannot_be_on_air_any_more() {
    let band = Arc::new(Band::default());
    let announcer = Announcer::new(Arc::clone(&band) as _);
    let (job, air) = job(Some(Duration::from_secs(30)));
    // The minute, and twice the twenty seconds.
    let over = NOW + Duration::from_secs(30 + 60 + 40);
    let before = announcer.look(&air, &job, over - Duration::from_millis(1)).await.unwrap();
    assert_eq!(before, Fate::Pending(Waiting::Station));
    let handed = band.handed.lock().unwrap().len();
    let after = announcer.look(&air, &job, over).await.unwrap();
    assert_expired(&after);
    assert_eq!(band.handed.lock().unwrap().len(), handed, "not handed on any more");
}

#[tokio::test]
async fn a_queue_that_is_away_says_nothing_about_an_announcement() {
    let announcer = Announcer::new(Arc::new(Away));
    let (job, air) = job(Some(Duration::from_secs(30)));
    let look = announcer.look(&air, &job, NOW).await;
    assert!(matches!(look, Err(DispatchError::Unavailable(_))), "{look:?}");
    // Too late is too late all the same.
    let late = announcer.look(&air, &job, NOW + Duration::from_hours(1)).await.unwrap();
    assert_expired(&late);
}
