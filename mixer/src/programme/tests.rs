//! The library with real files, its own threads and the real watcher.

use std::fs::{self, File, FileTimes};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use pregon_audio::{Frame, Pcm, wav};
use tempfile::TempDir;

use super::meter::Meter;
use super::*;
use crate::feed::Cut;
use crate::station::Programme;

/// Longer than any of this takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);

fn args(folder: Option<&Path>) -> ProgrammeArgs {
    ProgrammeArgs {
        music_dir: folder.map(Path::to_owned),
        music_order: MusicOrder::Name,
        crossfade_seconds: 0.0,
        radio_lufs: -16.0,
        music_demo: true,
    }
}

/// A music folder and a data folder.
struct Place {
    music: TempDir,
    data: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { music: tempfile::tempdir().unwrap(), data: tempfile::tempdir().unwrap() }
    }

    fn open(&self) -> Library {
        Library::open(&args(Some(self.music.path())), self.data.path()).unwrap()
    }

    /// A file that has been there for a while.
    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.music.path().join(name);
        fs::write(&path, bytes).unwrap();
        let hour_ago = SystemTime::UNIX_EPOCH + Duration::from_hours(400_000);
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_times(FileTimes::new().set_modified(hour_ago))
            .unwrap();
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand samples")]
fn tone(amplitude: f32, seconds: usize) -> Vec<u8> {
    let samples = (0..48_000 * seconds).map(|n| amplitude * (n as f32 * 0.13).sin()).collect();
    wav::encode(&Pcm::new(48_000, samples))
}

