//! Clips and masters on disk, under their addresses.
//!
//! ```text
//! <audio_dir>/<aa>/<hash>.wav .ulaw .alaw .g722 .sln    what calls and stations play
//! <audio_dir>/<aa>/<hash>.json                          the sidecar, written last: without it there is no clip
//! <audio_dir>/<aa>/<hash>.lock                          while it is being rendered
//! <audio_dir>/masters/<aa>/<hash>.wav                   as the engine spoke it, or as it was sent in, for renditions
//! <audio_dir>/tmp/                                      files being written
//! ```

use std::collections::BTreeMap;
use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use pregon_audio::{Encoding, Pcm, decode, wav};
use pregon_core::{Clip, Timestamp};
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::recent::Recent;
use crate::render::{Outlet, Rendition};

/// Sidecars kept in memory: at least this many, at most twice. About 1 kB each.
const REMEMBERED: usize = 512;

/// Asterisk runs as another user and often shares only a group.
const FILE_MODE: u32 = 0o664;
const FOLDER_MODE: u32 = 0o775;

/// A file that was being written this long ago never will be.
const ABANDONED: Duration = Duration::from_hours(1);

/// Longer than any master that this crate writes.
const LONGEST_MASTER: Duration = Duration::from_hours(2);

/// What is known about a clip, beside it as `<hash>.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sidecar {
    /// Length in seconds.
    pub seconds: f64,
    /// Integrated loudness, LUFS.
    pub lufs: f64,
    /// True peak, dBTP.
    pub peak_dbtp: f64,
    /// The engine that spoke.
    pub engine: String,
    /// Its voice.
    pub voice: String,
    /// When it was rendered.
    pub created: Timestamp,
    /// Peaks of 160 equal stretches, 0 to 100 percent of full scale: enough to draw it.
    pub envelope: Vec<u8>,
    /// Length in bytes of each file, by extension.
    pub files: BTreeMap<String, u64>,
}

impl Sidecar {
    /// The sidecar of `clip`; `None` when there is none, or none that can be read. Blocks for one small read.
    pub fn read(audio_dir: &Path, clip: &Clip) -> Option<Self> {
        Self::read_from(&clip.stem(audio_dir)?.with_extension("json"))
    }

    fn read_from(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }
}

/// A clip that was found whole.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) sidecar: Sidecar,
    files: Vec<Trace>,
}

/// By which a file is recognised without reading it.
#[derive(Debug)]
struct Trace {
    path: PathBuf,
    len: u64,
    modified: Option<SystemTime>,
}

impl Trace {
    fn of(path: PathBuf) -> Option<Self> {
        let metadata = fs::metadata(&path).ok()?;
        Some(Self { path, len: metadata.len(), modified: modified(&metadata) })
    }

    fn unchanged(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|now| now.len() == self.len && modified(&now) == self.modified)
    }
}

fn modified(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}

/// The audio folder.
pub(crate) struct Cache {
    root: PathBuf,
    formats: Vec<Encoding>,
    recent: Mutex<Recent<Address, Arc<Entry>>>,
    /// Tells the temporary files of this studio from those of others on the disk: process ids repeat across
    /// containers.
    nonce: u64,
    serial: AtomicU64,
}

