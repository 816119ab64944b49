//! Why a listener gets no stream, or no more of it.

use crate::problem::ApiError;

/// Told as `stream_error`: the text is its `message`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum Fault {
    #[error("join_stream needs {{\"stream_id\": \"…\"}}, a text of 1 to 128 characters")]
    NoId,
    #[error("there is no stream of this id")]
    Unknown,
    #[error("this connection is receiving a stream already; wait for its end, or open another connection")]
    Busy,
    #[error("this key asks more often than it may; try again in a second")]
    TooMany,
    #[error("the job ended without audio")]
    Silent,
    #[error("the audio of this stream is not kept any more, or lies on another machine")]
    Elsewhere,
    #[error("there was no audio within an hour; join again")]
    Late,
    #[error("the connection is too slow for this stream")]
    Slow,
    #[error("the job store does not answer; try again")]
    Unavailable,
    #[error("the audio cannot be read; the cause is in the log of the API")]
    Broken,
}

impl Fault {
    /// The word that programs tell it by.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::NoId => "invalid",
            Self::Unknown => "unknown_stream",
            Self::Busy => "busy",
            Self::TooMany => "too_many",
            Self::Silent => "no_audio",
            Self::Elsewhere => "missing",
            Self::Late => "late",
            Self::Slow => "slow",
            Self::Unavailable => "unavailable",
            Self::Broken => "broken",
        }
    }
}

/// The errors of looking a job and its file up. What only the log may know stays there.
impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        error.log();
        if matches!(error, ApiError::NoJob(_)) {
            Self::Unknown
        } else if matches!(error, ApiError::Missing(_)) {
            Self::Elsewhere
        } else if matches!(error, ApiError::Unavailable(..)) {
            Self::Unavailable
        } else {
            Self::Broken
        }
    }
}
