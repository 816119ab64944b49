//! OpenAI's own Python client makes speech with us.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests say what is wrong by panicking, and print what they skip"
)]

mod rig;

use std::path::Path;
use std::time::Duration;

use pregon_audio::{AIR_RATE, Pcm, Track, decode};
use rig::{Backing, Rig};
use serde_json::{Value, json};
use tokio::process::Command;

const KEY: &str = "correct-horse-battery";

/// What the client told, and what it heard lies in the folder; `None` after saying SKIPPED where there is no such client.
async fn heard_by_the_client(rig: &Rig, folder: &Path) -> Option<Value> {
    let Some(python) = std::env::var_os("TEST_PYTHON") else {
        let why = "TEST_PYTHON names no Python with openai: run `tests/python.sh DIR`";
        assert!(std::env::var_os("REQUIRE_SERVICES").is_none_or(|v| v != "1"), "{why}");
        println!("SKIPPED: {why}");
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openai/client.py");
    let run = Command::new(python)
        .arg(script)
        .args([&format!("http://{}/v1", rig.base), KEY])
        .arg(folder)
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_mins(2), run).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// Seconds of sound in a file, which is not silent.
fn seconds(path: &Path) -> f64 {
    let mut track = Track::open(path).unwrap();
    let (mut frames, mut peak, mut block) = (0.0, 0.0_f32, vec![[0.0; 2]; 4_096]);
    loop {
        let read = track.read(&mut block).unwrap();
        if read == 0 {
            break;
        }
        frames += f64::from(u32::try_from(read).unwrap());
        peak = block[..read].iter().flatten().fold(peak, |peak, sample| peak.max(sample.abs()));
    }
    assert!(peak > 0.1, "{} is silent", path.display());
    frames / f64::from(AIR_RATE)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openais_client_makes_speech_with_us() {
    let keys = format!("reader:client:{KEY}");
    let rig =
        Rig::at_rest(&Backing::Embedded, &[("API_KEYS", &keys), ("TTS_ENGINES", "espeak")]).with_api().await;
    let folder = tempfile::tempdir().unwrap();
    let Some(told) = heard_by_the_client(&rig, folder.path()).await else { return };

    let pcm = std::fs::read(folder.path().join("pcm")).unwrap();
    let samples = pcm.as_chunks::<2>().0.iter().map(|bytes| f32::from(i16::from_le_bytes(*bytes)) / 32_768.0);
    let whole = Pcm::new(24_000, samples.collect());
    assert!((5.0..20.0).contains(&whole.seconds()), "{} s", whole.seconds());
    assert!(whole.sample_peak() > 0.1, "silent");
    for (form, media_type) in
        [("wav", "audio/wav"), ("opus", "audio/ogg"), ("flac", "audio/flac"), ("pcm", "audio/pcm")]
    {
        assert_eq!(told[form], media_type);
        let seconds = if form == "pcm" { whole.seconds() } else { seconds(&folder.path().join(form)) };
        assert!((seconds - whole.seconds()).abs() < 0.2, "{form}: {seconds} s");
    }
    let usual = std::fs::read(folder.path().join("usual")).unwrap();
    let usual = decode(&usual, None, Duration::from_mins(1)).unwrap();
    assert!(["audio/wav", "audio/mpeg"].iter().any(|known| told["usual"] == **known), "{told}");
    let faster = whole.seconds() / usual.seconds();
    assert!((1.1..1.4).contains(&faster), "{} s at 1.25", usual.seconds());

    assert_eq!(told["models"], json!(["pregon", "espeak"]));
    assert!(told["voices"].as_array().unwrap().contains(&json!("espeak:es-419")), "{told}");
    for (name, param) in [("aac", "response_format"), ("voice", "voice"), ("long", "input")] {
        assert_eq!(
            (&told[name][0], &told[name][1]),
            (&json!(param), &json!("invalid_request_error")),
            "{told}"
        );
    }
    assert!(told["aac"][2].as_str().unwrap().contains("opus, flac, wav, pcm"), "{told}");
    assert_eq!(told["stranger"], "authentication_error");
}
