//! When something else than the programme is heard.
//!
//! The programme of these measurements is a steady tone, so whatever an announcement is, it begins where that tone is
//! no longer most of the sound.

use std::f32::consts::TAU;
use std::time::Instant;

/// The programme, in Hz: a whole number of periods in a window.
pub(super) const PROGRAMME_HZ: f32 = 1_000.0;
/// Frames in a window: 5 ms at 48 kHz.
const WINDOW: usize = 240;
/// Windows in a row that make it true: 40 ms, longer than a fade or a damaged packet.
const HOLD: usize = 8;
/// Mean square below which a window says nothing: -60 dBFS.
const SILENCE: f32 = 1e-6;

/// When a sample was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// Its page had arrived.
    pub(super) arrived: Instant,
    /// A player without a buffer played it.
    pub(super) heard: Instant,
}

/// What has begun to be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Programme,
    Announcement(Moment),
}

/// Listens for the change from one to the other.
pub(super) struct Onset {
    window: Vec<f32>,
    /// Of the first sample of the window.
    moment: Option<Moment>,
    announcing: bool,
    /// Windows in a row that say otherwise, and when the first of them was.
    doubts: usize,
    since: Option<Moment>,
}

impl Onset {
    /// Nothing has been heard yet: the programme will be news.
    pub(super) fn new() -> Self {
        let window = Vec::with_capacity(WINDOW);
        Self { window, moment: None, announcing: true, doubts: 0, since: None }
    }

    /// Takes one sample.
    pub(super) fn hear(&mut self, sample: f32, moment: Moment) -> Option<Heard> {
        let began = *self.moment.get_or_insert(moment);
        self.window.push(sample);
        if self.window.len() < WINDOW {
            return None;
        }
        let other = is_other(&self.window);
        self.window.clear();
        self.moment = None;
        let other = other?;
        if other == self.announcing {
            self.doubts = 0;
            return None;
        }
        if self.doubts == 0 {
            self.since = Some(began);
        }
        self.doubts += 1;
        if self.doubts < HOLD {
            return None;
        }
        self.doubts = 0;
        self.announcing = other;
        let since = self.since.take().filter(|_| other);
        Some(since.map_or(Heard::Programme, Heard::Announcement))
    }
}

/// Whether the programme's tone is less than half of a window; `None` when there is nothing to hear. Goertzel.
#[expect(clippy::cast_precision_loss, reason = "240")]
fn is_other(window: &[f32]) -> Option<bool> {
    let energy: f32 = window.iter().map(|sample| sample * sample).sum();
    let length = window.len() as f32;
    if energy / length < SILENCE {
        return None;
    }
    let coefficient = 2.0 * (TAU * PROGRAMME_HZ / 48_000.0).cos();
    let (last, before) =
        window.iter().fold((0.0, 0.0), |(last, before), sample| (sample + coefficient * last - before, last));
    let power = last * last + before * before - coefficient * last * before;
    // Of a pure tone: (amplitude · length / 2)², and an energy of amplitude² · length / 2.
    Some(2.0 * power / length < 0.5 * energy)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Plays tones of so many milliseconds one after the other, in real time from `start`.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    fn play(tones: &[(f32, u32)], start: Instant) -> Vec<Heard> {
        let mut onset = Onset::new();
        let sounds = tones.iter().flat_map(|&(hertz, millis)| {
            (0..millis * 48).map(move |n| {
                let turns = (n as f32 * hertz / 48_000.0).fract();
                0.1 * (turns * TAU).sin()
            })
        });
        let times = (0..).map(|n| start + Duration::from_nanos(n * 1_000_000 / 48));
        sounds.zip(times).filter_map(|(s, at)| onset.hear(s, Moment { arrived: at, heard: at })).collect()
    }

    #[test]
    fn an_announcement_begins_in_the_window_that_it_fills() {
        let start = Instant::now();
        let heard = play(&[(PROGRAMME_HZ, 503), (3_000.0, 300), (0.0, 50), (PROGRAMME_HZ, 300)], start);
        let [Heard::Programme, Heard::Announcement(moment), Heard::Programme] = heard[..] else {
            panic!("{heard:?}")
        };
        let off = (moment.heard - start).abs_diff(Duration::from_millis(503));
        assert!(off <= Duration::from_millis(5), "{off:?}");
    }

    #[test]
    fn silence_and_short_disturbances_are_not_news() {
        let tones = [(PROGRAMME_HZ, 200), (0.0, 100), (PROGRAMME_HZ, 50), (300.0, 30), (PROGRAMME_HZ, 200)];
        assert_eq!(play(&tones, Instant::now()), [Heard::Programme]);
    }
}
