//! `POST /jobs/{job_id}/retry`.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use pregon_core::{Again, Caller, Job, clock};
use serde_json::Value;
use utoipa::ToSchema;

use crate::body;
use crate::extract::JobPath;
use crate::fields::{Fields, kind_of};
use crate::idempotency::{Keyed, Undone, accepted, once};
use crate::problem::{ApiError, Problem};
use crate::site::{Site, no_job};
use crate::view::Accepted;

/// What is known to whoever asks. May be left out.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the schema of the request; it is read field by field")]
pub(crate) struct RetryRequest {
    /// The latest attempt that you know of; if there has been another one since, nothing is done.
    attempt: Option<u16>,
    /// Whether to announce it again although it was heard. Without it a `completed` job is left alone: a late result may
    /// have told so a moment ago.
    #[schema(required = false, default = false)]
    even_if_heard: bool,
}

/// Tries a job that has ended once more.
///
/// It keeps its id and gets as many new attempts as it was given at first.
#[utoipa::path(
    post, path = "/jobs/{job_id}/retry", tag = "jobs",
    params(
        ("job_id" = String, Path, description = "The job"),
        ("Idempotency-Key" = Option<String>, Header, description = "Up to 255 visible ASCII characters; the same key \
            is answered as the first time"),
    ),
    request_body = Option<RetryRequest>,
    responses(
        (status = 202, description = "Queued again", body = Accepted,
            headers(("Location" = String, description = "The job's status"))),
        (status = 400, description = "No valid JSON", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such job, or not yours", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "It has not ended yet, it was heard, or there was another attempt since",
            body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields that cannot be taken", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn retry_job(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    JobPath(id): JobPath,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let job = site.job(&caller, id).await?;
    let bytes = body::read(&headers, body, body::SINGLE).await?;
    let keyed = Keyed::of(&caller, &headers, &format!("/jobs/{id}/retry"), &bytes)?;
    once(Arc::clone(&site), keyed, move |_| async move {
        let (attempt, heard_too) = read(&bytes).map_err(Undone::cleanly)?;
        let again = site.api.desk.again(id, attempt.unwrap_or(job.attempt), heard_too, clock::now());
        match again.await.map_err(|e| Undone::Perhaps(e.into()))? {
            Again::Queued(job) => accepted(&job),
            Again::NotEnded(job) => {
                Err(refused(&job, "only one that has ended, as you know it, can be tried again"))
            }
            Again::Heard(job) => Err(refused(
                &job,
                "it was heard; to announce it again all the same, send {\"even_if_heard\":true}",
            )),
            Again::Unknown => Err(Undone::cleanly(no_job(id))),
        }
    })
    .await
}

fn read(bytes: &Bytes) -> Result<(Option<u16>, bool), ApiError> {
    if bytes.is_empty() {
        return Ok((None, false));
    }
    let mut fields = Fields::of(body::parse(bytes)?, "body").map_err(|e| ApiError::Invalid(vec![e]))?;
    let attempt = fields.whole("attempt", &(0..=u16::MAX));
    let heard_too = match fields.take("even_if_heard") {
        None => false,
        Some(Value::Bool(wanted)) => wanted,
        Some(other) => {
            fields.refuse("even_if_heard", format_args!("must be true or false, not {}", kind_of(&other)));
            false
        }
    };
    fields.finish(&["attempt", "even_if_heard"]).map_err(ApiError::Invalid)?;
    Ok((attempt, heard_too))
}

fn refused(job: &Job, why: &str) -> Undone {
    let status = job.state.name();
    let detail = format!("the job is {}; {why}", status.as_str());
    Undone::cleanly(ApiError::State { job: job.id, status: status.into(), detail })
}
