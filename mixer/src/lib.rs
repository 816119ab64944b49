//! A radio station: it never goes silent, and breaks into its programme when an announcement says so.
//!
//! One real-time thread ([`air`]) renders blocks of 20 ms from what the feeder threads ([`feed`]) have decoded. The
//! conductor behind a [`Station`] decides what comes next: announcements, the user queue, the programme. Nothing here
//! knows jobs, telephones or databases; audio comes in as files and leaves as [`air::Block`]s for the encoders.
//!
//! What it never does: block, allocate or log on the air thread; play an announcement that was refused; go quiet while
//! there is anything to play. With nothing at all to play it sends soft noise, so that a listener knows the line lives.

pub mod air;
pub mod control;
pub mod feed;
pub mod jobs;
pub mod out;
pub mod programme;
mod radio;
pub mod settings;
pub mod station;

pub use air::{BLOCK_FRAMES, Block, Tap, Tier};
pub use feed::{Cut, Source, SourceError};
pub use radio::Window;
pub use settings::Settings;
pub use station::{
    Airing, Announcement, Chime, Ended, Mode, News, NowPlaying, OnAir, OverLive, Plan, Played, Programme,
    Refused, Snapshot, Station, Ticket, Waiting,
};
