use proptest::prelude::*;

use super::*;
use crate::signals::{fit_sine, sine};
use crate::wav;

/// Half a second of a 440 Hz sine at 24 kHz, made with `ffmpeg -f lavfi -i sine=f=440:r=24000:d=0.5
/// -af volume=4 -c:a libmp3lame -b:a 32k -id3v2_version 0 -bitexact`.
const MP3: &[u8] = include_bytes!("../../testdata/sine-440hz-24khz.mp3");

const MINUTE: Duration = Duration::from_mins(1);

const PCM: u16 = 1;
const FLOAT: u16 = 3;

fn wav_file(tag: u16, channels: u16, bits: u16, data: &[u8]) -> Vec<u8> {
    let frame_bytes = channels * bits / 8;
    let mut file = b"RIFF____WAVEfmt \x10\0\0\0".to_vec();
    file.extend(tag.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(16_000_u32.to_le_bytes());
    file.extend((16_000 * u32::from(frame_bytes)).to_le_bytes());
    file.extend(frame_bytes.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    file.extend(data);
    let riff_size = u32::try_from(file.len() - 8).unwrap();
    with_u32(file, 4, riff_size)
}

fn with_u32(mut file: Vec<u8>, at: usize, value: u32) -> Vec<u8> {
    file[at..at + 4].copy_from_slice(&value.to_le_bytes());
    file
}

fn decoded(file: &[u8]) -> Pcm {
    decode(file, None, MINUTE).unwrap()
}

fn refusal(file: &[u8]) -> DecodeError {
    decode(file, None, MINUTE).unwrap_err()
}

#[test]
fn every_sample_width_reads_as_the_same_amplitudes() {
    let table = [
        ("8 bit", wav_file(PCM, 1, 8, &[128, 192, 0, 64])),
        ("16 bit", wav_file(PCM, 1, 16, &[0, 0, 0, 0x40, 0, 0x80, 0, 0xc0])),
        ("24 bit", wav_file(PCM, 1, 24, &[0, 0, 0, 0, 0, 0x40, 0, 0, 0x80, 0, 0, 0xc0])),
        ("32 bit", wav_file(PCM, 1, 32, &[0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0x80, 0, 0, 0, 0xc0])),
        ("float", wav_file(FLOAT, 1, 32, &[0.0_f32, 0.5, -1.0, -0.5].map(f32::to_le_bytes).concat())),
    ];
    for (width, file) in table {
        assert_eq!(decoded(&file), Pcm::new(16_000, vec![0.0, 0.5, -1.0, -0.5]), "{width}");
    }
}

#[test]
fn several_channels_become_their_mean() {
    let stereo = [0.5_f32, -0.5, 1.0, 0.0].map(f32::to_le_bytes).concat();
    assert_eq!(decoded(&wav_file(FLOAT, 2, 32, &stereo)).samples, [0.0, 0.5]);

    let three = [0.3_f32, 0.3, 0.6].map(f32::to_le_bytes).concat();
    assert!((decoded(&wav_file(FLOAT, 3, 32, &three)).samples[0] - 0.4).abs() < 1e-6);
}

#[test]
fn our_own_files_come_back_bit_for_bit() {
    let file = wav::encode(&sine(22_050, 440.0, 0.9, 0.3));
    assert_eq!(wav::encode(&decoded(&file)), file);
}

#[test]
fn streamed_sizes_mean_to_the_end_of_the_bytes() {
    let good = wav::encode(&sine(22_050, 440.0, 0.5, 0.5));
    for (maker, riff, data) in
        [("espeak-ng", 0x7fff_f024, 0x7fff_f000), ("services", u32::MAX, u32::MAX), ("zeros", 0, 0)]
    {
        let mut streamed = with_u32(with_u32(good.clone(), 4, riff), 40, data);
        assert_eq!(decoded(&streamed), decoded(&good), "{maker}");
        streamed.push(7);
        assert_eq!(decoded(&streamed), decoded(&good), "{maker}, with half a sample at the end");
    }
}

#[test]
fn a_file_shorter_than_its_size_is_a_broken_transfer() {
    let good = wav::encode(&sine(8_000, 440.0, 0.5, 0.1));
    let error = refusal(&good[..good.len() - 600]);
    assert_eq!(error, DecodeError::CutShort { promised: 1_600, found: 1_000 });
    assert!(error.worth_fetching_again());
}

#[test]
fn what_is_not_audio_is_named_so() {
    let page = b"<html><body>502 Bad Gateway</body></html>".as_slice();
    for (bytes, hint) in [(page, None), (page, Some(Container::Wav)), (b"".as_slice(), None), (b"RIFF", None)]
    {
        let error = decode(bytes, hint, MINUTE).unwrap_err();
        assert!(matches!(error, DecodeError::Unsupported(_)) && !error.worth_fetching_again(), "{error:?}");
    }
    assert!(decode(page, Some(Container::Mp3), MINUTE).is_err());
    assert!(matches!(refusal(b"RIFF\x04\0\0\0WAVE"), DecodeError::Damaged(_)));
    assert!(matches!(refusal(&wav_file(0x55aa, 1, 16, &[0; 8])), DecodeError::Unsupported(_)));
}

#[test]
fn a_header_whose_numbers_contradict_each_other_is_damaged() {
    let good = wav_file(PCM, 2, 24, &[5; 600]);
    // Offsets 22: channels, 32: bytes of a frame, 34: bits of a sample.
    for (at, byte) in [(22, 0), (22, 3), (23, 84), (32, 5), (34, 0), (34, 16), (35, 255)] {
        let mut file = good.clone();
        file[at] = byte;
        assert!(matches!(refusal(&file), DecodeError::Damaged(_)), "byte {at} = {byte}");
    }
}

#[test]
fn a_file_without_samples_is_empty() {
    assert_eq!(refusal(&wav_file(PCM, 1, 16, &[])), DecodeError::Empty);
    let streamed = with_u32(with_u32(wav_file(PCM, 1, 16, &[]), 4, u32::MAX), 40, u32::MAX);
    assert_eq!(refusal(&streamed), DecodeError::Empty);
}

#[test]
fn rates_and_samples_that_no_speech_has_are_refused() {
    let rate = |hz| refusal(&with_u32(wav_file(PCM, 1, 16, &[0; 64]), 24, hz));
    for hz in [0, 1, 3_999, 192_001, u32::MAX] {
        assert!(matches!(rate(hz), DecodeError::Unsupported(_) | DecodeError::Damaged(_)), "{hz}");
    }
    for sample in [f32::NAN, f32::INFINITY] {
        let file = wav_file(FLOAT, 1, 32, &[0.1, sample].map(f32::to_le_bytes).concat());
        assert!(matches!(refusal(&file), DecodeError::Damaged(_)), "{sample}");
    }
}

#[test]
fn a_clip_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
    let second = wav::encode(&sine(8_000, 440.0, 0.5, 1.0));
    assert!(decode(&second, None, Duration::from_secs(1)).is_ok());
    let limit = Duration::from_millis(999);
    assert_eq!(decode(&second, None, limit).unwrap_err(), DecodeError::TooLong { limit });
    assert!(matches!(decode(MP3, None, Duration::from_millis(100)), Err(DecodeError::TooLong { .. })));
}

#[test]
fn an_mp3_is_decoded_at_its_own_rate() {
    let clip = decoded(MP3);
    assert_eq!(clip.rate, 24_000);
    assert!((0.45..0.65).contains(&clip.seconds()), "{} s", clip.seconds());
    let fit = fit_sine(&clip, 440.0);
    assert!(fit.snr_db > 30.0 && (fit.amplitude - 0.5).abs() < 0.05, "{fit:?}");
}

#[test]
fn an_mp3_stream_that_starts_between_frames_needs_the_hint() {
    let mid_stream = &MP3[300..];
    assert!(matches!(refusal(mid_stream), DecodeError::Unsupported(_)));
    let clip = decode(mid_stream, Some(Container::Mp3), MINUTE).unwrap();
    assert!((0.2..0.6).contains(&clip.seconds()), "{} s", clip.seconds());
}

#[test]
fn content_types_name_the_container() {
    let table = [
        ("audio/wav", Some(Container::Wav)),
        ("Audio/X-WAV; charset=binary", Some(Container::Wav)),
        ("audio/mpeg", Some(Container::Mp3)),
        ("application/json", None),
        ("", None),
    ];
    for (content_type, container) in table {
        assert_eq!(Container::from_content_type(content_type), container, "{content_type}");
    }
}

/// Whatever happens, a clip that comes out can be used.
fn usable_or_refused(bytes: &[u8], hint: Option<Container>) -> bool {
    match decode(bytes, hint, MINUTE) {
        Ok(clip) => RATES.contains(&clip.rate) && clip.samples.iter().all(|sample| sample.is_finite()),
        Err(_) => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..3_000), mp3 in any::<bool>()) {
        let hint = mp3.then_some(Container::Mp3);
        prop_assert!(usable_or_refused(&bytes, hint));
        prop_assert!(usable_or_refused(&[b"RIFF\0\0\0\0WAVEfmt ".as_slice(), &bytes].concat(), hint));
        prop_assert!(usable_or_refused(&[b"\xff\xf3\x84\xc0".as_slice(), &bytes].concat(), hint));
        prop_assert!(usable_or_refused(&[b"ID3".as_slice(), &bytes].concat(), hint));
    }

    #[test]
    fn damaged_files_never_panic(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        for file in [MP3.to_vec(), wav_file(PCM, 2, 24, &[5; 600]), wav_file(FLOAT, 1, 32, &[9; 400])] {
            let mut broken = file;
            for (at, byte) in &damage {
                let at = at.index(broken.len());
                broken[at] = *byte;
            }
            prop_assert!(usable_or_refused(&broken, None));
            broken.truncate(cut.index(broken.len()));
            prop_assert!(usable_or_refused(&broken, None));
        }
    }
}
