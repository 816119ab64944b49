//! The five folders of a spool: where they are, who may write in them, and that files can move between them.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use pregon_core::{DispatchError, Key};
use rustix::fs::{Access, AtFlags, CWD, Gid, StatxFlags};

/// Folders that we create: their files belong to the folder's group, so that Asterisk and we can both write them.
const FOLDER_MODE: u32 = 0o2775;

/// A call file that Asterisk can read but not write is dialled over and over (measured: 23 times in 44 s), because it
/// cannot keep its marks in it. Hence group-writable, whatever the umask says.
const FILE_MODE: u32 = 0o664;

/// `pbx_spool.c` builds paths in buffers of 256 bytes.
const MAX_PATH: usize = 255;

/// A folder that dispatching does not touch but the spool needs, and a key at its longest.
const LONGEST_NAME: &str = "outgoing_done/00000000-0000-0000-0000-000000000000-65535.call";

/// Why a spool cannot be used. Each message says how to put it right.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A folder is missing and cannot be made, or is not writable.
    #[error("{} is not usable: {source}; let the user that runs pregon write there, or choose another ASTERISK_SPOOL_DIR", path.display())]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Files cannot be renamed from one folder to the other.
    #[error("{} and {} are on different file systems or mounts: make them folders of one file system, beside each other", one.display(), other.display())]
    Apart {
        /// One folder.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
    /// Asterisk would cut the names of its files.
    #[error("{} is too long for Asterisk, which reads 255 bytes of a call file's name: choose a shorter ASTERISK_SPOOL_DIR", .0.display())]
    TooLong(PathBuf),
}

/// Something the file system refused.
pub(crate) fn unavailable(path: &Path, error: &io::Error) -> DispatchError {
    DispatchError::Unavailable(format!("{}: {error}", path.display()))
}

/// Paths of a spool.
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    pub(crate) root: PathBuf,
    pub(crate) outgoing: PathBuf,
    pub(crate) done: PathBuf,
    pub(crate) staging: PathBuf,
    pub(crate) ledger: PathBuf,
    pub(crate) results: PathBuf,
}

impl Folders {
    pub(crate) fn of(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            outgoing: root.join("outgoing"),
            done: root.join("outgoing_done"),
            staging: root.join("staging"),
            ledger: root.join("ledger"),
            results: root.join("results"),
        }
    }

    /// Makes what is missing, and makes sure that the hand-over can work. Calls are reported in `results`, by default
    /// beside `outgoing/`.
    pub(crate) fn open(root: &Path, results: Option<&Path>) -> Result<Self, OpenError> {
        let unusable = |path: &Path| {
            let path = path.to_owned();
            move |source| OpenError::Unusable { path, source }
        };
        let root = std::path::absolute(root).map_err(unusable(root))?;
        let mut folders = Self::of(&root);
        if let Some(results) = results {
            folders.results = std::path::absolute(results).map_err(unusable(results))?;
        }
        if root.join(LONGEST_NAME).as_os_str().len() > MAX_PATH {
            return Err(OpenError::TooLong(root));
        }
        fs::create_dir_all(&root).map_err(unusable(&root))?;
        for folder in folders.all() {
            folders.make(folder).map_err(unusable(folder))?;
        }
        for folder in [&folders.outgoing, &folders.staging, &folders.ledger] {
            writable(folder).map_err(unusable(folder))?;
        }
        folders.together()?;
        folders.probe().map_err(|(path, source)| OpenError::Unusable { path, source })?;
        Ok(folders)
    }

    /// All five, Asterisk's own first.
    pub(crate) fn all(&self) -> [&PathBuf; 5] {
        [&self.outgoing, &self.done, &self.staging, &self.ledger, &self.results]
    }

    /// The group is that of `outgoing/`, where we may give it: Asterisk writes in `results/`, and appends to files
    /// that were born in `staging/`. Where we may not, `doctor` says so.
    fn make(&self, folder: &Path) -> io::Result<()> {
        match DirBuilder::new().mode(0o775).create(folder) {
            Ok(()) => {
                let group = Gid::from_raw(fs::metadata(&self.outgoing)?.gid());
                if let Err(error) = rustix::fs::chown(folder, None, Some(group)) {
                    tracing::warn!(%error, folder = %folder.display(), "Asterisk's group has no part in this folder");
                }
                fs::set_permissions(folder, Permissions::from_mode(FOLDER_MODE))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::read_dir(folder).map(drop),
            Err(error) => Err(error),
        }
    }

    /// A rename must not cross mounts, and bind mounts of one file system count as two.
    pub(crate) fn together(&self) -> Result<(), OpenError> {
        let place =
            |path: &PathBuf| mount(path).map_err(|source| OpenError::Unusable { path: path.clone(), source });
        let outgoing = place(&self.outgoing)?;
        for folder in [&self.staging, &self.ledger] {
            if place(folder)? != outgoing {
                return Err(OpenError::Apart { one: folder.clone(), other: self.outgoing.clone() });
            }
        }
        Ok(())
    }

    /// Writes and links a file from `staging/` to `ledger/`, as a hand-over does. Never in `outgoing/`: Asterisk dials
    /// any file there.
    pub(crate) fn probe(&self) -> Result<(), (PathBuf, io::Error)> {
        let name = format!(".probe-{:016x}", rand::random::<u64>());
        let (staged, linked) = (self.staging.join(&name), self.ledger.join(&name));
        let tried = create(&staged)
            .map_err(|e| (self.staging.clone(), e))
            .and_then(|_| fs::hard_link(&staged, &linked).map_err(|e| (self.ledger.clone(), e)));
        drop(fs::remove_file(&linked));
        drop(fs::remove_file(&staged));
        tried
    }

    pub(crate) fn ledger_of(&self, key: Key) -> PathBuf {
        self.ledger.join(key.to_string())
    }

    pub(crate) fn outgoing_of(&self, key: Key) -> PathBuf {
        self.outgoing.join(format!("{key}.call"))
    }

    pub(crate) fn done_of(&self, key: Key) -> PathBuf {
        self.done.join(format!("{key}.call"))
    }

    pub(crate) fn result_of(&self, key: Key) -> PathBuf {
        self.results.join(key.to_string())
    }
}

/// The attempt that a file in `outgoing/`, `outgoing_done/`, `ledger/` or `results/` belongs to.
pub(crate) fn key_of(name: &std::ffi::OsStr) -> Option<Key> {
    let name = name.to_str()?;
    name.strip_suffix(".call").unwrap_or(name).parse().ok()
}

/// A new, empty file that Asterisk's group may write.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)?;
    file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    Ok(file)
}

/// Whether names can be added to and removed from the folder.
pub(crate) fn writable(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// What a rename must not cross: the device and, where the kernel tells (5.8 and later), the mount.
fn mount(path: &Path) -> io::Result<(u64, u64)> {
    let device = fs::metadata(path)?.dev();
    let mount = match rustix::fs::statx(CWD, path, AtFlags::empty(), StatxFlags::MNT_ID) {
        Ok(stat) if stat.stx_mask & StatxFlags::MNT_ID.bits() != 0 => stat.stx_mnt_id,
        Ok(_) | Err(_) => 0,
    };
    Ok((device, mount))
}

/// `None` where there is nothing of that name.
pub(crate) fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
