//! Why setup cannot go on.

use std::io;
use std::path::PathBuf;

use super::GROUP;
use super::change::Change;

/// Why setup cannot go on. Each message says how to put it right.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Nothing to connect.
    #[error("there is no Asterisk here: {} is missing; install it, or name its folders with ASTERISK_ETC_DIR and ASTERISK_SPOOL_DIR", .0.display())]
    NoAsterisk(PathBuf),
    /// No such group.
    #[error("there is no group {0}: name Asterisk's with ASTERISK_GROUP")]
    NoGroup(String),
    /// No such user.
    #[error("there is no user {0}: name whoever runs the workers with --user")]
    NoUser(String),
    /// The dialplan cannot hold the name of the folder.
    #[error("{} has something in its name that Asterisk reads as syntax: choose another ASTERISK_RESULTS_DIR", .0.display())]
    BadName(PathBuf),
    /// Something cannot be read.
    #[error("{}: {why}; run this as root, or as Asterisk's user", path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// Files that are shared through root's group are shared with whoever is let into it.
    #[error(
        "{0} would have to join root's group, because outgoing/ is root's and there is no group {GROUP}: make one \
         (groupadd --system {GROUP}), or name another with ASTERISK_GROUP"
    )]
    RootsGroup(String),
    /// Calls that are on their way would be answered by silence, and nobody would know how they ended.
    #[error(
        "{count} calls of Pregon still lie in {}: stop Pregon and let them end, or move their files away, and then again",
        outgoing.display()
    )]
    Calling {
        /// How many.
        count: usize,
        /// Where.
        outgoing: PathBuf,
    },
    /// A change failed. Those before it are made and on record.
    #[error("could not {change}: {why}; what came before it is done, and another run goes on from there")]
    Failed {
        /// Which one.
        change: Box<Change>,
        /// What the system said.
        why: io::Error,
    },
    /// The record could not be written, so nothing more was changed.
    #[error(
        "the record of what is changed could not be written: {0}; run this as root, or as Asterisk's user"
    )]
    Record(io::Error),
    /// Asterisk has read its configuration again, and something is wrong with it.
    #[error("Asterisk has read its dialplan again and does not have Pregon's contexts: see its log; {0}")]
    NotTaken(String),
}
