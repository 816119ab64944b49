//! What the feed tells a listener. Names and fields are those of the Aethercast feed (its `asf/README.md`), so that its
//! clients work here; fields beyond those are ours.

use axum::body::Bytes;
use pregon_core::Timestamp;
use serde::Serialize;

use super::fault::Fault;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    /// `connection_ack`
    Ack(Ack),
    /// `stream_status`
    Status(Standing),
    /// `audio_control`
    Control(Control),
    /// `audio_chunk`: the bytes alone, as a binary attachment.
    Chunk(Bytes),
    /// `stream_error`
    Error(Failure),
}

/// The connection stands, and its key is good.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Ack {
    message: &'static str,
}

/// How far a stream is before its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// The stream is there, and this connection will get it.
    Joined,
    /// Its audio is not there yet.
    Waiting,
}

/// What became of `join_stream`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Standing {
    status: Stage,
    stream_id: String,
    message: &'static str,
}

/// Where the bytes of a stream begin or end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Control {
    #[serde(flatten)]
    mark: Mark,
    stream_id: String,
    /// Seconds since the epoch.
    timestamp: f64,
}

/// The beginning or the end.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Mark {
    /// The next chunk is the first one.
    StartOfStream {
        /// Media type of the bytes, by the file's name.
        content_type: &'static str,
    },
    /// The last chunk has been sent.
    EndOfStream {
        /// How many bytes there were.
        bytes: u64,
        /// In how many chunks.
        chunks: u64,
    },
}

/// No more will come of the stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Failure {
    message: String,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_id: Option<String>,
}

impl Said {
    pub(super) fn hello() -> Self {
        Self::Ack(Ack { message: "connected; send join_stream with a stream_id" })
    }

    pub(super) fn status(status: Stage, id: &str) -> Self {
        let message = match status {
            Stage::Joined => "the stream is there and will begin",
            Stage::Waiting => "the audio is not there yet; it begins as soon as it is",
        };
        Self::Status(Standing { status, stream_id: id.to_owned(), message })
    }

    pub(super) fn control(mark: Mark, id: &str, now: Timestamp) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this era fit in 53 bits")]
        let timestamp = now.millis() as f64 / 1_000.0;
        Self::Control(Control { mark, stream_id: id.to_owned(), timestamp })
    }

    pub(super) fn error(fault: &Fault, id: Option<&str>) -> Self {
        let (message, code) = (fault.to_string(), fault.code());
        Self::Error(Failure { message, code, stream_id: id.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    #[test]
    fn payloads_have_the_fields_that_clients_of_aethercast_read() {
        let now = Timestamp::from_millis(1_678_886_400_123);
        let shown = |said: Said| match said {
            Said::Ack(ack) => to_value(ack).unwrap(),
            Said::Status(status) => to_value(status).unwrap(),
            Said::Control(control) => to_value(control).unwrap(),
            Said::Error(failure) => to_value(failure).unwrap(),
            Said::Chunk(_) => panic!("bytes have no fields"),
        };
        assert!(shown(Said::hello())["message"].is_string());
        let status = shown(Said::status(Stage::Waiting, "strm_1"));
        assert_eq!((&status["status"], &status["stream_id"]), (&json!("waiting"), &json!("strm_1")));
        assert!(status["message"].is_string());
        assert_eq!(
            shown(Said::control(Mark::StartOfStream { content_type: "audio/wav" }, "strm_1", now)),
            json!({"event": "start_of_stream", "content_type": "audio/wav", "stream_id": "strm_1",
                "timestamp": 1_678_886_400.123})
        );
        assert_eq!(
            shown(Said::control(Mark::EndOfStream { bytes: 9, chunks: 2 }, "strm_1", now)),
            json!({"event": "end_of_stream", "bytes": 9, "chunks": 2, "stream_id": "strm_1",
                "timestamp": 1_678_886_400.123})
        );
        let error = shown(Said::error(&Fault::Unknown, Some("strm_1")));
        assert_eq!((&error["code"], &error["stream_id"]), (&json!("unknown_stream"), &json!("strm_1")));
        assert_eq!(shown(Said::error(&Fault::NoId, None)).get("stream_id"), None);
    }
}
