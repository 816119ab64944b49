//! Whether the dashboard can do its work, for monitors.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::House;

/// `GET /health`: 200 when store and queue answer, else 503 with the one that does not.
pub(crate) async fn check(State(house): State<House>) -> Response {
    let (store, queue) = tokio::join!(house.desk.store().check(), house.desk.queue().check());
    let healthy = store.is_ok() && queue.is_ok();
    let word = |ok| if ok { "ok" } else { "unavailable" };
    let body = json!({
        "status": word(healthy),
        "checks": { "store": word(store.is_ok()), "queue": word(queue.is_ok()) },
    });
    let status = if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(body)).into_response()
}

/// `GET /health/live`: 200 while the process answers at all.
pub(crate) async fn live() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok" }))
}
