//! The `espeak-ng` program: always there, never far off, robotic. A process per utterance: the library is GPL-3 and
//! keeps global state, the process is neither our licence's business nor able to take a worker down.

mod voices;

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use pregon_audio::Container;
use pregon_core::{EngineInfo, VoiceInfo};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::Semaphore;

use crate::engine::{Encoded, SynthError, Synthesizer, Utterance};
use voices::Voices;

/// Words per minute at rate 1: espeak-ng's own 175 is hurried on a telephone line.
const WORDS_PER_MINUTE: f32 = 165.0;

/// The least and the most that espeak-ng speaks properly.
const SPEEDS: std::ops::RangeInclusive<f32> = 80.0..=450.0;

/// Before a process is killed: it needs some 30 ms for a message, so this is a machine in trouble.
const PATIENCE: Duration = Duration::from_secs(10);
/// On top of that, for each byte of text: fifty times what it takes (0.06 ms per character of CPU time).
const PATIENCE_PER_BYTE: Duration = Duration::from_millis(3);

/// Half an hour of audio at 22 kHz: stops a runaway before it eats the memory.
const MOST_AUDIO: u64 = 80 << 20;
/// Enough of stderr to name the trouble.
const MOST_COMPLAINT: u64 = 4 << 10;

const INSTALL: &str =
    "espeak-ng is not installed: run `apt-get install espeak-ng`, or set ESPEAK_BIN to where it is";

/// espeak-ng as an engine.
pub struct Espeak {
    program: OsString,
    version: String,
    voices: Voices,
    /// More at once than twice the cores only makes every one of them slower.
    pool: Semaphore,
    patience: Duration,
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
            pool: Semaphore::new(2 * std::thread::available_parallelism().map_or(1, usize::from)),
            patience: PATIENCE,
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

    /// The same engine, but a process that takes longer than this (plus a little for each byte of text) is killed.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    async fn ask(&self, question: &str) -> Option<String> {
        let output = tokio::time::timeout(self.patience, self.run(&[question.as_ref()], "")).await;
        output.ok()?.ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Runs the program with `text` on its standard input. Dropping the future kills it.
    async fn run(&self, args: &[&OsStr], text: &str) -> Result<Vec<u8>, SynthError> {
        let mut child = Command::new(&self.program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| not_started(&error))?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let feed = async move {
            if let Some(mut stdin) = stdin {
                // A program that is gone says more by its exit status than by the broken pipe.
                drop(stdin.write_all(text.as_bytes()).await);
            }
        };
        let listen = async move {
            let mut audio = Vec::new();
            match stdout {
                Some(stdout) => stdout.take(MOST_AUDIO).read_to_end(&mut audio).await.map(|_| audio),
                None => Ok(audio),
            }
        };
        let heed = async move {
            let mut complaint = Vec::new();
            if let Some(stderr) = stderr {
                drop(stderr.take(MOST_COMPLAINT).read_to_end(&mut complaint).await);
            }
            complaint
        };
        let ((), audio, complaint) = tokio::join!(feed, listen, heed);
        let status = child.wait().await.map_err(|error| not_started(&error))?;
        match audio {
            Ok(audio) if status.success() => Ok(audio),
            Ok(_) => Err(failed(status, &complaint)),
            Err(error) => Err(unavailable(format!("could not be read: {error}"))),
        }
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

    fn trouble(&self) -> Option<String> {
        (!installed(&self.program)).then(|| INSTALL.to_owned())
    }

    async fn synthesize(&self, utterance: &Utterance) -> Result<Vec<Encoded>, SynthError> {
        // The voice becomes an argument: only one from our own list may.
        if !self.voices.all().any(|(id, _)| id == utterance.voice) {
            return Err(SynthError::Rejected("has no such voice".to_owned()));
        }
        let text = plain(&utterance.text);
        let speed = speed(utterance.rate);
        let args = ["--stdin", "--stdout", "-b", "1", "-v", &utterance.voice, "-s", &speed].map(OsStr::new);
        let patience = self.patience + PATIENCE_PER_BYTE * u32::try_from(text.len()).unwrap_or(u32::MAX);
        let _slot = self.pool.acquire().await.map_err(|_| unavailable("is shutting down".to_owned()))?;
        let bytes = tokio::time::timeout(patience, self.run(&args, &text)).await.map_err(|_| {
            unavailable(format!("was killed: it had not finished after {:.1} s", patience.as_secs_f64()))
        })??;
        Ok(vec![Encoded::new(bytes, Some(Container::Wav))])
    }
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

fn not_started(error: &io::Error) -> SynthError {
    if error.kind() == io::ErrorKind::NotFound {
        return unavailable(INSTALL.to_owned());
    }
    unavailable(format!("did not start: {error}"))
}

fn failed(status: ExitStatus, complaint: &[u8]) -> SynthError {
    let complaint = String::from_utf8_lossy(complaint);
    let first = complaint.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
    unavailable(format!("failed ({status}): {}", first.chars().take(200).collect::<String>()))
}

fn unavailable(reason: String) -> SynthError {
    SynthError::Unavailable { reason, retry_after: None }
}

fn installed(program: &OsStr) -> bool {
    let program = Path::new(program);
    if program.components().count() > 1 {
        return program.is_file();
    }
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
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
