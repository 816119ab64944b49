//! Gains that move without a step.

use std::f64::consts::FRAC_PI_2;

use pregon_audio::Frame;

/// An equal-power fade. Its place runs in a straight line between 0 (shut) and 1 (open) and its gain is the sine of
/// it, so two envelopes that run in opposite directions over the same frames always add up to the same power. A fade
/// that turns round on its way continues from where it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Envelope {
    target: f64,
    step: f64,
    left: u32,
}

impl Envelope {
    pub(super) const SHUT: Self = Self { target: 0.0, step: 0.0, left: 0 };
    pub(super) const OPEN: Self = Self { target: 1.0, step: 0.0, left: 0 };

    /// Opens at the speed of a whole fade of that length.
    pub(super) fn open(&mut self, frames: usize) {
        self.run(1.0, frames);
    }

    /// Shuts at the speed of a whole fade of that length.
    pub(super) fn shut(&mut self, frames: usize) {
        self.run(0.0, frames);
    }

    /// Is shut after exactly that many frames, or sooner when it is already about to be.
    pub(super) fn shut_within(&mut self, frames: usize) {
        if self.target > 0.0 || self.left_frames() > frames {
            self.aim(0.0, frames);
        }
    }

    pub(super) fn is_shut(self) -> bool {
        self.left == 0 && self.target == 0.0
    }

    pub(super) fn is_open(self) -> bool {
        self.left == 0 && self.target > 0.0
    }

    /// Frames until it stands still; `None` when it does.
    pub(super) fn moving(self) -> Option<usize> {
        (self.left > 0).then_some(self.left_frames())
    }

    /// Applies the gain and moves on.
    pub(super) fn apply(&mut self, frames: &mut [Frame]) {
        if self.is_open() {
            return;
        }
        for frame in frames {
            let gain = self.advance();
            *frame = frame.map(|sample| sample * gain);
        }
    }

    /// The gain of the next frame.
    #[expect(clippy::cast_possible_truncation, reason = "f32 is the precision of the samples")]
    fn advance(&mut self) -> f32 {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return self.target as f32;
        }
        (self.place() * FRAC_PI_2).sin() as f32
    }

    fn place(self) -> f64 {
        self.target - self.step * f64::from(self.left)
    }

    /// Keeps on going when it is on its way there already.
    #[expect(clippy::float_cmp, reason = "targets are only ever set to 0.0 and 1.0")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a length in frames"
    )]
    fn run(&mut self, target: f64, frames: usize) {
        if self.target != target {
            let way = (target - self.place()).abs();
            self.aim(target, (way * f64::from(clamp(frames))).round() as usize);
        }
    }

    fn aim(&mut self, target: f64, frames: usize) {
        let left = clamp(frames);
        self.step = if left == 0 { 0.0 } else { (target - self.place()) / f64::from(left) };
        (self.target, self.left) = (target, left);
    }

    fn left_frames(self) -> usize {
        usize::try_from(self.left).unwrap_or(usize::MAX)
    }
}

/// A gain that glides evenly in decibels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glide {
    target_db: f64,
    /// The gain now, and its factor per frame.
    gain: f64,
    factor: f64,
    left: u32,
}

impl Glide {
    /// At 0 dB.
    pub(super) const UNITY: Self = Self { target_db: 0.0, gain: 1.0, factor: 1.0, left: 0 };

    /// Is at that level after so many frames; keeps on going when it is on its way there already.
    #[expect(clippy::float_cmp, reason = "compared with the very value it was set to")]
    pub(super) fn head_for(&mut self, db: f64, frames: usize) {
        if self.target_db == db {
            return;
        }
        self.target_db = db;
        self.left = clamp(frames).max(1);
        self.factor = (10.0_f64.powf(db / 20.0) / self.gain).powf(1.0 / f64::from(self.left));
    }

    /// Applies the gain and moves on.
    #[expect(clippy::cast_possible_truncation, reason = "f32 is the precision of the samples")]
    pub(super) fn apply(&mut self, frames: &mut [Frame]) {
        if self.left == 0 && self.target_db == 0.0 {
            return;
        }
        for frame in frames {
            if self.left > 0 {
                self.left -= 1;
                self.gain *= self.factor;
                if self.left == 0 {
                    self.gain = 10.0_f64.powf(self.target_db / 20.0);
                }
            }
            let gain = self.gain as f32;
            *frame = frame.map(|sample| sample * gain);
        }
    }
}

