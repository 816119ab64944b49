//! What may be announced, how, and why it may be refused.

use std::path::PathBuf;

pub use pregon_core::{Chime, Mode, OverLive};
use pregon_core::{Lane, Timestamp};

use super::Ticket;

/// Something to be said on air.
#[derive(Clone, Debug, PartialEq)]
pub struct Announcement {
    /// The caller's name for it (a job id): refused when it waits, is on air or was on air not long ago.
    pub key: Option<String>,
    /// The file to play.
    pub audio: PathBuf,
    /// How much louder than the file it is, in dB; 0 plays it as it is.
    pub gain_db: f32,
    /// A title for the log and the queue; never spoken text that is private.
    pub title: Option<String>,
    /// How it meets the programme.
    pub mode: Mode,
    /// High goes before normal; first in, first out within each.
    pub lane: Lane,
    /// Not to be begun after this time.
    pub expires: Option<Timestamp>,
    /// What to do while somebody is live.
    pub over_live: OverLive,
    /// Where the station's chime is played.
    pub chime: Chime,
    /// How often it is said, 1 to 10, with [`REPEAT_GAP`](crate::feed::REPEAT_GAP) between.
    pub repeat: u8,
    /// Announcements with the same value stand for each other: a second one is refused while the first waits or is
    /// on air.
    pub dedupe: Option<String>,
}

impl Announcement {
    /// That file, said once at once, without chime, end of validity or key.
    pub fn of(audio: impl Into<PathBuf>) -> Self {
        Self {
            key: None,
            audio: audio.into(),
            gain_db: 0.0,
            title: None,
            mode: Mode::Interrupt,
            lane: Lane::Normal,
            expires: None,
            over_live: OverLive::default(),
            chime: Chime::None,
            repeat: 1,
            dedupe: None,
        }
    }
}

/// Why a station did not take something. The text names the problem and may be shown to whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such file, or it is no file.
    #[error("{} cannot be opened: {reason}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// No audio that this station can decode.
    #[error("{} cannot be played: {reason}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The same announcement is there already.
    #[error("the same announcement is there already, as number {}", .0.0)]
    Duplicate(Ticket),
    /// Its time is over already.
    #[error("its time was over before it could be queued")]
    Expired,
    /// A field holds a value that is not allowed.
    #[error("{0}")]
    Invalid(&'static str),
    /// As much waits as a station remembers.
    #[error("too much is waiting already: {0}")]
    Full(usize),
    /// The station is closing.
    #[error("the station is closing")]
    Closed,
}

impl Refused {
    /// The same without the path, for those who did not name the file themselves.
    pub(crate) fn without_path(&self) -> String {
        match self {
            Self::Missing { reason, .. } => format!("its file cannot be opened: {reason}"),
            Self::Broken { reason, .. } => format!("its file cannot be played: {reason}"),
            Self::Duplicate(_) | Self::Expired | Self::Invalid(_) | Self::Full(_) | Self::Closed => {
                self.to_string()
            }
        }
    }
}
