//! `GET /events`: job changes as they happen.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::StreamExt;
use pregon_core::{Caller, Change, JobId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::ApiError;
use crate::site::Site;
use crate::view::Status;

/// A comment is sent when nothing happened for this long: proxies cut silent connections.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// A job changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeView {
    /// The job.
    #[schema(value_type = String, format = Uuid)]
    job_id: JobId,
    /// Its state now.
    status: Status,
    /// Counts its changes.
    version: u64,
}

impl From<&Change> for ChangeView {
    fn from(change: &Change) -> Self {
        Self { job_id: change.job_id, status: change.status.into(), version: change.version }
    }
}

/// Tells job changes as they happen, as server-sent events named `job`.
///
/// A slow reader misses some, and the stream may end at any time: on connecting, ask for the state of what matters.
#[utoipa::path(
    get, path = "/events", tag = "jobs",
    responses((status = 200, description = "An endless stream; each event's data is this object", body = ChangeView,
        content_type = "text/event-stream"))
)]
pub(crate) async fn get_events(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
) -> Result<impl IntoResponse, ApiError> {
    let changes = site.store().watch().await?;
    let events = changes
        .filter(move |change| std::future::ready(caller.may_see(change.client.as_deref())))
        .filter_map(|change| async move {
            Event::default().event("job").json_data(ChangeView::from(&change)).ok()
        })
        .map(Ok::<_, Infallible>)
        .take_until(site.api.stop.clone().cancelled_owned());
    let stream = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    // Some proxies would collect events until a buffer is full.
    Ok(([("x-accel-buffering", "no")], stream))
}
