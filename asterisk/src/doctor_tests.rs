use std::os::unix::fs::{PermissionsExt as _, symlink};

use pregon_core::clock;

use super::*;
use crate::Spool;

const HOUR: Duration = Duration::from_hours(1);

fn wrong(dir: &Path, now: Timestamp) -> Vec<String> {
    let findings = examine(dir, now);
    findings.into_iter().filter_map(|f| Some(format!("{} → {}", f.what, f.fix?))).collect()
}

fn only(dir: &Path, now: Timestamp) -> String {
    let mut all = wrong(dir, now);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn a_fresh_spool_is_well_and_stays_empty() {
    let dir = tempfile::tempdir().unwrap();
    Spool::open(dir.path()).unwrap();
    assert_eq!(wrong(dir.path(), clock::now()), [""; 0]);
    assert!(examine(dir.path(), clock::now()).len() >= 7);
    for folder in ["outgoing", "staging", "ledger", "results", "outgoing_done"] {
        assert_eq!(fs::read_dir(dir.path().join(folder)).unwrap().count(), 0, "{folder}");
    }
}

#[test]
fn a_missing_folder_is_named() {
    let dir = tempfile::tempdir().unwrap();
    Spool::open(dir.path()).unwrap();
    fs::remove_dir(dir.path().join("outgoing")).unwrap();
    let finding = only(dir.path(), clock::now());
    assert!(finding.contains("outgoing is missing") && finding.contains("ASTERISK_SPOOL_DIR"), "{finding}");
}

#[test]
fn folders_on_two_file_systems_are_found_and_refused() {
    let (disk, memory) = (tempfile::tempdir().unwrap(), tempfile::tempdir_in("/dev/shm"));
    let Ok(memory) = memory else {
        println!("SKIPPED: there is no second file system at /dev/shm");
        return;
    };
    if fs::metadata(disk.path()).unwrap().dev() == fs::metadata(memory.path()).unwrap().dev() {
        println!("SKIPPED: the temporary folder is in /dev/shm");
        return;
    }
    Spool::open(disk.path()).unwrap();
    for folder in ["outgoing", "staging"] {
        let dir = tempfile::tempdir().unwrap();
        symlink(memory.path(), dir.path().join(folder)).unwrap();
        let error = Spool::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("different file systems") && error.contains("outgoing"), "{error}");
        let finding = only(dir.path(), clock::now());
        assert!(finding.contains("different file systems") && finding.contains("mount"), "{finding}");
    }
}

#[test]
fn a_link_within_one_file_system_is_fine() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    symlink(elsewhere.path(), dir.path().join("outgoing")).unwrap();
    Spool::open(dir.path()).unwrap();
    assert_eq!(wrong(dir.path(), clock::now()), [""; 0]);
}

#[test]
fn a_folder_that_we_may_not_write_is_found() {
    let dir = tempfile::tempdir().unwrap();
    Spool::open(dir.path()).unwrap();
    let outgoing = dir.path().join("outgoing");
    fs::set_permissions(&outgoing, fs::Permissions::from_mode(0o555)).unwrap();
    if rustix::process::geteuid().is_root() {
        // Root may write anywhere; what is left to see is that nothing else is complained about.
        assert_eq!(wrong(dir.path(), clock::now()), [""; 0]);
        return;
    }
    let finding = only(dir.path(), clock::now());
    assert!(finding.contains("outgoing is not writable") && finding.contains("group"), "{finding}");
    assert!(Spool::open(dir.path()).unwrap_err().to_string().contains("outgoing is not usable"));
}

#[test]
fn foreign_ownership_is_found() {
    let dir = tempfile::tempdir().unwrap();
    Spool::open(dir.path()).unwrap();
    let foreign = rustix::fs::chown(
        dir.path().join("outgoing"),
        Some(rustix::fs::Uid::from_raw(54_321)),
        Some(rustix::fs::Gid::from_raw(54_321)),
    );
    if foreign.is_err() {
        println!("SKIPPED: only root can give a folder away");
        return;
    }
    let all = wrong(dir.path(), clock::now());
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all[0].contains("may not write in our call files") && all[0].contains("chgrp 54321"), "{all:?}");
    assert!(all[1].contains("results/") && all[1].contains("chgrp 54321"), "{all:?}");
    // Folders that are made beside it get its group, and then all is well.
    for folder in ["staging", "results"] {
        fs::remove_dir(dir.path().join(folder)).unwrap();
    }
    Spool::open(dir.path()).unwrap();
    assert_eq!(wrong(dir.path(), clock::now()), [""; 0]);
}

#[test]
fn calls_that_nobody_takes_or_ends_are_found() {
    let dir = tempfile::tempdir().unwrap();
    Spool::open(dir.path()).unwrap();
    let (now, outgoing) = (clock::now(), dir.path().join("outgoing"));
    fs::write(outgoing.join("a.call"), "Channel: PJSIP/1@t\n").unwrap();
    assert_eq!(wrong(dir.path(), now), [""; 0], "a call that has just come is not stuck");
    let finding = only(dir.path(), now + HOUR);
    assert!(finding.contains("1 calls wait") && finding.contains("at once"), "{finding}");

    fs::write(outgoing.join("a.call"), "Channel: PJSIP/1@t\n\nStartRetry: 1 1 (1)\n").unwrap();
    assert_eq!(wrong(dir.path(), now + HOUR / 2), [""; 0], "a call may be long");
    let finding = only(dir.path(), now + HOUR * 2);
    assert!(finding.contains("never ended"), "{finding}");
}

#[test]
fn what_dead_workers_left_is_found() {
    let dir = tempfile::tempdir().unwrap();
    Spool::open(dir.path()).unwrap();
    let staged = dir.path().join("staging/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1.00000000deadbeef");
    fs::write(staged, "").unwrap();
    assert_eq!(wrong(dir.path(), clock::now()), [""; 0]);
    let finding = only(dir.path(), clock::now() + HOUR * 2);
    assert!(finding.contains("1 files in staging/"), "{finding}");
}
