//! How loud a clip is to a listener, and bringing it to a target.

use ebur128::{EbuR128, Mode};

use crate::Pcm;
use crate::limiter::{TruePeaks, limit};
use crate::trim::is_silent;

/// Loudness of a telephone announcement, in LUFS: the usual mono level of spoken programmes online.
pub const CALL_LUFS: f64 = -19.0;

/// Highest true peak of a telephone announcement, in dBTP: G.711 and the gateways behind it raise peaks.
pub const CALL_MAX_DBTP: f64 = -3.0;

/// Kept between the limiter and the promised peak, in dB: the rounding to 16 bit afterwards moves a peak
/// by less than 0.01 dB.
const QUANTISING_ROOM_DB: f64 = 0.02;

/// Close enough to the target, in LU: well inside the promised ±1 LU, and below what anyone hears.
const TOLERANCE_LU: f64 = 0.1;

/// Each round of limiting takes some loudness away again, which the next one puts back. Speech settles in
/// two or three rounds; a clip that does not is one whose target is out of reach.
const MAX_ROUNDS: usize = 8;

/// How much more gain a round adds than was missing, because the limiter keeps about a third of it (espeak
/// speech at call levels). Any value below 2 converges; this one saves a round.
const OVERDRIVE: f64 = 1.4;

/// The most that the limiter may take off the highest peak, in dB. espeak needs 6 dB at call level;
/// beyond this the gain would lift noise and breath into the foreground, and the clip stays quieter.
const MAX_LIMITING_DB: f64 = 20.0;

/// Silence after the clip that flushes the meter's interpolation filter (12 samples), or a peak at the
/// very end goes unseen.
const METER_FLUSH: [f32; 16] = [0.0; 16];

/// Readings of a clip. Both are −∞ for digital silence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    /// Integrated loudness by ITU-R BS.1770 and EBU R128 as one channel, in LUFS: a mono file reads what
    /// standard meters show for it, without the +3 dB of playing it on two speakers.
    pub lufs: f64,
    /// Highest peak of the waveform between and on the samples, in dBTP.
    pub true_peak_dbtp: f64,
}

/// Measures a clip. The standard needs a block of 0.4 s above −70 LUFS; for anything shorter or quieter
/// the RMS level stands in, which for speech lies within about 1 LU (measured with espeak).
pub fn measure(clip: &Pcm) -> Loudness {
    Loudness { lufs: integrated(clip.rate, &clip.samples), true_peak_dbtp: decibels(true_peak(clip)) }
}

/// The clip at `target_lufs` (LUFS, as [`measure`] reads it) with no true peak above `max_dbtp` (dBTP),
/// also after rounding to 16 bit. Peaks in the way are limited; a target that would take more than 20 dB
/// of limiting is missed on the quiet side. A silent clip comes back as it is: there is only noise to
/// raise. Measure and level at the rate of the final file, since resampling moves peaks.
pub fn level(clip: &Pcm, target_lufs: f64, max_dbtp: f64) -> Pcm {
    if is_silent(clip) {
        return clip.clone();
    }
    let peaks = TruePeaks::of(&clip.samples);
    let ceiling = max_dbtp - QUANTISING_ROOM_DB;
    let most_gain = ceiling + MAX_LIMITING_DB - decibels(f64::from(peaks.highest()));
    let limited = |gain_db: f64| limit(&clip.samples, &peaks, clip.rate, linear(gain_db), linear(ceiling));

    let mut gain_db = (target_lufs - integrated(clip.rate, &clip.samples)).min(most_gain);
    let mut samples = limited(gain_db);
    for _ in 1..MAX_ROUNDS {
        let missing = target_lufs - integrated(clip.rate, &samples);
        let next = (gain_db + OVERDRIVE * missing).min(most_gain);
        if missing.abs() <= TOLERANCE_LU || (next - gain_db).abs() < TOLERANCE_LU / 10.0 {
            break;
        }
        gain_db = next;
        samples = limited(gain_db);
    }
    held_below(Pcm::new(clip.rate, samples), ceiling)
}

/// The last word on the peak belongs to the meter: what the limiter let pass (0.01 dB with speech) is
/// taken off the whole clip.
fn held_below(mut clip: Pcm, ceiling_dbtp: f64) -> Pcm {
    let excess = decibels(true_peak(&clip)) - ceiling_dbtp;
    if excess > 0.0 {
        let gain = linear(-excess);
        clip.samples.iter_mut().for_each(|sample| *sample *= gain);
    }
    clip
}

fn integrated(rate: u32, samples: &[f32]) -> f64 {
    let by_standard = metered(rate, samples, Mode::I).and_then(|meter| meter.loudness_global().ok());
    by_standard.filter(|lufs| lufs.is_finite()).unwrap_or_else(|| rms_dbfs(samples))
}

fn true_peak(clip: &Pcm) -> f64 {
    let by_standard = metered(clip.rate, &clip.samples, Mode::TRUE_PEAK)
        .and_then(|mut meter| meter.add_frames_f32(&METER_FLUSH).is_ok().then_some(meter))
        .map(|meter| meter.true_peak(0).unwrap_or_default());
    by_standard.unwrap_or_default().max(f64::from(clip.sample_peak()))
}

/// `None` for sample rates that no meter exists for (below 16 Hz, above 2.8 MHz).
fn metered(rate: u32, samples: &[f32], mode: Mode) -> Option<EbuR128> {
    let mut meter = EbuR128::new(1, rate, mode).ok()?;
    meter.add_frames_f32(samples).ok()?;
    Some(meter)
}

