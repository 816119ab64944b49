use serde_json::json;

use super::*;

fn rules() -> Rules {
    let mut rules = crate::request::tests::rules();
    let voice =
        |id: &str, language: &str| pregon_core::VoiceInfo { id: id.into(), language: language.into() };
    rules.repertoire.engines = vec![pregon_core::EngineInfo {
        id: "espeak".into(),
        voices: vec![voice("es-419", "es-419"), voice("en-gb", "en-GB")],
        languages: vec!["es".into(), "en".into()],
    }];
    rules
}

const FORMATS: [SoundFormat; 3] = [SoundFormat::Opus, SoundFormat::Wav, SoundFormat::Pcm];

fn asked(more: &Value) -> Result<Asked, Vec<FieldError>> {
    let mut request = json!({"model": "tts-1", "input": "hola", "voice": "alloy"});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    read(request, &rules(), &FORMATS)
}

#[test]
fn a_request_as_clients_come_with_it_gets_the_usual_voice() {
    let asked = asked(&json!({})).unwrap();
    let speech = Speech {
        text: "hola".into(),
        language: "es".into(),
        voice: None,
        engine: None,
        rate: None,
        ssml: false,
    };
    assert_eq!(asked, Asked { speech, format: SoundFormat::Wav, events: false }, "no MP3 in this build");
}

#[test]
fn model_voice_speed_and_format_are_followed() {
    let told = asked(&json!({
        "model": "espeak", "voice": {"id": "espeak:en-gb"}, "speed": 1.5, "response_format": "opus",
        "stream_format": "sse", "input": "One.\r\n\tTwo.", "instructions": "Cheerfully", "volume_multiplier": 2,
    }));
    let Asked { speech, format, events } = told.unwrap();
    assert_eq!((speech.engine.as_deref(), speech.voice.as_deref()), (Some("espeak"), Some("en-gb")));
    assert_eq!(
        (speech.language.as_str(), speech.rate),
        ("en-GB", Some(1.5)),
        "the language is that of the voice"
    );
    assert_eq!((speech.text.as_str(), format, events), ("One.\n Two.", SoundFormat::Opus, true));
    let spoken = asked(&json!({"voice": "en-gb", "language": "en-US", "speed": 1})).unwrap().speech;
    assert_eq!((spoken.language.as_str(), spoken.rate, spoken.engine), ("en-US", None, None));
    let usual = read(json!({"model": "m", "input": "x"}), &rules(), &[SoundFormat::Mp3, SoundFormat::Wav]);
    assert_eq!(usual.unwrap_err()[0].field, "model");
    let usual =
        read(json!({"model": "pregon", "input": "x"}), &rules(), &[SoundFormat::Mp3, SoundFormat::Wav]);
    assert_eq!(usual.unwrap().format, SoundFormat::Mp3);
}

#[test]
fn what_cannot_be_taken_is_named() {
    for (more, field) in [
        (json!({"input": null}), "input"),
        (json!({"input": " \n"}), "input"),
        (json!({"input": 7}), "input"),
        (json!({"input": "ñ".repeat(4_097)}), "input"),
        (json!({"model": null}), "model"),
        (json!({"model": "gpt-5"}), "model"),
        (json!({"voice": "nadie"}), "voice"),
        (json!({"voice": {"name": "alloy"}}), "voice"),
        (json!({"voice": 3}), "voice"),
        (json!({"response_format": "aac"}), "response_format"),
        (json!({"response_format": "mp3"}), "response_format"),
        (json!({"speed": 5}), "speed"),
        (json!({"speed": "fast"}), "speed"),
        (json!({"stream_format": "xml"}), "stream_format"),
        (json!({"language": "tlh"}), "language"),
    ] {
        let errors = asked(&more).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), [field], "{more}");
    }
    let unwritten = asked(&json!({"response_format": "mp3"})).unwrap_err();
    assert_eq!(unwritten[0].message, "is not written here: choose opus, wav, pcm");
    assert!(asked(&json!({"input": "ñ".repeat(4_096)})).is_ok());
}
