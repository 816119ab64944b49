//! Which engines there are. A new one is a file in `engines/` and its three lines here.

mod espeak;
mod google;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

pub use espeak::Espeak;
pub use google::{Google, Pace};

use crate::engine::Synthesizer;
use crate::settings::SpeechArgs;

/// An engine that `TTS_ENGINES` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineName {
    /// The `espeak-ng` program on this machine.
    Espeak,
    /// Google Translate's voice, over the internet.
    Google,
}

impl EngineName {
    /// Every engine.
    pub const ALL: [Self; 2] = [Self::Espeak, Self::Google];

    /// The word used in settings and jobs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Espeak => "espeak",
            Self::Google => "google",
        }
    }
}

impl fmt::Display for EngineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EngineName {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        Self::ALL.into_iter().find(|name| name.as_str() == text).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|name| name.as_str()).collect();
            format!("{text:?} is no engine; known are {}", known.join(", "))
        })
    }
}

/// The configured chain.
pub(crate) async fn build(args: &SpeechArgs) -> Result<Vec<Arc<dyn Synthesizer>>, String> {
    let mut engines: Vec<Arc<dyn Synthesizer>> = Vec::with_capacity(args.tts_engines.len());
    for name in &args.tts_engines {
        if engines.iter().any(|engine| engine.id() == name.as_str()) {
            return Err(format!("{name} stands twice"));
        }
        engines.push(match name {
            EngineName::Espeak => Arc::new(Espeak::find(&args.espeak_bin).await),
            EngineName::Google => Arc::new(Google::new(&args.google_tts_url, Pace::default())?),
        });
    }
    Ok(engines)
}
