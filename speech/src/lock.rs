//! One renderer at a time among all processes on a disk.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often a taken lock is tried again.
const POLL: Duration = Duration::from_millis(20);

/// A lock file that exists while it is held. The kernel lets go of it when its process dies, whichever way, so there
/// is no stale lock to take over.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
    path: PathBuf,
}

impl Lock {
    /// Waits for the lock. `None` after `patience`: its holder was stopped, or sits on a disk that hangs; whoever
    /// goes on without it does a thing twice, never wrongly.
    pub(crate) async fn acquire(path: PathBuf, patience: Duration) -> io::Result<Option<Self>> {
        let give_up = Instant::now() + patience;
        loop {
            let path = path.clone();
            let attempt = tokio::task::spawn_blocking(move || Self::attempt(&path));
            match attempt.await.map_err(io::Error::other)?? {
                Some(lock) => return Ok(Some(lock)),
                None if Instant::now() >= give_up => return Ok(None),
                None => tokio::time::sleep(POLL).await,
            }
        }
    }

    /// Takes the lock if nobody holds it. Blocks for some system calls.
    pub(crate) fn attempt(path: &Path) -> io::Result<Option<Self>> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // The previous holder removes the file before it lets go: a lock on the removed one locks nobody out.
        match std::fs::metadata(path) {
            Ok(there) if there.ino() == file.metadata()?.ino() => {
                Ok(Some(Self { _file: file, path: path.to_owned() }))
            }
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Left behind, it does no harm: the next holder locks and removes it.
        drop(std::fs::remove_file(&self.path));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_taken_lock_is_waited_for_and_given_up_in_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lock");
        let held = Lock::acquire(path.clone(), Duration::ZERO).await.unwrap();
        assert!(held.is_some());
        assert!(Lock::acquire(path.clone(), Duration::ZERO).await.unwrap().is_none());
        drop(held);
        assert!(Lock::acquire(path.clone(), Duration::ZERO).await.unwrap().is_some());
        assert!(!path.exists(), "nothing is left behind");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn many_contenders_hold_it_one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let (inside, turns) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let contenders: Vec<_> = (0..16)
            .map(|_| {
                let (path, inside, turns) =
                    (dir.path().join("a.lock"), Arc::clone(&inside), Arc::clone(&turns));
                tokio::spawn(async move {
                    let lock = Lock::acquire(path, Duration::from_mins(1)).await.unwrap();
                    assert!(lock.is_some());
                    assert!(!inside.swap(true, Ordering::SeqCst), "two at a time");
                    tokio::task::yield_now().await;
                    inside.store(false, Ordering::SeqCst);
                    turns.fetch_add(1, Ordering::SeqCst);
                })
            })
            .collect();
        for contender in contenders {
            contender.await.unwrap();
        }
        assert_eq!(turns.load(Ordering::SeqCst), 16);
    }
}
