//! `GET /health`, `/health/live`, `/health/ready`: open to everybody, quick, and silent about internals.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use pregon_core::clock;
use serde::Serialize;
use utoipa::ToSchema;

use crate::site::Site;
use crate::workers::living;

/// A check that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It works.
    Ok,
    /// Not all of it works.
    Degraded,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Check {
    /// Whether it works.
    status: Verdict,
    /// What is wrong, or what endangers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Check {
    const fn ok() -> Self {
        Self { status: Verdict::Ok, detail: None }
    }

    fn degraded(detail: &str) -> Self {
        Self { status: Verdict::Degraded, detail: Some(detail.to_owned()) }
    }
}

/// The results of all checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Checks {
    /// Where jobs are kept.
    store: Check,
    /// How jobs reach workers.
    queue: Check,
    /// Whether anybody works.
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<Check>,
}

/// How the system is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok` when every check is.
    status: Verdict,
    /// One by one.
    checks: Checks,
    /// The version of the API.
    version: &'static str,
}

/// The process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Alive {
    status: Verdict,
}

impl Health {
    fn of(checks: Checks) -> (StatusCode, Json<Self>) {
        let works = |check: &Check| check.status == Verdict::Ok;
        let accepts = works(&checks.store) && works(&checks.queue);
        let all = accepts && checks.workers.as_ref().is_none_or(works);
        let status = if all { Verdict::Ok } else { Verdict::Degraded };
        let code = if accepts { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (code, Json(Self { status, checks, version: env!("CARGO_PKG_VERSION") }))
    }
}

/// Tells how the system is.
///
/// Without workers it is `degraded` and still answers 200: jobs are accepted and wait.
#[utoipa::path(
    get, path = "/health", tag = "health", security(()),
    responses(
        (status = 200, description = "Jobs are accepted", body = Health),
        (status = 503, description = "Store or queue do not work; the failing check is named", body = Health),
    )
)]
pub(crate) async fn get_health(State(site): State<Arc<Site>>) -> (StatusCode, Json<Health>) {
    let (store, queue, workers) = tokio::join!(store(&site), queue(&site), workers(&site));
    Health::of(Checks { store, queue, workers: Some(workers) })
}

/// Tells that the process runs.
#[utoipa::path(
    get, path = "/health/live", tag = "health", security(()),
    responses((status = 200, description = "It runs", body = Alive))
)]
pub(crate) async fn get_live() -> Json<Alive> {
    Json(Alive { status: Verdict::Ok })
}

/// Tells whether jobs are accepted.
#[utoipa::path(
    get, path = "/health/ready", tag = "health", security(()),
    responses(
        (status = 200, description = "Jobs are accepted", body = Health),
        (status = 503, description = "Store or queue do not work; the failing check is named", body = Health),
    )
)]
pub(crate) async fn get_ready(State(site): State<Arc<Site>>) -> (StatusCode, Json<Health>) {
    let (store, queue) = tokio::join!(store(&site), queue(&site));
    Health::of(Checks { store, queue, workers: None })
}

async fn store(site: &Site) -> Check {
    match tokio::time::timeout(PATIENCE, site.store().check()).await {
        Ok(Ok(warnings)) if warnings.is_empty() => Check::ok(),
        Ok(Ok(warnings)) => Check { status: Verdict::Ok, detail: Some(warnings.join("; ")) },
        Ok(Err(error)) => {
            tracing::debug!(%error, "the store failed its check");
            Check::degraded("the job store does not work")
        }
        Err(_) => Check::degraded("the job store does not answer"),
    }
}

async fn queue(site: &Site) -> Check {
    match tokio::time::timeout(PATIENCE, site.api.desk.queue().check()).await {
        Ok(Ok(())) => Check::ok(),
        Ok(Err(error)) => {
            tracing::debug!(%error, "the queue failed its check");
            Check::degraded("the job queue does not work")
        }
        Err(_) => Check::degraded("the job queue does not answer"),
    }
}

async fn workers(site: &Site) -> Check {
    let now = clock::now();
    match tokio::time::timeout(PATIENCE, site.store().workers(now)).await {
        Ok(Ok(beats)) if living(&beats, now).is_empty() => Check::degraded("no worker is alive; jobs wait"),
        Ok(Ok(_)) => Check::ok(),
        Ok(Err(_)) | Err(_) => Check::degraded("the workers are not known: the job store does not answer"),
    }
}
