//! One call file, as Asterisk treats it. Everything here blocks, briefly.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use pregon_core::{OutcomeKind, Timestamp};
use rand::Rng;

use crate::callfile::{HANGUP_CONTEXT, KEYS, LEAST, RETRY_SECONDS};
use crate::folders::Folders;

/// A hand-made call file may ask for anything.
const MOST_DIGITS: usize = pregon_core::interaction::MAX_DIGITS as usize;

/// What the far end says when nobody picks up.
struct Refusal {
    cause: u16,
    channel: &'static str,
    technology: &'static str,
}

/// A call that goes on.
#[derive(Debug)]
pub(super) struct SimulatedCall {
    name: OsString,
    kind: OutcomeKind,
    started: Timestamp,
    archive: bool,
    /// Job and attempt, where the file asks for the hangup handler.
    reports_as: Option<String>,
    /// The keys that would be answers.
    keys: Vec<char>,
    /// How many digits would be one.
    digits: Option<usize>,
    valid: bool,
}

/// What became of the wish to take a file.
pub(super) enum Pickup {
    Dialled(SimulatedCall),
    /// Its time has not come.
    Later(OsString, Timestamp),
    /// It is gone, or no file.
    Over(OsString),
}

/// Takes the file, or leaves it for later when its modification time lies in the future.
pub(super) fn pick_up(folders: &Folders, name: OsString, kind: OutcomeKind, now: Timestamp) -> Pickup {
    let path = folders.outgoing.join(&name);
    let Ok(meta) = fs::metadata(&path) else { return Pickup::Over(name) };
    let (Ok(text), true) = (fs::read_to_string(&path), meta.is_file()) else { return Pickup::Over(name) };
    let starts = text.lines().filter(|line| line.starts_with("StartRetry:")).count();
    match meta.modified().ok().and_then(to_timestamp) {
        Some(due) if due > now && starts == 0 => return Pickup::Later(name, due),
        Some(_) | None => {}
    }
    let call = parse(name, &text, kind, now);
    if call.valid {
        // A mark of an earlier run is an attempt that was cut off; Asterisk counts it and dials again.
        let aborted = if starts > 0 { mark("AbortRetry", starts, now) } else { String::new() };
        let marks = aborted + &mark("StartRetry", starts + 1, now);
        if let Err(error) = append(&path, &marks) {
            tracing::debug!(%error, "the simulator cannot mark a call file");
        }
    }
    Pickup::Dialled(call)
}

/// Reports, archives and closes the call. Returns the file's name.
pub(super) fn finish(folders: &Folders, call: SimulatedCall, seconds: f64, now: Timestamp) -> OsString {
    let path = folders.outgoing.join(&call.name);
    let refused = refusal(call.kind);
    let ended = if call.valid { report(folders, &call, refused.as_ref(), seconds, now) } else { Ok(()) };
    let status = match refused {
        _ if !call.valid => "Failed",
        None => "Completed",
        Some(_) => "Expired",
    };
    let closed = if call.archive {
        let done = folders.done.join(&call.name);
        fs::rename(&path, &done).and_then(|()| append(&done, &format!("Status: {status}\n")))
    } else {
        fs::remove_file(&path)
    };
    // Both are as for Asterisk itself: somebody may take the file away, and a missing folder is only logged.
    for error in [ended, closed].into_iter().filter_map(Result::err) {
        tracing::debug!(%error, "a simulated call left no trace");
    }
    call.name
}

/// The line that the hangup handler of `conf/pregon.conf` would write.
fn report(
    folders: &Folders,
    call: &SimulatedCall,
    refused: Option<&Refusal>,
    seconds: f64,
    now: Timestamp,
) -> io::Result<()> {
    let Some(key) = &call.reports_as else { return Ok(()) };
    let time = |at: Timestamp| format!("{}.{:03}", at.millis() / 1_000, at.millis() % 1_000);
    // It rings for a fifth of the time.
    let answered = call.started + std::time::Duration::from_secs_f64(seconds / 5.0);
    let (dialled, answered, ended) = (time(call.started), time(answered.min(now)), time(now));
    let line = if let Some(Refusal { cause, channel, technology }) = refused {
        format!("{key}|simulated|{cause}|{channel}||||{dialled}||{ended}|{technology}\n")
    } else {
        let digits = pressed(call, &mut rand::rng());
        let marker = if call.kind == OutcomeKind::Silent { "FAILED" } else { "SUCCESS" };
        format!("{key}|simulated|16|Up|{marker}|{digits}||{dialled}|{answered}|{ended}|SIP 200 OK\n")
    };
    fs::write(folders.results.join(key), line)
}

