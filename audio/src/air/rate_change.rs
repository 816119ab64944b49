//! Changing the sample rate of stereo that arrives piece by piece.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

use super::{AIR_RATE, Frame};

/// Input frames per FFT, at least: flat to 20 kHz from 44.1 kHz, and still a first piece after 50 ms of input.
const CHUNK: usize = 2_048;

/// From some rate to [`AIR_RATE`], aligned in time: the delay of the filter is cut off at the beginning, and the
/// whole is exactly ⌈frames · 48 000 / rate⌉ long.
pub(super) struct RateChange {
    from: u32,
    /// `None` at the rate of the air: what comes in goes out.
    fft: Option<Fft<f32>>,
    waiting: Vec<Frame>,
    made: Vec<Frame>,
    /// Frames of filter delay still to cut off.
    delay: usize,
    taken: u64,
    given: u64,
}

impl RateChange {
    #[expect(clippy::expect_used, reason = "rubato refuses only rates of zero, which the reader does before")]
    pub(super) fn from(rate: u32) -> Self {
        let fft = (rate != AIR_RATE).then(|| {
            Fft::new(rate as usize, AIR_RATE as usize, CHUNK, 2, FixedSync::Both).expect("rates are not zero")
        });
        let delay = fft.as_ref().map_or(0, Resampler::output_delay);
        Self { from: rate, fft, waiting: Vec::new(), made: Vec::new(), delay, taken: 0, given: 0 }
    }

    pub(super) fn rate(&self) -> u32 {
        self.from
    }

    /// Takes `frames` and appends what is ready.
    pub(super) fn push(&mut self, frames: &[Frame], out: &mut Vec<Frame>) {
        self.taken += frames.len() as u64;
        let Some(fft) = self.fft.as_mut() else {
            out.extend_from_slice(frames);
            return;
        };
        self.waiting.extend_from_slice(frames);
        let chunk = fft.input_frames_next();
        let mut used = 0;
        while let Some(piece) = self.waiting.get(used..used + chunk) {
            convert(fft, piece, &mut self.made);
            let ready = self.made.get(self.delay.min(self.made.len())..).unwrap_or_default();
            self.delay -= self.made.len() - ready.len();
            self.given += ready.len() as u64;
            out.extend_from_slice(ready);
            used += chunk;
        }
        self.waiting.drain(..used);
    }

    /// Appends the rest; afterwards this begins anew.
    pub(super) fn finish(&mut self, out: &mut Vec<Frame>) {
        if let Some(chunk) = self.fft.as_ref().map(Resampler::input_frames_next) {
            let end = (u128::from(self.taken) * u128::from(AIR_RATE)).div_ceil(u128::from(self.from));
            let end = u64::try_from(end).unwrap_or(u64::MAX);
            while self.given < end {
                let missing = chunk - self.waiting.len();
                self.push(&vec![[0.0; 2]; missing], out);
            }
            let surplus = usize::try_from(self.given - end).unwrap_or(0);
            out.truncate(out.len().saturating_sub(surplus));
        }
        *self = Self::from(self.from);
    }
}

#[expect(clippy::expect_used, reason = "rubato refuses only buffers smaller than they claim")]
fn convert(fft: &mut Fft<f32>, piece: &[Frame], made: &mut Vec<Frame>) {
    made.resize(fft.output_frames_next(), [0.0; 2]);
    let frames = made.len();
    let input = InterleavedSlice::new(piece.as_flattened(), 2, piece.len()).expect("its own length");
    let mut output = InterleavedSlice::new_mut(made.as_flattened_mut(), 2, frames).expect("its own length");
    let (_, made_frames) = fft.process_into_buffer(&input, &mut output, None).expect("buffers fit");
    made.truncate(made_frames);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Pcm;
    use crate::signals::{fit_sine, sine};

    fn convert_in_pieces(rate: u32, frames: &[Frame], piece: usize) -> Vec<Frame> {
        let mut change = RateChange::from(rate);
        let mut out = Vec::new();
        for piece in frames.chunks(piece) {
            change.push(piece, &mut out);
        }
        change.finish(&mut out);
        out
    }

    fn left(frames: &[Frame]) -> Pcm {
        Pcm::new(AIR_RATE, frames.iter().map(|[left, _]| *left).collect())
    }

    #[test]
    fn tones_keep_their_level_and_gain_nothing() {
        for rate in [8_000, 22_050, 24_000, 44_100, 48_000, 96_000] {
            let clip = sine(rate, 1_000.0, 0.5, 1.0);
            let frames: Vec<Frame> = clip.samples.iter().map(|sample| [*sample, -*sample]).collect();
            let out = convert_in_pieces(rate, &frames, 1_000);
            let fit = fit_sine(&left(&out), 1_000.0);
            assert!((fit.amplitude - 0.5).abs() < 0.002 && fit.snr_db > 80.0, "{rate}: {fit:?}");
            assert!(out.iter().all(|[left, right]| (left + right).abs() < 1e-5), "{rate}: the sides mix");
        }
    }

    #[test]
    fn music_at_44_1_khz_is_flat_to_20_khz() {
        let clip = sine(44_100, 20_000.0, 0.5, 1.0);
        let frames: Vec<Frame> = clip.samples.iter().map(|sample| [*sample; 2]).collect();
        let fit = fit_sine(&left(&convert_in_pieces(44_100, &frames, 4_096)), 20_000.0);
        assert!((fit.amplitude - 0.5).abs() < 0.005 && fit.snr_db > 80.0, "{fit:?}");
    }

    #[test]
    fn a_click_stays_where_it_was() {
        for rate in [8_000_u32, 44_100, 96_000] {
            let mut frames = vec![[0.0; 2]; rate as usize];
            frames[rate as usize / 2] = [1.0; 2];
            let out = left(&convert_in_pieces(rate, &frames, 777));
            let (peak, _) = out.samples.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
            assert!(peak.abs_diff(24_000) <= 1, "{rate}: {peak}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_length_is_exact_in_any_pieces(
            frames in 0_usize..9_000,
            piece in 1_usize..5_000,
            rate in prop::sample::select(vec![8_000_u32, 11_025, 16_000, 22_050, 44_100, 44_101, 48_000, 96_000]),
        ) {
            let out = convert_in_pieces(rate, &vec![[0.1, 0.2]; frames], piece);
            prop_assert_eq!(out.len(), (frames * 48_000).div_ceil(rate as usize));
            prop_assert!(out.as_flattened().iter().all(|sample| sample.is_finite()));
        }
    }
}
