//! One endless Ogg Opus stream (RFC 7845).

use thiserror::Error;

use super::{AIR_RATE, Frame, ogg};

/// Frames in one block of the air, and in one Opus packet: 20 ms.
pub const AIR_BLOCK: usize = 960;

/// Blocks in a page unless it is flushed before: 100 ms. A page is what a listener waits for; shorter ones cost more
/// in headers and in writes to a thousand sockets than anybody hears.
pub const PAGE_BLOCKS: usize = 5;

/// Frames that a player throws away after it joins, until its decoder has settled: RFC 7845 asks for 80 ms.
const PRE_SKIP: u16 = 3_840;

/// A minute of music at 128 kbit/s costs 0.28 s of CPU time at 5, 0.35 s at 7, 0.46 s from 8 on (release build, all at
/// once; block by block in real time, with cold caches, it is half as much again). At the bit rates of a station the
/// higher ones are hardly heard.
const COMPLEXITY: i32 = 5;

/// Number of the first page with sound: the headers are 0 and 1, and libogg insists on that.
const FIRST_PAGE: u32 = 2;

/// Opus at 510 kbit/s, the most it can do, makes packets of 1,275 bytes.
const LONGEST_PACKET: usize = 1_500;

/// Why there is no encoder.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodeError {
    /// Opus does not do this bit rate. Choose one from 6,000 to 510,000 bit/s.
    #[error("Opus cannot do {0} bit/s: choose from 6000 to 510000")]
    BitRate(u32),
    /// libopus refused; its own words.
    #[error("libopus: {0}")]
    Opus(String),
}

impl From<opus::Error> for EncodeError {
    fn from(error: opus::Error) -> Self {
        Self::Opus(error.description().into())
    }
}

/// A piece of the stream that can be sent: a whole Ogg page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The page as it goes to whoever has listened from the start.
    pub bytes: Vec<u8>,
    /// Its number in the stream, which the next page continues; it wraps after years.
    pub sequence: u32,
    /// Position of its end in the stream, in frames of [`AIR_RATE`], pre-skip included.
    pub granule: u64,
    /// Sound in it, in frames.
    pub frames: u64,
}

/// The page with which a listener began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    sequence: u32,
    granule: u64,
}

impl Page {
    /// For a listener who hears this page first.
    pub fn origin(&self) -> Origin {
        Origin { sequence: self.sequence, granule: self.granule - self.frames }
    }

    /// The page as it goes to a listener for whom the stream began at `origin`: that listener gets a stream without a
    /// hole behind the headers, and a player that shows the time begins at zero.
    pub fn since(&self, origin: Origin) -> Vec<u8> {
        let sequence = self.sequence.wrapping_sub(origin.sequence).wrapping_add(FIRST_PAGE);
        ogg::rebased(&self.bytes, self.granule.saturating_sub(origin.granule), sequence)
    }
}

/// Encodes 20 ms blocks and packs them into pages of at most [`PAGE_BLOCKS`]. It is one logical stream for as long as
/// it lives: browsers stop where one stream ends and another begins, so titles travel elsewhere.
pub struct OpusStream {
    encoder: opus::Encoder,
    serial: u32,
    headers: Vec<u8>,
    sequence: u32,
    granule: u64,
    lacing: Vec<u8>,
    packets: Vec<u8>,
    blocks: u64,
}

impl OpusStream {
    /// A stream of stereo at `bits_per_second`, constrained so that no page is much larger than the others. `serial`
    /// tells it from other streams; `station` is the title that players show.
    ///
    /// # Errors
    /// The bit rate is not one of Opus, or libopus cannot begin.
    pub fn new(bits_per_second: u32, serial: u32, station: &str) -> Result<Self, EncodeError> {
        let bits = i32::try_from(bits_per_second).ok().filter(|bits| (6_000..=510_000).contains(bits));
        let bits = bits.ok_or(EncodeError::BitRate(bits_per_second))?;
        let mut encoder = opus::Encoder::new(AIR_RATE, opus::Channels::Stereo, opus::Application::Audio)?;
        encoder.set_bitrate(opus::Bitrate::Bits(bits))?;
        encoder.set_vbr(true)?;
        encoder.set_vbr_constraint(true)?;
        encoder.set_complexity(COMPLEXITY)?;
        Ok(Self {
            encoder,
            serial,
            headers: headers(serial, station),
            sequence: FIRST_PAGE,
            granule: 0,
            lacing: Vec::new(),
            packets: Vec::new(),
            blocks: 0,
        })
    }

