//! Settings of the speech side.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;
use pregon_audio::{Encoding, loudness};
use url::Url;

use crate::engines::settings::web_address;
use crate::engines::{EngineArgs, EngineName};
use crate::fallback::FallbackArgs;
use crate::render::Profile;

/// Voices, loudness and where the clips lie.
#[derive(Args, Clone, Debug)]
pub struct SpeechArgs {
    /// Voice engines in the order in which they are asked, separated by commas: `espeak` (the espeak-ng program on
    /// this machine), `google` (Google Translate, over the internet), `piper`, `openai` (any server with OpenAI's
    /// interface), `azure`, `elevenlabs`, `gcloud` (Google Cloud), `wyoming`, `command` (any program). Each one after the
    /// first stands in for those before it, with its own voice. All but the first two have settings that they need.
    #[arg(long, env = "TTS_ENGINES", default_value = "espeak", value_delimiter = ',', value_name = "NAMES")]
    pub tts_engines: Vec<EngineName>,

    /// Where `google` is asked.
    #[arg(
        long,
        env = "GOOGLE_TTS_URL",
        default_value = "https://translate.google.com",
        value_parser = web_address,
        value_name = "URL"
    )]
    pub google_tts_url: Url,

    /// The espeak-ng program: a name to be found in PATH, or a path.
    #[arg(long, env = "ESPEAK_BIN", default_value = "espeak-ng", value_name = "PROGRAM")]
    pub espeak_bin: OsString,

    /// What the other engines need, and how hard each is driven.
    #[command(flatten)]
    pub engines: EngineArgs,

    /// Who speaks when the wanted engine does not.
    #[command(flatten)]
    pub fallback: FallbackArgs,

    /// Where the rendered clips lie, and where Asterisk reads them. [default: `audio` in the data folder]
    #[arg(long, env = "AUDIO_DIR", value_name = "FOLDER")]
    pub audio_dir: Option<PathBuf>,

    /// Most that rendered clips and what engines spoke may take on disk, such as `512M`, `2G` or a number of bytes; `0`: no
    /// limit. What was not used for longest goes first. What was used within the last 3 hours stays all the same.
    #[arg(long, env = "AUDIO_CACHE_MAX", default_value = "2G", value_parser = size, value_name = "SIZE")]
    pub audio_cache_max: u64,

    /// Loudness of calls in LUFS, -40 to -10.
    #[arg(
        long,
        env = "CALL_LOUDNESS",
        default_value_t = loudness::CALL_LUFS,
        value_parser = |text: &str| within(text, -40.0, -10.0, "LUFS"),
        allow_negative_numbers = true,
        value_name = "LUFS"
    )]
    pub call_loudness: f64,

    /// Highest true peak of calls in dBTP, -20 to -0.5.
    #[arg(
        long,
        env = "CALL_PEAK",
        default_value_t = loudness::CALL_MAX_DBTP,
        value_parser = |text: &str| within(text, -20.0, -0.5, "dBTP"),
        allow_negative_numbers = true,
        value_name = "DBTP"
    )]
    pub call_peak: f64,

    /// Files written for every clip, separated by commas: `wav` (always), `ulaw`, `alaw`, `g722`, `sln`. Asterisk plays
    /// the one that costs it the least transcoding.
    #[arg(
        long,
        env = "CALL_FORMATS",
        default_value = "wav",
        value_delimiter = ',',
        value_parser = format_named,
        value_name = "FORMATS"
    )]
    pub call_formats: Vec<Encoding>,
}

impl SpeechArgs {
    /// The audio folder, where `data_dir` is the data folder.
    pub fn audio_dir(&self, data_dir: &Path) -> PathBuf {
        self.audio_dir.clone().unwrap_or_else(|| data_dir.join("audio"))
    }

    /// How loud calls are.
    pub fn profile(&self) -> Profile {
        Profile { lufs: self.call_loudness, max_dbtp: self.call_peak }
    }

    /// The formats to write, each once, the WAV file among them.
    pub fn formats(&self) -> Vec<Encoding> {
        let wanted = |format: &Encoding| *format == Encoding::Wav || self.call_formats.contains(format);
        Encoding::ALL.into_iter().filter(wanted).collect()
    }
}

