//! Any program as an engine.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use pregon_speech::{Encoded, Espeak, Synthesizer as _};

use crate::fake::speech;
use crate::far::{engine, engines, kind, say, studio};

fn program(name: &str) -> String {
    format!("{}/tests/bin/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn args(command: &str) -> Vec<String> {
    vec![
        "--tts-engines=command".to_owned(),
        format!("--tts-command={command}"),
        "--tts-command-voices=es=es-419,en=en-us".to_owned(),
        "--tts-timeouts=command=10".to_owned(),
    ]
}

/// Whether the real espeak-ng is there.
async fn espeak() -> bool {
    let trouble = Espeak::find("espeak-ng").await.trouble();
    if let Some(trouble) = &trouble {
        assert!(std::env::var_os("REQUIRE_SERVICES").is_none(), "{trouble}");
        eprintln!("SKIPPED: {trouble}");
    }
    trouble.is_none()
}

fn seconds(file: &Encoded) -> f64 {
    pregon_audio::decode(&file.bytes, file.container, Duration::from_mins(5)).unwrap().seconds()
}

#[tokio::test]
async fn espeak_itself_is_such_a_program() {
    if !espeak().await {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&args("espeak-ng --stdin --stdout -b 1 -v es-419"), dir.path()).await;
    let clip = studio.clip(&speech("Su cita de control es mañana a las tres"), None).await.unwrap();
    assert_eq!((clip.engine.as_str(), clip.voice.as_str(), clip.fallback), ("command", "es-419", None));
    assert!((1.5..5.0).contains(&clip.seconds), "{}", clip.seconds);
}

#[tokio::test]
async fn a_script_has_voice_and_rate() {
    if !espeak().await {
        return;
    }
    let engine = engine(&args(&program("speaks"))).await;
    let normal = say(&*engine, "Su cita de control es mañana", 1.0).await.unwrap();
    let slow = say(&*engine, "Su cita de control es mañana", 0.6).await.unwrap();
    assert!(seconds(&slow[0]) > 1.3 * seconds(&normal[0]), "{} {}", seconds(&slow[0]), seconds(&normal[0]));
}

#[tokio::test]
async fn a_program_may_complain_as_much_as_it_likes() {
    if espeak().await {
        let engine = engine(&args(&program("chatters"))).await;
        let said = say(&*engine, "Su cita de control es mañana", 1.0).await.unwrap();
        assert!(seconds(&said[0]) > 1.0);
    }
}

#[tokio::test]
async fn the_text_travels_by_standard_input_only_and_our_secrets_not_at_all() {
    let engine = engine(&args(&format!("{} -a  --two", program("tells")))).await;
    let told = say(&*engine, "$(id) --help", 1.25).await.unwrap().remove(0);
    let told = String::from_utf8(told.bytes).unwrap();
    let (before, text) = told.split_once("--\n").map(|_| told.rsplit_once("--\n$(id)").unwrap()).unwrap();
    assert_eq!(text, " --help\n");
    let mut lines = before.lines();
    assert_eq!(lines.next(), Some("-a --two"), "the arguments are the settings' own");
    let names: Vec<_> = lines.clone().filter_map(|line| line.split_once('=')).collect();
    for expected in [("PREGON_VOICE", "es-419"), ("PREGON_LANGUAGE", "es-CO"), ("PREGON_RATE", "1.25")] {
        assert!(names.contains(&expected), "{names:?}");
    }
    let known = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "PWD", "OLDPWD", "SHLVL", "_"];
    let strange = |name: &&str| !known.contains(name) && !name.starts_with("PREGON_");
    let strangers: Vec<_> = names.iter().map(|(name, _)| *name).filter(strange).collect();
    assert!(strangers.is_empty(), "{strangers:?}: cargo sets a dozen of its own, none of which is passed on");
}

#[tokio::test]
async fn a_program_that_hangs_is_killed_with_its_children() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pids");
    let mut args = args(&program("stalls"));
    args[3] = "--tts-timeouts=command=1".to_owned();
    let error = say(&*engine(&args).await, &file.display().to_string(), 1.0).await.unwrap_err();
    assert_eq!((kind(&error), error.to_string().as_str()), ("unavailable", "did not answer in time"));
    let pids = fs::read_to_string(file).unwrap();
    for pid in pids.split_whitespace() {
        let deadline = Instant::now() + Duration::from_secs(10);
        while alive(pid) {
            assert!(Instant::now() < deadline, "{pid} of {pids} is still there");
            tokio::task::yield_now().await;
        }
    }
}

/// Whether the process runs; one that is dead and not yet waited for does not.
fn alive(pid: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

#[tokio::test]
async fn what_goes_wrong_is_said_without_the_text() {
    for (command, expected, words) in [
        (program("no-such-program"), "unavailable", "is not installed"),
        ("no-such-program -x".to_owned(), "unavailable", "is not installed"),
        (program("quotes"), "unavailable", "failed (exit status: 3)"),
        ("true".to_owned(), "corrupt", "wrote no audio"),
        (program("gushes"), "corrupt", "sent far more than speech"),
    ] {
        let error = say(&*engine(&args(&command)).await, "Su cita es mañana", 1.0).await.unwrap_err();
        assert_eq!(kind(&error), expected, "{command}: {error:?}");
        assert!(error.to_string().contains(words), "{command}: {error}");
        assert!(!error.to_string().contains("cita"), "{command}: {error}");
    }
    let missing = engine(&args("no-such-program")).await;
    assert!(missing.trouble().unwrap().contains("TTS_COMMAND"));
    assert_eq!(engine(&args("true")).await.trouble(), None);
}

#[tokio::test]
async fn sound_that_is_none_goes_to_the_next_engine() {
    let dir = tempfile::tempdir().unwrap();
    let clip = studio(&args("cat"), dir.path()).await.clip(&speech("Su cita es mañana"), None).await.unwrap();
    assert_eq!(clip.engine, "fake");
    assert!(clip.fallback.unwrap().contains("format is not supported"));
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_named() {
    for (settings, words) in [
        (vec![], "TTS_COMMAND is not set"),
        (vec!["--tts-command= "], "TTS_COMMAND is not set"),
        (vec!["--tts-command=cat"], "TTS_COMMAND_VOICES is not set"),
        (
            vec!["--tts-command=cat", "--tts-command-voices=es=-h"],
            "TTS_COMMAND_VOICES: \"-h\" is not passed to a program",
        ),
        (
            vec!["--tts-command=cat", "--tts-command-voices=es=$(id)"],
            "TTS_COMMAND_VOICES: \"$(id)\" is not passed",
        ),
        (vec!["--tts-command=cat", "--tts-command-voices=es=*"], "TTS_COMMAND_VOICES: \"*\" is not passed"),
    ] {
        let args: Vec<_> =
            ["--tts-engines=command"].iter().chain(&settings).map(|arg| (*arg).to_owned()).collect();
        let error = engines(&args).await.err().unwrap();
        assert!(error.starts_with(words) && !error.contains('\n'), "{error}");
    }
}
