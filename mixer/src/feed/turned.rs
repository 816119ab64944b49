//! A source, turned up or down.

use pregon_audio::Frame;

use super::{Source, SourceError};

/// A source times a factor.
pub(crate) struct Turned {
    source: Box<dyn Source>,
    factor: f32,
}

impl Turned {
    /// `source`, louder by so many dB.
    pub(crate) fn by(gain_db: f32, source: Box<dyn Source>) -> Self {
        Self { source, factor: 10.0_f32.powf(gain_db / 20.0) }
    }
}

impl Source for Turned {
    fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError> {
        let count = self.source.read(out)?;
        out.iter_mut().take(count).flatten().for_each(|sample| *sample *= self.factor);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones(usize);

    impl Source for Ones {
        fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError> {
            let count = out.len().min(self.0);
            out.iter_mut().take(count).for_each(|frame| *frame = [1.0, -1.0]);
            self.0 -= count;
            Ok(count)
        }
    }

    #[test]
    fn six_decibels_down_is_half_and_nothing_beyond_the_end_is_touched() {
        let mut turned = Turned::by(-6.0206, Box::new(Ones(3)));
        let mut out = [[9.0; 2]; 4];
        assert_eq!(turned.read(&mut out), Ok(3));
        assert!(out[..3].iter().all(|frame| (frame[0] - 0.5).abs() < 1e-4 && (frame[1] + 0.5).abs() < 1e-4));
        assert!(out[3].iter().all(|sample| (sample - 9.0).abs() < f32::EPSILON));
    }
}
