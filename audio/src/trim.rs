//! Silence: recognising it, and cutting it off both ends of a clip.

use crate::Pcm;

/// Samples below this are silence, in dBFS. Engines render pauses as digital zero or as faint noise; this is
/// some 30 dB below the loudness of rendered speech (espeak: −22 LUFS), so that soft consonants stay above it
/// and the pads forgive the ones that do not.
pub const SILENCE_DBFS: f32 = -54.0;

/// Kept before the first sound, in seconds: a soft onset below the threshold is part of the word, and
/// the first instants after an answer are easily lost on the line.
pub const HEAD_PAD_SECONDS: f64 = 0.050;

/// Kept after the last sound, in seconds: the decay of the last syllable lies below the threshold.
pub const TAIL_PAD_SECONDS: f64 = 0.150;

/// Whether nothing in the clip rises above [`SILENCE_DBFS`] (an empty clip is silent). Such a clip is an
/// engine failure, not an announcement: refuse it.
pub fn is_silent(clip: &Pcm) -> bool {
    clip.sample_peak() < threshold()
}

/// The clip from [`HEAD_PAD_SECONDS`] before its first sound to [`TAIL_PAD_SECONDS`] after its last one.
/// Pauses inside stay as they are, and no silence is added where the clip has less. A silent clip comes
/// back empty.
pub fn trim(clip: &Pcm) -> Pcm {
    let threshold = threshold();
    let sounds = |sample: &f32| sample.abs() >= threshold;
    let (Some(first), Some(last)) =
        (clip.samples.iter().position(sounds), clip.samples.iter().rposition(sounds))
    else {
        return Pcm::new(clip.rate, Vec::new());
    };

    let start = first.saturating_sub(frames(HEAD_PAD_SECONDS, clip.rate));
    let end = (last + 1 + frames(TAIL_PAD_SECONDS, clip.rate)).min(clip.samples.len());
    Pcm::new(clip.rate, clip.samples.get(start..end).unwrap_or_default().to_vec())
}

fn threshold() -> f32 {
    10.0_f32.powf(SILENCE_DBFS / 20.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a fraction of a u32")]
fn frames(seconds: f64, rate: u32) -> usize {
    (seconds * f64::from(rate)).round() as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::signals::{silence, sine};

    fn sound_between(head: f64, tail: f64) -> Pcm {
        // A quarter period off, so that it starts and ends at full swing.
        let sound = vec![0.25; 8_000];
        Pcm::new(8_000, [silence(8_000, head).samples, sound, silence(8_000, tail).samples].concat())
    }

    #[test]
    fn the_ends_are_cut_to_the_pads_and_nothing_is_added() {
        let table =
            [(1.0, 2.0, 1.2), (0.0, 0.0, 1.0), (0.01, 3.0, 1.16), (3.0, 0.1, 1.15), (0.05, 0.15, 1.2)];
        for (head, tail, seconds) in table {
            let trimmed = trim(&sound_between(head, tail));
            assert!((trimmed.seconds() - seconds).abs() < 1e-9, "{head} {tail}: {}", trimmed.seconds());
            assert_eq!(trim(&trimmed), trimmed, "a second trim finds nothing to cut");
        }
    }

    #[test]
    fn pauses_between_words_stay() {
        let clip = sound_between(0.0, 1.5);
        let two = Pcm::new(8_000, [clip.samples.clone(), clip.samples].concat());
        assert!((trim(&two).seconds() - 3.65).abs() < 1e-9);
    }

    #[test]
    fn a_clip_is_silent_when_nothing_passes_the_threshold() {
        let table = [
            (Pcm::new(8_000, Vec::new()), true),
            (silence(8_000, 1.0), true),
            (sine(8_000, 440.0, 0.001, 1.0), true),
            (sine(8_000, 440.0, 0.003, 1.0), false),
            (sine(8_000, 440.0, 0.5, 1.0), false),
        ];
        for (clip, silent) in table {
            assert_eq!(is_silent(&clip), silent, "peak {}", clip.sample_peak());
        }
    }

    proptest! {
        #[test]
        fn only_a_silent_clip_trims_to_nothing(
            samples in proptest::collection::vec(-0.005_f32..0.005, 0..3_000),
            rate in 1_u32..48_000,
        ) {
            let clip = Pcm::new(rate, samples);
            let trimmed = trim(&clip);
            prop_assert_eq!(trimmed.samples.is_empty(), is_silent(&clip));
            prop_assert!(trimmed.samples.len() <= clip.samples.len());
            prop_assert!(trimmed.samples.is_empty() || trimmed.sample_peak().to_bits() == clip.sample_peak().to_bits());
        }
    }
}
