//! ITU-T G.722 encoder: 7 kHz audio in 64 kbit/s. Two sub-bands of 8 kHz each, both coded by adaptive
//! differential PCM; each byte holds 2 bits of the upper and 6 of the lower band for two samples.
//!
//! Integer arithmetic throughout, with the block names of the Recommendation (QUANTL, SCALEL, ...), so
//! that the stream is bit for bit the one that other encoders produce and every decoder expects.

#![expect(clippy::indexing_slicing, reason = "every index is bounded by the code or mask that made it")]

use crate::Pcm;

/// Sample rate of the audio that goes in, in Hz.
pub const RATE: u32 = 16_000;

/// Transmit QMF: the taps of every other sample; those between are the same backwards.
const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3_876, -805, 362, -156, 53, -11];

/// Decision levels of the lower band's 60-level quantiser, in units of the step size.
const LOW_LEVELS: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1_023, 1_121,
    1_219, 1_339, 1_458, 1_612, 1_765, 1_980, 2_195, 2_557, 2_919,
];

/// Decision level of the upper band's 4-level quantiser.
const HIGH_LEVEL: i32 = 564;

/// Output of the inverse quantiser for the 4-bit core of the lower band's code.
const LOW_OUTPUT: [i32; 16] = [
    0, -20_456, -12_896, -8_968, -6_288, -4_240, -2_584, -1_200, 20_456, 12_896, 8_968, 6_288, 4_240, 2_584,
    1_200, 0,
];

/// Output of the inverse quantiser for the upper band's code.
const HIGH_OUTPUT: [i32; 4] = [-7_408, -1_616, 7_408, 1_616];

/// Logarithmic step-size multipliers by the same codes.
const LOW_GROWTH: [i32; 16] =
    [-60, 3_042, 1_198, 538, 334, 172, 58, -30, 3_042, 1_198, 538, 334, 172, 58, -30, -60];
const HIGH_GROWTH: [i32; 4] = [798, -214, 798, -214];

/// 2048 · 2^(n/32): turns the logarithmic step size into a linear one.
const EXP2: [i32; 32] = [
    2_048, 2_093, 2_139, 2_186, 2_233, 2_282, 2_332, 2_383, 2_435, 2_489, 2_543, 2_599, 2_656, 2_714, 2_774,
    2_834, 2_896, 2_960, 3_025, 3_091, 3_158, 3_228, 3_298, 3_371, 3_444, 3_520, 3_597, 3_676, 3_756, 3_838,
    3_922, 4_008,
];

/// The clip as G.722, one byte for two samples; an odd last sample is followed by silence. The bytes
/// carry no rate: give it [`RATE`].
pub fn encode(clip: &Pcm) -> Vec<u8> {
    let samples: Vec<i16> = clip.to_i16().collect();
    let mut encoder = Encoder::default();
    samples.chunks(2).map(|pair| encoder.byte(pair[0], pair.get(1).copied().unwrap_or(0))).collect()
}

struct Encoder {
    /// The last 24 samples, newest last.
    history: [i32; 24],
    low: Band,
    high: Band,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { history: [0; 24], low: Band::new(&LOW), high: Band::new(&HIGH) }
    }
}

impl Encoder {
    fn byte(&mut self, first: i16, second: i16) -> u8 {
        self.history.copy_within(2.., 0);
        self.history[22] = i32::from(first);
        self.history[23] = i32::from(second);
        let (mut even, mut odd) = (0, 0);
        for (pair, tap) in self.history.chunks_exact(2).zip(0..) {
            even += pair[0] * QMF[tap];
            odd += pair[1] * QMF[11 - tap];
        }
        // 14 = 13 bits of the taps' sum and one from 16-bit samples to the 15 bits of the sub-bands.
        let low = self.low.code_low((even + odd) >> 14);
        let high = self.high.code_high((odd - even) >> 14);
        u8::try_from(high << 6 | low).unwrap_or_default()
    }
}

/// What differs between the two bands.
struct Plan {
    output: &'static [i32],
    growth: &'static [i32],
    /// Upper bound of the logarithmic step size.
    largest: i32,
    /// Shift from the table of powers to the smallest step.
    octaves: i32,
    first_step: i32,
}

static LOW: Plan =
    Plan { output: &LOW_OUTPUT, growth: &LOW_GROWTH, largest: 18_432, octaves: 8, first_step: 32 };
static HIGH: Plan =
    Plan { output: &HIGH_OUTPUT, growth: &HIGH_GROWTH, largest: 22_528, octaves: 10, first_step: 8 };

/// The predictor and the step size of one sub-band; coder and decoder keep the same copy of it.
struct Band {
    plan: &'static Plan,
    log_step: i32,
    step: i32,
    /// What the predictor expects next, and the zero section's share of it.
    expected: i32,
    expected_by_zeros: i32,
    /// Reconstructed signal and partial reconstruction, newest first.
    rebuilt: [i32; 2],
    partial: [i32; 2],
    poles: [i32; 2],
    /// Quantised differences, newest first, and their coefficients.
    differences: [i32; 6],
    zeros: [i32; 6],
}

