//! Speech that is sent while it is being spoken.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use pregon_audio::{Container, Pcm, decode, resample};
use pregon_core::{Medium, NotRecorded, Recital, Reciter, SoundFormat, Speech};
use pregon_text::{Lexicon, Piece, Say, Script};
use sha2::{Digest as _, Sha256};

use crate::booth::not_recorded;
use crate::sound::{FORMATS, Sound};
use crate::split::{End, sentences};
use crate::studio::{Studio, blocking};

/// Sentences spoken ahead of the one that is being sent.
const AHEAD: usize = 2;

/// Fewest characters of a sentence that is spoken alone: shorter ones sound chopped, and go with the next.
const SHORTEST: usize = 24;

/// Silence between two paragraphs, on top of what the sentences bring along.
const PARAGRAPH: Duration = Duration::from_millis(700);

/// Longer than any sentence that a job may have.
const LONGEST: Duration = Duration::from_mins(30);

#[async_trait]
impl Reciter for Studio {
    fn formats(&self) -> &'static [SoundFormat] {
        FORMATS
    }

    async fn recite(
        &self,
        speech: &Speech,
        format: SoundFormat,
        client: Option<&str>,
    ) -> Result<Recital, NotRecorded> {
        if !FORMATS.contains(&format) {
            return Err(NotRecorded::Refused(format!("this build writes no {}", format.as_str())));
        }
        let lines = self.lines(speech, client)?;
        let digest = Sha256::digest(&speech.text);
        let serial = digest.iter().take(4).fold(0, |serial, byte| serial << 8 | u32::from(*byte));
        let sound = Sound::begin(format, serial).map_err(fault)?;
        let (studio, client, rate) = (self.clone(), client.map(str::to_owned), Sound::rate(format));
        // A listener who stops listening polls nothing any more. What was begun for one holds a place and must end all the
        // same, so it runs by itself.
        let spoken = stream::iter(lines).map(move |line| {
            let sound = tokio::spawn(line.sound(studio.clone(), client.clone(), rate));
            async { sound.await.unwrap_or_else(|error| Err(fault(error.to_string()))) }
        });
        let mut spoken = spoken.buffered(AHEAD).boxed();
        // What goes wrong before anything was sent can still be told.
        let first = spoken.try_next().await?;
        Ok(written(sound, stream::iter(first.map(Ok)).chain(spoken).boxed()))
    }
}

impl Studio {
    /// What is to be heard, sentence by sentence. A line break ends a paragraph; SSML has its own ways to say so.
    fn lines(&self, speech: &Speech, client: Option<&str>) -> Result<Vec<Line>, NotRecorded> {
        if speech.ssml {
            return self.script(speech, client).map(|script| lines(&script, speech)).map_err(not_recorded);
        }
        let mut all = Vec::new();
        for paragraph in speech.text.lines() {
            let speech = Speech { text: paragraph.to_owned(), ..speech.clone() };
            // Without words, such as a row of dashes.
            let Ok(script) = self.script(&speech, client) else { continue };
            if !all.is_empty() {
                all.push(Line::Pause(PARAGRAPH));
            }
            all.extend(lines(&script, &speech));
        }
        if all.is_empty() {
            return self.script(speech, client).map(|_| all).map_err(not_recorded);
        }
        Ok(all)
    }
}

fn lines(script: &Script, speech: &Speech) -> Vec<Line> {
    let mut all = Vec::new();
    for piece in script.pieces() {
        match piece {
            Piece::Say(Say { text, language, rate }) => {
                for sentence in sentences(text, SHORTEST) {
                    if let Some(Line::Speech(_)) = all.last() {
                        all.push(Line::Pause(End::Sentence.pause()));
                    }
                    let voice = speech.voice.clone().filter(|_| *language == speech.language);
                    all.push(Line::Speech(Speech {
                        text: sentence.to_owned(),
                        language: language.clone(),
                        voice,
                        rate: Some(*rate),
                        ssml: false,
                        ..speech.clone()
                    }));
                }
            }
            Piece::Pause(length) => all.push(Line::Pause(*length)),
            Piece::Mark(_) => {}
        }
    }
    all
}

/// A stretch of a recital.
enum Line {
    Speech(Speech),
    Pause(Duration),
}

impl Line {
    async fn sound(self, studio: Studio, client: Option<String>, rate: u32) -> Result<Pcm, NotRecorded> {
        let speech = match self {
            Self::Speech(speech) => speech,
            Self::Pause(length) => return Ok(silence(length, rate)),
        };
        // It has been read already: a lexicon must not go over its own words.
        let pace = speech.rate.unwrap_or(1.0);
        let script = Script::plain(&speech.text, &speech.language, pace, &Lexicon::default());
        let clip = studio.record_script(Arc::new(script), &speech, Medium::Air, client.as_deref()).await?;
        let path = clip.stem(studio.audio_dir()).map(|stem| stem.with_extension("wav"));
        let read = blocking(move || {
            let bytes = std::fs::read(path.unwrap_or_default()).map_err(|error| error.to_string())?;
            let clip = decode(&bytes, Some(Container::Wav), LONGEST).map_err(|error| error.to_string())?;
            Ok(resample(&clip, rate))
        });
        read.await.map_err(|error| fault(error.to_string()))?.map_err(fault)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some seconds of samples")]
fn silence(length: Duration, rate: u32) -> Pcm {
    Pcm::new(rate, vec![0.0; (length.as_secs_f64() * f64::from(rate)).round() as usize])
}

/// Writes sounds as they come, and the end behind the last one.
fn written(sound: Sound, sounds: BoxStream<'static, Result<Pcm, NotRecorded>>) -> Recital {
    let bytes = stream::try_unfold(Some((sound, sounds)), |state| async {
        let Some((mut sound, mut sounds)) = state else { return Ok(None) };
        let next = sounds.try_next().await?;
        let step = blocking(move || match next {
            Some(more) => Ok((sound.write(&more)?, Some((sound, sounds)))),
            None => Ok((sound.end()?, None)),
        });
        step.await.map_err(|error| fault(error.to_string()))?.map_err(fault).map(Some)
    });
    bytes.try_filter(|bytes| std::future::ready(!bytes.is_empty())).boxed()
}

/// A fault of ours; the listener is told to come back, the log why.
fn fault(why: String) -> NotRecorded {
    tracing::error!(why, "a recital cannot be written");
    NotRecorded::Unavailable { why, retry_after: None }
}
