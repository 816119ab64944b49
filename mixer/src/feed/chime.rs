//! The built-in chime: two soft bell notes, a falling third.

use std::f64::consts::TAU;

use pregon_audio::Frame;

use super::{Source, SourceError};

/// E5 and C5, in Hz, and when each is struck, in frames.
const NOTES: [(f64, u32); 2] = [(659.26, 0), (523.25, 24_000)];

/// The partials of a bell bar: multiple of the note, share, and how fast it dies (per second).
const PARTIALS: [(f64, f64, f64); 3] = [(1.0, 0.7, 3.5), (2.76, 0.2, 7.0), (5.4, 0.1, 14.0)];

/// Linear. Close to the loudness of speech on a station that plays at −16 LUFS.
const LEVEL: f64 = 0.28;

/// Frames in which a note is struck: 4 ms, hard enough for a bell, too soft for a click.
const STRIKE: f64 = 192.0;

/// Length in frames: 1.6 s. The last 0.1 s fade to silence.
const LENGTH: u32 = 76_800;
const FADE: f64 = 4_800.0;

/// The chime as a source.
#[derive(Debug, Default)]
pub(crate) struct Chime {
    at: u32,
}

impl Chime {
    /// Length in seconds.
    pub(crate) const SECONDS: f64 = LENGTH as f64 / 48_000.0;
}

impl Source for Chime {
    fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError> {
        let left = usize::try_from(LENGTH - self.at).unwrap_or(usize::MAX);
        let count = left.min(out.len());
        for frame in out.iter_mut().take(count) {
            *frame = [sample(self.at); 2];
            self.at += 1;
        }
        Ok(count)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "f32 is the precision of the samples")]
fn sample(at: u32) -> f32 {
    let notes = NOTES.iter().filter_map(|(hertz, struck)| Some((hertz, f64::from(at.checked_sub(*struck)?))));
    let sum: f64 = notes
        .flat_map(|(hertz, since)| {
            let seconds = since / 48_000.0;
            PARTIALS.map(|(multiple, share, dying)| {
                share
                    * (since / STRIKE).min(1.0)
                    * (-dying * seconds).exp()
                    * (TAU * hertz * multiple * seconds).sin()
            })
        })
        .sum();
    (LEVEL * sum * (f64::from(LENGTH - at) / FADE).min(1.0)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chime_begins_and_ends_in_silence_and_is_never_too_loud() {
        let mut chime = Chime::default();
        let mut frames = vec![[0.0; 2]; 100_000];
        let count = chime.read(&mut frames).unwrap();
        assert_eq!((count, chime.read(&mut frames)), (76_800, Ok(0)));
        let samples: Vec<f32> = frames.iter().take(count).map(|[left, _]| *left).collect();
        let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        assert!(peak > 0.15 && peak < 0.5, "{peak}");
        assert!(samples[0].abs() < 1e-6 && samples[count - 1].abs() < 1e-4);
        let step = samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(step < 0.06, "{step}");
    }
}
