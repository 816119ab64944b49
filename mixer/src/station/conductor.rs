//! Decides what is heard next, and tells what became of it. Never blocks: files are opened elsewhere.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::Duration;

use pregon_core::{Lane, Timestamp};
use tokio::sync::{broadcast, oneshot};

use super::item::{Hold, Item, Kind, Recall, Slot};
use super::ready::{Facts, Opener, Ready};
use super::{Ended, News, Played, Refused, Snapshot, Ticket};
use crate::air::{Command, Cue, Desk, Tier};

/// Announcements and queued files that may wait. What waits behind five hundred others comes too late anyway.
pub(super) const MOST_WAITING: usize = 500;

/// Files that stay open while they wait; those behind them are opened again when their turn comes.
const MOST_OPEN: usize = 8;

/// How long before its time an announcement is handed to the air thread. Shorter would leave no time to open the
/// file; longer would miss it when the system clock is set.
const AHEAD: Duration = Duration::from_secs(3);

/// What was on air lately, to be looked up.
pub(super) const REMEMBERED: usize = 200;

/// What a conductor is asked or told.
pub(super) enum Request {
    /// A new announcement or queued file, open.
    Take(Box<Taken>, oneshot::Sender<Result<Ticket, Refused>>),
    Withdraw(Ticket, oneshot::Sender<bool>),
    Skip(oneshot::Sender<bool>),
    Hush(oneshot::Sender<bool>),
    Look(oneshot::Sender<Snapshot>),
    History(oneshot::Sender<Vec<Played>>),
    /// A file was opened again.
    Opened(Ticket, Result<Ready, Refused>),
    /// The next track of the programme.
    Track(Box<Taken>),
    Close,
}

/// Something open, before it has its place.
pub(super) struct Taken {
    pub(super) ticket: Ticket,
    pub(super) kind: Kind,
    pub(super) ready: Ready,
    pub(super) facts: Facts,
}

/// The two clocks at one instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: Timestamp,
    /// The frame of the output that is due now.
    pub(super) frame: u64,
}

impl Moment {
    /// The frame that is due at a time; frame 0 of what is past.
    fn frame_at(self, time: Timestamp) -> u64 {
        let ahead = i128::from(time.millis() - self.now.millis()) * 48;
        u64::try_from((i128::from(self.frame) + ahead).max(0)).unwrap_or(u64::MAX)
    }

    /// When a frame is due.
    pub(super) fn time_of(self, frame: u64) -> Timestamp {
        let frames = i128::from(frame) - i128::from(self.frame);
        Timestamp::from_millis(self.now.millis() + i64::try_from(frames.div_euclid(48)).unwrap_or_default())
    }
}

/// What the conductor needs of the rest of the station.
pub(super) struct Pit {
    pub(super) name: Arc<str>,
    pub(super) desk: Desk,
    pub(super) opener: Opener,
    pub(super) news: broadcast::Sender<News>,
    /// Its own door, for what is opened elsewhere.
    pub(super) door: SyncSender<Request>,
    /// Rung when the next track of the programme is wanted.
    pub(super) programme: SyncSender<()>,
}

pub(super) struct Conductor {
    pub(super) pit: Pit,
    /// Everything that waits or is on air, in the order in which it came.
    pub(super) items: Vec<Item>,
    pub(super) history: VecDeque<Played>,
    pub(super) tier: Tier,
    pub(super) began: Timestamp,
    /// The track that was last told as now playing.
    pub(super) told: Option<Ticket>,
    asked_programme: bool,
}

impl Conductor {
    pub(super) fn new(pit: Pit, now: Timestamp) -> Self {
        Self {
            pit,
            items: Vec::new(),
            history: VecDeque::new(),
            tier: Tier::Noise,
            began: now,
            told: None,
            asked_programme: false,
        }
    }

    /// Does what it was asked. False when it was asked to close.
    pub(super) fn answer(&mut self, request: Request, moment: Moment) -> bool {
        // Who does not wait for the answer any more does not need it.
        match request {
            Request::Take(taken, reply) => {
                let accepted = self.accept(*taken, moment.now);
                self.step(moment);
                drop(reply.send(accepted));
            }
            Request::Withdraw(ticket, reply) => self.withdraw(ticket, reply, moment.now),
            Request::Skip(reply) => {
                let on_air = self.now_playing_item().is_some();
                let _ = reply.send(on_air && self.pit.desk.order(Command::Skip).is_ok());
            }
            Request::Hush(reply) => {
                let on_air = self.on_air().is_some();
                let _ = reply.send(on_air && self.pit.desk.order(Command::Hush).is_ok());
            }
            Request::Look(reply) => {
                self.hear(moment);
                drop(reply.send(self.snapshot(moment.now)));
            }
            Request::History(reply) => {
                self.hear(moment);
                drop(reply.send(self.history.iter().cloned().collect()));
            }
            Request::Opened(ticket, opened) => self.opened(ticket, opened, moment.now),
            Request::Track(taken) => {
                self.asked_programme = false;
                let Taken { ticket, kind, ready, facts } = *taken;
                self.items.push(Item::new(ticket, kind, ready, facts, moment.now));
            }
            Request::Close => return false,
        }
        self.step(moment);
        true
    }