    /// The two pages that every listener gets first, whenever it joins.
    pub fn headers(&self) -> &[u8] {
        &self.headers
    }

    /// Encodes one block. There is a page when [`PAGE_BLOCKS`] are together.
    ///
    /// # Errors
    /// libopus failed; the block is lost and the stream goes on with the next one.
    pub fn push(&mut self, block: &[Frame; AIR_BLOCK]) -> Result<Option<Page>, EncodeError> {
        self.encode(block)?;
        Ok((self.blocks >= PAGE_BLOCKS as u64).then(|| self.page(0)))
    }

    fn encode(&mut self, block: &[Frame; AIR_BLOCK]) -> Result<(), EncodeError> {
        let start = self.packets.len();
        self.packets.resize(start + LONGEST_PACKET, 0);
        let room = self.packets.get_mut(start..).unwrap_or_default();
        let encoded = self.encoder.encode_float(block.as_flattened(), room);
        self.packets.truncate(start + encoded.as_ref().copied().unwrap_or_default());
        ogg::lace(encoded?, &mut self.lacing);
        self.blocks += 1;
        Ok(())
    }

    /// A page of what has been encoded since the last one, if anything: for what must not wait.
    pub fn flush(&mut self) -> Option<Page> {
        (self.blocks > 0).then(|| self.page(0))
    }

    /// The last page: it tells players that the stream ends here and was not cut.
    pub fn end(mut self) -> Page {
        // A page without a packet has no position (RFC 3533), and checkers complain: 20 ms of silence cost nothing.
        // Without them the page would be empty, which players survive.
        if self.blocks == 0
            && let Err(error) = self.encode(&[[0.0; 2]; AIR_BLOCK])
        {
            debug_assert!(false, "silence cannot be encoded: {error}");
        }
        self.page(ogg::LAST)
    }

    fn page(&mut self, flags: u8) -> Page {
        let frames = self.blocks * AIR_BLOCK as u64;
        self.granule += frames;
        let bytes = ogg::page(flags, self.granule, self.serial, self.sequence, &self.lacing, &self.packets);
        let page = Page { bytes, sequence: self.sequence, granule: self.granule, frames };
        self.sequence = self.sequence.wrapping_add(1);
        self.lacing.clear();
        self.packets.clear();
        self.blocks = 0;
        page
    }
}

impl std::fmt::Debug for OpusStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpusStream").field("sequence", &self.sequence).finish_non_exhaustive()
    }
}

/// The identification header (RFC 7845, 5.1) and the comments, each on a page of its own.
fn headers(serial: u32, station: &str) -> Vec<u8> {
    let mut head = *b"OpusHead\x01\x02\0\0\0\0\0\0\0\0\0";
    let (pre_skip, rate) = (PRE_SKIP.to_le_bytes(), AIR_RATE.to_le_bytes());
    for (place, byte) in head.iter_mut().skip(10).zip(pre_skip.into_iter().chain(rate)) {
        *place = byte;
    }
    let comments = comments(station);
    let mut pages = Vec::new();
    for (flags, sequence, packet) in [(ogg::FIRST, 0, &head[..]), (0, 1, &comments)] {
        let mut lacing = Vec::new();
        ogg::lace(packet.len(), &mut lacing);
        pages.extend(ogg::page(flags, 0, serial, sequence, &lacing, packet));
    }
    pages
}

/// The comment header (RFC 7845, 5.2): who encoded, and the name of the station as the title.
fn comments(station: &str) -> Vec<u8> {
    let title: String = station.chars().filter(|c| !c.is_control()).take(100).collect();
    let title = format!("TITLE={title}");
    let mut packet = b"OpusTags".to_vec();
    for text in ["Pregon", &title] {
        packet.extend_from_slice(&u32::try_from(text.len()).unwrap_or_default().to_le_bytes());
        packet.extend_from_slice(text.as_bytes());
        if text == "Pregon" {
            packet.extend_from_slice(&1_u32.to_le_bytes());
        }
    }
    packet
}

#[cfg(test)]
mod tests;
