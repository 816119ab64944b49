//! A crowd of listeners on one thread: they read, and decode nothing.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout_at};

use super::Stream;

/// What one of them got.
struct Got {
    bytes: u64,
    /// Longest wait for more.
    gap: Duration,
    /// Whether the stream ended before the listener left.
    cut_off: bool,
}

/// That many listen for that long. Calls `ready` when all of them are there.
pub(crate) async fn listen(
    stream: Stream,
    listeners: usize,
    span: Duration,
    ready: impl FnOnce(),
) -> Result<String> {
    raise_file_limit();
    let mut sockets = Vec::new();
    for number in 0..listeners {
        let mut socket = TcpStream::connect(&stream.address)
            .await
            .with_context(|| format!("listener {number} cannot reach {}", stream.address))?;
        socket.write_all(stream.request().as_bytes()).await?;
        sockets.push(socket);
    }
    let until = Instant::now() + span;
    let mut tasks = JoinSet::new();
    for socket in sockets {
        tasks.spawn(follow(socket, until));
    }
    ready();
    let everybody = tasks.join_all().await;
    let cut_off = everybody.iter().filter(|got| got.cut_off).count();
    let least = everybody.iter().map(|got| got.bytes).min().unwrap_or_default();
    let most = everybody.iter().map(|got| got.bytes).max().unwrap_or_default();
    let gap = everybody.iter().map(|got| got.gap).max().unwrap_or_default();
    Ok(format!(
        "listeners={listeners} cut_off={cut_off} least_bytes={least} most_bytes={most} gap={:.3}",
        gap.as_secs_f64()
    ))
}

async fn follow(mut socket: TcpStream, until: Instant) -> Got {
    let mut got = Got { bytes: 0, gap: Duration::ZERO, cut_off: false };
    let (mut buffer, mut last) = ([0; 4 * 1024], Instant::now());
    loop {
        match timeout_at(until.into(), socket.read(&mut buffer)).await {
            Err(_) => return got,
            Ok(Ok(0) | Err(_)) => {
                got.cut_off = true;
                // The others are not to be disturbed by this one's end.
                sleep(until.saturating_duration_since(Instant::now())).await;
                return got;
            }
            Ok(Ok(read)) => {
                got.bytes += read as u64;
                got.gap = got.gap.max(last.elapsed());
                last = Instant::now();
            }
        }
    }
}

/// Most systems allow a process 1,024 open files unless it asks for more.
fn raise_file_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Where this fails, connecting will.
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).ok();
}
