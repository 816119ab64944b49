//! What is known about the music at one moment. Pure but for the log and the kept readings.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::folder::Stamp;
use super::meter::{self, Reading};
use super::readings::Readings;
use super::rotation::Rotation;

/// How many broken files a view names; the rest is counted.
const SHOWN: usize = 100;

/// How the music folder is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FolderState {
    /// `MUSIC_DIR` is not set.
    NotSet,
    /// It holds files that can be played.
    Ready,
    /// It holds none.
    Empty,
    /// It cannot be read.
    Missing {
        /// What the system says.
        reason: String,
    },
}

/// A file that is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrokenFile {
    /// The file.
    pub path: PathBuf,
    /// Why it cannot be played.
    pub reason: String,
}

/// The music at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LibraryView {
    /// The folder, where one is set.
    pub folder: Option<PathBuf>,
    /// How it is.
    pub state: FolderState,
    /// Files that can be played.
    pub files: usize,
    /// How many of them have been measured; the others play softer than they should.
    pub measured: usize,
    /// Files that are still being copied.
    pub arriving: usize,
    /// How many files cannot be played.
    pub broken: usize,
    /// The first 100 of them. A file gets another chance when it changes.
    pub broken_files: Vec<BrokenFile>,
}

/// The files, what is known of each, and in which order they come.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: Option<PathBuf>,
    state: FolderState,
    arriving: usize,
    files: BTreeMap<Arc<Path>, Stamp>,
    broken: BTreeMap<Arc<Path>, (Stamp, String)>,
    rotation: Rotation,
    readings: Readings,
}

impl Shelf {
    pub(super) fn new(folder: Option<PathBuf>, rotation: Rotation, readings: Readings) -> Self {
        Self {
            folder,
            state: FolderState::NotSet,
            arriving: 0,
            files: BTreeMap::new(),
            broken: BTreeMap::new(),
            rotation,
            readings,
        }
    }

    /// Takes what a look into the folder found. Files that are not `whole` yet wait; those that changed are new ones.
    /// A folder that cannot be read holds nothing.
    pub(super) fn stock(
        &mut self,
        found: io::Result<BTreeMap<Arc<Path>, Stamp>>,
        whole: impl Fn(&Path, Stamp) -> bool,
    ) {
        let (found, missing) = match found {
            Ok(found) => (found, None),
            Err(error) => (BTreeMap::new(), Some(error.to_string())),
        };
        let count = found.len();
        let mut files = found;
        files.retain(|path, stamp| whole(path, *stamp));
        self.arriving = count - files.len();
        self.broken.retain(|path, (stamp, _)| files.get(path) == Some(stamp));
        files.retain(|path, _| !self.broken.contains_key(path));
        self.rotation.hold(files.keys().cloned().collect());
        self.files = files;
        self.judge(missing);
    }

    /// The next file and the factor that levels it.
    pub(super) fn next(&mut self, target_lufs: f64) -> Option<(Arc<Path>, Stamp, f32)> {
        let path = self.rotation.next()?;
        let stamp = *self.files.get(&path)?;
        let gain = meter::gain(self.readings.of(&path, stamp), target_lufs);
        Some((path, stamp, gain))
    }

    /// Leaves a file out until it changes. Tells it once.
    pub(super) fn broke(&mut self, path: &Arc<Path>, stamp: Stamp, reason: String) {
        if self.files.get(path) != Some(&stamp) {
            return;
        }
        tracing::warn!(file = %path.display(), reason, "a file of the programme cannot be played; it is left out");
        self.files.remove(path);
        self.rotation.drop_file(path);
        self.broken.insert(Arc::clone(path), (stamp, reason));
        let missing =
            if let FolderState::Missing { reason } = &self.state { Some(reason.clone()) } else { None };
        self.judge(missing);
    }

    /// The file without a reading that will be needed first.
    pub(super) fn unmeasured(&self) -> Option<(Arc<Path>, Stamp)> {
        let stamped = self.rotation.upcoming().into_iter().filter_map(|path| {
            let stamp = *self.files.get(&path)?;
            Some((path, stamp))
        });
        stamped.into_iter().find(|(path, stamp)| self.readings.of(path, *stamp).is_none())
    }

