//! The last tier: soft white noise.

use pregon_audio::Frame;

/// Highest amplitude, linear.
const LEVEL: f32 = 0.1;

/// Xorshift: white enough for the ear, and four instructions per sample.
#[derive(Debug)]
pub(super) struct Noise(u32);

impl Noise {
    pub(super) fn new() -> Self {
        Self(0x9E37_79B9)
    }

    pub(super) fn fill(&mut self, out: &mut [Frame]) {
        for frame in out {
            *frame = [self.sample(), self.sample()];
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "noise needs no more than 24 bits")]
    fn sample(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0.cast_signed() as f32) * (LEVEL / 2_147_483_648.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noise_is_soft_white_and_centred() {
        let mut frames = vec![[0.0; 2]; 96_000];
        Noise::new().fill(&mut frames);
        let samples: Vec<f32> = frames.iter().map(|[left, _]| *left).collect();
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let count = samples.len() as f32;
        let mean = samples.iter().sum::<f32>() / count;
        let power = samples.iter().map(|s| s * s).sum::<f32>() / count;
        let neighbours = samples.windows(2).map(|pair| pair[0] * pair[1]).sum::<f32>() / count;
        assert!(samples.iter().all(|s| s.abs() <= LEVEL));
        assert!(mean.abs() < 1e-3 && neighbours.abs() < power / 50.0, "{mean} {neighbours}");
        assert!((power - LEVEL * LEVEL / 3.0).abs() < power / 50.0, "uniform: {power}");
    }
}
