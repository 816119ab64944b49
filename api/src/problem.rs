//! Everything that can go wrong, as RFC 9457 problem documents.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pregon_core::{JobId, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::Status;

/// Media type of every error.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// One part of a request that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// Name of the field, parameter or header; `body` for the body as a whole.
    #[schema(example = "phone_number")]
    pub(crate) field: String,
    /// What is wrong with it.
    #[schema(example = "is required")]
    pub(crate) message: String,
}

impl FieldError {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// An error, in the form of RFC 9457.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:pregon:problem:invalid")]
    kind: String,
    /// The kind in words.
    #[schema(example = "The request has invalid fields")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What happened this time.
    #[schema(example = "phone_number is required")]
    detail: String,
    /// The fields that cannot be taken, all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// The job that this is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    job_id: Option<JobId>,
    /// Its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    job_status: Option<Status>,
}

impl Problem {
    /// The HTTP status.
    pub(crate) const fn status(&self) -> u16 {
        self.status
    }

    /// The kind of problem as one word.
    pub(crate) fn name(&self) -> &str {
        self.kind.rsplit(':').next().unwrap_or_default()
    }

    /// What happened.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The first field that cannot be taken.
    pub(crate) fn first_field(&self) -> Option<&str> {
        self.errors.first().map(|error| error.field.as_str())
    }
}

/// What is away when nothing can be stored or queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Away {
    Store,
    Queue,
    Either,
}

