//! The status of a job as the API tells it, cut into pieces that can be coloured.

use pregon_core::{Job, Lane, LiveCall, Outcome, StateName};
use serde::Serialize;

use crate::pages::{masked, text};

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
    phone_number: String,
    text: &'a str,
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
    outcome: Option<&'a Outcome>,
}

#[derive(Serialize)]
struct Live {
    phase: &'static str,
    since: String,
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
        kind: "call",
        priority: job.spec.lane,
        phone_number: masked(job),
        text: text(job),
        attempts: job.counted(),
        created_at: job.created.to_string(),
        started_at: job.started.map(|t| t.to_string()),
        dispatched_at: job.dispatched.map(|t| t.to_string()),
        completed_at: job.finished.map(|t| t.to_string()),
        worker_id: job.worker.as_deref(),
        error: job.last_error.as_deref(),
        live: live.map(Live::from),
        outcome: job.outcome.as_ref(),
    };
    let text = serde_json::to_string_pretty(&told).unwrap_or_default();
    text.lines().flat_map(line).collect()
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
