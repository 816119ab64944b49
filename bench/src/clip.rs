//! Being handed what was spoken before.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use pregon_audio::{Encoding, loudness};
use pregon_core::Speech;
use pregon_speech::{Espeak, Profile, Studio};

use crate::times::Times;

/// Studios that are opened anew for the same clip: each reads all of it.
const OPENINGS: usize = 200;

/// `short_p50_ms=… long_p50_ms=… cold_p50_ms=…` and so on.
pub(crate) async fn hand_out(audio_dir: &Path, times: usize) -> Result<String> {
    let open = async || {
        let espeak = Arc::new(Espeak::find("espeak-ng").await);
        let profile = Profile { lufs: loudness::CALL_LUFS, max_dbtp: loudness::CALL_MAX_DBTP };
        Studio::with_engines(vec![espeak], audio_dir, profile, vec![Encoding::Wav])
    };
    let short = speech("Hola Ana, su cita de control es mañana a las tres");
    let sentence = "Su cita de control es el lunes 24 de noviembre a las 15:30 y cuesta $45.000. ";
    let long = speech(&sentence.chars().cycle().take(5_000).collect::<String>());
    let studio = open().await?;
    let mut line = String::new();
    for (name, speech) in [("short", &short), ("long", &long)] {
        studio.clip(speech, None).await?;
        let mut taken = Times::default();
        for _ in 0..times {
            add(&mut taken, &studio, speech).await?;
        }
        line += &named(name, &mut taken);
    }
    let mut taken = Times::default();
    for _ in 0..OPENINGS {
        add(&mut taken, &open().await?, &short).await?;
    }
    line += &named("cold", &mut taken);
    Ok(line.trim_end().to_owned())
}

async fn add(taken: &mut Times, studio: &Studio, speech: &Speech) -> Result<()> {
    let asked = Instant::now();
    let clip = studio.clip(speech, None).await?;
    taken.add(asked.elapsed());
    ensure!(clip.cached, "a clip that was there was spoken again");
    Ok(())
}

fn named(name: &str, taken: &mut Times) -> String {
    let [p50, p99] = [50, 99].map(|percent| taken.seconds_at(percent) * 1_000.0);
    format!("{name}_p50_ms={p50:.3} {name}_p99_ms={p99:.3} ")
}

fn speech(text: &str) -> Speech {
    Speech {
        text: text.to_owned(),
        language: "es".to_owned(),
        voice: None,
        engine: None,
        rate: None,
        ssml: false,
    }
}
