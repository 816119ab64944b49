//! Against the real Asterisk that `tests/asterisk.sh start DIR` has started: `TEST_ASTERISK_DIR=DIR`.

use std::path::PathBuf;

use pregon_core::clock;

use super::*;
use crate::console::{Console, ConsoleArgs};
use crate::{Setup, SetupArgs, Spool};

/// Its folder and its console.
fn asterisk() -> Option<(PathBuf, Console)> {
    let Some(dir) = std::env::var_os("TEST_ASTERISK_DIR") else {
        eprintln!("SKIPPED: TEST_ASTERISK_DIR is not set");
        return None;
    };
    let dir = PathBuf::from(dir);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/asterisk.sh");
    let asterisk_cli = format!("{script} cli {}", dir.display());
    Some((dir, Console::new(&ConsoleArgs { asterisk_cli }, None)))
}

fn not_good(spool: &Path, answers: &Answers) -> Vec<Finding> {
    let scene = Scene { spool: spool.to_owned(), results: None, audio: None };
    let findings = examine(&scene, Some(answers), clock::now());
    assert!(findings.len() > 12, "{findings:?}");
    // What other tests have left in this spool begins with its number.
    let is_left = |finding: &Finding| finding.what.starts_with(|c: char| c.is_ascii_digit());
    findings.into_iter().filter(|f| f.verdict != Verdict::Good && !is_left(f)).collect()
}

#[tokio::test]
async fn an_asterisk_that_has_what_it_needs_is_well_and_is_seen_whole() {
    let Some((dir, console)) = asterisk() else { return };
    let spool = dir.join("spool");
    Spool::open(&spool).unwrap();
    let answers = Answers::collect(&console, &["PJSIP/573000000000@trunk".to_owned()]).await;
    assert_eq!(not_good(&spool, &answers), []);
    let life = answers.life(clock::now()).expect("it tells how long it is up");
    assert_eq!(answers.process().is_some(), life.pid.is_some());

    let unknown = ["PJSIP/573000000000@nosuch".to_owned(), "Local/573000000000@nowhere/n".to_owned()];
    let answers = Answers::collect(&console, &unknown).await;
    let told = not_good(&spool, &answers);
    assert!(told[0].what.contains("no endpoint nosuch") && told[1].what.contains("is not in the dialplan"));
    assert_eq!(told.len(), 2, "{told:?}");
}

#[tokio::test]
async fn what_is_dialled_for_a_probe_is_nothing() {
    let Some((dir, console)) = asterisk() else { return };
    let spool = dir.join("spool");
    Spool::open(&spool).unwrap();
    let answers = Answers::collect(&console, &[]).await;
    for _ in 0..20 {
        assert_eq!(not_good(&spool, &answers), []);
    }
    // All of it passed through outgoing/, and Asterisk has put nothing of it on record.
    let is_probe = |entry: fs::DirEntry| entry.file_name().to_string_lossy().contains("probe");
    for folder in ["outgoing", "outgoing_done"] {
        assert!(!fs::read_dir(spool.join(folder)).unwrap().flatten().any(is_probe), "{folder}");
    }
    let log = fs::read_to_string(dir.join("log/full")).unwrap();
    let about = |line: &&str| line.contains(".probe-") && !line.contains("Unable to stat");
    assert_eq!(log.lines().find(about), None);
}

#[tokio::test]
async fn setup_knows_its_own_dialplan_again() {
    let Some((dir, console)) = asterisk() else { return };
    let args = SetupArgs {
        asterisk_etc_dir: Some(dir.join("etc")),
        asterisk_spool_dir: None,
        asterisk_results_dir: None,
        audio_dir: dir.join("audio"),
        asterisk_group: None,
        user: None,
        env_file: None,
    };
    let setup = Setup::find(&args, console).unwrap();
    let plan = setup.plan(&args, None).await.unwrap();
    let told = plan.told_with(setup.console()).join("\n");
    assert!(!told.contains("etc/") && !told.contains("reload"), "{told}");

    // It is the one that is filled in for this folder and for no other.
    let elsewhere = SetupArgs { asterisk_results_dir: Some(dir.join("elsewhere")), ..args };
    let plan = setup.plan(&elsewhere, None).await.unwrap();
    let told = plan.told_with(setup.console()).join("\n");
    assert!(told.contains("replace") && told.contains("dialplan reload"), "{told}");
}
