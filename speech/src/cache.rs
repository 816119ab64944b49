//! Clips and masters under their addresses, found whole or not at all.
//!
//! What was damaged on disk, in whatever way, is as good as missing: its bytes are compared with the hash in its sidecar
//! when a process meets it first, and its length, times and inode whenever it is used again.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pregon_audio::{Encoding, Pcm, decode, envelope, measure, wav};
use pregon_core::{Timestamp, clock};

use crate::address::Address;
use crate::disk::{Disk, Tree, claim};
use crate::recent::Recent;
use crate::render::{BARS, Outlet, Rendition};
use crate::sidecar::{Held, Measure, Sidecar, Speaker};
use crate::sweep::take_away;
use crate::tally::Tally;

/// Sidecars kept in memory: at least this many, at most twice. About 1 kB each.
const REMEMBERED: usize = 512;

/// Longer than any master that this crate writes.
const LONGEST_MASTER: Duration = Duration::from_hours(2);

const WAV: &str = "wav";

/// A clip that was found whole.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) sidecar: Sidecar,
    note: PathBuf,
    files: Vec<Trace>,
}

impl Entry {
    fn there(&self) -> bool {
        self.files.iter().all(Trace::unchanged) && claim(&self.note, clock::now())
    }
}

/// By which a file is recognised without reading it. Whoever changes its bytes can set the time of change back, but not
/// that of the inode.
#[derive(Debug)]
struct Trace {
    path: PathBuf,
    mark: (u64, u64, i64, i64, i64, i64),
}

impl Trace {
    fn of(path: PathBuf, metadata: &Metadata) -> Self {
        Self { path, mark: mark(metadata) }
    }

    fn unchanged(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|now| mark(&now) == self.mark)
    }
}

fn mark(file: &Metadata) -> (u64, u64, i64, i64, i64, i64) {
    (file.len(), file.ino(), file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec())
}

/// The audio folder, with what is known about it.
pub(crate) struct Cache {
    disk: Disk,
    formats: Vec<Encoding>,
    recent: Mutex<Recent<Address, Arc<Entry>>>,
    tally: Tally,
}

