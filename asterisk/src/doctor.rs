//! Looks a spool and its Asterisk over, and says what is wrong, and what to do.

mod access;
mod answers;
mod calls;
pub(crate) mod dialplan;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use pregon_core::Timestamp;
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_OMIT, utimensat};

use crate::folders::{Folders, create, writable};
use access::Process;
pub use answers::Answers;

/// So far ahead that nobody dials it: the probe is gone long before.
const SCHEDULED: Duration = Duration::from_hours(365 * 24);

/// What a finding means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It could not be looked at. What would help.
    Unseen(String),
    /// Wrong. What to do.
    Bad(String),
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub what: String,
    /// Whether it is well.
    pub verdict: Verdict,
}

impl Finding {
    fn good(what: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Good }
    }

    fn unseen(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Unseen(help.into()) }
    }

    fn bad(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Bad(fix.into()) }
    }

    fn is_bad(&self) -> bool {
        matches!(self.verdict, Verdict::Bad(_))
    }
}

/// What to look over.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The folder that holds `outgoing/`.
    pub spool: PathBuf,
    /// Where calls are reported; by default `results/` in the spool.
    pub results: Option<PathBuf>,
    /// Where the messages are.
    pub audio: Option<PathBuf>,
}

/// Looks it over. What it writes to try a folder out it removes at once: in `outgoing/` a file that is scheduled for
/// next year and would dial nobody. `answers` is what the console said; `None` where the simulator plays Asterisk.
/// Blocks.
pub fn examine(scene: &Scene, answers: Option<&Answers>, now: Timestamp) -> Vec<Finding> {
    let folders = folders(scene);
    let mut findings: Vec<Finding> = folders.all().into_iter().filter_map(|f| existing(f)).collect();
    if !findings.is_empty() {
        return findings;
    }
    let asterisk = answers.and_then(Answers::process).unwrap_or_else(|| Process::behind(&folders.outgoing));
    // What Asterisk archives and reports is ours to remove.
    findings.extend(folders.all().map(|folder| may_write(folder)));
    findings.push(one_file_system(&folders));
    if !findings.iter().any(Finding::is_bad) {
        findings.extend([
            linkable(&folders),
            hand_over(&folders, &asterisk, now),
            may_report(&folders, &asterisk),
        ]);
    }
    findings.extend(scene.audio.as_deref().and_then(|audio| may_read(audio, &asterisk)));
    let life = answers.and_then(|answers| answers.life(now));
    findings.extend(calls::all(&folders, life.as_ref(), answers.is_some(), now));
    findings.extend(answers.into_iter().flat_map(|answers| answers.findings(&folders)));
    findings
}

fn folders(scene: &Scene) -> Folders {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folders = Folders::of(&absolute(&scene.spool));
    match &scene.results {
        Some(results) => Folders { results: absolute(results), ..folders },
        None => folders,
    }
}

fn existing(folder: &Path) -> Option<Finding> {
    match fs::read_dir(folder) {
        Ok(_) => None,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Finding::bad(
            format!("{} is missing", folder.display()),
            "./manage.sh setup makes it, and so does a worker that starts; if ASTERISK_SPOOL_DIR names another folder \
             than Asterisk's astspooldir, correct it",
        )),
        Err(error) => Some(Finding::bad(
            format!("{} cannot be read: {error}", folder.display()),
            "let the user that runs pregon read and write there: ./manage.sh setup, then log in again",
        )),
    }
}

