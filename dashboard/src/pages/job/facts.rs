//! The plain facts of a job, and its call file.

use std::path::Path;

use pregon_core::{Call, Interaction, Job, Lane, Outcome, PhoneNumber, Purpose, Speech, Target, Timestamp};
use tokio::io::AsyncReadExt;

use super::airing;
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

/// A plain fact.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
    /// The language of a caller's words, for screen readers.
    pub(super) language: Option<String>,
}

/// A name, and a value where there is one.
pub(super) type Row = (&'static str, Option<String>);

/// The plain facts that there are.
pub(super) fn facts(job: &Job, c: &Chrome) -> Vec<Fact> {
    let w = c.w();
    let own = match &job.spec.target {
        Target::Call(call) => of_call(job, call, c),
        Target::Air(air) => airing::rows(job, air, c),
    };
    let asked_in = job.spec.speech().map(|speech| speech.language.clone());
    let fact = |(name, value): Row| {
        let language = asked_in.clone().filter(|_| name == w.calls.question);
        Some(Fact { name, value: value?, language })
    };
    own.into_iter().chain(of_any(job, c)).filter_map(fact).collect()
}

/// What only calls have.
fn of_call(job: &Job, call: &Call, c: &Chrome) -> Vec<Row> {
    let w = c.w();
    let question = call.interaction.as_ref();
    let repeats = job.outcome.as_ref().and_then(|o| o.repeats);
    vec![
        (w.digits, job.outcome.as_ref().and_then(|o| answer(o, c))),
        (w.calls.repeats, repeats.map(|n| c.locale.language.number(n.into()))),
        (w.calls.question, question.map(|asked| asked.prompt.clone())),
        (w.calls.keys, question.map(|asked| keys(asked, c))),
        (w.trunk, call.trunk.clone()),
        (w.caller_id, call.caller_id.as_ref().map(PhoneNumber::masked)),
    ]
}

/// What every job has.
fn of_any(job: &Job, c: &Chrome) -> Vec<Row> {
    let (w, locale) = (c.w(), &c.locale);
    let when = |at: &Timestamp| locale.when_seconds(*at, c.now);
    let lane = match job.spec.lane {
        Lane::High => w.high,
        Lane::Normal => w.normal,
    };
    let waited = job.started.map(|at| at.since(job.spec.not_before.unwrap_or(job.created)));
    vec![
        (w.priority, Some(lane.to_owned())),
        (w.attempts, Some((w.of)(job.counted().into(), job.allowed.into()))),
        (w.rescues, (job.rescues > 0).then(|| job.rescues.to_string())),
        (w.worker, job.worker.clone()),
        (w.voice, job.spec.speech().map(voice)),
        (w.client, job.client.clone()),
        (w.accepted, Some(when(&job.created))),
        (w.waited, waited.map(|span| locale.language.span(span))),
        (w.not_before, job.spec.not_before.as_ref().map(when)),
        (w.expires, job.spec.expires.as_ref().map(when)),
        (w.error, job.last_error.clone()),
        (w.labels, (!job.spec.metadata.is_empty()).then(|| labels(job))),
    ]
}

fn voice(speech: &Speech) -> String {
    let asked = [speech.engine.as_deref(), speech.voice.as_deref(), Some(&*speech.language)];
    asked.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The keys that were pressed and what they mean: `1 · confirma`.
fn answer(outcome: &Outcome, c: &Chrome) -> Option<String> {
    let digits = outcome.digits.clone().filter(|d| !d.is_empty());
    let parts: Vec<String> =
        digits.into_iter().chain(outcome.reply.map(|reply| (c.w().calls.reply)(reply).to_owned())).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// What may be pressed: `1 confirma · 2 repite · * no más llamadas`.
fn keys(asked: &Interaction, c: &Chrome) -> String {
    let w = c.w();
    let key = |purpose| Some(format!("{} {}", asked.key(purpose)?, (w.calls.purpose)(purpose)));
    let keys = Purpose::ALL.into_iter().filter_map(key);
    asked.input.map(|input| (w.calls.input)(input)).into_iter().chain(keys).collect::<Vec<_>>().join(" · ")
}

fn labels(job: &Job) -> String {
    let text =
        |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    job.spec.metadata.iter().map(|(k, v)| format!("{k}: {}", text(v))).collect::<Vec<_>>().join(" · ")
}

/// Reads the call file of the latest attempt.
pub(super) async fn call_file(ledger: &Path, job: &Job) -> CallFile {
    if job.spec.call().is_none() {
        return CallFile::Absent;
    }
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

/// Calling codes have up to so many digits, and a trunk may want numbers without them.
const CALLING_CODE: usize = 3;

/// Replaces the number by one that shows its beginning and its end, also where it is dialled without its calling code.
fn mask_in(text: &str, job: &Job) -> String {
    let Some(call) = job.spec.call() else { return text.to_owned() };
    let digits = call.to.digits();
    let shown = |i: usize| i < 5.min(digits.len() / 2) || i + 2 >= digits.len();
    let masked: Vec<char> =
        digits.char_indices().map(|(i, digit)| if shown(i) { digit } else { '•' }).collect();
    let without = |line: &str, cut: usize| match digits.get(cut..) {
        Some(rest) if rest.len() > CALLING_CODE => {
            line.replace(rest, &masked.iter().skip(cut).collect::<String>())
        }
        Some(_) | None => line.to_owned(),
    };
    let line = |line: &str| {
        // Elsewhere a few digits may well be something else.
        let cuts = if line.starts_with("Channel:") { CALLING_CODE } else { 0 };
        (0..=cuts).fold(line.to_owned(), |line, cut| without(&line, cut))
    };
    text.split_inclusive('\n').map(line).collect()
}
