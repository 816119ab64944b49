//! The last stage: no true peak leaves the station above the ceiling.

use std::collections::VecDeque;
use std::f64::consts::PI;

use pregon_audio::Frame;

use super::BLOCK_FRAMES;

/// Highest true peak of the output, linear: −1 dBTP, what streaming services ask for, since lossy codecs overshoot.
pub(super) const CEILING: f32 = 0.891_25;

/// Frames before a peak in which the gain falls: 5 ms. Shorter sounds like a click.
const LOOK_AHEAD: usize = 240;

/// Time constant of the way back in frames: 80 ms, so that the gain does not follow the periods of a voice.
const RELEASE_FRAMES: f64 = 3_840.0;

/// ITU-R BS.1770 annex 2 asks for at least four times the sample rate: three points between two samples.
const POINTS: usize = 3;

/// Samples that one interpolated point is made of.
const TAPS: usize = 12;

/// Samples that must have come after a sample before its peak is known.
const AFTER: usize = TAPS / 2;

/// By how many frames the output lags behind the input.
pub(super) const DELAY: usize = LOOK_AHEAD + AFTER;

/// No interpolated point exceeds the largest sample by more than this factor: the sum of a point's absolute weights
/// (1.95 at the worst point).
const OVERSHOOT: f32 = 2.0;

/// A stereo-linked look-ahead limiter. Below the ceiling it is a pure delay of [`DELAY`] frames: every sample comes
/// out as it went in.
pub(super) struct Limiter {
    weights: [[f32; TAPS]; POINTS],
    /// The last [`DELAY`] frames, then the block.
    line: Box<[Frame; DELAY + BLOCK_FRAMES]>,
    /// One channel of the block with the samples before it.
    plane: Box<[f32; BLOCK_FRAMES + TAPS - 1]>,
    /// One interpolated point per frame, and the highest of all so far.
    point: Box<[f32; BLOCK_FRAMES]>,
    crests: Box<[f32; BLOCK_FRAMES]>,
    /// Rising in position and falling in value: what lies before a later and lower one never counts.
    lowest: VecDeque<(u64, f32)>,
    at: u64,
    held: f64,
    /// The last `LOOK_AHEAD + 1` held gains and their sum. The sum stays exact: the gains have 24 bits each.
    window: VecDeque<f32>,
    sum: f64,
    /// Frames for which the gain has been 1.
    idle: usize,
}

impl Limiter {
    pub(super) fn new() -> Self {
        let mut window = VecDeque::with_capacity(LOOK_AHEAD + 2);
        window.resize(LOOK_AHEAD + 1, 1.0);
        Self {
            weights: interpolator(),
            line: Box::new([[0.0; 2]; DELAY + BLOCK_FRAMES]),
            plane: Box::new([0.0; BLOCK_FRAMES + TAPS - 1]),
            point: Box::new([0.0; BLOCK_FRAMES]),
            crests: Box::new([0.0; BLOCK_FRAMES]),
            lowest: VecDeque::with_capacity(LOOK_AHEAD + 2),
            at: 0,
            held: 1.0,
            sum: f64::from(LENGTH),
            window,
            idle: LOOK_AHEAD + 1,
        }
    }

    /// Limits a block in place. Gives the lowest gain that it used, linear.
    pub(super) fn process(&mut self, block: &mut [Frame; BLOCK_FRAMES]) -> f32 {
        self.line.copy_within(BLOCK_FRAMES.., 0);
        for (slot, frame) in self.line.iter_mut().skip(DELAY).zip(block.iter()) {
            // A decoder that gives no number must not silence the station for good.
            *slot = frame.map(|sample| if sample.is_finite() { sample } else { 0.0 });
        }
        let loudest = self.line.iter().flatten().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let quiet = loudest * OVERSHOOT <= CEILING;
        if quiet && self.idle > LOOK_AHEAD {
            self.at += BLOCK_FRAMES as u64;
            for (out, frame) in block.iter_mut().zip(self.line.iter()) {
                *out = *frame;
            }
            return 1.0;
        }
        self.find_crests();
        let mut least = 1.0_f32;
        for n in 0..BLOCK_FRAMES {
            let crest = self.crests.get(n).copied().unwrap_or_default();
            let gain = self.next_gain(crest);
            least = least.min(gain);
            if let (Some(out), Some(frame)) = (block.get_mut(n), self.line.get(n)) {
                // The curve is smooth, so a peak can pass by a hair; a sample never passes full scale.
                *out = frame.map(|sample| (sample * gain).clamp(-1.0, 1.0));
            }
        }
        least
    }

