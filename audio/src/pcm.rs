//! The one in-memory form of audio that every step takes and returns.

/// A mono clip: the master that every step of this crate takes and returns.
#[derive(Debug, Clone, PartialEq)]
pub struct Pcm {
    /// Samples per second, in Hz. Never 0.
    pub rate: u32,
    /// Amplitudes, nominally in −1.0..=1.0, where 1.0 is full scale. Always finite.
    pub samples: Vec<f32>,
}

impl Pcm {
    /// A clip of `samples` at `rate` Hz.
    pub fn new(rate: u32, samples: Vec<f32>) -> Self {
        Self { rate, samples }
    }

    /// Length in seconds.
    #[expect(clippy::cast_precision_loss, reason = "a clip of 2^52 samples does not fit in memory")]
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate)
    }

    /// The largest absolute sample value; 0.0 for an empty clip. Peaks *between* samples can be higher:
    /// see [`crate::measure`].
    pub fn sample_peak(&self) -> f32 {
        self.samples.iter().fold(0.0, |peak, sample| sample.abs().max(peak))
    }

    /// The samples as signed 16-bit values: rounded, and held at full scale instead of wrapping.
    pub fn to_i16(&self) -> impl Iterator<Item = i16> {
        self.samples.iter().copied().map(quantise)
    }
}

/// 1.0 is 32 768, the scale decoders use too: 16-bit audio that nothing has touched comes out bit for bit.
#[expect(clippy::cast_possible_truncation, reason = "a float cast holds at the ends of the range")]
pub(crate) fn quantise(sample: f32) -> i16 {
    (sample * 32_768.0).round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_seconds_of_its_own_rate() {
        for (rate, frames, seconds) in [(8_000, 0, 0.0), (8_000, 4_000, 0.5), (22_050, 22_050, 1.0)] {
            let clip = Pcm::new(rate, vec![0.0; frames]);
            assert!((clip.seconds() - seconds).abs() < 1e-12, "{rate} {frames}");
        }
    }

    #[test]
    fn quantising_rounds_and_never_wraps() {
        let table = [
            (0.0, 0),
            (-1.0, -32_768),
            (1.0, 32_767),
            (7.5, 32_767),
            (-7.5, -32_768),
            (0.6 / 32_768.0, 1),
            (-0.6 / 32_768.0, -1),
            (0.4 / 32_768.0, 0),
        ];
        for (sample, expected) in table {
            assert_eq!(quantise(sample), expected, "{sample}");
        }
    }

    #[test]
    fn every_16_bit_value_survives_the_way_through_float() {
        for value in i16::MIN..=i16::MAX {
            assert_eq!(quantise(f32::from(value) / 32_768.0), value);
        }
    }
}
