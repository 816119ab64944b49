//! The audio folder: which file lies where, how one is written, and when it was used last.
//!
//! ```text
//! <audio_dir>/<aa>/<hash>.wav .ulaw .alaw .g722 .sln    what calls and stations play
//! <audio_dir>/<aa>/<hash>.json                          the sidecar, written last: without it there is no clip.
//!                                                       Its time of change is when the clip was used last
//! <audio_dir>/<aa>/<hash>.gone                          the sidecar of a clip that was purged or is being evicted
//! <audio_dir>/<aa>/<hash>.lock                          while it is being rendered, or evicted
//! <audio_dir>/masters/<aa>/<hash>.wav .json             as the engine spoke it, for renditions
//! <audio_dir>/uploads/<aa>/<hash>.wav .json             as it was sent in; never evicted
//! <audio_dir>/tmp/                                      files being written
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pregon_core::Timestamp;

use crate::address::Address;

/// Asterisk runs as another user and often shares only a group.
const FILE_MODE: u32 = 0o664;
const FOLDER_MODE: u32 = 0o775;

/// A file that was being written this long ago never will be.
const ABANDONED: Duration = Duration::from_hours(1);

/// How exactly it is known when a clip was used: a use within this time of another one is not noted.
pub(crate) const TOUCH: Duration = Duration::from_hours(1);

/// What lies in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    /// What is played.
    Clips,
    /// What engines spoke.
    Masters,
    /// What was sent in.
    Uploads,
}

impl Tree {
    fn folder(self) -> &'static str {
        match self {
            Self::Clips => "",
            Self::Masters => "masters",
            Self::Uploads => "uploads",
        }
    }
}

/// The audio folder.
#[derive(Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    /// Tells the temporary files of this studio from those of others on the disk: process ids repeat across
    /// containers.
    nonce: u64,
    serial: AtomicU64,
}

impl Disk {
    /// Opens the folder, makes it where it is missing, and removes what a crash left half-written. Blocks, like
    /// everything here.
    pub(crate) fn open(root: PathBuf) -> io::Result<Self> {
        let disk = Self { root, nonce: rand::random(), serial: AtomicU64::new(0) };
        let tmp = disk.root.join("tmp");
        make_folder(&tmp)?;
        for file in fs::read_dir(tmp)?.flatten() {
            let age = file.metadata().and_then(|m| m.modified()).ok().and_then(|at| at.elapsed().ok());
            if age.is_some_and(|age| age > ABANDONED) {
                drop(fs::remove_file(file.path()));
            }
        }
        Ok(disk)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of those whose address begins with `shard`.
    pub(crate) fn shard(&self, tree: Tree, shard: &str) -> PathBuf {
        self.root.join(tree.folder()).join(shard)
    }

    /// The path of an entry's files, without extension.
    pub(crate) fn stem(&self, tree: Tree, address: Address) -> PathBuf {
        self.shard(tree, &address.shard()).join(address.to_string())
    }

    /// Where the lock of an entry lies. Makes its folder.
    pub(crate) fn lock(&self, tree: Tree, address: Address) -> io::Result<PathBuf> {
        let stem = self.stem(tree, address);
        stem.parent().map_or(Ok(()), make_folder)?;
        Ok(stem.with_extension("lock"))
    }

    /// A file that stays, and that processes of other users of the group may open as well.
    pub(crate) fn shared(&self, name: &str) -> io::Result<File> {
        let path = self.root.join(name);
        let file = OpenOptions::new().create(true).append(true).mode(FILE_MODE).open(path)?;
        // Whoever made it has done this; nobody else may, or has to.
        drop(file.set_permissions(fs::Permissions::from_mode(FILE_MODE)));
        Ok(file)
    }

    /// Whoever opens `path` sees the old file or the new one, never half of one.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        path.parent().map_or(Ok(()), make_folder)?;
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let tmp = self.root.join("tmp").join(format!("{name}.{:016x}.{serial}", self.nonce));
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&tmp)?;
            file.set_permissions(fs::Permissions::from_mode(FILE_MODE))?;
            file.write_all(bytes)?;
            fs::rename(&tmp, path)
        })();
        if written.is_err() {
            drop(fs::remove_file(&tmp));
        }
        written
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(FOLDER_MODE))
}

/// Notes that the entry of this sidecar is used at `now`, and says whether it is still there to be used. The time goes
/// into the file's own: a folder mounted with `relatime` or `noatime` does not keep the time of reading.
///
/// Eviction renames the sidecar first and then looks at its time. So either it sees the time written here, or the
/// sidecar is found renamed here: what was found is never evicted before [`TOUCH`] is over.
pub(crate) fn claim(sidecar: &Path, now: Timestamp) -> bool {
    let Ok(file) = File::open(sidecar) else { return false };
    let Ok(used) = file.metadata().and_then(|metadata| metadata.modified()) else { return false };
    if age(used, now) < TOUCH {
        return true;
    }
    // Where this process may not, another one owns the folder, and the clip is a little likelier to be evicted.
    if let Err(error) = file.set_modified(system_time(now)) {
        tracing::debug!(%error, "the use of a clip cannot be noted");
    }
    sidecar.exists()
}

/// How long before `now` that was; nothing for what lies ahead: clocks are set back.
pub(crate) fn age(then: SystemTime, now: Timestamp) -> Duration {
    system_time(now).duration_since(then).unwrap_or_default()
}

fn system_time(at: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(at.millis()).unwrap_or_default())
}
