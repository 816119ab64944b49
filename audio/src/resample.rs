//! Changing the sample rate of a whole clip.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

use crate::Pcm;

/// Input frames per FFT. The length sets how steep the anti-alias filter is: with 1024 the pass band of
/// 48 → 8 kHz is already down 7.7 dB at 3.7 kHz, with 4096 it is flat to the edge of the telephone band
/// (measured). The FFT kind is also cheaper and cleaner for downsampling than rubato's sinc kind.
const CHUNK: usize = 4_096;

/// The same clip at `to_rate` Hz: exactly ⌈frames · `to_rate` / rate⌉ frames, aligned with the input in
/// time, with everything above half the lower rate removed.
///
/// # Panics
/// If either rate is 0 Hz. [`crate::decode()`] never returns such a clip.
pub fn resample(clip: &Pcm, to_rate: u32) -> Pcm {
    assert!(clip.rate > 0 && to_rate > 0, "a clip has a sample rate");
    if clip.rate == to_rate || clip.samples.is_empty() {
        return Pcm::new(to_rate, clip.samples.clone());
    }
    let mut samples = process(clip, to_rate);
    // rubato rounds a floating-point product up, which is one frame too many now and then.
    samples.resize(frames_after(clip, to_rate), 0.0);
    Pcm::new(to_rate, samples)
}

#[expect(clippy::expect_used, reason = "rubato refuses only zero rates and buffers smaller than they claim")]
fn process(clip: &Pcm, to_rate: u32) -> Vec<f32> {
    let frames = clip.samples.len();
    let (from, to) = (clip.rate as usize, to_rate as usize);
    let mut resampler = Fft::<f32>::new(from, to, CHUNK, 1, FixedSync::Both).expect("rates are not zero");
    let input = InterleavedSlice::new(&clip.samples, 1, frames).expect("the slice has its own length");
    resampler.process_all(&input, frames, None).expect("buffers fit").take_data()
}

fn frames_after(clip: &Pcm, to_rate: u32) -> usize {
    let frames = clip.samples.len() as u128 * u128::from(to_rate);
    usize::try_from(frames.div_ceil(u128::from(clip.rate))).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::signals::{fit_sine, middle_rms, sine};

    const GATED: [(u32, u32); 4] = [(22_050, 8_000), (24_000, 8_000), (48_000, 8_000), (22_050, 48_000)];
    const LEVEL: f64 = 0.5;

    fn decibels(ratio: f64) -> f64 {
        20.0 * ratio.log10()
    }

    #[test]
    fn the_telephone_band_is_flat_and_clean() {
        for (from, to) in GATED {
            for hz in [100.0, 300.0, 1_000.0, 2_000.0, 3_000.0, 3_400.0] {
                let fit = fit_sine(&resample(&sine(from, hz, LEVEL, 1.0), to), hz);
                let ripple = decibels(fit.amplitude / LEVEL);
                assert!(fit.snr_db >= 100.0, "{from}→{to} at {hz} Hz: SNR {:.1} dB", fit.snr_db);
                assert!(ripple.abs() <= 0.1, "{from}→{to} at {hz} Hz: {ripple:.3} dB");
            }
        }
    }

    #[test]
    fn tones_above_the_new_band_are_gone() {
        for (from, to) in GATED.into_iter().filter(|(from, to)| to < from) {
            for hz in [4_100.0, 4_500.0, 6_000.0, 0.45 * f64::from(from)] {
                let alias = decibels(middle_rms(&resample(&sine(from, hz, LEVEL, 1.0), to)) / LEVEL);
                assert!(alias <= -80.0, "{from}→{to} at {hz} Hz: {alias:.1} dB");
            }
        }
    }

    #[test]
    fn upsampling_adds_no_images() {
        // A 5 kHz tone at 22.05 kHz has its first image at 17.05 kHz: anything but the tone is error.
        let fit = fit_sine(&resample(&sine(22_050, 5_000.0, LEVEL, 1.0), 48_000), 5_000.0);
        assert!(fit.snr_db >= 80.0, "{fit:?}");
    }

    #[test]
    fn events_stay_where_they_were() {
        for (from, to) in GATED {
            let mut clip = Pcm::new(from, vec![0.0; from as usize]);
            let half = clip.samples.len() / 2;
            clip.samples[half] = 1.0;
            let out = resample(&clip, to);
            let (peak, _) = out.samples.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
            assert!(peak.abs_diff(out.samples.len() / 2) <= 1, "{from}→{to}: click moved to {peak}");
        }
    }

    #[test]
    fn the_same_rate_and_the_empty_clip_pass_through() {
        let clip = sine(8_000, 440.0, LEVEL, 0.1);
        assert_eq!(resample(&clip, 8_000), clip);
        assert_eq!(resample(&Pcm::new(22_050, Vec::new()), 8_000), Pcm::new(8_000, Vec::new()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn the_length_is_exact(
            frames in 0_usize..20_000,
            from in prop::sample::select(vec![8_000_u32, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000]),
            to in prop::sample::select(vec![8_000_u32, 16_000, 24_000, 48_000]),
        ) {
            let out = resample(&Pcm::new(from, vec![0.1; frames]), to);
            prop_assert_eq!(out.rate, to);
            prop_assert_eq!(out.samples.len(), (frames * to as usize).div_ceil(from as usize));
            prop_assert!(out.samples.iter().all(|sample| sample.is_finite()));
        }
    }
}
