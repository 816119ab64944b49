//! What setup has changed: written down before each change, so that it can be undone after a crash too.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::change::{Change, Rights, put};
use crate::folders::present;

/// Beside `asterisk.conf`. Not `.conf`: nothing includes it.
const NAME: &str = "pregon.setup";

/// May hold the secret of the manager interface.
const MODE: u32 = 0o600;

/// A part of Asterisk that reads its configuration again when told to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reload {
    /// `extensions.conf` and what it includes.
    Dialplan,
    /// `manager.conf` and what it includes.
    Manager,
}

impl Reload {
    /// What to tell the console.
    pub const fn command(self) -> &'static str {
        match self {
            Self::Dialplan => "dialplan reload",
            Self::Manager => "manager reload",
        }
    }
}

/// The record's file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// What takes everything back, in the order in which it was done.
    pub(super) undo: Vec<Change>,
    /// What Asterisk has not been told yet.
    pub(super) reload: Vec<Reload>,
    #[serde(skip)]
    path: PathBuf,
}

impl Record {
    /// Reads the one in Asterisk's configuration folder; an empty one where there is none.
    pub(super) fn open(etc: &Path) -> io::Result<Self> {
        let path = etc.join(NAME);
        let record = match present(std::fs::read(&path))? {
            Some(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other)?,
            None => Self::default(),
        };
        Ok(Self { path, ..record })
    }

    /// Notes how to take `change` back. What was changed before goes back to where it stood before the first time.
    pub(super) fn note(&mut self, change: &Change) {
        let undo = change.clone().undone();
        for known in &mut self.undo {
            match (known, &undo) {
                (Change::Folder { path, from, .. }, Change::Folder { path: same, from: newest, .. })
                    if path == same =>
                {
                    *from = *newest;
                    return;
                }
                (Change::File { path, from, .. }, Change::File { path: same, from: newest, .. })
                    if path == same =>
                {
                    from.clone_from(newest);
                    return;
                }
                (known, undo) if *known == *undo => return,
                (
                    Change::Folder { .. }
                    | Change::File { .. }
                    | Change::Lines { .. }
                    | Change::Member { .. },
                    _,
                ) => {}
            }
        }
        self.undo.push(undo);
    }

    /// Keeps it, or removes it when nothing is left to undo or to tell. Blocks.
    pub(super) fn save(&self) -> io::Result<()> {
        if self.undo.is_empty() && self.reload.is_empty() {
            return present(std::fs::remove_file(&self.path)).map(drop);
        }
        let rights = Rights {
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
            mode: MODE,
        };
        let text = serde_json::to_vec_pretty(self).map_err(io::Error::other)?;
        put(&self.path, &text, rights)
    }
}
