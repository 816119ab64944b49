//! Making names durable, for many at the price of one.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Flushes one folder. Everybody who asks while a flush is under way is served by the next one together.
#[derive(Debug)]
pub(crate) struct Flush {
    folder: PathBuf,
    progress: Mutex<Progress>,
    /// Who waits for a flush with an even number, and who for one with an odd number: nobody waits for any but the next
    /// two, and so nobody is woken for nothing.
    ended: [Condvar; 2],
}

/// Flushes are numbered from 1.
#[derive(Debug, Default)]
struct Progress {
    begun: u64,
    ended: u64,
    failed: Option<(u64, io::ErrorKind)>,
}

impl Flush {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, progress: Mutex::default(), ended: Default::default() }
    }

    /// Returns when every name that was added or removed before the call is durable. Blocks.
    pub(crate) fn flush(&self) -> io::Result<()> {
        let mut progress = self.lock();
        // A flush that has begun may have missed our change: only a later one counts.
        let mine = progress.begun + 1;
        while progress.ended < mine {
            if progress.begun > progress.ended {
                progress = self.waiters(mine).wait(progress).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            progress.begun += 1;
            drop(progress);
            // Opened each time: the folder may have been replaced.
            let result = File::open(&self.folder).and_then(|folder| folder.sync_all());
            progress = self.lock();
            progress.ended = progress.begun;
            if let Err(error) = result {
                progress.failed = Some((progress.ended, error.kind()));
            }
            self.waiters(mine).notify_all();
            // One of those who came meanwhile does the next.
            self.waiters(mine + 1).notify_one();
        }
        match progress.failed {
            Some((flush, kind)) if flush >= mine => Err(kind.into()),
            Some(_) | None => Ok(()),
        }
    }

    fn waiters(&self, flush: u64) -> &Condvar {
        let [even, odd] = &self.ended;
        if flush.is_multiple_of(2) { even } else { odd }
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_at_once_share_flushes_and_all_return() {
        let folder = tempfile::tempdir().unwrap();
        let flush = Flush::new(folder.path().to_owned());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..50).for_each(|_| flush.flush().unwrap()));
            }
        });
        let progress = flush.lock();
        assert_eq!(progress.begun, progress.ended);
        assert!((50..=400).contains(&progress.ended), "{progress:?}");
    }

    #[test]
    fn a_failed_flush_is_told_to_those_it_was_for_only() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("ledger");
        let flush = Flush::new(folder.clone());
        assert_eq!(flush.flush().unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::create_dir(&folder).unwrap();
        flush.flush().unwrap();
    }
}
