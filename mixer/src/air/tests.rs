//! The engine stepped by hand. Every block of every test here is rendered under an allocator that aborts.

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
fn an_interrupted_track_resumes_at_the_very_sample() {
    let signal = ramp(20 * SECOND);
    let length = 2 * SECOND + 123;
    let mut rig = Rig::playing(signal.clone());
    rig.announce(9, flat(0.0, length), Manner::Pause, Start::Soon);
    rig.run(200);
    let (first, start) = (rig.began(1), rig.began(9));
    assert_eq!(rig.heard[start - 1].to_bits(), signal[start - 1 - first].to_bits());
    // It was heard through both short fades: what lies between was silence.
    assert!(rig.heard[start + SHORT_FADE..start + length - SHORT_FADE].iter().all(|sample| *sample == 0.0));
    let paused = length - 2 * SHORT_FADE;
    for at in start + length..start + length + SECOND {
        assert_eq!(rig.heard[at].to_bits(), signal[at - paused - first].to_bits(), "{at}");
    }
    assert_eq!(rig.ending(9), Some((Ending::Complete, length as u64)));
    assert_eq!(rig.underruns(), 0);
}

#[test]
fn an_announcement_is_heard_one_block_after_the_order_at_the_latest_and_its_block_is_urgent() {
    let mut rig = Rig::playing(flat(0.0, 20 * SECOND));
    let ordered = rig.heard.len();
    rig.announce(9, flat(0.5, SECOND), Manner::Pause, Start::Soon);
    rig.run(2);
    let start = rig.began(9);
    assert!(start - ordered <= BLOCK_FRAMES, "{}", start - ordered);
    let frame = (start + DELAY) as u64;
    assert!(
        rig.urgent.len() == 1 && (rig.urgent[0]..rig.urgent[0] + 960).contains(&frame),
        "{:?}",
        rig.urgent
    );
    for n in 0..SHORT_FADE {
        assert!(close(rig.heard[start + n], 0.5 * rising(n, SHORT_FADE)), "{n}");
    }
}

#[test]
fn short_fades_round_an_interruption_have_equal_power() {
    let mut rig = Rig::playing(flat(0.4, 20 * SECOND));
    rig.announce(9, flat(-0.2, SECOND), Manner::Pause, Start::Soon);
    rig.run(70);
    let start = rig.began(9);
    for n in 0..SHORT_FADE {
        let (up, down) = (rising(n, SHORT_FADE), (1.0 - rising(n, SHORT_FADE).powi(2)).max(0.0).sqrt());
        assert!(close(rig.heard[start + n], 0.4 * down - 0.2 * up), "in, {n}");
        let back = start + SECOND - SHORT_FADE + n;
        assert!(close(rig.heard[back], 0.4 * up - 0.2 * down), "out, {n}: {}", rig.heard[back]);
    }
}

#[test]
fn announcements_in_a_row_do_not_bring_the_programme_back_in_between() {
    let mut rig = Rig::playing(flat(0.4, 20 * SECOND));
    rig.announce(8, flat(-0.1, SECOND), Manner::Pause, Start::Soon);
    rig.run(10);
    rig.announce(9, flat(-0.2, SECOND), Manner::Pause, Start::Soon);
    rig.run(150);
    let (first, second) = (rig.began(8), rig.began(9));
    assert_eq!(second, first + SECOND, "to the sample");
    let between = &rig.heard[first + SHORT_FADE..second + SECOND - SHORT_FADE];
    assert!(between.iter().all(|sample| *sample <= 0.0), "no programme");
}

#[test]
fn ducking_glides_to_its_depth_and_back_evenly_in_decibels() {
    let mut rig = Rig::playing(flat(0.4, 20 * SECOND));
    rig.announce(9, flat(0.0, 2 * SECOND), Manner::Over, Start::Soon);
    rig.run(200);
    let start = rig.began(9);
    let depth = |at: usize| 20.0 * (rig.heard[at] / 0.4).log10();
    #[expect(clippy::cast_precision_loss, reason = "short glides")]
    let share = |n: usize, of: usize| -12.0 * n as f32 / of as f32;
    for n in (1..DUCK_DOWN).step_by(101) {
        assert!((depth(start + n - 1) - share(n, DUCK_DOWN)).abs() < 0.01, "down, {n}");
    }
    let back = start + 2 * SECOND - SHORT_FADE;
    assert!((depth(back - 1) + 12.0).abs() < 0.001 && (depth(start + DUCK_DOWN) + 12.0).abs() < 0.001);
    for n in (1..DUCK_UP).step_by(101) {
        assert!((depth(back + n - 1) - (-12.0 - share(n, DUCK_UP))).abs() < 0.01, "up, {n}");
    }
    assert!(rig.heard[back + DUCK_UP..].iter().all(|sample| sample.to_bits() == 0.4_f32.to_bits()));
}

