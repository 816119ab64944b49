//! How loud a track is, and by how much it is turned up or down.

use ebur128::{EbuR128, Mode};
use pregon_audio::{AIR_RATE, Frame};
use serde::{Deserialize, Serialize};

/// No sample of the programme rises above this when it is levelled, in dBTP: what the codec behind adds to a peak
/// stays below full scale.
const CEILING_DBTP: f64 = -1.0;

/// A track is turned up by no more than this, in dB: beyond it the noise of an old recording comes to the front.
const MOST_GAIN_DB: f64 = 12.0;

/// What a track that was not measured yet is taken for. Few records are louder, so it starts too soft rather than too
/// loud.
const UNMEASURED: Reading = Reading { lufs: Some(-8.0), peak_dbtp: 0.0 };

/// The loudness of a whole track.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reading {
    /// Integrated loudness by EBU R128, in LUFS. None for silence.
    pub(super) lufs: Option<f64>,
    /// Highest true peak of both channels, in dBTP.
    pub(super) peak_dbtp: f64,
}

/// The factor that brings a track to `target` LUFS without its peaks rising above −1 dBTP. Without a reading it is
/// turned down as a loud record would be.
pub(super) fn gain(reading: Option<Reading>, target: f64) -> f32 {
    let Reading { lufs, peak_dbtp } = reading.unwrap_or(UNMEASURED);
    let Some(lufs) = lufs else { return 1.0 };
    linear((target - lufs).min(CEILING_DBTP - peak_dbtp).min(MOST_GAIN_DB))
}

#[expect(clippy::cast_possible_truncation, reason = "f32 is the precision of the samples")]
fn linear(decibels: f64) -> f32 {
    10.0_f64.powf(decibels / 20.0) as f32
}

/// Measures frames as they pass. Its blocks are kept as a histogram, so that a track of hours takes no more memory than
/// a jingle.
pub(super) struct Meter(EbuR128);

impl Meter {
    /// `None` when the meter cannot be made, which the library behind does not expect at this rate.
    pub(super) fn new() -> Option<Self> {
        EbuR128::new(2, AIR_RATE, Mode::I | Mode::TRUE_PEAK | Mode::HISTOGRAM).ok().map(Self)
    }

    /// Takes the next frames.
    pub(super) fn take(&mut self, frames: &[Frame]) {
        // Fails only for a number of samples that two channels do not divide.
        let _ = self.0.add_frames_f32(frames.as_flattened());
    }

    /// What it read in all.
    pub(super) fn reading(&self) -> Reading {
        let lufs = self.0.loudness_global().ok().filter(|lufs| lufs.is_finite());
        let peak = |channel| self.0.true_peak(channel).unwrap_or(1.0);
        let peak = peak(0).max(peak(1)).max(1e-6);
        Reading { lufs: lufs.map(hundredths), peak_dbtp: hundredths(20.0 * peak.log10()) }
    }
}

/// Nobody hears less, and a cache with fewer digits is easier to read.
fn hundredths(decibels: f64) -> f64 {
    (decibels * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decibels(gain: f32) -> f64 {
        20.0 * f64::from(gain).log10()
    }

    #[expect(clippy::cast_precision_loss, reason = "a few thousand frames")]
    fn tone(amplitude: f32, frames: usize) -> Vec<Frame> {
        (0..frames)
            .map(|n| [amplitude * (n as f32 * 997.0 * std::f32::consts::TAU / 48_000.0).sin(); 2])
            .collect()
    }

    fn reading(frames: &[Frame]) -> Reading {
        let mut meter = Meter::new().unwrap();
        frames.chunks(4_800).for_each(|chunk| meter.take(chunk));
        meter.reading()
    }

    #[test]
    fn a_tone_reads_as_the_standard_says() {
        // BS.1770-4: 0 dBFS at 997 Hz in one channel reads −3.01 LKFS, so in two channels 0.
        let read = reading(&tone(0.1, 144_000));
        assert!((read.lufs.unwrap() + 20.0).abs() < 0.15, "{read:?}");
        assert!((read.peak_dbtp + 20.0).abs() < 0.1, "{read:?}");
    }

    #[test]
    fn silence_has_no_loudness_and_is_left_alone() {
        let read = reading(&vec![[0.0; 2]; 144_000]);
        assert_eq!(read.lufs, None);
        assert!(decibels(gain(Some(read), -16.0)).abs() < 0.001);
    }

    #[test]
    fn a_levelled_track_is_on_target_and_its_peaks_stay_below_the_ceiling() {
        for (amplitude, expected) in [(0.02, 12.0), (0.1, 4.0), (0.5, -9.98)] {
            let frames = tone(amplitude, 144_000);
            let gain = gain(Some(reading(&frames)), -16.0);
            assert!((decibels(gain) - expected).abs() < 0.2, "{amplitude}: {}", decibels(gain));
        }
        let peaky = Reading { lufs: Some(-24.0), peak_dbtp: -3.0 };
        assert!((decibels(gain(Some(peaky), -16.0)) - 2.0).abs() < 0.01);
    }

    #[test]
    fn what_was_not_measured_is_turned_down() {
        assert!((decibels(gain(None, -16.0)) + 8.0).abs() < 0.01);
        assert!((decibels(gain(None, -5.0)) + 1.0).abs() < 0.01, "the peak is held without a reading too");
    }
}
