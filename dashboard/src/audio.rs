//! The clip of a job, or of a preview: its file for the player, its envelope for the drawing.

use std::ops::RangeInclusive;
use std::path::Path as FilePath;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pregon_core::Clip;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::House;
use crate::pages::{Trouble, visible_job};
use crate::visitor::Visitor;

/// `GET /jobs/{id}/audio`: the WAV file, or the part that `Range` asks for, so that a player can jump.
pub(crate) async fn serve(
    State(house): State<House>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let job = visible_job(&house, &visitor, &id).await?;
    let stem = job.clip.and_then(|clip| clip.stem(&house.audio_dir)).ok_or(Trouble::NotFound)?;
    send(&stem.with_extension("wav"), &headers).await
}

/// `GET /previews/{id}`: the same of something that is not sent yet.
pub(crate) async fn preview(
    State(house): State<House>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    visitor.must_submit()?;
    let booth = &house.voices.as_ref().ok_or(Trouble::NotFound)?.booth;
    send(&booth.recording(&id).await.ok_or(Trouble::NotFound)?, &headers).await
}

async fn send(path: &FilePath, headers: &HeaderMap) -> Result<Response, Trouble> {
    let mut file = tokio::fs::File::open(path).await.map_err(|_| Trouble::NotFound)?;
    let size = file.metadata().await.map_err(|_| Trouble::NotFound)?.len();
    let asked = headers.get(header::RANGE).and_then(|h| h.to_str().ok());
    let (status, range) = match part(asked, size) {
        Part::All => (StatusCode::OK, None),
        Part::Some(range) => (StatusCode::PARTIAL_CONTENT, Some(range)),
        Part::Outside => {
            let whole = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, whole).into_response());
        }
    };
    let (start, length) = range.as_ref().map_or((0, size), |r| (*r.start(), r.end() - r.start() + 1));
    let bytes = read(&mut file, start, length).await.map_err(|_| Trouble::NotFound)?;
    let mut response = (
        status,
        [
            (header::CONTENT_TYPE, "audio/wav"),
            (header::ACCEPT_RANGES, "bytes"),
            // The address names the clip's hash.
            (header::CACHE_CONTROL, "private, max-age=3600"),
        ],
        Body::from(bytes),
    )
        .into_response();
    if let Some(range) = range {
        let text = format!("bytes {}-{}/{size}", range.start(), range.end());
        response.headers_mut().extend(text.parse().map(|value| (header::CONTENT_RANGE, value)));
    }
    Ok(response)
}

async fn read(file: &mut tokio::fs::File, start: u64, length: u64) -> std::io::Result<Vec<u8>> {
    file.seek(std::io::SeekFrom::Start(start)).await?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

#[derive(Debug, PartialEq)]
enum Part {
    All,
    Some(RangeInclusive<u64>),
    Outside,
}

/// What a `Range` header asks for. Several ranges, and what is no range of bytes, get the whole file, as RFC 9110
/// allows.
fn part(header: Option<&str>, size: u64) -> Part {
    let Some((first, last)) = header.and_then(|h| h.strip_prefix("bytes=")).and_then(|r| r.split_once('-'))
    else {
        return Part::All;
    };
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..=last.min(size.saturating_sub(1)),
        (Ok(first), Err(_)) if last.is_empty() => first..=size.saturating_sub(1),
        (Err(_), Ok(tail)) if first.is_empty() && tail > 0 => {
            size.saturating_sub(tail)..=size.saturating_sub(1)
        }
        _ => return Part::All,
    };
    if *range.start() >= size { Part::Outside } else { Part::Some(range) }
}

/// Longest envelope file that is read, in bytes.
const MAX_SIDECAR: u64 = 64 * 1024;

#[derive(Deserialize)]
struct Sidecar {
    envelope: Vec<u8>,
}

/// How loud the clip is from beginning to end, 0 to 100; `None` when nobody measured it.
pub(crate) async fn envelope(clip: &Clip, audio_dir: &FilePath) -> Option<Vec<u8>> {
    let path = clip.stem(audio_dir)?.with_extension("json");
    let mut file = tokio::fs::File::open(path).await.ok()?;
    let text = read(&mut file, 0, MAX_SIDECAR).await.ok()?;
    let sidecar: Sidecar = serde_json::from_slice(&text).ok()?;
    Some(sidecar.envelope).filter(|e| !e.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_file() {
        assert_eq!(part(None, 100), Part::All);
        assert_eq!(part(Some("bytes=0-"), 100), Part::Some(0..=99));
        assert_eq!(part(Some("bytes=10-19"), 100), Part::Some(10..=19));
        assert_eq!(part(Some("bytes=90-500"), 100), Part::Some(90..=99));
        assert_eq!(part(Some("bytes=-5"), 100), Part::Some(95..=99));
        assert_eq!(part(Some("bytes=-500"), 100), Part::Some(0..=99));
        assert_eq!(part(Some("bytes=100-"), 100), Part::Outside);
        assert_eq!(part(Some("bytes=0-"), 0), Part::Outside);
        for whole in ["bytes=5-4", "bytes=-", "bytes=-0", "bytes=1-2,4-5", "items=0-1", "bytes=a-b"] {
            assert_eq!(part(Some(whole), 100), Part::All, "{whole}");
        }
    }
}
