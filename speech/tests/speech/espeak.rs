//! The real espeak-ng.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pregon_audio::{decode, is_silent, measure, wav};
use pregon_core::Speech;
use pregon_speech::{Espeak, Limits, Studio, SynthError, Synthesizer, Utterance};

use crate::fake::{CALL, speech};

const SIXTY_WORDS: &str = "Buenos días. Llamamos de la clínica San Rafael para recordarle que mañana, martes, a \
    las tres y media de la tarde, tiene una cita de control con la doctora Gómez en el consultorio doscientos cuatro. \
    Por favor, llegue quince minutos antes y traiga su documento de identidad. Si no puede asistir, responda este \
    mensaje o comuníquese con nosotros. Muchas gracias.";

pub(crate) async fn espeak() -> Option<Espeak> {
    let espeak = Espeak::find("espeak-ng").await;
    match espeak.trouble() {
        None => Some(espeak),
        Some(trouble) => {
            assert!(std::env::var_os("REQUIRE_SERVICES").is_none(), "{trouble}");
            eprintln!("SKIPPED: {trouble}");
            None
        }
    }
}

fn studio(espeak: Espeak, dir: &Path) -> Studio {
    Studio::with_engines(vec![Arc::new(espeak)], dir, CALL, vec![]).unwrap()
}

#[tokio::test]
async fn a_sixty_word_message_is_ready_for_a_call() {
    let Some(espeak) = espeak().await else { return };
    assert_eq!(SIXTY_WORDS.split_whitespace().count(), 60);
    let dir = tempfile::tempdir().unwrap();
    let clip = studio(espeak, dir.path()).clip(&speech(SIXTY_WORDS), None).await.unwrap();
    let path = clip.stem(dir.path()).unwrap().with_extension("wav");
    let bytes = fs::read(&path).unwrap();

    let info = wav::probe(bytes.as_slice()).unwrap();
    assert_eq!((info.rate, info.channels, info.bits), (8_000, 1, 16));
    let data = bytes.len() - 44;
    assert_eq!(bytes[4..8], u32::try_from(data + 36).unwrap().to_le_bytes(), "the RIFF size is true");
    assert_eq!(bytes[40..44], u32::try_from(data).unwrap().to_le_bytes(), "the data size is true");

    let heard = decode(&bytes, None, Duration::from_mins(2)).unwrap();
    let loudness = measure(&heard);
    println!(
        "60 words: {:.1} s, {:.2} LUFS, {:.2} dBTP",
        heard.seconds(),
        loudness.lufs,
        loudness.true_peak_dbtp
    );
    assert!((loudness.lufs + 19.0).abs() <= 1.0 && loudness.true_peak_dbtp <= -3.0, "{loudness:?}");
    assert!(!is_silent(&heard) && (15.0..35.0).contains(&heard.seconds()), "{}", heard.seconds());
    assert!(
        (clip.lufs - loudness.lufs).abs() < 0.05 && (clip.seconds - heard.seconds()).abs() < 0.01,
        "{clip:?}"
    );
}

#[tokio::test]
async fn text_is_only_ever_spoken() {
    let Some(espeak) = espeak().await else { return };
    let dir = tempfile::tempdir().unwrap();
    let trap = dir.path().join("trap");
    let touch = format!("$(touch {0}) `touch {0}`; touch {0} | touch {0}", trap.display());
    let studio = studio(espeak, &dir.path().join("audio"));
    for text in [
        "-h",
        "--help",
        "-w x.wav",
        "--version",
        "-f /etc/passwd",
        "\"comillas\" y 'más'",
        "$(rm -rf /)",
        &touch,
        "[[h@l@]]",
        "<speak><break time=\"9s\"/>hola</speak>",
        "&lt;b&gt;",
        "😀 hola 🎉",
        "%s%n%x",
        "\u{1}+30S hola",
        "a",
        "日本語",
    ] {
        let clip = studio.clip(&speech(text), None).await.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert!(clip.seconds > 0.15, "{text:?}: {} s", clip.seconds);
    }
    assert!(!trap.exists() && !Path::new("x.wav").exists());
    for text in ["... — …", "[[[[", "<speak><break time=\"9s\"/></speak>"] {
        let nothing = studio.clip(&speech(text), None).await;
        assert!(nothing.is_err_and(|error| !error.retry), "{text:?} has no sound and is refused for good");
    }
}

#[tokio::test]
async fn texts_that_a_voice_cannot_read_do_not_silence_it_for_others() {
    let Some(espeak) = espeak().await else { return };
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(espeak, dir.path());
    for n in 1..8 {
        assert!(
            studio.clip(&speech(&"٣".repeat(n)), None).await.is_err(),
            "Arabic digits have no sound in Spanish"
        );
    }
    assert!(studio.clip(&speech("hola"), None).await.is_ok());
}

#[tokio::test]
async fn phonemes_in_brackets_are_read_out_and_not_obeyed() {
    let Some(espeak) = espeak().await else { return };
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(espeak, dir.path());
    let obeyed = studio.clip(&speech("hola"), None).await.unwrap().seconds;
    let read_out = studio.clip(&speech("[[ola]] [[ola]] [[ola]]"), None).await.unwrap().seconds;
    assert!(read_out > 2.0 * obeyed, "{read_out} {obeyed}");
}

