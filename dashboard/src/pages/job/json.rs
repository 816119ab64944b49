//! The status of a job as the API tells it, cut into pieces that can be coloured.

use pregon_core::{Content, Job, Lane, LiveCall, Outcome, OutcomeKind, StateName};
use serde::Serialize;

/// A piece of the text and the class it is shown with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// `k` for names, `s` for texts, `n` for numbers and the like; empty for the rest.
    pub(crate) class: &'static str,
    pub(crate) text: String,
}

#[derive(Serialize)]
struct Told<'a> {
    job_id: String,
    status: StateName,
    kind: &'static str,
    priority: Lane,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    station: Option<&'a str>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<&'a str>,
    attempts: u16,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dispatched_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<Live>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Fate<'a>>,
}

#[derive(Serialize)]
struct Live {
    phase: &'static str,
    since: String,
}

/// The outcome of a call as it is; that of an airing without its inner box.
#[derive(Serialize)]
#[serde(untagged)]
enum Fate<'a> {
    Call(&'a Outcome),
    Air(Aired<'a>),
}

#[derive(Serialize)]
struct Aired<'a> {
    kind: OutcomeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    seconds: f64,
    station: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    listeners: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    simulated: bool,
}

impl<'a> Fate<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        let Some(airing) = &outcome.airing else { return Self::Call(outcome) };
        Self::Air(Aired {
            kind: outcome.kind,
            at: airing.at.map(|at| at.to_string()),
            seconds: airing.seconds,
            station: airing.station.as_str(),
            listeners: airing.listeners,
            reason: airing.reason.as_deref(),
            simulated: outcome.simulated,
        })
    }
}

impl From<&LiveCall> for Live {
    fn from(call: &LiveCall) -> Self {
        Self { phase: call.phase.as_str(), since: call.since.to_string() }
    }
}

/// The status of `job` and of its call, its number masked.
pub(crate) fn pieces(job: &Job, live: Option<&LiveCall>) -> Vec<Piece> {
    let told = Told {
        job_id: job.id.to_string(),
        status: job.state.name(),
        kind: if job.spec.air().is_some() { "air" } else { "call" },
        priority: job.spec.lane,
        phone_number: job.spec.call().map(|call| call.to.masked()),
        station: job.spec.air().map(|air| air.station.as_str()),
        text: job.spec.text(),
        audio: recording(job),
        attempts: job.counted(),
        created_at: job.created.to_string(),
        started_at: job.started.map(|t| t.to_string()),
        dispatched_at: job.dispatched.map(|t| t.to_string()),
        completed_at: job.finished.map(|t| t.to_string()),
        worker_id: job.worker.as_deref(),
        error: job.last_error.as_deref(),
        live: live.map(Live::from),
        outcome: job.outcome.as_ref().map(Fate::of),
    };
    let text = serde_json::to_string_pretty(&told).unwrap_or_default();
    text.lines().flat_map(line).collect()
}

/// The id of the sound that somebody sent in.
const fn recording(job: &Job) -> Option<&str> {
    match &job.spec.content {
        Content::Speech(_) => None,
        Content::Audio(recording) => Some(recording.id.as_str()),
    }
}

/// A line of pretty JSON: indentation, perhaps a name, perhaps a value, punctuation.
fn line(line: &str) -> Vec<Piece> {
    let piece = |class, text: &str| Piece { class, text: text.to_owned() };
    let rest = line.trim_start();
    let indent = line.strip_suffix(rest).unwrap_or_default();
    let mut out = vec![piece("", indent)];
    // Names here hold neither quotes nor backslashes, so the first `": ` ends one.
    let value = match rest.split_once("\": ") {
        Some((name, value)) if rest.starts_with('"') => {
            out.push(piece("k", &format!("{name}\"")));
            out.push(piece("", ": "));
            value
        }
        _ => rest,
    };
    let bare = value.strip_suffix(',').unwrap_or(value);
    let class = match bare.bytes().next() {
        Some(b'"') => "s",
        Some(b'{' | b'}' | b'[' | b']') | None => "",
        Some(_) => "n",
    };
    out.push(piece(class, bare));
    out.push(piece("", if bare.len() < value.len() { ",\n" } else { "\n" }));
    out.retain(|p| !p.text.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_into_name_and_value() {
        let show = |text| line(text).into_iter().map(|p| (p.class, p.text)).collect::<Vec<_>>();
        let own = |pairs: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
            pairs.iter().map(|(c, t)| (*c, (*t).to_owned())).collect()
        };
        assert_eq!(
            show(r#"  "text": "say \"hi\": now","#),
            own(&[("", "  "), ("k", "\"text\""), ("", ": "), ("s", r#""say \"hi\": now""#), ("", ",\n")])
        );
        assert_eq!(
            show(r#"    "sip": 200"#),
            own(&[("", "    "), ("k", "\"sip\""), ("", ": "), ("n", "200"), ("", "\n")])
        );
        assert_eq!(show("  }"), own(&[("", "  "), ("", "}"), ("", "\n")]));
    }
}
