//! Which engines the settings make, and within which limits.

use std::time::Duration;

use clap::CommandFactory as _;
use pregon_speech::{Length, RequestRate};

use crate::far::{Program, engine, engines, long_text};

fn args(more: &[&str]) -> Vec<String> {
    more.iter().map(|arg| (*arg).to_owned()).collect()
}

const AZURE: [&str; 4] =
    ["--tts-engines=azure", "--azure-tts-key=k", "--azure-tts-region=eastus", "--azure-tts-voices=es=x"];

#[tokio::test]
async fn limits_are_the_usual_ones_unless_set() {
    let usual = engine(&args(&AZURE)).await.limits();
    assert_eq!((usual.request, usual.timeout), (Length::Characters(3_000), Duration::from_secs(30)));
    assert_eq!((usual.at_once, usual.rate), (8, None));
    assert!(usual.price.abs() < f64::EPSILON);

    let set = [
        "--tts-rates=google=2/s,azure=200/m",
        "--tts-concurrency=azure=3",
        "--tts-timeouts=azure=2.5",
        "--tts-prices=azure=16",
    ];
    let limits = engine(&args(&[&AZURE[..], &set].concat())).await.limits();
    assert_eq!(limits.rate, Some(RequestRate { requests: 200, per: Duration::from_mins(1) }));
    assert_eq!((limits.at_once, limits.timeout), (3, Duration::from_millis(2_500)));
    assert!((limits.price - 16.0).abs() < f64::EPSILON);
    assert_eq!(limits.request, usual.request, "what the service takes is not ours to set");
}

#[tokio::test]
async fn google_goes_at_its_rate() {
    let google = engine(&args(&["--tts-engines=google"])).await;
    assert_eq!(google.limits().rate.unwrap().interval(), Duration::from_secs(1));
    assert_eq!(google.limits().request, Length::Characters(100));
    assert_eq!(google.requests("Buenos días"), 1);
    assert!(google.requests(&long_text(500)) > 10, "a request for each clause");

    let set =
        engine(&args(&["--tts-engines=google", "--tts-rates=google=30/m", "--tts-prices=google=1"])).await;
    assert_eq!(set.limits().rate.unwrap().interval(), Duration::from_secs(2));
    assert!((set.limits().price - 1.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn espeak_takes_any_text_at_once() {
    let espeak =
        engine(&args(&["--tts-engines=espeak", "--tts-concurrency=espeak=1", "--tts-timeouts=espeak=3"]))
            .await;
    assert_eq!((espeak.limits().at_once, espeak.limits().timeout), (1, Duration::from_secs(3)));
    assert_eq!(espeak.requests(&long_text(4_000)), 1);
}

#[tokio::test]
async fn settings_that_contradict_themselves_are_refused() {
    for (setting, words) in [
        ("--tts-rates=google=1/s,google=2/s", "TTS_RATES: google stands twice"),
        ("--tts-timeouts=azure=1,azure=2", "TTS_TIMEOUTS: azure stands twice"),
        ("--tts-concurrency=google=1", "TTS_CONCURRENCY: google goes by its rate: set TTS_RATES"),
        ("--tts-engines=espeak,espeak", "espeak stands twice"),
    ] {
        let error = engines(&args(&[setting])).await.err().unwrap();
        assert_eq!(error, words);
    }
}

#[test]
fn help_explains_every_setting_and_shows_no_key() {
    let command = Program::command();
    for setting in command.get_arguments() {
        let name = setting.get_id().as_str();
        assert!(setting.get_help().is_some(), "{name}");
        assert!(setting.is_hide_env_values_set() || !name.ends_with("_key"), "{name} would show its value");
    }
}

#[test]
fn keys_print_as_stars() {
    use clap::Parser as _;
    let keys = [
        "--openai-tts-key=hush",
        "--azure-tts-key=hush",
        "--elevenlabs-key=hush",
        "--google-cloud-tts-key=hush",
    ];
    let program = Program::try_parse_from(std::iter::once("pregon").chain(keys)).unwrap();
    let shown = format!("{:?}", program.speech);
    assert!(!shown.contains("hush") && shown.matches("***").count() == 4, "{shown}");
}
