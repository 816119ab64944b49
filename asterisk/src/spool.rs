//! The hand-over: each attempt reaches Asterisk's `outgoing/` at most once, and once committed it does reach it,
//! whoever dies and whoever comes late.
//!
//! ```text
//! staging/<key>.<random>  ──link──▶  ledger/<key>          the commit
//!            └───────────rename───▶  outgoing/<key>.call   the hand-over
//! ```
//!
//! **dispatch** writes a file of its own in `staging/` and flushes it, links it to `ledger/<key>` (the *commit*),
//! flushes `ledger/`, renames the staged name into `outgoing/`, flushes `outgoing/`. **settle** creates an *empty*
//! `ledger/<key>`. Both creations are exclusive, so the first decides and everybody else obeys what stands there:
//! empty means voided, anything else committed.
//!
//! ## Why never twice
//! - A staged name holds 64 random bits and is created once, by one try. It is consumed by one rename. So one try can
//!   appear in `outgoing/` once at most, however often Asterisk takes the file away.
//! - Only the committed try is renamed. The committer knows its name. Anybody else who *finishes* for a dead
//!   committer looks in `staging/` for the name with the **inode** of `ledger/<key>`. That inode cannot be another
//!   try's: the ledger's link keeps it in use.
//! - With one fixed name, `staging/<key>`, this would not hold: a finisher looks at the committed file, the committer
//!   renames it, Asterisk takes it, a zombie of the same key stages its own file under the freed name, and the
//!   finisher's rename puts *that* into `outgoing/`. The random part is what rules it out; there is a test of all
//!   interleavings.
//!
//! ## Why never lost, and what a crash leaves
//! | crash after | leaves | the next dispatch of the key | settle |
//! |---|---|---|---|
//! | staging | a stray staged file, complete or not | stages its own, commits, hands over | voids |
//! | link | a commit, the staged name | obeys: finishes the rename | finishes |
//! | rename | a commit | finds nothing to rename: done | the same |
//! | void | an empty entry | is told `Voided` | the same |
//!
//! Stray staged files are harmless (their inode is in no ledger) and go with [`Spool::prune`]. If one belongs to a
//! zombie that still wants to commit, its link fails, and nothing was handed over.
//!
//! ## When the machine stops
//! The file is flushed before the link, so a ledger entry is never empty by accident. `ledger/` is flushed before the
//! rename, so nothing is dialled that the ledger could forget. `outgoing/` is flushed before `dispatch` returns, so
//! nothing is told to be handed over that could return to `staging/`; the time in which a power cut could undo a
//! rename that Asterisk has seen is shorter than Asterisk needs to send its first packet.

use std::fs::{self, Metadata};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pregon_core::{DispatchError, Fate, JobId, Key, Settled, Timestamp, fault};

use crate::callfile::CallFile;
use crate::flush::Flush;
use crate::folders::{Folders, OpenError, create, present, unavailable};

/// A spool: Asterisk's `outgoing/` and `outgoing_done/`, and our `staging/`, `ledger/` and `results/` beside them.
/// Clones are the same spool; several processes may open one. All methods do their file work on blocking threads, and
/// dropping their futures lets it run to its end.
#[derive(Clone, Debug)]
pub struct Spool {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) folders: Folders,
    ledger: Flush,
    outgoing: Flush,
}

impl Spool {
    /// Opens the spool in `dir`, the folder that holds `outgoing/`. Makes the folders that are missing, and makes
    /// sure that they can be written and are on one file system. Blocks for some milliseconds.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::open_with(dir, None)
    }

    /// The same for a dialplan that reports to `results` rather than to `results/` in the spool. Blocks.
    pub fn open_with(dir: &Path, results: Option<&Path>) -> Result<Self, OpenError> {
        let folders = Folders::open(dir, results)?;
        let (ledger, outgoing) = (Flush::new(folders.ledger.clone()), Flush::new(folders.outgoing.clone()));
        Ok(Self { inner: Arc::new(Inner { folders, ledger, outgoing }) })
    }

    /// The folder that holds `outgoing/`, absolute.
    pub fn dir(&self) -> &Path {
        &self.inner.folders.root
    }

    /// Where the call file of `key` lies until Asterisk is done with it.
    pub fn call_file(&self, key: Key) -> PathBuf {
        self.inner.folders.outgoing_of(key)
    }

    /// The text of the call file of `key` as it was committed, with what Asterisk has added since. `None` when the
    /// attempt was voided, or never came so far.
    pub async fn text(&self, key: Key) -> Result<Option<String>, DispatchError> {
        self.blocking(move |spool| {
            let path = spool.folders.ledger_of(key);
            let text = present(fs::read_to_string(&path)).map_err(|e| unavailable(&path, &e))?;
            Ok(text.filter(|t| !t.is_empty()))
        })
        .await
    }

    /// Hands the call file over. `Ok` also when this attempt had been handed over before, whatever its text was.
    /// After `Unavailable` the attempt may be committed all the same: [`Spool::settle`] decides.
    pub async fn dispatch(&self, file: CallFile) -> Result<(), DispatchError> {
        self.blocking(move |spool| spool.dispatch(&file)).await
    }

    /// Decides the attempt for good: finishes a committed hand-over, voids anything less.
    pub async fn settle(&self, key: Key) -> Result<Settled, DispatchError> {
        self.blocking(move |spool| spool.settle(key)).await
    }

    /// What became of the attempt, as of `now`.
    pub async fn fate(&self, key: Key, now: Timestamp) -> Result<Fate, DispatchError> {
        self.blocking(move |spool| crate::fate::fate(&spool.folders, key, now)).await
    }

    /// Removes every trace of these jobs, except of calls that still lie in `outgoing/`. For jobs that ended long ago:
    /// an attempt that is forgotten could be handed over again. Returns how many files went.
    pub async fn forget(&self, ids: Vec<JobId>) -> Result<usize, DispatchError> {
        self.blocking(move |spool| crate::prune::forget(&spool.folders, &ids)).await
    }

    /// Removes what was last changed before `before`, whoever it belonged to, except calls that still lie in
    /// `outgoing/`. `before` must lie further back than any job lives. Returns how many files went.
    pub async fn prune(&self, before: Timestamp) -> Result<usize, DispatchError> {
        self.blocking(move |spool| crate::prune::prune(&spool.folders, before)).await
    }

    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, DispatchError> + Send + 'static,
    ) -> Result<T, DispatchError> {
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        done.unwrap_or_else(|error| Err(DispatchError::Unavailable(error.to_string())))
    }
}

