//! Running a program that reads a text and writes sound.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

/// Half an hour of audio at 22 kHz: stops a runaway before it eats the memory.
const MOST_AUDIO: u64 = 80 << 20;
/// Enough of stderr to name the trouble.
const MOST_COMPLAINT: u64 = 4 << 10;

/// Why there is no output.
pub(super) enum Failure {
    /// It is not there, or may not be run.
    NotStarted(io::Error),
    /// Its output could not be read.
    Unreadable(io::Error),
    /// It wrote and wrote.
    Oversized,
    /// It ended badly; the first line of what it said about that.
    Failed(ExitStatus, String),
}

/// The processes that were started with one command, all of which end when this is dropped.
struct Family(Option<Pid>);

impl Family {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    /// The parent is gone and was waited for: its number may be somebody else's by now.
    fn dissolve(mut self) {
        self.0 = None;
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Nobody left is what was wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Runs `command` with `text` on its standard input and returns what it writes. Dropping the future kills it, and what
/// it started.
pub(super) async fn run(mut command: Command, text: &str) -> Result<Vec<u8>, Failure> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(Failure::NotStarted)?;
    let family = Family::of(&child);
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async move {
        if let Some(mut stdin) = stdin {
            // A program that is gone says more by its exit status than by the broken pipe.
            drop(stdin.write_all(text.as_bytes()).await);
        }
    };
    let listen = async move {
        let mut audio = Vec::new();
        match stdout {
            Some(stdout) => stdout.take(MOST_AUDIO).read_to_end(&mut audio).await.map(|_| audio),
            None => Ok(audio),
        }
    };
    let heed = async move {
        let mut complaint = Vec::new();
        if let Some(mut stderr) = stderr {
            drop((&mut stderr).take(MOST_COMPLAINT).read_to_end(&mut complaint).await);
            // A program that goes on complaining must not find the door shut: it would die of that.
            drop(tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await);
        }
        complaint
    };
    let ((), audio, complaint) = tokio::join!(feed, listen, heed);
    let audio = audio.map_err(Failure::Unreadable)?;
    if u64::try_from(audio.len()).is_ok_and(|length| length >= MOST_AUDIO) {
        return Err(Failure::Oversized);
    }
    let status = child.wait().await.map_err(Failure::Unreadable)?;
    family.dissolve();
    if status.success() { Ok(audio) } else { Err(Failure::Failed(status, first_line(&complaint))) }
}

fn first_line(complaint: &[u8]) -> String {
    let complaint = String::from_utf8_lossy(complaint);
    let first = complaint.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
    first.chars().take(200).collect()
}

/// Whether `program` (a name to be found in `PATH`, or a path) is there.
pub(super) fn installed(program: &OsStr) -> bool {
    let program = Path::new(program);
    if program.components().count() > 1 {
        return program.is_file();
    }
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}
