//! Looking after what was spoken.

use std::io;
use std::time::Duration;

use pregon_core::{Clip, SoundCache as _, Timestamp, clock};

use crate::address::Address;
use crate::disk::{Tree, claim};
use crate::studio::{Studio, blocking};
use crate::sweep;

/// Between two rounds of looking after the cache.
const ROUND: Duration = Duration::from_mins(1);

impl Studio {
    /// Looks after the cache until `stop`: writes down its figures every minute and makes room in it. Any number of
    /// processes may do so on one folder. May be cancelled at any time.
    pub async fn tend(&self, stop: impl Future<Output = ()>) {
        let rounds = async {
            loop {
                if let Err(error) = self.tidy(clock::now()).await {
                    tracing::warn!(%error, "the audio cache cannot be looked after");
                }
                tokio::time::sleep(ROUND).await;
            }
        };
        tokio::select! {
            () = rounds => {}
            () = stop => {}
        }
        if let Err(error) = self.figures().await {
            tracing::warn!(%error, "the last figures of the audio cache are lost");
        }
    }

    /// One round of [`Studio::tend`].
    pub async fn tidy(&self, now: Timestamp) -> io::Result<()> {
        sweep::tidy(&self.cache(), self.limit(), now).await
    }

    /// Notes that a clip is still to be played, so that its files stay for some hours more, and says whether they are
    /// there. Unless a use was noted a moment ago, this touches a file.
    pub async fn still_wanted(&self, clip: &Clip) -> bool {
        let Some(address) = Address::parse(&clip.hash) else { return false };
        let stem = self.cache().disk().stem(Tree::Clips, address);
        let noted = blocking(move || {
            // One that was purged is still played.
            let noted = ["json", "gone"].into_iter().any(|e| claim(&stem.with_extension(e), clock::now()));
            noted && stem.with_extension("wav").exists()
        });
        noted.await.unwrap_or(false)
    }
}
