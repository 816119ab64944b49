//! What can go wrong with a request, as RFC 9457 problem documents of the kinds that the API has.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::station::Refused;

/// One part of a request that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FieldError {
    /// Its name; `body` for the whole.
    pub(super) field: String,
    /// What is wrong and what to write instead.
    pub(super) message: String,
}

impl FieldError {
    pub(super) fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into() }
    }
}

/// Why a request was not carried out, by what its sender can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// Fields cannot be taken.
    Invalid(Vec<FieldError>),
    /// The body is no JSON object.
    Malformed(String),
    /// The body is longer than so many bytes.
    TooLarge(usize),
    /// The body is declared as something else than JSON.
    NotJson,
    /// The body did not arrive in time.
    Slow,
    /// No key, or not a valid one.
    NoKey(&'static str),
    /// The key does not allow it.
    Forbidden(&'static str),
    /// What is asked for is not there.
    Missing(String),
    /// The page does not take this method.
    Method,
    /// The same announcement is there already.
    Duplicate(String),
    /// As much waits as a station remembers.
    Full(String),
    /// The station is closing.
    Closed,
    /// The station did not answer in time.
    Late,
    /// A fault of ours. The text is for the log only.
    Internal(String),
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let text = refused.to_string();
        match refused {
            Refused::Missing { .. } | Refused::Broken { .. } => {
                Self::Invalid(vec![FieldError::new("file", text)])
            }
            Refused::Expired => Self::Invalid(vec![FieldError::new("at", text)]),
            Refused::Invalid(_) => Self::Invalid(vec![FieldError::new("body", text)]),
            Refused::Duplicate(_) => Self::Duplicate(text),
            Refused::Full(_) => Self::Full(text),
            Refused::Closed => Self::Closed,
        }
    }
}

/// The document.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    const fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Invalid(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request has invalid fields")
            }
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed", "The body is not valid JSON"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::NotJson => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "The body is not declared as JSON")
            }
            Self::Slow => (StatusCode::REQUEST_TIMEOUT, "slow", "The body did not arrive in time"),
            Self::NoKey(_) => (StatusCode::UNAUTHORIZED, "no-key", "An API key is needed"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden", "This is not allowed"),
            Self::Missing(_) => (StatusCode::NOT_FOUND, "missing", "This is not there"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method", "The page does not take this method"),
            Self::Duplicate(_) => (StatusCode::CONFLICT, "duplicate", "The announcement is there already"),
            Self::Full(_) => (StatusCode::SERVICE_UNAVAILABLE, "full", "Too much is waiting"),
            Self::Closed => (StatusCode::SERVICE_UNAVAILABLE, "closed", "The station is closing"),
            Self::Late => (StatusCode::SERVICE_UNAVAILABLE, "late", "The answer takes too long"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something is broken here"),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Invalid(errors) => {
                let parts: Vec<_> = errors.iter().map(|e| format!("{} {}", e.field, e.message)).collect();
                parts.join("; ")
            }
            Self::Malformed(text) | Self::Missing(text) | Self::Duplicate(text) | Self::Full(text) => {
                text.clone()
            }
            Self::TooLarge(limit) => format!("the body may have {limit} bytes"),
            Self::NotJson => "send the body with Content-Type: application/json".to_owned(),
            Self::Slow => "the body has to arrive within 20 seconds".to_owned(),
            Self::NoKey(text) | Self::Forbidden(text) => (*text).to_owned(),
            Self::Method => "the Allow header names the methods that it takes".to_owned(),
            Self::Closed => "the station is closing; try again when it has started anew".to_owned(),
            Self::Late => "the station did not answer within 30 seconds; look at GET /station".to_owned(),
            Self::Internal(_) => "the cause is in the log of the station".to_owned(),
        }
    }

    /// The header that tells what to do next.
    const fn header(&self) -> Option<(header::HeaderName, &'static str)> {
        match self {
            Self::NoKey(_) => Some((header::WWW_AUTHENTICATE, "Bearer realm=\"pregon\"")),
            Self::Full(_) | Self::Closed | Self::Late => Some((header::RETRY_AFTER, "5")),
            Self::Invalid(_)
            | Self::Malformed(_)
            | Self::TooLarge(_)
            | Self::NotJson
            | Self::Slow
            | Self::Forbidden(_)
            | Self::Missing(_)
            | Self::Method
            | Self::Duplicate(_)
            | Self::Internal(_) => None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Self::Internal(cause) = &self {
            tracing::error!(cause, "a request to the station failed");
        }
        let (status, kind, title) = self.kind();
        let errors = if let Self::Invalid(errors) = &self { errors.as_slice() } else { &[] };
        let kind = format!("urn:pregon:problem:{kind}");
        let document = Document { kind, title, status: status.as_u16(), detail: self.detail(), errors };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response =
            (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}
