//! Making room: what was not used for longest goes first, and nothing that a call or a station may still play.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use pregon_core::Timestamp;

use crate::address::Address;
use crate::cache::Cache;
use crate::disk::{Disk, TOUCH, Tree, age};
use crate::lock::Lock;
use crate::studio::blocking;
use crate::tally::Book;

/// A clip stays for so long after its use, whatever the limit: from its rendering it may wait for a line, for Asterisk, or
/// in a station's queue. Whoever waits longer has it noted as used from time to time. The first [`TOUCH`] of it is how
/// exactly a use is known.
const KEEP: Duration = Duration::from_hours(3);
const _: () = assert!(KEEP.as_secs() > 2 * TOUCH.as_secs());

/// How often the folder is gone through to see what there really is.
const SURVEY: Duration = Duration::from_hours(1);

/// How often at most when there is too much in it: what may not leave yet would be looked at again and again.
const AGAIN: Duration = Duration::from_mins(2);

/// Between two of the small folders: renders come first.
const REST: Duration = Duration::from_millis(4);

/// The small folders, by the first two digits of what lies in them.
pub(crate) fn shards() -> impl Iterator<Item = String> {
    (0..=u8::MAX).map(|first| format!("{first:02x}"))
}

/// One clip or master with all its files.
#[derive(Debug)]
pub(crate) struct Lot {
    pub(crate) tree: Tree,
    pub(crate) address: Address,
    pub(crate) bytes: u64,
    pub(crate) files: u64,
    /// When it was used last; `None` when it is no longer, or not yet, to be found.
    pub(crate) used: Option<SystemTime>,
    /// The same of one that was purged; for one that was never finished, when it was begun.
    left: Option<SystemTime>,
    extensions: Vec<String>,
}

