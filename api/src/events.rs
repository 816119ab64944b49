//! `GET /events`: job changes as they happen.

use std::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{StreamExt, once, select};
use pregon_core::{Caller, Change, JobId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::live::{self, CallChange};
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

/// The data of an event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum EventData {
    /// Of an event named `job`.
    Job(ChangeView),
    /// Of an event named `call`.
    Call(CallChange),
}

impl EventData {
    /// `None` when it cannot be written.
    fn event(&self) -> Option<Event> {
        let name = match self {
            Self::Job(_) => "job",
            Self::Call(_) => "call",
        };
        Event::default().event(name).json_data(self).ok()
    }
}

/// Tells what happens, as server-sent events named `job` and `call`.
///
/// A `job` event tells that a job changed. Where calls are followed (`ASTERISK_AMI_URL`), a `call` event tells that a
/// call is dialled, rings, is answered or is over; while the connection to Asterisk is lost there are none. A slow reader
/// misses some events, and the stream may end at any time: on connecting, ask for the state of what matters.
#[utoipa::path(
    get, path = "/events", tag = "jobs",
    responses((status = 200, description = "An endless stream; each event's data is this object", body = EventData,
        content_type = "text/event-stream"))
)]
pub(crate) async fn get_events(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
) -> Result<impl IntoResponse, ApiError> {
    let calls = live::changes(&site, &caller).map(EventData::Call);
    let jobs = site
        .store()
        .watch()
        .await?
        .filter(move |change| ready(caller.may_see(change.client.as_deref())))
        .map(|change| EventData::Job(ChangeView::from(&change)));
    // The end of the store's stream ends the whole: calls alone are not the news that was asked for.
    let jobs = jobs.map(Some).chain(once(ready(None)));
    let events = select(jobs, calls.map(Some))
        .take_while(|data| ready(data.is_some()))
        .filter_map(|data| ready(data.and_then(|data| data.event())))
        .map(Ok::<_, Infallible>)
        .take_until(site.api.stop.clone().cancelled_owned());
    let stream = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    // Some proxies would collect events until a buffer is full.
    Ok(([("x-accel-buffering", "no")], stream))
}