    /// The highest point at or after each sample, of both channels, [`AFTER`] frames behind the input.
    fn find_crests(&mut self) {
        self.crests.fill(0.0);
        for channel in 0..2 {
            let newest = self.line.iter().skip(DELAY + 1 - TAPS);
            for (slot, frame) in self.plane.iter_mut().zip(newest) {
                *slot = frame.get(channel).copied().unwrap_or_default();
            }
            for weights in &self.weights {
                self.point.fill(0.0);
                for (tap, weight) in weights.iter().enumerate() {
                    let shifted = self.plane.get(tap..).unwrap_or_default();
                    for (point, sample) in self.point.iter_mut().zip(shifted) {
                        *point += weight * sample;
                    }
                }
                raise(self.crests.as_mut_slice(), self.point.as_slice());
            }
            raise(self.crests.as_mut_slice(), self.plane.get(TAPS - 1 - AFTER..).unwrap_or_default());
        }
    }

    fn next_gain(&mut self, crest: f32) -> f32 {
        let wanted = if crest > CEILING { CEILING / crest } else { 1.0 };
        if wanted < 1.0 {
            while self.lowest.back().is_some_and(|(_, other)| *other >= wanted) {
                self.lowest.pop_back();
            }
            self.lowest.push_back((self.at, wanted));
        }
        while self.lowest.front().is_some_and(|(at, _)| at + (LOOK_AHEAD as u64) < self.at) {
            self.lowest.pop_front();
        }
        self.at += 1;
        let least = self.lowest.front().map_or(1.0, |(_, value)| *value);
        // Falls at once, comes back exponentially.
        self.held = (self.held + (1.0 - self.held) / RELEASE_FRAMES).min(f64::from(least));
        let held = narrow(self.held);
        let leaving = self.window.pop_front().unwrap_or(1.0);
        self.window.push_back(held);
        self.sum += f64::from(held) - f64::from(leaving);
        self.idle = if held < 1.0 { 0 } else { self.idle.saturating_add(1) };
        narrow(self.sum / f64::from(LENGTH))
    }
}

/// Length of the window that makes ramps of steps.
#[expect(clippy::cast_possible_truncation, reason = "241")]
const LENGTH: u32 = LOOK_AHEAD as u32 + 1;

fn raise(highest: &mut [f32], values: &[f32]) {
    for (highest, value) in highest.iter_mut().zip(values) {
        *highest = highest.max(value.abs());
    }
}

/// A Hann-windowed sinc: the weights of the points at 1/4, 2/4 and 3/4 between two samples.
fn interpolator() -> [[f32; TAPS]; POINTS] {
    std::array::from_fn(|point| {
        let fraction = float(point + 1) / float(POINTS + 1);
        std::array::from_fn(|tap| {
            // Distance from this tap to the point, in samples; the point lies after tap TAPS/2 − 1.
            let distance = float(tap) - float(TAPS / 2 - 1) - fraction;
            let window = (PI * distance / float(TAPS)).cos().powi(2);
            narrow(window * (PI * distance).sin() / (PI * distance))
        })
    })
}

