//! How jobs look from outside.

use std::collections::BTreeMap;

use pregon_core::{Content, Entry, Job, JobId, Sequel, State, Verdict, What};
use serde::Serialize;
use utoipa::ToSchema;

use crate::interaction::InteractionView;
use crate::live::LiveView;
use crate::outcome_view::{AirView, ClipView, OutcomeView};
use crate::retry::Retry;
use crate::view::{Kind, Priority, Status, Time};

/// Something that happened to a job.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Happening {
    /// When.
    at: Time,
    /// During which attempt; 0 before the first.
    attempt: u16,
    /// What: `accepted`, `claimed`, `dispatched`, `retry`, `released`, `rescued`, `outcome`, `failed`,
    /// `cancel_asked`, `hang_up_asked`, `cancelled`, `expired` or `again`.
    #[schema(example = "claimed")]
    event: &'static str,
    /// The worker that took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    worker_id: Option<String>,
    /// When the next attempt may start.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Time>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Whether the dead worker had handed it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    handed_over: Option<bool>,
    /// The result of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<OutcomeView>,
    /// What follows from it: `again` (at `due`), `none_left` (no attempts are), `enough` (the waits allow no further
    /// retry), `too_late` (it expires first), `never` (not after this outcome) or `person` (who has to decide).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "again")]
    decision: Option<&'static str>,
    /// The decision in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "busy; tried again at 2026-11-21T15:05:00.000Z, attempt 2 of 3")]
    detail: Option<String>,
    /// What a person said of a call whose fate is not known: `heard` or `left`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "heard")]
    verdict: Option<Verdict>,
}

impl From<&Entry> for Happening {
    fn from(entry: &Entry) -> Self {
        let plain = |event| Self {
            at: Time(entry.at),
            attempt: entry.attempt,
            event,
            worker_id: None,
            due: None,
            error: None,
            handed_over: None,
            outcome: None,
            decision: None,
            detail: None,
            verdict: None,
        };
        match &entry.what {
            What::Accepted => plain("accepted"),
            What::Claimed { worker } => Self { worker_id: Some(worker.clone()), ..plain("claimed") },
            What::Dispatched => plain("dispatched"),
            What::Retry { due, error } => {
                Self { due: Some(Time(*due)), error: Some(error.clone()), ..plain("retry") }
            }
            What::Released => plain("released"),
            What::Rescued { handed_over } => Self { handed_over: Some(*handed_over), ..plain("rescued") },
            What::Outcome { outcome, next } => Self {
                outcome: Some(outcome.into()),
                due: if let Some(Sequel::Again { due, .. }) = next { Some(Time(*due)) } else { None },
                decision: next.map(Sequel::as_str),
                detail: next.map(|next| next.sentence(outcome.kind)),
                ..plain("outcome")
            },
            What::Failed { error } => Self { error: Some(error.clone()), ..plain("failed") },
            What::CancelAsked => plain("cancel_asked"),
            What::HangUpAsked => plain("hang_up_asked"),
            What::Decided { verdict } => Self { verdict: Some(*verdict), ..plain("decided") },
            What::Cancelled => plain("cancelled"),
            What::Expired => plain("expired"),
            What::Again => plain("again"),
        }
    }
}

/// A job in a list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct JobLine {
    /// The job.
    #[schema(value_type = String, format = Uuid)]
    job_id: JobId,
    /// Where it stands.
    status: Status,
    /// What it does.
    kind: Kind,
    /// How urgent it is.
    priority: Priority,
    /// Who is called. Only of a call.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "+573005050149")]
    phone_number: Option<String>,
    /// Where it is aired. Only of an airing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "main")]
    station: Option<String>,
    /// What is said; empty for a recording.
    text: String,
    /// In which language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "es")]
    language: Option<String>,
    /// Attempts so far. Attempts cut short by a dead worker do not count.
    attempts: u16,
    /// When it was accepted.
    created_at: Time,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<Time>,
    /// Why the latest attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl From<&Job> for JobLine {
    fn from(job: &Job) -> Self {
        let air = job.spec.air();
        Self {
            job_id: job.id,
            status: job.state.name().into(),
            kind: if air.is_some() { Kind::Air } else { Kind::Call },
            priority: job.spec.lane.into(),
            phone_number: job.spec.call().map(|call| call.to.to_string()),
            station: air.map(|air| air.station.to_string()),
            text: job.spec.text().to_owned(),
            language: job.spec.speech().map(|speech| speech.language.clone()),
            attempts: job.counted(),
            created_at: Time(job.created),
            completed_at: job.finished.map(Time),
            error: job.last_error.clone(),
        }
    }
}

