//! A look-ahead limiter on true peaks. It sees the whole clip, so the gain is down before a peak arrives.

use std::collections::VecDeque;
use std::f64::consts::PI;

/// How long before a peak the gain starts to fall, in seconds. Shorter sounds like a click, longer ducks
/// the end of the syllable before.
const LOOK_AHEAD_SECONDS: f64 = 0.005;

/// Time constant of the way back to full gain, in seconds: about a syllable, so that the gain does not
/// follow the pitch periods of the voice (8–10 ms), which would be heard as roughness.
const RELEASE_SECONDS: f64 = 0.080;

/// ITU-R BS.1770 annex 2 asks for at least four times the sample rate.
const OVERSAMPLING: usize = 4;

/// Samples that one interpolated point is made of.
const TAPS: usize = 12;

/// The largest amplitude at each sample and between it and its neighbours, found once per clip: the peaks
/// of the clip times a gain are these times the gain.
pub(crate) struct TruePeaks(Vec<f32>);

impl TruePeaks {
    pub(crate) fn of(samples: &[f32]) -> Self {
        let filter = interpolator();
        let margin = [0.0; TAPS / 2];
        // `between[n]` is the largest point between samples n − 1 and n.
        let padded = [&margin, samples, &margin].concat();
        let between: Vec<f32> = padded.array_windows().map(|window| crest(&filter, window)).collect();
        let around = between.iter().zip(between.iter().skip(1)).map(|(before, after)| before.max(*after));
        Self(samples.iter().zip(around).map(|(sample, between)| sample.abs().max(between)).collect())
    }

    /// The largest of all.
    pub(crate) fn highest(&self) -> f32 {
        self.0.iter().fold(0.0, |highest, peak| peak.max(highest))
    }
}

/// `samples` times `gain`, with the gain reduced around every peak that would rise above `ceiling`
/// (linear). The reduction is a slow curve, so peaks can pass the ceiling by a hair: the caller measures.
pub(crate) fn limit(samples: &[f32], peaks: &TruePeaks, rate: u32, gain: f32, ceiling: f32) -> Vec<f32> {
    if peaks.highest() * gain <= ceiling {
        return samples.iter().map(|sample| sample * gain).collect();
    }
    let wanted = peaks.0.iter().map(|peak| (ceiling / (peak * gain)).min(1.0));
    let look_ahead = frames(LOOK_AHEAD_SECONDS, rate).max(1);
    let mut held = lowest_ahead(wanted, look_ahead);
    release(&mut held, rate);
    smooth(&held, look_ahead).zip(samples).map(|(reduction, sample)| sample * gain * reduction).collect()
}

/// For every position the lowest gain from there to `ahead` positions later; 1.0 is full gain.
fn lowest_ahead(values: impl DoubleEndedIterator<Item = f32> + ExactSizeIterator, ahead: usize) -> Vec<f32> {
    // Rising in position and falling in value: what lies behind a nearer and lower one never counts.
    let mut candidates: VecDeque<(usize, f32)> = VecDeque::new();
    let mut lowest: Vec<f32> = values
        .enumerate()
        .rev()
        .map(|(at, value)| {
            if value < 1.0 {
                while candidates.front().is_some_and(|(_, other)| *other >= value) {
                    candidates.pop_front();
                }
                candidates.push_front((at, value));
            }
            while candidates.back().is_some_and(|(far, _)| *far > at + ahead) {
                candidates.pop_back();
            }
            candidates.back().map_or(1.0, |(_, value)| *value)
        })
        .collect();
    lowest.reverse();
    lowest
}

/// Falls at once, comes back exponentially.
fn release(gains: &mut [f32], rate: u32) {
    let keep = (-1.0 / (RELEASE_SECONDS * f64::from(rate))).exp();
    let mut held = 1.0_f64;
    for gain in gains {
        held = (held * keep + (1.0 - keep)).min(f64::from(*gain));
        *gain = narrow(held);
    }
}

/// The mean of each value and the `width` before it: turns the edges of [`lowest_ahead`] into ramps that
/// reach the bottom exactly at the peak. Before the first value there is more of the first value.
fn smooth(gains: &[f32], width: usize) -> impl Iterator<Item = f32> {
    let first = f64::from(gains.first().copied().unwrap_or(1.0));
    let count = width + 1;
    let mut sum = first * usize_to_f64(count);
    let share = 1.0 / usize_to_f64(count);
    let leaving = std::iter::repeat_n(first, count).chain(gains.iter().map(|gain| f64::from(*gain)));
    gains.iter().zip(leaving).map(move |(entering, leaving)| {
        sum += f64::from(*entering) - leaving;
        narrow(sum * share)
    })
}

