//! The words and small pieces that several answers share.

use pregon_core::{Job, JobId, Lane, StateName, Timestamp};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Waits for a time: a later start or the next attempt.
    Scheduled,
    /// Waits for a worker.
    Queued,
    /// In a worker's hands.
    Processing,
    /// Handed over to Asterisk or to a station; the outcome is not known yet.
    Dispatched,
    /// Heard.
    Completed,
    /// Ended without being heard.
    Failed,
    /// Withdrawn before it was handed over.
    Cancelled,
}

impl From<StateName> for Status {
    fn from(state: StateName) -> Self {
        match state {
            StateName::Scheduled => Self::Scheduled,
            StateName::Queued => Self::Queued,
            StateName::Processing => Self::Processing,
            StateName::Dispatched => Self::Dispatched,
            StateName::Completed => Self::Completed,
            StateName::Failed => Self::Failed,
            StateName::Cancelled => Self::Cancelled,
        }
    }
}

/// How urgent a job is. A high job overtakes every normal one that no worker holds yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Priority {
    /// First in, first out.
    Normal,
    /// Overtakes normal jobs.
    High,
}

impl From<Lane> for Priority {
    fn from(lane: Lane) -> Self {
        match lane {
            Lane::High => Self::High,
            Lane::Normal => Self::Normal,
        }
    }
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Telephones somebody.
    Call,
    /// Is heard on the air.
    Air,
}

/// A time, shown in RFC 3339 and UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-21T14:30:00.000Z")]
pub(crate) struct Time(pub(crate) Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The path of a job's status.
pub(crate) fn status_url(id: JobId) -> String {
    format!("/tts/status/{id}")
}

/// A job that was accepted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// The job.
    #[schema(value_type = String, format = Uuid)]
    job_id: JobId,
    /// Where it stands: `queued`, or `scheduled` when it starts later.
    status: Status,
    /// How urgent it is.
    priority: Priority,
    /// The queue it waits in.
    #[schema(example = "tts_calls")]
    queue: &'static str,
    /// Where to ask for its state.
    #[schema(example = "/tts/status/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f")]
    status_url: String,
}

impl From<&Job> for Accepted {
    fn from(job: &Job) -> Self {
        Self {
            job_id: job.id,
            status: job.state.name().into(),
            priority: job.spec.lane.into(),
            queue: job.spec.lane.queue(),
            status_url: status_url(job.id),
        }
    }
}