/// The steps, in the order in which they are taken. All block.
impl Inner {
    pub(crate) fn dispatch(&self, file: &CallFile) -> Result<(), DispatchError> {
        let staged = self.stage(file)?;
        fault::point("staged");
        if !self.commit(file.key, &staged)? {
            drop(fs::remove_file(&staged));
            return match self.settle(file.key)? {
                Settled::HandedOver => Ok(()),
                Settled::Voided => Err(DispatchError::Voided),
            };
        }
        fault::point("committed");
        self.flush(&self.ledger)?;
        self.hand_over(file.key, &staged)
    }

    /// A complete and durable file under a name of its own.
    fn stage(&self, file: &CallFile) -> Result<PathBuf, DispatchError> {
        let name = format!("{}.{:016x}", file.key, rand::random::<u64>());
        let path = self.folders.staging.join(name);
        let written = create(&path).and_then(|mut staged| {
            staged.write_all(file.to_string().as_bytes())?;
            staged.sync_all()
        });
        if let Err(error) = written {
            drop(fs::remove_file(&path));
            return Err(unavailable(&path, &error));
        }
        Ok(path)
    }

    /// `false` when somebody has decided this attempt before.
    fn commit(&self, key: Key, staged: &Path) -> Result<bool, DispatchError> {
        let entry = self.folders.ledger_of(key);
        match fs::hard_link(staged, &entry) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => {
                drop(fs::remove_file(staged));
                Err(unavailable(&entry, &error))
            }
        }
    }

    /// Only for the staged name of a committed try, after `ledger/` was flushed. A name that is gone was handed over
    /// by somebody else.
    fn hand_over(&self, key: Key, staged: &Path) -> Result<(), DispatchError> {
        let path = self.folders.outgoing_of(key);
        present(fs::rename(staged, &path)).map_err(|e| unavailable(&path, &e))?;
        fault::point("handed_over");
        self.flush(&self.outgoing)
    }

    pub(crate) fn settle(&self, key: Key) -> Result<Settled, DispatchError> {
        let entry = self.folders.ledger_of(key);
        match create(&entry) {
            Ok(_) => {
                self.flush(&self.ledger)?;
                return Ok(Settled::Voided);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(unavailable(&entry, &error)),
        }
        let decided = fs::metadata(&entry).map_err(|e| unavailable(&entry, &e))?;
        // Whoever decided may have died before flushing.
        self.flush(&self.ledger)?;
        if decided.len() == 0 {
            return Ok(Settled::Voided);
        }
        match self.staged(key, &decided)? {
            Some(staged) => self.hand_over(key, &staged)?,
            // Renamed by somebody who may not have flushed yet.
            None => self.flush(&self.outgoing)?,
        }
        Ok(Settled::HandedOver)
    }

    /// The staged name of the committed try, until it is handed over. `staging/` holds what is under way and little
    /// else, so looking through it is cheap.
    fn staged(&self, key: Key, committed: &Metadata) -> Result<Option<PathBuf>, DispatchError> {
        let staging = &self.folders.staging;
        let failed = |e| unavailable(staging, &e);
        let prefix = format!("{key}.");
        for entry in fs::read_dir(staging).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if !entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)) {
                continue;
            }
            let Some(staged) = present(entry.metadata()).map_err(failed)? else { continue };
            if (staged.dev(), staged.ino()) == (committed.dev(), committed.ino()) {
                return Ok(Some(entry.path()));
            }
        }
        Ok(None)
    }

    fn flush(&self, folder: &Flush) -> Result<(), DispatchError> {
        folder.flush().map_err(|e| unavailable(&self.folders.root, &e))
    }
}

#[cfg(test)]
#[path = "spool_tests.rs"]
mod tests;
