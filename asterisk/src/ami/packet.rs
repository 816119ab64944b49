//! The framing: lines of `Name: value` that end in CRLF, and an empty line that ends a packet. Pure: bytes in, packets
//! out, and the other way round.
//!
//! Reading is tolerant and bounded. A line without a colon says nothing and is skipped, a line that is too long is
//! skipped whole, lines beyond a packet's size are skipped, and bytes that are no UTF-8 are replaced. Writing is strict:
//! a value that could end its line, and so begin a command of its own, is refused.

use std::collections::VecDeque;

/// Longest line that is read. Asterisk's own longest lines carry channel variables.
const MAX_LINE: usize = 8 * 1024;

/// Most bytes of one packet that are kept.
const MAX_PACKET: usize = 64 * 1024;

/// Longest value that is written. Asterisk skips packets with lines of more than 1024 bytes (`manager.c`, `get_input`).
const MAX_VALUE: usize = 900;

/// What Asterisk says at a time: an event, or the answer to an action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Packet {
    fields: Vec<(String, String)>,
}

impl Packet {
    /// The first value of that name. Names are compared without regard to case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of that name, in order.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = move |(n, _): &&(String, String)| n.eq_ignore_ascii_case(name);
        self.fields.iter().filter(named).map(|(_, value)| value.as_str())
    }
}

/// Turns bytes into packets, however they were cut on their way.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The line under way, without its end.
    line: Vec<u8>,
    /// The line under way is too long; the rest of it is skipped.
    too_long: bool,
    banner: Option<String>,
    packet: Packet,
    /// Bytes in `packet`.
    size: usize,
    ready: VecDeque<Packet>,
}

impl Decoder {
    /// Takes more bytes. To keep memory bounded, take out what is ready before the next ones.
    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|b| *b == b'\n') {
            let (line, rest) = bytes.split_at(end);
            self.extend(line);
            self.end_line();
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.extend(bytes);
    }

    /// The very first line, which stands alone: who the other side is.
    pub(super) fn banner(&self) -> Option<&str> {
        self.banner.as_deref()
    }

    /// The next packet that is whole.
    pub(super) fn packet(&mut self) -> Option<Packet> {
        self.ready.pop_front()
    }

    fn extend(&mut self, part: &[u8]) {
        if self.line.len() + part.len() > MAX_LINE {
            self.too_long = true;
            self.line.clear();
        }
        if !self.too_long {
            self.line.extend_from_slice(part);
        }
    }

    fn end_line(&mut self) {
        let line = String::from_utf8_lossy(&self.line).trim_end_matches('\r').to_owned();
        self.line.clear();
        let too_long = std::mem::take(&mut self.too_long);
        if self.banner.is_none() {
            self.banner = Some(line);
        } else if line.is_empty() && !too_long {
            self.end_packet();
        } else if let Some((name, value)) = line.split_once(':')
            && self.size + line.len() <= MAX_PACKET
        {
            self.size += line.len();
            self.packet.fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }

    fn end_packet(&mut self) {
        self.size = 0;
        let packet = std::mem::take(&mut self.packet);
        if !packet.fields.is_empty() {
            self.ready.push_back(packet);
        }
    }
}

/// Whether a value can be written: it fits in its line, and cannot end it.
pub(super) fn writable(value: &str) -> bool {
    value.len() <= MAX_VALUE && !value.contains(char::is_control)
}

/// A value that must not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value of {0} is too long or has a control character in it")]
pub(super) struct NotWritable(pub(super) &'static str);

/// The bytes of an action.
pub(super) fn encode(fields: &[(&'static str, &str)]) -> Result<Vec<u8>, NotWritable> {
    let mut text = String::new();
    for (name, value) in fields {
        if !writable(value) {
            return Err(NotWritable(name));
        }
        for part in [name, ": ", value, "\r\n"] {
            text.push_str(part);
        }
    }
    text.push_str("\r\n");
    Ok(text.into_bytes())
}

#[cfg(test)]
#[path = "packet_tests.rs"]
mod tests;
