//! What is known about a clip or a master, beside it on disk, and whether the disk still tells the truth.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pregon_core::{Clip, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::address::{Address, hex};

/// What is known about a clip, beside it as `<hash>.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sidecar {
    /// Length in seconds.
    pub seconds: f64,
    /// Integrated loudness, LUFS.
    pub lufs: f64,
    /// True peak, dBTP.
    pub peak_dbtp: f64,
    /// The engine that spoke.
    pub engine: String,
    /// Its voice.
    pub voice: String,
    /// Language tag of the speech; empty for a sound that was sent in.
    pub language: String,
    /// Hash of the words that are spoken: finds the clips of a text without keeping the text.
    pub words: String,
    /// When it was rendered.
    pub created: Timestamp,
    /// Peaks of 160 equal stretches, 0 to 100 percent of full scale: enough to draw it.
    pub envelope: Vec<u8>,
    /// The places that its SSML names, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Its files, by extension.
    pub files: BTreeMap<String, Held>,
    /// Hash of all this and of the address: a sidecar that was changed, or is another clip's, is none.
    seal: String,
}

/// A place in a clip that has a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// As the SSML names it.
    pub name: String,
    /// Seconds from the beginning.
    pub seconds: f64,
}

/// What a file was when it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hex.
    pub sha256: String,
}

impl Held {
    /// What a file of these bytes is.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, sha256: hex(&Sha256::digest(bytes)) }
    }
}

/// Whose words a sound is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Speaker {
    pub(crate) engine: String,
    pub(crate) voice: String,
    pub(crate) language: String,
    pub(crate) words: String,
}

/// How a sound measures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measure {
    pub(crate) seconds: f64,
    pub(crate) lufs: f64,
    pub(crate) peak_dbtp: f64,
    pub(crate) envelope: Vec<u8>,
    pub(crate) marks: Vec<Mark>,
}

impl Sidecar {
    /// The sidecar of `clip`; `None` when there is none, or none that was written for it. Blocks for one small read.
    pub fn read(audio_dir: &Path, clip: &Clip) -> Option<Self> {
        Self::read_from(&clip.stem(audio_dir)?.with_extension("json"), Address::parse(&clip.hash)?)
    }

    pub(crate) fn read_from(path: &Path, address: Address) -> Option<Self> {
        let sidecar: Self = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        (sidecar.sealed_for(address)? == sidecar.seal).then_some(sidecar)
    }

    pub(crate) fn new(
        address: Address,
        by: Speaker,
        measure: Measure,
        files: BTreeMap<String, Held>,
        created: Timestamp,
    ) -> Option<Self> {
        let Speaker { engine, voice, language, words } = by;
        let Measure { seconds, lufs, peak_dbtp, envelope, marks } = measure;
        let [seconds, lufs, peak_dbtp] = [seconds, lufs, peak_dbtp].map(thousandths);
        let marks =
            marks.into_iter().map(|mark| Mark { seconds: thousandths(mark.seconds), ..mark }).collect();
        let seal = String::new();
        let mut sidecar = Self {
            seconds,
            lufs,
            peak_dbtp,
            engine,
            voice,
            language,
            words,
            created,
            envelope,
            marks,
            files,
            seal,
        };
        sidecar.seal = sidecar.sealed_for(address)?;
        Some(sidecar)
    }

    fn sealed_for(&self, address: Address) -> Option<String> {
        let open = Self { seal: String::new(), ..self.clone() };
        let mut hash = Sha256::new_with_prefix(address.to_string());
        hash.update(serde_json::to_vec(&open).ok()?);
        Some(hex(&hash.finalize()))
    }
}

fn thousandths(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sidecar(address: Address) -> Sidecar {
        let by = Speaker {
            engine: "espeak".into(),
            voice: "es-419".into(),
            language: "es".into(),
            words: "0".repeat(40),
        };
        let marks = vec![Mark { name: "turno".into(), seconds: 0.1 + 0.2 }];
        let measure =
            Measure { seconds: 2.0 / 3.0, lufs: -19.04, peak_dbtp: -3.3, envelope: vec![1, 99], marks };
        let files = BTreeMap::from([("wav".to_owned(), Held::of(b"sound"))]);
        Sidecar::new(address, by, measure, files, Timestamp::from_millis(1_700_000_000_123)).unwrap()
    }

    #[test]
    fn it_is_read_back_as_it_was_and_for_its_own_clip_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (own, other) = (Address::of_bytes(b"own"), Address::of_bytes(b"other"));
        let path = dir.path().join("a.json");
        fs::write(&path, serde_json::to_vec(&sidecar(own)).unwrap()).unwrap();
        assert_eq!(Sidecar::read_from(&path, own), Some(sidecar(own)));
        assert_eq!(Sidecar::read_from(&path, other), None);
    }

    #[test]
    fn no_byte_of_it_can_be_changed_unnoticed() {
        let dir = tempfile::tempdir().unwrap();
        let (address, path) = (Address::of_bytes(b"own"), dir.path().join("a.json"));
        let written = serde_json::to_vec(&sidecar(address)).unwrap();
        for at in 0..written.len() {
            for flip in [1, 2, 16] {
                let mut bytes = written.clone();
                bytes[at] ^= flip;
                fs::write(&path, &bytes).unwrap();
                let found = Sidecar::read_from(&path, address);
                // A digit of the number's end that no float can tell from its neighbour changes nothing.
                assert!(found.is_none_or(|found| found == sidecar(address)), "byte {at} ^ {flip}");
            }
        }
        for length in 0..written.len() {
            fs::write(&path, &written[..length]).unwrap();
            assert_eq!(Sidecar::read_from(&path, address), None, "cut at {length}");
        }
    }
}
