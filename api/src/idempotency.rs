//! Carrying a request out once, however often it arrives.

use std::future::Future;
use std::panic::resume_unwind;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pregon_core::{Answer, Begun, Caller, Job, JobId, Request, Timestamp, clock};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use crate::problem::ApiError;
use crate::site::Site;
use crate::view::{Accepted, status_url};

const KEY: &str = "idempotency-key";
const REPLAY: HeaderName = HeaderName::from_static("idempotent-replay");
const MAX_KEY: usize = 255;

/// A request that carries an idempotency key.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    client: String,
    key: String,
    fingerprint: String,
}

impl Keyed {
    /// The request to `path`, if it carries a key. Hashes the body.
    pub(crate) fn of(
        caller: &Caller,
        headers: &HeaderMap,
        path: &str,
        body: &[u8],
    ) -> Result<Option<Self>, ApiError> {
        let Some(key) = headers.get(KEY) else { return Ok(None) };
        let visible = |b: &u8| b.is_ascii_graphic();
        let key = key
            .to_str()
            .ok()
            .filter(|k| (1..=MAX_KEY).contains(&k.len()) && k.as_bytes().iter().all(visible))
            .ok_or_else(|| ApiError::field("Idempotency-Key", "must be 1 to 255 visible ASCII characters"))?;
        let mut hash = Sha256::new();
        for part in [b"POST".as_slice(), path.as_bytes(), body] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let fingerprint = hash.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        Ok(Some(Self { client: caller.name.clone(), key: key.to_owned(), fingerprint }))
    }

    fn request(&self) -> Request<'_> {
        Request { client: &self.client, key: &self.key, fingerprint: &self.fingerprint }
    }
}

/// Where the ids of new jobs come from.
pub(crate) enum Ids {
    /// Each is new.
    Fresh,
    /// Each follows from the key, so that carrying the request out twice makes each job once.
    Derived { first_seen: Timestamp, client: String, key: String },
}

impl Ids {
    /// The id of the request's job number `index`.
    pub(crate) fn id(&self, index: usize, now: Timestamp) -> JobId {
        match self {
            Self::Fresh => JobId::new(now),
            Self::Derived { first_seen, client, key } => JobId::derived(*first_seen, client, key, index),
        }
    }
}

/// Why nothing was made.
#[derive(Debug)]
pub(crate) enum Undone {
    /// Nothing was, and nothing will be: a repetition starts afresh.
    Cleanly(ApiError),
    /// Something may have been: a repetition must make the same jobs again, not others.
    Perhaps(ApiError),
}

impl Undone {
    /// Undone without a trace.
    pub(crate) fn cleanly(error: ApiError) -> Self {
        Self::Cleanly(error)
    }

    /// The error to show.
    pub(crate) fn error(self) -> ApiError {
        match self {
            Self::Cleanly(error) | Self::Perhaps(error) => error,
        }
    }
}

/// The answer to a request that made `job`.
pub(crate) fn accepted(job: &Job) -> Result<Answer, Undone> {
    answer(&Accepted::from(job), Some(status_url(job.id)))
}

/// A 202 with this body.
pub(crate) fn answer(body: &impl Serialize, location: Option<String>) -> Result<Answer, Undone> {
    let body = serde_json::to_string(body).map_err(|e| Undone::Perhaps(ApiError::Internal(e.to_string())))?;
    Ok(Answer { status: StatusCode::ACCEPTED.as_u16(), body, location })
}

/// Carries `work` out, or answers as the first time. Runs to its end even if the client hangs up half-way: a job is
/// accepted or not, never half.
pub(crate) async fn once<F, Fut>(site: Arc<Site>, keyed: Option<Keyed>, work: F) -> Result<Response, ApiError>
where
    F: FnOnce(Ids) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Answer, Undone>> + Send,
{
    let task = async move {
        match keyed {
            None => work(Ids::Fresh).await.map(|a| respond(a, false)).map_err(Undone::error),
            Some(keyed) => carry_out(&site, &keyed, work).await,
        }
    };
    match tokio::spawn(task.in_current_span()).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
        Err(error) => Err(ApiError::Internal(error.to_string())),
    }
}

async fn carry_out<F, Fut>(site: &Site, keyed: &Keyed, work: F) -> Result<Response, ApiError>
where
    F: FnOnce(Ids) -> Fut,
    Fut: Future<Output = Result<Answer, Undone>>,
{
    let ids = match site.store().begin(keyed.request(), clock::now()).await? {
        Begun::Busy => return Err(ApiError::Busy),
        Begun::Conflict => return Err(ApiError::KeyReused),
        Begun::Replay(answer) => return Ok(respond(answer, true)),
        Begun::Go { first_seen } => {
            Ids::Derived { first_seen, client: keyed.client.clone(), key: keyed.key.clone() }
        }
    };
    match work(ids).await {
        Ok(answer) => {
            // If this fails, a repetition within the day makes the same ids again, which changes nothing.
            if let Err(error) = site.store().finish(keyed.request(), &answer).await {
                tracing::warn!(%error, "an answer could not be remembered");
            }
            Ok(respond(answer, false))
        }
        Err(Undone::Cleanly(error)) => {
            // If this fails, the client hears 409 until the request counts as dead.
            if let Err(error) = site.store().abandon(keyed.request()).await {
                tracing::warn!(%error, "a failed request could not be forgotten");
            }
            Err(error)
        }
        Err(Undone::Perhaps(error)) => Err(error),
    }
}

fn respond(answer: Answer, replay: bool) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::ACCEPTED);
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], answer.body).into_response();
    if let Some(location) = answer.location.and_then(|l| HeaderValue::try_from(l).ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    if replay {
        response.headers_mut().insert(REPLAY, HeaderValue::from_static("true"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(key: &str, path: &str, body: &[u8]) -> Result<Option<Keyed>, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(KEY, HeaderValue::from_bytes(key.as_bytes()).unwrap());
        Keyed::of(&Caller::local(), &headers, path, body)
    }

    #[test]
    fn the_fingerprint_covers_path_and_body() {
        let print = |path, body| keyed("k", path, body).unwrap().unwrap().fingerprint;
        assert_eq!(print("/a", b"1"), print("/a", b"1"));
        assert_ne!(print("/a", b"1"), print("/a", b"2"));
        assert_ne!(print("/a", b"1"), print("/b", b"1"));
        assert_ne!(print("/a", b"b1"), print("/ab", b"1"));
    }

    #[test]
    fn a_key_is_short_and_visible() {
        for bad in ["", " ", "a b", "ñ", &"x".repeat(256)] {
            assert!(matches!(keyed(bad, "/", b""), Err(ApiError::Invalid(_))), "{bad:?}");
        }
        assert!(keyed(&"x".repeat(255), "/", b"").unwrap().is_some());
        assert!(Keyed::of(&Caller::local(), &HeaderMap::new(), "/", b"").unwrap().is_none());
    }
}
