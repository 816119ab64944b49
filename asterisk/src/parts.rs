//! The parts of a call file. Each type can only be made from text that is harmless in a call file and in the dialplan
//! that reads it, so that [`crate::CallFile`] has nothing left to escape.

mod channel;

use std::fmt;
use std::path::Path;
use std::str::FromStr;

pub use channel::{Channel, ChannelTemplate};

/// Longest template and caller id: with the rest of its line they stay far below what Asterisk reads.
const MAX_SETTING: usize = 200;

/// Longest audio path. Asterisk skips lines of more than 1023 bytes whole (`pbx_spool.c`, `apply_outgoing`), and the
/// variable would silently be missing.
const MAX_AUDIO_PATH: usize = 1_000;

/// Longest prefix of a number.
const MAX_PREFIX: usize = 12;

/// Longest trunk name.
const MAX_TRUNK: usize = 40;

/// Why a text cannot be part of a call file. Each message says how to put it right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// `ASTERISK_CHANNEL` is not usable.
    #[error("{template:?} is not a channel: {why}; write it like PJSIP/{{number}}@trunk")]
    Channel {
        /// What was given.
        template: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Not a trunk name.
    #[error("{0:?} is not a trunk name: 1 to 40 letters, digits, - or _")]
    Trunk(String),
    /// Not a caller id.
    #[error(
        "{0:?} is not a caller id: write a number such as +576015550000, or a name and a number such as Clinica <+576015550000>"
    )]
    CallerId(String),
    /// The audio folder cannot be named in a call file.
    #[error("the audio path {path:?} {why}; choose another PREGON_DATA_DIR")]
    AudioPath {
        /// What was given.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// A number as a trunk wants it: digits, with `+` or `*` among them. Made from numbers that were checked and from a
/// [`Prefix`], and from nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialled(String);

impl Dialled {
    /// Digits alone, whatever comes in: the last of several guards.
    pub(crate) fn of(number: &str) -> Self {
        Prefix::default().before(number)
    }

    /// It as what the callee sees.
    pub(crate) fn caller_id(&self) -> CallerId {
        CallerId(format!("<{}>", self.0))
    }
}

impl fmt::Display for Dialled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a trunk wants before every number: up to 12 digits or `*`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefix(String);

impl Prefix {
    /// A number with this before it.
    pub fn before(&self, number: &str) -> Dialled {
        let plain =
            number.chars().enumerate().filter(|(at, c)| c.is_ascii_digit() || (*at == 0 && *c == '+'));
        Dialled(self.0.chars().chain(plain.map(|(_, c)| c)).collect())
    }
}

impl FromStr for Prefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // `#` would begin a comment in a call file.
        if text.len() <= MAX_PREFIX && text.bytes().all(|b| b.is_ascii_digit() || b == b'*') {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "{:?} is not a prefix: up to {MAX_PREFIX} digits or *",
            text.chars().take(60).collect::<String>()
        ))
    }
}

/// The name of a trunk: 1 to 40 letters, digits, `-` or `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trunk(String);

impl FromStr for Trunk {
    type Err = PartError;

    fn from_str(name: &str) -> Result<Self, PartError> {
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if plain && (1..=MAX_TRUNK).contains(&name.len()) {
            return Ok(Self(name.to_owned()));
        }
        Err(PartError::Trunk(name.chars().take(60).collect()))
    }
}

impl fmt::Display for Trunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the callee sees: `<number>` or `"name" <number>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerId(String);

impl FromStr for CallerId {
    type Err = PartError;

    /// Reads `+576015550000`, `Clinica <6015550000>` or `"Clinica" <6015550000>`.
    fn from_str(text: &str) -> Result<Self, PartError> {
        let refuse = || PartError::CallerId(text.chars().take(60).collect());
        let (name, number) = match text.trim().strip_suffix('>') {
            None => ("", text.trim()),
            Some(open) => open.split_once('<').ok_or_else(refuse)?,
        };
        let name = name.trim();
        let name = name.strip_prefix('"').and_then(|n| n.strip_suffix('"')).unwrap_or(name);
        let digits = number.strip_prefix('+').unwrap_or(number);
        let is_number = (3..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let is_name = name.chars().all(|c| c.is_alphanumeric() || " .-_".contains(c));
        if !is_number || !is_name || text.chars().any(char::is_control) || text.len() > MAX_SETTING {
            return Err(refuse());
        }
        Ok(Self(if name.is_empty() { format!("<{number}>") } else { format!("\"{name}\" <{number}>") }))
    }
}

impl fmt::Display for CallerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a clip lies: absolute, and without extension, so that Asterisk picks the sibling that needs no transcoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioPath(String);

impl TryFrom<&Path> for AudioPath {
    type Error = PartError;

    fn try_from(path: &Path) -> Result<Self, PartError> {
        let refuse = |why| Err(PartError::AudioPath { path: path.display().to_string(), why });
        let Some(text) = path.to_str() else { return refuse("is not UTF-8") };
        if !path.is_absolute() {
            return refuse("is not absolute");
        }
        if text.chars().any(char::is_control) {
            return refuse("has a control character in it");
        }
        // `;` and `#` begin a comment in a call file; `&` separates files, `,` arguments, in Playback and Read.
        if text.contains([';', '#', '&', ',', '|', '"', '\\', '$']) {
            return refuse("has one of ; # & , | \" \\ $ in it, which Asterisk reads as syntax");
        }
        if text != text.trim_end() || path.file_name().is_none() {
            return refuse("does not end in a file name");
        }
        if path.extension().is_some() {
            return refuse("has an extension, and Asterisk adds its own");
        }
        if text.len() > MAX_AUDIO_PATH {
            return refuse("is longer than 1000 bytes");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for AudioPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_id_is_a_number_with_or_without_a_name() {
        for (text, line) in [
            ("6015550000", "<6015550000>"),
            (" +576015550000 ", "<+576015550000>"),
            ("<6015550000>", "<6015550000>"),
            ("Clínica San José <6015550000>", "\"Clínica San José\" <6015550000>"),
            ("\"TTS\" <3005550000>", "\"TTS\" <3005550000>"),
        ] {
            assert_eq!(text.parse::<CallerId>().unwrap().to_string(), line, "{text}");
        }
        for bad in
            ["", "TTS", "12", "x\n<6015550000>", "a;b <6015550000>", "a\"b <6015550000>", "A <6015550000"]
        {
            assert!(bad.parse::<CallerId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_audio_path_that_asterisk_would_misread_is_refused() {
        let read = |text: &str| AudioPath::try_from(Path::new(text)).map(|p| p.to_string());
        assert_eq!(read("/var/lib/pregon.d/audio/ab/abcd").as_deref(), Ok("/var/lib/pregon.d/audio/ab/abcd"));
        assert_eq!(read("/mis datos/ab").as_deref(), Ok("/mis datos/ab"));
        for (text, why) in [
            ("data/ab", "absolute"),
            ("/data/a\nb", "control"),
            ("/data/a;b", "syntax"),
            ("/data/a#b", "syntax"),
            ("/data/a&b", "syntax"),
            ("/data/a,b", "syntax"),
            ("/data/ab.wav", "extension"),
            ("/data/ab ", "file name"),
            ("/", "file name"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("PREGON_DATA_DIR"), "{text:?}: {error}");
        }
        assert!(read(&format!("/{}", "a".repeat(1_000))).unwrap_err().to_string().contains("1000"));
    }
}