    pub(super) fn keep(&mut self, path: &Arc<Path>, stamp: Stamp, reading: Reading) {
        self.readings.keep(path, stamp, reading);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub(super) fn arriving(&self) -> usize {
        self.arriving
    }

    pub(super) fn state(&self) -> &FolderState {
        &self.state
    }

    pub(super) fn view(&self) -> LibraryView {
        let known = |(path, stamp): &(&Arc<Path>, &Stamp)| self.readings.of(path, **stamp).is_some();
        let broken_file = |(path, (_, reason)): (&Arc<Path>, &(Stamp, String))| BrokenFile {
            path: path.to_path_buf(),
            reason: reason.clone(),
        };
        LibraryView {
            folder: self.folder.clone(),
            state: self.state.clone(),
            files: self.files.len(),
            measured: self.files.iter().filter(known).count(),
            arriving: self.arriving,
            broken: self.broken.len(),
            broken_files: self.broken.iter().take(SHOWN).map(broken_file).collect(),
        }
    }

    /// Says how the folder is now, and tells the log when that has changed.
    fn judge(&mut self, missing: Option<String>) {
        let state = match missing {
            _ if self.folder.is_none() => FolderState::NotSet,
            Some(reason) => FolderState::Missing { reason },
            None if self.files.is_empty() => FolderState::Empty,
            None => FolderState::Ready,
        };
        if state == self.state {
            return;
        }
        let folder = self.folder.as_deref().unwrap_or(Path::new("")).display();
        match &state {
            FolderState::NotSet => {}
            FolderState::Ready => tracing::info!(%folder, files = self.files.len(), "music folder is read"),
            FolderState::Empty => tracing::warn!(%folder, "nothing in the music folder can be played"),
            FolderState::Missing { reason } => {
                tracing::warn!(%folder, reason, "the music folder cannot be read");
            }
        }
        self.state = state;
    }
}

#[cfg(test)]
mod tests {
    use pregon_core::Timestamp;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::programme::MusicOrder;

    const LOUD: Reading = Reading { lufs: Some(-6.0), peak_dbtp: 0.0 };

    fn shelf() -> Shelf {
        let rotation = Rotation::new(MusicOrder::Name, StdRng::seed_from_u64(0));
        Shelf::new(Some("/m".into()), rotation, Readings::open(None))
    }

    fn stamp(size: u64) -> Stamp {
        Stamp { size, changed: Timestamp::from_millis(1) }
    }

    fn path(name: &str) -> Arc<Path> {
        Arc::from(Path::new(name))
    }

    fn stock(shelf: &mut Shelf, files: &[(&str, u64)]) {
        let found = files.iter().map(|(name, size)| (path(name), stamp(*size))).collect();
        shelf.stock(Ok(found), |_, stamp| stamp.size != 0);
    }

    fn next(shelf: &mut Shelf) -> Option<String> {
        shelf.next(-16.0).map(|(path, ..)| path.display().to_string())
    }

    #[test]
    fn a_file_that_is_not_whole_waits() {
        let mut shelf = shelf();
        stock(&mut shelf, &[("a", 0), ("b", 1)]);
        assert_eq!((shelf.view().files, shelf.view().arriving), (1, 1));
        assert_eq!((next(&mut shelf), next(&mut shelf)), (Some("b".into()), Some("b".into())));
        stock(&mut shelf, &[("a", 1), ("b", 1)]);
        assert_eq!(next(&mut shelf), Some("a".into()));
    }

    #[test]
    fn a_broken_file_is_left_out_until_it_changes() {
        let mut shelf = shelf();
        stock(&mut shelf, &[("a", 1), ("b", 1)]);
        shelf.broke(&path("a"), stamp(1), "damaged".into());
        stock(&mut shelf, &[("a", 1), ("b", 1)]);
        assert_eq!((next(&mut shelf), next(&mut shelf)), (Some("b".into()), Some("b".into())));
        assert_eq!(shelf.view().broken_files, [BrokenFile { path: "a".into(), reason: "damaged".into() }]);
        stock(&mut shelf, &[("a", 2), ("b", 1)]);
        assert_eq!((next(&mut shelf), shelf.view().broken), (Some("a".into()), 0));
        shelf.broke(&path("a"), stamp(1), "an earlier version".into());
        assert_eq!(shelf.view().broken, 0, "what was wrong with another version says nothing of this one");
    }

    #[test]
    fn what_comes_next_is_measured_first_and_then_levelled() {
        let mut shelf = shelf();
        stock(&mut shelf, &[("a", 1), ("b", 1)]);
        assert!((shelf.next(-16.0).unwrap().2 - 0.398).abs() < 0.001, "unmeasured: −8 dB");
        assert_eq!(shelf.unmeasured(), Some((path("b"), stamp(1))));
        shelf.keep(&path("b"), stamp(1), LOUD);
        assert_eq!(shelf.unmeasured(), Some((path("a"), stamp(1))));
        assert!((shelf.next(-16.0).unwrap().2 - 0.316).abs() < 0.001, "−6 LUFS: −10 dB");
        shelf.keep(&path("a"), stamp(1), LOUD);
        assert_eq!((shelf.unmeasured(), shelf.view().measured), (None, 2));
    }

    #[test]
    fn the_folder_s_state_is_told() {
        let mut shelf = shelf();
        stock(&mut shelf, &[]);
        assert_eq!(shelf.state(), &FolderState::Empty);
        stock(&mut shelf, &[("a", 1)]);
        assert_eq!(shelf.state(), &FolderState::Ready);
        shelf.broke(&path("a"), stamp(1), "damaged".into());
        assert_eq!(shelf.state(), &FolderState::Empty);
        shelf.stock(Err(io::Error::other("gone")), |_, _| true);
        assert_eq!(shelf.state(), &FolderState::Missing { reason: "gone".into() });
        assert!(shelf.is_empty());
    }
}
