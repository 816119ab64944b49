//! Takes call files away from Asterisk once it is dialling, because it would dial them again after a crash.
//!
//! Measured on Asterisk 22: killed in mid-call and started again, it dials a file with `MaxRetries: 0` once more, as soon
//! as the file's modification time has passed. When it takes a file it sets that time to twice `RetryTime` ahead
//! (`pbx_spool.c`, `safe_append`), but a file of another user keeps its time, and ours are a worker's. So:
//!
//! - as soon as `StartRetry:` stands in a file, we set its time far ahead ourselves;
//! - a second later we unlink it. A call that goes on still has its result written by the hangup handler, but nothing
//!   comes to `outgoing_done/`, so this is only for spools whose Asterisk has the hangup handler of `conf/pregon.conf`.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use pregon_core::{DispatchError, Key, clock};
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT, utimensat};
use rustix::io::Errno;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::arrivals::{Arrival, Arrivals};
use crate::folders::{key_of, present, unavailable};
use crate::outcome::Marks;
use crate::spool::{Inner, Spool};

/// A call that gets no channel (unknown trunk) is archived at once and has no other trace: it is left this long.
const ARCHIVE_FIRST: Duration = Duration::from_secs(1);

/// A file that waits for so long will be withdrawn before its time, by some worker.
const FAR_AHEAD: Duration = Duration::from_hours(365 * 24);

/// Postpones each call file of ours as soon as Asterisk has taken it, and withdraws it about a second later, until
/// `stop` is cancelled. Safe to run in several processes. An error means that the folder cannot be watched.
pub async fn withdraw(spool: &Spool, stop: CancellationToken) -> Result<(), DispatchError> {
    let outgoing = &spool.inner.folders.outgoing;
    // Asterisk writes `StartRetry:` into the file before it dials.
    let arrivals = Arrivals::watch_writing(outgoing).map_err(|e| unavailable(outgoing, &e))?;
    let mut touched = VecDeque::from([(Instant::now() + ARCHIVE_FIRST, all(spool).await?)]);
    loop {
        let due = touched.front().map(|(at, _)| *at);
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            news = arrivals.next() => {
                let names = names(spool, news.map_err(|e| unavailable(outgoing, &e))?).await?;
                touched.push_back((Instant::now() + ARCHIVE_FIRST, names.clone()));
                each(spool, names, postpone).await?;
            }
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                let (_, names) = touched.pop_front().unwrap_or_else(|| (Instant::now(), Vec::new()));
                each(spool, names, take_away).await?;
            }
        }
    }
}

async fn names(spool: &Spool, news: Vec<Arrival>) -> Result<Vec<OsString>, DispatchError> {
    let mut names = Vec::with_capacity(news.len());
    for arrival in news {
        match arrival {
            Arrival::File(_, name) => names.push(name),
            Arrival::Missed => names.extend(all(spool).await?),
        }
    }
    Ok(names)
}

async fn all(spool: &Spool) -> Result<Vec<OsString>, DispatchError> {
    let list = |spool: &Inner| {
        let outgoing = &spool.folders.outgoing;
        let entries = fs::read_dir(outgoing).map_err(|e| unavailable(outgoing, &e))?;
        Ok(entries.flatten().map(|entry| entry.file_name()).collect())
    };
    spool.blocking(list).await
}

/// Does it with each file that Asterisk has taken. One that refuses must not keep the others from it.
async fn each(
    spool: &Spool,
    names: Vec<OsString>,
    what: fn(&Path) -> io::Result<()>,
) -> Result<(), DispatchError> {
    let work = move |spool: &Inner| {
        for key in names.iter().filter_map(|name| key_of(name)) {
            let path = spool.folders.outgoing_of(key);
            if let Err(error) =
                is_taken(spool, key, &path).and_then(|taken| if taken { what(&path) } else { Ok(()) })
            {
                tracing::warn!(%error, "a call file could not be withdrawn: {}", path.display());
            }
        }
        Ok(())
    };
    spool.blocking(work).await
}

/// Only what the ledger knows is ours to touch.
fn is_taken(spool: &Inner, key: Key, path: &Path) -> io::Result<bool> {
    let marks = present(fs::read_to_string(path))?.as_deref().map(Marks::read).unwrap_or_default();
    Ok(marks.started.is_some() && marks.status.is_none() && spool.folders.ledger_of(key).exists())
}

fn postpone(path: &Path) -> io::Result<()> {
    let ahead = (clock::now() + FAR_AHEAD).millis() / 1_000;
    let times = Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: ahead, tv_nsec: 0 },
    };
    match utimensat(CWD, path, &times, AtFlags::empty()) {
        // A worker of another user has written it, and looks after it.
        Ok(()) | Err(Errno::NOENT | Errno::PERM) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn take_away(path: &Path) -> io::Result<()> {
    present(fs::remove_file(path)).map(drop)
}

#[cfg(test)]
#[path = "withdraw_tests.rs"]
mod tests;
