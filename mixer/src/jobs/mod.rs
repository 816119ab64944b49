//! Announcements that are jobs: from the queue `air_<station>` to the air, each once, and back to the store with what
//! became of it.
//!
//! A message is acknowledged after the outcome of its job is stored. What was begun and what has ended is written to a
//! [`Journal`] first, so that a station that comes back after a crash airs what waited, and nothing that had begun.

mod intake;
mod journal;
mod rows;
mod settle;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use pregon_core::{
    AirQueue, Airing as Aired, Delivery, Desk, Job, JobId, Outcome, OutcomeKind, Receipt, StationName,
    Timestamp, clock,
};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use intake::Intake;
pub use journal::Journal;
use journal::Past;
use rows::{Kept, Word, look_after, word};
use settle::{acknowledge, settle};

use crate::out::{Departure, Outputs};
use crate::{Airing, Announcement, Ended, News, Refused, Station, Ticket};

/// Announcements held at once. More wait in the queue.
const HELD: u16 = 200;

/// Pause after the queue did not answer.
const PAUSE: Duration = Duration::from_millis(500);

/// How often the store is asked about those that the station has.
const LOOK: Duration = Duration::from_millis(500);

/// Told of every job that has ended.
pub type OnEnd = Arc<dyn Fn(&Job) + Send + Sync>;

/// What the jobs of a station need.
pub struct Desks {
    /// Store and results feed.
    pub desk: Desk,
    /// Where announcements come from.
    pub queue: Arc<dyn AirQueue>,
    /// Where the clips lie.
    pub audio_dir: PathBuf,
    /// The station's loudness, LUFS.
    pub lufs: f64,
    /// Told of every job that has ended, once it is stored.
    pub on_end: OnEnd,
}

/// Takes the announcements of one station.
pub struct Airings {
    station: Station,
    name: StationName,
    outputs: Outputs,
    desks: Arc<Desks>,
    journal: Journal,
    /// In the station's hands, by job.
    held: HashMap<JobId, Held>,
    /// One that cannot be taken at the moment; until it can, no other is.
    deferred: Option<(Job, Box<dyn Receipt>)>,
    /// Looking after them.
    looking: Option<JoinHandle<()>>,
    settling: TaskTracker,
    stop: CancellationToken,
}

/// An announcement that the station has taken.
struct Held {
    job: Job,
    receipt: Box<dyn Receipt>,
    ticket: Ticket,
    /// The frame it began with, and when that was due.
    began: Option<(u64, Timestamp)>,
}

impl Airings {
    /// The airings of `station`, whose journal lies in `folder`, until `stop`. Blocks for reading it.
    pub fn open(
        station: Station,
        name: StationName,
        outputs: Outputs,
        desks: Desks,
        folder: &Path,
        stop: &CancellationToken,
    ) -> io::Result<Self> {
        let journal = Journal::open(folder, &name, clock::now())?;
        let (held, looking, settling) = (HashMap::new(), None, TaskTracker::new());
        Ok(Self {
            station,
            name,
            outputs,
            desks: Arc::new(desks),
            journal,
            held,
            deferred: None,
            looking,
            settling,
            stop: stop.child_token(),
        })
    }