/// What the callee presses: one of the keys, the fewest digits that are asked for, or nothing.
fn pressed(call: &SimulatedCall, random: &mut impl Rng) -> String {
    let mut answers: Vec<String> = call.keys.iter().map(ToString::to_string).collect();
    answers
        .extend(call.digits.map(|n| (0..n).map(|_| char::from(random.random_range(b'0'..=b'9'))).collect()));
    let picked = random.random_range(0..=answers.len());
    answers.get(picked).cloned().unwrap_or_default()
}

/// `None`: somebody picks up.
const fn refusal(kind: OutcomeKind) -> Option<Refusal> {
    let (cause, channel, technology) = match kind {
        OutcomeKind::Answered | OutcomeKind::Silent => return None,
        OutcomeKind::Busy => (17, "Down", "SIP 486 Busy Here"),
        OutcomeKind::NoAnswer => (19, "Ringing", "SIP 180 Ringing"),
        OutcomeKind::Rejected => (21, "Down", "SIP 603 Decline"),
        OutcomeKind::InvalidNumber => (1, "Down", "SIP 404 Not Found"),
        OutcomeKind::Congestion => (34, "Down", "SIP 503 Service Unavailable"),
        OutcomeKind::Unreachable
        | OutcomeKind::Expired
        | OutcomeKind::Uncertain
        | OutcomeKind::Aired
        | OutcomeKind::Skipped
        | OutcomeKind::Failed => (19, "Down", "SIP 480 Temporarily Unavailable"),
    };
    Some(Refusal { cause, channel, technology })
}

/// Keys in any case, the last of each wins; `Channel` and one of `Application` and `Extension` make a file valid.
fn parse(name: OsString, text: &str, kind: OutcomeKind, now: Timestamp) -> SimulatedCall {
    let mut call = SimulatedCall {
        name,
        kind,
        started: now,
        archive: false,
        reports_as: None,
        keys: Vec::new(),
        digits: None,
        valid: false,
    };
    let (mut channel, mut does_something, mut handler) = (false, false, false);
    let (mut job, mut attempt) = (None, None);
    for (key, value) in text.lines().filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "channel" => channel = value.contains('/'),
            "application" | "extension" => does_something = does_something || !value.is_empty(),
            "archive" => call.archive = ["yes", "true", "1"].contains(&value.to_ascii_lowercase().as_str()),
            "set" | "setvar" => match value.split_once('=') {
                Some(("PREGON_JOB", id)) => job = Some(id),
                Some(("PREGON_ATTEMPT", number)) => attempt = Some(number),
                Some((KEYS, keys)) => call.keys = keys.chars().collect(),
                Some((LEAST, digits)) => call.digits = digits.parse().ok().filter(|n| *n <= MOST_DIGITS),
                Some(("CHANNEL(hangup_handler_push)", to)) => handler = to.starts_with(HANGUP_CONTEXT),
                Some(_) | None => {}
            },
            _ => {}
        }
    }
    call.valid = channel && does_something;
    let reports_as = job.zip(attempt).map(|(job, attempt)| format!("{job}-{attempt}"));
    // Only what is a key names a file: the simulator must not write elsewhere for a hand-made call file.
    call.reports_as = reports_as.filter(|key| handler && key.parse::<pregon_core::Key>().is_ok());
    call
}

fn mark(word: &str, attempt: usize, now: Timestamp) -> String {
    format!("\n{word}: {} {attempt} ({})\n", std::process::id(), now.millis() / 1_000 + RETRY_SECONDS)
}

fn append(path: &Path, text: &str) -> io::Result<()> {
    File::options().append(true).open(path)?.write_all(text.as_bytes())
}

fn to_timestamp(time: std::time::SystemTime) -> Option<Timestamp> {
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(Timestamp::from_millis)
}
