//! The cache as operators see it: figures, and forgetting on demand.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use pregon_core::{CacheDown, CacheFigures, Purge, Purged, SoundCache, clock};
use pregon_text::{Piece, Script};

use crate::address::Address;
use crate::cache::Cache;
use crate::disk::Tree;
use crate::sidecar::Sidecar;
use crate::studio::{Studio, blocking};
use crate::sweep::{Lot, shards, survey};
use crate::tally::Book;

/// What is looked for.
struct Wanted {
    engine: Option<String>,
    /// Hashes of the words of the whole speech, and of each of its pieces.
    words: Option<(String, Vec<String>)>,
}

#[async_trait]
impl SoundCache for Studio {
    async fn figures(&self) -> Result<CacheFigures, CacheDown> {
        let cache = self.cache();
        let book = blocking(move || Book::update(cache.disk(), cache.tally(), |_| {}));
        let book = book.await.and_then(|book| book).map_err(|error| down(&error))?;
        let Book { bytes, files, upload_bytes, hits, misses, spoken, evicted, damaged, swept } = book;
        let limit = (self.limit() > 0).then_some(self.limit());
        Ok(CacheFigures { bytes, files, upload_bytes, limit, hits, misses, spoken, evicted, damaged, swept })
    }

    async fn purge(&self, what: &Purge) -> Result<Purged, CacheDown> {
        let mut wanted = Wanted { engine: what.engine.clone(), words: None };
        if let Some((speech, client)) = &what.speech {
            // Nothing is kept of what cannot be read.
            let Ok(script) = self.script(speech, client.as_deref()) else { return Ok(Purged::default()) };
            wanted.words = Some(hashes(&script));
        }
        let wanted = Arc::new(wanted);
        let mut purged = Purged::default();
        for tree in [Tree::Clips, Tree::Masters] {
            for shard in shards() {
                let (cache, wanted) = (self.cache(), Arc::clone(&wanted));
                let count = blocking(move || forget(&cache, tree, &shard, &wanted));
                let count = count.await.and_then(|count| count).map_err(|error| down(&error))?;
                match tree {
                    Tree::Clips => purged.clips += count,
                    Tree::Masters | Tree::Uploads => purged.masters += count,
                }
            }
        }
        Ok(purged)
    }
}

fn down(error: &io::Error) -> CacheDown {
    CacheDown(format!("the audio folder is not usable: {error}"))
}

fn hashes(script: &Script) -> (String, Vec<String>) {
    let hash = |words: &str| Address::of_words(words).to_string();
    let pieces = script.pieces().iter().filter_map(|piece| match piece {
        Piece::Say(say) => Some(hash(&say.text)),
        Piece::Pause(_) | Piece::Mark(_) => None,
    });
    (hash(&script.spoken()), pieces.collect())
}

fn forget(cache: &Cache, tree: Tree, shard: &str, wanted: &Wanted) -> io::Result<u64> {
    let mut count = 0;
    for lot in survey(cache.disk(), tree, shard)? {
        if lot.used.is_none() || !wanted.is(cache, &lot) {
            continue;
        }
        let gone = match tree {
            Tree::Clips => cache.forget(tree, lot.address)?,
            Tree::Masters | Tree::Uploads => {
                let gone = lot.evict(cache.disk(), clock::now())?;
                if gone {
                    cache.tally().removed(lot.bytes, lot.files);
                }
                gone
            }
        };
        count += u64::from(gone);
    }
    Ok(count)
}

impl Wanted {
    fn is(&self, cache: &Cache, lot: &Lot) -> bool {
        if self.engine.is_none() && self.words.is_none() {
            return true;
        }
        let note = cache.disk().stem(lot.tree, lot.address).with_extension("json");
        let Some(sidecar) = Sidecar::read_from(&note, lot.address) else { return false };
        let by = self.engine.as_ref().is_none_or(|engine| *engine == sidecar.engine);
        let says = self.words.as_ref().is_none_or(|(whole, pieces)| match lot.tree {
            Tree::Clips => *whole == sidecar.words,
            Tree::Masters | Tree::Uploads => pieces.contains(&sidecar.words),
        });
        by && says
    }
}
