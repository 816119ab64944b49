//! Test signals and the ruler to measure them with.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "test maths"
)]

use std::f64::consts::TAU;

use crate::Pcm;

/// A sine of `hz` with the given peak amplitude.
pub(crate) fn sine(rate: u32, hz: f64, amplitude: f64, seconds: f64) -> Pcm {
    let frames = (f64::from(rate) * seconds).round() as usize;
    let step = TAU * hz / f64::from(rate);
    Pcm::new(rate, (0..frames).map(|n| (amplitude * (step * n as f64).sin()) as f32).collect())
}

/// Digital silence.
pub(crate) fn silence(rate: u32, seconds: f64) -> Pcm {
    sine(rate, 0.0, 0.0, seconds)
}

/// Something with the shape of speech: syllables of a pulse train at 110 Hz with rising and falling
/// energy that ring like a formant 100 Hz wide, pauses between words, a true peak about 20 dB above the loudness.
pub(crate) fn speech_like(rate: u32, amplitude: f64, seconds: f64) -> Pcm {
    let frames = (f64::from(rate) * seconds) as usize;
    let mut ringing = 0.0_f64;
    let mut phase = 0.0_f64;
    let samples = (0..frames).map(|n| {
        let now = n as f64 / f64::from(rate);
        let syllable = (TAU * 2.1 * now).sin().max(0.0) * (0.4 + 0.6 * (TAU * 0.31 * now).sin().abs());
        phase += 110.0 / f64::from(rate);
        let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
        phase -= phase.floor();
        ringing = ringing * (-300.0 / f64::from(rate)).exp() + pulse;
        (amplitude * syllable * ringing * (TAU * 650.0 * now).cos()) as f32
    });
    Pcm::new(rate, samples.collect())
}

/// How a sine came through: fitted by least squares over the middle half of the clip.
#[derive(Debug)]
pub(crate) struct Fit {
    pub(crate) amplitude: f64,
    /// Fitted sine against everything else, in dB.
    pub(crate) snr_db: f64,
}

/// Fits a sine of `hz` to the middle half of `clip`.
pub(crate) fn fit_sine(clip: &Pcm, hz: f64) -> Fit {
    let quarter = clip.samples.len() / 4;
    let middle = &clip.samples[quarter..3 * quarter];
    let step = TAU * hz / f64::from(clip.rate);
    let (mut ss, mut cc, mut sc, mut xs, mut xc, mut xx) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (n, &x) in middle.iter().enumerate() {
        let ((s, c), x) = ((step * n as f64).sin_cos(), f64::from(x));
        ss += s * s;
        cc += c * c;
        sc += s * c;
        xs += x * s;
        xc += x * c;
        xx += x * x;
    }
    let determinant = ss * cc - sc * sc;
    let (a, b) = ((xs * cc - xc * sc) / determinant, (xc * ss - xs * sc) / determinant);
    let residual: f64 = middle
        .iter()
        .enumerate()
        .map(|(n, &x)| {
            let (s, c) = (step * n as f64).sin_cos();
            (f64::from(x) - a * s - b * c).powi(2)
        })
        .sum();
    Fit { amplitude: a.hypot(b), snr_db: 10.0 * ((xx - residual) / residual).log10() }
}

/// Root mean square of the middle half of `clip`.
pub(crate) fn middle_rms(clip: &Pcm) -> f64 {
    let quarter = clip.samples.len() / 4;
    let middle = &clip.samples[quarter..3 * quarter];
    (middle.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / middle.len() as f64).sqrt()
}
