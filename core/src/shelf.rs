//! Sound that people send in to have it aired: the trait between the API and whoever can decode it.

use async_trait::async_trait;

/// What was sent in, as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Names it: 40 hex digits. The same bytes have the same name.
    pub id: String,
    /// Length in seconds, without the silence around it.
    pub seconds: f64,
}

/// Why what was sent in is not kept.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotKept {
    /// It cannot be played: the sender has to send something else.
    #[error("{0}")]
    NotAudio(String),
    /// There is no room for it at the moment.
    #[error("{0}")]
    Unavailable(String),
}

/// Keeps sound, decoded to its end first: what is kept can be played.
#[async_trait]
pub trait Shelf: Send + Sync + 'static {
    /// Keeps the bytes of an audio file.
    async fn keep(&self, bytes: Vec<u8>) -> Result<Kept, NotKept>;

    /// Whether something is kept under that name.
    async fn keeps(&self, id: &str) -> bool;
}