/// A number of bytes, or of the 1,024-fold units K, M, G and T.
fn size(text: &str) -> Result<u64, String> {
    let written = text.trim().to_ascii_uppercase();
    let bare = written.strip_suffix("IB").or(written.strip_suffix('B')).unwrap_or(&written);
    let digits = bare.trim_end_matches(|c: char| "KMGT".contains(c));
    let shift = match bare.strip_prefix(digits) {
        Some("") => Some(0),
        Some("K") => Some(10),
        Some("M") => Some(20),
        Some("G") => Some(30),
        Some("T") => Some(40),
        Some(_) | None => None,
    };
    let bytes = shift.and_then(|shift| digits.trim_end().parse::<u64>().ok()?.checked_mul(1 << shift));
    bytes.ok_or_else(|| "must be a size such as 512M or 2G, or 0 for no limit".to_owned())
}

fn within(text: &str, least: f64, most: f64, unit: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if (least..=most).contains(&value) => Ok(value),
        _ => Err(format!("must be a number from {least} to {most} ({unit})")),
    }
}

fn format_named(text: &str) -> Result<Encoding, String> {
    let text = text.trim();
    Encoding::ALL.into_iter().find(|format| format.extension() == text).ok_or_else(|| {
        let known = Encoding::ALL.map(Encoding::extension).join(", ");
        format!("{text:?} is no format; known are {known}")
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser, Debug)]
    struct Program {
        #[command(flatten)]
        speech: SpeechArgs,
    }

    fn parse(args: &[&str]) -> Result<SpeechArgs, String> {
        let parsed = Program::try_parse_from(std::iter::once(&"pregon").chain(args));
        parsed.map(|program| program.speech).map_err(|error| error.to_string())
    }

    #[test]
    fn lists_are_read_and_the_wav_file_is_always_written() {
        let args = parse(&["--tts-engines=google, espeak", "--call-formats=ulaw,g722,ulaw"]).unwrap();
        assert_eq!(args.tts_engines, [EngineName::Google, EngineName::Espeak]);
        assert_eq!(args.formats(), [Encoding::Wav, Encoding::Ulaw, Encoding::G722]);
        assert_eq!(
            parse(&["--call-loudness", "-23"]).unwrap().profile(),
            Profile { lufs: -23.0, max_dbtp: -3.0 }
        );
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("0", 0),
            ("1000", 1_000),
            ("512M", 512 << 20),
            ("2g", 2 << 30),
            ("2 GiB", 2 << 30),
            ("3KB", 3 << 10),
            ("1T", 1 << 40),
        ] {
            assert_eq!(
                parse(&[&format!("--audio-cache-max={text}")]).unwrap().audio_cache_max,
                bytes,
                "{text}"
            );
        }
        assert_eq!(parse(&[]).unwrap().audio_cache_max, 2 << 30);
    }

    #[test]
    fn the_audio_lies_with_the_data_unless_told_otherwise() {
        assert_eq!(parse(&[]).unwrap().audio_dir("/d".as_ref()), Path::new("/d/audio"));
        assert_eq!(parse(&["--audio-dir=/a"]).unwrap().audio_dir("/d".as_ref()), Path::new("/a"));
    }

    #[test]
    fn bad_values_are_named_with_what_would_do() {
        for (arg, words) in [
            (
                "--tts-engines=festival",
                "\"festival\" is no engine; known are espeak, google, piper, openai, azure, ",
            ),
            ("--tts-engines=", "\"\" is no engine; known are espeak, google"),
            ("--call-formats=mp3", "\"mp3\" is no format; known are wav, sln, ulaw, alaw, g722"),
            ("--call-loudness=loud", "must be a number from -40 to -10 (LUFS)"),
            ("--call-loudness=NaN", "must be a number from -40 to -10 (LUFS)"),
            ("--call-peak=0", "must be a number from -20 to -0.5 (dBTP)"),
            ("--google-tts-url=ftp://x", "must begin with http:// or https://"),
            ("--google-tts-url=x", "not a URL"),
            ("--audio-cache-max=2X", "must be a size such as 512M or 2G"),
            ("--audio-cache-max=-1", "must be a size"),
            ("--audio-cache-max=G", "must be a size"),
            ("--audio-cache-max=99999999999T", "must be a size"),
            ("--openai-tts-url=https://user:pass@x", "must hold no user name and no password"),
            ("--piper-voices=es", "write language=voice, such as es=dalia,en=aria"),
            ("--wyoming-addr=10200", "must be host:port, such as 127.0.0.1:10200"),
            ("--azure-tts-region=east us", "must be a region such as eastus"),
            ("--tts-rates=google=fast", "such as 2/s or 600/m"),
        ] {
            let error = parse(&[arg]).unwrap_err();
            let first = error.lines().next().unwrap();
            assert!(first.contains(words), "{arg}: {first}");
        }
    }
}
