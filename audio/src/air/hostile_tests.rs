//! Files made to hurt: nothing panics, nothing hangs, memory stays small.

use proptest::prelude::*;

use super::track_tests::{TONES, file, read_all, testdata};
use super::{Frame, Track};
use crate::signals::sine;
use crate::{DecodeError, wav};

/// Decoders may not make more than this from the half second in the test files, whatever the headers say.
const SANE: usize = 30 * 48_000;

fn play(bytes: &[u8], name: &str) -> Result<Vec<Frame>, DecodeError> {
    let folder = tempfile::tempdir().unwrap();
    let mut track = Track::open(&file(&folder, name, bytes))?;
    let mut played = Vec::new();
    let mut piece = [[0.0; 2]; 960];
    while let Ok(frames @ 1..) = track.read(&mut piece) {
        played.extend_from_slice(&piece[..frames]);
        assert!(played.len() < SANE, "{name}: {} bytes became endless", bytes.len());
    }
    assert!(played.as_flattened().iter().all(|sample| sample.is_finite()), "{name}");
    Ok(played)
}

#[test]
fn a_file_cut_anywhere_plays_as_far_as_it_goes() {
    for name in TONES {
        let whole = std::fs::read(testdata(name)).unwrap();
        let frames = play(&whole, name).unwrap().len();
        let mut most = 0;
        for end in (0..whole.len()).step_by(whole.len() / 60) {
            let played = play(&whole[..end], name).map_or(0, |played| played.len());
            assert!(played <= frames + 4_096, "{name} cut at {end}: {played} of {frames}");
            most = most.max(played);
        }
        // An m4a file lists its packets by position, and one that ends before them is refused.
        let plays = !name.ends_with("m4a");
        assert!(!plays || most > frames / 2, "{name}: {most} of {frames} frames is too little");
    }
}

#[test]
fn a_header_that_promises_hours_changes_nothing() {
    let mut bytes = wav::encode(&sine(48_000, 440.0, 0.5, 0.5));
    for size in [0xffff_ffff_u32, 0x7fff_ffff, 0x7fff_f024, 400_000_000] {
        bytes[4..8].copy_from_slice(&size.to_le_bytes());
        bytes[40..44].copy_from_slice(&size.to_le_bytes());
        assert_eq!(play(&bytes, "streamed.wav").unwrap().len(), 24_000, "{size:#x}");
    }
    bytes[24..28].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(play(&bytes, "fast.wav"), Err(DecodeError::Unsupported(_))), "4 GHz");
}

#[test]
fn a_sparse_file_of_gigabytes_is_refused_or_played_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["huge.mp3", "huge.ogg", "huge.m4a", "huge.flac", "huge.wav"] {
        let path = file(&folder, name, b"");
        std::fs::File::options().write(true).open(&path).unwrap().set_len(8 << 30).unwrap();
        assert!(Track::open(&path).is_err(), "{name}");
    }
    // A true beginning, then a desert.
    let path = file(&folder, "desert.wav", &wav::encode(&sine(48_000, 440.0, 0.5, 0.5)));
    std::fs::File::options().write(true).open(&path).unwrap().set_len(8 << 30).unwrap();
    assert_eq!(read_all(&mut Track::open(&path).unwrap()).unwrap().len(), 24_000);
}

#[test]
fn another_name_or_a_cover_in_front_does_not_matter() {
    let flac = std::fs::read(testdata("tone.flac")).unwrap();
    for name in ["tone.mp3", "tone.wav", "tone", "tone.tmp"] {
        assert_eq!(play(&flac, name).unwrap().len(), 24_000, "{name}");
    }
    for text in
        [&b"<html>404 Not Found</html>"[..], b"", b"RIFF", b"OggS", b"fLaC", b"ID3\x04\0\0\x7f\x7f\x7f\x7f"]
    {
        assert!(play(text, "page.mp3").is_err(), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn random_bytes_never_hurt(
        bytes in prop::collection::vec(any::<u8>(), 0..4_000),
        magic in prop::sample::select(vec![
            &b""[..], b"RIFF\xff\xff\xff\xffWAVEfmt ", b"OggS\0\x02", b"fLaC\0\0\0\x22", b"ID3\x04\0\0\0\0\x10\0",
            b"\xff\xfb\x90\x00", b"\xff\xf1\x50\x80", b"\0\0\0\x20ftypM4A ",
        ]),
    ) {
        drop(play(&[magic, &bytes].concat(), "random.bin"));
    }

    #[test]
    fn a_few_wrong_bytes_never_hurt(
        tone in prop::sample::select(TONES.to_vec()),
        wrong in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        front in any::<bool>(),
    ) {
        let mut bytes = std::fs::read(testdata(tone)).unwrap();
        // The headers are where the lies pay.
        let reach = if front { bytes.len().min(600) } else { bytes.len() };
        for (place, byte) in wrong {
            bytes[place.index(reach)] = byte;
        }
        drop(play(&bytes, tone));
    }
}
