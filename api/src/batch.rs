//! `POST /tts/batch`: many calls in one request.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use pregon_core::{Answer, Caller, Job, JobId, Timestamp, clock};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body;
use crate::fields::Fields;
use crate::idempotency::{Ids, Keyed, Undone, answer, once};
use crate::problem::{ApiError, FieldError, Problem};
use crate::request::{self, CallRequest, Rules};
use crate::site::Site;
use crate::view::{Status, status_url};

/// Most calls of a batch.
const MAX_JOBS: usize = 10_000;
/// So many go to store and queue at a time: enough to fill a transaction, and a crash leaves little half-way.
const CHUNK: usize = 2_500;

/// Calls to make. Only documents the shape: each is read by itself, so that one bad call does not stop the others.
#[derive(ToSchema)]
pub(crate) struct BatchRequest {
    /// The calls.
    #[schema(min_items = 1, max_items = 10_000)]
    #[expect(dead_code, reason = "documents the shape")]
    jobs: Vec<CallRequest>,
}

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchAccepted {
    /// Calls that were accepted.
    accepted: usize,
    /// Calls that were not.
    rejected: usize,
    /// One entry per call, in order.
    jobs: Vec<BatchItem>,
}

/// What became of one call of a batch: the job, or the problem.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BatchItem {
    /// It is a job now.
    Accepted {
        /// Its place in the request, from 0.
        index: usize,
        /// The job.
        #[schema(value_type = String, format = Uuid)]
        job_id: JobId,
        /// Where it stands.
        status: Status,
        /// Where to ask for its state.
        status_url: String,
    },
    /// It will not run. With status 503 it may be sent again, in a new request.
    Rejected {
        /// Its place in the request, from 0.
        index: usize,
        /// Why.
        problem: Problem,
    },
}

type Read = Result<Job, Vec<FieldError>>;

/// Calls many numbers.
///
/// Each call is taken or refused by itself; the answer has an entry for each. When store or queue fail half-way, the
/// calls that were not accepted say so, and can be sent again in a new request with a new `Idempotency-Key`.
#[utoipa::path(
    post, path = "/tts/batch", tag = "calls",
    params(("Idempotency-Key" = Option<String>, Header, description = "Up to 255 visible ASCII characters; the same \
        key with the same body makes the jobs once, and is answered as the first time")),
    request_body = BatchRequest,
    responses(
        (status = 202, description = "Taken in, with an entry per call", body = BatchAccepted),
        (status = 400, description = "No valid JSON", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The same request is being carried out", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "More than 16 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not declared as JSON", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "No list of 1 to 10,000 calls", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn post_batch(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let bytes = body::read(&headers, body, body::BATCH).await?;
    let client = site.client(&caller);
    let hashed = bytes.clone();
    let keyed = aside(move || Keyed::of(&caller, &headers, "/tts/batch", &hashed)).await??;
    once(Arc::clone(&site), keyed, move |ids| async move {
        let (now, rules) = (clock::now(), Arc::clone(&site.rules));
        let read = aside(move || read_all(&bytes, &rules, &ids, client.as_ref(), now))
            .await
            .flatten()
            .map_err(Undone::cleanly)?;
        take_in(&site, read, now).await
    })
    .await
}

/// Runs what takes more than a moment beside the threads that answer requests.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| ApiError::Internal(e.to_string()))
}

fn read_all(
    bytes: &Bytes,
    rules: &Rules,
    ids: &Ids,
    client: Option<&String>,
    now: Timestamp,
) -> Result<Vec<Read>, ApiError> {
    let jobs = list(body::parse(bytes)?).map_err(ApiError::Invalid)?;
    let read = |(index, value)| {
        request::read(value, rules, now)
            .map(|spec| Job::accept(ids.id(index, now), spec, client.cloned(), now))
    };
    Ok(jobs.into_iter().enumerate().map(read).collect())
}

/// The calls in a batch.
fn list(value: Value) -> Result<Vec<Value>, Vec<FieldError>> {
    let mut fields = Fields::of(value, "body").map_err(|e| vec![e])?;
    let jobs = match fields.need("jobs") {
        Some(Value::Array(jobs)) if (1..=MAX_JOBS).contains(&jobs.len()) => jobs,
        Some(Value::Array(jobs)) => {
            fields.refuse("jobs", format_args!("must have 1 to {MAX_JOBS} calls, not {}", jobs.len()));
            Vec::new()
        }
        Some(_) => {
            fields.refuse("jobs", "must be a list in square brackets");
            Vec::new()
        }
        None => Vec::new(),
    };
    fields.finish(&["jobs"])?;
    Ok(jobs)
}

/// Stores and queues what can be. A batch of which nothing got in for want of store or queue counts as not sent.
async fn take_in(site: &Site, read: Vec<Read>, now: Timestamp) -> Result<Answer, Undone> {
    let mut items = Vec::with_capacity(read.len());
    let mut jobs = Vec::with_capacity(read.len());
    for (index, read) in read.into_iter().enumerate() {
        match read {
            Ok(job) => jobs.push((index, job)),
            Err(errors) => {
                items.push(BatchItem::Rejected { index, problem: ApiError::Invalid(errors).problem() });
            }
        }
    }
    let (places, jobs): (Vec<usize>, Vec<Job>) = jobs.into_iter().unzip();
    let mut failed = Vec::new();
    for (places, jobs) in places.chunks(CHUNK).zip(jobs.chunks(CHUNK)) {
        let results = site.submit(jobs, now).await;
        for ((index, job), result) in places.iter().zip(jobs).zip(results) {
            match result {
                Ok(()) => items.push(entry(*index, job)),
                Err(undone) => failed.push((*index, undone)),
            }
        }
    }
    let accepted = jobs.len() - failed.len();
    if accepted == 0 && !failed.is_empty() {
        // One reason for all: an uncertain one outweighs the clean ones.
        let uncertain = failed.iter().position(|(_, undone)| matches!(undone, Undone::Perhaps(_)));
        return Err(failed.swap_remove(uncertain.unwrap_or(0)).1);
    }
    items.extend(
        failed
            .into_iter()
            .map(|(index, undone)| BatchItem::Rejected { index, problem: undone.error().problem() }),
    );
    items.sort_unstable_by_key(BatchItem::index);
    answer(&BatchAccepted { accepted, rejected: items.len() - accepted, jobs: items }, None)
}

fn entry(index: usize, job: &Job) -> BatchItem {
    BatchItem::Accepted {
        index,
        job_id: job.id,
        status: job.state.name().into(),
        status_url: status_url(job.id),
    }
}

impl BatchItem {
    const fn index(&self) -> usize {
        match self {
            Self::Accepted { index, .. } | Self::Rejected { index, .. } => *index,
        }
    }
}
