//! Call files that lie where they should not, or too long.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use pregon_core::Timestamp;

use super::Finding;
use crate::fate::{LONGEST_CALL, changed};
use crate::folders::{Folders, key_of};
use crate::outcome::Marks;

/// A running Asterisk takes a file within milliseconds: one that waits longer waits for an Asterisk.
const PICKED_UP_WITHIN: Duration = Duration::from_secs(10);

/// A running worker takes a file away a second after Asterisk has taken it, and a newly started Asterisk has gone through
/// all files.
const PATIENCE: Duration = Duration::from_mins(1);

/// Clocks and Asterisk's own marks count whole seconds.
const ROUNDING: f64 = 2.0;

/// A running Asterisk.
pub(super) struct Life {
    /// As its own system counts: in a container often 1. `None` where its file cannot be seen.
    pub(super) pid: Option<u32>,
    pub(super) started: Timestamp,
    pub(super) up: Duration,
}

/// One file in `outgoing/`.
struct Waiting {
    /// Not of another program that uses the spool.
    is_ours: bool,
    age: Duration,
    /// Its modification time has passed, so Asterisk dials it as soon as it sees it.
    due: bool,
    marks: Marks,
    /// The process that took it last.
    pid: Option<u32>,
}

/// `asterisk` is what the console told; `None` where there is none, or the simulator plays Asterisk.
pub(super) fn all(folders: &Folders, asterisk: Option<&Life>, is_real: bool, now: Timestamp) -> Vec<Finding> {
    let waiting = waiting(folders, now);
    let mut findings = vec![backlog(&waiting)];
    let trap = asterisk.and_then(|asterisk| same_pid(&waiting, asterisk));
    // The simulator leaves a file where it is for as long as the call lasts.
    let forsaken = if is_real && trap.is_none() { forsaken(&waiting) } else { None };
    findings.extend([trap, forsaken, overdue(&waiting), stray(folders, now)].into_iter().flatten());
    findings
}

fn waiting(folders: &Folders, now: Timestamp) -> Vec<Waiting> {
    let entries = fs::read_dir(&folders.outgoing).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| {
        let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        let bytes = fs::read(entry.path()).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        Some(Waiting {
            is_ours: key_of(&entry.file_name()).is_some(),
            age: now.since(changed(&meta)),
            due: meta.mtime() <= now.millis() / 1_000,
            marks: Marks::read(&text),
            pid: taken_by(&text),
        })
    });
    files.collect()
}

/// `StartRetry: 8813 1 (1795210759)` → 8813.
fn taken_by(text: &str) -> Option<u32> {
    let last = text.lines().rev().find_map(|line| line.strip_prefix("StartRetry:"))?;
    last.split_whitespace().next()?.parse().ok()
}

fn backlog(waiting: &[Waiting]) -> Finding {
    let ages: Vec<Duration> =
        waiting.iter().filter(|w| w.due && w.marks.started.is_none()).map(|w| w.age).collect();
    match ages.iter().max() {
        Some(oldest) if *oldest > PICKED_UP_WITHIN => Finding::bad(
            format!("{} calls wait in outgoing/, the oldest for {} s", ages.len(), oldest.as_secs()),
            "Asterisk does not take them: start it, and see that pbx_spool is loaded. It will dial all of them at \
             once; move away what shall not be dialled before",
        ),
        Some(_) | None => Finding::good("no calls are stuck in outgoing/"),
    }
}

/// A file that an earlier Asterisk of the same process id has taken: this one takes it for its own, and waits for its
/// end for ever (`pbx_spool.c`, `scan_service`). Process ids repeat in containers, where Asterisk is always 1.
fn same_pid(waiting: &[Waiting], asterisk: &Life) -> Option<Finding> {
    let began = asterisk.started.millis() / 1_000;
    // A newly started Asterisk goes through all files at once, and marks those of another process id as its own.
    let is_twin = |w: &Waiting| match asterisk.pid {
        Some(pid) => w.pid == Some(pid),
        None => asterisk.up > PATIENCE && w.pid.is_some(),
    };
    let before = |w: &&Waiting| {
        let taken = w.marks.started.flatten();
        is_twin(w) && taken.is_some_and(|taken| taken + ROUNDING < seconds(began))
    };
    let count = waiting.iter().filter(before).count();
    let same = asterisk.pid.map_or_else(String::new, |pid| format!(" ({pid})"));
    (count > 0).then(|| {
        Finding::bad(
            format!(
                "{count} calls in outgoing/ were taken by an earlier Asterisk with the process id of this one{same}: it \
                 neither dials nor ends them"
            ),
            "start a worker, or move their files away from outgoing/; then decide on their jobs, which are shown as \
             uncertain",
        )
    })
}

/// Calls that are up, perhaps, and whose files nobody takes away: see [`crate::withdraw`].
fn forsaken(waiting: &[Waiting]) -> Option<Finding> {
    let lies =
        |w: &&Waiting| w.is_ours && w.marks.started.is_some() && w.age > PATIENCE && w.age <= LONGEST_CALL;
    let count = waiting.iter().filter(lies).count();
    (count > 0).then(|| {
        Finding::bad(
            format!(
                "{count} calls were taken by Asterisk, and no worker has taken their files away: an Asterisk that dies \
                 now dials them again when it starts"
            ),
            "start a worker: it takes them away within two seconds",
        )
    })
}

fn seconds(whole: i64) -> f64 {
    i32::try_from(whole).map_or(f64::MAX, f64::from)
}

fn overdue(waiting: &[Waiting]) -> Option<Finding> {
    let count = waiting.iter().filter(|w| w.marks.started.is_some() && w.age > LONGEST_CALL).count();
    (count > 0).then(|| {
        Finding::bad(
            format!("{count} calls were taken by Asterisk more than an hour ago and never ended"),
            "Asterisk may dial them again when it starts: move their files away from outgoing/, and decide on their \
             jobs, which are shown as uncertain",
        )
    })
}

fn stray(folders: &Folders, now: Timestamp) -> Option<Finding> {
    let entries = fs::read_dir(&folders.staging).into_iter().flatten().flatten();
    // A random part follows the key.
    let is_ours = |name: &std::ffi::OsStr| Path::new(name).file_stem().and_then(key_of).is_some();
    let old = entries
        .filter(|entry| is_ours(&entry.file_name()))
        .filter(|entry| entry.metadata().is_ok_and(|meta| now.since(changed(&meta)) > LONGEST_CALL))
        .count();
    (old > 0).then(|| {
        Finding::bad(
            format!("{old} files in staging/ are left from workers that died"),
            "they are harmless and are removed by age; many of them mean that workers keep dying: see their logs",
        )
    })
}