#[tokio::test]
async fn equal_requests_give_equal_bytes_without_the_cache_too() {
    if espeak().await.is_none() {
        return;
    }
    let render = async || {
        let dir = tempfile::tempdir().unwrap();
        let clip =
            studio(espeak().await.unwrap(), dir.path()).clip(&speech(SIXTY_WORDS), None).await.unwrap();
        let stem = clip.stem(dir.path()).unwrap();
        (clip.hash, fs::read(stem.with_extension("wav")).unwrap())
    };
    assert_eq!(render().await, render().await);
}

#[tokio::test]
async fn a_script_too_and_its_breaks_are_exact_between_real_words() {
    let Some(espeak) = espeak().await else { return };
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(espeak, dir.path());
    let text =
        r#"Su cita es mañana.<break time="750ms"/>Marque uno <lang xml:lang="en-US">for English</lang>."#;
    let asked = Speech { ssml: true, ..speech(text) };
    let render = async || {
        let clip = studio.clip(&asked, None).await.unwrap();
        assert!(!clip.cached);
        fs::read(clip.stem(dir.path()).unwrap().with_extension("wav")).unwrap()
    };
    let file = render().await;
    let samples = file[44..].as_chunks().0.iter().map(|pair| i16::from_le_bytes(*pair)).chain([1]);
    let (mut longest, mut length) = (0, 0);
    for sample in samples {
        length = if sample == 0 { length + 1 } else { 0 };
        longest = longest.max(length);
    }
    assert_eq!(longest, 6_000, "750 ms at 8 kHz");
    fs::remove_dir_all(dir.path()).unwrap();
    fs::create_dir_all(dir.path().join("tmp")).unwrap();
    assert!(render().await == file, "equal bytes after the cache was lost");
}

#[tokio::test]
async fn rate_and_voice_change_the_sound() {
    let Some(espeak) = espeak().await else { return };
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(espeak, dir.path());
    let text = "Su cita de control es mañana a las tres";
    let normal = studio.clip(&speech(text), None).await.unwrap();
    assert_eq!(normal.voice, "es-419");
    let slow = studio.clip(&Speech { rate: Some(0.6), ..speech(text) }, None).await.unwrap();
    assert!(slow.seconds > 1.3 * normal.seconds, "{} {}", slow.seconds, normal.seconds);
    let spain = studio.clip(&Speech { language: "es-ES".into(), ..speech(text) }, None).await.unwrap();
    assert_eq!(spain.voice, "es");
    let english = studio.clip(&Speech { voice: Some("en-gb".into()), ..speech(text) }, None).await.unwrap();
    assert_eq!(english.voice, "en-gb");
}

#[tokio::test]
async fn the_longest_text_is_spoken_whole() {
    let Some(espeak) = espeak().await else { return };
    let text: String = SIXTY_WORDS.chars().cycle().take(5_000).collect();
    let dir = tempfile::tempdir().unwrap();
    let clip = studio(espeak, dir.path()).clip(&speech(&text), None).await.unwrap();
    assert!(clip.seconds > 200.0, "{}", clip.seconds);
}

fn utterance() -> Utterance {
    Utterance { text: "hola".into(), language: "es".into(), voice: "es-419".into(), rate: 1.0 }
}

fn program(name: &str) -> String {
    format!("{}/tests/bin/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[tokio::test]
async fn a_missing_program_says_how_to_get_it() {
    let espeak = Espeak::find("no-such-espeak-ng").await;
    let error = espeak.synthesize(&utterance()).await.unwrap_err();
    assert!(matches!(&error, SynthError::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().contains("apt-get install espeak-ng"), "{error}");
    assert!(espeak.trouble().unwrap().contains("apt-get install espeak-ng"));
    assert_eq!(espeak.voice_for("es-CO", None).as_deref(), Some("es-419"), "Spanish is offered all the same");
    assert_eq!(espeak.info().languages, ["en", "es"]);
}

#[tokio::test]
async fn a_program_that_hangs_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let espeak = Espeak::find(program("hangs")).await;
    let limits = Limits { timeout: Duration::from_millis(300), ..espeak.limits() };
    let espeak = espeak.with_limits(limits);
    let pid_file = dir.path().join("pid");
    let asked = Utterance { text: pid_file.display().to_string(), ..utterance() };
    let error = espeak.synthesize(&asked).await.unwrap_err();
    assert!(error.to_string().contains("was killed"), "{error}");
    let pid = fs::read_to_string(pid_file).unwrap();
    let process = Path::new("/proc").join(pid.trim());
    let deadline = Instant::now() + Duration::from_secs(10);
    while process.exists() {
        assert!(Instant::now() < deadline, "it is still there");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_program_that_fails_is_quoted() {
    let espeak = Espeak::find(program("fails")).await;
    let error = espeak.synthesize(&utterance()).await.unwrap_err();
    assert!(error.to_string().contains("no data folder"), "{error}");
}

#[tokio::test]
async fn text_travels_by_standard_input_only() {
    let espeak = Espeak::find(program("echoes")).await;
    let spoken = espeak.synthesize(&utterance()).await.unwrap();
    let (args, text) = std::str::from_utf8(&spoken[0].bytes).unwrap().split_once('\n').unwrap();
    assert_eq!(args, "--stdin --stdout -b 1 -v es-419 -s 165");
    assert_eq!(text, "hola\n");

    let unlisted = Utterance { voice: "--path=/tmp".into(), ..utterance() };
    let error = espeak.synthesize(&unlisted).await.unwrap_err();
    assert!(matches!(error, SynthError::Rejected(_)), "only listed voices become arguments: {error:?}");
}
