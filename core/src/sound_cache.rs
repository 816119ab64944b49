//! What was spoken and is kept: the trait between those who look after the cache and whoever has it.

use async_trait::async_trait;

use crate::job::Speech;
use crate::time::Timestamp;

/// The cache in figures. Counts are of all processes on its folder, since the folder was made, as of a minute ago.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheFigures {
    /// Bytes of clips and masters: what the limit bounds.
    pub bytes: u64,
    /// Files of clips and masters.
    pub files: u64,
    /// Bytes of what was sent in, which is never evicted.
    pub upload_bytes: u64,
    /// Most bytes of clips and masters; `None` where there is no limit.
    pub limit: Option<u64>,
    /// Clips that were there when they were asked for.
    pub hits: u64,
    /// Clips that were not.
    pub misses: u64,
    /// Pieces of speech that engines were asked for.
    pub spoken: u64,
    /// Clips and masters that made room for others.
    pub evicted: u64,
    /// Files that were found damaged, and were made anew.
    pub damaged: u64,
    /// When the folder was last gone through.
    pub swept: Option<Timestamp>,
}

/// What is to leave the cache.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Purge {
    /// Only this speech, as it is read for the client named with it, whoever spoke it; its voice, engine and rate do not
    /// matter.
    pub speech: Option<(Speech, Option<String>)>,
    /// Only what this engine spoke.
    pub engine: Option<String>,
}

/// What left the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Clips that will not be found again. Their files stay for some hours: a call that was handed over may play them.
    pub clips: u64,
    /// What engines spoke; removed.
    pub masters: u64,
}

/// The cache does not answer: the folder cannot be used. For the log and for operators.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct CacheDown(pub String);

/// Keeps what was spoken.
#[async_trait]
pub trait SoundCache: Send + Sync + 'static {
    /// How it is doing. Reads one small file.
    async fn figures(&self) -> Result<CacheFigures, CacheDown>;

    /// Forgets. What is asked for after this is spoken anew. Goes through the whole folder, which may take seconds;
    /// cancelling stops it between two entries.
    async fn purge(&self, what: &Purge) -> Result<Purged, CacheDown>;
}
