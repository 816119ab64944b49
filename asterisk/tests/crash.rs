//! Kills a process after each step of the hand-over, takes over from it, and counts what Asterisk would have seen.
//! The process to be killed is this program again, told what to do by its arguments.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test, though clippy cannot see it without the harness"
)]

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};

use pregon_asterisk::{CallFile, ChannelTemplate, Spool};
use pregon_core::{DispatchError, Key, PhoneNumber, Settled};

const SIGABRT: i32 = 6;

fn key() -> Key {
    "0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1".parse().expect("a key")
}

fn file() -> CallFile {
    let template: ChannelTemplate = "PJSIP/{number}@trunk".parse().expect("a template");
    let to = PhoneNumber::try_from("+573005050149".to_owned()).expect("a number");
    CallFile {
        key: key(),
        channel: template.fill(&to, None),
        caller_id: None,
        audio: Path::new("/data/audio/4f/4f2a").try_into().expect("a path"),
        wait_seconds: 45,
        longest_seconds: 60,
        question: None,
    }
}

/// What takes over.
#[derive(Clone, Copy, Debug)]
enum Heir {
    /// The sweeper of another worker.
    Settle,
    /// The same attempt, run again because the stores forgot about it.
    Dispatch,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, role, dir] = arguments.as_slice()
        && role == "dispatch"
    {
        let spool = Spool::open(Path::new(dir)).expect("a spool");
        return runtime.block_on(spool.dispatch(file())).expect("handed over");
    }
    for (point, committed) in
        [("staged", false), ("committed", true), ("handed_over", true), ("nowhere", true)]
    {
        for heir in [Heir::Settle, Heir::Dispatch] {
            for taken_at_once in [false, true] {
                runtime.block_on(one_crash(point, committed, heir, taken_at_once));
                println!("ok: died {point}, then {heir:?}, taken at once: {taken_at_once}");
            }
        }
    }
}

async fn one_crash(point: &str, committed: bool, heir: Heir, taken_at_once: bool) {
    let dir = tempfile::tempdir().expect("a folder");
    let spool = Spool::open(dir.path()).expect("a spool");
    let mut seen = 0;
    let mut asterisk =
        || seen += usize::from(taken_at_once && fs::remove_file(spool.call_file(key())).is_ok());

    let status = dispatch_and_die(dir.path(), point);
    let died = status.signal() == Some(SIGABRT);
    assert_eq!((died, status.success()), (point != "nowhere", point == "nowhere"), "{point}: {status}");
    asterisk();
    let expected = if committed { Settled::HandedOver } else { Settled::Voided };
    match heir {
        Heir::Settle => assert_eq!(spool.settle(key()).await.expect("settled"), expected, "{point}"),
        Heir::Dispatch => spool.dispatch(file()).await.expect("handed over"),
    }
    asterisk();
    // Whatever was decided stays decided, for the sweeper and for the next zombie.
    let settled = spool.settle(key()).await.expect("settled");
    asterisk();
    match spool.dispatch(file()).await {
        Ok(()) => assert_eq!(settled, Settled::HandedOver),
        Err(DispatchError::Voided) => assert_eq!(settled, Settled::Voided),
        Err(error) => panic!("{error}"),
    }
    asterisk();
    if !taken_at_once {
        seen = names(&dir.path().join("outgoing")).len();
    }
    assert_eq!(seen, usize::from(settled == Settled::HandedOver), "{point}, {heir:?}");
    let strays = names(&dir.path().join("staging")).len();
    assert_eq!(strays, usize::from(point == "staged"), "{point}, {heir:?}");
}

fn dispatch_and_die(dir: &Path, point: &str) -> ExitStatus {
    let program = std::env::current_exe().expect("a program");
    let mut child = Command::new(program);
    child.arg("dispatch").arg(dir).env("PREGON_FAULT_POINT", format!("{point}@1"));
    child.status().expect("a child")
}

fn names(folder: &Path) -> Vec<std::ffi::OsString> {
    fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.file_name()).collect()
}
