//! Every format that a station plays, and what becomes of odd but honest files.

use std::path::{Path, PathBuf};

use super::{AIR_RATE, Frame, Tags, Track};
use crate::signals::{fit_sine, sine};
use crate::{DecodeError, Pcm, wav};

/// Made with ffmpeg 5.1, flac 1.4 and opusenc 0.2 from half a second of 440 Hz on the left and 880 Hz on the right,
/// both at 0.4, at 44.1 kHz.
pub(super) const TONES: [&str; 5] = ["tone.flac", "tone.ogg", "tone.opus", "tone.m4a", "tone.mp3"];

pub(super) fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}

/// A file with these bytes for as long as the folder lives.
pub(super) fn file(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Everything, read in pieces of 20 ms.
pub(super) fn read_all(track: &mut Track) -> Result<Vec<Frame>, DecodeError> {
    let mut all = Vec::new();
    let mut piece = [[0.0; 2]; 960];
    loop {
        match track.read(&mut piece)? {
            0 => return Ok(all),
            frames => all.extend_from_slice(&piece[..frames]),
        }
    }
}

fn side(frames: &[Frame], side: usize) -> Pcm {
    // Lossy codecs need a moment to start and fade at the end.
    let settled = &frames[2_400..frames.len().min(21_600)];
    Pcm::new(AIR_RATE, settled.iter().map(|frame| frame[side]).collect())
}

#[test]
fn every_format_gives_the_same_sound_on_the_right_side_and_of_the_right_length() {
    for name in TONES {
        let mut track = Track::open(&testdata(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let seconds = track.seconds();
        let frames = read_all(&mut track).unwrap_or_else(|error| panic!("{name}: {error}"));
        // AAC in m4a without an edit list, and MP3 without a LAME tag, cannot say where their padding ends.
        let padding = if name.ends_with("m4a") || name.ends_with("mp3") { 3_000 } else { 1 };
        assert!(frames.len().abs_diff(24_000) <= padding, "{name}: {} frames", frames.len());
        assert!(seconds.is_none_or(|seconds| (seconds - 0.5).abs() < 0.07), "{name}: {seconds:?} s");
        for (channel, hz) in [(0, 440.0), (1, 880.0)] {
            let fit = fit_sine(&side(&frames, channel), hz);
            assert!((fit.amplitude - 0.4).abs() < 0.03 && fit.snr_db > 20.0, "{name} at {hz}: {fit:?}");
        }
    }
}

#[test]
fn every_format_tells_its_title() {
    let [title, artist, album] = ["Tono", "Diapasón", "Pruebas"].map(|text| Some(text.to_owned()));
    let tags = Tags { title, artist, album };
    for name in TONES {
        assert_eq!(*Track::open(&testdata(name)).unwrap().tags(), tags, "{name}");
    }
}

#[test]
fn spoken_clips_of_any_rate_come_out_whole_and_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    for rate in [8_000, 16_000, 22_050, 44_100, 48_000] {
        let path = file(&folder, "clip.wav", &wav::encode(&sine(rate, 440.0, 0.5, 0.5)));
        let mut track = Track::open(&path).unwrap();
        assert_eq!(track.seconds(), Some(0.5), "{rate}");
        let frames = read_all(&mut track).unwrap();
        assert_eq!(frames.len(), 24_000, "{rate}");
        assert!(fit_sine(&side(&frames, 1), 440.0).snr_db > 60.0, "{rate}");
        assert_eq!(track.read(&mut [[0.0; 2]; 4]), Ok(0), "{rate}: after the end there is nothing");
    }
}

#[test]
fn a_chain_of_ogg_streams_plays_from_one_into_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let vorbis = std::fs::read(testdata("tone.ogg")).unwrap();
    let opus = std::fs::read(testdata("tone.opus")).unwrap();
    let path = file(&folder, "chain.ogg", &[&vorbis[..], &opus[..], &vorbis[..]].concat());
    let frames = read_all(&mut Track::open(&path).unwrap()).unwrap();
    assert!(frames.len().abs_diff(72_000) <= 3, "{} frames", frames.len());
    for part in frames.chunks(24_000).take(3) {
        assert!(fit_sine(&side(part, 0), 440.0).snr_db > 20.0);
    }
}

#[test]
fn what_is_not_there_and_what_is_no_file_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("none.mp3"), folder.path().to_owned()] {
        let error = Track::open(&path).unwrap_err();
        assert!(matches!(error, DecodeError::Unreadable(_)), "{error:?}");
    }
    let silent = file(&folder, "empty.wav", &wav::encode(&Pcm::new(8_000, Vec::new())));
    assert_eq!(Track::open(&silent).unwrap_err(), DecodeError::Empty);
}

#[test]
fn he_aac_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = std::fs::read(testdata("tone.m4a")).unwrap();
    // The decoder configuration in the esds box: object type 2 (LC), 44.1 kHz, stereo.
    let at = bytes.windows(4).position(|window| window == [0x05, 0x80, 0x80, 0x80]).unwrap() + 5;
    assert_eq!(bytes[at] >> 3, 2);
    bytes[at] = bytes[at] & 0x07 | 5 << 3;
    let error = Track::open(&file(&folder, "he.m4a", &bytes)).unwrap_err();
    assert!(matches!(&error, DecodeError::Unsupported(why) if why.contains("HE-AAC")), "{error:?}");
}
