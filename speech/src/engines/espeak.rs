//! The `espeak-ng` program: always there, never far off, robotic. A process per utterance: the library is GPL-3 and
//! keeps global state, the process is neither our licence's business nor able to take a worker down.

mod voices;

use std::ffi::{OsStr, OsString};
use std::io;
use std::time::Duration;

use async_trait::async_trait;
use pregon_audio::Container;
use pregon_core::{EngineInfo, VoiceInfo};
use tokio::process::Command;
use tokio::sync::Semaphore;

use super::process::{Failure, installed, run};
use super::remote::{oversized, unavailable};
use crate::engine::{Encoded, SynthError, Synthesizer, Utterance};
use crate::limits::{Length, Limits};
use voices::Voices;

/// Words per minute at rate 1: espeak-ng's own 175 is hurried on a telephone line.
const WORDS_PER_MINUTE: f32 = 165.0;

/// The least and the most that espeak-ng speaks properly.
const SPEEDS: std::ops::RangeInclusive<f32> = 80.0..=450.0;

/// Before a process is killed: it needs some 30 ms for a message, so this is a machine in trouble.
const PATIENCE: Duration = Duration::from_secs(10);
/// On top of the time-out, for each byte of text: fifty times what it takes (0.06 ms per character of CPU time).
const PATIENCE_PER_BYTE: Duration = Duration::from_millis(3);

const INSTALL: &str =
    "espeak-ng is not installed: run `apt-get install espeak-ng`, or set ESPEAK_BIN to where it is";

/// espeak-ng as an engine.
pub struct Espeak {
    program: OsString,
    version: String,
    voices: Voices,
    pool: Semaphore,
    limits: Limits,
}

impl Espeak {
    /// Asks `program` (a name to be found in `PATH`, or a path) for its version and voices. Where it cannot be asked,
    /// the engine offers Spanish and English and says at every utterance what is wrong, so that it works as soon as
    /// the program is installed.
    pub async fn find(program: impl AsRef<OsStr>) -> Self {
        let mut espeak = Self {
            program: program.as_ref().to_owned(),
            version: "unknown".to_owned(),
            voices: Voices::usual(),
            pool: Semaphore::new(processes()),
            limits: Limits::free(Length::Characters(usize::MAX), PATIENCE, processes()),
        };
        let version = espeak.ask("--version").await;
        if let Some(version) = version.as_deref().and_then(version_in) {
            version.clone_into(&mut espeak.version);
        }
        if let Some(voices) = espeak.ask("--voices").await.as_deref().and_then(Voices::parse) {
            espeak.voices = voices;
        }
        espeak
    }

    /// The same engine within these limits; a process that takes longer than their time-out (plus a little for each byte
    /// of text) is killed.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        let pool = Semaphore::new(limits.at_once.clamp(1, Semaphore::MAX_PERMITS));
        Self { pool, limits, ..self }
    }

    async fn ask(&self, question: &str) -> Option<String> {
        let output = tokio::time::timeout(self.limits.timeout, self.run(&[question.as_ref()], "")).await;
        output.ok()?.ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Runs the program with `text` on its standard input. Dropping the future kills it.
    async fn run(&self, args: &[&OsStr], text: &str) -> Result<Vec<u8>, SynthError> {
        let mut command = Command::new(&self.program);
        command.args(args);
        run(command, text).await.map_err(error)
    }
}

#[async_trait]
impl Synthesizer for Espeak {
    fn id(&self) -> &'static str {
        "espeak"
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn voice_for(&self, language: &str, asked: Option<&str>) -> Option<String> {
        self.voices.choose(language, asked).map(str::to_owned)
    }

    fn info(&self) -> EngineInfo {
        let voices =
            self.voices.all().map(|(id, language)| VoiceInfo { id: id.into(), language: language.into() });
        EngineInfo { id: self.id().into(), voices: voices.collect(), languages: self.voices.languages() }
    }

    fn local(&self) -> bool {
        true
    }

    fn trouble(&self) -> Option<String> {
        (!installed(&self.program)).then(|| INSTALL.to_owned())
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    async fn synthesize(&self, utterance: &Utterance) -> Result<Vec<Encoded>, SynthError> {
        // The voice becomes an argument: only one from our own list may.
        if !self.voices.all().any(|(id, _)| id == utterance.voice) {
            return Err(SynthError::Rejected("has no such voice".to_owned()));
        }
        let text = plain(&utterance.text);
        let speed = speed(utterance.rate);
        let args = ["--stdin", "--stdout", "-b", "1", "-v", &utterance.voice, "-s", &speed].map(OsStr::new);
        let patience =
            self.limits.timeout + PATIENCE_PER_BYTE * u32::try_from(text.len()).unwrap_or(u32::MAX);
        let _slot = self.pool.acquire().await.map_err(|_| unavailable("is shutting down"))?;
        let bytes = tokio::time::timeout(patience, self.run(&args, &text)).await.map_err(|_| {
            unavailable(format!("was killed: it had not finished after {:.1} s", patience.as_secs_f64()))
        })??;
        Ok(vec![Encoded::new(bytes, Some(Container::Wav))])
    }
}

/// Processes at the same time: more than twice the cores only make every one of them slower.
pub(super) fn processes() -> usize {
    2 * std::thread::available_parallelism().map_or(1, usize::from)
}

/// Text that espeak-ng speaks and does not interpret: `[[…]]` would be phonemes. Markup needs `-m`, which is not given.
fn plain(text: &str) -> String {
    let mut plain = text.replace("[[", "[ [");
    // Three in a row leave a pair behind.
    while plain.contains("[[") {
        plain = plain.replace("[[", "[ [");
    }
    plain.push('\n');
    plain
}

fn speed(rate: f32) -> String {
    format!("{:.0}", (WORDS_PER_MINUTE * rate).clamp(*SPEEDS.start(), *SPEEDS.end()))
}

/// `eSpeak NG text-to-speech: 1.51  Data at: …`
fn version_in(answer: &str) -> Option<&str> {
    answer.split_once("text-to-speech:")?.1.split_whitespace().next()
}

fn error(failure: Failure) -> SynthError {
    match failure {
        Failure::NotStarted(error) if error.kind() == io::ErrorKind::NotFound => unavailable(INSTALL),
        Failure::NotStarted(error) => unavailable(format!("did not start: {error}")),
        Failure::Unreadable(error) => unavailable(format!("could not be read: {error}")),
        Failure::Oversized => oversized(),
        Failure::Failed(status, complaint) => unavailable(format!("failed ({status}): {complaint}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pair_of_brackets_is_left() {
        for (text, expected) in [
            ("hola [[h@l@]] x", "hola [ [h@l@]] x\n"),
            ("[[[[a", "[ [ [ [a\n"),
            ("[[[", "[ [ [\n"),
            ("[a] ]]", "[a] ]]\n"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }

    #[test]
    fn the_rate_becomes_words_per_minute_within_limits() {
        for (rate, expected) in [(1.0, "165"), (0.25, "80"), (4.0, "450"), (1.2, "198")] {
            assert_eq!(speed(rate), expected);
        }
    }

    #[test]
    fn the_version_is_read_from_the_banner() {
        assert_eq!(version_in("eSpeak NG text-to-speech: 1.51  Data at: /usr/lib/x"), Some("1.51"));
        assert_eq!(version_in("flite 2.2"), None);
    }
}