fn may_write(folder: &Path) -> Finding {
    match writable(folder) {
        Ok(()) => Finding::good(format!("{} is writable", folder.display())),
        Err(error) => Finding::bad(
            format!("{} is not writable: {error}", folder.display()),
            "./manage.sh setup, then log in again: it adds the user that runs pregon to Asterisk's group and makes the \
             folder group-writable",
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

/// A hand-over to its end, with a file that Asterisk puts on its list for next year, and that is gone before. Were it
/// dialled nevertheless, it names no channel, and Asterisk would throw it away.
fn hand_over(folders: &Folders, asterisk: &Process, now: Timestamp) -> Finding {
    let name = format!(".probe-{:016x}", rand::random::<u64>());
    let (staged, handed) = (folders.staging.join(&name), folders.outgoing.join(&name));
    let try_out = || -> io::Result<fs::Metadata> {
        let mut file = create(&staged)?;
        file.write_all(b"; a probe of pregon doctor: dials nobody\n")?;
        let ahead = (now + SCHEDULED).millis() / 1_000;
        let times = Timestamps {
            last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
            last_modification: Timespec { tv_sec: ahead, tv_nsec: 0 },
        };
        utimensat(CWD, &staged, &times, AtFlags::empty())?;
        let ours = file.metadata()?;
        // Closed before: closing in outgoing/ would be news of its own to Asterisk.
        drop(file);
        fs::rename(&staged, &handed).map(|()| ours)
    };
    let tried = try_out();
    let taken_back = fs::remove_file(&handed);
    drop(fs::remove_file(&staged));
    let ours = match (tried, taken_back) {
        (Ok(ours), Ok(())) => ours,
        (Ok(_), Err(error)) => {
            return Finding::bad(
                format!(
                    "a file that was scheduled for next year could not be taken back from outgoing/: {error}"
                ),
                "if it was taken at once, Asterisk cannot read our files or its clock is wrong; if it is still there, \
                 remove it, and let the user that runs pregon remove files there",
            );
        }
        (Err(error), _) => {
            return Finding::bad(
                format!("a file cannot be handed over by renaming it from staging/ to outgoing/: {error}"),
                "./manage.sh setup, then log in again; staging/ and outgoing/ must be folders of one file system",
            );
        }
    };
    if asterisk.may(&ours, access::READ | access::WRITE) {
        return Finding::good("a call file can be handed over and taken back, and Asterisk may write in it");
    }
    Finding::bad(
        format!(
            "Asterisk ({asterisk}) may not write in our call files ({}): it would dial them over and over",
            access::told(&ours)
        ),
        format!(
            "./manage.sh setup, or: chgrp {} {staging} && chmod 2770 {staging}, with the user that runs pregon in that \
             group",
            asterisk.group(),
            staging = folders.staging.display()
        ),
    )
}

fn may_report(folders: &Folders, asterisk: &Process) -> Finding {
    let results = &folders.results;
    let fix = || {
        format!(
            "./manage.sh setup, or: chgrp {} {results} && chmod 2770 {results}",
            asterisk.group(),
            results = results.display()
        )
    };
    if let Some(closed) = asterisk.stopped_at(results) {
        return Finding::bad(
            format!("Asterisk ({asterisk}) cannot enter {}: no call would be reported", closed.display()),
            format!("chmod a+x {}", closed.display()),
        );
    }
    if let Some(shut) = unreadable(results) {
        return Finding::bad(
            format!("{} cannot be read: nobody would know how calls ended", shut.display()),
            "Asterisk's umask keeps others from what it writes: put UMask=0007 under [Service] (systemctl edit asterisk), \
             or umask 0007 into the script that starts it, and restart it",
        );
    }
    match fs::metadata(results) {
        Ok(meta) if asterisk.may(&meta, access::WRITE | access::ENTER) => {
            Finding::good("Asterisk may write call results")
        }
        Ok(_) | Err(_) => Finding::bad(
            format!(
                "Asterisk ({asterisk}) may not write in results/ ({}): busy, no answer and wrong number will all read as \
                 unreachable",
                results.display()
            ),
            fix(),
        ),
    }
}

/// A result that we may not read.
fn unreadable(results: &Path) -> Option<PathBuf> {
    let shut = |path: &PathBuf| {
        fs::File::open(path).is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
    };
    let entries = fs::read_dir(results).into_iter().flatten().flatten().take(access::SAMPLE);
    entries.map(|entry| entry.path()).find(shut)
}

/// A message that Asterisk cannot read is a call that is answered by silence.
fn may_read(audio: &Path, asterisk: &Process) -> Option<Finding> {
    // It is made with the first message.
    if !audio.exists() {
        return None;
    }
    let Some(closed) = asterisk.unreadable_in(audio) else {
        return Some(Finding::good(format!("Asterisk may read the messages in {}", audio.display())));
    };
    let opening = if closed.starts_with(audio) {
        format!("chgrp -R {} {audio} && chmod -R g+rX {audio}", asterisk.group(), audio = audio.display())
    } else {
        format!("chmod a+x {}", closed.display())
    };
    Some(Finding::bad(
        format!("Asterisk ({asterisk}) cannot read {}: calls would be silent", closed.display()),
        format!(
            "set AUDIO_DIR to a folder that Asterisk may read, such as /var/lib/pregon/audio (./manage.sh setup does), \
             or: {opening}"
        ),
    ))
}

#[cfg(test)]
mod asterisk_tests;
#[cfg(test)]
#[path = "doctor_tests.rs"]
mod tests;
