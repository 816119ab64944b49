//! One stream of frames while it is heard.

use pregon_audio::Frame;
use rtrb::Consumer;

use super::envelope::{Envelope, Residue};
use crate::station::Ticket;

/// A source's end on the air side. The source is over when the other end of the ring is gone.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) ticket: Ticket,
    ring: Consumer<Frame>,
}

impl Feed {
    pub(crate) fn new(ticket: Ticket, ring: Consumer<Frame>) -> Self {
        Self { ticket, ring }
    }

    /// Frames until the end, once the end is known: the source has given everything it had.
    pub(super) fn remaining(&self) -> Option<usize> {
        // The order matters: what was pushed before the ring was abandoned must be counted.
        self.ring.is_abandoned().then(|| self.ring.slots())
    }

    fn ready(&self) -> usize {
        self.ring.slots()
    }
}

/// Frames over which a voice comes back after it had nothing to give: 5 ms, enough not to click.
const MEND: usize = 240;

/// Frames that must lie ready before a voice that had starved counts as playable: 0.2 s, so that it does not stutter.
const RECOVERED: usize = 9_600;

/// A feed on air.
#[derive(Debug)]
pub(super) struct Voice {
    feed: Feed,
    pub(super) fade: Envelope,
    /// Covers the hole that starvation leaves.
    mend: Envelope,
    residue: Residue,
    last: Frame,
    played: u64,
    starved: usize,
}

impl Voice {
    pub(super) fn new(feed: Feed, fade: Envelope) -> Self {
        Self {
            feed,
            fade,
            mend: Envelope::OPEN,
            residue: Residue::NONE,
            last: [0.0; 2],
            played: 0,
            starved: 0,
        }
    }

    pub(super) fn ticket(&self) -> Ticket {
        self.feed.ticket
    }

    pub(super) fn remaining(&self) -> Option<usize> {
        self.feed.remaining()
    }

    pub(super) fn has_ended(&self) -> bool {
        self.remaining() == Some(0)
    }

    /// Frames heard so far.
    pub(super) fn played(&self) -> u64 {
        self.played
    }

    /// For how many frames it has had nothing to give, although it has not ended; zero again once enough lies ready.
    pub(super) fn starved(&self) -> usize {
        let back = self.feed.ready() >= RECOVERED || self.feed.remaining().is_some();
        if back { 0 } else { self.starved }
    }

    /// The last frame it gave, with its fade.
    pub(super) fn last(&self) -> Frame {
        self.last
    }

    pub(super) fn into_feed(self) -> Feed {
        self.feed
    }

    /// Fills `out` and says whether it had to leave a hole. After the end there is silence, which is no hole.
    pub(super) fn read(&mut self, out: &mut [Frame]) -> bool {
        let had = self.feed.remaining();
        let (filled, hole) = self.feed.ring.pop_partial_slice(out);
        hole.fill([0.0; 2]);
        let short = !hole.is_empty() && had.is_none();
        self.played = self.played.saturating_add(filled.len().try_into().unwrap_or(u64::MAX));
        if !filled.is_empty() {
            self.starved = 0;
            self.mend.open(MEND);
            self.mend.apply(filled);
        }
        if !hole.is_empty() {
            let dropped =
                filled.last().copied().unwrap_or(if self.starved == 0 { self.last } else { [0.0; 2] });
            self.residue.leave(dropped);
            self.residue.add_to(hole);
            self.mend = Envelope::SHUT;
            self.starved = self.starved.saturating_add(hole.len());
        } else if !self.residue.is_none() {
            self.residue.add_to(filled);
        }
        self.fade.apply(out);
        self.last = out.last().copied().unwrap_or(self.last);
        short
    }
}
