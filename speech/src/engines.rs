//! Which engines there are. A new one is a file in `engines/`, with its settings, and its lines here.

mod azure;
mod command;
mod elevenlabs;
mod espeak;
mod gcloud;
mod google;
mod openai;
mod piper;
mod process;
mod remote;
mod roster;
pub(crate) mod settings;
mod web;
mod wyoming;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

pub use espeak::Espeak;
pub use google::{Google, Pace};
pub use roster::Roster;
pub use settings::EngineArgs;

use crate::engine::Synthesizer;
use crate::fallback::LastResort;
use crate::limits::{Length, Limits, RequestRate};
use crate::settings::SpeechArgs;

/// An engine that `TTS_ENGINES` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineName {
    /// The `espeak-ng` program on this machine.
    Espeak,
    /// Google Translate's voice, over the internet.
    Google,
    /// A Piper HTTP server.
    Piper,
    /// Any server with OpenAI's interface.
    OpenAi,
    /// Microsoft Azure.
    Azure,
    /// ElevenLabs.
    ElevenLabs,
    /// Google Cloud Text-to-Speech.
    GoogleCloud,
    /// A server that speaks the Wyoming protocol.
    Wyoming,
    /// Any program.
    Command,
}

impl EngineName {
    /// Every engine.
    pub const ALL: [Self; 9] = [
        Self::Espeak,
        Self::Google,
        Self::Piper,
        Self::OpenAi,
        Self::Azure,
        Self::ElevenLabs,
        Self::GoogleCloud,
        Self::Wyoming,
        Self::Command,
    ];

    /// The word used in settings and jobs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Espeak => "espeak",
            Self::Google => "google",
            Self::Piper => "piper",
            Self::OpenAi => "openai",
            Self::Azure => "azure",
            Self::ElevenLabs => "elevenlabs",
            Self::GoogleCloud => "gcloud",
            Self::Wyoming => "wyoming",
            Self::Command => "command",
        }
    }

    /// What it bears unless the operator says otherwise. The sources of the numbers stand in docs/speech.md.
    fn usual_limits(self) -> Limits {
        let seconds = Duration::from_secs;
        match self {
            Self::Espeak => Limits::free(Length::Characters(usize::MAX), seconds(10), espeak::processes()),
            Self::Google => Google::limits_at(Pace::default()),
            Self::Piper | Self::Wyoming => Limits::free(Length::Characters(2_000), seconds(30), 2),
            Self::OpenAi => Limits::free(Length::Characters(4_096), seconds(30), 4),
            Self::Azure => Limits::free(Length::Characters(3_000), seconds(30), 8),
            Self::GoogleCloud => {
                let rate = RequestRate { requests: 1_000, per: Duration::from_mins(1) };
                Limits { rate: Some(rate), ..Limits::free(Length::Bytes(5_000), seconds(30), 8) }
            }
            Self::ElevenLabs | Self::Command => Limits::free(Length::Characters(5_000), seconds(30), 2),
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

/// The configured chain, in its order, with the last resort at its end if that is installed. Fails, in one line, when a
/// setting that an engine needs is missing or wrong. Engines that can say which voices they have are asked; one that
/// does not answer is no error.
pub async fn configured(args: &SpeechArgs) -> Result<Vec<Arc<dyn Synthesizer>>, String> {
    args.engines.check()?;
    let mut engines: Vec<Arc<dyn Synthesizer>> = Vec::with_capacity(args.tts_engines.len());
    for name in &args.tts_engines {
        if engines.iter().any(|engine| engine.id() == name.as_str()) {
            return Err(format!("{name} stands twice"));
        }
        engines.push(build(*name, args).await?);
    }
    if args.fallback.tts_last_resort == LastResort::Espeak && !args.tts_engines.contains(&EngineName::Espeak)
    {
        let espeak = build(EngineName::Espeak, args).await?;
        if espeak.trouble().is_none() {
            engines.push(espeak);
        }
    }
    Ok(engines)
}

async fn build(name: EngineName, args: &SpeechArgs) -> Result<Arc<dyn Synthesizer>, String> {
    let limits = args.engines.limits(name, name.usual_limits());
    let args_of = &args.engines;
    Ok(match name {
        EngineName::Espeak => Arc::new(Espeak::find(&args.espeak_bin).await.with_limits(limits)),
        EngineName::Google => {
            Arc::new(Google::new(&args.google_tts_url, Pace::within(limits))?.with_price(limits.price))
        }
        EngineName::Piper => Arc::new(piper::engine(&args_of.piper, limits).await?),
        EngineName::OpenAi => Arc::new(openai::engine(&args_of.openai, limits).await?),
        EngineName::Azure => Arc::new(azure::engine(&args_of.azure, limits)?),
        EngineName::ElevenLabs => Arc::new(elevenlabs::engine(&args_of.elevenlabs, limits)?),
        EngineName::GoogleCloud => Arc::new(gcloud::engine(&args_of.gcloud, limits)?),
        EngineName::Wyoming => Arc::new(wyoming::engine(&args_of.wyoming, limits).await?),
        EngineName::Command => Arc::new(command::engine(&args_of.command, limits)?),
    })
}
