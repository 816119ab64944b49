//! What a station has begun and ended, on disk: a line for each, written before anybody is told.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pregon_core::{Job, JobId, Outcome, StationName, Timestamp};
use serde::{Deserialize, Serialize};

/// A message is never older: its job has been pruned by then.
const MEMORY: Duration = Duration::from_hours(14 * 24);

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Line {
    job: JobId,
    /// [`Job::round`]: asked for again by a person, a job may be aired again.
    round: u16,
    at: Timestamp,
    /// Absent: it began then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
}

/// What is known of a job's latest round.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Past {
    /// It began at that time, and nobody wrote down its end.
    Begun(Timestamp),
    /// It ended so.
    Ended(Outcome),
}

/// The journal of one station. Clones are the same.
#[derive(Clone, Debug)]
pub struct Journal(Arc<Mutex<Pages>>);

#[derive(Debug)]
struct Pages {
    file: File,
    known: HashMap<JobId, (u16, Past)>,
}

impl Journal {
    /// Opens the journal `air-<station>.jsonl` in `folder`, and drops what is older than two weeks. Blocks.
    pub fn open(folder: &Path, station: &StationName, now: Timestamp) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("air-{station}.jsonl"));
        let lines = read(&path, now - MEMORY)?;
        let fresh = folder.join(format!("air-{station}.jsonl.new"));
        let mut file = File::create(&fresh)?;
        for line in &lines {
            writeln!(file, "{}", serde_json::to_string(line)?)?;
        }
        file.sync_all()?;
        fs::rename(&fresh, &path)?;
        File::open(folder)?.sync_all()?;
        let file = OpenOptions::new().append(true).open(path)?;
        let mut known = HashMap::new();
        for line in lines {
            let past = line.outcome.map_or(Past::Begun(line.at), Past::Ended);
            known.insert(line.job, (line.round, past));
        }
        Ok(Self(Arc::new(Mutex::new(Pages { file, known }))))
    }

    /// What is known of the round of `job` that its attempt belongs to.
    pub(super) fn past(&self, job: &Job) -> Option<Past> {
        let pages = self.pages();
        let (round, past) = pages.known.get(&job.id)?;
        (*round >= job.round()).then(|| past.clone())
    }

    /// It is on air.
    pub(super) async fn began(&self, job: &Job, at: Timestamp) {
        self.write(Line { job: job.id, round: job.round(), at, outcome: None }).await;
    }

    /// It is over.
    pub(super) async fn ended(&self, job: &Job, outcome: &Outcome, at: Timestamp) {
        self.write(Line { job: job.id, round: job.round(), at, outcome: Some(outcome.clone()) }).await;
    }

    /// Synced: a machine that loses power must not air it again. A disk that cannot be written to must not silence the
    /// station, so an error is told and no more.
    async fn write(&self, line: Line) {
        let journal = self.clone();
        let written = tokio::task::spawn_blocking(move || journal.append(line)).await;
        if let Ok(Err(error)) | Err(error) = written.map_err(io::Error::other) {
            tracing::error!(%error, "the journal of a station is not written: after a crash it may air something again");
        }
    }

    fn append(&self, line: Line) -> io::Result<()> {
        let text = serde_json::to_string(&line)?;
        let mut pages = self.pages();
        let past = line.outcome.map_or(Past::Begun(line.at), Past::Ended);
        pages.known.insert(line.job, (line.round, past));
        pages.file.write_all(format!("{text}\n").as_bytes())?;
        pages.file.sync_data()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lines since `from`. One that was cut by a crash is no line.
fn read(path: &Path, from: Timestamp) -> io::Result<Vec<Line>> {
    match fs::read(path) {
        Ok(text) => {
            let lines =
                text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
            Ok(lines.filter(|line: &Line| line.at >= from).collect())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
