//! The streams over HTTP.

use std::convert::Infallible;
use std::future::IntoFuture;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::unfold;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::door::Door;
use super::hub::LONGEST_BURST;
use super::start::{Outputs, Stream};
use super::{events, player};

const NO_BURST: &str = "burst: must be a number of milliseconds from 0 to 10000\n";

/// How long a stop waits for connections that do not end by themselves.
const GRACE: Duration = Duration::from_secs(5);

/// Serves a station's pages on a socket from [`listen`](super::listen) until `stop` is cancelled.
///
/// # Errors
/// The socket failed.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> std::io::Result<()> {
    let serving = axum::serve(Door(listener), router).with_graceful_shutdown(stop.clone().cancelled_owned());
    let deadline = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = serving.into_future() => ended,
        () = deadline => Ok(()),
    }
}

pub(super) fn router(outputs: Outputs) -> Router {
    let mut router = Router::new();
    for stream in outputs.streams.iter() {
        let (stream, outputs) = (stream.clone(), outputs.clone());
        let path = stream.path.clone();
        router = router.route(&path, get(async move |join| send_stream(join, &stream, &outputs)));
    }
    router
        .route("/", get(show_player))
        .route("/player.css", get(player::style))
        .route("/player.js", get(player::script))
        .route("/events", get(send_events))
        .with_state(outputs)
}

/// How a listener wants to begin.
#[derive(Deserialize)]
struct Join {
    /// Milliseconds of what was just heard. A player that must not stop asks for more of it than an announcement in a
    /// hurry would like: it stays that far behind.
    burst: Option<String>,
}

fn send_stream(Query(join): Query<Join>, stream: &Stream, outputs: &Outputs) -> Response {
    let burst = join.burst.map(|text| text.parse().ok().map(Duration::from_millis));
    let burst = match burst {
        Some(Some(burst)) if burst <= LONGEST_BURST => Some(burst),
        Some(_) => return (StatusCode::BAD_REQUEST, NO_BURST).into_response(),
        None => None,
    };
    if outputs.listening().now >= outputs.max_listeners {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "30")]).into_response();
    }
    let pieces = unfold(stream.hub.listen(burst), |mut listener| async {
        let piece = listener.next().await?;
        Some((Ok::<_, Infallible>(piece), listener))
    });
    let headers = [
        (header::CONTENT_TYPE, stream.format.media_type()),
        (header::CACHE_CONTROL, "no-store"),
        // Players live on other people's pages.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Between us and a listener there may be a proxy that would collect pages before it sends them.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

async fn show_player(State(outputs): State<Outputs>, headers: HeaderMap) -> Response {
    let languages = headers.get(header::ACCEPT_LANGUAGE).map(HeaderValue::as_bytes);
    let languages = String::from_utf8_lossy(languages.unwrap_or_default());
    player::page(&outputs, &languages)
}

async fn send_events(State(outputs): State<Outputs>) -> Response {
    events::send(&outputs.billboard, &outputs.stop)
}

#[cfg(test)]
mod tests;
