//! Who Asterisk is to the file system, and what he may do there.

use std::fmt;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

pub(super) const READ: u32 = 4;
pub(super) const WRITE: u32 = 2;
pub(super) const ENTER: u32 = 1;

/// `CAP_DAC_OVERRIDE`: not asked for permissions.
const OVERRIDE: u64 = 1 << 1;

/// What Asterisk plays; notes and half-made files lie beside it.
const PLAYED: [&str; 5] = ["wav", "ulaw", "alaw", "g722", "sln"];

/// Folders in it that Asterisk has no business in.
const OURS: [&str; 4] = ["lexicons", "masters", "tmp", "uploads"];

/// More messages are not looked at: with thousands that can be read, the next one can be too.
pub(super) const SAMPLE: usize = 2_000;

/// A process, as far as permissions go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    uid: u32,
    /// Its own first.
    gids: Vec<u32>,
    mighty: bool,
}

impl Process {
    /// A running one. `None` when there is none of that id, or it is not Asterisk: it may live in another container.
    pub(super) fn running(pid: u32) -> Option<Self> {
        let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        if !String::from_utf8_lossy(&command).contains("asterisk") {
            return None;
        }
        Self::read(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
    }

    /// Reads `/proc/PID/status`.
    pub(super) fn read(status: &str) -> Option<Self> {
        let line = |name: &str| status.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
        // Real, effective, saved, file system: the last is what counts.
        let last = |name| line(name)?.split_whitespace().nth(3)?.parse::<u32>().ok();
        let gid = last("Gid")?;
        let others = line("Groups").unwrap_or_default().split_whitespace().filter_map(|g| g.parse().ok());
        let capabilities =
            line("CapEff").and_then(|c| u64::from_str_radix(c.trim(), 16).ok()).unwrap_or_default();
        Some(Self {
            uid: last("Uid")?,
            gids: std::iter::once(gid).chain(others).collect(),
            mighty: capabilities & OVERRIDE != 0,
        })
    }

    /// Whoever owns `outgoing/`, when no process is known.
    pub(super) fn behind(outgoing: &Path) -> Self {
        let owner = fs::metadata(outgoing).map_or((0, 0), |meta| (meta.uid(), meta.gid()));
        Self { uid: owner.0, gids: vec![owner.1], mighty: owner.0 == 0 }
    }

    pub(super) fn group(&self) -> u32 {
        self.gids.first().copied().unwrap_or_default()
    }

    /// Whether it may do all of `wanted` with the file or folder.
    pub(super) fn may(&self, meta: &Metadata, wanted: u32) -> bool {
        let mode = meta.mode();
        let given = match (meta.uid() == self.uid, self.gids.contains(&meta.gid())) {
            (true, _) => mode >> 6,
            (false, true) => mode >> 3,
            (false, false) => mode,
        };
        self.mighty || given & wanted == wanted
    }

    /// The folder on the way to `path` that it cannot enter.
    pub(super) fn stopped_at(&self, path: &Path) -> Option<PathBuf> {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut above: Vec<&Path> = real.ancestors().skip(1).collect();
        above.reverse();
        let closed = |folder: &&Path| fs::metadata(folder).is_ok_and(|meta| !self.may(&meta, ENTER));
        above.into_iter().find(closed).map(Path::to_owned)
    }

    /// What it cannot read in a folder of messages, or on the way there.
    pub(super) fn unreadable_in(&self, audio: &Path) -> Option<PathBuf> {
        if let Some(closed) = self.stopped_at(audio) {
            return Some(closed);
        }
        let mut open = vec![audio.to_owned()];
        let mut seen = 0;
        while let Some(path) = open.pop() {
            let Ok(meta) = fs::metadata(&path) else { continue };
            let wanted = if meta.is_dir() { ENTER } else { READ };
            let played = path.extension().is_some_and(|e| PLAYED.iter().any(|name| e == *name));
            if OURS.iter().any(|name| path.ends_with(name)) || !meta.is_dir() && !played {
                continue;
            }
            if !self.may(&meta, wanted) {
                return Some(path);
            }
            seen += 1;
            if meta.is_dir() && seen < SAMPLE {
                open.extend(
                    fs::read_dir(&path).into_iter().flatten().flatten().take(SAMPLE).map(|e| e.path()),
                );
            }
        }
        None
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user {}, group {}", self.uid, self.group())
    }
}

/// Whose a file is, and its mode.
pub(super) fn told(meta: &Metadata) -> String {
    format!("user {}, group {}, mode {:04o}", meta.uid(), meta.gid(), meta.mode() & 0o7777)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const STATUS: &str =
        "Name:\tasterisk\nUid:\t5\t5\t5\t5\nGid:\t6\t6\t6\t6\nGroups:\t6 7 \nCapEff:\t0000000000000000\n";

    #[test]
    fn what_a_process_may_is_what_the_kernel_would_say() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let meta = file.path().metadata().unwrap();
        let status = |uid: u32, gid: u32| {
            STATUS
                .replace("Uid:\t5\t5\t5\t5", &format!("Uid:\t1\t1\t1\t{uid}"))
                .replace(" 7 ", &format!(" {gid} "))
        };
        let (us, ours, other) = (meta.uid(), meta.gid(), 54_321);
        for (uid, gid, mode, may) in [
            (us, other, 0o600, true),
            (us, ours, 0o060, false), // the owner's bits count for the owner, even where they are fewer
            (other, ours, 0o060, true),
            (other, ours, 0o606, false),
            (other, other, 0o006, true),
            (other, other, 0o660, false),
        ] {
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            let meta = file.path().metadata().unwrap();
            let process = Process::read(&status(uid, gid)).unwrap();
            assert_eq!(process.may(&meta, READ | WRITE), may, "{uid} {gid} {mode:o}");
        }
        let root = STATUS.replace("0000000000000000", "000001ffffffffff");
        assert!(Process::read(&root).unwrap().may(&meta, READ | WRITE));
    }

    #[test]
    fn a_process_that_is_not_asterisk_tells_nothing() {
        assert_eq!(Process::running(u32::MAX), None);
        assert_eq!(Process::read("Name:\tasterisk\n"), None);
    }
}
