//! Sending a WAV file, whole or in part.

use std::io::{ErrorKind, SeekFrom};
use std::path::Path;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::problem::ApiError;

/// The file at `path`, or the range of it that `headers` ask for, to be saved as `name`; `None` when it is not there.
pub(crate) async fn send(path: &Path, name: &str, headers: &HeaderMap) -> Result<Option<Response>, ApiError> {
    let file = match File::open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ApiError::Internal(error.to_string())),
    };
    send_file(file, name, headers).await.map(Some)
}

/// The same of a file that is open.
pub(crate) async fn send_file(file: File, name: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let fault = |e: std::io::Error| ApiError::Internal(e.to_string());
    let length = file.metadata().await.map_err(fault)?.len();
    let wanted = headers.get(header::RANGE).and_then(|v| v.to_str().ok()).map(|text| range(text, length));
    let part = match wanted {
        None | Some(Range::Ignored) => None,
        Some(Range::Outside) => return Err(ApiError::Range(length)),
        Some(Range::Part { first, last }) => Some((first, last)),
    };
    let (first, last) = part.unwrap_or((0, length.saturating_sub(1)));
    let bytes = cut(file, first, (last + 1 - first).min(length)).await.map_err(fault)?;
    let mut response = bytes.into_response();
    *response.status_mut() = if part.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let shown = format!("inline; filename=\"{name}.wav\"");
    let place = part.map(|(first, last)| format!("bytes {first}-{last}/{length}"));
    for (key, value) in [
        (header::CONTENT_TYPE, Some("audio/wav".to_owned())),
        (header::ACCEPT_RANGES, Some("bytes".to_owned())),
        (header::CONTENT_DISPOSITION, Some(shown)),
        (header::CONTENT_RANGE, place),
    ] {
        if let Some(value) = value.and_then(|v| HeaderValue::try_from(v).ok()) {
            response.headers_mut().insert(key, value);
        }
    }
    Ok(response)
}

/// A clip of the longest text is a few megabytes, so the part asked for is held in memory.
async fn cut(mut file: File, first: u64, length: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(first)).await?;
    file.take(length).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// These bytes, both ends included.
    Part { first: u64, last: u64 },
    /// Nothing that the file has.
    Outside,
    /// Several ranges, or nothing that can be read: the whole file is a right answer to that.
    Ignored,
}

fn range(text: &str, length: u64) -> Range {
    let Some((from, to)) = text.trim().strip_prefix("bytes=").and_then(|spec| spec.split_once('-')) else {
        return Range::Ignored;
    };
    let number = |s: &str| if s.is_empty() { Some(None) } else { s.parse::<u64>().ok().map(Some) };
    let (Some(from), Some(to)) = (number(from), number(to)) else { return Range::Ignored };
    match (from, to) {
        (None, None) => Range::Ignored,
        (Some(first), Some(last)) if last < first => Range::Ignored,
        (Some(first), _) if first >= length => Range::Outside,
        (None, Some(0)) => Range::Outside,
        (Some(first), last) => Range::Part { first, last: last.unwrap_or(u64::MAX).min(length - 1) },
        (None, Some(_)) if length == 0 => Range::Outside,
        (None, Some(tail)) => Range::Part { first: length.saturating_sub(tail), last: length - 1 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_browsers_send_them() {
        let part = |first, last| Range::Part { first, last };
        for (text, expected) in [
            ("bytes=0-", part(0, 99)),
            ("bytes=10-19", part(10, 19)),
            ("bytes=90-500", part(90, 99)),
            ("bytes=-10", part(90, 99)),
            ("bytes=-500", part(0, 99)),
            ("bytes=100-", Range::Outside),
            ("bytes=-0", Range::Outside),
            ("bytes=20-10", Range::Ignored),
            ("bytes=0-1,5-6", Range::Ignored),
            ("bytes=-", Range::Ignored),
            ("lines=1-2", Range::Ignored),
        ] {
            assert_eq!(range(text, 100), expected, "{text}");
        }
        assert_eq!(range("bytes=-5", 0), Range::Outside);
        assert_eq!(range("bytes=0-", 0), Range::Outside);
    }
}
