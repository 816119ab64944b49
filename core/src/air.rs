//! Announcements on the air: what can be asked of a station, and the queue in which they travel to it.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::job::Job;
use crate::queue::{Consumer, QueueError};
use crate::time::Timestamp;

/// The station of an announcement that names none.
pub const MAIN: &str = "main";

/// Longest name of a station.
const MAX_NAME: usize = 32;

/// A station by name: it is part of the queue's name and of addresses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct StationName(String);

/// The text is no station's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {MAX_NAME} lower-case letters, digits, _ or -")]
pub struct NotAStation;

impl StationName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of its queue, before any prefix.
    pub fn queue(&self) -> String {
        format!("air_{}", self.0)
    }
}

impl Default for StationName {
    fn default() -> Self {
        Self(MAIN.to_owned())
    }
}

impl std::fmt::Display for StationName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for StationName {
    type Err = NotAStation;

    fn from_str(name: &str) -> Result<Self, NotAStation> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(plain) {
            Ok(Self(name.to_owned()))
        } else {
            Err(NotAStation)
        }
    }
}

impl From<StationName> for String {
    fn from(name: StationName) -> Self {
        name.0
    }
}

impl TryFrom<String> for StationName {
    type Error = NotAStation;

    fn try_from(name: String) -> Result<Self, NotAStation> {
        name.parse()
    }
}

/// How an announcement meets the programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// At once; the programme pauses and resumes at the very sample.
    Interrupt,
    /// At once; the track on air is over, and the next one follows the announcement.
    MoveOn,
    /// At once, over the lowered programme.
    Duck,
    /// When the track on air ends.
    Next,
    /// At this time, to the sample when nothing else is being announced; the programme pauses and resumes.
    At(Timestamp),
}

/// What to do while somebody is live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverLive {
    /// Wait until the live programme is over.
    Wait,
    /// Speak over the lowered live programme.
    #[default]
    Duck,
    /// Cut in as [`Mode`] says.
    Interrupt,
}

/// Where a chime is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chime {
    /// Nowhere.
    #[default]
    None,
    /// Before the announcement.
    Before,
    /// After it.
    After,
    /// Before and after.
    Both,
}

/// An announcement on the air of one station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Air {
    /// Which station.
    pub station: StationName,
    /// How it meets the programme.
    pub mode: Mode,
    /// What to do while somebody is live.
    #[serde(default)]
    pub over_live: OverLive,
    /// Where the station's chime is played.
    #[serde(default)]
    pub chime: Chime,
    /// How often it is said, 1 to 10.
    pub repeat: u8,
    /// Announcements of one station with the same value stand for each other: a second one is not aired while the first
    /// waits or is on air.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedupe: Option<String>,
}

/// The queues `air_<station>` in which rendered announcements travel to the stations, each job as a whole, with its
/// clip. Implemented by both backends.
#[async_trait]
pub trait AirQueue: Send + Sync + 'static {
    /// Puts a job into its station's queue. `Ok` means durable and confirmed. Handing on twice does no harm: a station
    /// knows what it has taken.
    async fn hand_on(&self, station: &StationName, job: &Job) -> Result<(), QueueError>;

    /// Starts taking a station's announcements, in the order in which they were handed on, at most `prefetch`
    /// unacknowledged at a time. What is not acknowledged comes again when the consumer closes or its process dies.
    async fn tune_in(&self, station: &StationName, prefetch: u16) -> Result<Box<dyn Consumer>, QueueError>;

    /// How many announcements wait for a station, without those that a consumer holds.
    async fn waiting(&self, station: &StationName) -> Result<u64, QueueError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stations_name_can_stand_in_addresses() {
        for good in ["main", "radio-2", "a", "la_voz"] {
            assert_eq!(good.parse::<StationName>().unwrap().queue(), format!("air_{good}"));
        }
        for bad in ["", "Main", "a b", "ñ", "a/b", "a.b", &"a".repeat(33)] {
            assert_eq!(bad.parse::<StationName>(), Err(NotAStation), "{bad}");
        }
    }
}
