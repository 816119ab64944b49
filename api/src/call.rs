//! `POST /tts/call`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use pregon_core::{Caller, Job, clock};

use crate::body;
use crate::idempotency::{Keyed, Undone, accepted, once};
use crate::problem::{ApiError, Problem};
use crate::request::{self, CallRequest};
use crate::site::Site;
use crate::view::Accepted;

/// Calls a number and says a text.
///
/// The answer comes when the job is stored and its queue has confirmed it: from then on it is not lost. With an
/// `Idempotency-Key` the request can be repeated safely for 24 hours.
#[utoipa::path(
    post, path = "/tts/call", tag = "calls",
    params(("Idempotency-Key" = Option<String>, Header, description = "Up to 255 visible ASCII characters; the same \
        key with the same body makes the job once, and is answered as the first time")),
    request_body = CallRequest,
    responses(
        (status = 202, description = "Accepted", body = Accepted,
            headers(("Location" = String, description = "The job's status"),
                ("Idempotent-Replay" = String, description = "`true` on a repeated answer"))),
        (status = 400, description = "No valid JSON", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The same request is being carried out", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "More than 1 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not declared as JSON", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "Fields that cannot be taken, all of them named", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn post_call(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let bytes = body::read(&headers, body, body::SINGLE).await?;
    let keyed = Keyed::of(&caller, &headers, "/tts/call", &bytes)?;
    let client = site.client(&caller);
    once(Arc::clone(&site), keyed, move |ids| async move {
        let now = clock::now();
        let spec = body::parse(&bytes)
            .and_then(|value| request::read(value, &site.rules, now).map_err(ApiError::Invalid))
            .map_err(Undone::cleanly)?;
        let job = Job::accept(ids.id(0, now), spec, client, now);
        site.submit_one(&job, now).await?;
        accepted(&job)
    })
    .await
}
