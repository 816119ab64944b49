//! What Asterisk's traces of a call mean. Pure: text in, outcome out.
//!
//! There are two kinds of traces. The hangup handler of `conf/pregon.conf` writes one line per call to
//! `results/<key>`:
//!
//! ```text
//! <key>|<origin>|<cause>|<channel state>|<played>|<digits>|<repeats>|<dialled>|<answered>|<ended>|<technology's text>
//! ```
//!
//! `origin` is `asterisk` or `simulated`, `cause` a Q.850 number, the three times are seconds since the epoch, and the
//! text, such as `SIP 486 Busy Here`, is last because the other side chose it: it may hold anything but a line end.
//!
//! And Asterisk itself appends `StartRetry: <pid> <attempt> (<time>)` to the call file when it takes it, and
//! `Status: Completed|Expired|Failed` when it archives it. `Completed` says that somebody picked up and no more;
//! `Expired` is the same word for busy, wrong number and no answer. So the result line is preferred, and a call that
//! never got a channel (unknown trunk) has no result line at all.

use std::time::Duration;

use pregon_core::{Key, Outcome, OutcomeKind, Played};

use crate::callfile::{LONGEST, RETRY_SECONDS};

/// A digit string longer than this was not typed by a person.
const MAX_DIGITS: usize = 32;

/// A day, in milliseconds: what seems to last longer is two clocks.
const MAX_SPAN: f64 = 86_400_000.0;

/// What the hangup handler told.
#[derive(Clone, Debug, PartialEq)]
pub struct CallResult {
    /// Written by the simulator.
    pub simulated: bool,
    /// Q.850 cause; 0 when the far end hung up during playback.
    pub cause: u16,
    /// The channel's last state.
    pub channel: ChannelState,
    /// The dialplan's marker.
    pub marker: Marker,
    /// What the callee typed at last.
    pub digits: String,
    /// How often the message was asked for again.
    pub repeats: u16,
    /// When it was dialled, in seconds since the epoch; only where Asterisk keeps call detail records.
    pub dialled: Option<f64>,
    /// When it was answered, in seconds since the epoch.
    pub answered: Option<f64>,
    /// When it ended, in seconds since the epoch.
    pub ended: Option<f64>,
    /// Last SIP status.
    pub sip: Option<u16>,
}

/// `${CHANNEL(state)}`, as far as it tells something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelState {
    /// Answered.
    Up,
    /// It rang.
    Ringing,
    /// Anything before that.
    Down,
}

/// How far the dialplan came with the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// It never started: no dialplan, or hung up before.
    Unstarted,
    /// It started and did not come back: the callee hung up during it.
    Started,
    /// To its end, or until a key was pressed.
    Played,
    /// No audio could be played.
    Failed,
}

impl CallResult {
    /// Reads the file that the handler writes for `key`. `None` while it is not complete, or when it is none.
    pub fn read(key: Key, text: &str) -> Option<Self> {
        // The handler creates the file before it writes: only a line end says that the line is whole.
        let (line, _) = text.split_once('\n')?;
        let mut fields: Vec<&str> = line.splitn(11, '|').map(str::trim).collect();
        if fields.len() == 10 {
            // An installed dialplan of before the keys.
            fields.insert(6, "");
        }
        let [name, origin, cause, channel, played, digits, repeats, dialled, answered, ended, technology] =
            fields.as_slice()
        else {
            return None;
        };
        if *name != key.to_string() {
            return None;
        }
        let typed = |c: &char| c.is_ascii_digit() || "*#ABCD".contains(*c);
        Some(Self {
            simulated: *origin == "simulated",
            cause: cause.parse().unwrap_or(0),
            channel: match *channel {
                "Up" => ChannelState::Up,
                "Ring" | "Ringing" => ChannelState::Ringing,
                _ => ChannelState::Down,
            },
            marker: Marker::of(played),
            digits: digits.chars().filter(typed).take(MAX_DIGITS).collect(),
            repeats: repeats.parse().unwrap_or(0),
            dialled: seconds(dialled),
            answered: seconds(answered),
            ended: seconds(ended),
            sip: sip_status(technology),
        })
    }

    /// What it means. `started` is when Asterisk took the file, in whole seconds since the epoch: it stands in where
    /// the line does not tell when the call was dialled.
    pub fn outcome(&self, started: Option<f64>) -> Outcome {
        let (kind, played) = self.kind();
        let span = |from: Option<f64>, to: Option<f64>| {
            let milliseconds = ((to? - from?) * 1_000.0).round();
            // Some of the times are cut to milliseconds: a refusal may seem to come before the call.
            (-1.0..=MAX_SPAN).contains(&milliseconds).then(|| milliseconds.max(0.0) / 1_000.0)
        };
        Outcome {
            kind,
            played,
            digits: Some(self.digits.clone()).filter(|d| !d.is_empty()),
            // The job knows what was asked, and gives it its meaning.
            reply: None,
            repeats: Some(self.repeats).filter(|n| *n != 0),
            ring_seconds: span(self.dialled.or(started), self.answered.or(self.ended)),
            talk_seconds: span(self.answered, self.ended),
            q850: Some(self.cause).filter(|c| *c != 0),
            sip: self.sip,
            airing: None,
            simulated: self.simulated,
        }
    }

