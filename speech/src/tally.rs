//! Counting what the cache does, over all processes on its folder.

use std::fs;
use std::io;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use pregon_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::disk::Disk;

/// What this process has counted and not yet written down.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    hits: AtomicU64,
    misses: AtomicU64,
    spoken: AtomicU64,
    evicted: AtomicU64,
    damaged: AtomicU64,
    bytes: AtomicI64,
    files: AtomicI64,
}

impl Tally {
    pub(crate) fn hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn missed(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn spoken(&self) {
        self.spoken.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn damaged(&self) {
        self.damaged.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn evicted(&self) {
        self.evicted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn filed(&self, bytes: u64, files: u64) {
        self.bytes.fetch_add(signed(bytes), Ordering::Relaxed);
        self.files.fetch_add(signed(files), Ordering::Relaxed);
    }

    pub(crate) fn removed(&self, bytes: u64, files: u64) {
        self.bytes.fetch_sub(signed(bytes), Ordering::Relaxed);
        self.files.fetch_sub(signed(files), Ordering::Relaxed);
    }

    fn move_to(&self, book: &mut Book) {
        for (own, total) in [
            (&self.hits, &mut book.hits),
            (&self.misses, &mut book.misses),
            (&self.spoken, &mut book.spoken),
            (&self.evicted, &mut book.evicted),
            (&self.damaged, &mut book.damaged),
        ] {
            *total = total.saturating_add(own.swap(0, Ordering::Relaxed));
        }
        book.bytes = book.bytes.saturating_add_signed(self.bytes.swap(0, Ordering::Relaxed));
        book.files = book.files.saturating_add_signed(self.files.swap(0, Ordering::Relaxed));
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What all processes have counted, as it lies in the folder. A damaged one is begun anew: its sizes are measured
/// again by the next sweep, and its counts are for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Book {
    pub(crate) bytes: u64,
    pub(crate) files: u64,
    pub(crate) upload_bytes: u64,
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    pub(crate) spoken: u64,
    pub(crate) evicted: u64,
    pub(crate) damaged: u64,
    pub(crate) swept: Option<Timestamp>,
}

impl Book {
    /// As it was last written. Blocks.
    pub(crate) fn read(disk: &Disk) -> Self {
        let bytes = fs::read(disk.root().join("tally.json")).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Writes down what `tally` has counted, lets `change` have a say, and returns the whole. Blocks for as long as other
    /// processes do the same.
    pub(crate) fn update(disk: &Disk, tally: &Tally, change: impl FnOnce(&mut Self)) -> io::Result<Self> {
        let lock = disk.shared("tally.lock")?;
        lock.lock()?;
        let mut book = Self::read(disk);
        tally.move_to(&mut book);
        change(&mut book);
        disk.write(&disk.root().join("tally.json"), &serde_json::to_vec(&book)?)?;
        Ok(book)
    }
}
