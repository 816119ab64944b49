//! The dashboard over a made-up day, to look at: `cargo run -p pregon-dashboard --example preview [-- 127.0.0.1:8080
//! [day|empty|away|keys|moving|announcing]]`. With `keys` the key is `correct-horse`.

#[path = "../tests/sample/mod.rs"]
mod sample;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use pregon_core::{Desk, Filter, Phase, State, Store, Waiting, clock};
use pregon_dashboard::{Dashboard, Language};
use sample::Memory;
use sample::air::{Studio, fill_air};
use sample::booth::Booth;
use sample::day::{CLIP, beats, fill, go_on};
use sample::gates::{channel, gates};
use sample::line::Line;
use sample::voices::voices;
use tokio_util::sync::CancellationToken;

const SAMPLES: u32 = 8_000 * 24;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let address = args.next().unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let scene = args.next().unwrap_or_else(|| "day".to_owned());
    let memory = Arc::new(Memory::default());
    let folder = std::env::temp_dir().join("pregon-preview");
    let mut waiting = Vec::new();
    if scene != "empty" {
        fill(&memory, clock::now()).await;
        waiting = fill_air(&memory, clock::now());
        write_files(&memory, &folder).await?;
    }
    let studio = Arc::new(Studio::at_noon(&waiting, clock::now()));
    if scene == "announcing" {
        studio.begin(clock::now());
        studio.add("la_voz");
    }
    studio.fall_silent(scene == "away");
    let booth = Arc::new(Booth::over(folder.join("audio")));
    booth.fall_silent(scene == "away");
    memory.go_away(scene == "away");
    let moving = scene == "moving";
    tokio::spawn({
        let (memory, studio) = (Arc::clone(&memory), Arc::clone(&studio));
        async move {
            loop {
                beats(&memory).await;
                tokio::time::sleep(Duration::from_millis(1_500)).await;
                if moving {
                    studio.play_on(1.5);
                    go_on(&memory, clock::now()).await;
                }
            }
        }
    });
    let line = Arc::new(Line::default());
    put_on_the_line(&memory, &line).await;
    line.go_away(scene == "away");
    let keys = if scene == "keys" { "marta:admin:correct-horse" } else { "" };
    let dashboard = Dashboard {
        desk: Desk::new(memory.clone(), memory),
        keys: keys.parse().map_err(std::io::Error::other)?,
        audio_dir: folder.join("audio"),
        spool_ledger: Some(folder.join("ledger")),
        gates: if scene == "empty" { channel() } else { gates() },
        switchboard: Some(line),
        radio: (scene != "empty").then_some(studio as _),
        voices: Some(voices(booth)),
        workers: Some(tokio::sync::watch::channel(4).0),
        language: Language::Es,
        zone: TimeZone::system(),
        api_url: "http://127.0.0.1:5000".to_owned(),
    };
    let listener = tokio::net::TcpListener::bind(&address).await?;
    dashboard.serve(listener, CancellationToken::new()).await
}

/// The telephones of the calls that Asterisk has taken ring.
async fn put_on_the_line(memory: &Memory, line: &Line) {
    let jobs = memory.list(&Filter { limit: 500, ..Filter::default() }).await.unwrap_or_default().jobs;
    for job in jobs {
        if let State::Dispatched { waiting: Waiting::Result, .. } = job.state {
            line.put(&job, Some(Phase::Ringing), clock::now());
        }
    }
}

/// A tone with an envelope, and a call file for each job that was handed over.
async fn write_files(memory: &Memory, folder: &Path) -> std::io::Result<()> {
    let (audio, ledger): (PathBuf, PathBuf) = (folder.join("audio").join(&CLIP[..2]), folder.join("ledger"));
    std::fs::create_dir_all(&audio)?;
    std::fs::create_dir_all(&ledger)?;
    // 24 s of a square wave at 250 Hz, 8 kHz, mono, 16 bit.
    let wave = |i: u32| if (i / 16).is_multiple_of(2) { 1_500_i16 } else { -1_500 };
    let mut wav = b"RIFF".to_vec();
    wav.extend((SAMPLES * 2 + 36).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    wav.extend((SAMPLES * 2).to_le_bytes());
    wav.extend((0..SAMPLES).flat_map(|i| wave(i).to_le_bytes()));
    std::fs::write(audio.join(CLIP).with_extension("wav"), wav)?;
    let envelope: Vec<u32> = (0..120).map(|i| 15 + (i * i * 7 + i * 13) % 80).collect();
    std::fs::write(audio.join(CLIP).with_extension("json"), format!(r#"{{"envelope":{envelope:?}}}"#))?;
    let jobs = memory.list(&Filter { limit: 500, ..Filter::default() }).await.unwrap_or_default().jobs;
    for job in jobs.iter().filter(|j| j.dispatched.is_some()) {
        let Some(call) = job.spec.call() else { continue };
        let taken = match job.state {
            State::Dispatched { waiting: Waiting::Pickup, .. } => "",
            _ => "\nStartRetry: 4711 1 (1763700000)\n",
        };
        let text = format!(
            "Channel: PJSIP/{}@claro\nWaitTime: 45\nMaxRetries: 0\nRetryTime: 3600\nArchive: yes\nContext: pregon-call\n\
             Extension: s\nPriority: 1\nSet: PREGON_JOB={}\nSet: PREGON_ATTEMPT={}\n{taken}",
            call.to.digits(),
            job.id,
            job.attempt
        );
        std::fs::write(ledger.join(job.key().to_string()), text)?;
    }
    Ok(())
}
