//! What handlers take from a request besides its body.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use pregon_core::{Caller, JobId, Role};

use crate::fields::{forbidden, unknown};
use crate::problem::{ApiError, FieldError};

/// The job that the path names. A malformed id is answered like an unknown one, with 404: either way there is no such
/// job, and nothing to correct but the address.
pub(crate) struct JobPath(pub(crate) JobId);

impl<S: Send + Sync> FromRequestParts<S> for JobPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, state).await;
        let no_id = || ApiError::NoJob("the address holds no id of a job".to_owned());
        let Path(text) = path.map_err(|_| no_id())?;
        if forbidden(&text).is_some() {
            return Err(no_id());
        }
        text.parse().map(Self).map_err(|why: pregon_core::NotAnId| ApiError::NoJob(why.to_string()))
    }
}

/// A caller who may do everything.
pub(crate) struct Admin;

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        match parts.extensions.get::<Caller>().map(|caller| caller.role) {
            Some(Role::Admin) => Ok(Self),
            Some(Role::Client | Role::Viewer) | None => Err(ApiError::Forbidden("this needs an admin key")),
        }
    }
}

/// The query parameters, to be taken out one by one.
pub(crate) struct Parameters {
    rest: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query: Result<Query<Vec<(String, String)>>, QueryRejection> =
            Query::from_request_parts(parts, state).await;
        let Query(rest) = query.map_err(|_| ApiError::field("query", "is not readable"))?;
        Ok(Self { rest, errors: Vec::new() })
    }
}

impl Parameters {
    /// The parameter `name`, when `read` understands it. An empty one counts as absent, as forms send them.
    pub(crate) fn parsed<T, E: ToString>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let at = self.rest.iter().position(|(n, _)| n == name)?;
        let (_, text) = self.rest.remove(at);
        if text.is_empty() {
            return None;
        }
        let result = match forbidden(&text) {
            Some(found) => Err(found),
            None => read(&text).map_err(|why| why.to_string()),
        };
        result.map_err(|why| self.errors.push(FieldError::new(name, why))).ok()
    }

    /// Notes what is wrong with a parameter.
    pub(crate) fn refuse(&mut self, name: &str, why: &str) {
        self.errors.push(FieldError::new(name, why));
    }

    /// Ends the reading: what is left is unknown or stands twice.
    pub(crate) fn finish(mut self, known: &[&str]) -> Result<(), ApiError> {
        for (name, _) in self.rest.iter().take(20) {
            self.errors.push(if known.contains(&name.as_str()) {
                FieldError::new(name, "stands twice")
            } else {
                unknown(name, known, "parameter")
            });
        }
        if self.errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(self.errors)) }
    }
}
