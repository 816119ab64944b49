//! From asking for an announcement to hearing it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;

use super::Stream;
use super::ears::Ears;
use crate::http::{Connection, post};
use crate::times::Times;

/// Longest wait for an announcement, or for the programme behind it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pushes `file` through a socket of the Liquidsoap server protocol.
pub(crate) fn push(stream: &Stream, socket: &Path, file: &Path, times: usize) -> Result<String> {
    let mut socket =
        UnixStream::connect(socket).with_context(|| format!("cannot reach {}", socket.display()))?;
    let mut answers = BufReader::new(socket.try_clone()?);
    let request = format!("interrupting_requests.push file://{}\n", file.display());
    measure(stream, times, || {
        socket.write_all(request.as_bytes())?;
        let mut answer = String::new();
        while !answer.ends_with("END\r\n") {
            ensure!(answers.read_line(&mut answer)? > 0, "the station closed the connection");
        }
        ensure!(answer.starts_with(|c: char| c.is_ascii_digit()), "the station refused: {answer}");
        Ok(())
    })
}

/// What `POST /tts/broadcast` is asked for.
pub(crate) enum Say {
    /// A text. It is cached from the second time on.
    Text(String),
    /// The id of a file or an earlier job.
    Audio(String),
}

/// Posts broadcasts.
pub(crate) fn broadcast(stream: &Stream, api: &str, say: Say, times: usize) -> Result<String> {
    let body = match say {
        Say::Text(text) => json!({"text": text, "language": "es"}),
        Say::Audio(audio) => json!({"audio": audio}),
    };
    let request = post(api, "/tts/broadcast", None, &body.to_string());
    let runtime = crate::runtime()?;
    let mut connection = runtime.block_on(Connection::open(api))?;
    measure(stream, times, || {
        let answer = runtime.block_on(connection.exchange(&request))?;
        match answer.status {
            202 => Ok(()),
            status => bail!("{status}: {}", String::from_utf8_lossy(answer.body)),
        }
    })
}

/// Asks so many times, each time while the programme is heard. The first one does not count: it fills caches.
fn measure(stream: &Stream, times: usize, mut ask: impl FnMut() -> Result<()>) -> Result<String> {
    let ears = Ears::open(stream)?;
    let (mut answered, mut live, mut heard) = (Times::default(), Times::default(), Times::default());
    for turn in 0..=times {
        ears.programme(PATIENCE)?;
        // At another place in a page and in a block each time.
        thread::sleep(Duration::from_millis(400 + turn as u64 * 37 % 260));
        let sent = Instant::now();
        ask()?;
        let answer = sent.elapsed();
        let moment = ears.announcement(PATIENCE)?;
        if turn > 0 {
            answered.add(answer);
            live.add(moment.arrived.saturating_duration_since(sent));
            heard.add(moment.heard.saturating_duration_since(sent));
        }
    }
    Ok(format!(
        "answered_p50={:.3} live_p50={:.3} live_p95={:.3} live_max={:.3} heard_p50={:.3} heard_max={:.3}",
        answered.seconds_at(50),
        live.seconds_at(50),
        live.seconds_at(95),
        live.seconds_at(100),
        heard.seconds_at(50),
        heard.seconds_at(100),
    ))
}
