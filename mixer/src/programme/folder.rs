//! What is in the music folder, and which of it has arrived whole.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use pregon_core::Timestamp;
use serde::{Deserialize, Serialize};

/// The endings of names that are looked at. Whatever else lies in a music folder (covers, playlists, `.part` files of
/// a download) is not.
const EXTENSIONS: [&str; 8] = ["mp3", "flac", "ogg", "oga", "opus", "m4a", "aac", "wav"];

/// Files taken from one folder; beyond it a library no longer fits the memory that a station may use.
const MOST_FILES: usize = 50_000;

/// A file that changed less than this ago may still be growing.
pub(super) const SETTLING: Duration = Duration::from_millis(1_500);

/// How a file is told from an earlier one of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// Bytes.
    pub(super) size: u64,
    /// Time of the last change.
    pub(super) changed: Timestamp,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        let since = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let millis = since.and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0);
        Self { size: metadata.len(), changed: Timestamp::from_millis(millis) }
    }

    /// Whether enough time has passed since the last change. A time in the future was set by somebody, not by writing.
    pub(super) fn settled(self, now: Timestamp) -> bool {
        self.size > 0 && (now.since(self.changed) >= SETTLING || self.changed > now + SETTLING)
    }
}

/// The files below `root`, whole or not. Fails only when `root` itself cannot be read: a folder within that cannot is
/// left out, and so is what comes after the first 50,000 files.
pub(super) fn scan(root: &Path) -> io::Result<BTreeMap<Arc<Path>, Stamp>> {
    let mut found = BTreeMap::new();
    // Links may lead back to where they lie.
    let mut seen = HashSet::from([identity(&fs::metadata(root)?)]);
    let mut folders = Vec::new();
    let mut entries = fs::read_dir(root)?;
    loop {
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| !is_hidden(path)) {
            // Follows links, unlike the entry's own metadata.
            let Ok(metadata) = fs::metadata(&path) else { continue };
            if metadata.is_dir() && seen.insert(identity(&metadata)) {
                folders.push(path);
            } else if metadata.is_file() && is_music(&path) && found.len() < MOST_FILES {
                found.insert(Arc::from(path), Stamp::of(&metadata));
            }
        }
        entries = loop {
            let Some(folder) = folders.pop() else { return Ok(found) };
            if let Ok(within) = fs::read_dir::<PathBuf>(folder) {
                break within;
            }
        };
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.as_encoded_bytes().first() == Some(&b'.'))
}

/// Whether a file of this name is taken for music.
pub(super) fn is_music(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn music_is_found_at_any_depth_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::create_dir(root.join(".trash")).unwrap();
        for name in [
            "one.mp3",
            "a/two.FLAC",
            "a/b/tres ñ.opus",
            "cover.jpg",
            ".three.mp3",
            ".trash/x.mp3",
            "x.mp3.part",
        ] {
            fs::write(root.join(name), "x").unwrap();
        }
        std::os::unix::fs::symlink(root, root.join("a/loop")).unwrap();
        let found = scan(root).unwrap();
        let names: Vec<_> = found.keys().map(|p| p.strip_prefix(root).unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a/b/tres ñ.opus", "a/two.FLAC", "one.mp3"]);
        assert!(found.values().all(|stamp| stamp.size == 1));
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        assert_eq!(scan(Path::new("/nowhere/music")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_file_settles() {
        let now = Timestamp::from_millis(100_000);
        let changed = |millis| Stamp { size: 1, changed: Timestamp::from_millis(millis) };
        assert!(changed(98_000).settled(now));
        assert!(!changed(99_000).settled(now));
        assert!(!changed(100_001).settled(now));
        assert!(changed(200_000).settled(now), "a date in the future must not hide a file for ever");
        assert!(!Stamp { size: 0, changed: Timestamp::from_millis(0) }.settled(now));
    }
}
