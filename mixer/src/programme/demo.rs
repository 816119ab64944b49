//! The built-in demo loop: 24 s of quiet keys over soft chords, composed for this program and made of sines.

use std::f32::consts::TAU;
use std::fmt;
use std::sync::Arc;

use pregon_audio::{AIR_RATE, Frame};

use super::meter::{self, Meter};

/// Frames of one beat: 80 beats per minute.
const BEAT: usize = AIR_RATE as usize * 3 / 4;
/// Frames of a bar of four beats.
const BAR: usize = 4 * BEAT;
/// Frames of the loop: eight bars.
const LENGTH: usize = 8 * BAR;

/// The chord of each bar as MIDI notes: the bass first, then what the keys play. D major, and round again.
const CHORDS: [[u8; 5]; 8] = [
    [38, 66, 69, 73, 76], // Dmaj9
    [47, 66, 69, 73, 74], // Bm9
    [43, 66, 69, 71, 74], // Gmaj9
    [45, 64, 67, 71, 73], // A9
    [42, 64, 69, 73, 76], // F♯m7
    [47, 66, 69, 73, 78], // Bm9
    [40, 66, 67, 71, 74], // Em9
    [45, 62, 64, 69, 71], // A sus
];

/// Which note of the chord sounds on each half beat; 0 is a rest.
const FIGURE: [usize; 8] = [1, 3, 4, 2, 0, 3, 4, 0];

/// The loop being played. Clones share the sound and play on their own.
#[derive(Clone)]
pub(super) struct Demo {
    sound: Arc<[[i16; 2]]>,
    gain: f32,
    at: usize,
}

impl fmt::Debug for Demo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Demo({} of {LENGTH})", self.at)
    }
}

impl Demo {
    /// The loop at this loudness, in LUFS, from its beginning. Takes up to 0.3 s and 4.6 MB: it is made once, so that
    /// playing it costs nothing.
    pub(super) fn at(target_lufs: f64) -> Self {
        let sound = compose();
        let mut meter = Meter::new();
        if let Some(meter) = &mut meter {
            sound
                .chunks(BEAT)
                .for_each(|chunk| meter.take(&chunk.iter().map(|f| float(*f)).collect::<Vec<_>>()));
        }
        let gain = meter::gain(meter.map(|meter| meter.reading()), target_lufs);
        Self { sound, gain, at: 0 }
    }

    /// Whether the next frame begins a bar.
    pub(super) fn at_a_bar(&self) -> bool {
        self.at.is_multiple_of(BAR)
    }

    /// Fills `out` up to the end of the bar and says how much that is.
    pub(super) fn read(&mut self, out: &mut [Frame]) -> usize {
        let count = out.len().min(BAR - self.at % BAR);
        let sound = self.sound.get(self.at..self.at + count).unwrap_or_default();
        for (out, frame) in out.iter_mut().zip(sound) {
            *out = float(*frame).map(|sample| sample * self.gain);
        }
        self.at = (self.at + count) % LENGTH;
        count
    }
}

fn float(frame: [i16; 2]) -> Frame {
    frame.map(|sample| f32::from(sample) / 32_768.0)
}

/// One sound of an instrument.
#[derive(Clone, Copy)]
struct Note {
    /// First frame.
    start: usize,
    /// Height, in Hz.
    hertz: f32,
    /// Frames until it is still.
    frames: usize,
    /// Frames until it is loudest.
    rise: usize,
    /// Loudness of the fundamental and the two partials above it.
    partials: [f32; 3],
    /// −1 is left, 1 is right.
    pan: f32,
}

fn compose() -> Arc<[[i16; 2]]> {
    let mut sound = vec![[0.0_f32; 2]; LENGTH];
    for (bar, [bass, keys @ ..]) in CHORDS.iter().enumerate() {
        let start = bar * BAR;
        pad(start, *bass, 0.0).sound(&mut sound);
        for (voice, key) in keys.iter().enumerate() {
            let pan = if voice % 2 == 0 { -0.6 } else { 0.6 };
            // An octave down, where it lies under the keys.
            pad(start, key - 12, pan).sound(&mut sound);
        }
        for (half_beat, voice) in FIGURE.iter().enumerate() {
            let Some(key) = voice.checked_sub(1).and_then(|voice| keys.get(voice)) else { continue };
            let pan = if half_beat % 2 == 0 { -0.35 } else { 0.35 };
            pluck(start + half_beat * BEAT / 2, *key, pan).sound(&mut sound);
        }
    }
    let peak = sound.iter().flatten().fold(f32::MIN_POSITIVE, |peak, sample| peak.max(sample.abs()));
    sound.iter().map(|frame| frame.map(|sample| sixteen_bits(sample * 0.8 / peak))).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "within ±0.8 of full scale")]