/// Why a request was not carried out, by what its sender can do about it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ApiError {
    /// Fields cannot be taken.
    Invalid(Vec<FieldError>),
    /// The body is no JSON.
    Malformed(String),
    /// The body is longer than so many bytes.
    TooLarge(usize),
    /// The body is declared as something else than JSON.
    NotJson(String),
    /// The body did not arrive in time.
    Slow,
    /// No key, or not a valid one.
    NoKey(&'static str),
    /// The key does not allow it.
    Forbidden(&'static str),
    /// There is no such job.
    NoJob(String),
    /// There is no such page.
    NoRoute,
    /// What is asked for is not there.
    Missing(String),
    /// The page does not take this method. The router adds the `Allow` header.
    Method,
    /// The job's state does not allow it.
    State { job: JobId, status: Status, detail: String },
    /// The process is not made for it.
    Unfit(&'static str),
    /// The same idempotency key is being carried out right now.
    Busy,
    /// The idempotency key was used for something else.
    KeyReused,
    /// More requests than the key may make.
    TooMany,
    /// The range lies outside the so many bytes.
    Range(u64),
    /// Store or queue do not answer. The text is for the log only.
    Unavailable(Away, String),
    /// No engine can speak now: which and why, and when to ask again where that is known.
    Unspoken(String, Option<Duration>),
    /// Calls that go on are out of reach by the settings.
    NoSwitchboard,
    /// There is no way to them right now.
    NoLine(&'static str),
    /// The request was not answered in time.
    Late,
    /// A fault of ours. The text is for the log only.
    Internal(String),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(Away::Store, error.to_string())
    }
}

impl ApiError {
    /// One field that cannot be taken.
    pub(crate) fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    const fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Invalid(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request has invalid fields")
            }
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed", "The body is not valid JSON"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::NotJson(_) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "The body is not declared as JSON")
            }
            Self::Slow => (StatusCode::REQUEST_TIMEOUT, "slow", "The body did not arrive in time"),
            Self::NoKey(_) => (StatusCode::UNAUTHORIZED, "no-key", "An API key is needed"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden", "This is not allowed"),
            Self::NoJob(_) => (StatusCode::NOT_FOUND, "no-job", "There is no such job"),
            Self::NoRoute => (StatusCode::NOT_FOUND, "no-route", "There is no such page"),
            Self::Missing(_) => (StatusCode::NOT_FOUND, "missing", "This is not there"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method", "The page does not take this method"),
            Self::State { .. } => (StatusCode::CONFLICT, "state", "The job's state does not allow it"),
            Self::Unfit(_) => (StatusCode::CONFLICT, "unfit", "This process cannot do that"),
            Self::Busy => (StatusCode::CONFLICT, "busy", "The same request is being carried out"),
            Self::KeyReused => {
                (StatusCode::UNPROCESSABLE_ENTITY, "key-reused", "The idempotency key was used before")
            }
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many requests"),
            Self::Range(_) => (StatusCode::RANGE_NOT_SATISFIABLE, "range", "The range lies outside the file"),
            Self::Unavailable(..) => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Store or queue do not answer")
            }
            Self::Unspoken(..) => {
                (StatusCode::SERVICE_UNAVAILABLE, "unspoken", "No engine can speak at the moment")
            }
            Self::NoSwitchboard | Self::NoLine(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "no-line", "Calls that go on cannot be reached")
            }
            Self::Late => (StatusCode::SERVICE_UNAVAILABLE, "late", "The answer takes too long"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something is broken here"),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Invalid(errors) => summary(errors),
            Self::Malformed(text) | Self::NoJob(text) | Self::Missing(text) | Self::Unspoken(text, _) => {
                text.clone()
            }
            Self::TooLarge(limit) => format!("the body may have {limit} bytes"),
            Self::NotJson(found) => {
                format!("the body is declared as {found}; send it with Content-Type: application/json")
            }
            Self::Slow => "the body has to arrive within 20 seconds".to_owned(),
            Self::NoKey(text) | Self::Forbidden(text) | Self::Unfit(text) | Self::NoLine(text) => {
                (*text).to_owned()
            }
            Self::NoSwitchboard => "calls can be hung up only where ASTERISK_AMI_URL is set".to_owned(),
            Self::NoRoute => "GET /docs shows all calls".to_owned(),
            Self::Method => "the Allow header names the methods that it takes".to_owned(),
            Self::State { detail, .. } => detail.clone(),
            Self::Busy => "a request with this Idempotency-Key has not been answered yet".to_owned(),
            Self::KeyReused => "this Idempotency-Key came with another request; use a new one".to_owned(),
            Self::TooMany => "this key makes more requests per second than it may".to_owned(),
            Self::Range(length) => format!("the file has {length} bytes"),
            Self::Unavailable(Away::Store, _) => "the job store does not answer; try again".to_owned(),
            Self::Unavailable(Away::Queue, _) => "the job queue does not answer; try again".to_owned(),
            Self::Unavailable(Away::Either, _) => {
                "the job store or the job queue does not answer; nothing was accepted, try again".to_owned()
            }
            Self::Late => "the request was not answered within 30 seconds; ask for its state".to_owned(),
            Self::Internal(_) => "the cause is in the log of the API".to_owned(),
        }
    }

    fn errors(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(errors) => errors.clone(),
            Self::Malformed(_) | Self::TooLarge(_) | Self::Slow => {
                vec![FieldError::new("body", self.detail())]
            }
            Self::NotJson(_) => vec![FieldError::new("Content-Type", self.detail())],
            Self::NoJob(_) => vec![FieldError::new("job_id", self.detail())],
            Self::Busy | Self::KeyReused => vec![FieldError::new("Idempotency-Key", self.detail())],
            Self::Range(_) => vec![FieldError::new("Range", self.detail())],
            Self::NoKey(_)
            | Self::Forbidden(_)
            | Self::NoRoute
            | Self::Missing(_)
            | Self::Method
            | Self::State { .. }
            | Self::Unfit(_)
            | Self::TooMany
            | Self::Unavailable(..)
            | Self::Unspoken(..)
            | Self::NoSwitchboard
            | Self::NoLine(_)
            | Self::Late
            | Self::Internal(_) => Vec::new(),
        }
    }

    /// The document that describes it.
    pub(crate) fn problem(&self) -> Problem {
        let (status, kind, title) = self.kind();
        let about = if let Self::State { job, status, .. } = self { Some((*job, *status)) } else { None };
        Problem {
            kind: format!("urn:pregon:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail: self.detail(),
            errors: self.errors(),
            job_id: about.map(|(job, _)| job),
            job_status: about.map(|(_, status)| status),
        }
    }

    /// Seconds after which another try makes sense.
    fn retry_after(&self) -> Option<u64> {
        if matches!(self, Self::Busy | Self::TooMany) {
            Some(1)
        } else if let Self::Unspoken(_, known) = self {
            Some(known.map_or(5, |wait| wait.as_secs().max(1)))
        } else if matches!(self, Self::Unavailable(..) | Self::NoLine(_) | Self::Late) {
            Some(5)
        } else {
            None
        }
    }

    /// The header that tells what to do next, if there is one.
    fn header(&self) -> Option<(header::HeaderName, String)> {
        if let Some(seconds) = self.retry_after() {
            return Some((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Self::Range(length) = self {
            return Some((header::CONTENT_RANGE, format!("bytes */{length}")));
        }
        matches!(self, Self::NoKey(_))
            .then(|| (header::WWW_AUTHENTICATE, "Bearer realm=\"pregon\"".to_owned()))
    }

    /// Tells the log what the sender is not told. Called once, where it is answered.
    pub(crate) fn log(&self) {
        if let Self::Unavailable(_, cause) = self {
            tracing::warn!(cause, "store or queue do not answer");
        } else if let Self::Internal(cause) = self {
            tracing::error!(cause, "a request failed");
        } else if matches!(self, Self::Late) {
            tracing::error!("a request was not answered in time");
        }
    }
}

/// Some of the errors in one sentence.
fn summary(errors: &[FieldError]) -> String {
    const SHOWN: usize = 3;
    let mut text: Vec<String> =
        errors.iter().take(SHOWN).map(|e| format!("{} {}", e.field, e.message)).collect();
    if errors.len() > SHOWN {
        text.push(format!("and {} more", errors.len() - SHOWN));
    }
    text.join("; ")
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let (status, ..) = self.kind();
        let problem = self.problem();
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        // For the door, which tells it in other words where they are expected.
        response.extensions_mut().insert(problem);
        if let Some((name, value)) = self.header()
            && let Ok(value) = HeaderValue::try_from(value)
        {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_the_log_is_not_shown() {
        for error in [
            ApiError::Unavailable(Away::Store, "redis://secret".into()),
            ApiError::Unavailable(Away::Queue, "redis://secret".into()),
            ApiError::Unavailable(Away::Either, "redis://secret".into()),
            ApiError::Internal("redis://secret".into()),
        ] {
            let shown = serde_json::to_string(&error.problem()).unwrap();
            assert!(!shown.contains("secret"), "{shown}");
            assert!(error.kind().0.is_server_error());
        }
    }

    #[test]
    fn a_problem_names_its_fields() {
        let error = ApiError::Invalid(vec![
            FieldError::new("text", "is required"),
            FieldError::new("rate", "must be 0.5 to 2"),
        ]);
        let shown = serde_json::to_value(error.problem()).unwrap();
        assert_eq!(shown["status"], 422);
        assert_eq!(shown["type"], "urn:pregon:problem:invalid");
        assert_eq!(shown["detail"], "text is required; rate must be 0.5 to 2");
        assert_eq!(shown["errors"][1]["field"], "rate");
        assert_eq!(shown.get("job_id"), None);
    }
}
