//! Reading a JSON body field by field, so that one answer names everything that is wrong with it.

use std::ops::RangeInclusive;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use serde_json::{Map, Value};

use super::problem::{FieldError, Problem};

/// Longest body, in bytes. None that is sensible comes near.
const LONGEST: usize = 64 * 1024;

/// A body that has not arrived after this time is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Most unknown fields named in one answer.
const NAMED: usize = 10;

/// What is left of an object, and what was wrong so far.
#[derive(Debug)]
pub(super) struct Fields {
    rest: Map<String, Value>,
    errors: Vec<FieldError>,
}

/// The JSON object in the body of a request.
pub(super) async fn read(request: Request) -> Result<Fields, Problem> {
    let (head, body) = request.into_parts();
    if !declared_as_json(&head.headers) {
        return Err(Problem::NotJson);
    }
    let bytes = tokio::time::timeout(PATIENCE, gather(body)).await.unwrap_or(Err(Problem::Slow))?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(rest)) => Ok(Fields { rest, errors: Vec::new() }),
        Ok(_) => Err(Problem::Malformed("the body must be a JSON object, in braces".to_owned())),
        Err(error) => Err(Problem::Malformed(format!("the body is not valid JSON: {error}"))),
    }
}

async fn gather(body: Body) -> Result<Vec<u8>, Problem> {
    let mut pieces = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        // The sender went away: nobody will read this answer.
        let piece = piece.map_err(|_| Problem::Slow)?;
        if bytes.len() + piece.len() > LONGEST {
            return Err(Problem::TooLarge(LONGEST));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// A missing declaration is forgiven, a wrong one is not: `curl -d` alone declares a form.
fn declared_as_json(headers: &HeaderMap) -> bool {
    let Some(declared) = headers.get(header::CONTENT_TYPE) else { return true };
    let essence = declared.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

impl Fields {
    /// Notes that a field cannot be taken.
    pub(super) fn refuse(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, message));
    }

    /// Takes a text out, of at most `longest` bytes. `null` counts as absent.
    pub(super) fn text(&mut self, field: &str, longest: usize) -> Option<String> {
        match self.rest.remove(field)? {
            Value::Null => None,
            Value::String(text) if text.chars().any(char::is_control) => {
                self.refuse(field, "must not have line ends or other control characters");
                None
            }
            Value::String(text) if text.len() > longest => {
                self.refuse(field, format!("may have {longest} bytes"));
                None
            }
            Value::String(text) => Some(text),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.refuse(field, "must be a text, in quotes");
                None
            }
        }
    }

    /// Takes one of these words out.
    pub(super) fn word<T: Copy>(&mut self, field: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(field, 100)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.refuse(field, format!("must be one of {}", known.join(", ")));
        }
        found
    }

    /// Takes a whole number out.
    pub(super) fn whole(&mut self, field: &str, range: &RangeInclusive<u32>) -> Option<u32> {
        let value = self.rest.remove(field).filter(|value| !value.is_null())?;
        let number = value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| range.contains(n));
        if number.is_none() {
            self.refuse(field, format!("must be a whole number from {} to {}", range.start(), range.end()));
        }
        number
    }

    /// Ends the reading: all errors together, with one for each field that nobody took.
    pub(super) fn finish(mut self) -> Result<(), Problem> {
        for name in self.rest.keys().take(NAMED) {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
            self.errors.push(FieldError::new(&shown, "is not a known field"));
        }
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::Invalid(self.errors)) }
    }

    #[cfg(test)]
    pub(super) fn of(value: Value) -> Self {
        let Value::Object(rest) = value else { panic!("no object") };
        Self { rest, errors: Vec::new() }
    }
}