    fn kind(&self) -> (OutcomeKind, Option<Played>) {
        if self.channel == ChannelState::Up || self.answered.is_some() {
            return match self.marker {
                Marker::Played => (OutcomeKind::Answered, Some(Played::Fully)),
                Marker::Started => (OutcomeKind::Answered, Some(Played::Partly)),
                Marker::Unstarted | Marker::Failed => (OutcomeKind::Silent, Some(Played::None)),
            };
        }
        // The trunk wants a password that it was not given. Asterisk reports cause 21 then, but no callee has refused.
        if matches!(self.sip, Some(401 | 407)) {
            return (OutcomeKind::Unreachable, None);
        }
        let rang = self.channel == ChannelState::Ringing || matches!(self.sip, Some(180..=183));
        let kind = match self.cause {
            17 => OutcomeKind::Busy,
            21 => OutcomeKind::Rejected,
            1 | 22 | 28 => OutcomeKind::InvalidNumber,
            34 | 38 | 41 | 42 | 44 | 47 => OutcomeKind::Congestion,
            // 19 is also what a dead peer and SIP 480 give: only a call that rang was not answered by somebody.
            0 | 16 | 18 | 19 if rang => OutcomeKind::NoAnswer,
            _ => OutcomeKind::Unreachable,
        };
        (kind, None)
    }
}

impl Marker {
    /// The dialplan's own words, and those of `PLAYBACKSTATUS` and `READSTATUS`.
    fn of(word: &str) -> Self {
        match word {
            "partial" | "HANGUP" => Self::Started,
            "SUCCESS" | "OK" | "TIMEOUT" | "INTERRUPTED" => Self::Played,
            "FAILED" | "ERROR" | "SKIPPED" => Self::Failed,
            _ => Self::Unstarted,
        }
    }
}

fn seconds(field: &str) -> Option<f64> {
    field.parse().ok().filter(|s: &f64| s.is_finite() && *s > 0.0)
}

/// `SIP 486 Busy Here` → 486.
fn sip_status(technology: &str) -> Option<u16> {
    let mut words = technology.split_whitespace();
    let (tech, status) = (words.next()?, words.next()?);
    (tech == "SIP").then(|| status.parse().ok()).flatten().filter(|s| (100..700).contains(s))
}

/// How Asterisk closed a call file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Somebody picked up.
    Completed,
    /// Nobody did, for whatever reason.
    Expired,
    /// The file was not usable.
    Failed,
}

impl Status {
    /// The kind of outcome, when nothing better is known.
    pub const fn kind(self) -> OutcomeKind {
        match self {
            // Somebody picked up, and whether anything was heard nobody has written down.
            Self::Completed => OutcomeKind::Uncertain,
            Self::Expired | Self::Failed => OutcomeKind::Unreachable,
        }
    }
}

/// What stands in a call file of how long its call may last, and what Asterisk has added to it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Marks {
    /// When Asterisk took it, in seconds since the epoch; `Some(None)` when the time is not readable.
    pub started: Option<Option<f64>>,
    /// How it was closed.
    pub status: Option<Status>,
    /// How long it may ring.
    pub rings: Option<Duration>,
    /// How long it may go on once it was answered.
    pub lasts: Option<Duration>,
}

impl Marks {
    /// Reads them. Later lines win, as for Asterisk itself.
    pub fn read(text: &str) -> Self {
        let mut marks = Self::default();
        for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
            match name.trim() {
                "StartRetry" => marks.started = Some(start_time(value)),
                "Status" => marks.status = status(value).or(marks.status),
                "WaitTime" => marks.rings = whole_seconds(value),
                "Set" => {
                    if let Some((LONGEST, value)) = value.trim().split_once('=') {
                        marks.lasts = whole_seconds(value);
                    }
                }
                _ => {}
            }
        }
        marks
    }
}

fn whole_seconds(value: &str) -> Option<Duration> {
    value.trim().parse().ok().map(Duration::from_secs)
}

/// `8813 1 (1795210759)`: process, attempt, and the time of the *next* attempt.
fn start_time(value: &str) -> Option<f64> {
    let (_, time) = value.split_once('(')?;
    let (time, _) = time.split_once(')')?;
    let next: i64 = time.trim().parse().ok()?;
    i32::try_from(next.checked_sub(RETRY_SECONDS)?).ok().map(f64::from)
}

fn status(value: &str) -> Option<Status> {
    match value.trim() {
        "Completed" => Some(Status::Completed),
        "Expired" => Some(Status::Expired),
        "Failed" => Some(Status::Failed),
        _ => None,
    }
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