/// Everything about a job.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct JobView {
    #[serde(flatten)]
    line: JobLine,
    /// Attempts that may be made.
    max_attempts: u16,
    /// Attempts that a dead or stopping worker cut short; they do not count.
    rescues: u16,
    /// Whether the text is SSML; absent where it is not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    ssml: bool,
    /// The voice asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    voice: Option<String>,
    /// The engine asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    engine: Option<String>,
    /// The speaking rate asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<f32>,
    /// The recording asked for: the id that `POST /audio` gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<String>,
    /// How it meets the programme. Only of an airing.
    #[serde(skip_serializing_if = "Option::is_none")]
    air: Option<AirView>,
    /// The number shown to the callee, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    caller_id: Option<String>,
    /// The trunk asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    trunk: Option<String>,
    /// What the callee is asked after the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    interaction: Option<InteractionView>,
    /// Not before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<Time>,
    /// Pointless after this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Time>,
    /// Waits before another attempt, by outcome, as the request set them.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry: Option<Retry>,
    /// Of a scheduled job: when the next attempt may start.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Time>,
    /// When a worker took the latest attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Time>,
    /// When it was handed over to Asterisk.
    #[serde(skip_serializing_if = "Option::is_none")]
    dispatched_at: Option<Time>,
    /// The worker of the latest attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    worker_id: Option<String>,
    /// What a dispatched job waits for, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_for: Option<&'static str>,
    /// The call as it goes on. Only where calls are followed (`ASTERISK_AMI_URL`), and only of a dispatched job.
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<LiveView>,
    /// Name of the latest call file, once it was handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1.call")]
    call_file: Option<String>,
    /// What became of the latest call; absent again while a further one is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<OutcomeView>,
    /// What was rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    clip: Option<ClipView>,
    /// The labels that came with the request.
    #[schema(value_type = Object)]
    metadata: BTreeMap<String, serde_json::Value>,
    /// Told when the job ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_url: Option<String>,
    /// What happened, in order.
    timeline: Vec<Happening>,
}

impl JobView {
    /// The job, and its call as it goes on.
    pub(crate) fn of(job: &Job, live: Option<LiveView>) -> Self {
        let (speech, call, air) = (job.spec.speech(), job.spec.call(), job.spec.air());
        let due = if let State::Scheduled { due } = job.state { Some(Time(due)) } else { None };
        let waiting = if let State::Dispatched { waiting, .. } = job.state { Some(waiting) } else { None };
        Self {
            line: job.into(),
            max_attempts: job.allowed,
            rescues: job.rescues,
            ssml: speech.is_some_and(|speech| speech.ssml),
            voice: speech.and_then(|speech| speech.voice.clone()),
            engine: speech.and_then(|speech| speech.engine.clone()),
            rate: speech.and_then(|speech| speech.rate),
            audio: recording(job),
            air: air.map(Into::into),
            caller_id: call.and_then(|call| Some(call.caller_id.as_ref()?.to_string())),
            trunk: call.and_then(|call| call.trunk.clone()),
            interaction: call.and_then(|call| Some(call.interaction.as_ref()?.into())),
            not_before: job.spec.not_before.map(Time),
            expires: job.spec.expires.map(Time),
            retry: Retry::of(&job.spec.retry),
            next_attempt_at: due,
            started_at: job.started.map(Time),
            dispatched_at: job.dispatched.map(Time),
            worker_id: job.worker.clone(),
            waiting_for: waiting.map(pregon_core::Waiting::sentence),
            live,
            call_file: job.dispatched.filter(|_| call.is_some()).map(|_| format!("{}.call", job.key())),
            outcome: job.outcome.as_ref().map(Into::into),
            clip: job.clip.as_ref().map(Into::into),
            metadata: job.spec.metadata.clone(),
            callback_url: job.spec.callback_url.clone(),
            timeline: job.timeline.iter().map(Into::into).collect(),
        }
    }
}

fn recording(job: &Job) -> Option<String> {
    match &job.spec.content {
        Content::Speech(_) => None,
        Content::Audio(recording) => Some(recording.id.clone()),
    }
}
