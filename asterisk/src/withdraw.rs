//! Takes call files away from Asterisk once it is dialling, because it would dial them again after a crash.
//!
//! Measured on Asterisk 22: killed in mid-call and started again, it dials a file with `MaxRetries: 0` once more. With
//! the file unlinked after `StartRetry:` appeared in it, it does not, and a call that goes on meanwhile still has its
//! result written by the hangup handler. Nothing comes to `outgoing_done/` then, so this is only for spools whose
//! Asterisk has the hangup handler of `conf/pregon.conf`.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;

use pregon_core::DispatchError;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::arrivals::{Arrival, Arrivals};
use crate::folders::{key_of, present, unavailable};
use crate::outcome::Marks;
use crate::spool::{Inner, Spool};

/// A call that gets no channel (unknown trunk) is archived at once and has no other trace: it is left this long.
const ARCHIVE_FIRST: Duration = Duration::from_secs(1);

/// Withdraws each call file of ours about a second after Asterisk has taken it, until `stop` is cancelled. Safe to run
/// in several processes. An error means that the folder cannot be watched.
pub async fn withdraw(spool: &Spool, stop: CancellationToken) -> Result<(), DispatchError> {
    let outgoing = &spool.inner.folders.outgoing;
    // Asterisk writes `StartRetry:` into the file before it dials.
    let arrivals = Arrivals::watch_writing(outgoing).map_err(|e| unavailable(outgoing, &e))?;
    let mut touched: VecDeque<(Instant, OsString)> = VecDeque::new();
    look_for_all(spool, &mut touched).await?;
    loop {
        let due = touched.front().map(|(at, _)| *at);
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            news = arrivals.next() => {
                for arrival in news.map_err(|e| unavailable(outgoing, &e))? {
                    match arrival {
                        Arrival::File(_, name) => touched.push_back((Instant::now() + ARCHIVE_FIRST, name)),
                        Arrival::Missed => look_for_all(spool, &mut touched).await?,
                    }
                }
            }
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                let count = touched.partition_point(|(at, _)| *at <= Instant::now());
                let names: Vec<_> = touched.drain(..count).map(|(_, name)| name).collect();
                let work = move |spool: &Inner| names.iter().try_for_each(|name| withdraw_taken(spool, Path::new(name)));
                if let Err(error) = spool.blocking(work).await {
                    tracing::warn!(%error, "a call file could not be withdrawn");
                }
            }
        }
    }
}

async fn look_for_all(
    spool: &Spool,
    touched: &mut VecDeque<(Instant, OsString)>,
) -> Result<(), DispatchError> {
    let due = Instant::now() + ARCHIVE_FIRST;
    let names = spool.blocking(|spool| {
        let outgoing = &spool.folders.outgoing;
        let entries = fs::read_dir(outgoing).map_err(|e| unavailable(outgoing, &e))?;
        Ok(entries.flatten().map(|entry| entry.file_name()).collect::<Vec<_>>())
    });
    touched.extend(names.await?.into_iter().map(|name| (due, name)));
    Ok(())
}

/// Only what the ledger knows is ours to take away.
fn withdraw_taken(spool: &Inner, name: &Path) -> Result<(), DispatchError> {
    let Some(key) = key_of(name.as_os_str()) else { return Ok(()) };
    let path = spool.folders.outgoing_of(key);
    let text = present(fs::read_to_string(&path)).map_err(|e| unavailable(&path, &e))?;
    let marks = text.as_deref().map(Marks::read).unwrap_or_default();
    let ours = spool.folders.ledger_of(key).exists();
    if ours && marks.started.is_some() && marks.status.is_none() {
        present(fs::remove_file(&path)).map_err(|e| unavailable(&path, &e))?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "withdraw_tests.rs"]
mod tests;
