//! Load generator and measurements. `bench/run.sh` and `bench/radio.sh` string these together; each command prints one
//! line of `name=value` pairs on stdout.
//!
//! The generator shares its machine with what it measures, so it is lean: one thread, raw HTTP/1.1 over connections
//! that stay open, requests written once and sent many times, call files seen by inotify instead of polling.
#![expect(clippy::print_stdout, reason = "the results of a command-line tool")]

mod clip;
mod http;
mod load;
mod process;
mod radio;
mod spool;
mod times;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use radio::Stream;
use radio::announce::Say;

/// Measures a running Pregon.
#[derive(Parser)]
#[command(name = "pregon-bench", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What every request needs.
#[derive(Args, Clone)]
struct Target {
    /// Address of the API.
    #[arg(long, env = "API_ADDR", default_value = "127.0.0.1:5000")]
    api: String,
    /// Secret of an API key, when the API asks for one.
    #[arg(long)]
    key: Option<String>,
    /// The text of every call. Short, and always the same, so that its speech is cached.
    #[arg(long, default_value = "Su turno.")]
    text: String,
}

#[derive(Subcommand)]
enum Command {
    /// Submits jobs one per request over several connections.
    Submit {
        #[command(flatten)]
        target: Target,
        /// How many jobs.
        #[arg(long, default_value_t = 5_000)]
        jobs: u64,
        /// Connections, each with one request at a time.
        #[arg(long, default_value_t = 16)]
        connections: u16,
    },
    /// Submits jobs in batches over several connections.
    Batch {
        #[command(flatten)]
        target: Target,
        /// How many jobs.
        #[arg(long, default_value_t = 20_000)]
        jobs: u64,
        /// Jobs per request.
        #[arg(long, default_value_t = 1_000)]
        size: u64,
        /// Connections, each with one request at a time.
        #[arg(long, default_value_t = 4)]
        connections: u16,
    },
    /// Counts call files as they appear: prints `ready` when it watches, then the rate from the first to the last.
    Drain {
        /// The spool's `outgoing` folder.
        #[arg(long)]
        outgoing: PathBuf,
        /// How many files to wait for.
        #[arg(long)]
        jobs: u64,
        /// Seconds after which it gives up.
        #[arg(long, default_value_t = 600)]
        seconds: u64,
    },
    /// One job at a time: from sending the request to the appearance of its call file.
    Single {
        #[command(flatten)]
        target: Target,
        /// The spool's `outgoing` folder.
        #[arg(long)]
        outgoing: PathBuf,
        /// How many jobs.
        #[arg(long, default_value_t = 200)]
        jobs: u64,
        /// Each job says ten words that were not said before, up to 1,728 of them.
        #[arg(long)]
        fresh: bool,
    },
    /// How long it takes to be handed a clip that was spoken before: by a studio that has it in mind, and by one that
    /// meets it first; of a short text and of the longest.
    Clip {
        /// The audio folder; a new one.
        #[arg(long)]
        audio_dir: PathBuf,
        /// How often each.
        #[arg(long, default_value_t = 2_000)]
        times: usize,
    },
    /// CPU time that processes (and their ended children) have used so far, in milliseconds.
    Cpu {
        /// Process ids.
        #[arg(required = true)]
        pids: Vec<u32>,
    },
    /// Memory of a process: proportional and resident set size, MiB.
    Memory {
        /// Process id.
        pid: u32,
    },
    /// Pushes a file to a station over and over: seconds from sending the push to its answer, to the arrival of the
    /// page with the first sample, and to what a player without a buffer plays. The programme is a tone of 1 kHz.
    RadioPush {
        /// What a listener hears: ADDRESS:PORT/PATH.
        #[arg(long)]
        stream: Stream,
        /// The station's socket.
        #[arg(long)]
        socket: PathBuf,
        /// The announcement: anything but the programme's tone.
        #[arg(long)]
        file: PathBuf,
        /// How often.
        #[arg(long, default_value_t = 20)]
        times: usize,
    },
    /// The same, announced through the API.
    RadioBroadcast {
        /// What a listener hears: ADDRESS:PORT/PATH.
        #[arg(long)]
        stream: Stream,
        #[command(flatten)]
        target: Target,
        /// The id of a file that was sent to POST /audio, instead of a text.
        #[arg(long)]
        audio: Option<String>,
        /// How often.
        #[arg(long, default_value_t = 20)]
        times: usize,
    },
    /// Listens to a stream with many connections: prints `ready` when all are there.
    RadioCrowd {
        /// What they hear: ADDRESS:PORT/PATH.
        #[arg(long)]
        stream: Stream,
        /// How many.
        #[arg(long, default_value_t = 1_000)]
        listeners: usize,
        /// For how many seconds.
        #[arg(long, default_value_t = 30)]
        seconds: u64,
    },
}

fn main() -> Result<()> {
    let line = match Cli::parse().command {
        Command::Submit { target, jobs, connections } => {
            block_on(load::submit(target.into(), jobs, connections))?
        }
        Command::Batch { target, jobs, size, connections } => {
            block_on(load::batch(target.into(), jobs, size, connections))?
        }
        Command::Drain { outgoing, jobs, seconds } => {
            let watch = spool::Watch::new(&outgoing)?;
            println!("ready");
            watch.drain(jobs, Duration::from_secs(seconds))?
        }
        Command::Single { target, outgoing, jobs, fresh } => {
            let watch = spool::Watch::new(&outgoing)?;
            block_on(load::single(target.into(), watch, jobs, |job| fresh.then(|| load::ten_words(job))))?
        }
        Command::Clip { audio_dir, times } => block_on(clip::hand_out(&audio_dir, times))?,
        Command::Cpu { pids } => format!("cpu_ms={}", process::cpu_millis(&pids)?),
        Command::Memory { pid } => {
            let memory = process::memory(pid)?;
            format!("pss_mib={:.1} rss_mib={:.1}", memory.pss, memory.rss)
        }
        Command::RadioPush { stream, socket, file, times } => {
            radio::announce::push(&stream, &socket, &file, times)?
        }
        Command::RadioBroadcast { stream, target, audio, times } => {
            let say = audio.map_or(Say::Text(target.text), Say::Audio);
            radio::announce::broadcast(&stream, &target.api, say, times)?
        }
        Command::RadioCrowd { stream, listeners, seconds } => {
            let span = Duration::from_secs(seconds);
            block_on(radio::crowd::listen(stream, listeners, span, || println!("ready")))?
        }
    };
    println!("{line}");
    Ok(())
}

fn block_on<T>(task: impl Future<Output = Result<T>>) -> Result<T> {
    runtime()?.block_on(task)
}

/// One thread, because what is measured needs the others.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

impl From<Target> for load::Api {
    fn from(target: Target) -> Self {
        Self { address: target.api, key: target.key, text: target.text }
    }
}