#[test]
fn at_a_frame_means_that_very_frame() {
    let mut rig = Rig::playing(flat(0.0, 20 * SECOND));
    let asked = rig.mixer.given() + 12_345;
    rig.announce(9, flat(0.5, SECOND), Manner::Pause, Start::AtFrame(asked));
    rig.run(30);
    assert_eq!(rig.began(9) + DELAY, usize::try_from(asked).unwrap());
    assert!(rig.heard[rig.began(9) - 1] == 0.0 && rig.heard[rig.began(9)] > 0.0);
}

#[test]
fn at_a_frame_goes_before_what_only_waits_its_turn() {
    let mut rig = Rig::playing(flat(0.0, 20 * SECOND));
    rig.announce(7, flat(0.1, SECOND), Manner::Pause, Start::Soon);
    rig.run(1);
    rig.announce(8, flat(0.2, SECOND), Manner::Pause, Start::Soon);
    rig.announce(9, flat(0.3, SECOND), Manner::Pause, Start::AtFrame(rig.mixer.given() + 5_000));
    rig.run(200);
    assert_eq!((rig.began(9), rig.began(8)), (rig.began(7) + SECOND, rig.began(7) + 2 * SECOND));
}

#[test]
fn after_the_track_means_between_its_last_sample_and_the_first_of_the_next() {
    for crossfade in [0, 2 * SECOND] {
        let mut rig = Rig::new(crossfade);
        rig.order(Command::Load(Tier::Playlist, feed(1, flat(0.3, 6 * SECOND))));
        rig.run(10);
        rig.order(Command::Load(Tier::Playlist, feed(2, ramp(9 * SECOND))));
        rig.announce(9, flat(-0.2, SECOND), Manner::Pause, Start::AfterTrack);
        rig.run(600);
        assert_eq!(rig.began(9), rig.began(1) + 6 * SECOND - SHORT_FADE);
        assert_eq!(
            rig.began(2),
            rig.began(9) + SECOND - SHORT_FADE,
            "the next track comes in with the short fade"
        );
        assert_eq!(
            rig.heard[rig.began(2) + SHORT_FADE].to_bits(),
            ramp(SHORT_FADE + 1)[SHORT_FADE].to_bits()
        );
        assert_eq!(rig.ending(1), Some((Ending::Complete, 6 * SECOND as u64)));
    }
}