/// A Hann-windowed sinc: for each tap its weights in the points at 1/4, 2/4 and 3/4 between two samples.
/// A fourth, idle weight makes a row as wide as a SIMD register.
fn interpolator() -> [[f32; OVERSAMPLING]; TAPS] {
    std::array::from_fn(|tap| {
        std::array::from_fn(|phase| {
            if phase + 1 == OVERSAMPLING {
                return 0.0;
            }
            let fraction = usize_to_f64(phase + 1) / usize_to_f64(OVERSAMPLING);
            // Distance from this tap to the point, in samples; the point lies after tap TAPS/2 − 1.
            let distance = usize_to_f64(tap) - usize_to_f64(TAPS / 2 - 1) - fraction;
            let window = (PI * distance / usize_to_f64(TAPS)).cos().powi(2);
            narrow(window * (PI * distance).sin() / (PI * distance))
        })
    })
}

/// The largest of the interpolated points in the middle of `window`.
fn crest(filter: &[[f32; OVERSAMPLING]; TAPS], window: &[f32; TAPS]) -> f32 {
    let mut points = [0.0; OVERSAMPLING];
    for (weights, sample) in filter.iter().zip(window) {
        for (point, weight) in points.iter_mut().zip(weights) {
            *point += weight * sample;
        }
    }
    points.into_iter().fold(0.0, |crest, point: f32| crest.max(point.abs()))
}

#[expect(clippy::cast_possible_truncation, reason = "f32 is the precision of the samples")]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[expect(clippy::cast_precision_loss, reason = "filter lengths are far below 2^52")]
fn usize_to_f64(value: usize) -> f64 {
    value as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a fraction of a u32")]
fn frames(seconds: f64, rate: u32) -> usize {
    (seconds * f64::from(rate)).round() as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::signals::{silence, sine, speech_like};

    #[test]
    fn the_peak_between_samples_is_found() {
        // At a quarter of the rate and 45° off, every sample is 3 dB below the crest.
        let clip: Vec<f32> = (0..800).map(|n| [0.5, 0.5, -0.5, -0.5][n % 4]).collect();
        let crest = TruePeaks::of(&clip).highest();
        assert!((crest - 0.5 * 2.0_f32.sqrt()).abs() < 0.02, "{crest}");
    }

    #[test]
    fn a_clip_below_the_ceiling_is_only_scaled() {
        let clip = sine(8_000, 440.0, 0.2, 0.5);
        let out = limit(&clip.samples, &TruePeaks::of(&clip.samples), 8_000, 2.0, 0.7);
        assert!(out.iter().zip(&clip.samples).all(|(out, sample)| (out - 2.0 * sample).abs() < 1e-7));
    }

    #[test]
    fn away_from_a_click_the_clip_keeps_its_level() {
        let mut clip = sine(8_000, 440.0, 0.2, 4.0);
        clip.samples[16_000] = 1.0;
        let out = limit(&clip.samples, &TruePeaks::of(&clip.samples), 8_000, 1.0, 0.5);
        assert!(out[16_000] <= 0.5);
        let far = |n: usize| (out[n] - clip.samples[n]).abs();
        assert!((0..15_900).chain(24_000..32_000).all(|n| far(n) < 1e-4));
    }

    #[test]
    fn the_gain_never_jumps() {
        let clip = speech_like(8_000, 1.0, 2.0);
        let peaks = TruePeaks::of(&clip.samples);
        let steady = vec![1.0_f32; clip.samples.len()];
        let gains = limit(&steady, &peaks, 8_000, 1.0, 0.2);
        let jump = gains.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(jump <= 1.0 / 41.0 + 1e-6, "{jump}: steeper than the look-ahead ramp");
    }

    #[test]
    fn silence_and_nothing_stay_what_they_are() {
        for clip in [silence(8_000, 0.1), silence(8_000, 0.0)] {
            assert_eq!(limit(&clip.samples, &TruePeaks::of(&clip.samples), 8_000, 9.0, 0.5), clip.samples);
        }
    }

    proptest! {
        #[test]
        fn no_sample_passes_the_ceiling(
            samples in proptest::collection::vec(-1.0_f32..=1.0, 1..2_000),
            gain in 0.1_f32..20.0,
            ceiling in 0.1_f32..1.0,
        ) {
            let out = limit(&samples, &TruePeaks::of(&samples), 8_000, gain, ceiling);
            prop_assert_eq!(out.len(), samples.len());
            let peak = out.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
            prop_assert!(peak <= ceiling * 1.0001, "{} above {}", peak, ceiling);
        }

        #[test]
        fn the_window_minimum_is_the_naive_one(
            values in proptest::collection::vec(0.0_f32..1.0, 0..200),
            ahead in 0_usize..30,
        ) {
            let naive: Vec<f32> = (0..values.len())
                .map(|n| values[n..(n + ahead + 1).min(values.len())].iter().copied().fold(1.0, f32::min))
                .collect();
            prop_assert_eq!(lowest_ahead(values.into_iter(), ahead), naive);
        }
    }
}