    /// Works until the stop, or until the station closes. What waits then stays in the queue.
    pub async fn run(mut self) {
        let mut news = self.station.news();
        let mut intake = Intake::open(Arc::clone(&self.desks), self.name.clone(), self.stop.clone());
        let mut looks = tokio::time::interval(LOOK);
        let stop = self.stop.clone();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                event = news.recv() => if !self.heard(event, &mut news).await { break },
                _ = looks.tick() => {
                    self.look();
                    if let Some((job, receipt)) = self.deferred.take() {
                        self.announce(job, receipt).await;
                    }
                }
                delivery = intake.next(), if self.has_room() => match delivery {
                    Some(delivery) => self.take(delivery).await,
                    None => break,
                },
            }
        }
        self.stop.cancel();
        // What the station told before it stopped is true, and must not be found out again.
        while let Ok(event) = news.try_recv() {
            self.heard(Ok(event), &mut news).await;
        }
        self.cut_off().await;
        self.settling.close();
        self.settling.wait().await;
        intake.close().await;
    }

    fn has_room(&self) -> bool {
        self.deferred.is_none() && self.held.len() < usize::from(HELD)
    }

    /// What is on air when the station stops is not aired again.
    async fn cut_off(&mut self) {
        let begun: Vec<JobId> =
            self.held.values().filter(|held| held.began.is_some()).map(|held| held.job.id).collect();
        for held in begun.iter().filter_map(|id| self.held.remove(id)).collect::<Vec<_>>() {
            let reason = "the station was stopped while it was on air".to_owned();
            let outcome = self.told(&held, Ended::Failed { reason, seconds: 0.0 });
            self.end(held.job, held.receipt, outcome).await;
        }
    }

    async fn take(&mut self, delivery: Delivery) {
        let Delivery { job, receipt, .. } = delivery;
        if let Some(held) = self.held.get_mut(&job.id) {
            // Handed on twice, or back from a channel that was closed: this receipt is the good one. The other one
            // would keep its place among those that may be held.
            let other = std::mem::replace(&mut held.receipt, receipt);
            self.settling.spawn(acknowledge(job.id, other));
            held.job = job;
            return;
        }
        match self.journal.past(&job) {
            Some(Past::Ended(outcome)) => return self.conclude(job, receipt, outcome),
            Some(Past::Begun(at)) => {
                let reason = "the station stopped while it was on air".to_owned();
                let outcome = self.outcome(OutcomeKind::Failed, Some(at), 0.0, None, Some(reason));
                self.end(job, receipt, outcome).await;
                return;
            }
            None => {}
        }
        match word(&self.desks, &job).await {
            Word::Air => self.announce(job, receipt).await,
            Word::Back => {
                let outcome = self.outcome(OutcomeKind::Skipped, None, 0.0, None, None);
                self.end(job, receipt, outcome).await;
            }
            Word::Over => {
                self.settling.spawn(acknowledge(job.id, receipt));
            }
        }
    }

    async fn announce(&mut self, job: Job, receipt: Box<dyn Receipt>) {
        let announced = match announcement(&job, &self.desks) {
            Ok(announcement) => self.station.announce(announcement).await,
            Err(why) => Err(Refused::Invalid(why)),
        };
        let (kind, reason) = match announced {
            Ok(ticket) => {
                self.held.insert(job.id, Held { job, receipt, ticket, began: None });
                return;
            }
            Err(Refused::Expired) => (OutcomeKind::Expired, None),
            Err(error @ Refused::Duplicate(_)) => (OutcomeKind::Skipped, Some(error.to_string())),
            Err(Refused::Missing { .. }) if !self.desks.audio_dir.is_dir() => {
                let folder = self.desks.audio_dir.display();
                tracing::warn!(%folder, "the audio folder is away: announcements wait for it");
                self.deferred = Some((job, receipt));
                return;
            }
            Err(Refused::Closed | Refused::Full(_)) => {
                self.deferred = Some((job, receipt));
                return;
            }
            Err(error @ (Refused::Missing { .. } | Refused::Broken { .. } | Refused::Invalid(_))) => {
                (OutcomeKind::Failed, Some(error.without_path()))
            }
        };
        let outcome = self.outcome(kind, None, 0.0, None, reason);
        self.end(job, receipt, outcome).await;
    }

    /// Follows an event. False when the station has closed.
    async fn heard(&mut self, event: Result<News, RecvError>, news: &mut Receiver<News>) -> bool {
        match event {
            Ok(News::Announcement { ticket, airing, .. }) => {
                self.follow(ticket, airing).await;
                true
            }
            Ok(News::NowPlaying(_) | News::Tier(_)) => true,
            Err(RecvError::Closed) => false,
            Err(RecvError::Lagged(_)) => {
                *news = self.station.news();
                let on_air = self.station.snapshot().await.and_then(|snapshot| snapshot.on_air);
                if let Some((ticket, at)) = on_air.and_then(|it| Some((it.ticket, it.began?)))
                    && let Some(held) = self.held.values().find(|held| held.ticket == ticket)
                {
                    self.journal.began(&held.job, at).await;
                }
                for played in self.station.history().await {
                    self.follow(played.ticket, Airing::Ended(played.ended)).await;
                }
                true
            }
        }
    }

    async fn follow(&mut self, ticket: Ticket, airing: Airing) {
        let Some(id) = self.held.values().find(|held| held.ticket == ticket).map(|held| held.job.id) else {
            return;
        };
        match airing {
            Airing::Began { frame, at } => {
                if let Some(held) = self.held.get_mut(&id) {
                    held.began = Some((frame, at));
                    self.journal.began(&held.job, at).await;
                }
            }
            Airing::Ended(ended) => {
                if let Some(held) = self.held.remove(&id) {
                    let outcome = self.told(&held, ended);
                    self.end(held.job, held.receipt, outcome).await;
                }
            }
        }
    }

    /// What the station's word on an announcement means for its job.
    fn told(&self, held: &Held, ended: Ended) -> Outcome {
        let left = held.began.and_then(|(frame, _)| self.outputs.departures().of(frame));
        let at = left.map(|left| left.at).or(held.began.map(|(_, due)| due));
        match ended {
            Ended::Aired { at: due, frame, seconds } => {
                let left = left.or_else(|| self.outputs.departures().of(frame));
                let at = left.map_or(due, |left| left.at);
                self.outcome(OutcomeKind::Aired, Some(at), seconds, left, None)
            }
            Ended::Expired => self.outcome(OutcomeKind::Expired, None, 0.0, None, None),
            Ended::Failed { reason, seconds } => {
                self.outcome(OutcomeKind::Failed, at, seconds, left, Some(reason))
            }
            Ended::Skipped { seconds } => self.outcome(OutcomeKind::Skipped, at, seconds, left, None),
        }
    }

    fn outcome(
        &self,
        kind: OutcomeKind,
        at: Option<Timestamp>,
        seconds: f64,
        left: Option<Departure>,
        reason: Option<String>,
    ) -> Outcome {
        let listeners = left.and_then(|left| u32::try_from(left.listeners).ok());
        let seconds = (seconds * 1_000.0).round() / 1_000.0;
        let airing = Aired { station: self.name.clone(), at, seconds, listeners, reason };
        Outcome { airing: Some(airing), ..Outcome::of(kind) }
    }

    /// Writes down that it is over, then tells.
    async fn end(&self, job: Job, receipt: Box<dyn Receipt>, outcome: Outcome) {
        self.journal.ended(&job, &outcome, clock::now()).await;
        self.conclude(job, receipt, outcome);
    }

    fn conclude(&self, job: Job, receipt: Box<dyn Receipt>, outcome: Outcome) {
        let desks = Arc::clone(&self.desks);
        self.settling.spawn(settle(desks, job, receipt, outcome, self.stop.clone()));
    }

    /// Has what the station holds looked after. Whatever the store does meanwhile, this returns at once.
    fn look(&mut self) {
        if self.held.is_empty() || self.looking.as_ref().is_some_and(|looking| !looking.is_finished()) {
            return;
        }
        let (desks, station) = (Arc::clone(&self.desks), self.station.clone());
        let kept = |held: &Held| Kept { job: held.job.id, ticket: held.ticket, waits: held.began.is_none() };
        let all: Vec<Kept> = self.held.values().map(kept).collect();
        self.looking = Some(tokio::spawn(async move { look_after(&desks, &station, all).await }));
    }
}

