//! Hearing a speech before it is sent.

use pregon_core::{Booth as _, Medium, NotRecorded, Segment, Shelf as _};
use pregon_speech::SynthError;

use crate::fake::{Fake, speech, studio};

#[tokio::test]
async fn reading_asks_no_engine_and_names_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (Fake::speaking("a"), Fake::speaking("b"));
    let studio = studio(&[first.clone(), second.clone()], dir.path());
    let asked = speech("  Mañana no\thabrá agua ");
    let reading = studio.read(&asked, Medium::Call, None).await.unwrap();
    assert_eq!(reading.text, "Mañana no habrá agua");
    let words = Segment::Words { text: reading.text.clone(), language: asked.language.clone() };
    assert_eq!(reading.segments, [words]);
    assert_eq!((reading.engine.as_str(), reading.voice.as_str()), ("a", "a-voice"));
    assert_eq!((reading.characters, reading.clip), (20, None));
    let other = pregon_core::Speech { engine: Some("b".into()), ..asked };
    assert_eq!(studio.read(&other, Medium::Call, None).await.unwrap().engine, "b");
    assert!(first.asked().is_empty() && second.asked().is_empty());
    for (text, language) in [(" \u{1} ", "es"), ("majQa'", "tlh")] {
        let odd = pregon_core::Speech { language: language.into(), ..speech(text) };
        assert!(
            matches!(studio.read(&odd, Medium::Air, None).await, Err(NotRecorded::Refused(_))),
            "{text:?}"
        );
    }
}

#[tokio::test]
async fn what_was_heard_is_what_is_sent_later() {
    let dir = tempfile::tempdir().unwrap();
    let voice = Fake::speaking("a");
    let studio = studio(std::slice::from_ref(&voice), dir.path());
    let asked = speech("Mañana no habrá agua");
    let heard = studio.record(&asked, Medium::Air, None).await.unwrap();
    let sent = studio.air_clip(&asked, None).await.unwrap();
    assert_eq!((sent.hash, sent.cached, voice.asked().len()), (heard.hash.clone(), true, 1));
    let again = studio.read(&asked, Medium::Air, None).await.unwrap();
    assert_eq!((again.characters, again.clip.unwrap().hash), (0, heard.hash));
    let call = studio.read(&asked, Medium::Call, None).await.unwrap();
    assert_eq!((call.characters, call.clip), (0, None), "it was spoken, though not for the telephone");
}

#[tokio::test]
async fn only_clips_are_handed_out() {
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&[Fake::speaking("a")], dir.path());
    for medium in [Medium::Call, Medium::Air] {
        let clip = studio.record(&speech("Mañana no habrá agua"), medium, None).await.unwrap();
        let path = studio.recording(&clip.hash).await.unwrap();
        assert_eq!(path, clip.stem(studio.audio_dir()).unwrap().with_extension("wav"));
        assert!(path.is_file());
        std::fs::write(&path, b"RIFF").unwrap();
        assert_eq!(studio.recording(&clip.hash).await, None, "what is not whole is not handed out");
    }
    let sound = std::fs::read_dir(dir.path().join("masters")).unwrap().next().unwrap().unwrap().path();
    let master = std::fs::read_dir(sound).unwrap().next().unwrap().unwrap().path();
    let upload = studio.keep(std::fs::read(&master).unwrap()).await.unwrap();
    let master = master.file_stem().unwrap().to_str().unwrap();
    for name in [master, &upload.id, "", "../masters", &"0".repeat(40), &"Z".repeat(40)] {
        assert_eq!(studio.recording(name).await, None, "{name}");
    }
}

#[tokio::test]
async fn what_cannot_be_spoken_says_whether_to_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let away = Fake::new("a", |utterance| match utterance.text.as_str() {
        "nunca" => Err(SynthError::Rejected("cannot say that".into())),
        _ => Err(SynthError::Unavailable { reason: "is away".into(), retry_after: None }),
    });
    let studio = studio(&[away], dir.path());
    let refused = studio.record(&speech("nunca"), Medium::Call, None).await;
    assert_eq!(refused, Err(NotRecorded::Refused("a cannot say that".into())));
    let later = studio.record(&speech("ahora no"), Medium::Call, None).await;
    assert!(matches!(later, Err(NotRecorded::Unavailable { why, .. }) if why.contains("a is away")));
}