#[test]
fn after_the_track_is_at_once_when_there_is_none() {
    let mut rig = Rig::new(0);
    rig.run(120);
    rig.announce(9, flat(0.5, SECOND), Manner::Pause, Start::AfterTrack);
    rig.run(2);
    assert!(rig.began(9) >= 119 * BLOCK_FRAMES);
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

#[test]
fn no_transition_clicks() {
    let song = |ticket| feed(ticket, tone(440.0, 0.15, 30 * SECOND + 77));
    let voice = |seconds| tone(310.0, 0.15, seconds * SECOND + 55);
    let mut rig = Rig::new(SECOND);
    rig.order(Command::Load(Tier::Playlist, song(1)));
    rig.run(120);
    rig.order(Command::Load(Tier::Playlist, song(2)));
    for (ticket, manner) in [(10, Manner::Pause), (11, Manner::Over), (12, Manner::MoveOn)] {
        rig.announce(ticket, voice(1), manner, Start::Soon);
        rig.run(37);
        rig.announce(ticket + 10, voice(2), manner, Start::Soon);
        rig.run(211);
    }
    rig.order(Command::Load(Tier::Playlist, song(3)));
    rig.order(Command::Load(Tier::Queue, feed(4, tone(440.0, 0.15, 7 * SECOND))));
    rig.run(33);
    rig.announce(30, voice(1), Manner::Pause, Start::Soon); // in the middle of a fade between tiers
    rig.run(111);
    rig.order(Command::Skip);
    rig.run(7);
    rig.announce(31, voice(5), Manner::Over, Start::Soon);
    rig.run(9);
    rig.order(Command::Hush);
    rig.run(400);
    rig.order(Command::Skip);
    rig.run(3);
    rig.order(Command::Load(Tier::Playlist, song(5)));
    rig.order(Command::Skip);
    rig.run(150);
    // Two songs and a voice at once rise by 0.15 · 2π · (440 + 440 + 310) / 48000 = 0.024 per sample at most; a cut in
    // the middle of a wave would be ten times that.
    let steepest = rig.steepest(TIER_FADE);
    assert!(steepest < 0.024, "{steepest}");
    assert_eq!(rig.underruns(), 0);
    assert!(rig.notices.iter().filter(|notice| matches!(notice, Notice::Began { .. })).count() >= 12);
}

#[test]
fn the_output_never_passes_the_ceiling() {
    let mut rig = Rig::playing(tone(440.0, 1.5, 20 * SECOND));
    rig.announce(9, tone(310.0, 1.5, SECOND), Manner::Over, Start::Soon);
    rig.run(100);
    let loudest = rig.heard.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    assert!(loudest <= limiter::CEILING * 1.01, "{loudest}");
    assert!(rig.desk.meters.readings().limiter_db < -3.0);
}

/// Something that a station may be told in any block.
#[derive(Debug, Clone, Copy)]
enum Move {
    Load(Tier, usize),
    Announce(Manner, u8, usize),
    RecallLast,
    Skip,
    Hush,
    Wait(usize),
}

fn moves() -> impl Strategy<Value = Move> {
    let manner = prop_oneof![Just(Manner::Pause), Just(Manner::MoveOn), Just(Manner::Over)];
    let tier = prop_oneof![Just(Tier::Queue), Just(Tier::Playlist)];
    // From nothing at all, over less than the fades, to several seconds.
    let length = || prop_oneof![0..2_000_usize, 0..200_000_usize];
    prop_oneof![
        3 => (tier, length()).prop_map(|(tier, frames)| Move::Load(tier, frames)),
        3 => (manner, 0..3_u8, length()).prop_map(|(manner, start, frames)| Move::Announce(manner, start, frames)),
        1 => Just(Move::RecallLast),
        1 => Just(Move::Skip),
        1 => Just(Move::Hush),
        4 => (1..120_usize).prop_map(Move::Wait),
    ]
}

impl Rig {
    fn make(&mut self, step: Move, ticket: u64) {
        match step {
            Move::Load(tier, frames) => {
                self.order(Command::Load(tier, feed(ticket, tone(440.0, 0.1, frames))));
            }
            Move::Announce(manner, start, frames) => {
                let at = self.mixer.given() + u64::try_from(frames).unwrap();
                let start = [Start::Soon, Start::AfterTrack, Start::AtFrame(at)][usize::from(start)];
                self.announce(ticket, tone(310.0, 0.1, frames), manner, start);
            }
            Move::RecallLast => self.order(Command::Recall(Ticket(ticket.saturating_sub(1)))),
            Move::Skip => self.order(Command::Skip),
            Move::Hush => self.order(Command::Hush),
            Move::Wait(blocks) => self.run(blocks),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Whatever it is told: what is handed over begins at most once, ends once and leaves by one door only.
    #[test]
    fn nothing_is_lost_or_heard_twice(steps in proptest::collection::vec(moves(), 1..40), crossfade in 0..150_000_usize) {
        let mut rig = Rig::new(crossfade);
        let handed = steps.iter().enumerate().filter(|(_, step)| matches!(step, Move::Load(..) | Move::Announce(..)));
        let handed: Vec<u64> = handed.map(|(n, _)| u64::try_from(n).unwrap()).collect();
        for (ticket, step) in steps.into_iter().enumerate() {
            rig.make(step, u64::try_from(ticket).unwrap());
            rig.run(1);
        }
        // Time for everything: one slot each may be waiting behind several seconds.
        rig.run(2_000);
        for ticket in handed.iter().map(|ticket| Ticket(*ticket)) {
            let count = |matching: &dyn Fn(&Notice) -> bool| rig.notices.iter().filter(|n| matching(n)).count();
            let began = count(&|n| matches!(n, Notice::Began { ticket: other, .. } if *other == ticket));
            let ended = count(&|n| matches!(n, Notice::Ended { ticket: other, .. } if *other == ticket));
            let returned = count(&|n| *n == Notice::Returned(ticket));
            prop_assert_eq!((began, ended + returned), (ended, 1), "{:?}: {:?}", ticket, rig.notices);
        }
        prop_assert_eq!(rig.underruns(), 0);
        prop_assert!(rig.heard.iter().all(|sample| sample.abs() < 0.6), "nothing but what was played");
    }
}
