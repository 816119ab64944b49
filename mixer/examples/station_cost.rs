//! What a station costs: processor time per minute of audio and memory, with its real threads, in real time.
//!
//! `cargo run --release -p pregon-mixer --example station_cost -- [SECONDS] [MUSIC FOLDER]`

use std::path::PathBuf;
use std::time::{Duration, Instant};

use pregon_mixer::programme::{Library, MusicOrder, ProgrammeArgs};
use pregon_mixer::{OnAir, Plan};

/// Ticks of `/proc/self/stat` per second on every Linux that is built today.
const TICKS: f64 = 100.0;

#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds: u64 = arguments.next().map_or(Ok(60), |text| text.parse())?;
    let programme = ProgrammeArgs {
        music_dir: arguments.next().map(PathBuf::from),
        music_order: MusicOrder::default(),
        crossfade_seconds: 0.0,
        radio_lufs: -16.0,
        music_demo: true,
    };
    let library = Library::open(&programme, &std::env::temp_dir())?;
    let plan =
        Plan { name: "cost".into(), crossfade: library.crossfade(), duck_db: -15.0, chime: None, taps: 1 };
    let mut on_air = OnAir::start(plan, library.playlist())?;
    let mut tap = on_air.taps.pop().ok_or("a station without a tap")?;

    let (began, before) = (Instant::now(), processor_seconds()?);
    let mut blocks = 0_u32;
    while began.elapsed() < Duration::from_secs(seconds) {
        blocks += u32::from(tap.next(Duration::from_millis(100)).is_some());
    }
    let minutes = f64::from(blocks) * 0.02 / 60.0;
    let readings = on_air.station.readings();
    println!("{blocks} blocks in {:.1} s", began.elapsed().as_secs_f64());
    println!("{:.3} CPU-seconds per minute of audio", (processor_seconds()? - before) / minutes);
    println!("{} resident", resident()?);
    println!(
        "underruns {}, late {}, lost {}, overruns {}",
        readings.underruns, readings.late, readings.lost, readings.overruns
    );
    on_air.stop();
    Ok(())
}

/// User and system time of this process.
fn processor_seconds() -> Result<f64, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name, in brackets, may hold spaces.
    let after_name = stat.rsplit(')').next().ok_or("no stat")?;
    let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / TICKS)
}

fn resident() -> Result<String, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line.ok_or("no VmRSS")?.trim().to_owned())
}
