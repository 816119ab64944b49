//! The log of what was on air.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::departures::Departures;
use super::start::Count;
use crate::{Ended, News, Played, Station, Ticket, Tier};

/// When a file is full the next one begins: some twenty thousand lines, months of a station.
const FILE_BYTES: u64 = 4 << 20;

/// Full files that are kept beside the one that is written.
const KEPT: u32 = 4;

/// Endings that are remembered so that none is written twice; the station's own history is shorter.
const REMEMBERED: usize = 1_000;

/// One line: something that was on air, or should have been.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aired {
    /// When its first sample left the encoder (announcements) or was due (tracks), else when it ended: RFC 3339, UTC.
    pub at: String,
    /// What it was.
    pub tier: Tier,
    /// `aired`, `expired`, `failed` or `skipped`.
    pub outcome: String,
    /// How much of it was heard.
    pub seconds: f64,
    /// Its title, or the name of its file.
    pub title: String,
    /// Who plays it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub artist: Option<String>,
    /// The caller's name for it: the id of its job.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
    /// Our listeners when it began (announcements) or ended (tracks).
    pub listeners: usize,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// The log of one station: one JSON object a line, at most five files of 4 MiB.
#[derive(Clone, Debug)]
pub struct AsRun {
    path: Arc<Path>,
}

impl AsRun {
    /// The log of `station` in `folder`, which is made when the first line is written.
    pub fn new(folder: &Path, station: &str) -> Self {
        Self { path: folder.join(format!("as-run-{station}.jsonl")).into() }
    }

    /// The latest `limit` lines, newest first. Blocks on the disk.
    ///
    /// # Errors
    /// The log cannot be read. One that has not begun is empty.
    pub fn latest(&self, limit: usize) -> std::io::Result<Vec<Aired>> {
        let mut latest = Vec::new();
        for age in 0..=KEPT {
            let text = match fs::read(self.aged(age)) {
                // A line may have been cut in the middle of a letter.
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(error) if error.kind() == ErrorKind::NotFound => break,
                Err(error) => return Err(error),
            };
            // A line that was cut by a crash is no line.
            latest.extend(text.lines().rev().filter_map(|line| serde_json::from_str(line).ok()));
            if latest.len() >= limit {
                break;
            }
        }
        latest.truncate(limit);
        Ok(latest)
    }

