//! How engines and cache are doing, in words.

use pregon_core::book::Health as Standing;
use pregon_core::{CacheFigures, EngineLook};

use crate::icon::{Icon, Tone};
use crate::pages::Chrome;

/// An engine, as a row of the table.
pub(super) struct Health {
    pub(super) id: String,
    pub(super) icon: Icon,
    pub(super) tone: Tone,
    pub(super) word: String,
    /// What is missing or went wrong last, in the engine's words.
    pub(super) trouble: Option<String>,
    /// What the visitor's client had spoken this month, and may have.
    pub(super) used: String,
}

impl Health {
    pub(super) fn of(look: &EngineLook, c: &Chrome) -> Self {
        let (w, language) = (&c.w().speech, c.locale.language);
        let (icon, tone, word) = match (&look.missing, look.standing.health) {
            (Some(_), _) => (Icon::Unplug, Tone::Bad, w.missing.to_owned()),
            (None, Standing::Ready) => (Icon::Check, Tone::Ok, w.ready.to_owned()),
            (None, Standing::Resting(left)) => (Icon::Pause, Tone::Warn, (w.resting)(&language.span(left))),
            (None, Standing::Probing) => (Icon::Clock, Tone::Warn, w.probing.to_owned()),
        };
        let trouble = look.standing.trouble.as_ref().map(|(_, trouble)| trouble.clone());
        let used = language.number(look.used);
        Self {
            id: look.id.clone(),
            icon,
            tone,
            word,
            trouble: look.missing.clone().or(trouble),
            used: look.budget.map_or(used.clone(), |budget| (w.of)(&used, &language.number(budget))),
        }
    }
}

/// The cache in a few lines.
pub(super) struct CacheLook {
    pub(super) size: String,
    pub(super) files: String,
    pub(super) hits: String,
    pub(super) evicted: String,
    pub(super) damaged: String,
}

impl CacheLook {
    pub(super) fn of(figures: &CacheFigures, c: &Chrome) -> Self {
        let (w, language) = (&c.w().speech, c.locale.language);
        let megabytes = |bytes: u64| format!("{}\u{a0}MiB", language.number(bytes.div_ceil(1 << 20)));
        let size = megabytes(figures.bytes);
        Self {
            size: figures.limit.map_or(size.clone(), |limit| (w.of)(&size, &megabytes(limit))),
            files: language.number(figures.files),
            hits: language.percent(figures.hits, figures.hits + figures.misses),
            evicted: language.number(figures.evicted),
            damaged: language.number(figures.damaged),
        }
    }
}
