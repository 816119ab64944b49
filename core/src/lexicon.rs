//! How clients want words said: the trait between the API, which takes lexicons in, and whoever keeps them.

use async_trait::async_trait;

/// The lines of a lexicon: what is written, and what is spoken instead.
pub type Lines = Vec<(String, String)>;

/// Why a lexicon was not read or changed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LexiconTrouble {
    /// The client has as many as it may have: it has to delete one first.
    #[error("there are {0} lexicons already, the most a client may have: delete one first")]
    Full(usize),
    /// They are out of reach at the moment.
    #[error("{0}")]
    Unavailable(String),
}

/// Keeps lexicons, one per client and language. `None` is whoever calls where no keys are in use. Languages are tags
/// such as `es` or `es-CO`, in any case of letters. Cancelling a call leaves the old lexicon or the new one, never
/// half of one.
#[async_trait]
pub trait Lexicons: Send + Sync + 'static {
    /// The languages for which the client has a lexicon, sorted.
    async fn languages(&self, client: Option<&str>) -> Result<Vec<String>, LexiconTrouble>;

    /// The client's lexicon for exactly that language.
    async fn get(&self, client: Option<&str>, language: &str) -> Result<Option<Lines>, LexiconTrouble>;

    /// Keeps a lexicon in place of the one that was there. Speech that begins after this is spoken with it.
    async fn put(&self, client: Option<&str>, language: &str, lines: Lines) -> Result<(), LexiconTrouble>;

    /// Forgets a lexicon; false when there was none.
    async fn delete(&self, client: Option<&str>, language: &str) -> Result<bool, LexiconTrouble>;
}
