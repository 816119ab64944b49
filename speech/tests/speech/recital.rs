//! Speech that is listened to while it is being spoken.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use pregon_audio::{AIR_RATE, Pcm, Track, decode};
use pregon_core::{Lexicons as _, NotRecorded, Reciter as _, SoundFormat, Speech};
use pregon_speech::{LexiconFolder, Studio, SynthError};

use crate::fake::{Fake, speech, spoken, studio};

const THREE: &str = "La primera frase es esta. La segunda frase viene aquí. La tercera frase es la última.";

async fn recited(studio: &Studio, speech: &Speech, format: SoundFormat) -> Vec<u8> {
    let recital = studio.recite(speech, format, None).await.unwrap();
    recital.try_collect::<Vec<_>>().await.unwrap().concat()
}

fn samples(pcm: &[u8]) -> Vec<i16> {
    pcm.as_chunks::<2>().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect()
}

#[tokio::test]
async fn a_listener_hears_the_first_sentence_while_the_last_is_not_spoken() {
    let dir = tempfile::tempdir().unwrap();
    let voice = Fake::speaking("a");
    voice.gate.forget_permits(usize::MAX);
    voice.gate.add_permits(1);
    let studio = studio(std::slice::from_ref(&voice), dir.path());
    let mut recital = studio.recite(&speech(THREE), SoundFormat::Pcm, None).await.unwrap();
    let first = recital.next().await.unwrap().unwrap();
    assert!(samples(&first).iter().any(|sample| sample.unsigned_abs() > 1_000));
    assert_eq!(voice.asked()[0].text, "La primera frase es esta.");
    assert!(voice.asked().len() < 3, "the others wait for their turn");
    voice.gate.add_permits(2);
    let rest: Vec<_> = recital.try_collect().await.unwrap();
    assert!(rest.len() >= 2, "sentences come one by one");
    let texts: Vec<_> = voice.asked().into_iter().map(|utterance| utterance.text).collect();
    assert_eq!(texts[1..], ["La segunda frase viene aquí.", "La tercera frase es la última."]);
}

#[tokio::test]
async fn a_listener_who_stops_reading_keeps_nobody_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&[Fake::speaking("a")], dir.path());
    let mut stalled = Vec::new();
    for name in ["Ana", "Eva", "Luz", "Mar"] {
        let text = THREE.replace("frase", &format!("frase de {name}"));
        let mut recital = studio.recite(&speech(&text), SoundFormat::Pcm, None).await.unwrap();
        recital.next().await.unwrap().unwrap();
        // It has begun the next sentences, and is not asked for more.
        stalled.push(recital);
    }
    let heard = recited(&studio, &speech("Esta frase es de alguien que escucha."), SoundFormat::Pcm).await;
    assert!(!heard.is_empty());
}

#[tokio::test]
async fn a_lexicon_goes_over_a_text_once() {
    let dir = tempfile::tempdir().unwrap();
    let voice = Fake::speaking("a");
    let studio = studio(std::slice::from_ref(&voice), dir.path());
    let words = vec![("Cali".into(), "Santiago de Cali".into())];
    LexiconFolder::within(dir.path()).put(Some("acme"), "es", words).await.unwrap();
    let recital =
        studio.recite(&speech("El bus de Cali sale ya."), SoundFormat::Pcm, Some("acme")).await.unwrap();
    recital.try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(voice.asked()[0].text, "El bus de Santiago de Cali sale ya.");
}

