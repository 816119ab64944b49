//! One connection to the manager interface, logged in.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::packet::{Decoder, NotWritable, Packet, encode};
use super::settings::AmiUrl;

/// How the other side introduces itself, whatever its version.
const BANNER: &str = "Asterisk Call Manager";

/// Room for a dozen events at a time.
const BUFFER: usize = 16 * 1024;

/// Why a connection cannot be used any more.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// No connection, or a broken one.
    #[error("{0}")]
    Unreachable(#[from] io::Error),
    /// The other side ended it.
    #[error("Asterisk closed the connection")]
    Closed,
    /// The other side says nothing.
    #[error("Asterisk does not answer")]
    Silent,
    /// Something else listens there.
    #[error("what listens there is not Asterisk's manager interface")]
    NotAsterisk,
    /// It works only after somebody changes a setting.
    #[error(
        "Asterisk refuses {what}: {why}; see the user's secret, read=call and write=call in manager.conf"
    )]
    Refused {
        /// What was refused.
        what: &'static str,
        /// What Asterisk said.
        why: String,
    },
    /// Nothing was sent.
    #[error(transparent)]
    NotWritable(#[from] NotWritable),
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    decoder: Decoder,
    buffer: Vec<u8>,
    /// Actions sent so far; their ids are counted.
    sent: u64,
    patience: Duration,
}

impl Connection {
    /// Connects and logs in. `patience` is how long to wait at each step, and later for the other side to take what is
    /// sent.
    pub(super) async fn open(url: &AmiUrl, patience: Duration) -> Result<Self, Broken> {
        let connected = TcpStream::connect((url.host.as_str(), url.port));
        let stream = timeout(patience, connected).await.map_err(|_| Broken::Silent)??;
        stream.set_nodelay(true)?;
        let buffer = Vec::with_capacity(BUFFER);
        let mut connection = Self { stream, decoder: Decoder::default(), buffer, sent: 0, patience };
        timeout(patience, connection.meet()).await.map_err(|_| Broken::Silent)??;
        timeout(patience, connection.log_in(url)).await.map_err(|_| Broken::Silent)??;
        Ok(connection)
    }

    /// The secret is for Asterisk alone, so whoever listens introduces himself first.
    async fn meet(&mut self) -> Result<(), Broken> {
        while self.decoder.banner().is_none() {
            self.receive().await?;
        }
        match self.decoder.banner() {
            Some(banner) if banner.starts_with(BANNER) => Ok(()),
            Some(_) | None => Err(Broken::NotAsterisk),
        }
    }

    async fn log_in(&mut self, url: &AmiUrl) -> Result<(), Broken> {
        let fields = [("Username", url.user.as_str()), ("Secret", &url.secret), ("Events", "call")];
        let id = self.send("Login", &fields).await?;
        loop {
            let packet = self.next().await?;
            if packet.get("Response").is_some() && packet.get("ActionID") == Some(&id) {
                return accepted(&packet).map_err(|why| Broken::Refused { what: "the login", why });
            }
        }
    }

    /// Sends an action, and returns the id that its answer will have. When it is cancelled or fails, the connection is
    /// of no use any more.
    pub(super) async fn send(
        &mut self,
        action: &'static str,
        fields: &[(&'static str, &str)],
    ) -> Result<String, Broken> {
        self.sent += 1;
        let id = self.sent.to_string();
        let head = [("Action", action), ("ActionID", id.as_str())];
        let bytes = encode(&[&head, fields].concat())?;
        timeout(self.patience, self.stream.write_all(&bytes)).await.map_err(|_| Broken::Silent)??;
        Ok(id)
    }

    /// The next packet. Cancel-safe.
    pub(super) async fn next(&mut self) -> Result<Packet, Broken> {
        loop {
            if let Some(packet) = self.decoder.packet() {
                return Ok(packet);
            }
            self.receive().await?;
        }
    }

    async fn receive(&mut self) -> Result<(), Broken> {
        self.buffer.clear();
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err(Broken::Closed);
        }
        self.decoder.push(&self.buffer);
        Ok(())
    }
}

/// Whether Asterisk does what it was asked, or else why not.
pub(super) fn accepted(answer: &Packet) -> Result<(), String> {
    if answer.get("Response") == Some("Success") {
        return Ok(());
    }
    Err(answer.get("Message").unwrap_or("no reason given").chars().take(200).collect())
}