    /// Hears what has happened and hands the air thread what comes next.
    pub(super) fn step(&mut self, moment: Moment) {
        self.hear(moment);
        self.expire(moment.now);
        for slot in Slot::ALL {
            if let Some(ticket) = self.candidate(slot, moment.now) {
                self.bring(ticket, moment);
            }
        }
        let next_track = self.items.iter().any(|item| item.slot() == Slot::Playlist && item.waits());
        if !next_track && !self.asked_programme {
            self.asked_programme = self.pit.programme.try_send(()).is_ok();
        }
    }

    fn accept(&mut self, taken: Taken, now: Timestamp) -> Result<Ticket, Refused> {
        let Taken { ticket, kind, ready, facts } = taken;
        let mut item = Item::new(ticket, kind, ready, facts, now);
        let waiting = self.items.iter().filter(|item| item.waits()).count();
        if waiting >= MOST_WAITING {
            return Err(Refused::Full(waiting));
        }
        if let Some(wanted) = item.announcement() {
            if wanted.expires.is_some_and(|expires| expires <= now) {
                return Err(Refused::Expired);
            }
            let known = |other: &Item| {
                let same_dedupe = other.announcement().is_some_and(|other| other.dedupe == wanted.dedupe);
                (item.key.is_some() && other.key == item.key) || (wanted.dedupe.is_some() && same_dedupe)
            };
            let waits = self.items.iter().find(|other| known(other)).map(|other| other.ticket);
            let played = |played: &&Played| item.key.is_some() && played.key == item.key;
            if let Some(twin) = waits.or_else(|| self.history.iter().find(played).map(|played| played.ticket))
            {
                return Err(Refused::Duplicate(twin));
            }
        }
        let open = self.items.iter().filter(|item| matches!(item.hold, Hold::Ready(_))).count();
        if open >= MOST_OPEN {
            item.hold = Hold::Closed;
        }
        self.items.push(item);
        Ok(ticket)
    }

    fn withdraw(&mut self, ticket: Ticket, reply: oneshot::Sender<bool>, now: Timestamp) {
        let Some(item) = self.item(ticket).filter(|item| item.waits() && item.tier() != Tier::Playlist)
        else {
            let _ = reply.send(false);
            return;
        };
        match item.hold {
            Hold::Loaded => {
                // Only the air thread knows whether it has begun: its answer is the answer.
                item.recall = Some(Recall::Withdrawn(reply));
                if self.pit.desk.order(Command::Recall(ticket)).is_err()
                    && let Some(Recall::Withdrawn(reply)) =
                        self.item(ticket).and_then(|item| item.recall.take())
                {
                    let _ = reply.send(false);
                }
            }
            Hold::Closed | Hold::Opening | Hold::Ready(_) | Hold::Returning => {
                self.end(ticket, Ended::Skipped { seconds: 0.0 }, now);
                let _ = reply.send(true);
            }
        }
    }

    fn expire(&mut self, now: Timestamp) {
        let over = |item: &&Item| {
            let expires = item.announcement().and_then(|wanted| wanted.expires);
            item.waits() && item.recall.is_none() && expires.is_some_and(|expires| expires <= now)
        };
        let stale: Vec<Ticket> = self.items.iter().filter(over).map(|item| item.ticket).collect();
        for ticket in stale {
            match self.item(ticket) {
                Some(item) if matches!(item.hold, Hold::Loaded) => {
                    if self.pit.desk.order(Command::Recall(ticket)).is_ok()
                        && let Some(item) = self.item(ticket)
                    {
                        item.recall = Some(Recall::Expired);
                    }
                }
                Some(_) => self.end(ticket, Ended::Expired, now),
                None => {}
            }
        }
    }

