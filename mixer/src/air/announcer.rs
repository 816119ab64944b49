//! The first tier: the announcement on air and the ones that are next.

use pregon_audio::Frame;

use super::deck::{SHORT_FADE, opening};
use super::desk::{Cue, Ending, Manner, Notice, Outbox, Start};
use super::earliest;
use super::envelope::Residue;
use super::meter::Mishap;
use super::voice::Voice;
use crate::station::Ticket;

/// Frames without anything to give after which an announcement is given up: 2 s.
const STALLED: usize = 96_000;

/// Frames in which an announcement that follows another one comes in: 5 ms.
const JOIN_FADE: usize = 240;

#[derive(Debug)]
struct OnAir {
    voice: Voice,
    manner: Manner,
    /// The programme is already on its way back.
    closing: bool,
    hushed: bool,
}

/// Announcements on air and next. One slot for each kind of start.
#[derive(Debug)]
pub(super) struct Announcer {
    on_air: Option<OnAir>,
    soon: Option<Cue>,
    after_track: Option<Cue>,
    /// The track that `after_track` waited for is over: it waits like any other now.
    released: bool,
    at_frame: Option<(u64, Cue)>,
    residue: Residue,
}

/// What the announcer wants of the programme below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bed {
    /// As it is.
    Open,
    /// Lowered.
    Ducked,
    /// Paused.
    Paused,
}

impl Announcer {
    pub(super) fn new() -> Self {
        Self {
            on_air: None,
            soon: None,
            after_track: None,
            released: false,
            at_frame: None,
            residue: Residue::NONE,
        }
    }

    pub(super) fn cue(&mut self, cue: Cue, outbox: &mut Outbox) {
        let old = match cue.start {
            Start::Soon => self.soon.replace(cue),
            Start::AfterTrack => self.after_track.replace(cue),
            Start::AtFrame(frame) => self.at_frame.replace((frame, cue)).map(|(_, cue)| cue),
        };
        if let Some(old) = old {
            outbox.give_back(old.feed);
        }
    }

    pub(super) fn recall(&mut self, ticket: Ticket, outbox: &mut Outbox) {
        let meant = |cue: &mut Cue| cue.feed.ticket == ticket;
        let due = self.at_frame.take_if(|(_, cue)| meant(cue)).map(|(_, cue)| cue);
        for cue in [self.soon.take_if(meant), self.after_track.take_if(meant), due].into_iter().flatten() {
            outbox.give_back(cue.feed);
        }
        self.released &= self.after_track.is_some();
    }

    pub(super) fn hush(&mut self) {
        if let Some(on_air) = &mut self.on_air {
            on_air.hushed = true;
            on_air.voice.fade.shut_within(SHORT_FADE);
        }
    }

    /// Whether something is being announced.
    pub(super) fn is_on_air(&self) -> bool {
        self.on_air.is_some()
    }

    /// Whether something waits for the end of the track.
    pub(super) fn waits_for_track(&self) -> bool {
        self.after_track.is_some()
    }

    pub(super) fn bed(&self) -> Bed {
        match &self.on_air {
            Some(OnAir { closing: true, .. }) | None => Bed::Open,
            Some(OnAir { manner: Manner::Over, .. }) => Bed::Ducked,
            Some(OnAir { manner: Manner::Pause | Manner::MoveOn, .. }) => Bed::Paused,
        }
    }

    /// Whether the track under the announcement on air is over.
    pub(super) fn moves_on(&self) -> bool {
        self.on_air.as_ref().is_some_and(|on_air| on_air.manner == Manner::MoveOn)
    }

    /// The move was made.
    pub(super) fn moved_on(&mut self) {
        if let Some(on_air) = &mut self.on_air {
            on_air.manner = Manner::Pause;
        }
    }

    /// Ends the announcement on air and begins the next one. `now` is the output frame that comes next, `track_left`
    /// how long the track on air will be heard. True when one begins.
    pub(super) fn settle(&mut self, now: u64, track_left: Option<usize>, outbox: &mut Outbox) -> bool {
        self.released |= self.after_track.is_some() && track_left.is_some_and(|left| left <= SHORT_FADE);
        let follows = self.follows(now);
        let joined = self.on_air.is_some() && follows;
        if let Some(on_air) = self.on_air.take() {
            self.on_air = self.carry_on(on_air, follows, outbox);
        }
        if self.on_air.is_some() {
            return false;
        }
        let Some(cue) = self.next(now) else { return false };
        outbox.tell(Notice::Began { ticket: cue.feed.ticket, frame: now });
        let fade = opening(if joined { JOIN_FADE } else { SHORT_FADE });
        self.on_air = Some(OnAir {
            voice: Voice::new(cue.feed, fade),
            manner: cue.manner,
            closing: false,
            hushed: false,
        });
        true
    }

    /// What stays on air: nothing when it is over. `follows` keeps the programme from coming back in between.
    fn carry_on(&mut self, mut on_air: OnAir, follows: bool, outbox: &mut Outbox) -> Option<OnAir> {
        let ending = if on_air.hushed && (on_air.voice.fade.is_shut() || on_air.voice.has_ended()) {
            Some(Ending::Cut)
        } else if on_air.voice.has_ended() {
            Some(Ending::Complete)
        } else {
            (on_air.voice.starved() > STALLED).then_some(Ending::Starved)
        };
        if let Some(ending) = ending {
            self.residue.leave(on_air.voice.last());
            outbox.retire(on_air.voice, ending);
            return None;
        }
        let left = on_air.voice.remaining();
        if !follows && !on_air.closing && (on_air.hushed || left.is_some_and(|left| left <= SHORT_FADE)) {
            on_air.closing = true;
            on_air.voice.fade.shut_within(left.map_or(SHORT_FADE, |left| left.min(SHORT_FADE)));
        }
        Some(on_air)
    }

    /// Whether another announcement comes right after the one on air.
    fn follows(&self, now: u64) -> bool {
        let due = self.at_frame.as_ref().is_some_and(|(frame, _)| *frame <= now + SHORT_FADE as u64);
        self.soon.is_some() || self.released || due
    }

    fn next(&mut self, now: u64) -> Option<Cue> {
        let due = self.at_frame.take_if(|(frame, _)| *frame <= now).map(|(_, cue)| cue);
        due.or_else(|| self.soon.take()).or_else(|| {
            let cue = self.after_track.take_if(|_| self.released);
            self.released &= cue.is_none();
            cue
        })
    }

    /// Frames for which nothing has to be decided.
    pub(super) fn quiet(&self, now: u64) -> usize {
        let due = self.at_frame.as_ref().and_then(|(frame, _)| usize::try_from(frame.checked_sub(now)?).ok());
        let on_air = self.on_air.as_ref().map(|on_air| {
            let end = on_air.voice.remaining();
            let close = end.and_then(|left| left.checked_sub(SHORT_FADE)).filter(|frames| *frames > 0);
            earliest([end, close, on_air.voice.fade.moving()])
        });
        earliest([due.filter(|frames| *frames > 0), on_air])
    }

    /// Adds what is heard to `out`.
    pub(super) fn add_to(&mut self, out: &mut [Frame], scratch: &mut [Frame], outbox: &Outbox) {
        if let Some(on_air) = &mut self.on_air {
            if on_air.voice.read(scratch) {
                outbox.meters.count(Mishap::Underrun, 1);
            }
            super::add(out, scratch);
        }
        self.residue.add_to(out);
    }
}
