//! The engine stepped by hand. Every block of every test here is rendered under an allocator that aborts.

mod always;
mod interruptions;

use std::f32::consts::{FRAC_PI_2, TAU};

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use proptest::prelude::*;
use rtrb::{Producer, RingBuffer};

use super::deck::{SHORT_FADE, TIER_FADE};
use super::limiter::DELAY;
use super::mixer::{DUCK_DOWN, DUCK_UP};
use super::*;
use crate::station::Ticket;

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const SECOND: usize = 48_000;

/// A mixer, and what was heard of it. Index 0 is the first frame that was mixed: the delay of the limiter is cut off.
struct Rig {
    desk: Desk,
    mixer: Mixer,
    heard: Vec<f32>,
    notices: Vec<Notice>,
    urgent: Vec<u64>,
}

impl Rig {
    fn new(crossfade: usize) -> Self {
        let (desk, mixer) = mixer(Sound { crossfade, duck_db: -12.0 }, 64);
        Self { desk, mixer, heard: Vec::new(), notices: Vec::new(), urgent: Vec::new() }
    }

    /// With a playlist that has been on air for long enough to be at its full level.
    fn playing(signal: Vec<f32>) -> Self {
        let mut rig = Self::new(0);
        rig.order(Command::Load(Tier::Playlist, feed(1, signal)));
        rig.run(TIER_FADE / BLOCK_FRAMES + 5);
        rig
    }

    fn order(&mut self, command: Command) {
        self.desk.order(command).expect("room for an order");
    }

    fn announce(&mut self, ticket: u64, signal: Vec<f32>, manner: Manner, start: Start) {
        self.order(Command::Announce(Cue { feed: feed(ticket, signal), manner, start }));
    }

    fn run(&mut self, blocks: usize) {
        for _ in 0..blocks {
            let mut block = [[0.0; 2]; BLOCK_FRAMES];
            let first = self.mixer.given();
            if assert_no_alloc(|| self.mixer.render(&mut block)) {
                self.urgent.push(first);
            }
            let skip = if first == 0 { DELAY } else { 0 };
            self.heard.extend(block.iter().skip(skip).map(|[left, _]| *left));
            self.notices.extend(std::iter::from_fn(|| self.desk.notice()));
            while self.desk.retired().is_some() {}
        }
    }

    /// Index in `heard` of the first frame of a feed.
    fn began(&self, ticket: u64) -> usize {
        let began = self.notices.iter().find_map(|notice| match notice {
            Notice::Began { ticket: Ticket(other), frame } if *other == ticket => Some(*frame),
            _ => None,
        });
        usize::try_from(began.unwrap_or_else(|| panic!("{ticket} did not begin: {:?}", self.notices)))
            .unwrap()
            - DELAY
    }

    fn ending(&self, ticket: u64) -> Option<(Ending, u64)> {
        self.notices.iter().find_map(|notice| match notice {
            Notice::Ended { ticket: Ticket(other), ending, played } if *other == ticket => {
                Some((*ending, *played))
            }
            _ => None,
        })
    }

    fn steepest(&self, from: usize) -> f32 {
        self.heard[from..].windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
    }

    fn underruns(&self) -> u64 {
        self.desk.meters.readings().underruns
    }
}

/// A feed that holds all of the signal, on the left and right, and has ended.
fn feed(ticket: u64, signal: Vec<f32>) -> Feed {
    let (producer, feed) = live_feed(ticket, signal.len());
    push(producer, signal);
    feed
}

fn live_feed(ticket: u64, room: usize) -> (Producer<Frame>, Feed) {
    let (producer, consumer) = RingBuffer::new(room);
    (producer, Feed::new(Ticket(ticket), consumer))
}

fn push(mut producer: Producer<Frame>, signal: Vec<f32>) -> Producer<Frame> {
    for sample in signal {
        producer.push([sample, sample]).expect("room in the ring");
    }
    producer
}

/// Every sample is another: below the ceiling the limiter changes none of them.
#[expect(clippy::cast_precision_loss, reason = "below 2^22")]
fn ramp(frames: usize) -> Vec<f32> {
    (1..=frames).map(|n| n as f32 / 4_194_304.0).collect()
}

#[expect(clippy::cast_precision_loss, reason = "short tones")]
fn tone(hertz: f32, amplitude: f32, frames: usize) -> Vec<f32> {
    (0..frames).map(|n| amplitude * (n as f32 * hertz / 48_000.0 * TAU).sin()).collect()
}

fn flat(level: f32, frames: usize) -> Vec<f32> {
    vec![level; frames]
}

#[expect(clippy::cast_precision_loss, reason = "short fades")]
fn rising(n: usize, length: usize) -> f32 {
    ((n + 1) as f32 / length as f32 * FRAC_PI_2).sin()
}

fn close(a: f32, b: f32) -> bool {
    (a - b).abs() < 2e-4
}

