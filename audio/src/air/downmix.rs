//! Any number of channels as stereo.

use symphonia::core::audio::{Channels, Position};

use super::Frame;

/// Nothing sane is louder than 12 dB over full scale, and one huge sample would blow up every filter after it.
const LOUDEST: f32 = 4.0;

/// The weight of a channel that belongs to one side only in part: −3 dB.
const PART: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// How much of each channel goes to the left and to the right.
pub(super) struct Downmix {
    weights: Vec<Frame>,
}

impl Downmix {
    pub(super) fn of(channels: &Channels) -> Self {
        let mut weights = Vec::new();
        if let Channels::Positioned(positions) = channels {
            weights.extend(positions.iter().map(weight));
        }
        match channels.count() {
            0 | 1 => weights = vec![[1.0, 1.0]],
            2 => weights = vec![[1.0, 0.0], [0.0, 1.0]],
            // Nobody says where these channels belong: all of them in the middle.
            count if weights.len() != count => weights = vec![[1.0, 1.0]; count],
            _ => {}
        }
        if weights.len() > 2 {
            normalise(&mut weights);
        }
        Self { weights }
    }

    /// Appends the stereo mix of `interleaved` samples. What is not a number becomes silence.
    pub(super) fn append(&self, interleaved: &[f32], out: &mut Vec<Frame>) {
        match self.weights.len() {
            1 => out.extend(interleaved.iter().map(|sample| [tame(*sample); 2])),
            2 => {
                let (pairs, _) = interleaved.as_chunks::<2>();
                out.extend(pairs.iter().map(|[left, right]| [tame(*left), tame(*right)]));
            }
            count => out.extend(interleaved.chunks_exact(count).map(|moment| self.mix(moment))),
        }
    }

    fn mix(&self, moment: &[f32]) -> Frame {
        let parts = moment.iter().zip(&self.weights);
        let [left, right] = parts.fold([0.0, 0.0], |[left, right], (sample, [to_left, to_right])| {
            [left + sample * to_left, right + sample * to_right]
        });
        [tame(left), tame(right)]
    }
}

fn tame(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-LOUDEST, LOUDEST) } else { 0.0 }
}

fn weight(position: Position) -> Frame {
    let left = Position::FRONT_LEFT | Position::FRONT_LEFT_CENTER | Position::FRONT_LEFT_WIDE;
    let right = Position::FRONT_RIGHT | Position::FRONT_RIGHT_CENTER | Position::FRONT_RIGHT_WIDE;
    let far_left =
        Position::SIDE_LEFT | Position::REAR_LEFT | Position::TOP_FRONT_LEFT | Position::TOP_REAR_LEFT;
    let far_right =
        Position::SIDE_RIGHT | Position::REAR_RIGHT | Position::TOP_FRONT_RIGHT | Position::TOP_REAR_RIGHT;
    if left.contains(position) {
        [1.0, 0.0]
    } else if right.contains(position) {
        [0.0, 1.0]
    } else if far_left.contains(position) {
        [PART, 0.0]
    } else if far_right.contains(position) {
        [0.0, PART]
    } else if (Position::LFE1 | Position::LFE2).contains(position) {
        // Stereo mixes leave the rumble of the cinema out (ITU-R BS.775).
        [0.0, 0.0]
    } else {
        [PART, PART]
    }
}

/// All channels at full scale must not clip.
fn normalise(weights: &mut [Frame]) {
    let sum = weights.iter().fold([0.0, 0.0], |[left, right], [l, r]| [left + l, right + r]);
    let [left, right]: Frame = sum.map(|side: f32| side.max(1.0));
    for [to_left, to_right] in weights {
        *to_left /= left.max(right);
        *to_right /= left.max(right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stereo(channels: &Channels, interleaved: &[f32]) -> Vec<Frame> {
        let mut out = Vec::new();
        Downmix::of(channels).append(interleaved, &mut out);
        out
    }

    #[test]
    fn mono_sounds_on_both_sides_and_stereo_passes_untouched() {
        assert_eq!(stereo(&Channels::Discrete(1), &[0.5, -0.25]), [[0.5, 0.5], [-0.25, -0.25]]);
        let pair = Channels::Positioned(Position::FRONT_LEFT | Position::FRONT_RIGHT);
        assert_eq!(stereo(&pair, &[0.5, -0.25, 1.0, 0.0]), [[0.5, -0.25], [1.0, 0.0]]);
    }

    #[test]
    fn surround_keeps_its_sides_and_never_clips() {
        let surround = Channels::Positioned(
            Position::FRONT_LEFT
                | Position::FRONT_RIGHT
                | Position::FRONT_CENTER
                | Position::LFE1
                | Position::REAR_LEFT
                | Position::REAR_RIGHT,
        );
        let [[left, right]] = stereo(&surround, &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0])[..] else {
            panic!("one frame")
        };
        assert!(left > 0.5 && right.abs() < 1e-6, "{left} {right}");
        let [[left, right]] = stereo(&surround, &[1.0; 6])[..] else { panic!("one frame") };
        assert!((left - 1.0).abs() < 1e-6 && (right - 1.0).abs() < 1e-6, "{left} {right}");
        assert_eq!(stereo(&surround, &[0.0, 0.0, 0.0, 1.0, 0.0, 0.0]), [[0.0, 0.0]]);
    }

    #[test]
    fn channels_nobody_placed_are_all_heard() {
        let [[left, right]] = stereo(&Channels::Discrete(3), &[0.0, 0.9, 0.0])[..] else {
            panic!("one frame")
        };
        assert!((left - 0.3).abs() < 1e-6 && (right - 0.3).abs() < 1e-6);
    }

    #[test]
    fn what_is_no_sound_becomes_silence() {
        let out = stereo(&Channels::Discrete(1), &[f32::NAN, f32::INFINITY, 1e30, -1e30]);
        assert_eq!(out, [[0.0; 2], [0.0; 2], [LOUDEST; 2], [-LOUDEST; 2]]);
    }
}
