//! What is heard, block by block.

use pregon_audio::Frame;
use rtrb::Consumer;

use super::announcer::{Announcer, Bed};
use super::bus::Bus;
use super::deck::SHORT_FADE;
use super::desk::{Command, Notice, Outbox, Sound};
use super::envelope::{Envelope, Glide};
use super::limiter::{DELAY, Limiter};
use super::meter::Gauge;
use super::{BLOCK_FRAMES, Tier, earliest};

/// Frames in which the programme is lowered under a voice: 0.25 s.
pub(super) const DUCK_DOWN: usize = 12_000;

/// Frames in which it comes back: 0.7 s, slower, so that the end of the sentence is not run over.
pub(super) const DUCK_UP: usize = 33_600;

/// The real-time half of a station. [`render`](Self::render) is called by one thread, every 20 ms.
pub(crate) struct Mixer {
    orders: Consumer<Command>,
    outbox: Outbox,
    announcer: Announcer,
    bus: Bus,
    /// Pauses the programme.
    gate: Envelope,
    duck: Glide,
    duck_db: f64,
    limiter: Limiter,
    gauge: Gauge,
    scratch: Box<[Frame; BLOCK_FRAMES]>,
    /// Frames given out.
    given: u64,
    /// Frames mixed, as the output counts them: ahead of `given` by what the limiter holds.
    mixed: u64,
    tier: Tier,
    /// Where the next announcement begins in the output.
    urgent: Option<u64>,
}

impl Mixer {
    pub(super) fn new(sound: Sound, orders: Consumer<Command>, outbox: Outbox) -> Self {
        Self {
            orders,
            outbox,
            announcer: Announcer::new(),
            bus: Bus::new(sound.crossfade),
            gate: Envelope::OPEN,
            duck: Glide::UNITY,
            duck_db: sound.duck_db,
            limiter: Limiter::new(),
            gauge: Gauge::new(),
            scratch: Box::new([[0.0; 2]; BLOCK_FRAMES]),
            given: 0,
            mixed: DELAY as u64,
            tier: Tier::Noise,
            urgent: None,
        }
    }

    /// Renders the next block, and says whether an announcement begins in it. Never allocates, locks, waits, logs or
    /// panics; costs some 30 µs.
    pub(crate) fn render(&mut self, out: &mut [Frame; BLOCK_FRAMES]) -> bool {
        self.obey();
        let mut rest = out.as_mut_slice();
        while !rest.is_empty() {
            self.settle();
            let frames = self.quiet().min(rest.len());
            let (now, later) = rest.split_at_mut(frames);
            self.mix(now);
            self.mixed += frames as u64;
            rest = later;
        }
        if let Some((ticket, played)) = self.bus.track() {
            self.outbox.meters.show_track(ticket, played);
        }
        let least = self.limiter.process(out);
        self.gauge.read(out, least, &self.outbox.meters);
        self.given += BLOCK_FRAMES as u64;
        self.urgent.take_if(|frame| *frame < self.given).is_some()
    }

    /// Index of the first frame of the next block.
    pub(crate) fn given(&self) -> u64 {
        self.given
    }

    pub(super) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    fn obey(&mut self) {
        while let Ok(command) = self.orders.pop() {
            match command {
                Command::Load(tier, feed) => self.bus.load(tier, feed, &mut self.outbox),
                Command::Announce(cue) => self.announcer.cue(cue, &mut self.outbox),
                Command::Recall(ticket) => {
                    self.announcer.recall(ticket, &mut self.outbox);
                    self.bus.recall(ticket, &mut self.outbox);
                }
                Command::Hush => self.announcer.hush(),
                // Under an announcement nobody hears a fade, and after it nobody wants the rest of the track.
                Command::Skip if self.gate.is_shut() => self.bus.move_on(self.mixed, &mut self.outbox),
                Command::Skip => self.bus.skip(self.mixed, &mut self.outbox),
            }
        }
    }

    /// Everything that is decided between two frames.
    fn settle(&mut self) {
        let left = self.bus.track_left();
        if self.announcer.settle(self.mixed, left, &mut self.outbox) {
            self.urgent = self.urgent.or(Some(self.mixed));
        }
        self.set_bed(left);
        if !self.gate.is_shut() {
            self.bus.settle(self.holds_tracks(), self.mixed, &mut self.outbox);
        } else if self.announcer.moves_on() {
            self.bus.move_on(self.mixed, &mut self.outbox);
            self.announcer.moved_on();
        }
        let tier = if self.announcer.is_on_air() { Tier::Interrupt } else { self.bus.tier() };
        if tier != self.tier {
            self.tier = tier;
            self.outbox.tell(Notice::Tier(tier));
        }
    }

    fn set_bed(&mut self, track_left: Option<usize>) {
        match self.announcer.bed() {
            Bed::Open => {
                self.gate.open(SHORT_FADE);
                self.duck.head_for(0.0, DUCK_UP);
            }
            Bed::Ducked => {
                self.gate.open(SHORT_FADE);
                self.duck.head_for(self.duck_db, DUCK_DOWN);
            }
            Bed::Paused => {
                self.gate.shut(SHORT_FADE);
                if let Some(left) = track_left.filter(|left| (1..SHORT_FADE).contains(left)) {
                    // Not even the first frames of the next track are to be heard before the announcement.
                    self.gate.shut_within(left);
                }
            }
        }
    }

    /// Whether an announcement takes the place of the next crossfade: a track that is about to end has to be over
    /// before the next one begins.
    fn holds_tracks(&self) -> bool {
        self.announcer.waits_for_track() || self.announcer.bed() == Bed::Paused
    }

    /// Frames for which nothing has to be decided.
    fn quiet(&self) -> usize {
        let programme = (!self.gate.is_shut()).then(|| self.bus.quiet(self.holds_tracks()));
        earliest([Some(self.announcer.quiet(self.mixed)), self.gate.moving(), programme])
    }

    fn mix(&mut self, out: &mut [Frame]) {
        if self.gate.is_shut() {
            out.fill([0.0; 2]);
        } else {
            self.bus.render(out, &self.outbox);
            self.gate.apply(out);
            self.duck.apply(out);
        }
        if let Some(scratch) = self.scratch.get_mut(..out.len()) {
            self.announcer.add_to(out, scratch, &self.outbox);
        }
    }
}
