//! Errors as OpenAI's clients read them.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// An error, as OpenAI's API tells it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct FailureView {
    error: Failure,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Failure {
    /// In words.
    #[schema(example = "input is required")]
    message: String,
    /// `invalid_request_error`, `authentication_error`, `permission_error`, `not_found_error`, `rate_limit_error` or
    /// `server_error`.
    #[serde(rename = "type")]
    #[schema(example = "invalid_request_error")]
    kind: &'static str,
    /// The field that it is about.
    #[schema(example = "input")]
    param: Option<String>,
    /// The kind of problem, as in the problem documents of the other calls.
    #[schema(example = "invalid")]
    code: Option<String>,
}

impl FailureView {
    /// What is wrong, by itself.
    pub(super) const fn error(&self) -> &Failure {
        &self.error
    }
}

impl From<&Problem> for FailureView {
    fn from(problem: &Problem) -> Self {
        let kind = match problem.status() {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        };
        Self {
            error: Failure {
                message: problem.detail().to_owned(),
                kind,
                param: problem.first_field().map(str::to_owned),
                code: Some(problem.name().to_owned()),
            },
        }
    }
}

/// The same answer, where it is a problem, in the words of OpenAI's API. It knows no 422: a bad field is a 400 there.
pub(crate) fn in_its_words(response: Response) -> Response {
    let Some(problem) = response.extensions().get::<Problem>() else { return response };
    let body = Json(FailureView::from(problem));
    let (mut parts, _) = response.into_parts();
    if parts.status == StatusCode::UNPROCESSABLE_ENTITY {
        parts.status = StatusCode::BAD_REQUEST;
    }
    // The body brings its own.
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    let mut answer = body.into_response();
    *answer.status_mut() = parts.status;
    answer.headers_mut().extend(parts.headers);
    answer
}
