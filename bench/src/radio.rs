//! Measuring a radio station from outside: what a live listener hears and when, and what a crowd of them costs.

pub(crate) mod announce;
pub(crate) mod crowd;
mod ears;
mod ogg;
mod onset;

use anyhow::{Context as _, Result, bail};
use std::net::TcpStream;

use std::io::{Read as _, Write as _};

/// A stream: `ADDRESS:PORT/PATH`.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    address: String,
    path: String,
}

impl std::str::FromStr for Stream {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, path) = text.split_once('/').ok_or("a stream is ADDRESS:PORT/PATH")?;
        Ok(Self { address: address.to_owned(), path: format!("/{path}") })
    }
}

impl Stream {
    /// HTTP/1.0: what comes back is the stream and nothing else, no chunks.
    fn request(&self) -> String {
        format!("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", self.path, self.address)
    }

    /// Connects and reads past the answer's header.
    fn open(&self) -> Result<TcpStream> {
        let mut socket =
            TcpStream::connect(&self.address).with_context(|| format!("cannot reach {}", self.address))?;
        socket.write_all(self.request().as_bytes())?;
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            socket.read_exact(&mut byte).context("no answer")?;
            head.extend(byte);
        }
        if !head.starts_with(b"HTTP/1.0 200") && !head.starts_with(b"HTTP/1.1 200") {
            bail!("{}: {}", self.address, String::from_utf8_lossy(&head).lines().next().unwrap_or_default());
        }
        Ok(socket)
    }
}