fn clamp(frames: usize) -> u32 {
    u32::try_from(frames).unwrap_or(u32::MAX)
}

/// What a voice that stops in the middle of a wave leaves behind: its last frame, sinking to zero within 5 ms. A step
/// to silence would click.
#[derive(Debug, Clone, Copy)]
pub(super) struct Residue(Frame);

impl Residue {
    pub(super) const NONE: Self = Self([0.0; 2]);

    /// 0.98^240 is 0.8 %: after 5 ms nothing is heard of it.
    const KEEP: f32 = 0.98;

    /// Below this it is over; also keeps denormal numbers, which are slow, out of the mix.
    const OVER: f32 = 1e-5;

    pub(super) fn leave(&mut self, last: Frame) {
        for (mine, last) in self.0.iter_mut().zip(last) {
            *mine += last;
        }
    }

    pub(super) fn is_none(self) -> bool {
        self.0.iter().all(|sample| sample.abs() < Self::OVER)
    }

    /// Adds itself to the frames.
    pub(super) fn add_to(&mut self, frames: &mut [Frame]) {
        for frame in frames {
            if self.is_none() {
                self.0 = [0.0; 2];
                return;
            }
            for (mine, sample) in self.0.iter_mut().zip(frame) {
                *mine *= Self::KEEP;
                *sample += *mine;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gains(envelope: &mut Envelope, count: usize) -> Vec<f32> {
        let mut frames = vec![[1.0, 1.0]; count];
        envelope.apply(&mut frames);
        frames.into_iter().map(|[left, _]| left).collect()
    }

    #[test]
    fn a_fade_has_the_asked_length_and_the_shape_of_a_sine() {
        let mut envelope = Envelope::SHUT;
        envelope.open(1_000);
        assert_eq!(envelope.moving(), Some(1_000));
        for (n, gain) in gains(&mut envelope, 1_000).into_iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            let expected = (((n + 1) as f32) / 1_000.0 * std::f32::consts::FRAC_PI_2).sin();
            assert!((gain - expected).abs() < 1e-6, "{n}: {gain} {expected}");
        }
        assert!(envelope.is_open() && envelope.moving().is_none());
    }

    #[test]
    fn opposite_fades_keep_the_power() {
        let (mut up, mut down) = (Envelope::SHUT, Envelope::OPEN);
        up.open(777);
        down.shut(777);
        for (up, down) in gains(&mut up, 777).into_iter().zip(gains(&mut down, 777)) {
            assert!((up * up + down * down - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_fade_turns_round_where_it_is() {
        let mut envelope = Envelope::OPEN;
        envelope.shut(1_000);
        let before = *gains(&mut envelope, 300).last().unwrap();
        envelope.open(1_000);
        assert_eq!(envelope.moving(), Some(300), "as long back as there");
        let after = gains(&mut envelope, 300);
        assert!((after[0] - before).abs() < 2e-3 && (after[299] - 1.0).abs() < f32::EPSILON);
    }

    #[test]
    fn a_deadline_shortens_a_fade_but_never_lengthens_it() {
        let mut envelope = Envelope::OPEN;
        envelope.shut(1_000);
        envelope.shut_within(2_000);
        assert_eq!(envelope.moving(), Some(1_000));
        envelope.shut_within(10);
        assert_eq!(envelope.moving(), Some(10));
        assert!(gains(&mut envelope, 10)[9].abs() < f32::EPSILON && envelope.is_shut());
    }

    #[test]
    fn a_glide_is_even_in_decibels_and_ends_on_its_target() {
        let mut glide = Glide::UNITY;
        glide.head_for(-12.0, 1_200);
        let mut frames = [[1.0_f32; 2]; 1_300];
        glide.apply(&mut frames);
        for (n, [gain, _]) in frames.iter().enumerate().take(1_200) {
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            let expected = -12.0 * ((n + 1) as f32) / 1_200.0;
            assert!((20.0 * gain.log10() - expected).abs() < 1e-3, "{n}");
        }
        assert!((20.0 * frames[1_299][0].log10() + 12.0).abs() < 1e-4);
    }

    #[test]
    fn what_is_left_of_a_stopped_wave_dies_within_5_ms() {
        let mut residue = Residue::NONE;
        residue.leave([1.0, -1.0]);
        let mut frames = [[0.0; 2]; 960];
        residue.add_to(&mut frames);
        assert!(
            frames[0][0] > 0.97
                && frames[240][0] < 0.01
                && frames[959][0].abs() < f32::EPSILON
                && residue.is_none()
        );
    }
}
