//! Thousands of jobs with the same text and sixteen worker processes: it is spoken once.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests say what is wrong by panicking, and print what they skip"
)]

mod rig;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rig::{Backing, Rig};
use serde_json::json;

const WORKERS: usize = 16;
const PATIENCE: Duration = Duration::from_mins(5);

/// A program that is espeak-ng and writes down when it speaks. `None` after saying SKIPPED where there is no espeak-ng.
fn counted(folder: &Path) -> Option<PathBuf> {
    if std::process::Command::new("espeak-ng").arg("--version").output().is_err() {
        assert!(std::env::var_os("REQUIRE_SERVICES").is_none(), "espeak-ng is not installed");
        println!("SKIPPED: espeak-ng is not installed");
        return None;
    }
    let program = folder.join("espeak");
    let script = "#!/bin/sh\ncase \" $* \" in *' --stdin '*) echo spoken >>\"$0.count\" ;; esac\nexec espeak-ng \"$@\"\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    Some(program)
}

/// `jobs` jobs with one text wait already when the first worker comes.
async fn one_synthesis(backing: &Backing, jobs: usize) {
    let folder = tempfile::tempdir().unwrap();
    let Some(program) = counted(folder.path()) else { return };
    let rig = Rig::start(backing).await;
    let job = json!({"text": "Mañana no habrá agua de ocho a dos.", "phone_number": "3005050149"});
    let batch = json!({"jobs": vec![job; jobs]});
    let (status, _) = rig.post("/tts/batch", &batch).await.unwrap();
    assert_eq!(status, 202);
    let program = program.to_str().unwrap();
    let _workers: Vec<_> = (0..WORKERS).map(|_| rig.worker(&[("ESPEAK_BIN", program)])).collect();
    rig.until("every job has ended", PATIENCE, async |rig: &Rig| {
        let Some((200, queues)) = rig.get("/queue/stats").await else { return false };
        queues["jobs"]["completed"] == jobs
    })
    .await;
    let spoken = std::fs::read_to_string(folder.path().join("espeak.count")).unwrap();
    assert_eq!(spoken.lines().count(), 1);
}

/// Fewer, since sixteen processes on one file hold each other up more than they do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_jobs_need_one_synthesis_embedded() {
    one_synthesis(&Backing::Embedded, 1_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_equal_jobs_need_one_synthesis_distributed() {
    let Some(backing) = Backing::distributed() else { return };
    one_synthesis(&backing, 10_000).await;
}
