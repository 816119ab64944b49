//! Any program that reads a text and writes a WAV file.

use std::ffi::OsStr;

use async_trait::async_trait;
use clap::Args;
use pregon_audio::Container;
use tokio::process::Command;

use super::EngineName;
use super::process::{Failure, installed, run};
use super::remote::{Remote, Speaker, factor, oversized, unavailable};
use super::roster::{Roster, is_tag};
use super::settings::{missing, needed};
use crate::engine::{Encoded, SynthError, Utterance};
use crate::limits::Limits;

/// What of our environment the program sees. The rest holds passwords.
const PASSED_ON: [&str; 6] = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ"];

/// A program.
#[derive(Args, Clone, Debug, Default)]
pub struct CommandArgs {
    /// `command`: a program that reads a text from its standard input and writes a WAV file to its standard output, with
    /// its arguments, separated by spaces; no shell is involved. It finds `PREGON_VOICE`, `PREGON_LANGUAGE` and `PREGON_RATE` (1
    /// is the voice's own) in its environment, and of ours only `PATH`, `HOME`, `LANG`, `LC_ALL`, `TMPDIR` and `TZ`.
    #[arg(long, env, value_name = "PROGRAM ARGUMENT…")]
    pub tts_command: Option<String>,

    /// `command`: what `PREGON_VOICE` is for each language, such as es=es-419,en=en-us
    #[arg(long, env, value_name = "LANGUAGE=VOICE,…")]
    pub tts_command_voices: Option<Roster>,
}

pub(super) struct Program {
    program: String,
    arguments: Vec<String>,
}

/// The engine as configured.
pub(super) fn engine(args: &CommandArgs, limits: Limits) -> Result<Remote<Program>, String> {
    let line = needed("TTS_COMMAND", args.tts_command.as_ref())?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let program = words.next().ok_or_else(|| missing("TTS_COMMAND"))?;
    let roster = needed("TTS_COMMAND_VOICES", args.tts_command_voices.as_ref())?.clone();
    if let Some(voice) = roster.voices().iter().find(|voice| !is_plain(&voice.id)) {
        let allowed = "letters, digits and . _ : + / -, and no - first";
        return Err(format!("TTS_COMMAND_VOICES: {:?} is not passed to a program: {allowed}", voice.id));
    }
    let version = format!("command-1 {line}");
    let program = Program { program, arguments: words.collect() };
    Ok(Remote::new(EngineName::Command, version, roster, limits, program))
}

#[async_trait]
impl Speaker for Program {
    async fn speak(&self, text: &str, utterance: &Utterance) -> Result<Encoded, SynthError> {
        if !is_tag(&utterance.language) {
            return Err(SynthError::Rejected("is not told a language that is no language tag".to_owned()));
        }
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(PASSED_ON.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            .env("PREGON_VOICE", &utterance.voice)
            .env("PREGON_LANGUAGE", &utterance.language)
            .env("PREGON_RATE", factor(utterance.rate).to_string());
        match run(command, &format!("{text}\n")).await {
            Ok(bytes) if bytes.is_empty() => Err(SynthError::Corrupt("wrote no audio".to_owned())),
            Ok(bytes) => Ok(Encoded::new(bytes, Some(Container::Wav))),
            Err(failure) => Err(self.error(failure)),
        }
    }

    fn trouble(&self) -> Option<String> {
        (!installed(OsStr::new(&self.program))).then(|| self.not_there())
    }
}

impl Program {
    fn not_there(&self) -> String {
        format!("{} is not installed: install it, or set TTS_COMMAND to where it is", self.program)
    }

    fn error(&self, failure: Failure) -> SynthError {
        match failure {
            Failure::NotStarted(error) if error.kind() == std::io::ErrorKind::NotFound => {
                unavailable(self.not_there())
            }
            Failure::NotStarted(error) => unavailable(format!("did not start: {error}")),
            Failure::Unreadable(error) => unavailable(format!("could not be read: {error}")),
            Failure::Oversized => oversized(),
            Failure::Failed(status, complaint) => {
                // Programs like to quote what they were given.
                tracing::debug!(program = self.program, complaint, "the program that speaks failed");
                unavailable(format!("failed ({status}); its complaint is in the log at level debug"))
            }
        }
    }
}

/// Whether a careless script survives it: nothing to expand, and not an option.
fn is_plain(voice: &str) -> bool {
    !voice.starts_with('-') && voice.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:+/-".contains(&b))
}
