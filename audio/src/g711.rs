//! ITU-T G.711: eight bits per sample on a logarithmic scale, µ-law and A-law.

use crate::Pcm;

/// Added to the 14-bit magnitude before the segment is looked up: it makes every µ-law segment start at
/// a power of two (G.711, table 2).
const ULAW_BIAS: u32 = 33;

/// Largest µ-law magnitude: with the bias added it must still fit 13 bits.
const ULAW_MAX: u32 = 8_191 - ULAW_BIAS;

/// A-law inverts the even bits, so that silence still carries transitions for the line clock
/// (G.711, table 1).
const ALAW_EVEN_BITS: u8 = 0x55;

const SIGN: u8 = 0x80;

/// The clip as µ-law, one byte per sample. The bytes carry no rate: give it 8 kHz.
pub fn encode_ulaw(clip: &Pcm) -> Vec<u8> {
    clip.to_i16().map(ulaw).collect()
}

/// The clip as A-law, one byte per sample. The bytes carry no rate: give it 8 kHz.
pub fn encode_alaw(clip: &Pcm) -> Vec<u8> {
    clip.to_i16().map(alaw).collect()
}

/// One 16-bit sample as µ-law; G.711 looks at its upper 14 bits.
pub fn ulaw(sample: i16) -> u8 {
    let biased = (magnitude(sample) >> 2).min(ULAW_MAX) + ULAW_BIAS;
    let segment = biased.ilog2() - 5;
    // All bits are inverted on the line: silence is 0xFF.
    let code = !byte(segment, biased >> (segment + 1));
    if sample < 0 { code & !SIGN } else { code }
}

/// One 16-bit sample as A-law; G.711 looks at its upper 12 bits.
pub fn alaw(sample: i16) -> u8 {
    let linear = magnitude(sample) >> 4;
    // The two lowest segments share one step size, hence one shift.
    let segment = linear.checked_ilog2().map_or(0, |top| top.saturating_sub(3));
    let code = byte(segment, linear >> segment.saturating_sub(1)) ^ ALAW_EVEN_BITS;
    if sample < 0 { code } else { code ^ SIGN }
}

/// Distance from zero; −1 counts as negative zero, as in the ones' complement of the Recommendation,
/// so that both signs have equally many codes.
fn magnitude(sample: i16) -> u32 {
    u32::from(if sample < 0 { !sample } else { sample }.cast_unsigned())
}

/// Segment in bits 4–6, the lowest four bits of `step` below it.
fn byte(segment: u32, step: u32) -> u8 {
    (segment << 4 | step & 0x0f).to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The decoder output values of G.711 tables 2a/2b, in 16-bit scale.
    fn ulaw_to_linear(code: u8) -> i32 {
        let inverted = !code;
        let (segment, step) = (i32::from(inverted >> 4 & 7), i32::from(inverted & 0x0f));
        let linear = (((2 * step + 33) << segment) - 33) << 2;
        if inverted & SIGN == 0 { linear } else { -linear }
    }

    /// The decoder output values of G.711 tables 1a/1b, in 16-bit scale.
    fn alaw_to_linear(code: u8) -> i32 {
        let plain = code ^ ALAW_EVEN_BITS;
        let (segment, step) = (u32::from(plain >> 4 & 7), i32::from(plain & 0x0f));
        let linear = match segment {
            0 => 2 * step + 1,
            _ => (2 * step + 33) << (segment - 1),
        } << 3;
        if plain & SIGN == 0 { -linear } else { linear }
    }

    #[test]
    fn known_samples_have_their_codes() {
        let table = [
            (0, 0xff, 0xd5),
            (-1, 0x7f, 0x55),
            (4, 0xfe, 0xd5),
            (16, 0xfd, 0xd4),
            (-16, 0x7d, 0x55),
            (1_000, 0xce, 0xfa),
            (-1_000, 0x4e, 0x7a),
            (8_031, 0xa0, 0x8a),
            (32_767, 0x80, 0xaa),
            (-32_768, 0x00, 0x2a),
        ];
        for (sample, u, a) in table {
            assert_eq!(
                (ulaw(sample), alaw(sample)),
                (u, a),
                "{sample}: want {u:#x} {a:#x}, got {:#x} {:#x}",
                ulaw(sample),
                alaw(sample)
            );
        }
    }

    #[test]
    fn every_code_decodes_to_a_value_that_encodes_to_it() {
        for code in 0..=u8::MAX {
            // µ-law 0x7F is negative zero: there is no such 16-bit value.
            if code != 0x7f {
                assert_eq!(ulaw(i16::try_from(ulaw_to_linear(code)).unwrap()), code, "µ-law {code:#x}");
            }
            assert_eq!(alaw(i16::try_from(alaw_to_linear(code)).unwrap()), code, "A-law {code:#x}");
        }
    }

    #[test]
    fn silence_is_the_idle_code() {
        let quiet = Pcm::new(8_000, vec![0.0; 3]);
        assert_eq!(encode_ulaw(&quiet), [0xff; 3]);
        assert_eq!(encode_alaw(&quiet), [0xd5; 3]);
    }

    proptest! {
        // Half a step of the segment: steps are 1/16 of a segment that starts at the value's power of two.
        #[test]
        fn the_error_stays_within_half_a_step(sample in any::<i16>()) {
            let value = i32::from(sample);
            let u = (ulaw_to_linear(ulaw(sample)) - value).abs();
            let a = (alaw_to_linear(alaw(sample)) - value).abs();
            let clipped = value.abs() > 32_124;
            prop_assert!(clipped || u <= (value.abs() + 132) / 32 + 4, "µ-law {} off by {}", sample, u);
            prop_assert!(a <= value.abs() / 32 + 16, "A-law {} off by {}", sample, a);
        }

        #[test]
        fn louder_samples_never_decode_quieter(a in any::<i16>(), b in any::<i16>()) {
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(ulaw_to_linear(ulaw(low)) <= ulaw_to_linear(ulaw(high)));
            prop_assert!(alaw_to_linear(alaw(low)) <= alaw_to_linear(alaw(high)));
        }
    }
}
