//! Feeding an Icecast server: one PUT request that never ends.

mod mount;
mod titles;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

pub use mount::Mount;

use super::codec::Format;
use super::events::Billboard;
use super::hub::Listener;
use super::start::Stream;

/// Pauses between attempts. The last one repeats: the server has to be fed again within 5 s after it is back.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// A server that does not answer within this is not there.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// A server that takes nothing for this long is not there any more.
const STALLED: Duration = Duration::from_secs(10);

/// More of an answer than we ever need.
const ANSWER_BYTES: usize = 4_096;

/// How the Icecast client is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relay {
    /// The first attempt is under way.
    Connecting,
    /// The server is being fed.
    OnAir,
    /// It is not, and why; the next attempt comes within seconds.
    Off(Arc<str>),
}

#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("no answer for {} s", .0.as_secs())]
    Silent(Duration),
    #[error("the server closed the connection")]
    Closed,
    #[error("the server refuses the password")]
    Password,
    #[error("the server refuses the stream: {0}")]
    Refused(String),
    #[error("the stream was too far behind")]
    Behind,
}

pub(super) struct Client {
    pub(super) mount: Mount,
    pub(super) stream: Stream,
    pub(super) billboard: Billboard,
    pub(super) report: watch::Sender<Relay>,
}

/// Feeds the server until `stop`, whatever happens to it. Listeners of our own never notice.
pub(super) async fn run(client: Client, station: Arc<str>, stop: CancellationToken) {
    let mut attempts = 0;
    loop {
        let begun = Instant::now();
        let lost = tokio::select! {
            lost = client.feed(&station) => lost,
            () = stop.cancelled() => return,
        };
        // One that was on air for a while is tried again at once; one that refuses us, with more and more patience.
        attempts = if begun.elapsed() > STALLED { 0 } else { attempts + 1 };
        let reason: Arc<str> = lost.to_string().into();
        let before = client.report.send_replace(Relay::Off(Arc::clone(&reason)));
        if before != Relay::Off(Arc::clone(&reason)) {
            tracing::warn!(server = %client.mount, %reason, "not on air at the Icecast server; trying again");
        }
        let pause = PAUSES.get(attempts).or(PAUSES.last()).copied().unwrap_or_default();
        tokio::select! {
            () = sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}

impl Client {
    /// Never returns while the server takes what it is given.
    async fn feed(&self, station: &str) -> Lost {
        let mut socket = match self.connect(station).await {
            Ok(socket) => socket,
            Err(lost) => return lost,
        };
        // From the live edge on, and only now: what was heard during the handshake would stay as delay.
        let mut pages = self.stream.hub.relay();
        let mut answer = [0; ANSWER_BYTES];
        let (mut reading, mut writing) = socket.split();
        self.report.send_replace(Relay::OnAir);
        tracing::info!(server = %self.mount, "on air at the Icecast server");
        let feeding = async {
            loop {
                if let Err(lost) = pass_on(&mut pages, &mut writing).await {
                    return lost;
                }
            }
        };
        let listening = async {
            loop {
                match reading.read(&mut answer).await {
                    Ok(0) => return Lost::Closed,
                    // "200 OK" after "100 Continue"; nothing else is ever said.
                    Ok(_) => {}
                    Err(error) => return error.into(),
                }
            }
        };
        tokio::select! {
            lost = feeding => lost,
            lost = listening => lost,
            never = titles::tell(&self.mount, self.billboard.read()) => match never {},
        }
    }

    async fn connect(&self, station: &str) -> Result<TcpStream, Lost> {
        let mut socket = self.mount.connect(ANSWER_WITHIN).await?;
        socket.write_all(self.request(station).as_bytes()).await?;
        let silent = |_| Lost::Silent(ANSWER_WITHIN);
        let head = timeout(ANSWER_WITHIN, read_head(&mut socket)).await.map_err(silent)??;
        match head.split_ascii_whitespace().nth(1) {
            Some("100" | "200") => Ok(socket),
            Some("401") => Err(Lost::Password),
            // "HTTP/1.0 403 Mountpoint in use"
            _ => Err(Lost::Refused(head.lines().next().unwrap_or_default().chars().take(100).collect())),
        }
    }

    fn request(&self, station: &str) -> String {
        let Mount { path, .. } = &self.mount;
        let (address, authorization) = (self.mount.address(), self.mount.authorization());
        let station: String = station.chars().filter(|c| !c.is_control()).collect();
        let kbits = self.stream.kbits;
        let media_type = match self.stream.format {
            // Icecast knows Ogg by this older name, and looks inside by itself.
            Format::Opus => "application/ogg",
            Format::Mp3 => Format::Mp3.media_type(),
        };
        [
            format!("PUT {path} HTTP/1.1"),
            format!("Host: {address}"),
            format!("Authorization: {authorization}"),
            concat!("User-Agent: Pregon/", env!("CARGO_PKG_VERSION")).into(),
            format!("Content-Type: {media_type}"),
            format!("Ice-Name: {station}"),
            "Ice-Public: 0".into(),
            format!("Ice-Bitrate: {kbits}"),
            format!("Ice-Audio-Info: ice-bitrate={kbits};ice-channels=2;ice-samplerate=48000"),
            "Expect: 100-continue".into(),
            "\r\n".into(),
        ]
        .join("\r\n")
    }
}

async fn pass_on(pages: &mut Listener, socket: &mut (impl AsyncWriteExt + Unpin)) -> Result<(), Lost> {
    let page = pages.next().await.ok_or(Lost::Behind)?;
    timeout(STALLED, socket.write_all(&page)).await.map_err(|_| Lost::Silent(STALLED))?.map_err(Lost::Io)
}

/// Reads an answer up to its empty line.
async fn read_head(socket: &mut TcpStream) -> Result<String, Lost> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= ANSWER_BYTES {
            return Err(Lost::Refused("its answer is no HTTP".into()));
        }
        head.push(socket.read_u8().await.map_err(|_| Lost::Closed)?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[cfg(test)]
mod tests;
