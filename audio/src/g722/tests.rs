use super::*;
use crate::signals::{fit_sine, silence, sine, speech_like};

/// Inverse quantiser for all 6 bits of the lower band's code, which only the decoder has.
const LOW_OUTPUT_6: [i32; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360,
    -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688,
    -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856,
    7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136,
    -432, -136,
];

fn decode(stream: &[u8]) -> Pcm {
    let (mut low, mut high) = (Band::new(&LOW), Band::new(&HIGH));
    let (mut sums, mut differences) = ([0_i32; 12], [0_i32; 12]);
    let mut samples = Vec::new();
    for byte in stream.iter().map(|byte| i32::from(*byte)) {
        let fine = (low.step * LOW_OUTPUT_6[usize::try_from(byte & 63).unwrap()]) >> 15;
        let r_low = (low.expected + fine).clamp(-16_384, 16_383);
        low.follow((byte & 63) >> 2);
        let coarse = (high.step * HIGH_OUTPUT[usize::try_from(byte >> 6).unwrap()]) >> 15;
        let r_high = (high.expected + coarse).clamp(-16_384, 16_383);
        high.follow(byte >> 6);

        for (line, value) in [(&mut sums, r_low + r_high), (&mut differences, r_low - r_high)] {
            line.copy_within(1.., 0);
            line[11] = value;
        }
        // Receive QMF: the same taps, the other way round.
        let dot = |line: &[i32; 12], tap: &dyn Fn(usize) -> i32| -> i32 {
            line.iter().enumerate().map(|(n, value)| value * tap(n)).sum()
        };
        let first = dot(&differences, &|n| QMF[11 - n]);
        let second = dot(&sums, &|n| QMF[n]);
        samples.extend([first, second].map(|sum| i16::try_from(saturate(sum >> 11)).unwrap()));
    }
    Pcm::new(RATE, samples.into_iter().map(|sample| f32::from(sample) / 32_768.0).collect())
}

#[test]
fn tones_survive_in_both_bands() {
    let table = [
        (200.0, 0.5, 30.0),
        (1_000.0, 0.5, 30.0),
        (3_000.0, 0.5, 25.0),
        (1_000.0, 0.05, 25.0),
        (6_000.0, 0.3, 15.0),
    ];
    for (hz, amplitude, snr_db) in table {
        let fit = fit_sine(&decode(&encode(&sine(RATE, hz, amplitude, 1.0))), hz);
        assert!(fit.snr_db >= snr_db, "{hz} Hz at {amplitude}: {fit:?}");
        assert!((fit.amplitude / amplitude - 1.0).abs() < 0.05, "{hz} Hz at {amplitude}: {fit:?}");
    }
}

#[test]
fn speech_and_overload_come_back_recognisable() {
    let clip = speech_like(RATE, 0.8, 1.0);
    let back = decode(&encode(&clip));
    // 22 samples is the delay of the two filter banks together.
    let error: f32 = clip.samples.iter().zip(&back.samples[22..]).map(|(a, b)| (a - b).powi(2)).sum();
    let energy: f32 = clip.samples.iter().map(|a| a.powi(2)).sum();
    let snr_db = 10.0 * (energy / error).log10();
    assert!(snr_db >= 15.0, "{snr_db:.1} dB");

    let clipped = encode(&sine(RATE, 500.0, 4.0, 0.5));
    assert!(decode(&clipped).samples.iter().all(|sample| sample.is_finite()));
}

#[test]
fn silence_stays_silent() {
    assert!(decode(&encode(&silence(RATE, 0.5))).sample_peak() < 0.001);
}

#[test]
fn the_stream_is_the_one_of_another_encoder() {
    // 60 samples of a 1 kHz square wave at half scale, as ffmpeg 9.0 codes them.
    let square = (0..60).map(|n| if n % 16 < 8 { 0.5 } else { -0.5 }).collect();
    let expected: [u8; 30] = [
        0x8e, 0x20, 0x84, 0x20, 0x84, 0x20, 0xa0, 0xa4, 0x22, 0xbc, 0x05, 0x48, 0x86, 0x3c, 0xa1, 0xe6, 0x23,
        0x9d, 0x05, 0x4b, 0x87, 0x36, 0xa2, 0xe9, 0x24, 0x9b, 0x06, 0x4e, 0x88, 0x38,
    ];
    assert_eq!(encode(&Pcm::new(RATE, square)), expected);
}

#[test]
fn two_samples_make_a_byte_and_an_odd_one_is_padded() {
    for (samples, bytes) in [(0, 0), (1, 1), (2, 1), (3, 2), (16_000, 8_000)] {
        assert_eq!(encode(&Pcm::new(RATE, vec![0.1; samples])).len(), bytes);
    }
}