#[test]
fn with_nothing_to_play_there_is_soft_noise() {
    let mut rig = Rig::new(0);
    rig.run(200);
    let end = &rig.heard[TIER_FADE..];
    let loudest = end.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    assert!(loudest > 0.09 && loudest <= 0.1, "{loudest}");
    assert_eq!(rig.underruns(), 0);
}

#[test]
fn tiers_fade_into_each_other_in_two_seconds_with_equal_power() {
    let mut rig = Rig::playing(flat(0.4, 20 * SECOND));
    rig.order(Command::Load(Tier::Queue, feed(2, flat(-0.2, 20 * SECOND))));
    rig.run(150);
    let start = rig.began(2);
    assert!(close(rig.heard[start - 1], 0.4));
    for n in (0..TIER_FADE).step_by(997) {
        let (up, down) = (rising(n, TIER_FADE), (1.0 - rising(n, TIER_FADE).powi(2)).sqrt());
        let expected = -0.2 * up + 0.4 * down;
        assert!(close(rig.heard[start + n], expected), "{n}: {} {expected}", rig.heard[start + n]);
    }
    assert!(rig.heard[start + TIER_FADE..].iter().all(|sample| close(*sample, -0.2)));
    assert_eq!(rig.notices.last(), Some(&Notice::Tier(Tier::Queue)));
}

#[test]
fn a_lower_tier_keeps_its_place_while_a_higher_one_is_heard() {
    let mut rig = Rig::playing(ramp(20 * SECOND));
    rig.order(Command::Load(Tier::Queue, feed(2, flat(0.0, 9 * SECOND))));
    rig.run(800);
    // It is faded out over the first 2 s of the nine, stands still, and comes back over the last two.
    let (start, paused) = (rig.began(2), 5 * SECOND);
    for at in [start + 9 * SECOND, start + 10 * SECOND, start + 10 * SECOND + 1] {
        assert_eq!(rig.heard[at].to_bits(), ramp(20 * SECOND)[at - paused - rig.began(1)].to_bits(), "{at}");
    }
    assert_eq!(rig.ending(2), Some((Ending::Complete, 9 * SECOND as u64)));
}

#[test]
fn a_short_file_in_the_queue_is_heard_too() {
    let mut rig = Rig::playing(flat(0.1, 20 * SECOND));
    rig.order(Command::Load(Tier::Queue, feed(2, flat(0.4, SECOND))));
    rig.run(60);
    let at_full = rig.heard.iter().filter(|sample| close(**sample, 0.4)).count();
    assert!(at_full >= SECOND / 2 - 10, "{at_full}");
    assert!(close(*rig.heard.last().unwrap(), 0.1));
}

#[test]
fn moving_on_drops_the_rest_of_the_track() {
    let mut rig = Rig::playing(flat(0.3, 60 * SECOND));
    rig.order(Command::Load(Tier::Playlist, feed(2, ramp(9 * SECOND))));
    rig.announce(9, flat(0.0, SECOND), Manner::MoveOn, Start::Soon);
    rig.run(100);
    let (next, ending) = (rig.began(9) + SECOND - SHORT_FADE, rig.ending(1));
    assert!(matches!(ending, Some((Ending::Cut, _))), "{ending:?}");
    assert_eq!(rig.heard[next + SHORT_FADE].to_bits(), ramp(SHORT_FADE + 1)[SHORT_FADE].to_bits());
}

#[test]
fn tracks_follow_each_other_without_a_gap() {
    let mut rig = Rig::new(0);
    let signal = ramp(8 * SECOND);
    let (first, second) = signal.split_at(5 * SECOND + 17);
    rig.order(Command::Load(Tier::Playlist, feed(1, first.to_vec())));
    rig.run(1);
    rig.order(Command::Load(Tier::Playlist, feed(2, second.to_vec())));
    rig.run(300);
    let start = rig.began(1);
    for (n, sample) in signal.iter().enumerate().take(300 * BLOCK_FRAMES - 2_000).skip(TIER_FADE) {
        assert_eq!(rig.heard[start + n].to_bits(), sample.to_bits(), "{n}");
    }
    assert_eq!(rig.underruns(), 0);
}

#[test]
fn a_crossfade_has_its_length_and_keeps_the_power() {
    let fade = 3 * SECOND;
    let mut rig = Rig::new(fade);
    rig.order(Command::Load(Tier::Playlist, feed(1, flat(0.4, 9 * SECOND))));
    rig.run(1);
    rig.order(Command::Load(Tier::Playlist, feed(2, flat(-0.2, 30 * SECOND))));
    rig.run(500);
    let start = rig.began(2);
    assert_eq!(start, rig.began(1) + 9 * SECOND - fade);
    for n in (0..fade).step_by(499) {
        let (up, down) = (rising(n, fade), (1.0 - rising(n, fade).powi(2)).max(0.0).sqrt());
        assert!(close(rig.heard[start + n], 0.4 * down - 0.2 * up), "{n}");
    }
    assert_eq!(rig.ending(1), Some((Ending::Complete, 9 * SECOND as u64)));
}

