//! `GET /workers`, `PUT /workers`: who works, and how many should.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use pregon_core::{ALIVE, Beat, Timestamp, clock};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body;
use crate::extract::Admin;
use crate::fields::Fields;
use crate::problem::{ApiError, FieldError, Problem};
use crate::site::Site;
use crate::view::Time;

/// Most workers of one process.
const MAX_WORKERS: u16 = 64;

/// What a worker does just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Activity {
    /// It holds jobs.
    Active,
    /// It waits for jobs.
    Idle,
}

/// One worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct WorkerView {
    /// Its name.
    worker_id: String,
    /// The host it runs on.
    host: String,
    /// Its process there.
    pid: u32,
    /// Jobs it may hold at once.
    slots: u32,
    /// Jobs it holds.
    busy: u32,
    /// What it does just now.
    status: Activity,
    /// Jobs it has handed over or given up since its start.
    done: u64,
    /// Jobs it took over from dead workers.
    rescued: u64,
    /// When it started.
    started_at: Time,
    /// Its last sign of life.
    last_seen: Time,
}

/// The workers that are alive: `total` is `active` and `idle` together, and the length of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Workers {
    total: usize,
    active: usize,
    idle: usize,
    list: Vec<WorkerView>,
}

impl Workers {
    /// Whether nobody is alive.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Live workers that hold jobs, and that wait for jobs.
    pub(crate) const fn active_and_idle(&self) -> (usize, usize) {
        (self.active, self.idle)
    }
}

/// The workers among `beats` that are alive at `now`.
pub(crate) fn living(beats: &[Beat], now: Timestamp) -> Workers {
    let list: Vec<WorkerView> = beats
        .iter()
        .filter(|beat| now.since(beat.at) < ALIVE)
        .map(|beat| WorkerView {
            worker_id: beat.id.clone(),
            host: beat.host.clone(),
            pid: beat.pid,
            slots: beat.slots,
            busy: beat.busy,
            status: if beat.busy > 0 { Activity::Active } else { Activity::Idle },
            done: beat.done,
            rescued: beat.rescued,
            started_at: Time(beat.started),
            last_seen: Time(beat.at),
        })
        .collect();
    let active = list.iter().filter(|w| w.status == Activity::Active).count();
    Workers { total: list.len(), active, idle: list.len() - active, list }
}

/// Lists the workers that are alive.
#[utoipa::path(
    get, path = "/workers", tag = "operation",
    responses((status = 200, description = "The workers", body = Workers))
)]
pub(crate) async fn list_workers(State(site): State<Arc<Site>>) -> Result<Json<Workers>, ApiError> {
    let now = clock::now();
    Ok(Json(living(&site.store().workers(now).await?, now)))
}

/// How many workers there should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct WorkerCount {
    /// The number of workers.
    #[schema(minimum = 0, maximum = 64, example = 4)]
    count: usize,
}

fn count(value: Value) -> Result<WorkerCount, Vec<FieldError>> {
    let mut fields = Fields::of(value, "body").map_err(|e| vec![e])?;
    let count = fields.whole("count", &(0..=MAX_WORKERS));
    fields.finish(&["count"])?;
    let count = count.ok_or_else(|| vec![FieldError::new("count", "is required")])?;
    Ok(WorkerCount { count: count.into() })
}

/// Sets the number of workers of this process. Needs an admin key.
///
/// Workers that are one too many finish what they hold. Only a process that was started by `pregon serve` has workers
/// to scale; separate worker processes are started and stopped from outside.
#[utoipa::path(
    put, path = "/workers", tag = "operation",
    request_body = WorkerCount,
    responses(
        (status = 200, description = "Workers start or stop now", body = WorkerCount),
        (status = 409, description = "This process runs no workers", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "Not a number from 0 to 64", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_workers(
    State(site): State<Arc<Site>>,
    _: Admin,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<WorkerCount>, ApiError> {
    let bytes = body::read(&headers, body, body::SINGLE).await?;
    let wanted = count(body::parse(&bytes)?).map_err(ApiError::Invalid)?;
    let workers = site.api.workers.as_ref().ok_or(ApiError::Unfit(
        "this process runs no workers; start or stop worker processes, for example with ./manage.sh scale N",
    ))?;
    workers.send_replace(wanted.count);
    tracing::info!(count = wanted.count, "the number of workers was set");
    Ok(Json(wanted))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_dead_are_not_counted() {
        let now = Timestamp::from_millis(1_000_000);
        let beat = |id: &str, busy, age| Beat {
            id: id.into(),
            host: "h".into(),
            pid: 1,
            slots: 2,
            busy,
            done: 0,
            rescued: 0,
            started: now,
            at: now - Duration::from_secs(age),
        };
        let workers = living(&[beat("a", 1, 0), beat("b", 0, 14), beat("c", 1, 15)], now);
        assert_eq!((workers.total, workers.active, workers.idle, workers.list.len()), (2, 1, 1, 2));
    }
}