impl Band {
    fn new(plan: &'static Plan) -> Self {
        Self {
            plan,
            log_step: 0,
            step: plan.first_step,
            expected: 0,
            expected_by_zeros: 0,
            rebuilt: [0; 2],
            partial: [0; 2],
            poles: [0; 2],
            differences: [0; 6],
            zeros: [0; 6],
        }
    }

    /// QUANTL: 6 bits. The predictor only follows the upper 4, so that a network may steal the others.
    fn code_low(&mut self, input: i32) -> i32 {
        let error = saturate(input - self.expected);
        let level = LOW_LEVELS.iter().take_while(|level| magnitude(error) >= (**level * self.step) >> 12);
        let interval = i32::try_from(level.count()).unwrap_or_default();
        // Negative intervals count down from 63, 62 and then 31; positive ones from 61.
        let code = match (error < 0, interval) {
            (true, 0 | 1) => 63 - interval,
            (true, _) => 33 - interval,
            (false, _) => 61 - interval,
        };
        self.follow(code >> 2);
        code
    }

    /// QUANTH: 2 bits.
    fn code_high(&mut self, input: i32) -> i32 {
        let error = saturate(input - self.expected);
        let far = magnitude(error) >= (HIGH_LEVEL * self.step) >> 12;
        let code = match (error < 0, far) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        self.follow(code);
        code
    }

    /// Everything that the decoder does too: inverse quantiser, step size, predictor.
    fn follow(&mut self, code: i32) {
        let code = usize::try_from(code).unwrap_or_default();
        let difference = (self.step * self.plan.output[code]) >> 15;
        self.adapt_step(self.plan.growth[code]);
        self.adapt_predictor(difference);
    }

    /// LOGSCL and SCALEL (LOGSCH and SCALEH).
    fn adapt_step(&mut self, growth: i32) {
        self.log_step = (((self.log_step * 127) >> 7) + growth).clamp(0, self.plan.largest);
        let mantissa = EXP2[(self.log_step >> 6 & 31).unsigned_abs() as usize];
        let shift = self.plan.octaves - (self.log_step >> 11);
        self.step = if shift < 0 { mantissa << -shift } else { mantissa >> shift } << 2;
    }

    fn adapt_predictor(&mut self, difference: i32) {
        let rebuilt = saturate(self.expected + difference); // RECONS
        let partial = saturate(self.expected_by_zeros + difference); // PARREC
        self.poles = self.next_poles(partial);
        self.adapt_zeros(difference);

        self.rebuilt = [rebuilt, self.rebuilt[0]];
        self.partial = [partial, self.partial[0]];
        self.differences.copy_within(..5, 1);
        self.differences[0] = difference;

        let doubled = |value: &i32| saturate(2 * value);
        let weigh = |(weight, value): (&i32, &i32)| (weight * doubled(value)) >> 15;
        // FILTEZ, FILTEP, PREDIC
        self.expected_by_zeros = saturate(self.zeros.iter().zip(&self.differences).map(weigh).sum());
        let by_poles = saturate(self.poles.iter().zip(&self.rebuilt).map(weigh).sum());
        self.expected = saturate(by_poles + self.expected_by_zeros);
    }

    /// UPPOL2 and UPPOL1: sign-sign adaptation, held inside the triangle where the filter is stable.
    fn next_poles(&self, partial: i32) -> [i32; 2] {
        let [first, second] = self.poles;
        let as_before = |at: usize| (partial < 0) == (self.partial[at] < 0);
        let quadrupled = saturate(4 * first);
        let pull = if as_before(0) { (-quadrupled).min(32_767) } else { quadrupled };
        let push = if as_before(1) { 128 } else { -128 };
        let second = ((pull >> 7) + push + ((second * 32_512) >> 15)).clamp(-12_288, 12_288);

        let push = if as_before(0) { 192 } else { -192 };
        let bound = 15_360 - second;
        let first = saturate(push + ((first * 32_640) >> 15)).clamp(-bound, bound);
        [first, second]
    }

    /// UPZERO.
    fn adapt_zeros(&mut self, difference: i32) {
        let push = if difference == 0 { 0 } else { 128 };
        for (zero, before) in self.zeros.iter_mut().zip(&self.differences) {
            let push = if (*before < 0) == (difference < 0) { push } else { -push };
            *zero = saturate(push + ((*zero * 32_640) >> 15));
        }
    }
}

/// Distance from zero in ones' complement, as the quantisers take it.
fn magnitude(error: i32) -> i32 {
    if error < 0 { !error } else { error }
}

fn saturate(value: i32) -> i32 {
    value.clamp(-32_768, 32_767)
}

#[cfg(test)]
mod tests;
