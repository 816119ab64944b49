//! A transmitter for tests: a tone in, real sockets out.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use clap::Parser;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::start::Outputs;
use super::{OutSettings, listen, serve};
use crate::air::{Spout, tap};
use crate::{BLOCK_FRAMES, Block};

/// Blocks between two announcements in [`Rig`]'s programme: 1.26 s, so that they begin anywhere in a page.
const ANNOUNCED_EVERY: u64 = 63;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    out: OutSettings,
}

/// The settings that these arguments make.
pub(super) fn settings(arguments: &[&str]) -> OutSettings {
    Line::parse_from([&["test"], arguments].concat()).out
}

/// Outputs on an address of their own, fed with a tone in real time or faster.
pub(super) struct Rig {
    pub(super) outputs: Outputs,
    pub(super) address: SocketAddr,
    stop: CancellationToken,
    silence: Arc<AtomicBool>,
    air: Option<JoinHandle<()>>,
}

impl Rig {
    /// `speed` 1 is real time. Every 63rd block is urgent.
    pub(super) fn on_air(arguments: &[&str], speed: u32) -> Self {
        let settings = settings(arguments);
        let (spouts, taps) = settings.streams().iter().map(|_| tap(64)).unzip();
        let stop = CancellationToken::new();
        let outputs = Outputs::alone(&settings, taps, &stop);
        let socket = listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(serve(socket, outputs.router(), stop.clone()));
        let silence = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&silence);
        let air = std::thread::spawn(move || play(spouts, speed, &over));
        Self { outputs, address, stop, silence, air: Some(air) }
    }

    /// The address of a page or stream.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Ends the stream as a station that closes does: with a last page.
    pub(super) fn sign_off(&mut self) {
        self.silence.store(true, Ordering::Relaxed);
        if let Some(air) = self.air.take() {
            air.join().unwrap();
        }
    }

    /// Sends a request and reads the answer up to its empty line.
    pub(super) async fn ask(&self, path: &str, headers: &str) -> (String, TcpStream) {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(socket.read_u8().await.unwrap());
        }
        (String::from_utf8(head).unwrap().to_ascii_lowercase(), socket)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.silence.store(true, Ordering::Relaxed);
        self.stop.cancel();
    }
}

fn play(mut spouts: Vec<Spout>, speed: u32, over: &AtomicBool) {
    let mut due = Instant::now();
    for number in 0_u64.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        let first_frame = number * BLOCK_FRAMES as u64;
        let frames = std::array::from_fn(|at| {
            // 500 Hz: 96 frames a period, so the phase needs no counting.
            let phase = u16::try_from(at % 96).unwrap();
            [0.25 * (f32::from(phase) * std::f32::consts::TAU / 96.0).sin(); 2]
        });
        let block = Block { first_frame, urgent: number % ANNOUNCED_EVERY == ANNOUNCED_EVERY - 1, frames };
        for spout in &mut spouts {
            while !spout.pour(&block) {
                std::thread::yield_now();
            }
        }
        due += Duration::from_millis(20) / speed;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

/// Asks until it is so.
pub(super) async fn until(what: &str, within: Duration, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + within;
    while !so() {
        assert!(Instant::now() < deadline, "not within {within:?}: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
