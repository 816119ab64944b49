//! Just enough HTTP/1.1: one request at a time over a connection that stays open.

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An open connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer; `body` lies in the connection's buffer.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

/// A whole POST request, ready to be sent again and again.
pub(crate) fn post(host: &str, path: &str, key: Option<&str>, body: &str) -> Vec<u8> {
    let key = key.map(|k| format!("Authorization: Bearer {k}\r\n")).unwrap_or_default();
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{key}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(8 * 1024) })
    }

    /// Sends a request and reads its answer to the end.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        let head = loop {
            self.read().await?;
            if let Some(head) = parse(&self.buffer)? {
                break head;
            }
        };
        while self.buffer.len() < head.end + head.length {
            self.read().await?;
        }
        let body = self.buffer.get(head.end..).unwrap_or_default();
        Ok(Answer { status: head.status, body })
    }

    async fn read(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the API closed the connection");
        }
        Ok(())
    }
}

/// What the header says.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    /// Where the body begins.
    end: usize,
    /// Bytes of the body.
    length: usize,
}

/// The header, once it is there as a whole.
fn parse(bytes: &[u8]) -> Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(bytes.get(..end).unwrap_or_default())?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|l| l.split(' ').nth(1)).context("no status line")?.parse()?;
    let length = lines
        .filter_map(|l| l.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("an answer without Content-Length")?
        .1
        .trim()
        .parse()?;
    Ok(Some(Head { status, end: end + 4, length }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_once_it_is_complete() {
        let answer = b"HTTP/1.1 202 Accepted\r\ncontent-length: 12\r\nx: y\r\n\r\n{";
        assert_eq!(parse(&answer[..30]).unwrap(), None);
        assert_eq!(parse(answer).unwrap(), Some(Head { status: 202, end: 51, length: 12 }));
        assert!(
            parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err(),
            "a body of unknown length is refused, not guessed"
        );
    }

    #[test]
    fn a_request_states_its_length_in_bytes() {
        let request = String::from_utf8(post("h", "/p", Some("s"), "{\"t\":\"ñ\"}")).unwrap();
        assert!(request.contains("Content-Length: 10\r\n"), "{request}");
        assert!(request.contains("Authorization: Bearer s\r\n"));
    }
}
