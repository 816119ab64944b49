//! `POST /jobs/{job_id}/cancel`.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pregon_core::{Caller, Cancelled, Job, JobId, StateName, clock};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::extract::JobPath;
use crate::problem::{ApiError, Problem};
use crate::site::{Site, no_job};
use crate::view::Status;

/// How long an answer waits for the decision of the worker that holds the job, and how often it looks.
const DECISION: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(50);

/// What became of the wish to cancel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CancelAnswer {
    /// The job.
    #[schema(value_type = String, format = Uuid)]
    job_id: JobId,
    /// Whether it is cancelled; `null` while the worker that holds it has not decided.
    cancelled: Option<bool>,
    /// Whether the wish came in time; `null` while that is not known.
    in_time: Option<bool>,
    /// The job's state.
    status: Status,
    /// The same in words.
    detail: &'static str,
}

/// Withdraws a job that was not handed over yet.
///
/// When a worker holds the job, the answer waits up to three seconds for its decision. A call that was handed over goes
/// on; no further attempt follows it.
#[utoipa::path(
    post, path = "/jobs/{job_id}/cancel", tag = "jobs",
    params(("job_id" = String, Path, description = "The job")),
    responses(
        (status = 200, description = "It came in time: the job will not run", body = CancelAnswer),
        (status = 202, description = "A worker holds the job and has not decided yet", body = CancelAnswer),
        (status = 404, description = "No such job, or not yours", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "Too late: it was handed over, or has ended", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn cancel_job(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    JobPath(id): JobPath,
) -> Result<Response, ApiError> {
    site.job(&caller, id).await?;
    match site.api.desk.cancel(id, clock::now()).await? {
        Cancelled::Unknown => Err(no_job(id)),
        Cancelled::InTime(job) | Cancelled::TooLate(job) => decided(&job),
        Cancelled::Asked(_) => {
            let job = decision(&site, id).await?;
            if is_open(&job) {
                return Ok((StatusCode::ACCEPTED, Json(undecided(&job))).into_response());
            }
            decided(&job)
        }
    }
}

/// The job as its worker or its station left it, if that happens soon.
async fn decision(site: &Site, id: JobId) -> Result<Job, ApiError> {
    let deadline = Instant::now() + DECISION;
    loop {
        let job = site.store().get(id).await?.ok_or_else(|| no_job(id))?;
        if !is_open(&job) || Instant::now() >= deadline {
            return Ok(job);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Whether somebody holds it who has not decided yet.
fn is_open(job: &Job) -> bool {
    match job.state.name() {
        StateName::Processing => true,
        StateName::Dispatched => job.spec.air().is_some(),
        StateName::Scheduled
        | StateName::Queued
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => false,
    }
}

fn decided(job: &Job) -> Result<Response, ApiError> {
    let status = job.state.name();
    if status == StateName::Cancelled {
        let detail = "the job was withdrawn before it was handed over";
        let answer = CancelAnswer {
            job_id: job.id,
            cancelled: Some(true),
            in_time: Some(true),
            status: status.into(),
            detail,
        };
        return Ok((StatusCode::OK, Json(answer)).into_response());
    }
    let after = if status == StateName::Dispatched { "; no further attempt will follow" } else { "" };
    let detail = format!("too late to cancel: the job is {}{after}", status.as_str());
    Err(ApiError::State { job: job.id, status: status.into(), detail })
}

fn undecided(job: &Job) -> CancelAnswer {
    let detail = if job.state.name() == StateName::Dispatched {
        "the station takes it out of its queue unless it has begun; ask for its status"
    } else {
        "a worker holds the job and will decide within moments; ask for its status"
    };
    CancelAnswer { job_id: job.id, cancelled: None, in_time: None, status: job.state.name().into(), detail }
}
