//! Looks a spool over and says what is wrong with it, and what to do.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use pregon_core::Timestamp;

use crate::fate::{LONGEST_CALL, changed};
use crate::folders::{Folders, create, key_of, writable};
use crate::outcome::Marks;

/// A running Asterisk takes a file within milliseconds: one that waits longer waits for an Asterisk.
const PICKED_UP_WITHIN: Duration = Duration::from_mins(1);

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub what: String,
    /// What to do about it; `None` when it is as it should be.
    pub fix: Option<String>,
}

impl Finding {
    /// Whether all is well.
    pub const fn ok(&self) -> bool {
        self.fix.is_none()
    }

    fn good(what: impl Into<String>) -> Self {
        Self { what: what.into(), fix: None }
    }

    fn bad(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), fix: Some(fix.into()) }
    }
}

/// Looks over the spool in `dir`, the folder that holds `outgoing/`. Changes nothing; what it writes to try a folder
/// out it removes at once, and it writes nothing in `outgoing/`, where any file is dialled. Blocks.
pub fn examine(dir: &Path, now: Timestamp) -> Vec<Finding> {
    let folders = Folders::of(&std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()));
    let mut findings: Vec<Finding> = folders.all().into_iter().filter_map(|f| existing(f)).collect();
    if !findings.is_empty() {
        return findings;
    }
    findings.extend([&folders.outgoing, &folders.staging, &folders.ledger].map(|f| may_write(f)));
    findings.push(one_file_system(&folders));
    if findings.iter().all(Finding::ok) {
        findings.extend([linkable(&folders), asterisk_may_append(&folders), asterisk_may_report(&folders)]);
    }
    findings.push(backlog(&folders, now));
    findings.extend([overdue(&folders, now), stray(&folders, now)].into_iter().flatten());
    findings
}

fn existing(folder: &Path) -> Option<Finding> {
    match fs::read_dir(folder) {
        Ok(_) => None,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Finding::bad(
            format!("{} is missing", folder.display()),
            "it is made when a worker starts; if ASTERISK_SPOOL_DIR names another folder than Asterisk's astspooldir, \
             correct it",
        )),
        Err(error) => Some(Finding::bad(
            format!("{} cannot be read: {error}", folder.display()),
            "let the user that runs pregon read and write there",
        )),
    }
}

fn may_write(folder: &Path) -> Finding {
    match writable(folder) {
        Ok(()) => Finding::good(format!("{} is writable", folder.display())),
        Err(error) => Finding::bad(
            format!("{} is not writable: {error}", folder.display()),
            "add the user that runs pregon to Asterisk's group and make the folder group-writable (chmod g+w), or run \
             pregon as Asterisk's user",
        ),
    }
}

fn one_file_system(folders: &Folders) -> Finding {
    match folders.together() {
        Ok(()) => Finding::good("staging/, ledger/ and outgoing/ are on one file system"),
        Err(error) => Finding::bad(
            error.to_string(),
            "a call file must be handed over by one rename: remove the mount or symbolic link between them, or mount \
             the whole spool instead of its folders",
        ),
    }
}

fn linkable(folders: &Folders) -> Finding {
    match folders.probe() {
        Ok(()) => Finding::good("a file can be staged and committed"),
        Err((path, error)) => Finding::bad(
            format!("a file cannot be staged and committed: {}: {error}", path.display()),
            "use a local Linux file system that has hard links (ext4, xfs, btrfs, tmpfs), with free space",
        ),
    }
}

