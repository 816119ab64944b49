//! `POST /jobs/{job_id}/decide`.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use pregon_core::{Caller, Decided, Job, JobId, Verdict, clock};
use serde::Serialize;
use utoipa::ToSchema;

use crate::body;
use crate::extract::JobPath;
use crate::fields::Fields;
use crate::problem::{ApiError, Problem};
use crate::site::{Site, no_job};
use crate::view::{Status, status_url};

/// What a person knows of a call whose fate Pregon does not know.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"verdict": "heard"}))]
#[expect(dead_code, reason = "the schema of the request; it is read field by field")]
pub(crate) struct DecideRequest {
    /// `heard`: the announcement was heard, and the job is completed. `left`: it stays unknown and nobody is called again;
    /// the job has failed. To call again instead, `POST /jobs/{job_id}/retry`.
    #[schema(value_type = String, pattern = "^(heard|left)$")]
    verdict: Verdict,
    /// The attempt that was decided on; the latest when absent.
    attempt: Option<u16>,
}

/// What the decision made of the job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecideAnswer {
    /// The job.
    #[schema(value_type = String, format = Uuid)]
    job_id: JobId,
    /// The job's state: `completed` or `failed`.
    status: Status,
    /// Where to ask for it.
    #[schema(example = "/tts/status/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f")]
    status_url: String,
}

/// Decides on a call whose fate is not known.
///
/// Such a job is `dispatched`, and its outcome is `uncertain`. Nobody is called again by itself: a person has to say
/// what became of it. Saying the same once more changes nothing.
#[utoipa::path(
    post, path = "/jobs/{job_id}/decide", tag = "jobs",
    params(("job_id" = String, Path, description = "The job")),
    request_body = DecideRequest,
    responses(
        (status = 200, description = "The job has ended so", body = DecideAnswer),
        (status = 400, description = "No valid JSON", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such job, or not yours", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "The job does not wait for a decision", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "Fields that cannot be taken", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn decide_job(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    JobPath(id): JobPath,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<DecideAnswer>, ApiError> {
    let job = site.job(&caller, id).await?;
    let bytes = body::read(&headers, body, body::SINGLE).await?;
    let mut fields = Fields::of(body::parse(&bytes)?, "body").map_err(|e| ApiError::Invalid(vec![e]))?;
    let word = fields.need("verdict");
    let word = fields.text("verdict", word, 40);
    let verdict = word.as_deref().and_then(|word| Verdict::ALL.into_iter().find(|v| v.as_str() == word));
    if word.is_some() && verdict.is_none() {
        fields.refuse("verdict", "must be heard or left; to call again, POST /jobs/{job_id}/retry");
    }
    let attempt = fields.whole("attempt", &(1..=u16::MAX));
    fields.finish(&["verdict", "attempt"]).map_err(ApiError::Invalid)?;
    // Without errors it is there.
    let Some(verdict) = verdict else { return Err(ApiError::Invalid(Vec::new())) };
    match site.api.desk.decide(id, attempt.unwrap_or(job.attempt), verdict, clock::now()).await? {
        Decided::Done(job) => Ok(Json(DecideAnswer {
            job_id: job.id,
            status: job.state.name().into(),
            status_url: status_url(job.id),
        })),
        Decided::NotAsked(job) => Err(not_asked(&job)),
        Decided::Unknown => Err(no_job(id)),
    }
}

fn not_asked(job: &Job) -> ApiError {
    let status = job.state.name();
    let detail = format!("the job is {} and does not wait for a decision on that attempt", status.as_str());
    ApiError::State { job: job.id, status: status.into(), detail }
}
