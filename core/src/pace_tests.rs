use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

const SECOND: i64 = 1_000_000;

fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

fn bar(per_second: Option<&str>, at_once: Option<u32>) -> Bar {
    Bar::of(Limits { per_second: per_second.map(rate), at_once })
}

#[test]
fn a_rate_is_a_whole_number_or_a_fraction_of_one() {
    for (text, gap_ms) in [("1", 1_100), ("10", 110), ("50", 22), ("0.5", 2_200), ("1000", 1)] {
        assert_eq!(rate(text).gap().as_millis(), gap_ms, "{text}");
    }
    for bad in ["", "0", "-1", "2.5", "1001", "many", "NaN", "inf", "0.0001"] {
        assert!(bad.parse::<Rate>().unwrap_err().contains("whole number"), "{bad}");
    }
}

#[test]
fn few_calls_are_on_their_way_at_a_time() {
    for (text, calls) in [("0.5", 1), ("1", 1), ("10", 1), ("20", 1), ("50", 3), ("100", 5)] {
        assert_eq!(rate(text).on_their_way(), calls, "{text}");
    }
}

#[test]
fn a_gate_lets_through_or_says_how_long() {
    let free = Gate::default();
    let soon = Gate { next: SECOND + 40_000, ..free };
    let full = Gate { calls: 2, ..free };
    let wanted = Gate { high: 2, ..soon };
    let busy = Gate { on_their_way: 1, ..free };
    let (none, ten, two) = (bar(None, None), bar(Some("10"), None), bar(None, Some(2)));
    for (gate, bar, lane, wait) in [
        (free, none, Lane::Normal, 0),
        (free, ten, Lane::Normal, 0),
        (soon, none, Lane::Normal, 0),
        (soon, ten, Lane::Normal, 40_000),
        (soon, ten, Lane::High, 40_000),
        (full, two, Lane::High, 200_000),
        (full, none, Lane::High, 0),
        (wanted, ten, Lane::High, 40_000),
        (wanted, ten, Lane::Normal, 260_000),
        (Gate { high: 1, ..free }, two, Lane::Normal, 8_000),
        (busy, ten, Lane::High, 8_000),
        (busy, two, Lane::High, 0),
    ] {
        assert_eq!(gate.wait(bar, lane, SECOND), wait, "{gate:?} {bar:?} {lane:?}");
    }
}

#[test]
fn both_gates_must_agree_and_tell_who_kept_the_call() {
    let (ten, free) = (bar(Some("10"), None), Gate::default());
    let later = Gate { next: SECOND, ..free };
    assert_eq!(decide(Lane::High, [(free, ten), (free, ten)], 0), (Admitted::Go, [false, false]));
    let (said, kept) = decide(Lane::High, [(free, ten), (later, ten)], 0);
    assert_eq!((said, kept), (Admitted::Wait(Duration::from_secs(1)), [false, true]));
}

#[test]
fn congestion_halves_the_rate_and_quiet_brings_it_back() {
    let step = micros(EASE_STEP);
    let fresh = Ease::default();
    let once = fresh.more(SECOND);
    let twice = once.more(4 * SECOND);
    let worst = (1..9).fold(fresh, |ease, n| ease.more(n * 3 * SECOND));
    for (ease, at, level) in [
        (fresh, 0, 0),
        (once, SECOND, 1),
        (once.more(2 * SECOND), 2 * SECOND, 1), // the same congestion
        (once, SECOND + step - 1, 1),
        (once, SECOND + step, 0),
        (twice, 4 * SECOND, 2),
        (twice, 4 * SECOND + step, 1),
        (twice, 4 * SECOND + 2 * step, 0),
        (twice.more(4 * SECOND + step), 4 * SECOND + step, 2),
        (worst, 24 * SECOND, MOST_EASED),
        (worst, 24 * SECOND + 100 * step, 0),
    ] {
        assert_eq!(ease.level_at(at), level, "{ease:?} at {at}");
    }
    let ten = bar(Some("10"), None);
    assert_eq!(eased(ten, ten.gap, 0), ten);
    assert_eq!(eased(ten, ten.gap, 2).gap, 440_000);
    assert_eq!(eased(bar(None, None), ten.gap, 1).gap, 220_000, "without a rate of its own, the shared one");
}

proptest! {
    /// Whoever asks when: no window of a second holds more than the rate, even when each call is up to 80 ms late at
    /// the other end, and the rate is nearly reached.
    #[test]
    fn no_window_of_a_second_holds_more_than_the_rate(
        per_second in prop::sample::select(vec![1_u32, 2, 3, 7, 10, 20, 50, 100]),
        waits in prop::collection::vec(0_i64..30_000, 300),
        late in prop::collection::vec(0_i64..80_000, 300),
    ) {
        let bar = bar(Some(&per_second.to_string()), None);
        let (mut gate, mut now, mut dials) = (Gate::default(), SECOND, Vec::new());
        for (wake, late) in waits.into_iter().zip(late) {
            while gate.wait(bar, Lane::Normal, now) > 0 {
                now += gate.wait(bar, Lane::Normal, now) + wake % 5_000;
            }
            gate.next = gate.after(bar, now);
            dials.push(now + late);
            now += wake / 10;
        }
        dials.sort_unstable();
        let mut window = VecDeque::new();
        for dial in &dials {
            window.push_back(*dial);
            while window.front().is_some_and(|first| dial - first >= SECOND) {
                window.pop_front();
            }
            prop_assert!(window.len() <= per_second as usize, "{} in a second", window.len());
        }
    }
}
