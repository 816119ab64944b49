//! One tier of the programme: a track, the one before it that still fades, and the next one.

use pregon_audio::Frame;

use super::desk::{Ending, Notice, Outbox};
use super::envelope::{Envelope, Residue};
use super::voice::{Feed, Voice};
use super::{Tier, earliest};

/// Frames of a fade from one tier to another: 2 s.
pub(super) const TIER_FADE: usize = 96_000;

/// Frames of the fades round an interruption: 20 ms, short enough to be at once, long enough not to click.
pub(super) const SHORT_FADE: usize = 960;

/// Frames of the way from a skipped track to the next: 0.5 s.
const SKIP_FADE: usize = 24_000;

/// Frames without anything to give after which a track counts as gone and the tier below takes over: 0.5 s.
const STALLED: usize = 24_000;

#[derive(Debug)]
pub(super) struct Deck {
    pub(super) tier: Tier,
    pub(super) current: Option<Voice>,
    leaving: Option<(Voice, Ending)>,
    next: Option<Feed>,
    pub(super) level: Envelope,
    residue: Residue,
}

impl Deck {
    pub(super) fn new(tier: Tier) -> Self {
        Self { tier, current: None, leaving: None, next: None, level: Envelope::SHUT, residue: Residue::NONE }
    }

    pub(super) fn load(&mut self, feed: Feed, outbox: &mut Outbox) {
        if let Some(old) = self.next.replace(feed) {
            outbox.give_back(old);
        }
    }

    pub(super) fn recall(&mut self, ticket: crate::station::Ticket, outbox: &mut Outbox) {
        if let Some(feed) = self.next.take_if(|feed| feed.ticket == ticket) {
            outbox.give_back(feed);
        }
    }

    /// Whether this tier has something to be heard for longer than it takes to fade it out.
    pub(super) fn is_playable(&self) -> bool {
        let Some(voice) = &self.current else { return self.next.is_some() };
        let lasts = self.next.is_some() || voice.remaining().is_none_or(|left| left > self.fade());
        voice.starved() < STALLED && lasts
    }

    /// Whether it is heard, or on its way to be.
    pub(super) fn is_audible(&self) -> bool {
        !self.level.is_shut()
    }

    /// Frames until the end of the track on air, once that is known.
    pub(super) fn remaining(&self) -> Option<usize> {
        self.current.as_ref().and_then(Voice::remaining)
    }

    /// Frames of a fade into or out of this tier: [`TIER_FADE`], but never more than a quarter of the track, or a short
    /// one would hardly be heard.
    pub(super) fn fade(&self) -> usize {
        self.length().map_or(TIER_FADE, |length| TIER_FADE.min(length / 4))
    }

    /// Sets the level for a tier that is heard or not.
    pub(super) fn set_heard(&mut self, heard: bool, fade: usize) {
        if heard {
            self.level.open(fade);
            return;
        }
        self.level.shut(fade);
        if let Some(left) = self.remaining().filter(|left| self.next.is_none() && *left > 0) {
            self.level.shut_within(left);
        }
    }

    /// Ends tracks, begins the next one. `overlap` is the crossfade, `now` the output frame that comes next.
    pub(super) fn settle(&mut self, overlap: usize, now: u64, outbox: &mut Outbox) {
        if let Some((voice, ending)) =
            self.leaving.take_if(|(voice, _)| voice.has_ended() || voice.fade.is_shut())
        {
            outbox.retire(voice, ending);
        }
        let overlap = self.overlap(overlap);
        let over = self.remaining().is_some_and(|left| left == 0 || (self.next.is_some() && left <= overlap));
        if over {
            self.change(overlap, Ending::Complete, now, outbox);
        }
        if self.current.is_none()
            && let Some(feed) = self.next.take()
        {
            // Into an open tier it comes with a short fade; a shut one is opened with its own.
            let fade = if self.level.is_shut() { Envelope::OPEN } else { opening(SHORT_FADE) };
            self.begin(feed, fade, now, outbox);
        }
    }

