//! What a station plays when nothing else is to be heard: the files of a folder, levelled and in order, or a built-in
//! loop while there are none.
//!
//! [`Library`] keeps up with the folder and measures loudness in the background; [`Playlist`] is what the station takes
//! its tracks from. [`Asked`] reads which file somebody names.

mod address;
mod demo;
mod folder;
mod library;
mod meter;
mod readings;
mod rotation;
mod settings;
mod shelf;
mod watch;

pub use address::{Asked, NotAFile};
pub use library::{Library, Playlist};
pub use rotation::MusicOrder;
pub use settings::ProgrammeArgs;
pub use shelf::{BrokenFile, FolderState, LibraryView};

/// Name of the file in the data folder that keeps what was measured.
pub const LOUDNESS_FILE: &str = "loudness.jsonl";

#[cfg(test)]
mod tests;
