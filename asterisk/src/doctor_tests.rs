use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use pregon_core::clock;

use super::*;
use crate::Spool;

const HOUR: Duration = Duration::from_hours(1);

fn wrong(dir: &Path, now: Timestamp) -> Vec<String> {
    wrong_with(dir, None, now)
}

fn scene(dir: &Path) -> Scene {
    Scene { spool: dir.to_owned(), results: None, audio: None }
}

fn wrong_with(dir: &Path, answers: Option<&Answers>, now: Timestamp) -> Vec<String> {
    bad(examine(&scene(dir), answers, now))
}

fn bad(findings: Vec<Finding>) -> Vec<String> {
    let told = findings.into_iter().filter_map(|finding| match finding.verdict {
        Verdict::Bad(fix) => Some(format!("{} → {fix}", finding.what)),
        Verdict::Good | Verdict::Unseen(_) => None,
    });
    told.collect()
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
    assert!(examine(&scene(dir.path()), None, clock::now()).len() >= 7);
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
    assert!(all[0].contains("over and over"), "{all:?}");
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
    // Of another program, and in its own letters.
    fs::write(outgoing.join("a.call"), b"Channel: PJSIP/1@t\nSet: A=\xf1\n").unwrap();
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

/// A file that Asterisk has taken, as an Asterisk of this process id marks it.
fn taken(pid: u32, at: Timestamp) -> String {
    format!("Channel: PJSIP/1@t\n\nStartRetry: {pid} 1 ({})\n", at.millis() / 1_000 + crate::RETRY_SECONDS)
}

/// A console of an Asterisk that started a minute ago and whose process id is ours.
fn alive(dir: &Path) -> (Answers, tempfile::NamedTempFile) {
    let pid_file = tempfile::NamedTempFile::new().unwrap();
    fs::write(pid_file.path(), format!("{}\n", std::process::id())).unwrap();
    let settings = format!(
        "\n* Directories\n  Spool directory:             {}\n  PID file:                    {}\n",
        dir.display(),
        pid_file.path().display()
    );
    let uptime = "System uptime: 60\nLast reload: 60\n".to_owned();
    (Answers { settings, uptime, ..Answers::default() }, pid_file)
}

#[test]
fn an_earlier_asterisk_of_the_same_process_id_is_found() {
    let dir = tempfile::tempdir().unwrap();
    Spool::open(dir.path()).unwrap();
    let (answers, pid_file) = alive(dir.path());
    let (now, call) = (clock::now(), dir.path().join("outgoing/a.call"));
    let trap = |now| {
        let told = wrong_with(dir.path(), Some(&answers), now);
        told.into_iter().filter(|finding| finding.contains("process id")).collect::<Vec<_>>()
    };
    let us = std::process::id();
    let ago = |seconds: u64| Timestamp::from_millis(now.millis() - i64::try_from(seconds).unwrap() * 1_000);
    fs::write(&call, taken(us, ago(10))).unwrap();
    assert_eq!(trap(now), [""; 0], "a call that goes on is well");
    fs::write(&call, taken(us + 1, ago(600))).unwrap();
    assert_eq!(trap(now), [""; 0], "another process id is dialled again, not forgotten");
    fs::write(&call, taken(us, ago(600))).unwrap();
    let told = trap(now);
    assert!(told[0].starts_with("1 calls in outgoing/") && told[0].contains("start a worker"), "{told:?}");
    assert!(told[0].contains(&format!("({us})")), "{told:?}");

    // In a container of its own: neither the process nor its id is seen, and the id was 1 before too.
    fs::write(&call, taken(1, ago(600))).unwrap();
    assert_eq!(trap(now), [""; 0]);
    fs::write(pid_file.path(), "1\n").unwrap();
    assert!(trap(now)[0].contains("(1)"));
    drop(pid_file);
    assert_eq!(trap(now), [""; 0], "an Asterisk that has just started may not have come to it yet");
    let answers = Answers { uptime: "System uptime: 90\n".to_owned(), ..answers.clone() };
    let told = wrong_with(dir.path(), Some(&answers), now);
    assert!(told.iter().any(|finding| finding.contains("process id of this one:")), "{told:?}");
    fs::write(&call, taken(1, ago(60))).unwrap();
    assert_eq!(
        wrong_with(dir.path(), Some(&answers), now).iter().filter(|f| f.contains("process id")).count(),
        0
    );
}

#[test]
fn a_call_whose_file_no_worker_takes_away_is_found() {
    let dir = tempfile::tempdir().unwrap();
    Spool::open(dir.path()).unwrap();
    let (answers, _pid_file) = alive(dir.path());
    let (now, outgoing) = (clock::now(), dir.path().join("outgoing"));
    let forsaken = |answers, now| {
        let told = wrong_with(dir.path(), answers, now);
        told.into_iter().filter(|finding| finding.contains("no worker")).collect::<Vec<_>>()
    };
    let text = taken(std::process::id() + 1, now);
    fs::write(outgoing.join("of-another-program.call"), &text).unwrap();
    assert_eq!(forsaken(Some(&answers), now + HOUR / 2), [""; 0]);
    fs::write(outgoing.join("0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1.call"), &text).unwrap();
    assert_eq!(forsaken(Some(&answers), now), [""; 0], "workers take them away in a second");
    assert_eq!(forsaken(None, now + HOUR / 2), [""; 0], "the simulator leaves them there during the call");
    let told = forsaken(Some(&answers), now + HOUR / 2);
    assert!(told[0].starts_with("1 calls") && told[0].contains("start a worker"), "{told:?}");
    let told = wrong_with(dir.path(), Some(&answers), now + HOUR * 2);
    assert!(told.iter().any(|f| f.contains("2 calls") && f.contains("never ended")), "{told:?}");
}

#[test]
fn a_call_that_is_scheduled_is_no_backlog() {
    let dir = tempfile::tempdir().unwrap();
    Spool::open(dir.path()).unwrap();
    let (now, call) = (clock::now(), dir.path().join("outgoing/a.call"));
    let file = fs::File::create(&call).unwrap();
    file.set_modified(
        std::time::UNIX_EPOCH + Duration::from_millis(u64::try_from(now.millis()).unwrap()) + HOUR * 9,
    )
    .unwrap();
    assert_eq!(wrong(dir.path(), now + HOUR), [""; 0]);
    assert!(only(dir.path(), now + HOUR * 10).contains("1 calls wait"));
}

#[test]
fn results_that_asterisk_cannot_write_are_found_wherever_they_are() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    Spool::open(dir.path()).unwrap();
    let results = elsewhere.path().join("results");
    let scene = Scene { results: Some(results.clone()), ..scene(dir.path()) };
    assert!(bad(examine(&scene, None, clock::now()))[0].contains("results is missing"));
    fs::create_dir(&results).unwrap();
    assert_eq!(bad(examine(&scene, None, clock::now())), [""; 0]);
    if !give(&dir.path().join("outgoing")) {
        return;
    }
    fs::set_permissions(elsewhere.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let said = bad(examine(&scene, None, clock::now()));
    assert!(said.iter().any(|s| s.contains("cannot enter") && s.contains("chmod a+x")), "{said:?}");
    fs::set_permissions(elsewhere.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let said = bad(examine(&scene, None, clock::now()));
    assert!(
        said.iter().any(|s| s.contains("may not write in results/") && s.contains("chgrp 54321")),
        "{said:?}"
    );
}

#[test]
fn results_that_we_cannot_read_are_found() {
    let dir = tempfile::tempdir().unwrap();
    Spool::open(dir.path()).unwrap();
    let result = dir.path().join("results/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1");
    fs::write(&result, "").unwrap();
    assert_eq!(wrong(dir.path(), clock::now()), [""; 0]);
    fs::set_permissions(&result, fs::Permissions::from_mode(0o000)).unwrap();
    if rustix::process::geteuid().is_root() {
        println!("SKIPPED: root may read everything");
        return;
    }
    let finding = only(dir.path(), clock::now());
    assert!(finding.contains("-1 cannot be read") && finding.contains("UMask=0007"), "{finding}");
}

#[test]
fn messages_that_asterisk_cannot_read_are_found() {
    let (dir, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    Spool::open(dir.path()).unwrap();
    let audio = home.path().join("audio");
    let scene = Scene { audio: Some(audio.clone()), ..scene(dir.path()) };
    let silent = || {
        let told = bad(examine(&scene, None, clock::now()));
        told.into_iter().find(|finding| finding.contains("silent"))
    };
    assert_eq!(silent(), None, "no message was made yet");
    fs::create_dir_all(audio.join("ab")).unwrap();
    fs::write(audio.join("ab/abcd.wav"), "").unwrap();
    assert_eq!(silent(), None);
    if !give(&dir.path().join("outgoing")) {
        return;
    }
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let found = silent().unwrap();
    let closed = home.path().display();
    assert!(
        found.contains(&format!("cannot read {closed}:"))
            && found.contains(&format!("or: chmod a+x {closed}")),
        "{found}"
    );
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(silent(), None);
    fs::set_permissions(audio.join("ab/abcd.wav"), fs::Permissions::from_mode(0o600)).unwrap();
    let found = silent().unwrap();
    assert!(found.contains("abcd.wav") && found.contains("chmod -R g+rX"), "{found}");
}

/// To an Asterisk that is neither root nor us; false where we may not.
fn give(folder: &Path) -> bool {
    let foreign = rustix::fs::chown(
        folder,
        Some(rustix::fs::Uid::from_raw(54_321)),
        Some(rustix::fs::Gid::from_raw(54_321)),
    );
    if foreign.is_err() {
        println!("SKIPPED: only root can give a folder away");
    }
    foreign.is_ok()
}

#[test]
fn the_probe_is_scheduled_for_later_and_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    Spool::open(dir.path()).unwrap();
    // Whatever comes into outgoing/ while it is looked over.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seen = runtime.block_on(async {
        let arrivals = crate::arrivals::Arrivals::watch(&[&dir.path().join("outgoing")]).unwrap();
        assert_eq!(wrong(dir.path(), clock::now()), [""; 0]);
        arrivals.read().unwrap()
    });
    assert_eq!(seen.len(), 1, "one file was handed over: {seen:?}");
    assert_eq!(fs::read_dir(dir.path().join("outgoing")).unwrap().count(), 0);
}