fn until(library: &Library, what: &str, holds: impl Fn(&LibraryView) -> bool) {
    let begun = Instant::now();
    while !holds(&library.view()) {
        assert!(begun.elapsed() < DEADLINE, "{what} did not come true: {:?}", library.view());
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn frames(cut: &mut Cut) -> Vec<Frame> {
    let (mut all, mut some) = (Vec::new(), vec![[0.0; 2]; 4_800]);
    loop {
        match cut.source.read(&mut some).unwrap() {
            0 => return all,
            count => all.extend_from_slice(&some[..count]),
        }
    }
}

fn lufs(frames: &[Frame]) -> f64 {
    let mut meter = Meter::new().unwrap();
    frames.chunks(4_800).for_each(|chunk| meter.take(chunk));
    meter.reading().lufs.unwrap()
}

#[test]
fn every_track_comes_at_the_same_loudness_once_it_is_measured() {
    let place = Place::new();
    place.put("1 soft.wav", &tone(0.08, 2));
    place.put("2 loud.wav", &tone(0.9, 2));
    let library = place.open();
    until(&library, "both are measured", |view| view.measured == 2);
    let mut playlist = library.playlist();
    for title in ["1 soft", "2 loud", "1 soft"] {
        let mut cut = playlist.next().unwrap();
        assert_eq!((cut.title.as_str(), cut.artist.as_deref()), (title, None));
        let frames = frames(&mut cut);
        assert_eq!(frames.len(), 96_000);
        assert!((lufs(&frames) + 16.0).abs() < 0.2, "{title}: {}", lufs(&frames));
    }
}

#[test]
fn a_track_is_measured_once_in_its_life() {
    let place = Place::new();
    place.put("a.wav", &tone(0.5, 1));
    let library = place.open();
    until(&library, "it is measured", |view| view.measured == 1);
    drop(library);
    let kept = fs::read(place.data.path().join(LOUDNESS_FILE)).unwrap();
    let library = place.open();
    assert_eq!(library.view().measured, 1);
    place.put("a.wav", &tone(0.25, 2));
    until(&library, "it is measured anew", |view| {
        view.files == 1 && view.measured == 1 && {
            fs::read(place.data.path().join(LOUDNESS_FILE)).unwrap() != kept
        }
    });
}

#[test]
fn what_cannot_be_played_is_skipped_and_told() {
    let place = Place::new();
    place.put("1.mp3", b"<html>not found</html>");
    place.put("2.flac", &[7; 5_000]);
    place.put("3.wav", &tone(0.5, 1)[..44]);
    place.put("4.wav", &tone(0.5, 1));
    let library = place.open();
    let mut playlist = library.playlist();
    assert_eq!(playlist.next().unwrap().title, "4");
    assert_eq!(playlist.next().unwrap().title, "4");
    let view = library.view();
    assert_eq!((view.files, view.broken, view.state), (1, 3, FolderState::Ready));
    assert!(view.broken_files.iter().all(|file| !file.reason.is_empty()), "{:?}", view.broken_files);
}

#[test]
fn a_file_that_was_cut_short_plays_as_far_as_it_goes() {
    let place = Place::new();
    let whole = tone(0.5, 4);
    place.put("a.wav", &whole[..whole.len() / 2]);
    let library = place.open();
    until(&library, "it is measured", |view| view.measured == 1);
    let played = frames(&mut library.playlist().next().unwrap()).len();
    assert!((90_000..=96_000).contains(&played), "{played}");
    assert_eq!(library.view().broken, 0);
}

#[test]
fn a_file_that_is_being_copied_is_taken_when_it_is_whole() {
    let place = Place::new();
    let library = place.open();
    assert_eq!(library.view().state, FolderState::Empty);
    let bytes = tone(0.5, 2);
    let (first, rest) = bytes.split_at(bytes.len() / 3);
    let mut file = File::create(place.music.path().join("new.wav")).unwrap();
    file.write_all(first).unwrap();
    until(&library, "it is seen arriving", |view| view.arriving == 1);
    // As if the copy had been slow: its last change is long ago, and it is still open for writing.
    file.set_times(FileTimes::new().set_modified(SystemTime::UNIX_EPOCH)).unwrap();
    place.put("other.wav", &bytes);
    until(&library, "the other one is taken", |view| view.files == 1 && view.arriving == 1);
    file.write_all(rest).unwrap();
    drop(file);
    until(&library, "it is taken", |view| view.files == 2 && view.measured == 2);
    let mut cut = library.playlist().next().unwrap();
    assert_eq!((cut.title.clone(), frames(&mut cut).len()), ("new".to_owned(), 96_000));
}

#[test]
fn what_is_moved_in_or_taken_out_counts_at_once() {
    let place = Place::new();
    place.put("a.wav", &tone(0.5, 1));
    place.put(".hidden.wav", &tone(0.5, 1));
    let library = place.open();
    let at = |name: &str| place.music.path().join(name);
    fs::create_dir(at("album")).unwrap();
    fs::rename(at(".hidden.wav"), at("album/b.wav")).unwrap();
    until(&library, "b is there", |view| view.files == 2);
    fs::remove_file(at("a.wav")).unwrap();
    until(&library, "a is gone", |view| view.files == 1);
    assert_eq!(library.playlist().next().unwrap().title, "b");
}

#[test]
fn the_demo_loop_plays_until_there_is_music() {
    let place = Place::new();
    let library = place.open();
    let mut playlist = library.playlist();
    let mut demo = playlist.next().unwrap();
    let mut next = playlist.next().unwrap();
    assert_eq!((demo.path.clone(), demo.seconds), (None, None));
    let mut frames = vec![[0.0; 2]; 48_000];
    assert_eq!(demo.source.read(&mut frames).unwrap(), 48_000);
    place.put("a.wav", &tone(0.5, 1));
    until(&library, "there is music", |view| view.files == 1);
    assert_eq!(self::frames(&mut demo).len(), 96_000, "to the end of its bar");
    assert_eq!(next.source.read(&mut frames).unwrap(), 0, "the one fetched ahead does not begin");
    assert_eq!(playlist.next().unwrap().title, "a");
}

#[test]
fn a_missing_folder_is_told_and_taken_when_it_comes() {
    let place = Place::new();
    let folder = place.music.path().join("later");
    let library = Library::open(&args(Some(&folder)), place.data.path()).unwrap();
    assert!(matches!(library.view().state, FolderState::Missing { .. }));
    assert_eq!(library.playlist().next().unwrap().title, "Pregon demo");
    fs::create_dir(&folder).unwrap();
    place.put("later/a.wav", &tone(0.5, 1));
    until(&library, "it is read", |view| view.state == FolderState::Ready);
    // Another folder of the same name is watched again.
    fs::remove_dir_all(&folder).unwrap();
    until(&library, "it is missed", |view| matches!(view.state, FolderState::Missing { .. }));
}

#[test]
fn without_folder_and_demo_there_is_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut args = args(None);
    let library = Library::open(&args, data.path()).unwrap();
    assert_eq!(library.view().state, FolderState::NotSet);
    assert!(library.playlist().next().is_some());
    args.music_demo = false;
    assert!(Library::open(&args, data.path()).unwrap().playlist().next().is_none());
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0, "nothing is kept about nothing");
}
