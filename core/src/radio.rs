//! Stations as pages see and control them: the trait between the dashboard and the mixer of the same process.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::air::{Mode, StationName};
use crate::id::JobId;
use crate::job::Lane;
use crate::time::Timestamp;

/// What is heard, most important first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// An announcement.
    Interrupt,
    /// Somebody live.
    Live,
    /// A file that somebody queued.
    Queue,
    /// The playlist.
    Playlist,
    /// Nothing to play: soft noise, so that a listener knows that the line lives.
    #[default]
    Noise,
}

impl Tier {
    /// All of them, most important first.
    pub const ALL: [Self; 5] = [Self::Interrupt, Self::Live, Self::Queue, Self::Playlist, Self::Noise];

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Interrupt => "interrupt",
            Self::Live => "live",
            Self::Queue => "queue",
            Self::Playlist => "playlist",
            Self::Noise => "noise",
        }
    }
}

/// A track on air, or the one that an announcement pauses.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OnAirTrack {
    /// Title, from the tags or the file name.
    pub title: String,
    /// Artist, from the tags.
    pub artist: Option<String>,
    /// Seconds played.
    pub elapsed: f64,
    /// Seconds left, where the length is known.
    pub remaining: Option<f64>,
}

/// An announcement that waits or is on air.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OnAirAnnouncement {
    /// The station's number for it: names it when it is taken out of the queue.
    pub number: u64,
    /// Its job, where it is one.
    pub job: Option<JobId>,
    /// Its title, or its file's name.
    pub title: String,
    /// How it meets the programme.
    pub mode: Mode,
    /// How urgent.
    pub lane: Lane,
    /// Not to be begun after this time.
    pub expires: Option<Timestamp>,
    /// When it went on air; none while it waits.
    pub began: Option<Timestamp>,
    /// Length in seconds, where known.
    pub seconds: Option<f64>,
}

/// Something that was on air, or should have been.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AsRunLine {
    /// When it began, or when it was given up.
    pub at: Timestamp,
    /// What it was.
    pub tier: Tier,
    /// `aired`, `expired`, `failed` or `skipped`.
    pub outcome: String,
    /// Its title.
    pub title: String,
    /// Artist.
    pub artist: Option<String>,
    /// How much of it was heard, in seconds.
    pub seconds: f64,
    /// The station's own listeners then.
    pub listeners: u64,
    /// Its job, where it is one.
    pub job: Option<JobId>,
    /// Why it failed.
    pub reason: Option<String>,
}

/// One stream of a station, or the server that it feeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StreamLine {
    /// `/radio`, `/radio-64`, or the name of the server.
    pub name: String,
    /// Bit rate in kbit/s.
    pub kbits: u32,
    /// Whether it is being sent.
    pub up: bool,
    /// Listeners; none where somebody else counts them.
    pub listeners: Option<u64>,
    /// What is wrong, in one sentence.
    pub trouble: Option<String>,
}

/// A station at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StationLook {
    /// Its name.
    pub station: StationName,
    /// What is heard.
    pub tier: Tier,
    /// The track on air, or the one that pauses.
    pub track: Option<OnAirTrack>,
    /// The announcement on air.
    pub announcement: Option<OnAirAnnouncement>,
    /// Announcements that wait, in the order in which they will be heard; those with a time or a place come last.
    pub waiting: Vec<OnAirAnnouncement>,
    /// Titles of the user queue.
    pub queue: Vec<String>,
    /// Sample peaks of the two channels, dBFS.
    pub peak_dbfs: [f32; 2],
    /// Loudness of the last three seconds, LUFS.
    pub short_term_lufs: f32,
    /// Blocks that something to be played came too late for, since the station started.
    pub underruns: u64,
    /// Listeners of all own streams.
    pub listeners: u64,
    /// Most listeners at once since the station started.
    pub listeners_peak: u64,
    /// Its streams, and the server that it feeds.
    pub streams: Vec<StreamLine>,
    /// Seconds since it started.
    pub uptime_seconds: u64,
    /// Files in the music folder, how many of them are broken; none where the built-in loop plays.
    pub library: Option<(u64, u64)>,
    /// Where it is listened to, such as `http://127.0.0.1:8005/`.
    pub address: String,
}

/// The stations of this process.
#[async_trait]
pub trait Radio: Send + Sync + 'static {
    /// Their names.
    fn stations(&self) -> Vec<StationName>;

    /// What goes on at one; `None` when there is none of that name, or it has closed.
    async fn look(&self, station: &StationName) -> Option<StationLook>;

    /// What was on air lately, newest first.
    async fn as_run(&self, station: &StationName, limit: usize) -> Vec<AsRunLine>;

    /// Ends what is on air: the announcement, or else the track. False when there was nothing to end.
    async fn skip(&self, station: &StationName) -> bool;

    /// Takes an announcement out of the queue. False when it has begun, or is not known.
    async fn withdraw(&self, station: &StationName, number: u64) -> bool;
}
