//! The calls of OpenAI's API for speech, so that what speaks it already speaks to us: `/v1/audio/speech`, and the lists
//! that its clients ask for. What is not of OpenAI's but common among servers like it is in [`lists`].

mod failure;
pub(crate) mod lists;
mod request;
pub(crate) mod speech;

pub(crate) use failure::{FailureView, in_its_words};

/// Whether a path is one of OpenAI's: what goes wrong there is told as its clients read it.
pub(crate) fn owns(path: &str) -> bool {
    path.starts_with("/v1/")
}
