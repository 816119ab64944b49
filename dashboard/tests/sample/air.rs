//! A station that plays what it is told to, and the jobs of a day on the air.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use pregon_core::{
    Air, Airing, AsRunLine, Chime, Content, Event, Job, JobId, Lane, Mode, OnAirAnnouncement, OnAirTrack,
    Outcome, OutcomeKind, OverLive, Radio, Recording, Spec, StationLook, StationName, StreamLine, Target,
    Tier, Timestamp,
};

use super::day::{apply, claimed, fresh, handed_over};
use super::{Memory, lock};

const POWER: &str = "Corte de luz en la calle Quinta hasta las seis de la tarde.";
const MARKET: &str = "Mañana hay mercado campesino en la plaza.";
const SEARCH: &str = "Interrumpimos la música: se busca a Tomás, de 7 años, camisa verde, visto a las 15:50 en el parque. Si lo ve, llame al 123.";

/// Stations that somebody looks at.
#[derive(Default)]
pub(crate) struct Studio {
    looks: Mutex<Vec<StationLook>>,
    log: Mutex<Vec<AsRunLine>>,
    /// Stations that do not answer.
    silent: Mutex<Vec<StationName>>,
}

impl Studio {
    /// The station `main` in the middle of a track, with announcements of these jobs waiting.
    pub(crate) fn at_noon(waiting: &[Job], now: Timestamp) -> Self {
        let studio = Self::default();
        let mut look = playing(StationName::default());
        look.waiting = (1..).zip(waiting).map(|(number, job)| queued(number, job)).collect();
        lock(&studio.looks).push(look);
        *lock(&studio.log) = as_run(now);
        studio
    }

    /// Adds another station.
    pub(crate) fn add(&self, name: &str) {
        lock(&self.looks).push(playing(name.parse().unwrap_or_default()));
    }

    /// Changes what goes on at the first station.
    pub(crate) fn change(&self, change: impl FnOnce(&mut StationLook)) {
        if let Some(look) = lock(&self.looks).first_mut() {
            change(look);
        }
    }

    /// The first waiting announcement goes on air.
    pub(crate) fn begin(&self, now: Timestamp) {
        self.change(|look| {
            let mut announcement = look.waiting.remove(0);
            announcement.began = Some(now);
            look.announcement = Some(announcement);
            look.tier = Tier::Interrupt;
        });
    }

    /// The track goes on for so many seconds, sometimes louder.
    pub(crate) fn play_on(&self, seconds: f64) {
        self.change(|look| {
            let Some(track) = &mut look.track else { return };
            track.elapsed += seconds;
            track.remaining = track.remaining.map(|left| (left - seconds).max(0.0));
            look.peak_dbfs = look.peak_dbfs.map(|db| if db < -6.0 { db + 3.7 } else { db - 14.1 });
        });
    }

    /// Stops answering.
    pub(crate) fn fall_silent(&self, silent: bool) {
        *lock(&self.silent) = if silent { self.stations() } else { Vec::new() };
    }
}

#[async_trait]
impl Radio for Studio {
    fn stations(&self) -> Vec<StationName> {
        lock(&self.looks).iter().map(|look| look.station.clone()).collect()
    }

    async fn look(&self, station: &StationName) -> Option<StationLook> {
        if lock(&self.silent).contains(station) {
            return None;
        }
        lock(&self.looks).iter().find(|look| look.station == *station).cloned()
    }

    async fn as_run(&self, _: &StationName, limit: usize) -> Vec<AsRunLine> {
        lock(&self.log).iter().take(limit).cloned().collect()
    }

    async fn skip(&self, station: &StationName) -> bool {
        let mut looks = lock(&self.looks);
        let Some(look) = looks.iter_mut().find(|look| look.station == *station) else { return false };
        if look.announcement.take().is_some() {
            look.tier = Tier::Playlist;
            return true;
        }
        look.track.take().is_some()
    }

    async fn withdraw(&self, station: &StationName, number: u64) -> bool {
        let mut looks = lock(&self.looks);
        let Some(look) = looks.iter_mut().find(|look| look.station == *station) else { return false };
        let before = look.waiting.len();
        look.waiting.retain(|announcement| announcement.number != number);
        look.waiting.len() < before
    }
}

fn playing(station: StationName) -> StationLook {
    let stream = |name: &str, kbits, up: bool| StreamLine {
        name: name.to_owned(),
        kbits,
        up,
        listeners: Some(u64::from(kbits) * 3 / 2).filter(|_| name.starts_with('/')),
        trouble: (!up).then(|| "connection refused; next try in 8 s".to_owned()),
    };
    StationLook {
        station,
        tier: Tier::Playlist,
        track: Some(OnAirTrack {
            title: "La gata bajo la lluvia".to_owned(),
            artist: Some("Rocío Dúrcal".to_owned()),
            elapsed: 134.4,
            remaining: Some(87.2),
        }),
        announcement: None,
        waiting: Vec::new(),
        queue: vec!["Pueblo blanco".to_owned()],
        peak_dbfs: [-9.2, -10.4],
        short_term_lufs: -16.2,
        underruns: 0,
        listeners: 214,
        listeners_peak: 1_251,
        streams: vec![
            stream("/radio", 128, true),
            stream("/radio-64", 64, true),
            stream("Icecast", 128, true),
        ],
        uptime_seconds: 11_530,
        library: Some((412, 2)),
        address: "http://127.0.0.1:8005/".to_owned(),
    }
}

