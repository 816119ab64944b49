//! The loudness of every track that was ever measured, in a file that outlives the process.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::folder::Stamp;
use super::meter::Reading;

/// The file is written anew when more than this many of its lines have been replaced by later ones.
const STALE: usize = 1_000;

/// One line of the file.
#[derive(Serialize, Deserialize)]
struct Entry {
    path: PathBuf,
    #[serde(flatten)]
    stamp: Stamp,
    #[serde(flatten)]
    reading: Reading,
}

/// A reading, and of which version of which file.
type Kept = (Arc<Path>, (Stamp, Reading));

/// Readings by file. Kept as lines of JSON, one appended per measurement: a crash loses at most the last.
#[derive(Debug)]
pub(super) struct Readings {
    file: Option<PathBuf>,
    by_path: HashMap<Arc<Path>, (Stamp, Reading)>,
}

impl Readings {
    /// Reads the file if there is one. A line that cannot be read is measured again. Without a `file`, or when it
    /// cannot be written, readings last as long as the process.
    pub(super) fn open(file: Option<PathBuf>) -> Self {
        let mut readings = Self { file, by_path: HashMap::new() };
        let lines = readings.file.as_deref().and_then(|file| readings_of(file).ok()).unwrap_or_default();
        let count = lines.len();
        readings.by_path.extend(lines);
        if count > readings.by_path.len() + STALE {
            readings.rewrite();
        }
        readings
    }

    /// The reading of this very file.
    pub(super) fn of(&self, path: &Path, stamp: Stamp) -> Option<Reading> {
        self.by_path.get(path).filter(|(of, _)| *of == stamp).map(|(_, reading)| *reading)
    }

    /// Keeps a reading.
    pub(super) fn keep(&mut self, path: &Arc<Path>, stamp: Stamp, reading: Reading) {
        self.by_path.insert(Arc::clone(path), (stamp, reading));
        self.write(|file| {
            let mut file = OpenOptions::new().create(true).append(true).open(file)?;
            file.write_all(&line(path, stamp, reading)?)
        });
    }

    fn rewrite(&self) {
        self.write(|file| {
            let fresh = file.with_extension("tmp");
            let mut out = io::BufWriter::new(File::create(&fresh)?);
            for (path, (stamp, reading)) in &self.by_path {
                out.write_all(&line(path, *stamp, *reading)?)?;
            }
            out.into_inner()?.sync_all()?;
            fs::rename(fresh, file)
        });
    }

    fn write(&self, write: impl FnOnce(&Path) -> io::Result<()>) {
        let Some(file) = &self.file else { return };
        if let Err(error) = write(file) {
            tracing::warn!(file = %file.display(), %error, "a loudness reading could not be kept");
        }
    }
}

fn readings_of(file: &Path) -> io::Result<Vec<Kept>> {
    let lines = BufReader::new(File::open(file)?).split(b'\n');
    let entries = lines.map_while(Result::ok).filter_map(|line| serde_json::from_slice::<Entry>(&line).ok());
    Ok(entries.map(|entry| (Arc::from(entry.path), (entry.stamp, entry.reading))).collect())
}

/// A path that is no UTF-8 cannot be written as JSON: such a file is measured in every process.
fn line(path: &Path, stamp: Stamp, reading: Reading) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&Entry { path: path.to_owned(), stamp, reading })?;
    // A line that a crash left without its end would swallow this one.
    line.insert(0, b'\n');
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use pregon_core::Timestamp;

    use super::*;

    fn stamp(size: u64) -> Stamp {
        Stamp { size, changed: Timestamp::from_millis(1_700_000_000_123) }
    }

    fn reading(lufs: f64) -> Reading {
        Reading { lufs: Some(lufs), peak_dbtp: -0.5 }
    }

    fn path(name: &str) -> Arc<Path> {
        Arc::from(Path::new(name))
    }

    #[test]
    fn readings_outlive_the_process_and_belong_to_one_version_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("loudness.jsonl");
        let silence = Reading { lufs: None, peak_dbtp: -120.0 };
        let mut readings = Readings::open(Some(file.clone()));
        readings.keep(&path("/m/a.mp3"), stamp(1), reading(-9.0));
        readings.keep(&path("/m/a.mp3"), stamp(2), reading(-8.0));
        readings.keep(&path("/m/b.mp3"), stamp(1), silence);
        let readings = Readings::open(Some(file));
        assert_eq!(readings.of(&path("/m/a.mp3"), stamp(2)), Some(reading(-8.0)));
        assert_eq!(readings.of(&path("/m/a.mp3"), stamp(1)), None);
        assert_eq!(readings.of(&path("/m/b.mp3"), stamp(1)), Some(silence));
    }

    #[test]
    fn a_damaged_file_costs_only_its_damaged_lines() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("loudness.jsonl");
        Readings::open(Some(file.clone())).keep(&path("/a"), stamp(1), reading(-9.0));
        let torn = fs::read(&file).unwrap();
        OpenOptions::new().append(true).open(&file).unwrap().write_all(&torn[..20]).unwrap();
        Readings::open(Some(file.clone())).keep(&path("/b"), stamp(1), reading(-9.0));
        OpenOptions::new()
            .append(true)
            .open(&file)
            .unwrap()
            .write_all(b"\xff\xfe{}[]\n\n{\"path\":3}")
            .unwrap();
        let readings = Readings::open(Some(file));
        assert!(["/a", "/b"].iter().all(|name| readings.of(&path(name), stamp(1)).is_some()));
    }

    #[test]
    fn replaced_lines_do_not_pile_up_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("loudness.jsonl");
        let mut lines = Vec::new();
        for size in 0..=STALE as u64 + 1 {
            lines.extend(line(&path("/a"), stamp(size), reading(-9.0)).unwrap());
        }
        fs::write(&file, lines).unwrap();
        assert!(Readings::open(Some(file.clone())).of(&path("/a"), stamp(STALE as u64 + 1)).is_some());
        assert!(fs::metadata(&file).unwrap().len() < 300);
        assert!(Readings::open(Some(file)).of(&path("/a"), stamp(STALE as u64 + 1)).is_some());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_survived() {
        let mut readings = Readings::open(Some("/nowhere/loudness.jsonl".into()));
        readings.keep(&path("/a"), stamp(1), reading(-9.0));
        assert!(readings.of(&path("/a"), stamp(1)).is_some());
    }
}