/// What lies in a small folder. Blocks.
pub(crate) fn survey(disk: &Disk, tree: Tree, shard: &str) -> io::Result<Vec<Lot>> {
    let folder = match fs::read_dir(disk.shard(tree, shard)) {
        Ok(folder) => folder,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut lots: BTreeMap<String, Lot> = BTreeMap::new();
    for file in folder {
        let path = file?.path();
        // Gone since: somebody else's business.
        let Ok(metadata) = fs::metadata(&path) else { continue };
        let (Some(stem), Some(extension)) = (part(path.file_stem()), part(path.extension())) else {
            continue;
        };
        let Some(address) = Address::parse(stem).filter(|_| extension != "lock") else { continue };
        let lot = lots.entry(stem.to_owned()).or_insert_with(|| Lot {
            tree,
            address,
            bytes: 0,
            files: 0,
            used: None,
            left: None,
            extensions: Vec::new(),
        });
        lot.add(extension, &metadata);
    }
    Ok(lots.into_values().collect())
}

fn part(name: Option<&std::ffi::OsStr>) -> Option<&str> {
    name.and_then(std::ffi::OsStr::to_str)
}

impl Lot {
    fn add(&mut self, extension: &str, metadata: &Metadata) {
        self.bytes += metadata.len();
        self.files += 1;
        self.extensions.push(extension.to_owned());
        let modified = metadata.modified().ok();
        match extension {
            "json" => self.used = modified,
            _ => self.left = self.left.max(modified),
        }
    }

    /// Removes it, unless it is being rendered or was used a moment ago. Blocks.
    pub(crate) fn evict(&self, disk: &Disk, now: Timestamp) -> io::Result<bool> {
        let Some(_lock) = Lock::attempt(&disk.lock(self.tree, self.address)?)? else { return Ok(false) };
        let stem = disk.stem(self.tree, self.address);
        if self.used.is_some() {
            if !take_away(&stem)? {
                return Ok(false);
            }
            // Whoever finds the sidecar has noted the use before; see `claim`.
            if !self.spent(fs::metadata(stem.with_extension("gone"))?.modified()?, now) {
                fs::rename(stem.with_extension("gone"), stem.with_extension("json"))?;
                return Ok(false);
            }
        } else if stem.with_extension("json").exists() {
            return Ok(false);
        }
        let last = |extension: &&String| ["json", "gone"].contains(&extension.as_str());
        for extension in self.extensions.iter().filter(|extension| !last(extension)) {
            remove(&stem.with_extension(extension))?;
        }
        remove(&stem.with_extension("gone"))?;
        Ok(true)
    }

    fn spent(&self, used: SystemTime, now: Timestamp) -> bool {
        self.tree != Tree::Clips || age(used, now) >= KEEP
    }
}

/// Makes an entry one that is not found any more, and keeps the time of its last use. Says whether it was there.
pub(crate) fn take_away(stem: &Path) -> io::Result<bool> {
    match fs::rename(stem.with_extension("json"), stem.with_extension("gone")) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn remove(path: &PathBuf) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes down what this process has counted and, when it is time and nobody else is at it, makes room. `limit` is in
/// bytes, 0 for none. May be cancelled at any time.
pub(crate) async fn tidy(cache: &Arc<Cache>, limit: u64, now: Timestamp) -> io::Result<()> {
    let due = move |book: &Book| {
        let since = book.swept.map(|at| now.since(at));
        let full = limit > 0 && book.bytes > limit;
        since.is_none_or(|since| since >= if full { AGAIN } else { SURVEY })
    };
    let (own, disk) = (Arc::clone(cache), Arc::clone(cache));
    if !due(&blocking(move || Book::update(own.disk(), own.tally(), |_| {})).await??) {
        return Ok(());
    }
    let lock = blocking(move || Lock::attempt(&disk.disk().root().join("sweep.lock"))).await??;
    let Some(_lock) = lock else { return Ok(()) };
    let own = Arc::clone(cache);
    if !due(&blocking(move || Book::read(own.disk())).await?) {
        return Ok(());
    }
    sweep(cache, limit, now).await
}

async fn sweep(cache: &Arc<Cache>, limit: u64, now: Timestamp) -> io::Result<()> {
    let mut found = Found::default();
    for tree in [Tree::Clips, Tree::Masters, Tree::Uploads] {
        for shard in shards() {
            let own = Arc::clone(cache);
            let lots = blocking(move || look_through(&own, tree, &shard, now)).await??;
            if !lots.is_empty() {
                tokio::time::sleep(REST).await;
            }
            for lot in lots {
                found.note(lot);
            }
        }
    }
    found.oldest_first.sort_unstable_by_key(|lot| lot.used);
    if limit > 0 && found.bytes > limit {
        found = make_room(cache, found, limit - limit / 10, now).await?;
    }
    if limit > 0 && found.bytes > limit {
        tracing::warn!(
            bytes = found.bytes,
            limit,
            "the audio cache is over AUDIO_CACHE_MAX with clips of the last hours, which calls may still play"
        );
    }
    let own = Arc::clone(cache);
    let Found { bytes, files, upload_bytes, .. } = found;
    blocking(move || {
        Book::update(own.disk(), own.tally(), |book| {
            Book { bytes, files, upload_bytes, swept: Some(now), ..book.clone() }.clone_into(book);
        })
    })
    .await??;
    Ok(())
}

/// What a sweep has found.
#[derive(Default)]
struct Found {
    bytes: u64,
    files: u64,
    upload_bytes: u64,
    oldest_first: Vec<Lot>,
}

impl Found {
    fn note(&mut self, lot: Lot) {
        if lot.tree == Tree::Uploads {
            self.upload_bytes += lot.bytes;
            return;
        }
        self.bytes += lot.bytes;
        self.files += lot.files;
        if lot.used.is_some() {
            self.oldest_first.push(lot);
        }
    }
}

/// The lots of a small folder, without those that nobody can find and nobody may be playing any more: these are removed.
fn look_through(cache: &Cache, tree: Tree, shard: &str, now: Timestamp) -> io::Result<Vec<Lot>> {
    let mut lots = survey(cache.disk(), tree, shard)?;
    lots.retain(|lot| {
        let over = lot.used.is_none() && lot.left.is_none_or(|left| age(left, now) >= KEEP);
        !(over && lot.evict(cache.disk(), now).unwrap_or(false))
    });
    Ok(lots)
}

/// Evicts until no more than `target` bytes are left, or nothing may leave.
async fn make_room(cache: &Arc<Cache>, found: Found, target: u64, now: Timestamp) -> io::Result<Found> {
    let Found { mut bytes, mut files, upload_bytes, oldest_first } = found;
    let mut waiting = oldest_first.into_iter();
    while bytes > target {
        let lots: Vec<_> = waiting.by_ref().take(16).collect();
        if lots.is_empty() {
            break;
        }
        let own = Arc::clone(cache);
        let evict = move || {
            let mut freed = (0, 0);
            for lot in lots {
                let may = lot.used.is_some_and(|used| lot.spent(used, now));
                if may && bytes > target + freed.0 && lot.evict(own.disk(), now)? {
                    own.tally().evicted();
                    freed = (freed.0 + lot.bytes, freed.1 + lot.files);
                }
            }
            Ok::<_, io::Error>(freed)
        };
        let freed = blocking(evict).await??;
        bytes = bytes.saturating_sub(freed.0);
        files = files.saturating_sub(freed.1);
        tokio::time::sleep(REST).await;
    }
    Ok(Found { bytes, files, upload_bytes, oldest_first: Vec::new() })
}
