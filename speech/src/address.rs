//! Where sound lies: a hash of everything that changes it.

use std::fmt;
use std::time::Duration;

use pregon_core::Speech;
use sha2::{Digest, Sha256};

use crate::render::{Outlet, Profile};

/// Raise it whenever trimming, joining, levelling or encoding changes: old clips are then rendered anew.
const SCHEMA: &[u8] = b"pregon-speech/2";

/// Keeps what was sent apart from what was spoken.
const UPLOAD: &[u8] = b"pregon-upload/1";

/// Keeps the hash of a text apart from both.
const WORDS: &[u8] = b"pregon-words/1";

/// Content address: 160 bits of SHA-256, written as 40 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Address([u8; 20]);

/// What decides how a master sounds.
pub(crate) struct Recipe<'a> {
    /// The words as they are spoken: lexicon and normaliser have been over them.
    pub(crate) text: &'a str,
    pub(crate) language: &'a str,
    pub(crate) engine: &'a str,
    pub(crate) version: &'a str,
    pub(crate) voice: &'a str,
    pub(crate) rate: Rate,
}

/// Speaking rate in whole percent, so that rates that sound the same are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate(u16);

impl Rate {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within 25..=400")]
    pub(crate) fn of(factor: f32) -> Self {
        let factor = if factor.is_finite() { factor } else { 1.0 };
        Self((factor * 100.0).round().clamp(25.0, 400.0) as u16)
    }

    pub(crate) fn factor(self) -> f32 {
        f32::from(self.0) / 100.0
    }
}

impl Recipe<'_> {
    pub(crate) fn address(&self) -> Address {
        let mut hash = Sha256::new_with_prefix(SCHEMA);
        for field in [self.engine, self.version, self.voice, self.language, self.text] {
            add_text(&mut hash, field);
        }
        hash.update(self.rate.0.to_le_bytes());
        Address::from_hash(hash)
    }
}

/// The length keeps neighbours apart: "ab", "c" is not "a", "bc".
fn add_text(hash: &mut Sha256, text: &str) {
    hash.update(text.len().to_le_bytes());
    hash.update(text);
}

/// One step of a rendition.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'a> {
    /// The master at that address.
    Sound(Address),
    /// Silence.
    Pause(Duration),
    /// Makes no sound, but the sidecar tells where it lies.
    Mark(&'a str),
}

