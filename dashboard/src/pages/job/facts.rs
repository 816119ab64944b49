//! The plain facts of a job, and its call file.

use std::path::Path;

use pregon_core::{Content, Job, Lane, Outcome, PhoneNumber, Target, Timestamp};
use tokio::io::AsyncReadExt;

use crate::pages::Chrome;

/// Longest call file shown, in bytes.
const MAX_CALL_FILE: u64 = 4 * 1024;

/// What the ledger has of the latest attempt.
pub(super) enum CallFile {
    /// Nothing, or the ledger is out of reach.
    Absent,
    /// The attempt was settled as never handed over.
    Void,
    /// The file's text, the number masked.
    Text(String),
}

impl CallFile {
    pub(super) const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// Names and values of the plain facts.
pub(super) fn facts(job: &Job, c: &Chrome) -> Vec<(&'static str, String)> {
    let (w, locale) = (c.w(), &c.locale);
    let Target::Call(call) = &job.spec.target;
    let Content::Speech(speech) = &job.spec.content;
    let when = |at: &Timestamp| locale.when(*at, c.now);
    let lane = match job.spec.lane {
        Lane::High => w.high,
        Lane::Normal => w.normal,
    };
    let asked_voice = [speech.engine.as_deref(), speech.voice.as_deref(), Some(&*speech.language)];
    let optional = [
        (w.digits, job.outcome.as_ref().and_then(|o: &Outcome| o.digits.clone()).filter(|d| !d.is_empty())),
        (w.priority, Some(lane.to_owned())),
        (w.attempts, Some((w.of)(job.counted().into(), job.allowed.into()))),
        (w.rescues, (job.rescues > 0).then(|| job.rescues.to_string())),
        (w.worker, job.worker.clone()),
        (w.trunk, call.trunk.clone()),
        (w.caller_id, call.caller_id.as_ref().map(PhoneNumber::masked)),
        (w.voice, Some(asked_voice.into_iter().flatten().collect::<Vec<_>>().join(" · "))),
        (w.client, job.client.clone()),
        (w.accepted, Some(when(&job.created))),
        (
            w.waited,
            job.started.map(|at| locale.language.span(at.since(job.spec.not_before.unwrap_or(job.created)))),
        ),
        (w.not_before, job.spec.not_before.as_ref().map(when)),
        (w.expires, job.spec.expires.as_ref().map(when)),
        (w.error, job.last_error.clone()),
        (w.labels, (!job.spec.metadata.is_empty()).then(|| labels(job))),
    ];
    optional.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn labels(job: &Job) -> String {
    let text =
        |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    job.spec.metadata.iter().map(|(k, v)| format!("{k}: {}", text(v))).collect::<Vec<_>>().join(" · ")
}

/// Reads the call file of the latest attempt.
pub(super) async fn call_file(ledger: &Path, job: &Job) -> CallFile {
    let Ok(file) = tokio::fs::File::open(ledger.join(job.key().to_string())).await else {
        return CallFile::Absent;
    };
    let mut text = String::new();
    match file.take(MAX_CALL_FILE).read_to_string(&mut text).await {
        Ok(0) => CallFile::Void,
        Ok(_) => CallFile::Text(mask_in(&text, job)),
        Err(_) => CallFile::Absent,
    }
}

/// Replaces the number by one that shows its beginning and its end.
fn mask_in(text: &str, job: &Job) -> String {
    let Target::Call(call) = &job.spec.target;
    let digits = call.to.digits();
    let hidden: String = digits
        .char_indices()
        .map(|(i, digit)| if i < 5.min(digits.len() / 2) || i + 2 >= digits.len() { digit } else { '•' })
        .collect();
    text.replace(digits, &hidden)
}