fn sixteen_bits(sample: f32) -> i16 {
    (sample * 32_767.0).round() as i16
}

fn hertz(key: u8) -> f32 {
    440.0 * ((f32::from(key) - 69.0) / 12.0).exp2()
}

/// Swells up and into the next bar.
fn pad(start: usize, key: u8, pan: f32) -> Note {
    Note { start, hertz: hertz(key), frames: BAR * 3 / 2, rise: BEAT, partials: [0.11, 0.02, 0.01], pan }
}

/// Rings off over three beats.
fn pluck(start: usize, key: u8, pan: f32) -> Note {
    Note { start, hertz: hertz(key), frames: 3 * BEAT, rise: 240, partials: [0.3, 0.08, 0.02], pan }
}

impl Note {
    /// Adds the note to the loop; what lasts beyond its end goes on at its beginning, so that the seam is not heard.
    #[expect(clippy::cast_precision_loss, reason = "a note has far fewer than 2^24 frames")]
    fn sound(self, onto: &mut [Frame]) {
        let (left, right) = ((1.0 - self.pan) / 2.0, f32::midpoint(1.0, self.pan));
        let step = TAU * self.hertz / AIR_RATE as f32;
        let (turn_sin, turn_cos) = step.sin_cos();
        let (mut sin, mut cos) = (0.0_f32, 1.0_f32);
        let length = onto.len();
        for n in 0..self.frames {
            // The partials follow from the fundamental: sin 2x and sin 3x.
            let double = 2.0 * sin * cos;
            let triple = sin * (3.0 - 4.0 * sin * sin);
            let [one, two, three] = self.partials;
            let wave = one * sin + two * double + three * triple;
            let rise = (n as f32 / self.rise as f32).min(1.0);
            let left_over = 1.0 - n as f32 / self.frames as f32;
            let level = wave * rise * rise * left_over * left_over;
            if let Some(frame) = onto.get_mut((self.start + n) % length) {
                frame[0] += left.sqrt() * level;
                frame[1] += right.sqrt() * level;
            }
            (sin, cos) = (sin * turn_cos + cos * turn_sin, cos * turn_cos - sin * turn_sin);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(demo: &mut Demo, frames: usize) -> Vec<Frame> {
        let mut out = vec![[0.0; 2]; frames];
        let mut filled = 0;
        while filled < frames {
            filled += demo.read(&mut out[filled..]);
        }
        out
    }

    fn steepest(frames: &[Frame]) -> f32 {
        frames
            .windows(2)
            .flat_map(|w| [w[1][0] - w[0][0], w[1][1] - w[0][1]])
            .map(f32::abs)
            .fold(0.0, f32::max)
    }

    #[test]
    fn it_loops_without_a_seam_at_the_station_s_loudness() {
        let mut demo = Demo::at(-16.0);
        let once = play(&mut demo, LENGTH);
        assert!((20 * 48_000..=30 * 48_000).contains(&once.len()));
        let again = play(&mut demo, LENGTH);
        assert!(once == again, "the second round differs");

        let seam = steepest(&[once[LENGTH - 1], once[0]]);
        let typical = steepest(&once[..BAR]);
        assert!(seam <= typical, "a step of {seam} at the seam, {typical} within");

        let mut meter = Meter::new().unwrap();
        once.chunks(4_800).for_each(|chunk| meter.take(chunk));
        let reading = meter.reading();
        assert!((reading.lufs.unwrap() + 16.0).abs() < 0.3, "{reading:?}");
        assert!(reading.peak_dbtp <= -0.9, "{reading:?}");
    }

    #[test]
    fn it_is_never_still_and_both_sides_play() {
        let frames = play(&mut Demo::at(-16.0), LENGTH);
        for side in 0..2 {
            for (beat, part) in frames.chunks(BEAT).enumerate() {
                let loudest = part.iter().map(|f| f[side].abs()).fold(0.0, f32::max);
                assert!(loudest > 0.01, "side {side} is still in beat {beat}");
            }
        }
        let mean = frames.iter().map(|f| f64::from(f[0])).sum::<f64>() / 1_152_000.0;
        assert!(mean.abs() < 0.001, "the wave lies {mean} off its middle");
    }

    #[test]
    fn it_can_be_left_at_each_bar() {
        let mut demo = Demo::at(-16.0);
        let mut bars = 0;
        for _ in 0..LENGTH {
            bars += usize::from(demo.at_a_bar());
            demo.read(&mut [[0.0; 2]]);
        }
        assert_eq!(bars, 8);
    }
}