#[tokio::test]
async fn every_format_holds_the_whole_speech() {
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&[Fake::speaking("a")], dir.path());
    let pcm = recited(&studio, &speech(THREE), SoundFormat::Pcm).await;
    let heard = Pcm::new(24_000, samples(&pcm).into_iter().map(|s| f32::from(s) / 32_768.0).collect());
    let letters = f64::from(u32::try_from(THREE.chars().count()).unwrap());
    // 60 ms per character, and pauses.
    assert!((heard.seconds() - letters * 0.06).abs() < 1.0, "{} s", heard.seconds());

    let wav = recited(&studio, &speech(THREE), SoundFormat::Wav).await;
    assert_eq!((&wav[..4], &wav[40..44]), (b"RIFF".as_slice(), [0xff; 4].as_slice()));
    assert_eq!(wav[44..], pcm, "the same sound behind a header");
    assert_eq!(decode(&wav, None, Duration::from_mins(1)).unwrap().rate, 24_000);

    let flac = recited(&studio, &speech(THREE), SoundFormat::Flac).await;
    assert!(flac.starts_with(b"fLaC") && flac.len() < pcm.len());
    let opus = recited(&studio, &speech(THREE), SoundFormat::Opus).await;
    assert_eq!(opus, recited(&studio, &speech(THREE), SoundFormat::Opus).await, "equal speech, equal bytes");
    for (name, bytes) in [("flac", flac), ("opus", opus)] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let mut track = Track::open(&path).unwrap();
        let (mut frames, mut block) = (0.0, vec![[0.0; 2]; 4_096]);
        let mut peak = 0.0_f32;
        loop {
            let read = track.read(&mut block).unwrap();
            if read == 0 {
                break;
            }
            frames += f64::from(u32::try_from(read).unwrap());
            peak = block[..read].iter().flatten().fold(peak, |peak, sample| peak.max(sample.abs()));
        }
        let seconds = frames / f64::from(AIR_RATE);
        assert!((seconds - heard.seconds()).abs() < 0.1, "{name}: {seconds} s");
        assert!(peak > 0.1, "{name} is silent");
    }
}

#[tokio::test]
async fn paragraphs_stand_apart_and_lines_without_words_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let voice = Fake::speaking("a");
    let studio = studio(std::slice::from_ref(&voice), dir.path());
    let together = recited(&studio, &speech("Uno dos tres. Cuatro cinco seis."), SoundFormat::Pcm).await;
    assert_eq!(voice.asked().len(), 1, "short sentences go together");
    let apart = recited(&studio, &speech("Uno dos tres.\n\n \nCuatro cinco seis."), SoundFormat::Pcm).await;
    let longest_silence = |pcm: &[u8]| {
        samples(pcm).split(|sample| sample.unsigned_abs() > 8).map(<[_]>::len).max().unwrap_or(0)
    };
    assert!(longest_silence(&apart) >= 12_000, "half a second between paragraphs");
    assert!(longest_silence(&together) < 6_000);
}

#[tokio::test]
async fn what_goes_wrong_is_told_before_the_first_byte_or_ends_the_speech() {
    let dir = tempfile::tempdir().unwrap();
    let voice = Fake::new("a", |utterance| match utterance.text.as_str() {
        text if text.contains("segunda") => {
            Err(SynthError::Unavailable { reason: "is away".into(), retry_after: None })
        }
        _ => Ok(vec![spoken(utterance)]),
    });
    let studio = studio(&[voice], dir.path());
    let refused = async |asked: &Speech, format| studio.recite(asked, format, None).await.err().unwrap();
    let away = refused(&speech("La segunda no se puede decir."), SoundFormat::Wav).await;
    assert!(matches!(away, NotRecorded::Unavailable { .. }), "{away}");
    for empty in ["", " \n\n "] {
        let nothing = refused(&speech(empty), SoundFormat::Wav).await;
        assert!(matches!(nothing, NotRecorded::Refused(_)), "{nothing}");
    }
    if !studio.formats().contains(&SoundFormat::Mp3) {
        assert!(matches!(refused(&speech(THREE), SoundFormat::Mp3).await, NotRecorded::Refused(_)));
    }
    let recital = studio.recite(&speech(THREE), SoundFormat::Pcm, None).await.unwrap();
    let heard: Vec<_> = recital.collect().await;
    assert!(heard[0].is_ok(), "the first sentence was spoken");
    assert!(heard.last().unwrap().is_err() && heard.iter().filter(|part| part.is_err()).count() == 1);
}
