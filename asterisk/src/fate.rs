//! What became of one attempt: looks in the places where Asterisk leaves its traces.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use pregon_core::{DispatchError, Fate, Key, Outcome, OutcomeKind, Timestamp, Waiting};

use crate::folders::{Folders, present, unavailable};
use crate::outcome::{CallResult, Marks, Status};

/// No call lasts longer, should its file not tell how long it may.
pub const LONGEST_CALL: Duration = Duration::from_hours(1);

/// A result is written within moments of the end; this is for a machine that stands still for a while.
const LATE: Duration = Duration::from_mins(1);

/// Asterisk may close the file of a call moments before the hangup handler has written why, and longer where the disk is
/// slow: without its word, nobody knows whether the callee has refused.
pub const RESULT_GRACE: Duration = Duration::from_secs(5);

/// More than any file of ours holds; what is longer is not read on.
const MAX_TEXT: u64 = 16 * 1024;

/// A file's text and when it was last touched.
struct Trace {
    text: String,
    changed: Timestamp,
}

impl Trace {
    fn read(path: &Path) -> Result<Option<Self>, DispatchError> {
        let read = || -> io::Result<Self> {
            let mut file = File::open(path)?;
            // The change time: unlike the modification time, Asterisk does not set it to the future.
            let changed = changed(&file.metadata()?);
            let mut bytes = Vec::new();
            file.by_ref().take(MAX_TEXT).read_to_end(&mut bytes)?;
            Ok(Self { text: String::from_utf8_lossy(&bytes).into_owned(), changed })
        };
        present(read()).map_err(|e| unavailable(path, &e))
    }
}

/// When the file, its name or its attributes last changed.
pub(crate) fn changed(meta: &fs::Metadata) -> Timestamp {
    Timestamp::from_millis(meta.ctime().saturating_mul(1_000).saturating_add(meta.ctime_nsec() / 1_000_000))
}

/// The ledger's entry is the same file as the one Asterisk writes its marks in, so it is read first. Blocks.
pub(crate) fn fate(folders: &Folders, key: Key, now: Timestamp) -> Result<Fate, DispatchError> {
    let entry = Trace::read(&folders.ledger_of(key))?;
    let marks = entry.as_ref().map(|e| Marks::read(&e.text)).unwrap_or_default();
    if let Some(result) = Trace::read(&folders.result_of(key))?
        && let Some(result) = CallResult::read(key, &result.text)
    {
        return Ok(Fate::Known(result.outcome(marks.started.flatten())));
    }
    if entry.as_ref().is_some_and(|e| e.text.is_empty()) {
        return Err(DispatchError::Voided);
    }
    if let (Some(entry), Some(status)) = (&entry, marks.status) {
        return Ok(closed(status, entry.changed, now));
    }
    // Where the file was copied rather than renamed, the archived one is another file.
    if let Some(done) = Trace::read(&folders.done_of(key))?
        && let Some(status) = Marks::read(&done.text).status
    {
        return Ok(closed(status, done.changed, now));
    }
    let waiting = Trace::read(&folders.outgoing_of(key))?;
    let taken =
        marks.started.is_some() || waiting.as_ref().is_none_or(|w| Marks::read(&w.text).started.is_some());
    if !taken {
        return Ok(Fate::Pending(Waiting::Pickup));
    }
    let latest = [&entry, &waiting].into_iter().flatten().map(|trace| trace.changed).max();
    Ok(match latest {
        Some(at) if now.since(at) <= longest(&marks) => Fate::Pending(Waiting::Result),
        Some(_) | None => Fate::Known(Outcome::of(OutcomeKind::Uncertain)),
    })
}

/// A call whose traces are older than this, and tell no end, will never tell one: Asterisk gives up ringing after the
/// one time, and hangs up after the other.
fn longest(marks: &Marks) -> Duration {
    marks.rings.zip(marks.lasts).map_or(LONGEST_CALL, |(rings, lasts)| rings + lasts + LATE)
}

fn closed(status: Status, at: Timestamp, now: Timestamp) -> Fate {
    match status {
        Status::Completed | Status::Expired | Status::Failed if now.since(at) < RESULT_GRACE => {
            Fate::Pending(Waiting::Result)
        }
        Status::Completed | Status::Expired | Status::Failed => Fate::Known(Outcome::of(status.kind())),
    }
}

#[cfg(test)]
#[path = "fate_tests.rs"]
mod tests;
