//! Reading a request's body: bounded in size and in time, and JSON.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use serde_json::Value;

use crate::problem::ApiError;

/// Longest body of a single request, in bytes.
pub(crate) const SINGLE: usize = 1 << 20;
/// Longest body of a batch, in bytes.
pub(crate) const BATCH: usize = 16 << 20;
/// Longest audio file, in bytes.
pub(crate) const AUDIO: usize = 32 << 20;
/// A body that has not arrived after this time is given up.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same for an audio file: 32 MiB over 2 Mbit/s.
const AUDIO_PATIENCE: Duration = Duration::from_secs(150);
/// So much of a body that is too long is read and thrown away. A client that is still sending would otherwise see a
/// cut connection instead of the answer.
const DRAINED: usize = 32 << 20;

/// The whole body, at most `limit` bytes of it.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, ApiError> {
    declared_as_json(headers)?;
    read_any(headers, body, limit).await
}

/// The same of a body that may be anything.
pub(crate) async fn read_any(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let patience = if limit == AUDIO { AUDIO_PATIENCE } else { PATIENCE };
    tokio::time::timeout(patience, gather(headers, body, limit)).await.unwrap_or(Err(ApiError::Slow))
}

async fn gather(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    let waits = headers.contains_key(header::EXPECT);
    if waits && declared.is_some_and(|n| n > limit) {
        return Err(ApiError::TooLarge(limit));
    }
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::with_capacity(declared.unwrap_or(0).min(limit));
    let mut seen = 0_usize;
    while let Some(piece) = stream.next().await {
        // The sender went away: nobody will read this answer.
        let piece = piece.map_err(|_| ApiError::Slow)?;
        seen = seen.saturating_add(piece.len());
        if seen <= limit {
            bytes.extend_from_slice(&piece);
        } else {
            bytes = Vec::new();
            if seen > limit.saturating_add(DRAINED) {
                break;
            }
        }
    }
    if seen > limit { Err(ApiError::TooLarge(limit)) } else { Ok(bytes.into()) }
}

/// A missing declaration is forgiven; a wrong one is not: `curl -d` alone declares a form, and its sender should know.
fn declared_as_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(declared) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let essence = declared
        .to_str()
        .unwrap_or("unreadable")
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let shown = essence.chars().filter(char::is_ascii_graphic).take(60).collect();
    Err(ApiError::NotJson(shown))
}

/// The JSON in `bytes`.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.is_empty() {
        return Err(ApiError::Malformed("the body is empty; a JSON object is expected".to_owned()));
    }
    serde_json::from_slice(bytes).map_err(|e| ApiError::Malformed(format!("the body is not valid JSON: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(value: &str) -> Result<(), ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
        declared_as_json(&headers)
    }

    #[test]
    fn json_is_json_however_it_is_spelled() {
        for good in
            ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/x+json"]
        {
            assert_eq!(declared(good), Ok(()), "{good}");
        }
        for bad in ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"] {
            assert!(declared(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn broken_json_is_located() {
        let Err(ApiError::Malformed(text)) = parse(b"{\n \"text\": }") else { panic!("accepted") };
        assert!(text.contains("line 2 column"), "{text}");
        assert!(parse(&b"[".repeat(100_000)).is_err());
        assert!(parse(b"\xff\xfe").is_err());
    }

    #[tokio::test]
    async fn a_long_body_is_refused_without_being_kept() {
        let empty = HeaderMap::new();
        let chunks = futures_util::stream::iter((0..10).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 100])));
        assert_eq!(read(&empty, Body::from_stream(chunks), 999).await, Err(ApiError::TooLarge(999)));
        assert_eq!(read(&empty, Body::from(vec![b'x'; 999]), 999).await.unwrap().len(), 999);
    }
}
