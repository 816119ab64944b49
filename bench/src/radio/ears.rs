//! A live listener: decodes every page as it arrives.

use std::io::Read as _;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::Stream;
use super::ogg::{Page, Pages};
use super::onset::{Heard, Moment, Onset};

/// Frames of the longest packet there is: 120 ms (RFC 6716).
const LONGEST: usize = 5_760;
/// Frames per second.
const RATE: u32 = 48_000;

/// A thread that listens to a stream.
pub(super) struct Ears {
    news: Receiver<Result<Heard>>,
}

impl Ears {
    /// Starts to listen.
    pub(super) fn open(stream: &Stream) -> Result<Self> {
        let mut socket = stream.open()?;
        let (sender, news) = sync_channel(16);
        let mut player = Player::new()?;
        std::thread::spawn(move || {
            let (mut pages, mut buffer) = (Pages::default(), vec![0; 64 * 1024]);
            loop {
                let ended = match socket.read(&mut buffer) {
                    Ok(0) => Err(anyhow::anyhow!("the stream ended")),
                    Ok(read) => {
                        pages.feed(buffer.get(..read).unwrap_or_default());
                        play(&mut player, &mut pages, &sender)
                    }
                    Err(error) => Err(error.into()),
                };
                match ended {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) => return drop(sender.send(Err(error))),
                }
            }
        });
        Ok(Self { news })
    }

    /// Waits until an announcement is heard.
    pub(super) fn announcement(&self, within: Duration) -> Result<Moment> {
        let deadline = Instant::now() + within;
        loop {
            if let Heard::Announcement(moment) = self.next(deadline).context("no announcement")? {
                return Ok(moment);
            }
        }
    }

    /// Waits until the programme is heard again.
    pub(super) fn programme(&self, within: Duration) -> Result<()> {
        let deadline = Instant::now() + within;
        while self.next(deadline).context("no programme")? != Heard::Programme {}
        Ok(())
    }

    fn next(&self, deadline: Instant) -> Result<Heard> {
        self.news
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            .context("nothing new is heard")?
    }
}

/// Plays what has arrived. False when nobody wants to know any more.
fn play(player: &mut Player, pages: &mut Pages, sender: &SyncSender<Result<Heard>>) -> Result<bool> {
    let arrived = Instant::now();
    let mut wanted = true;
    while let Some(page) = pages.next()? {
        player.play(&page, arrived, |heard| wanted &= sender.send(Ok(heard)).is_ok())?;
    }
    Ok(wanted)
}

/// A player without a buffer of its own: it plays each sample as soon as it is there and the one before has been
/// played, and never catches up with what it once waited for.
struct Player {
    decoder: opus::Decoder,
    /// The sound of a page.
    sound: Vec<f32>,
    /// Frames that the stream says are not to be played (RFC 7845, pre-skip).
    skip: usize,
    /// Position in the stream of what has been decoded; `None` before the first page with sound.
    position: Option<u64>,
    /// When the next sample would be played.
    cursor: Option<Instant>,
    onset: Onset,
}

impl Player {
    fn new() -> Result<Self> {
        let decoder = opus::Decoder::new(RATE, opus::Channels::Mono)?;
        Ok(Self { decoder, sound: Vec::new(), skip: 0, position: None, cursor: None, onset: Onset::new() })
    }

    fn play(&mut self, page: &Page, arrived: Instant, mut tell: impl FnMut(Heard)) -> Result<()> {
        if page.first {
            return self.begin(page);
        }
        self.decode(page)?;
        let skipped = self.skip.min(self.sound.len());
        self.skip -= skipped;
        let mut cursor = self.cursor.unwrap_or(arrived).max(arrived);
        for sample in self.sound.iter().skip(skipped) {
            if let Some(heard) = self.onset.hear(*sample, Moment { arrived, heard: cursor }) {
                tell(heard);
            }
            cursor += Duration::from_secs(1) / RATE;
        }
        self.cursor = Some(cursor);
        Ok(())
    }

    /// The identification header (RFC 7845, 5.1).
    fn begin(&mut self, page: &Page) -> Result<()> {
        let head = page.packets.first().context("a first page without a packet")?;
        let Some(skip) = head.strip_prefix(b"OpusHead").and_then(|head| head.get(2..4)) else {
            bail!("the stream is not Opus");
        };
        self.skip = skip.iter().rev().fold(0, |skip, &byte| skip << 8 | usize::from(byte));
        self.position = None;
        self.decoder.reset_state()?;
        Ok(())
    }

    /// The last page of a stream says where it ends: what its last packet holds beyond that is padding.
    fn decode(&mut self, page: &Page) -> Result<()> {
        self.sound.clear();
        for packet in page.packets.iter().filter(|packet| !packet.starts_with(b"OpusTags")) {
            let start = self.sound.len();
            self.sound.resize(start + LONGEST, 0.0);
            let room = self.sound.get_mut(start..).unwrap_or_default();
            let frames = self.decoder.decode_float(packet, room, false)?;
            self.sound.truncate(start + frames);
        }
        if let Some(left) = self.position.and_then(|position| page.granule.checked_sub(position))
            && page.last
        {
            self.sound.truncate(usize::try_from(left)?);
        }
        if !self.sound.is_empty() {
            self.position = Some(page.granule);
        }
        Ok(())
    }
}
