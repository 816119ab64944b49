//! Text to a verified, cached clip through a chain of engines.
//!
//! [`Studio::clip`] is the whole of it: it looks the text up in the cache, else asks the engines of the chain one
//! after the other, checks that what came back is speech, levels it for the telephone and files it under a hash of
//! everything that changes the sound. Equal text is spoken once, however many ask for it at the same time, in this
//! process or in others on the same disk.
//!
//! This crate never dials, never touches a job and never puts spoken text into a command line, a file name or a log
//! line above debug. A new engine is one file in `engines/` and its line in `engines.rs`.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use clap::Parser as _;
//! use pregon_speech::{SpeechArgs, Studio};
//!
//! #[derive(clap::Parser)]
//! struct Args {
//!     #[command(flatten)]
//!     speech: SpeechArgs,
//! }
//!
//! let studio = Studio::open(&Args::parse().speech, "./data".as_ref(), None).await?;
//! let speech = pregon_core::Speech {
//!     text: "Su cita es mañana a las tres".into(), language: "es".into(), voice: None, engine: None, rate: None, ssml: false,
//! };
//! let clip = studio.clip(&speech, None).await?;
//! println!("{:?}.wav, {:.1} s", clip.stem(studio.audio_dir()), clip.seconds);
//! # Ok(())
//! # }
//! ```

mod address;
mod booth;
mod budgets;
mod cache;
mod care;
mod chain;
mod commission;
mod disk;
mod engine;
mod engines;
mod fallback;
mod flights;
mod joint;
mod ledger;
mod lexicons;
mod limiter;
mod limits;
mod lineup;
mod lock;
mod master;
mod plan;
mod purge;
mod reading;
mod recent;
mod recital;
mod render;
mod settings;
mod sidecar;
mod sound;
mod split;
mod studio;
mod sweep;
mod take;
mod tally;
mod uploads;

pub use budgets::Budgets;
pub use chain::EngineHealth;
pub use engine::{Encoded, SynthError, Synthesizer, Utterance};
pub use engines::settings::Of;
pub use engines::{EngineArgs, EngineName, Espeak, Google, Pace, Roster, configured};
pub use fallback::{FallbackArgs, LastResort};
pub use lexicons::LexiconFolder;
pub use limiter::Limiter;
pub use limits::{Length, Limits, RequestRate};
pub use pregon_core::book::Health;
pub use render::Profile;
pub use settings::SpeechArgs;
pub use sidecar::{Held, Mark, Sidecar};
pub use studio::{OpenError, SpeechError, Studio};
pub use uploads::UPLOAD;