impl Cache {
    /// Opens the folder, makes it where it is missing, and removes what a crash left half-written.
    pub(crate) fn open(root: PathBuf, formats: Vec<Encoding>) -> io::Result<Self> {
        let cache = Self {
            root,
            formats,
            recent: Mutex::new(Recent::new(REMEMBERED)),
            nonce: rand::random(),
            serial: AtomicU64::new(0),
        };
        let tmp = cache.root.join("tmp");
        make_folder(&tmp)?;
        for file in fs::read_dir(tmp)?.flatten() {
            let age = file.metadata().and_then(|m| m.modified()).ok().and_then(|at| at.elapsed().ok());
            if age.is_some_and(|age| age > ABANDONED) {
                drop(fs::remove_file(file.path()));
            }
        }
        Ok(cache)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn formats(&self) -> &[Encoding] {
        &self.formats
    }

    /// A clip used lately, if its files are what they were. Costs one `stat` per format, some microseconds on a
    /// local disk: less than the way to a blocking thread and back.
    pub(crate) fn hot(&self, address: Address) -> Option<Arc<Entry>> {
        let entry = self.recent().get(&address)?;
        if entry.files.iter().all(Trace::unchanged) {
            return Some(entry);
        }
        self.recent().forget(&address);
        None
    }

    /// A clip, if it is there in every format of its outlet. Blocks.
    pub(crate) fn load(&self, address: Address, outlet: Outlet) -> Option<Arc<Entry>> {
        let stem = self.stem(address);
        let sidecar = Sidecar::read_from(&stem.with_extension("json"))?;
        let formats = match outlet {
            Outlet::Call => self.formats.as_slice(),
            Outlet::Air => &[Encoding::Wav],
        };
        let mut files = Vec::with_capacity(formats.len());
        for format in formats {
            let trace = Trace::of(stem.with_extension(format.extension()))?;
            let promised = sidecar.files.get(format.extension());
            if promised != Some(&trace.len) || trace.len == 0 {
                return None;
            }
            if *format == Encoding::Wav && !sound_header(&trace, outlet) {
                return None;
            }
            files.push(trace);
        }
        let entry = Arc::new(Entry { sidecar, files });
        self.recent().insert(address, Arc::clone(&entry));
        Some(entry)
    }

    /// Files a clip and reads it back. Blocks.
    pub(crate) fn store(
        &self,
        (address, outlet): (Address, Outlet),
        rendition: Rendition,
        spoken_by: (String, String),
        created: Timestamp,
    ) -> io::Result<Arc<Entry>> {
        let stem = self.stem(address);
        let mut files = BTreeMap::new();
        for (extension, bytes) in rendition.files {
            self.write(&stem.with_extension(extension), &bytes)?;
            files.insert(extension.to_owned(), bytes.len() as u64);
        }
        let (engine, voice) = spoken_by;
        let sidecar = Sidecar {
            seconds: thousandths(rendition.seconds),
            lufs: thousandths(rendition.lufs),
            peak_dbtp: thousandths(rendition.peak_dbtp),
            engine,
            voice,
            created,
            envelope: rendition.envelope,
            files,
        };
        self.write(&stem.with_extension("json"), &serde_json::to_vec(&sidecar)?)?;
        self.load(address, outlet).ok_or_else(|| io::Error::other("what was just written does not read back"))
    }

    /// A master, if it is there and whole. Blocks.
    pub(crate) fn load_master(&self, address: Address) -> Option<Pcm> {
        let bytes = fs::read(self.master(address)).ok()?;
        wav::probe(bytes.as_slice()).ok()?;
        decode(&bytes, None, LONGEST_MASTER).ok()
    }

    /// Files a master. Blocks.
    pub(crate) fn store_master(&self, address: Address, master: &Pcm) -> io::Result<()> {
        self.write(&self.master(address), &wav::encode(master))
    }

    /// The same for one that cannot be spoken again: it survives a loss of power. Blocks.
    pub(crate) fn store_for_good(&self, address: Address, master: &Pcm) -> io::Result<()> {
        self.store_master(address, master)?;
        let path = self.master(address);
        fs::File::open(&path)?.sync_all()?;
        path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
    }

    /// Where the lock of a clip lies. Makes its folder. Blocks.
    pub(crate) fn lock(&self, address: Address) -> io::Result<PathBuf> {
        let stem = self.stem(address);
        stem.parent().map_or(Ok(()), make_folder)?;
        Ok(stem.with_extension("lock"))
    }

    fn stem(&self, address: Address) -> PathBuf {
        self.root.join(address.shard()).join(address.to_string())
    }

    fn master(&self, address: Address) -> PathBuf {
        self.root.join("masters").join(address.shard()).join(format!("{address}.wav"))
    }

    /// Whoever opens `path` sees the old file or the new one, never half of one.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
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

    fn recent(&self) -> std::sync::MutexGuard<'_, Recent<Address, Arc<Entry>>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it would be played, by its header and its length on disk: the samples need not be read for that.
fn sound_header(file: &Trace, outlet: Outlet) -> bool {
    let mut header = Vec::with_capacity(64);
    let read = fs::File::open(&file.path).and_then(|file| file.take(64).read_to_end(&mut header));
    let rest = io::repeat(0).take(file.len.saturating_sub(header.len() as u64));
    read.is_ok() && wav::probe(header.as_slice().chain(rest)).is_ok_and(|info| outlet.plays(&info))
}

fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(FOLDER_MODE))
}

fn thousandths(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
