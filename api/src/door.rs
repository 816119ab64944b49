//! What every request passes through on its way in and out.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::Instrument;

use crate::auth;
use crate::openai;
use crate::problem::ApiError;
use crate::site::Site;

/// An answer that takes longer is given up. What was begun goes on: a job is never accepted by half.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lets the request in, answers for what goes wrong inside, and counts it.
pub(crate) async fn pass(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str);
    let span = tracing::info_span!("request", %method, route);
    let theirs = openai::owns(request.uri().path());
    let admitted = auth::admit(&site, &method, request.uri().path(), request.headers(), started);
    let answer = async {
        match admitted {
            Err(refused) => refused.into_response(),
            Ok(caller) => {
                if let Some(caller) = caller {
                    request.extensions_mut().insert(caller);
                }
                guarded(next.run(request), PATIENCE).await
            }
        }
    };
    let response = answer.instrument(span).await;
    let response = if theirs { openai::in_its_words(response) } else { response };
    site.metrics.answered(&method, route, response.status(), started.elapsed());
    response
}

/// The answer, or a problem in its place when the handler panics, hangs, or does not take the method.
async fn guarded(answer: impl Future<Output = Response>, patience: Duration) -> Response {
    match tokio::time::timeout(patience, AssertUnwindSafe(answer).catch_unwind()).await {
        Err(_) => ApiError::Late.into_response(),
        Ok(Err(panic)) => {
            let text = panic.downcast_ref::<&str>().copied();
            let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            ApiError::Internal(format!("a handler panicked: {}", text.unwrap_or("no message")))
                .into_response()
        }
        Ok(Ok(response)) if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            ApiError::Method.into_response()
        }
        Ok(Ok(response)) => response,
    }
}

/// Answers what matches no route.
pub(crate) async fn nowhere() -> ApiError {
    ApiError::NoRoute
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_answer() {
        let response = guarded(async { panic!("redis://secret") }, PATIENCE).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("secret"));
    }

    #[tokio::test]
    async fn a_hanging_handler_is_given_up() {
        let response = guarded(std::future::pending(), Duration::from_millis(5)).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key(header::RETRY_AFTER));
    }
}
