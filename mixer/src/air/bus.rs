//! Everything below the announcements: the tiers of the programme and the fades between them.

use pregon_audio::Frame;

use super::deck::{Deck, TIER_FADE};
use super::desk::Outbox;
use super::envelope::Envelope;
use super::meter::Mishap;
use super::noise::Noise;
use super::voice::Feed;
use super::{BLOCK_FRAMES, Tier, add, earliest};
use crate::station::Ticket;

/// The programme. While an announcement pauses it, nobody calls it, and everything in it stands still: tracks, fades
/// between them, fades between tiers.
#[derive(Debug)]
pub(super) struct Bus {
    /// Most important first.
    decks: [Deck; 2],
    noise: Noise,
    noise_level: Envelope,
    overlap: usize,
    scratch: [Box<[Frame; BLOCK_FRAMES]>; 2],
}

impl Bus {
    pub(super) fn new(overlap: usize) -> Self {
        Self {
            decks: [Deck::new(Tier::Queue), Deck::new(Tier::Playlist)],
            noise: Noise::new(),
            noise_level: Envelope::SHUT,
            overlap,
            scratch: [Box::new([[0.0; 2]; BLOCK_FRAMES]), Box::new([[0.0; 2]; BLOCK_FRAMES])],
        }
    }

    pub(super) fn load(&mut self, tier: Tier, feed: Feed, outbox: &mut Outbox) {
        match self.decks.iter_mut().find(|deck| deck.tier == tier) {
            Some(deck) => deck.load(feed, outbox),
            None => outbox.give_back(feed),
        }
    }

    pub(super) fn recall(&mut self, ticket: Ticket, outbox: &mut Outbox) {
        for deck in &mut self.decks {
            deck.recall(ticket, outbox);
        }
    }

    /// The tier that is heard, or on its way to be.
    pub(super) fn tier(&self) -> Tier {
        self.decks.iter().find(|deck| deck.is_playable()).map_or(Tier::Noise, |deck| deck.tier)
    }

    /// Frames until the track that is heard ends: zero where there is none, `None` while it is not known.
    pub(super) fn track_left(&self) -> Option<usize> {
        let audible = self.decks.iter().find(|deck| deck.is_audible() && deck.current.is_some());
        audible.map_or(Some(0), Deck::remaining)
    }

    /// The track that is heard, and how many of its frames were.
    pub(super) fn track(&self) -> Option<(Ticket, u64)> {
        let audible =
            self.decks.iter().filter(|deck| deck.is_audible()).find_map(|deck| deck.current.as_ref());
        audible.map(|voice| (voice.ticket(), voice.played()))
    }

    pub(super) fn skip(&mut self, now: u64, outbox: &mut Outbox) {
        if let Some(deck) = self.decks.iter_mut().find(|deck| deck.is_audible() && deck.current.is_some()) {
            deck.skip(now, outbox);
        }
    }

    /// Puts the next track in the place of the one that was heard last.
    pub(super) fn move_on(&mut self, now: u64, outbox: &mut Outbox) {
        if let Some(deck) = self.decks.iter_mut().find(|deck| deck.is_audible() && deck.current.is_some()) {
            deck.move_on(now, outbox);
        }
    }

    /// Ends and begins tracks, sets the tiers' levels. `announcing` means that an announcement takes the place of
    /// the next crossfade.
    pub(super) fn settle(&mut self, announcing: bool, now: u64, outbox: &mut Outbox) {
        let overlap = self.overlap(announcing);
        // Twice, because the end of a tier's last track is the beginning of the tier below.
        for _ in 0..self.decks.len() {
            let heard = self.tier();
            for deck in &mut self.decks {
                // A tier that nobody hears keeps its place.
                if deck.is_audible() || deck.tier == heard || deck.remaining() == Some(0) {
                    deck.settle(overlap, now, outbox);
                }
            }
        }
        let heard = self.tier();
        let moving = self.decks.iter().filter(|deck| deck.is_audible() || deck.tier == heard);
        let fade = moving.map(Deck::fade).fold(TIER_FADE, usize::min);
        for deck in &mut self.decks {
            deck.set_heard(deck.tier == heard, fade);
            deck.retire_unheard(outbox);
        }
        match heard {
            Tier::Noise => self.noise_level.open(fade),
            Tier::Interrupt | Tier::Live | Tier::Queue | Tier::Playlist => self.noise_level.shut(fade),
        }
    }

    /// Frames for which nothing has to be decided.
    pub(super) fn quiet(&self, announcing: bool) -> usize {
        let overlap = self.overlap(announcing);
        let decks = self.decks.iter().filter(|deck| deck.is_audible()).map(|deck| Some(deck.quiet(overlap)));
        earliest(decks.chain([self.noise_level.moving()]))
    }

    /// Fills `out`.
    pub(super) fn render(&mut self, out: &mut [Frame], outbox: &Outbox) {
        out.fill([0.0; 2]);
        let [scratch, sum] = &mut self.scratch;
        let (Some(scratch), Some(sum)) = (scratch.get_mut(..out.len()), sum.get_mut(..out.len())) else {
            return;
        };
        for deck in &mut self.decks {
            if deck.add_to(out, scratch, sum) {
                outbox.meters.count(Mishap::Underrun, 1);
            }
        }
        if !self.noise_level.is_shut() {
            self.noise.fill(scratch);
            self.noise_level.apply(scratch);
            add(out, scratch);
        }
    }

    fn overlap(&self, announcing: bool) -> usize {
        if announcing { 0 } else { self.overlap }
    }
}