    /// Ends what will not be heard again in a tier that fell silent: a track that was fading out, whose fade goes no
    /// further, and one with so little left that it would be faded out again at once.
    pub(super) fn retire_unheard(&mut self, outbox: &mut Outbox) {
        if !self.level.is_shut() {
            return;
        }
        if let Some((voice, ending)) = self.leaving.take() {
            outbox.retire(voice, ending);
        }
        let fade = self.fade();
        let brief = |voice: &mut Voice| voice.remaining().is_some_and(|left| left <= fade);
        if self.next.is_none()
            && let Some(voice) = self.current.take_if(brief)
        {
            outbox.retire(voice, Ending::Complete);
        }
    }

    /// The track on air is over; the next one comes in.
    pub(super) fn skip(&mut self, now: u64, outbox: &mut Outbox) {
        self.change(SKIP_FADE, Ending::Cut, now, outbox);
    }

    /// The same where nobody hears it: no fade.
    pub(super) fn move_on(&mut self, now: u64, outbox: &mut Outbox) {
        if self.current.as_ref().is_some_and(|voice| voice.played() > 0) {
            if let Some((voice, ending)) = self.leaving.take() {
                outbox.retire(voice, ending);
            }
            self.residue = Residue::NONE;
            self.change(0, Ending::Cut, now, outbox);
        }
    }

    fn change(&mut self, overlap: usize, ending: Ending, now: u64, outbox: &mut Outbox) {
        let Some(mut voice) = self.current.take() else { return };
        let overlap = overlap.min(voice.remaining().unwrap_or(overlap));
        if overlap == 0 {
            outbox.retire(voice, ending);
        } else {
            voice.fade.shut_within(overlap);
            if let Some((older, ending)) = self.leaving.replace((voice, ending)) {
                self.residue.leave(older.last());
                outbox.retire(older, ending);
            }
        }
        if let Some(feed) = self.next.take() {
            let fade = if overlap == 0 { Envelope::OPEN } else { opening(overlap) };
            self.begin(feed, fade, now, outbox);
        }
    }

    fn begin(&mut self, feed: Feed, fade: Envelope, now: u64, outbox: &mut Outbox) {
        outbox.tell(Notice::Began { ticket: feed.ticket, frame: now });
        self.current = Some(Voice::new(feed, fade));
    }

    /// Frames of the whole track on air, once that is known.
    fn length(&self) -> Option<usize> {
        let voice = self.current.as_ref()?;
        Some(voice.remaining()?.saturating_add(usize::try_from(voice.played()).ok()?))
    }

    /// The crossfade from the track on air to the next one: never more than half of either, so that a jingle is
    /// heard too.
    fn overlap(&self, wanted: usize) -> usize {
        let half = |frames: Option<usize>| frames.map_or(wanted, |frames| frames / 2);
        wanted.min(half(self.length())).min(half(self.next.as_ref().and_then(Feed::remaining)))
    }

    /// Frames for which nothing has to be decided.
    pub(super) fn quiet(&self, overlap: usize) -> usize {
        let threshold = if self.next.is_some() { self.overlap(overlap) } else { self.fade() };
        let track = self.remaining().map(|left| {
            let before = |threshold: usize| left.checked_sub(threshold).filter(|frames| *frames > 0);
            earliest([before(threshold), before(SHORT_FADE), Some(left)])
        });
        let leaving =
            self.leaving.as_ref().map(|(voice, _)| earliest([voice.remaining(), voice.fade.moving()]));
        earliest([track, leaving, self.level.moving()])
    }

    /// Adds what is heard to `out`. True when a feed had nothing to give.
    pub(super) fn add_to(&mut self, out: &mut [Frame], scratch: &mut [Frame], sum: &mut [Frame]) -> bool {
        if self.level.is_shut() {
            return false;
        }
        sum.fill([0.0; 2]);
        let mut short = false;
        let voices = self.current.iter_mut().chain(self.leaving.iter_mut().map(|(voice, _)| voice));
        for voice in voices {
            short |= voice.read(scratch);
            super::add(sum, scratch);
        }
        self.residue.add_to(sum);
        self.level.apply(sum);
        super::add(out, sum);
        short
    }
}

pub(super) fn opening(frames: usize) -> Envelope {
    let mut fade = Envelope::SHUT;
    fade.open(frames);
    fade
}
