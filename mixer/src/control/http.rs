//! Control of a station over HTTP, in JSON, with the keys of the API. Reading takes any key; whoever changes what is
//! heard, or names a file of this machine, shows an admin's.

mod fields;
mod gate;
mod metrics;
mod order;
mod problem;
mod times;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use pregon_core::{ApiKeys, clock};
use serde::Serialize;
use serde_json::Value;

use self::problem::Problem;
use crate::out::Listening;
use crate::programme::{Library, LibraryView};
use crate::station::{Played, Snapshot, Station, Ticket};

/// What the control reaches.
#[derive(Clone)]
pub struct Controls {
    /// The station.
    pub station: Station,
    /// Its music.
    pub library: Library,
    /// Who may come in. Without keys, whoever is on this machine.
    pub keys: ApiKeys,
    /// Who listens, by the path of the stream.
    pub listening: Arc<dyn Fn() -> BTreeMap<String, Listening> + Send + Sync>,
}

impl fmt::Debug for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controls")
            .field("station", &self.station)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// `GET /station`, `POST /station/skip`, `POST /station/queue`, `POST /station/announcements`,
/// `DELETE /station/announcements/{id}` and `GET /metrics`. Has no fallback, so that it merges with other routers.
pub fn router(controls: Controls) -> Router {
    let controls = Arc::new(controls);
    Router::new()
        .route("/station", get(get_station))
        .route("/station/skip", post(skip))
        .route("/station/queue", post(queue_file))
        .route("/station/announcements", post(announce))
        .route("/station/announcements/{id}", delete(withdraw))
        .route("/metrics", get(metrics::get_metrics))
        .route_layer(from_fn_with_state(Arc::clone(&controls), gate::pass))
        .with_state(controls)
}

/// A station as `GET /station` shows it.
#[derive(Serialize)]
struct StationView {
    #[serde(flatten)]
    snapshot: Snapshot,
    /// Newest first.
    history: Vec<Played>,
    listeners: BTreeMap<String, Listening>,
    library: LibraryView,
}

async fn get_station(State(controls): State<Arc<Controls>>) -> Result<Json<Value>, Problem> {
    let Controls { station, library, listening, .. } = &*controls;
    let snapshot = station.snapshot().await.ok_or(Problem::Closed)?;
    let history = station.history().await;
    let view = StationView { snapshot, history, listeners: listening(), library: library.view() };
    let value = serde_json::to_value(view).map_err(|error| Problem::Internal(error.to_string()))?;
    Ok(Json(times::as_text(value)))
}

/// What was ended.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Skipped {
    Announcement,
    Track,
    Nothing,
}

/// The answer to a skip.
#[derive(Serialize)]
struct SkipView {
    skipped: Skipped,
}

async fn skip(State(controls): State<Arc<Controls>>) -> Json<SkipView> {
    let skipped = if controls.station.hush().await {
        Skipped::Announcement
    } else if controls.station.skip().await {
        Skipped::Track
    } else {
        Skipped::Nothing
    };
    Json(SkipView { skipped })
}

/// What was accepted.
#[derive(Serialize)]
struct AcceptedView {
    /// Its number.
    id: Ticket,
}

type Accepted = Result<(StatusCode, Json<AcceptedView>), Problem>;

async fn queue_file(State(controls): State<Arc<Controls>>, request: Request) -> Accepted {
    let file = order::file(fields::read(request).await?)?;
    let id = controls.station.enqueue(file).await?;
    Ok((StatusCode::ACCEPTED, Json(AcceptedView { id })))
}

async fn announce(State(controls): State<Arc<Controls>>, request: Request) -> Accepted {
    let announcement = order::announcement(fields::read(request).await?, clock::now())?;
    let id = controls.station.announce(announcement).await?;
    Ok((StatusCode::ACCEPTED, Json(AcceptedView { id })))
}

/// Takes back what waits, and ends what is on air.
async fn withdraw(
    State(controls): State<Arc<Controls>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let unknown = || Problem::Missing(format!("no announcement with the number {id} waits or is on air"));
    let ticket = id.parse().map(Ticket).map_err(|_| unknown())?;
    let station = &controls.station;
    if station.withdraw(ticket).await {
        return Ok(StatusCode::NO_CONTENT);
    }
    let on_air = station.snapshot().await.ok_or(Problem::Closed)?.on_air;
    if on_air.is_some_and(|announcement| announcement.ticket == ticket) && station.hush().await {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(unknown())
}

#[cfg(test)]
mod tests;
