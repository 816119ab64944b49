//! What the page of the voices says.

/// The phrases of the page of the voices.
pub(crate) struct SpeechWords {
    pub(crate) title: &'static str,
    pub(crate) lede: fn(first: &str, others: u64) -> String,
    pub(crate) attempt: &'static str,
    pub(crate) attempt_hint: &'static str,
    pub(crate) text: &'static str,
    pub(crate) voice: &'static str,
    pub(crate) usual_voice: &'static str,
    pub(crate) ssml: &'static str,
    pub(crate) hear: &'static str,
    pub(crate) read: &'static str,
    pub(crate) characters: fn(u64) -> String,
    pub(crate) voices: &'static str,
    pub(crate) no_voices: &'static str,
    pub(crate) more_voices: fn(u64) -> String,
    // Engines
    pub(crate) engines: &'static str,
    pub(crate) engine: &'static str,
    pub(crate) used: &'static str,
    pub(crate) ready: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) resting: fn(&str) -> String,
    pub(crate) probing: &'static str,
    pub(crate) of: fn(&str, &str) -> String,
    // The cache
    pub(crate) cache: &'static str,
    pub(crate) cache_down: &'static str,
    pub(crate) size: &'static str,
    pub(crate) files: &'static str,
    pub(crate) hits: &'static str,
    pub(crate) evicted: &'static str,
    pub(crate) damaged: &'static str,
}