/// A sine of 1 kHz reads the same in dBFS RMS and in LUFS: the weighting of the standard is made so.
#[expect(clippy::cast_precision_loss, reason = "a clip of 2^52 samples does not fit in memory")]
fn rms_dbfs(samples: &[f32]) -> f64 {
    let energy: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    10.0 * (energy / samples.len().max(1) as f64).log10()
}

fn decibels(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

#[expect(clippy::cast_possible_truncation, reason = "f32 is the precision of the samples")]
fn linear(decibels: f64) -> f32 {
    10.0_f64.powf(decibels / 20.0) as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::signals::{silence, sine, speech_like};
    use crate::{decode, wav};

    /// As a listener's meter sees it: after rounding to 16 bit and reading the file back.
    fn heard(clip: &Pcm) -> Loudness {
        measure(&decode(&wav::encode(clip), None, std::time::Duration::from_mins(10)).unwrap())
    }

    #[test]
    fn a_mono_sine_reads_as_the_standard_says() {
        // BS.1770-4: 0 dBFS at 997 Hz in one channel reads −3.01 LKFS.
        for rate in [8_000, 22_050, 48_000] {
            for (amplitude, lufs) in [(1.0, -3.01), (0.1, -23.01)] {
                let reading = measure(&sine(rate, 997.0, amplitude, 3.0));
                assert!((reading.lufs - lufs).abs() < 0.1, "{rate}: {reading:?}");
                assert!(
                    (reading.true_peak_dbtp - 20.0 * amplitude.log10()).abs() < 0.2,
                    "{rate}: {reading:?}"
                );
            }
        }
    }

    #[test]
    fn a_clip_too_short_for_the_standard_reads_its_rms() {
        let reading = measure(&sine(8_000, 1_000.0, 0.1, 0.2));
        assert!((reading.lufs + 23.01).abs() < 0.05, "{reading:?}");
    }

    #[test]
    fn silence_reads_minus_infinity() {
        for clip in [silence(8_000, 1.0), silence(8_000, 0.1), Pcm::new(8_000, Vec::new())] {
            let Loudness { lufs, true_peak_dbtp } = measure(&clip);
            assert!(
                lufs == f64::NEG_INFINITY && true_peak_dbtp == f64::NEG_INFINITY,
                "{lufs} {true_peak_dbtp}"
            );
        }
    }

    #[test]
    fn a_peak_in_the_last_sample_is_seen() {
        let mut clip = silence(8_000, 1.0);
        *clip.samples.last_mut().unwrap() = 0.5;
        assert!(measure(&clip).true_peak_dbtp >= -6.03);
    }

    #[test]
    fn speech_lands_on_target_below_the_peak() {
        for rate in [8_000, 16_000, 48_000] {
            for amplitude in [0.02, 0.3, 1.0] {
                for (target, peak) in [(CALL_LUFS, CALL_MAX_DBTP), (-23.0, -1.0), (-16.0, -1.5)] {
                    let reading = heard(&level(&speech_like(rate, amplitude, 5.0), target, peak));
                    let case = format!("{rate} Hz ×{amplitude} to {target}/{peak}: {reading:?}");
                    assert!((reading.lufs - target).abs() <= 1.0, "{case}");
                    assert!(reading.true_peak_dbtp <= peak, "{case}");
                }
            }
        }
    }

    #[test]
    fn a_loud_click_does_not_keep_speech_quiet() {
        let mut clip = speech_like(8_000, 0.2, 5.0);
        clip.samples[20_000] = 1.0;
        let reading = heard(&level(&clip, CALL_LUFS, CALL_MAX_DBTP));
        assert!(
            (reading.lufs - CALL_LUFS).abs() <= 1.0 && reading.true_peak_dbtp <= CALL_MAX_DBTP,
            "{reading:?}"
        );
    }

    #[test]
    fn a_peak_that_slips_past_the_limiter_is_taken_off_the_whole_clip() {
        let held = held_below(sine(8_000, 1_700.0, 0.9, 0.5), -6.0);
        assert!((measure(&held).true_peak_dbtp + 6.0).abs() < 0.001, "{:?}", measure(&held));
        let low = sine(8_000, 1_700.0, 0.4, 0.5);
        assert_eq!(held_below(low.clone(), -6.0), low);
    }

    #[test]
    fn an_impossible_target_keeps_the_peak_and_comes_as_near_as_it_can() {
        let reading = heard(&level(&speech_like(8_000, 0.3, 5.0), -1.0, CALL_MAX_DBTP));
        assert!(reading.true_peak_dbtp <= CALL_MAX_DBTP, "{reading:?}");
        assert!((CALL_LUFS + 1.0..-1.0).contains(&reading.lufs), "{reading:?}");
    }

    #[test]
    fn a_short_clip_is_levelled_by_its_rms() {
        let reading = heard(&level(&sine(8_000, 1_000.0, 0.01, 0.2), CALL_LUFS, CALL_MAX_DBTP));
        assert!((reading.lufs - CALL_LUFS).abs() <= 1.0, "{reading:?}");
    }

    #[test]
    fn silence_is_not_raised() {
        let clip = sine(8_000, 440.0, 0.001, 1.0);
        assert_eq!(level(&clip, CALL_LUFS, CALL_MAX_DBTP), clip);
        let nothing = Pcm::new(8_000, Vec::new());
        assert_eq!(level(&nothing, CALL_LUFS, CALL_MAX_DBTP), nothing);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_peak_holds_after_rounding_whatever_the_clip(
            samples in proptest::collection::vec(-1.0_f32..=1.0, 1..4_000),
            target in -40.0_f64..0.0,
            peak in -9.0_f64..=0.0,
        ) {
            let reading = heard(&level(&Pcm::new(8_000, samples), target, peak));
            prop_assert!(reading.true_peak_dbtp <= peak, "{:?} above {}", reading, peak);
        }
    }
}
