//! Forgetting: nothing else in a spool ever removes what is over, Asterisk least of all.

use std::fs::{self, DirEntry};
use std::path::Path;

use pregon_core::{DispatchError, JobId, Key, Timestamp};

use crate::fate::changed;
use crate::folders::{Folders, key_of, present, unavailable};

/// Blocks.
pub(crate) fn forget(folders: &Folders, ids: &[JobId]) -> Result<usize, DispatchError> {
    let mut gone = 0;
    for job in ids {
        gone += forget_job(folders, *job)?;
    }
    Ok(gone)
}

/// Attempt n + 1 exists only after attempt n is in the ledger, so the entries of a job have no gaps. They go last
/// first: a crash in between leaves none that the next call would not find.
fn forget_job(folders: &Folders, job: JobId) -> Result<usize, DispatchError> {
    let keys = || (1..=u16::MAX).map(move |attempt| Key { job, attempt });
    let known: Vec<Key> = keys().take_while(|key| folders.ledger_of(*key).exists()).collect();
    if known.iter().any(|key| folders.outgoing_of(*key).exists()) {
        return Ok(0);
    }
    let mut gone = 0;
    for key in known.into_iter().rev() {
        for path in [folders.result_of(key), folders.done_of(key), folders.ledger_of(key)] {
            gone += remove(&path)?;
        }
    }
    Ok(gone)
}

/// Blocks.
pub(crate) fn prune(folders: &Folders, before: Timestamp) -> Result<usize, DispatchError> {
    let mut gone = 0;
    for folder in [&folders.staging, &folders.results, &folders.done, &folders.ledger] {
        for entry in fs::read_dir(folder).map_err(|e| unavailable(folder, &e))? {
            let entry = entry.map_err(|e| unavailable(folder, &e))?;
            if over(folders, &entry, before).map_err(|e| unavailable(&entry.path(), &e))? {
                gone += remove(&entry.path())?;
            }
        }
    }
    Ok(gone)
}

fn over(folders: &Folders, entry: &DirEntry, before: Timestamp) -> std::io::Result<bool> {
    let name = entry.file_name();
    let name = Path::new(&name);
    // In `staging/` a random part follows the key. What has no key in its name is not ours to remove.
    let stem =
        if entry.path().starts_with(&folders.staging) { name.file_stem() } else { Some(name.as_os_str()) };
    let Some(key) = stem.and_then(key_of) else { return Ok(false) };
    let old = present(entry.metadata())?.is_some_and(|meta| meta.is_file() && changed(&meta) < before);
    Ok(old && !folders.outgoing_of(key).exists())
}

fn remove(path: &Path) -> Result<usize, DispatchError> {
    let removed = present(fs::remove_file(path)).map_err(|e| unavailable(path, &e))?;
    Ok(usize::from(removed.is_some()))
}
