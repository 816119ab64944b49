//! Scripts of several pieces: what each engine is asked, and what lies between the words.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pregon_audio::{Pcm, decode};
use pregon_core::{Clip, Lexicons as _, Speech};
use pregon_speech::{LexiconFolder, Sidecar, SynthError};

use crate::fake::{Fake, speech, spoken, studio};

fn ssml(text: &str) -> Speech {
    Speech { ssml: true, ..speech(text) }
}

fn played(dir: &Path, clip: &Clip) -> Pcm {
    let file = std::fs::read(clip.stem(dir).unwrap().with_extension("wav")).unwrap();
    decode(&file, None, Duration::from_mins(1)).unwrap()
}

/// Lengths of the stretches of digital silence of a tenth of a second and more, in samples.
fn silences(clip: &Pcm) -> Vec<usize> {
    let (mut found, mut length) = (Vec::new(), 0);
    for sample in clip.to_i16().chain([1]) {
        if sample == 0 {
            length += 1;
        } else {
            found.extend(Some(length).filter(|length| *length >= clip.rate as usize / 10));
            length = 0;
        }
    }
    found
}

fn texts(engine: &Fake) -> Vec<String> {
    let mut texts: Vec<_> = engine.asked().into_iter().map(|utterance| utterance.text).collect();
    texts.sort();
    texts
}

#[tokio::test]
async fn a_break_is_exact_silence_on_the_telephone_and_on_the_air() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    let studio = studio(std::slice::from_ref(&engine), dir.path());
    let asked = ssml(r#"Su cita<break time="750ms"/>es mañana<break time="1.25s"/>a las tres"#);
    let call = studio.clip(&asked, None).await.unwrap();
    assert_eq!(silences(&played(dir.path(), &call)), [6_000, 10_000]);
    let air = studio.air_clip(&asked, None).await.unwrap();
    assert_eq!(silences(&played(dir.path(), &air)), [36_000, 60_000]);
    assert_eq!(texts(&engine), ["Su cita", "a las tres", "es mañana"], "once for both");
}

#[tokio::test]
async fn sentences_that_scripts_have_in_common_are_spoken_once() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    let studio = studio(std::slice::from_ref(&engine), dir.path());
    for name in ["Ana", "Luis", "Marta"] {
        let text = format!(r#"Hola {name}.<break time="300ms"/>Su cita es mañana."#);
        assert!(!studio.clip(&ssml(&text), None).await.unwrap().cached);
    }
    assert_eq!(texts(&engine), ["Hola Ana.", "Hola Luis.", "Hola Marta.", "Su cita es mañana."]);
}

#[tokio::test]
async fn one_engine_speaks_the_whole_script() {
    let dir = tempfile::tempdir().unwrap();
    let first = Fake::new("first", |utterance| {
        if utterance.text.contains("mañana") {
            return Err(SynthError::Rejected("does not like tomorrows".into()));
        }
        Ok(vec![spoken(utterance)])
    });
    let second = Fake::speaking("second");
    let studio = studio(&[first, Arc::clone(&second)], dir.path());
    let asked = ssml(r#"Su cita<break time="1s"/>es mañana<break time="1s"/>a las tres"#);
    let clip = studio.clip(&asked, None).await.unwrap();
    assert_eq!((clip.engine.as_str(), clip.voice.as_str()), ("second", "second-voice"));
    assert_eq!(clip.fallback.as_deref(), Some("first does not like tomorrows"));
    assert_eq!(texts(&second), ["Su cita", "a las tres", "es mañana"]);
}

#[tokio::test]
async fn rate_and_language_of_a_piece_reach_the_engine() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    let studio = studio(std::slice::from_ref(&engine), dir.path());
    let text = r#"Diga <lang xml:lang="en-US">support</lang> o <lang xml:lang="fr-FR">bonjour</lang>
        <prosody rate="80%">y espere</prosody>"#;
    studio.clip(&Speech { rate: Some(1.5), ..ssml(text) }, None).await.unwrap();
    let mut asked: Vec<_> =
        engine.asked().into_iter().map(|u| (u.text, u.language, u.voice, format!("{:.2}", u.rate))).collect();
    asked.sort();
    let expected = [
        ("Diga", "es", "1.50"),
        // The engine speaks no French: a word that sounds foreign is better than no message.
        ("bonjour", "es", "1.50"),
        ("o", "es", "1.50"),
        ("support", "en-US", "1.50"),
        ("y espere", "es", "1.20"),
    ];
    let expected = expected.map(|(text, language, rate)| {
        (text.to_owned(), language.to_owned(), "only-voice".to_owned(), rate.to_owned())
    });
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn a_mark_is_found_in_the_sidecar() {
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&[Fake::speaking("only")], dir.path());
    let clip = studio.clip(&ssml(r#"Uno<break time="2s"/><mark name="dos"/>dos"#), None).await.unwrap();
    let marks = Sidecar::read(dir.path(), &clip).unwrap().marks;
    let [mark] = marks.as_slice() else { panic!("{marks:?}") };
    let sound = played(dir.path(), &clip);
    let quiet = silences(&sound);
    assert_eq!((mark.name.as_str(), quiet.as_slice()), ("dos", [16_000].as_slice()));
    let run = vec![0; 16_000];
    let samples: Vec<i16> = sound.to_i16().collect();
    let begins = samples.windows(16_000).position(|window| window == run).unwrap() + 16_000;
    #[expect(clippy::cast_precision_loss, reason = "test maths")]
    let begins = begins as f64 / 8_000.0;
    assert!((mark.seconds - begins).abs() < 0.002, "{} at {begins}", mark.seconds);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_before_any_engine_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    let studio = studio(std::slice::from_ref(&engine), dir.path());
    for (asked, reason) in [
        (ssml("Hola <audio src='x'/>"), "audio"),
        (ssml("Hola <break time='1s'"), "no SSML"),
        (ssml(r#"<break time="1s"/>"#), "nothing in the text"),
        (speech(" \u{0} \n"), "nothing in the text"),
    ] {
        let error = studio.clip(&asked, None).await.unwrap_err();
        assert!(!error.retry && error.message.contains(reason), "{error}");
    }
    assert!(engine.asked().is_empty());
}

#[tokio::test]
async fn a_client_hears_words_as_its_lexicon_says_them() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    let studio = studio(std::slice::from_ref(&engine), dir.path());
    let lexicons = LexiconFolder::within(dir.path());
    let put = async |alias: &str| {
        lexicons.put(Some("acme"), "es", vec![("IPS".into(), alias.into())]).await.unwrap();
    };
    put("entidad").await;
    let asked = speech("La IPS abre hoy");
    let plain = studio.clip(&asked, None).await.unwrap();
    let own = studio.clip(&asked, Some("acme")).await.unwrap();
    let other = studio.clip(&asked, Some("other")).await.unwrap();
    assert_ne!(plain.hash, own.hash);
    assert_eq!((plain.hash.as_str(), other.cached), (other.hash.as_str(), true));
    assert!(texts(&engine).contains(&"La entidad abre hoy".to_owned()), "{:?}", texts(&engine));
    put("ipese").await;
    let again = studio.clip(&asked, Some("acme")).await.unwrap();
    assert!(again.hash != own.hash && !again.cached, "a lexicon that has changed is heard at once");
    assert!(texts(&engine).contains(&"La ipese abre hoy".to_owned()), "{:?}", texts(&engine));
}