/// One channel that is played on two is louder by this, in dB (ITU-R BS.1770: both are summed).
const ON_TWO: f64 = 3.01;

fn announcement(job: &Job, desks: &Desks) -> Result<Announcement, &'static str> {
    let air = job.spec.air().ok_or("it is no announcement for a station")?;
    let clip = job.clip.as_ref().ok_or("nothing was rendered for it")?;
    let stem = clip.stem(&desks.audio_dir).ok_or("its clip has no name")?;
    #[expect(clippy::cast_possible_truncation, reason = "a few dB")]
    let gain_db = (desks.lufs - clip.lufs - ON_TWO) as f32;
    Ok(Announcement {
        key: Some(key(job)),
        gain_db,
        title: None,
        mode: air.mode,
        lane: job.spec.lane,
        expires: job.spec.expires,
        over_live: air.over_live,
        chime: air.chime,
        repeat: air.repeat,
        dedupe: air.dedupe.clone(),
        ..Announcement::of(stem.with_extension("wav"))
    })
}

/// A job that was asked for again by a person is another announcement.
fn key(job: &Job) -> String {
    match job.round() {
        0 => job.id.to_string(),
        round => format!("{}/{round}", job.id),
    }
}

/// The job of an announcement with that key.
pub(crate) fn job_of(key: &str) -> Option<JobId> {
    let id = key.split_once('/').map_or(key, |(id, _)| id);
    id.parse().ok()
}
