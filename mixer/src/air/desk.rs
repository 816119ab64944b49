//! The two ends of the air engine: orders go in, notices and finished feeds come out. Rings only, so that neither
//! side ever waits for the other.

use std::sync::Arc;

use rtrb::{Consumer, Producer, RingBuffer};

use super::Tier;
use super::meter::{Meters, Mishap};
use super::mixer::Mixer;
use super::voice::{Feed, Voice};
use crate::station::Ticket;

/// How an announcement meets the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// The programme pauses.
    Pause,
    /// The programme pauses, and its track is over.
    MoveOn,
    /// The programme is lowered.
    Over,
}

/// When an announcement begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// As soon as nothing else is being announced.
    Soon,
    /// When the track on air ends.
    AfterTrack,
    /// When the station's output reaches that frame; later when something else is being announced.
    AtFrame(u64),
}

/// An announcement, ready to be heard.
#[derive(Debug)]
pub(crate) struct Cue {
    pub(crate) feed: Feed,
    pub(crate) manner: Manner,
    pub(crate) start: Start,
}

/// What the conductor asks of the air thread. For each place where something waits there is one slot: what is put
/// there drives out what was there, which comes back as [`Notice::Returned`].
#[derive(Debug)]
pub(crate) enum Command {
    /// The next track of a tier ([`Tier::Queue`] or [`Tier::Playlist`]).
    Load(Tier, Feed),
    /// The next announcement of its kind of start.
    Announce(Cue),
    /// Sends back what waits under that number, if it still does.
    Recall(Ticket),
    /// Ends the track on air.
    Skip,
    /// Ends the announcement on air.
    Hush,
}

/// What the air thread tells. Frames are those of the output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Notice {
    /// Its first frame.
    Began { ticket: Ticket, frame: u64 },
    /// It is over; its feed follows in the other ring.
    Ended { ticket: Ticket, ending: Ending, played: u64 },
    /// It waited and does not any more; its feed follows in the other ring.
    Returned(Ticket),
    /// Something else is heard.
    Tier(Tier),
}

/// How a feed ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Everything it had was heard.
    Complete,
    /// Skipped or hushed.
    Cut,
    /// It had not ended, and gave nothing for too long.
    Starved,
}

/// How the engine sounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sound {
    /// Frames over which two tracks of a tier overlap.
    pub(crate) crossfade: usize,
    /// How far a ducked programme is lowered, in dB.
    pub(crate) duck_db: f64,
}

/// The conductor's end.
#[derive(Debug)]
pub(crate) struct Desk {
    commands: Producer<Command>,
    notices: Consumer<Notice>,
    retired: Consumer<Feed>,
    pub(crate) meters: Arc<Meters>,
}

impl Desk {
    /// Gives an order. It is obeyed in the next block. When the air thread is far behind the order comes back.
    pub(crate) fn order(&mut self, command: Command) -> Result<(), Command> {
        self.commands.push(command).map_err(|rtrb::PushError::Full(command)| command)
    }

    /// Whether another order would come back.
    pub(crate) fn is_full(&self) -> bool {
        self.commands.is_full()
    }

    pub(crate) fn notice(&mut self) -> Option<Notice> {
        self.notices.pop().ok()
    }

    /// A feed that the air thread is done with. Its memory is freed here, where that may take time.
    pub(crate) fn retired(&mut self) -> Option<Feed> {
        self.retired.pop().ok()
    }
}

/// Both ends, with room for that many orders on their way.
pub(crate) fn mixer(sound: Sound, capacity: usize) -> (Desk, Mixer) {
    let (commands, orders) = RingBuffer::new(capacity);
    // An order leads to at most three notices (one voice ends, another begins, the tier changes).
    let (told, notices) = RingBuffer::new(4 * capacity);
    let (done, retired) = RingBuffer::new(4 * capacity);
    let meters = Arc::new(Meters::default());
    let outbox = Outbox { notices: told, retired: done, meters: Arc::clone(&meters) };
    (Desk { commands, notices, retired, meters }, Mixer::new(sound, orders, outbox))
}

/// The air thread's way out. Never waits: what finds no room is counted.
#[derive(Debug)]
pub(super) struct Outbox {
    notices: Producer<Notice>,
    retired: Producer<Feed>,
    pub(super) meters: Arc<Meters>,
}

impl Outbox {
    pub(super) fn tell(&mut self, notice: Notice) {
        if self.notices.push(notice).is_err() {
            self.meters.count(Mishap::Unheard, 1);
        }
    }

    pub(super) fn retire(&mut self, voice: Voice, ending: Ending) {
        self.tell(Notice::Ended { ticket: voice.ticket(), ending, played: voice.played() });
        self.free(voice.into_feed());
    }

    pub(super) fn give_back(&mut self, feed: Feed) {
        self.tell(Notice::Returned(feed.ticket));
        self.free(feed);
    }

    fn free(&mut self, feed: Feed) {
        if let Err(rtrb::PushError::Full(feed)) = self.retired.push(feed) {
            // Freeing memory here could stop the station; losing it only costs memory.
            std::mem::forget(feed);
            self.meters.count(Mishap::Unheard, 1);
        }
    }
}
