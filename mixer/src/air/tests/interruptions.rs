//! Announcements over the programme: to the sample, to the block.

use super::*;

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
