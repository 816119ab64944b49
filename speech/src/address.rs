//! Where sound lies: a hash of everything that changes it.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::render::{Outlet, Profile};
use crate::text::words;

/// Raise it whenever trimming, joining, levelling or encoding changes: old clips are then rendered anew.
const SCHEMA: &[u8] = b"pregon-speech/1";

/// Keeps what was sent apart from what was spoken.
const UPLOAD: &[u8] = b"pregon-upload/1";

/// Content address: 160 bits of SHA-256, written as 40 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Address([u8; 20]);

/// What decides how a master sounds.
pub(crate) struct Recipe<'a> {
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
    pub(crate) fn of(asked: Option<f32>) -> Self {
        let factor = asked.filter(|factor| factor.is_finite()).unwrap_or(1.0);
        Self((factor * 100.0).round().clamp(25.0, 400.0) as u16)
    }

    pub(crate) fn factor(self) -> f32 {
        f32::from(self.0) / 100.0
    }
}

impl Recipe<'_> {
    pub(crate) fn address(&self) -> Address {
        let mut hash = Sha256::new_with_prefix(SCHEMA);
        for field in [self.engine, self.version, self.voice, self.language] {
            // The length keeps neighbours apart: "ab", "c" is not "a", "bc".
            hash.update(field.len().to_le_bytes());
            hash.update(field);
        }
        hash.update(self.rate.0.to_le_bytes());
        for word in words(self.text) {
            hash.update(word);
            hash.update(b" ");
        }
        Address::from_hash(hash)
    }
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

    /// Where the clip lies that is made for `outlet` from the master at `self`.
    pub(crate) fn rendition(self, outlet: Outlet, profile: Profile) -> Self {
        let mut hash = Sha256::new_with_prefix(self.0);
        match outlet {
            Outlet::Call => {}
            Outlet::Air => hash.update(b"air"),
        }
        hash.update(profile.lufs.to_le_bytes());
        hash.update(profile.max_dbtp.to_le_bytes());
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
            rate: Rate::of(None),
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
            Recipe { rate: Rate::of(Some(1.01)), ..recipe() }.address(),
            base.rendition(Outlet::Call, profile),
            base.rendition(Outlet::Air, profile),
            base.rendition(Outlet::Call, Profile { lufs: -18.0, ..profile }),
            base.rendition(Outlet::Call, Profile { max_dbtp: -4.0, ..profile }),
        ];
        let count = all.len();
        all.sort_unstable_by_key(ToString::to_string);
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn spacing_and_hair_breadths_of_rate_do_not() {
        let same = Recipe { text: " su \n cita ", rate: Rate::of(Some(1.001)), ..recipe() };
        assert_eq!(same.address(), recipe().address());
    }

    #[test]
    fn rates_stay_within_what_engines_take() {
        for (asked, factor) in [
            (None, 1.0),
            (Some(f32::NAN), 1.0),
            (Some(0.0), 0.25),
            (Some(9.0), 4.0),
            (Some(f32::INFINITY), 1.0),
            (Some(1.25), 1.25),
        ] {
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
