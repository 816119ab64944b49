//! The HTTP side: what is let through to the Socket.IO server.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio_util::sync::CancellationToken;

use crate::body;
use crate::limit::Limits;
use crate::problem::{ApiError, Away};

/// Where Socket.IO clients look for a server.
pub(crate) const PATH: &str = "/socket.io/";
/// Longest body that a polling client sends, in bytes: it asks for streams, and has little to tell.
const LONGEST: usize = 64 * 1024;
/// New connections per second. A key may come with the first message only, so what connects and then says nothing is
/// bounded here; it is cut off a few seconds later.
const OPENED_PER_SECOND: u32 = 50;

/// What stands before the Socket.IO server.
#[derive(Clone)]
pub(super) struct Gate {
    opened: Arc<Limits>,
    stop: CancellationToken,
}

impl Gate {
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self { opened: Arc::new(Limits::new(OPENED_PER_SECOND)), stop }
    }
}

/// Lets a request through: not too many that open a connection, none with a long body, and none that would keep the
/// process from ending.
pub(super) async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let opens = !request.uri().query().unwrap_or_default().split('&').any(|part| part.starts_with("sid="));
    if opens && !gate.opened.allow("", Instant::now()) {
        return ApiError::TooMany.into_response();
    }
    let request = match bounded(request).await {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    // A request that polls waits for the next event, and is of no use to anybody when the process stops.
    tokio::select! {
        response = next.run(request) => response,
        () = gate.stop.cancelled() => ApiError::Unavailable(Away::Either, "stopping".to_owned()).into_response(),
    }
}

async fn bounded(request: Request) -> Result<Request, ApiError> {
    if request.method() != Method::POST {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let bytes = body::read_any(&parts.headers, body, LONGEST).await?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}
