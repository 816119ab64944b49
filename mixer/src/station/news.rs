//! What a station tells about itself while it plays.

use std::path::PathBuf;
use std::sync::Arc;

use pregon_core::{Lane, Timestamp};
use serde::Serialize;

use super::Mode;
use crate::air::{Readings, Tier};

/// The number of one thing that a station plays: announcement, queued file or track. Rises, starts over with the
/// process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Ticket(pub u64);

/// One event. Receivers that fall behind lose the oldest ones: whoever must not miss an ending asks
/// [`Station::history`](super::Station::history) too.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// An announcement has begun or ended.
    Announcement {
        /// Its number.
        ticket: Ticket,
        /// The caller's name for it.
        key: Option<Arc<str>>,
        /// What happened.
        airing: Airing,
    },
    /// Another track is on air, or none.
    NowPlaying(Option<NowPlaying>),
    /// Another tier is on air.
    Tier(Tier),
}

/// What happened to an announcement.
#[derive(Clone, Debug, PartialEq)]
pub enum Airing {
    /// Its first sample is this frame of the station's output ([`Block::first_frame`](crate::air::Block) counts the
    /// same frames), rendered at about `at`.
    Began {
        /// Index of the frame.
        frame: u64,
        /// When that frame was due.
        at: Timestamp,
    },
    /// It is over.
    Ended(Ended),
}

/// How an announcement or a track ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ended {
    /// Heard to its end.
    Aired {
        /// When its first sample was due.
        at: Timestamp,
        /// Index of its first frame in the station's output.
        frame: u64,
        /// How much of it was heard.
        seconds: f64,
    },
    /// Its time was over before it could begin.
    Expired,
    /// It could not be played, or not to the end.
    Failed {
        /// Why.
        reason: String,
        /// How much of it was heard.
        seconds: f64,
    },
    /// Cut short or taken out by somebody.
    Skipped {
        /// How much of it was heard; zero when it never began.
        seconds: f64,
    },
}

/// A track on air.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NowPlaying {
    /// Its number.
    pub ticket: Ticket,
    /// From the user queue or from the playlist.
    pub tier: Tier,
    /// The file; none for the built-in loop.
    pub path: Option<PathBuf>,
    /// Title, from the tags or the file name.
    pub title: String,
    /// Artist, from the tags.
    pub artist: Option<String>,
    /// When its first sample was due.
    pub began: Timestamp,
    /// Seconds played. Stands still while an announcement pauses it.
    pub elapsed: f64,
    /// Seconds left, where the length is known.
    pub remaining: Option<f64>,
}

/// An announcement that waits or is on air.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waiting {
    /// Its number.
    pub ticket: Ticket,
    /// The caller's name for it.
    pub key: Option<Arc<str>>,
    /// The file.
    pub path: PathBuf,
    /// Its title, or the file's name.
    pub title: String,
    /// How it meets the programme.
    pub mode: Mode,
    /// How urgent.
    pub lane: Lane,
    /// When it was accepted.
    pub since: Timestamp,
    /// Not to be begun after this time.
    pub expires: Option<Timestamp>,
    /// When it went on air; none while it waits.
    pub began: Option<Timestamp>,
    /// Length in seconds, chimes and repeats included, where known.
    pub seconds: Option<f64>,
}

/// A file of the user queue that waits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Queued {
    /// Its number.
    pub ticket: Ticket,
    /// The file.
    pub path: PathBuf,
    /// Title, from the tags or the file name.
    pub title: String,
}

/// Something that is over.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Played {
    /// Its number.
    pub ticket: Ticket,
    /// The caller's name for it, where it was an announcement.
    pub key: Option<Arc<str>>,
    /// What it was: an announcement, a queued file, a track.
    pub tier: Tier,
    /// The file.
    pub path: Option<PathBuf>,
    /// Title.
    pub title: String,
    /// Artist.
    pub artist: Option<String>,
    /// How it ended.
    pub ended: Ended,
    /// When.
    pub at: Timestamp,
}

/// A station at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// The station's name.
    pub station: Arc<str>,
    /// What is heard.
    pub tier: Tier,
    /// The announcement on air.
    pub on_air: Option<Waiting>,
    /// The track on air, or the one that pauses.
    pub now_playing: Option<NowPlaying>,
    /// Announcements that wait, in the order in which they will be heard (those with a time or a place come last).
    pub waiting: Vec<Waiting>,
    /// The user queue.
    pub queue: Vec<Queued>,
    /// Levels and counters of the air thread.
    pub readings: Readings,
    /// Since the station started.
    pub uptime_seconds: u64,
}