/// A file that Asterisk cannot append to is dialled again and again. Asterisk is whoever owns `outgoing/`.
fn asterisk_may_append(folders: &Folders) -> Finding {
    let path = folders.staging.join(format!(".probe-{:016x}", rand::random::<u64>()));
    let tried = create(&path).and_then(|file| Ok((file.metadata()?, fs::metadata(&folders.outgoing)?)));
    drop(fs::remove_file(&path));
    match tried {
        Ok((ours, asterisk)) if ours.uid() == asterisk.uid() || ours.gid() == asterisk.gid() => {
            Finding::good("Asterisk may write in our call files")
        }
        Ok((ours, asterisk)) => Finding::bad(
            format!(
                "Asterisk may not write in our call files: they belong to group {}, outgoing/ to user {} and group {}",
                ours.gid(),
                asterisk.uid(),
                asterisk.gid()
            ),
            format!(
                "chgrp {} {staging} && chmod 2775 {staging}, with the user that runs pregon in that group",
                asterisk.gid(),
                staging = folders.staging.display()
            ),
        ),
        Err(error) => Finding::bad(
            format!("{} cannot be tried out: {error}", folders.staging.display()),
            "let the user that runs pregon write there",
        ),
    }
}

fn asterisk_may_report(folders: &Folders) -> Finding {
    let (Ok(results), Ok(asterisk)) = (fs::metadata(&folders.results), fs::metadata(&folders.outgoing))
    else {
        return Finding::bad("results/ cannot be read", "let the user that runs pregon read it");
    };
    let owner = results.uid() == asterisk.uid() && results.mode() & 0o200 != 0;
    let group = results.gid() == asterisk.gid() && results.mode() & 0o020 != 0;
    if owner || group || results.mode() & 0o002 != 0 {
        return Finding::good("Asterisk may write call results");
    }
    Finding::bad(
        "Asterisk may not write in results/: busy, no answer and wrong number will all read as unreachable",
        format!(
            "chgrp {} {results} && chmod 2775 {results}",
            asterisk.gid(),
            results = folders.results.display()
        ),
    )
}

/// The files of `outgoing/` that Asterisk has (`taken`) or has not taken, and their age.
fn waiting(folders: &Folders, taken: bool, now: Timestamp) -> Vec<Duration> {
    let entries = fs::read_dir(&folders.outgoing).into_iter().flatten().flatten();
    let files = entries.filter_map(|entry| {
        let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        // A file from the future is a call that is scheduled.
        let scheduled = meta.mtime() > now.millis() / 1_000;
        let marks = Marks::read(&fs::read_to_string(entry.path()).ok()?);
        let wanted = marks.started.is_some() == taken && (taken || !scheduled);
        wanted.then(|| now.since(changed(&meta)))
    });
    files.collect()
}

fn backlog(folders: &Folders, now: Timestamp) -> Finding {
    let ages = waiting(folders, false, now);
    match ages.iter().max() {
        Some(oldest) if *oldest > PICKED_UP_WITHIN => Finding::bad(
            format!("{} calls wait in outgoing/, the oldest for {} s", ages.len(), oldest.as_secs()),
            "Asterisk does not take them: start it, and see that pbx_spool is loaded. It will dial all of them at \
             once; move away what shall not be dialled before",
        ),
        Some(_) | None => Finding::good("no calls are stuck in outgoing/"),
    }
}

fn overdue(folders: &Folders, now: Timestamp) -> Option<Finding> {
    let count = waiting(folders, true, now).into_iter().filter(|age| *age > LONGEST_CALL).count();
    (count > 0).then(|| {
        Finding::bad(
            format!("{count} calls were taken by Asterisk more than an hour ago and never ended"),
            "Asterisk may dial them again when it starts: move their files away from outgoing/, and decide on their \
             jobs, which are shown as uncertain",
        )
    })
}

fn stray(folders: &Folders, now: Timestamp) -> Option<Finding> {
    let entries = fs::read_dir(&folders.staging).into_iter().flatten().flatten();
    let is_ours = |name: &std::ffi::OsStr| Path::new(name).file_stem().and_then(key_of).is_some();
    let old = entries
        .filter(|entry| is_ours(&entry.file_name()))
        .filter(|entry| entry.metadata().is_ok_and(|meta| now.since(changed(&meta)) > LONGEST_CALL))
        .count();
    (old > 0).then(|| {
        Finding::bad(
            format!("{old} files in staging/ are left from workers that died"),
            "they are harmless and are removed by age; many of them mean that workers keep dying: see their logs",
        )
    })
}

#[cfg(test)]
#[path = "doctor_tests.rs"]
mod tests;
