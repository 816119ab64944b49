//! Somebody who speaks: ten bytes for every text, kept under a name made of it; or word by word.

use std::path::PathBuf;

use futures_util::{StreamExt as _, stream};
use pregon_core::{
    Booth, Clip, Medium, NotRecorded, Reading, Recital, Reciter, Segment, SoundFormat, Speech,
};

use crate::world::clip;

/// Reads half past six as it is said, says nothing that is written in capitals, and is hoarse after `hm`.
pub(crate) struct Speaker(pub(crate) PathBuf);

/// What the name of a clip begins with, on the telephone and on the air.
const NAMES: [&str; 2] = ["00112233445566778899aabbccddeeff0000", "00112233445566778899aabbccddeeffffff"];

fn spoken(speech: &Speech, medium: Medium) -> Clip {
    let [call, air] = NAMES;
    let name = if medium == Medium::Air { air } else { call };
    Clip { hash: format!("{name}{:04x}", speech.text.len()), ..clip() }
}

impl Speaker {
    fn file(&self, clip: &Clip) -> PathBuf {
        clip.stem(&self.0).unwrap().with_extension("wav")
    }
}

#[async_trait::async_trait]
impl Booth for Speaker {
    async fn read(&self, speech: &Speech, medium: Medium, _: Option<&str>) -> Result<Reading, NotRecorded> {
        if speech.text.chars().all(char::is_uppercase) {
            return Err(NotRecorded::Refused("espeak cannot say that".to_owned()));
        }
        let text = speech.text.replace("18:30", "seis y media");
        let clip = Some(spoken(speech, medium)).filter(|clip| self.file(clip).exists());
        Ok(Reading {
            segments: vec![
                Segment::Words { text: text.clone(), language: speech.language.clone() },
                Segment::Pause(std::time::Duration::from_millis(250)),
            ],
            engine: "espeak".to_owned(),
            voice: speech.voice.clone().unwrap_or_else(|| "es".to_owned()),
            characters: if clip.is_some() { 0 } else { text.chars().count() as u64 },
            clip: clip.map(|clip| Clip { cached: true, ..clip }),
            text,
        })
    }

    async fn record(&self, speech: &Speech, medium: Medium, _: Option<&str>) -> Result<Clip, NotRecorded> {
        if speech.text == "hm" {
            let retry_after = Some(std::time::Duration::from_secs(42));
            return Err(NotRecorded::Unavailable { why: "espeak is hoarse".to_owned(), retry_after });
        }
        let clip = spoken(speech, medium);
        let file = self.file(&clip);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, b"0123456789").unwrap();
        Ok(clip)
    }

    fn price(&self, engine: &str) -> f64 {
        if engine == "espeak" { 15.0 } else { 0.0 }
    }

    async fn recording(&self, hash: &str) -> Option<PathBuf> {
        let ours = hash.len() == 40 && NAMES.iter().any(|name| hash.starts_with(name));
        ours.then(|| self.file(&Clip { hash: hash.to_owned(), ..clip() }))
    }
}

#[async_trait::async_trait]
impl Reciter for Speaker {
    fn formats(&self) -> &'static [SoundFormat] {
        &[SoundFormat::Opus, SoundFormat::Wav, SoundFormat::Pcm]
    }

    /// Word by word, with the format before the first; loses its voice at `hm`.
    async fn recite(
        &self,
        speech: &Speech,
        format: SoundFormat,
        _: Option<&str>,
    ) -> Result<Recital, NotRecorded> {
        let hoarse = || NotRecorded::Unavailable { why: "espeak is hoarse".to_owned(), retry_after: None };
        if speech.text.starts_with("hm") {
            return Err(hoarse());
        }
        let words =
            speech.text.split(' ').map(|word| if word == "hm" { Err(hoarse()) } else { Ok(word.into()) });
        let words: Vec<Result<Vec<u8>, _>> =
            std::iter::once(Ok(format.as_str().into())).chain(words).collect();
        Ok(stream::iter(words).boxed())
    }
}
