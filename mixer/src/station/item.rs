//! One thing that is to be heard, from its acceptance to its end.

use std::sync::Arc;

use pregon_core::{Lane, Timestamp};
use tokio::sync::oneshot;

use super::ready::{Facts, Ready};
use super::{Announcement, Mode, Queued, Ticket, Waiting};
use crate::air::{Manner, Start, Tier};
use crate::feed::Failure;

/// What it is.
#[derive(Debug)]
pub(super) enum Kind {
    Announcement(Box<Announcement>),
    Queued,
    Track,
}

/// Where its feed is.
pub(super) enum Hold {
    /// Nowhere: the file has to be opened again when its turn comes.
    Closed,
    /// The file is being opened.
    Opening,
    /// Here.
    Ready(Ready),
    /// With the air thread.
    Loaded,
    /// On its way back from there.
    Returning,
}

/// Why it was called back from the air thread.
#[derive(Debug)]
pub(super) enum Recall {
    Expired,
    /// Who asked waits for the answer.
    Withdrawn(oneshot::Sender<bool>),
}

/// The places where something waits for the air. Each has room for one at the air thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Soon,
    AfterTrack,
    AtTime,
    Queue,
    Playlist,
}

impl Slot {
    pub(super) const ALL: [Self; 5] =
        [Self::AtTime, Self::Soon, Self::AfterTrack, Self::Queue, Self::Playlist];
}

pub(super) struct Item {
    pub(super) ticket: Ticket,
    pub(super) kind: Kind,
    pub(super) key: Option<Arc<str>>,
    pub(super) facts: Facts,
    pub(super) since: Timestamp,
    pub(super) hold: Hold,
    pub(super) failure: Option<Failure>,
    pub(super) recall: Option<Recall>,
    /// First frame in the output, and when it was due.
    pub(super) began: Option<(u64, Timestamp)>,
}

impl Item {
    pub(super) fn new(ticket: Ticket, kind: Kind, ready: Ready, facts: Facts, now: Timestamp) -> Self {
        let key = match &kind {
            Kind::Announcement(wanted) => wanted.key.as_deref().map(Arc::from),
            Kind::Queued | Kind::Track => None,
        };
        let failure = Some(Arc::clone(&ready.failure));
        Self {
            ticket,
            kind,
            key,
            facts,
            since: now,
            hold: Hold::Ready(ready),
            failure,
            recall: None,
            began: None,
        }
    }

    pub(super) fn announcement(&self) -> Option<&Announcement> {
        match &self.kind {
            Kind::Announcement(wanted) => Some(wanted),
            Kind::Queued | Kind::Track => None,
        }
    }

    pub(super) fn slot(&self) -> Slot {
        match &self.kind {
            Kind::Announcement(wanted) => match wanted.mode {
                Mode::Interrupt | Mode::MoveOn | Mode::Duck => Slot::Soon,
                Mode::Next => Slot::AfterTrack,
                Mode::At(_) => Slot::AtTime,
            },
            Kind::Queued => Slot::Queue,
            Kind::Track => Slot::Playlist,
        }
    }

    pub(super) fn tier(&self) -> Tier {
        match self.slot() {
            Slot::Soon | Slot::AfterTrack | Slot::AtTime => Tier::Interrupt,
            Slot::Queue => Tier::Queue,
            Slot::Playlist => Tier::Playlist,
        }
    }

    /// Rank within its slot: smaller goes first.
    pub(super) fn rank(&self) -> (Timestamp, Lane, Ticket) {
        let lane = self.announcement().map_or(Lane::Normal, |wanted| wanted.lane);
        (self.asked_time().unwrap_or_default(), lane, self.ticket)
    }

    /// The time it was asked for.
    pub(super) fn asked_time(&self) -> Option<Timestamp> {
        match self.announcement()?.mode {
            Mode::At(time) => Some(time),
            Mode::Interrupt | Mode::MoveOn | Mode::Duck | Mode::Next => None,
        }
    }

    /// How an announcement goes on air. `frame_at` tells the frame of a time.
    pub(super) fn terms(&self, frame_at: impl FnOnce(Timestamp) -> u64) -> (Manner, Start) {
        match self.announcement().map_or(Mode::Interrupt, |wanted| wanted.mode) {
            Mode::Interrupt => (Manner::Pause, Start::Soon),
            Mode::MoveOn => (Manner::MoveOn, Start::Soon),
            Mode::Duck => (Manner::Over, Start::Soon),
            Mode::Next => (Manner::Pause, Start::AfterTrack),
            Mode::At(time) => (Manner::Pause, Start::AtFrame(frame_at(time))),
        }
    }

    pub(super) fn waits(&self) -> bool {
        self.began.is_none()
    }

    /// As others see an announcement.
    pub(super) fn shown(&self) -> Option<Waiting> {
        let wanted = self.announcement()?;
        Some(Waiting {
            ticket: self.ticket,
            key: self.key.clone(),
            path: wanted.audio.clone(),
            title: self.facts.title.clone(),
            mode: wanted.mode,
            lane: wanted.lane,
            since: self.since,
            expires: wanted.expires,
            began: self.began.map(|(_, at)| at),
            seconds: self.facts.seconds,
        })
    }

    /// As others see a file of the user queue.
    pub(super) fn queued(&self) -> Option<Queued> {
        let path = self.facts.path.clone().filter(|_| matches!(self.kind, Kind::Queued))?;
        Some(Queued { ticket: self.ticket, path, title: self.facts.title.clone() })
    }
}