    /// What should be the next of its slot at the air thread.
    fn candidate(&self, slot: Slot, now: Timestamp) -> Option<Ticket> {
        let first = self
            .items
            .iter()
            .filter(|item| item.slot() == slot && item.waits() && item.recall.is_none())
            .min_by_key(|item| item.rank())?;
        let early = first.asked_time().is_some_and(|time| time.until(now) > AHEAD);
        (!early && !self.would_be_in_the_way(first, now)).then_some(first.ticket)
    }

    /// Whether it would still be heard when another one's time comes. High ones do not care.
    fn would_be_in_the_way(&self, item: &Item, now: Timestamp) -> bool {
        let Some(wanted) = item.announcement().filter(|_| item.slot() == Slot::Soon) else { return false };
        if wanted.lane == Lane::High {
            return false;
        }
        let busy = self.on_air().map_or(0.0, |on_air| {
            let since = on_air.began.map_or(0.0, |(_, at)| now.since(at).as_secs_f64());
            (on_air.facts.seconds.unwrap_or_default() - since).max(0.0)
        });
        let until_end = busy + item.facts.seconds.unwrap_or_default();
        self.items.iter().filter(|other| other.waits()).any(|other| {
            other.asked_time().is_some_and(|time| time > now && time.until(now).as_secs_f64() < until_end)
        })
    }

    /// Hands it to the air thread, or opens it first.
    fn bring(&mut self, ticket: Ticket, moment: Moment) {
        if self.pit.desk.is_full() {
            return;
        }
        let Some(item) = self.item(ticket) else { return };
        match std::mem::replace(&mut item.hold, Hold::Loaded) {
            Hold::Ready(Ready { feed, pump, failure }) => {
                let tier = item.tier();
                let (manner, start) = item.terms(|time| moment.frame_at(time));
                item.failure = Some(failure);
                let command = match tier {
                    Tier::Queue | Tier::Playlist => Command::Load(tier, feed),
                    Tier::Interrupt | Tier::Live | Tier::Noise => {
                        Command::Announce(Cue { feed, manner, start })
                    }
                };
                if self.pit.desk.order(command).is_err() {
                    tracing::error!("the air thread takes no orders");
                }
                if let Some(pump) = pump {
                    self.pit.opener.tapes.run(pump);
                }
            }
            Hold::Closed => self.open(ticket),
            hold @ (Hold::Opening | Hold::Loaded | Hold::Returning) => item.hold = hold,
        }
    }

    /// Has a file opened again.
    fn open(&mut self, ticket: Ticket) {
        let (opening, door) = (self.pit.opener.clone(), self.pit.door.clone());
        let Some(item) = self.item(ticket) else { return };
        item.hold = Hold::Opening;
        let (wanted, path) = (item.announcement().cloned(), item.facts.path.clone().unwrap_or_default());
        let tapes = Arc::clone(&opening.tapes);
        let work = move || {
            let opened = match &wanted {
                Some(wanted) => opening.announcement(ticket, wanted),
                None => opening.queued(ticket, &path),
            };
            // A station that closes does not need it.
            drop(door.send(Request::Opened(ticket, opened.map(|(ready, _)| ready))));
        };
        if !tapes.aside(Box::new(work))
            && let Some(item) = self.item(ticket)
        {
            item.hold = Hold::Closed;
        }
    }

    fn opened(&mut self, ticket: Ticket, opened: Result<Ready, Refused>, now: Timestamp) {
        match (self.item(ticket), opened) {
            (Some(item), Ok(ready)) => item.hold = Hold::Ready(ready),
            (Some(_), Err(refused)) => {
                self.end(ticket, Ended::Failed { reason: refused.without_path(), seconds: 0.0 }, now);
            }
            (None, _) => {}
        }
    }

    pub(super) fn item(&mut self, ticket: Ticket) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.ticket == ticket)
    }

    /// The announcement on air.
    pub(super) fn on_air(&self) -> Option<&Item> {
        self.items.iter().find(|item| item.tier() == Tier::Interrupt && !item.waits())
    }

    /// The track on air, or the one that pauses.
    pub(super) fn now_playing_item(&self) -> Option<&Item> {
        let heard = |tier: Tier| self.items.iter().rfind(|item| item.tier() == tier && !item.waits());
        heard(Tier::Queue).or_else(|| heard(Tier::Playlist))
    }
}

/// Why a request found no conductor.
pub(super) fn send(door: &SyncSender<Request>, request: Request) -> Result<(), Option<Request>> {
    match door.try_send(request) {
        Ok(()) => Ok(()),
        Err(TrySendError::Full(request)) => Err(Some(request)),
        Err(TrySendError::Disconnected(_)) => Err(None),
    }
}