fn queued(number: u64, job: &Job) -> OnAirAnnouncement {
    OnAirAnnouncement {
        number,
        job: Some(job.id),
        title: job.spec.text().to_owned(),
        mode: job.spec.air().map_or(Mode::Interrupt, |air| air.mode),
        lane: job.spec.lane,
        expires: job.spec.expires,
        began: None,
        seconds: Some(9.0),
    }
}

fn as_run(now: Timestamp) -> Vec<AsRunLine> {
    let line = |ago: u64, tier, outcome: &str, title: &str, seconds: f64| AsRunLine {
        at: now - Duration::from_secs(ago),
        tier,
        outcome: outcome.to_owned(),
        title: title.to_owned(),
        artist: (tier != Tier::Interrupt).then(|| "Lucho Bermúdez".to_owned()),
        seconds,
        listeners: 209,
        job: (tier == Tier::Interrupt).then(|| JobId::new(now - Duration::from_secs(ago))),
        reason: (outcome == "failed").then(|| "the file ended early".to_owned()),
    };
    vec![
        line(134, Tier::Playlist, "aired", "Colombia tierra querida", 209.0),
        line(343, Tier::Interrupt, "aired", "Se busca a Tomás, de siete años", 14.2),
        line(360, Tier::Interrupt, "expired", "La tertulia empieza a las cuatro y media", 0.0),
        line(600, Tier::Interrupt, "failed", "=SUMA(A1)", 3.0),
        line(700, Tier::Queue, "skipped", "Pueblo blanco", 31.0),
    ]
}

/// An announcement that waits for a worker.
pub(crate) fn airing(text: &str, mode: Mode, lane: Lane, now: Timestamp) -> Job {
    let job = fresh("+573005050149", text, lane, Some("policia-local"), now);
    let air = Air {
        station: StationName::default(),
        mode,
        over_live: OverLive::Duck,
        chime: Chime::Both,
        repeat: 1,
        dedupe: None,
    };
    let spec = Spec { target: Target::Air(air), expires: Some(now + Duration::from_mins(40)), ..job.spec };
    Job::accept(job.id, spec, job.client, now)
}

/// The same, handed to its station.
fn with_the_station(job: Job, seconds: u64) -> Job {
    let at = job.created + Duration::from_secs(seconds);
    handed_over(claimed(job, "obra-1", at), at)
}

/// The same, with its end.
fn over(job: Job, kind: OutcomeKind, seconds: f64, reason: Option<&str>) -> Job {
    let at = job.created + Duration::from_millis(1_096);
    let airing = Airing {
        station: StationName::default(),
        at: Some(at).filter(|_| seconds > 0.0),
        seconds,
        listeners: Some(214).filter(|_| seconds > 0.0),
        reason: reason.map(ToOwned::to_owned),
    };
    let outcome = Outcome { airing: Some(airing), ..Outcome::of(kind) };
    let end = at + Duration::try_from_secs_f64(seconds).unwrap_or_default();
    apply(with_the_station(job, 1), Event::Outcome { attempt: 1, outcome, again: None }, end)
}

/// A day on the air. Returns the announcements that wait at the station.
pub(crate) fn fill_air(memory: &Memory, now: Timestamp) -> Vec<Job> {
    let ago = |seconds| now - Duration::from_secs(seconds);
    let ended = [
        (OutcomeKind::Aired, 14.2, None),
        (OutcomeKind::Skipped, 6.1, None),
        (OutcomeKind::Expired, 0.0, None),
        (OutcomeKind::Failed, 0.0, Some("the clip cannot be decoded")),
    ];
    for ((kind, seconds, reason), since) in ended.into_iter().zip([343_u64, 420, 560, 700]) {
        memory.put(&over(airing(SEARCH, Mode::Interrupt, Lane::High, ago(since)), kind, seconds, reason));
    }
    let cancelled = airing(MARKET, Mode::Next, Lane::Normal, ago(900));
    memory.put(&apply(cancelled, Event::Cancel, ago(890)));
    let mut sent_in = airing("", Mode::Duck, Lane::Normal, ago(4));
    sent_in.spec.content =
        Content::Audio(Recording { id: "0123456789abcdef0123456789abcdef01234567".to_owned() });
    memory.put(&sent_in);
    let hour = Mode::At(now + Duration::from_mins(18));
    let waiting = vec![
        with_the_station(airing(POWER, Mode::Duck, Lane::High, ago(8)), 2),
        with_the_station(airing(MARKET, Mode::Next, Lane::Normal, ago(6)), 2),
        with_the_station(airing("Son las cinco de la tarde.", hour, Lane::Normal, ago(5)), 2),
    ];
    for job in &waiting {
        memory.put(job);
    }
    waiting
}