    /// Adds lines, oldest first. Blocks on the disk.
    fn write(&self, lines: &[Aired]) -> std::io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut text = String::new();
        for line in lines {
            text.push_str(&serde_json::to_string(line)?);
            text.push('\n');
        }
        let mut file = File::options().create(true).append(true).open(&self.path)?;
        file.write_all(text.as_bytes())?;
        if file.metadata()?.len() >= FILE_BYTES {
            self.turn_over()?;
        }
        Ok(())
    }

    fn turn_over(&self) -> std::io::Result<()> {
        for age in (0..KEPT).rev() {
            match fs::rename(self.aged(age), self.aged(age + 1)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// The file that is written, and the full ones by age.
    fn aged(&self, age: u32) -> PathBuf {
        match age {
            0 => self.path.to_path_buf(),
            age => self.path.with_extension(format!("{age}.jsonl")),
        }
    }
}

/// Writes down whatever ends, until the station or `stop` ends it.
pub(super) async fn run(
    log: AsRun,
    station: Station,
    departures: Arc<Departures>,
    listeners: Count,
    stop: CancellationToken,
) {
    let mut news = station.news();
    let mut seen = Seen::default();
    loop {
        let more = tokio::select! {
            event = news.recv() => match event {
                Ok(News::Tier(_)) => continue,
                Ok(News::Announcement { .. } | News::NowPlaying(_)) | Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => false,
            },
            () = stop.cancelled() => false,
        };
        // The history, not the event: a burst of news may lose its oldest ones.
        let mut ended = station.history().await;
        ended.retain(|played| seen.is_new(played.ticket));
        ended.reverse();
        let lines: Vec<Aired> =
            ended.into_iter().map(|played| line(played, &departures, listeners())).collect();
        let writer = log.clone();
        let written =
            tokio::task::spawn_blocking(move || if lines.is_empty() { Ok(()) } else { writer.write(&lines) });
        if let Ok(Err(error)) = written.await {
            tracing::warn!(%error, "the as-run log could not be written");
        }
        if !more {
            break;
        }
    }
}

fn line(played: Played, departures: &Departures, listeners: usize) -> Aired {
    let (outcome, seconds, reason) = match &played.ended {
        Ended::Aired { seconds, .. } => ("aired", *seconds, None),
        Ended::Expired => ("expired", 0.0, None),
        Ended::Failed { reason, seconds } => ("failed", *seconds, Some(reason.clone())),
        Ended::Skipped { seconds } => ("skipped", *seconds, None),
    };
    let (mut at, mut listeners) = (played.at, listeners);
    if let Ended::Aired { at: due, frame, .. } = played.ended {
        let left = departures.of(frame);
        at = left.map_or(due, |left| left.at);
        listeners = left.map_or(listeners, |left| left.listeners);
    }
    Aired {
        at: at.to_string(),
        tier: played.tier,
        outcome: outcome.into(),
        seconds,
        title: played.title,
        artist: played.artist,
        key: played.key.map(|key| key.to_string()),
        listeners,
        reason,
    }
}

#[derive(Default)]
struct Seen(VecDeque<Ticket>);

impl Seen {
    fn is_new(&mut self, ticket: Ticket) -> bool {
        if self.0.contains(&ticket) {
            return false;
        }
        if self.0.len() >= REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(ticket);
        true
    }
}

#[cfg(test)]
mod tests {
    use pregon_core::Timestamp;

    use super::*;
    use crate::out::Departure;

    fn played(ticket: u64, ended: Ended) -> Played {
        Played {
            ticket: Ticket(ticket),
            key: Some("01997c".into()),
            tier: Tier::Interrupt,
            path: None,
            title: "Corte de luz".into(),
            artist: None,
            ended,
            at: Timestamp::from_millis(9_000),
        }
    }

    #[test]
    fn an_announcement_is_logged_with_the_time_and_the_audience_of_its_first_sample() {
        let departures = Departures::default();
        departures.record(Departure { frame: 960, at: Timestamp::from_millis(1_042), listeners: 214 });
        let due = Timestamp::from_millis(1_000);
        let aired = line(played(1, Ended::Aired { at: due, frame: 1_000, seconds: 8.5 }), &departures, 3);
        assert_eq!(
            serde_json::to_string(&aired).unwrap(),
            r#"{"at":"1970-01-01T00:00:01.042Z","tier":"interrupt","outcome":"aired","seconds":8.5,"title":"Corte de luz","key":"01997c","listeners":214}"#
        );
        let elsewhere = line(played(2, Ended::Aired { at: due, frame: 9_999, seconds: 8.5 }), &departures, 3);
        assert_eq!((elsewhere.at.as_str(), elsewhere.listeners), ("1970-01-01T00:00:01.000Z", 3));
        let failed = line(played(3, Ended::Failed { reason: "cut".into(), seconds: 1.0 }), &departures, 3);
        assert_eq!((failed.outcome.as_str(), failed.reason.as_deref()), ("failed", Some("cut")));
    }

    #[test]
    fn the_newest_lines_are_read_across_files_and_the_oldest_are_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let log = AsRun::new(&folder.path().join("not there yet"), "main");
        assert_eq!(log.latest(5).unwrap(), []);
        let title = "x".repeat(1 << 18);
        for number in 0..100 {
            let mut aired = line(played(number, Ended::Expired), &Departures::default(), 0);
            aired.title = format!("{number} {title}");
            log.write(&[aired]).unwrap();
        }
        let files: Vec<_> = fs::read_dir(log.path.parent().unwrap()).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 5);
        let bytes: u64 = files.iter().map(|file| file.metadata().unwrap().len()).sum();
        assert!(bytes <= 5 * (FILE_BYTES + (1 << 19)), "{bytes}");
        let numbers = log.latest(40).unwrap().into_iter();
        let numbers: Vec<u64> =
            numbers.map(|aired| aired.title.split(' ').next().unwrap().parse().unwrap()).collect();
        assert_eq!(numbers, (60..100).rev().collect::<Vec<_>>());
    }

    #[test]
    fn a_line_that_a_crash_cut_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let log = AsRun::new(folder.path(), "main");
        let aired = line(played(1, Ended::Expired), &Departures::default(), 0);
        log.write(std::slice::from_ref(&aired)).unwrap();
        let text = fs::read_to_string(&*log.path).unwrap();
        let cut = [text.as_bytes(), br#"{"title":"ma"#, &"ñ".as_bytes()[..1]].concat();
        fs::write(&*log.path, cut).unwrap();
        assert_eq!(log.latest(9).unwrap(), [aired]);
    }

    #[test]
    fn nothing_is_written_twice() {
        let mut seen = Seen::default();
        assert!(seen.is_new(Ticket(1)) && seen.is_new(Ticket(2)));
        assert!(!seen.is_new(Ticket(1)) && !seen.is_new(Ticket(2)));
    }
}
