//! What holds whatever a station is told.

use super::*;

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
