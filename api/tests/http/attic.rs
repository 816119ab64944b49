//! A cache that does as it is told and remembers what that was.

use std::sync::{Arc, Mutex};

use pregon_core::{CacheDown, CacheFigures, Purge, Purged, SoundCache, Timestamp};

/// Cheap to clone; clones share everything.
#[derive(Clone, Default)]
pub(crate) struct Attic {
    pub(crate) away: bool,
    pub(crate) purges: Arc<Mutex<Vec<Purge>>>,
}

#[async_trait::async_trait]
impl SoundCache for Attic {
    async fn figures(&self) -> Result<CacheFigures, CacheDown> {
        if self.away {
            return Err(CacheDown("the audio folder is not usable: it is on fire".to_owned()));
        }
        Ok(CacheFigures {
            bytes: 700,
            files: 4,
            upload_bytes: 30,
            limit: Some(1_000),
            hits: 9,
            misses: 3,
            spoken: 4,
            evicted: 2,
            damaged: 1,
            swept: Some(Timestamp::from_millis(1_790_000_000_000)),
        })
    }

    async fn purge(&self, what: &Purge) -> Result<Purged, CacheDown> {
        self.purges.lock().unwrap().push(what.clone());
        Ok(Purged { clips: 2, masters: 1 })
    }
}