#[test]
fn a_short_jingle_is_not_lost_in_a_crossfade() {
    let mut rig = Rig::new(3 * SECOND);
    rig.order(Command::Load(Tier::Playlist, feed(1, flat(0.1, 9 * SECOND))));
    rig.run(1);
    rig.order(Command::Load(Tier::Playlist, feed(2, flat(0.4, SECOND))));
    rig.run(430);
    rig.order(Command::Load(Tier::Playlist, feed(3, flat(0.1, 9 * SECOND))));
    rig.run(100);
    assert_eq!(rig.ending(2), Some((Ending::Complete, SECOND as u64)));
    let loudest = rig.heard[rig.began(2)..].iter().fold(0.0_f32, |peak, sample| peak.max(*sample));
    assert!(loudest > 0.39, "{loudest}");
}

#[test]
fn a_skip_moves_on_within_half_a_second_and_under_an_announcement_at_once() {
    let mut rig = Rig::playing(flat(0.3, 60 * SECOND));
    rig.order(Command::Load(Tier::Playlist, feed(2, flat(-0.3, 60 * SECOND))));
    rig.order(Command::Skip);
    rig.run(26);
    assert!(close(*rig.heard.last().unwrap(), -0.3));
    rig.announce(9, flat(0.0, SECOND), Manner::Pause, Start::Soon);
    rig.run(5);
    rig.order(Command::Load(Tier::Playlist, feed(3, flat(0.2, 60 * SECOND))));
    rig.order(Command::Skip);
    rig.run(70);
    let back = rig.began(9) + SECOND - SHORT_FADE;
    assert!(rig.heard[back..].iter().all(|sample| *sample >= 0.0), "nothing of the skipped track");
    assert!(close(*rig.heard.last().unwrap(), 0.2));
}

#[test]
fn hushing_ends_an_announcement_with_a_short_fade() {
    let mut rig = Rig::playing(flat(0.3, 60 * SECOND));
    rig.announce(9, flat(-0.3, 10 * SECOND), Manner::Pause, Start::Soon);
    rig.run(50);
    let hushed = rig.heard.len() + DELAY;
    rig.order(Command::Hush);
    rig.run(3);
    assert!(rig.heard[hushed + SHORT_FADE..].iter().all(|sample| close(*sample, 0.3)));
    assert!(matches!(rig.ending(9), Some((Ending::Cut, played)) if played > 900 && played < 60 * 960));
}

#[test]
fn what_waits_can_be_recalled_and_replaced() {
    let mut rig = Rig::playing(flat(0.3, 60 * SECOND));
    for start in [Start::AfterTrack, Start::AtFrame(9_000_000)] {
        rig.announce(5, flat(0.0, SECOND), Manner::Pause, start);
        rig.announce(6, flat(0.0, SECOND), Manner::Pause, start);
        rig.order(Command::Recall(Ticket(6)));
        rig.run(1);
        let returned: Vec<Notice> =
            rig.notices.drain(..).filter(|n| matches!(n, Notice::Returned(_))).collect();
        assert_eq!(returned, [Notice::Returned(Ticket(5)), Notice::Returned(Ticket(6))]);
    }
    rig.order(Command::Load(Tier::Queue, feed(7, flat(0.0, SECOND))));
    rig.order(Command::Recall(Ticket(7)));
    rig.run(200);
    assert!(rig.notices.contains(&Notice::Returned(Ticket(7))) && close(*rig.heard.last().unwrap(), 0.3));
}

#[test]
fn a_feed_that_starves_falls_a_tier_and_comes_back() {
    let mut rig = Rig::playing(flat(0.3, 120 * SECOND));
    let (producer, stream) = live_feed(2, 10 * SECOND);
    let producer = push(producer, flat(-0.3, 3 * SECOND));
    rig.order(Command::Load(Tier::Queue, stream));
    rig.run(150 + 25 + 110);
    assert!(rig.underruns() >= 24, "{}", rig.underruns());
    assert!(close(*rig.heard.last().unwrap(), 0.3), "the playlist fills in: {}", rig.heard.last().unwrap());
    let _producer = push(producer, flat(-0.3, 9 * SECOND));
    rig.run(110);
    assert!(close(*rig.heard.last().unwrap(), -0.3));
    assert!(rig.steepest(TIER_FADE) < 0.02, "{}", rig.steepest(TIER_FADE));
}

#[test]
fn an_announcement_that_starves_is_given_up_after_two_seconds() {
    let mut rig = Rig::playing(flat(0.3, 120 * SECOND));
    let (producer, stream) = live_feed(9, SECOND);
    let _stalled = push(producer, flat(-0.3, SECOND));
    rig.order(Command::Announce(Cue { feed: stream, manner: Manner::Pause, start: Start::Soon }));
    rig.run(160);
    assert_eq!(rig.ending(9), Some((Ending::Starved, SECOND as u64)));
    assert!(close(*rig.heard.last().unwrap(), 0.3));
}