#[expect(clippy::cast_possible_truncation, reason = "f32 is the precision of the samples")]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[expect(clippy::cast_precision_loss, reason = "filter lengths are far below 2^52")]
fn float(value: usize) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limited(input: &[Frame]) -> Vec<Frame> {
        let mut limiter = Limiter::new();
        let mut out = Vec::new();
        for chunk in input.chunks(BLOCK_FRAMES).chain([[[0.0; 2]; BLOCK_FRAMES].as_slice()]) {
            let mut block = [[0.0; 2]; BLOCK_FRAMES];
            block[..chunk.len()].copy_from_slice(chunk);
            limiter.process(&mut block);
            out.extend_from_slice(&block);
        }
        out.split_off(DELAY)
    }

    fn true_peak(frames: &[Frame]) -> f64 {
        let mut meter = ebur128::EbuR128::new(2, 48_000, ebur128::Mode::TRUE_PEAK).unwrap();
        meter.add_frames_f32(frames.as_flattened()).unwrap();
        meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap())
    }

    fn sine(amplitude: f32, hertz: f32, frames: usize) -> Vec<Frame> {
        #[expect(clippy::cast_precision_loss, reason = "a short tone")]
        let at = |n: usize| amplitude * (n as f32 * hertz / 48_000.0 * std::f32::consts::TAU).sin();
        (0..frames).map(|n| [at(n), -at(n)]).collect()
    }

    #[test]
    fn what_is_taken_for_quiet_cannot_pass_the_ceiling() {
        for weights in interpolator() {
            assert!(weights.iter().map(|weight| weight.abs()).sum::<f32>() <= OVERSHOOT);
        }
    }

    #[test]
    fn below_the_ceiling_every_sample_comes_out_as_it_went_in() {
        for amplitude in [0.2, 0.85] {
            let input = sine(amplitude, 997.0, 9_600);
            assert_eq!(limited(&input)[..9_600], input);
        }
    }

    #[test]
    fn after_a_loud_passage_the_samples_are_exact_again() {
        let mut input = sine(2.0, 997.0, 9_600);
        input.extend(sine(0.5, 997.0, 480_000));
        assert_eq!(limited(&input)[400_000..480_000], input[400_000..480_000]);
    }

    #[test]
    fn true_peaks_stay_below_the_ceiling() {
        for (amplitude, hertz) in [(1.0, 997.0), (4.0, 60.0), (1.5, 12_000.0), (2.0, 5_321.0)] {
            let out = limited(&sine(amplitude, hertz, 96_000));
            let peak = true_peak(&out);
            assert!(peak <= f64::from(CEILING) * 1.012, "{hertz} Hz × {amplitude}: {peak}");
            assert!(
                peak >= f64::from(CEILING) * 0.89,
                "{hertz} Hz × {amplitude}: not quieter than needed, {peak}"
            );
        }
    }

    #[test]
    fn a_single_peak_is_met_in_time_and_the_gain_never_jumps() {
        let mut input = vec![[0.4, 0.4]; 9_600];
        input[5_000] = [3.0, 0.4];
        let out = limited(&input);
        assert!(out[5_000][0] <= CEILING * 1.001, "{}", out[5_000][0]);
        let gains: Vec<f32> = out.iter().take(9_600).map(|[_, right]| right / 0.4).collect();
        let jump = gains.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(jump <= 1.0 / 200.0, "{jump}");
        assert!((gains[4_700] - 1.0).abs() < 1e-6, "not before the look-ahead");
    }

    #[test]
    fn what_is_no_number_becomes_silence() {
        let mut input = sine(0.5, 440.0, 4_800);
        input[100] = [f32::NAN, f32::INFINITY];
        let out = limited(&input);
        assert!(out.iter().flatten().all(|sample| sample.is_finite()));
        assert_eq!(out[200..4_800], input[200..4_800]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_sample_passes_the_ceiling_by_more_than_a_hair(
            input in proptest::collection::vec(proptest::array::uniform2(-6.0_f32..=6.0), 1..4_000),
        ) {
            let peak = limited(&input).iter().flatten().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
            prop_assert!(peak <= CEILING * 1.01, "{}", peak);
        }
    }
}