impl Cache {
    pub(crate) fn open(root: PathBuf, formats: Vec<Encoding>) -> io::Result<Self> {
        let recent = Mutex::new(Recent::new(REMEMBERED));
        Ok(Self { disk: Disk::open(root)?, formats, recent, tally: Tally::default() })
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    pub(crate) fn formats(&self) -> &[Encoding] {
        &self.formats
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// A clip used lately, if its files are what they were. Costs one `stat` per file, some microseconds on a local
    /// disk: less than the way to a blocking thread and back.
    pub(crate) fn hot(&self, address: Address) -> Option<Arc<Entry>> {
        let entry = self.recent().get(&address)?;
        if entry.there() {
            return Some(entry);
        }
        self.recent().forget(&address);
        None
    }

    /// A clip, if it is there in every format of its outlet, byte for byte. Blocks.
    pub(crate) fn load(&self, address: Address, outlet: Outlet) -> Option<Arc<Entry>> {
        let (note, sidecar) = self.sidecar(Tree::Clips, address)?;
        let formats = match outlet {
            Outlet::Call => self.formats.as_slice(),
            Outlet::Air => &[Encoding::Wav],
        };
        let mut files = Vec::with_capacity(formats.len());
        for format in formats {
            // One that was not asked for when the clip was rendered is no damage.
            let held = sidecar.files.get(format.extension())?;
            let (trace, bytes) = self.checked(note.with_extension(format.extension()), held)?;
            if *format == Encoding::Wav && !wav::probe(bytes.as_slice()).is_ok_and(|info| outlet.plays(&info))
            {
                return None;
            }
            files.push(trace);
        }
        let entry = Arc::new(Entry { sidecar, note, files });
        if !claim(&entry.note, clock::now()) {
            return None;
        }
        self.recent().insert(address, Arc::clone(&entry));
        Some(entry)
    }

    /// Files a clip and reads it back. Blocks.
    pub(crate) fn store(
        &self,
        (address, outlet): (Address, Outlet),
        rendition: Rendition,
        by: Speaker,
        created: Timestamp,
    ) -> io::Result<Arc<Entry>> {
        let Rendition { measure, files } = rendition;
        self.file(Tree::Clips, address, (measure, by, created), files)?;
        self.load(address, outlet).ok_or_else(|| io::Error::other("what was just written does not read back"))
    }

    /// A master, if it is there byte for byte. Blocks.
    pub(crate) fn load_master(&self, tree: Tree, address: Address) -> Option<Pcm> {
        let (note, sidecar) = self.sidecar(tree, address)?;
        let (_, bytes) = self.checked(note.with_extension(WAV), sidecar.files.get(WAV)?)?;
        let master = decode(&bytes, None, LONGEST_MASTER).ok()?;
        claim(&note, clock::now());
        Some(master)
    }

    /// Files a master. Blocks.
    pub(crate) fn store_master(
        &self,
        tree: Tree,
        address: Address,
        master: &Pcm,
        by: Speaker,
        created: Timestamp,
    ) -> io::Result<()> {
        let loudness = measure(master);
        let measure = Measure {
            seconds: master.seconds(),
            lufs: loudness.lufs,
            peak_dbtp: loudness.true_peak_dbtp,
            envelope: envelope(master, BARS),
            marks: Vec::new(),
        };
        self.file(tree, address, (measure, by, created), vec![(WAV, wav::encode(master))])
    }

    /// An upload cannot be spoken again: it survives a loss of power. Blocks.
    pub(crate) fn store_upload(
        &self,
        address: Address,
        master: &Pcm,
        by: Speaker,
        created: Timestamp,
    ) -> io::Result<()> {
        self.store_master(Tree::Uploads, address, master, by, created)?;
        let stem = self.disk.stem(Tree::Uploads, address);
        for extension in [WAV, "json"] {
            fs::File::open(stem.with_extension(extension))?.sync_all()?;
        }
        stem.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
    }

    /// Makes an entry one that is not found any more, and says whether it was there. Blocks.
    pub(crate) fn forget(&self, tree: Tree, address: Address) -> io::Result<bool> {
        take_away(&self.disk.stem(tree, address))
    }

    fn file(
        &self,
        tree: Tree,
        address: Address,
        (measure, by, created): (Measure, Speaker, Timestamp),
        files: Vec<(&'static str, Vec<u8>)>,
    ) -> io::Result<()> {
        let stem = self.disk.stem(tree, address);
        let mut held = BTreeMap::new();
        let mut total = 0;
        for (extension, bytes) in files {
            self.disk.write(&stem.with_extension(extension), &bytes)?;
            total += bytes.len() as u64;
            held.insert(extension.to_owned(), Held::of(&bytes));
        }
        let count = held.len() as u64 + 1;
        let sidecar = Sidecar::new(address, by, measure, held, created)
            .ok_or_else(|| io::Error::other("the clip cannot be described"))?;
        let note = serde_json::to_vec(&sidecar)?;
        self.disk.write(&stem.with_extension("json"), &note)?;
        self.tally.filed(total + note.len() as u64, count);
        Ok(())
    }

    /// The sidecar of an entry, with its path.
    fn sidecar(&self, tree: Tree, address: Address) -> Option<(PathBuf, Sidecar)> {
        let note = self.disk.stem(tree, address).with_extension("json");
        match Sidecar::read_from(&note, address) {
            Some(sidecar) => Some((note, sidecar)),
            None if note.exists() => self.damaged(&note),
            None => None,
        }
    }

    /// A file with its bytes, if they are those that were written.
    fn checked(&self, path: PathBuf, held: &Held) -> Option<(Trace, Vec<u8>)> {
        let read = fs::File::open(&path).and_then(|mut file| {
            let metadata = file.metadata()?;
            let mut bytes = Vec::new();
            if metadata.len() == held.bytes {
                file.read_to_end(&mut bytes)?;
            }
            Ok((metadata, bytes))
        });
        match read {
            Ok((metadata, bytes)) if Held::of(&bytes) == *held => Some((Trace::of(path, &metadata), bytes)),
            Ok(_) | Err(_) => self.damaged(&path),
        }
    }

    fn damaged<T>(&self, path: &Path) -> Option<T> {
        tracing::warn!(path = %path.display(), "a file of the audio cache is damaged; it is not played but made anew");
        self.tally.damaged();
        None
    }

    fn recent(&self) -> MutexGuard<'_, Recent<Address, Arc<Entry>>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
