//! The shape of a clip, small enough to draw on a web page.

use crate::Pcm;

/// The peak of each of `bars` equal stretches of the clip, 0–100 percent of full scale (linear, not
/// normalised: a quiet clip looks quiet). With more bars than samples, neighbours repeat, so the drawing
/// has no gaps; an empty clip is a flat line.
pub fn envelope(clip: &Pcm, bars: usize) -> Vec<u8> {
    let frames = clip.samples.len();
    (0..bars)
        .map(|bar| {
            let start = frames.saturating_mul(bar) / bars;
            let end = (frames.saturating_mul(bar + 1) / bars).max(start + 1).min(frames);
            let stretch = clip.samples.get(start..end).unwrap_or_default();
            percent(stretch.iter().fold(0.0, |peak, sample| sample.abs().max(peak)))
        })
        .collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within 0..=100")]
fn percent(amplitude: f32) -> u8 {
    (amplitude * 100.0).round().clamp(0.0, 100.0) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_bar_is_the_peak_of_its_stretch() {
        let table: [(&[f32], usize, &[u8]); 7] = [
            (&[0.1, -0.5, 0.2, 0.0], 2, &[50, 20]),
            (&[0.1, -0.5, 0.2, 0.0], 4, &[10, 50, 20, 0]),
            (&[0.1, -0.5, 0.2], 1, &[50]),
            (&[0.5, -1.0], 4, &[50, 50, 100, 100]),
            (&[3.0], 2, &[100, 100]),
            (&[], 3, &[0, 0, 0]),
            (&[0.5], 0, &[]),
        ];
        for (samples, bars, expected) in table {
            assert_eq!(envelope(&Pcm::new(8_000, samples.to_vec()), bars), expected, "{samples:?} {bars}");
        }
    }

    proptest! {
        #[test]
        fn the_loudest_sample_is_always_visible(
            samples in proptest::collection::vec(-1.0_f32..=1.0, 1..500),
            bars in 1_usize..600,
        ) {
            let clip = Pcm::new(8_000, samples);
            let drawn = envelope(&clip, bars);
            prop_assert_eq!(drawn.len(), bars);
            prop_assert_eq!(drawn.iter().max(), Some(&percent(clip.sample_peak())));
        }
    }
}
