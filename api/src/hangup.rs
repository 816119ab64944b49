//! `POST /jobs/{job_id}/hangup`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use pregon_core::{Caller, Cut, Job, JobId, NotHungUp, clock};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::JobPath;
use crate::problem::{ApiError, Problem};
use crate::site::{Site, no_job};
use crate::view::{Status, status_url};

/// A call that ends now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HangupAnswer {
    /// The job.
    #[schema(value_type = String, format = Uuid)]
    job_id: JobId,
    /// The job's state: it ends when the outcome of the call arrives.
    status: Status,
    /// Where to ask for it.
    #[schema(example = "/tts/status/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f")]
    status_url: String,
    /// The same in words.
    detail: &'static str,
}

/// Hangs up the call of a job, ringing or answered.
///
/// No other attempt follows. The outcome is that of the call as it was: `answered` when somebody had picked up,
/// `no_answer` when it rang.
#[utoipa::path(
    post, path = "/jobs/{job_id}/hangup", tag = "jobs",
    params(("job_id" = String, Path, description = "The job")),
    responses(
        (status = 202, description = "The call ends now", body = HangupAnswer),
        (status = 404, description = "No such job, or not yours", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "The job has no call on the line", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "ASTERISK_AMI_URL is not set or Asterisk does not answer there, or the store does \
            not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn hang_up(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    JobPath(id): JobPath,
) -> Result<(StatusCode, Json<HangupAnswer>), ApiError> {
    site.job(&caller, id).await?;
    let Some(switchboard) = &site.api.switchboard else {
        return Err(ApiError::NoSwitchboard);
    };
    match site.api.desk.hang_up(id, &**switchboard, clock::now()).await? {
        Cut::Done(job) => Ok((StatusCode::ACCEPTED, Json(ends(&job)))),
        Cut::NoCall(job) => Err(no_call(&job)),
        Cut::Unknown => Err(no_job(id)),
        Cut::Failed(NotHungUp::NotConnected) => Err(ApiError::NoLine(
            "there is no connection to the Asterisk of ASTERISK_AMI_URL, and nothing is known of calls; try again",
        )),
        Cut::Failed(NotHungUp::Failed(why)) => {
            tracing::warn!(job.id = %id, why, "a call was not hung up");
            Err(ApiError::NoLine(
                "the Asterisk of ASTERISK_AMI_URL did not say that it hung up; no other attempt follows; try again",
            ))
        }
    }
}

fn ends(job: &Job) -> HangupAnswer {
    HangupAnswer {
        job_id: job.id,
        status: job.state.name().into(),
        status_url: status_url(job.id),
        detail: "the call ends now, and no other attempt follows; ask for its outcome",
    }
}

fn no_call(job: &Job) -> ApiError {
    let status = job.state.name();
    let detail = format!("the job is {} and has no call on the line", status.as_str());
    ApiError::State { job: job.id, status: status.into(), detail }
}