impl Address {
    /// The address of bytes that somebody sent.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        let mut hash = Sha256::new_with_prefix(UPLOAD);
        hash.update(bytes);
        Self::from_hash(hash)
    }

    /// The address that is written so: 40 hex digits.
    pub(crate) fn parse(hex: &str) -> Option<Self> {
        let mut address = [0; 20];
        let digits = hex.len() == 40 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        for (slot, at) in address.iter_mut().zip((0..40).step_by(2)) {
            *slot = u8::from_str_radix(hex.get(at..at + 2).filter(|_| digits)?, 16).ok()?;
        }
        Some(Self(address))
    }

    /// Where the clip lies that is made of these steps for `outlet`.
    pub(crate) fn rendition<'a>(
        steps: impl IntoIterator<Item = Step<'a>>,
        outlet: Outlet,
        profile: Profile,
    ) -> Self {
        let mut hash = Sha256::new_with_prefix(SCHEMA);
        for step in steps {
            match step {
                Step::Sound(master) => {
                    hash.update(b"s");
                    hash.update(master.0);
                }
                Step::Pause(length) => {
                    hash.update(b"p");
                    hash.update(length.as_nanos().to_le_bytes());
                }
                Step::Mark(name) => {
                    hash.update(b"m");
                    add_text(&mut hash, name);
                }
            }
        }
        hash.update(match outlet {
            Outlet::Call => b"call",
            Outlet::Air => b"air ",
        });
        hash.update(profile.lufs.to_le_bytes());
        hash.update(profile.max_dbtp.to_le_bytes());
        Self::from_hash(hash)
    }

    /// Tells apart what is to be read, and for whom.
    pub(crate) fn of_speech(speech: &Speech, client: Option<&str>) -> Self {
        let mut hash = Sha256::new();
        for text in [&speech.text, &speech.language, client.unwrap_or_default()] {
            add_text(&mut hash, text);
        }
        hash.update([u8::from(client.is_some()), u8::from(speech.ssml)]);
        hash.update(speech.rate.unwrap_or(1.0).to_le_bytes());
        Self::from_hash(hash)
    }

    /// Tells texts apart without keeping them.
    pub(crate) fn of_words(words: &str) -> Self {
        let mut hash = Sha256::new_with_prefix(WORDS);
        hash.update(words);
        Self::from_hash(hash)
    }

    fn from_hash(hash: Sha256) -> Self {
        let mut address = [0; 20];
        for (slot, byte) in address.iter_mut().zip(hash.finalize()) {
            *slot = byte;
        }
        Self(address)
    }

    /// The first two hex digits: the folder.
    pub(crate) fn shard(self) -> String {
        let mut hex = self.to_string();
        hex.truncate(2);
        hex
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Two digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        hex.extend([byte >> 4, byte & 15].into_iter().filter_map(|digit| char::from_digit(digit.into(), 16)));
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe<'a>() -> Recipe<'a> {
        Recipe {
            text: "su cita",
            language: "es",
            engine: "espeak",
            version: "1.51",
            voice: "es-419",
            rate: Rate::of(1.0),
        }
    }

    #[test]
    fn everything_that_changes_the_sound_changes_the_address() {
        let profile = Profile { lufs: -19.0, max_dbtp: -3.0 };
        let base = recipe().address();
        let mut all = vec![
            base,
            Recipe { text: "sucita", ..recipe() }.address(),
            Recipe { language: "es-CO", ..recipe() }.address(),
            Recipe { engine: "google", ..recipe() }.address(),
            Recipe { version: "1.52", ..recipe() }.address(),
            Recipe { voice: "es", ..recipe() }.address(),
            Recipe { voice: "es-419e", language: "s", ..recipe() }.address(),
            Recipe { rate: Rate::of(1.01), ..recipe() }.address(),
        ];
        let (sound, second) = (Step::Sound(base), Duration::from_secs(1));
        for steps in [
            vec![sound],
            vec![sound, sound],
            vec![sound, Step::Pause(second), sound],
            vec![sound, Step::Pause(second + Duration::from_millis(1)), sound],
            vec![sound, sound, Step::Pause(second)],
            vec![sound, Step::Mark("a"), sound],
            vec![sound, Step::Mark("b"), sound],
        ] {
            all.push(Address::rendition(steps.iter().copied(), Outlet::Call, profile));
            all.push(Address::rendition(steps, Outlet::Air, profile));
        }
        all.push(Address::rendition([sound], Outlet::Call, Profile { lufs: -18.0, ..profile }));
        all.push(Address::rendition([sound], Outlet::Call, Profile { max_dbtp: -4.0, ..profile }));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn a_hair_breadth_of_rate_does_not() {
        assert_eq!(Recipe { rate: Rate::of(1.001), ..recipe() }.address(), recipe().address());
    }

    #[test]
    fn rates_stay_within_what_engines_take() {
        for (asked, factor) in [(f32::NAN, 1.0), (0.0, 0.25), (9.0, 4.0), (f32::INFINITY, 1.0), (1.25, 1.25)]
        {
            assert!((Rate::of(asked).factor() - factor).abs() < 1e-6, "{asked:?}");
        }
    }

    #[test]
    fn an_address_is_forty_hex_digits() {
        let address = recipe().address();
        let text = address.to_string();
        assert!(text.len() == 40 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
        assert!(text.starts_with(&address.shard()) && address.shard().len() == 2);
        assert_eq!(Address::parse(&text), Some(address));
        for bad in
            [&text[1..], "", "../../../../../../../../../../etc/passwd", &text.replace(&text[..1], "G")]
        {
            assert_eq!(Address::parse(bad), None, "{bad}");
        }
    }
}
