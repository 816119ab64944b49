//! A clip or a master that was changed on disk, in whatever way, is never played: it is made anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pregon_audio::Encoding;
use pregon_core::{Clip, SoundCache as _};
use pregon_speech::Studio;

use crate::fake::{CALL, Fake, speech};

const TEXT: &str = "Su cita es mañana a las tres";

type Damage = fn(&Path, &Path);

/// What happens to a file; the second path is the same file of another clip.
const DAMAGES: [(&str, Damage); 9] = [
    ("truncated", |path, _| fs::write(path, &fs::read(path).unwrap()[..300]).unwrap()),
    ("one byte short", |path, _| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
    }),
    ("emptied", |path, _| fs::write(path, "").unwrap()),
    ("removed", |path, _| fs::remove_file(path).unwrap()),
    ("a bit flipped at the beginning", |path, _| flip(path, |_| 20)),
    ("a bit flipped in the middle", |path, _| flip(path, |len| len / 2)),
    ("a bit flipped at the end", |path, _| flip(path, |len| len - 1)),
    ("overwritten", |path, _| {
        let len = usize::try_from(fs::metadata(path).unwrap().len()).unwrap();
        fs::write(path, vec![b'x'; len]).unwrap();
    }),
    ("swapped", |path, other| {
        fs::copy(other, path).unwrap();
    }),
];

/// Keeps length and time of change, as a disk does that loses a bit.
fn flip(path: &Path, at: fn(usize) -> usize) {
    let before = fs::metadata(path).unwrap().modified().unwrap();
    let mut bytes = fs::read(path).unwrap();
    let at = at(bytes.len());
    bytes[at] ^= 0x10;
    fs::write(path, bytes).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(before).unwrap();
}

fn open(engine: &Arc<Fake>, dir: &Path) -> Studio {
    let engines = vec![Arc::clone(engine) as _];
    Studio::with_engines(engines, dir, CALL, vec![Encoding::Wav, Encoding::Ulaw]).unwrap()
}

fn file(dir: &Path, clip: &Clip, extension: &str) -> PathBuf {
    clip.stem(dir).unwrap().with_extension(extension)
}

fn sounds(dir: &Path, clip: &Clip) -> Vec<Vec<u8>> {
    ["wav", "ulaw"].map(|extension| fs::read(file(dir, clip, extension)).unwrap()).into()
}

#[tokio::test]
async fn whatever_happens_to_a_clip_the_right_bytes_are_played() {
    for (name, damage) in DAMAGES {
        for extension in ["wav", "ulaw", "json"] {
            let dir = tempfile::tempdir().unwrap();
            let engine = Fake::speaking("only");
            let warm = open(&engine, dir.path());
            let other = warm.clip(&speech("No tiene cita"), None).await.unwrap();
            let clip = warm.clip(&speech(TEXT), None).await.unwrap();
            let sound = sounds(dir.path(), &clip);
            // One that has it in memory, and one that meets it first. Memory is right about a sidecar whatever happens to
            // the file.
            let cold = open(&engine, dir.path());
            for studio in [warm, cold].iter().skip(usize::from(extension == "json" && name != "removed")) {
                damage(&file(dir.path(), &clip, extension), &file(dir.path(), &other, extension));
                let healed = studio.clip(&speech(TEXT), None).await.unwrap();
                assert_eq!(healed, clip, "{name} {extension}: not cached, and otherwise the same");
                assert_eq!(sounds(dir.path(), &clip), sound, "{name} {extension}");
                assert!(studio.clip(&speech(TEXT), None).await.unwrap().cached, "{name} {extension}");
            }
            assert_eq!(engine.asked().len(), 2, "{name} {extension}: the master was good enough");
        }
    }
}

#[tokio::test]
async fn whatever_happens_to_a_master_it_is_spoken_anew() {
    for (name, damage) in DAMAGES {
        for extension in ["wav", "json"] {
            let dir = tempfile::tempdir().unwrap();
            let engine = Fake::speaking("only");
            let studio = open(&engine, dir.path());
            let clip = studio.clip(&speech(TEXT), None).await.unwrap();
            let [master] = masters(dir.path(), extension).try_into().unwrap();
            studio.clip(&speech("No tiene cita"), None).await.unwrap();
            let other = masters(dir.path(), extension).into_iter().find(|path| *path != master).unwrap();
            let sound = sounds(dir.path(), &clip);
            damage(&master, &other);
            fs::remove_file(file(dir.path(), &clip, "json")).unwrap();
            assert_eq!(studio.clip(&speech(TEXT), None).await.unwrap(), clip, "{name} {extension}");
            assert_eq!(sounds(dir.path(), &clip), sound, "{name} {extension}");
            assert_eq!(engine.asked().len(), 3, "{name} {extension}");
        }
    }
}

#[tokio::test]
async fn a_whole_clip_under_another_address_is_not_taken_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    let studio = open(&engine, dir.path());
    let clip = studio.clip(&speech(TEXT), None).await.unwrap();
    let other = studio.clip(&speech("No tiene cita"), None).await.unwrap();
    let sound = sounds(dir.path(), &clip);
    for extension in ["wav", "ulaw", "json"] {
        fs::copy(file(dir.path(), &other, extension), file(dir.path(), &clip, extension)).unwrap();
    }
    let cold = open(&engine, dir.path());
    assert_eq!(cold.clip(&speech(TEXT), None).await.unwrap(), clip);
    assert_eq!(sounds(dir.path(), &clip), sound);
    assert!(cold.figures().await.unwrap().damaged > 0);
}

#[tokio::test]
async fn what_was_sent_in_and_is_damaged_is_asked_for_again() {
    use pregon_core::Shelf as _;
    let dir = tempfile::tempdir().unwrap();
    let studio = open(&Fake::speaking("only"), dir.path());
    let sound = crate::fake::spoken(&pregon_speech::Utterance {
        text: TEXT.into(),
        language: "es".into(),
        voice: "only-voice".into(),
        rate: 1.0,
    });
    let upload = studio.keep(sound.bytes.clone()).await.unwrap();
    let path = dir.path().join("uploads").join(&upload.id[..2]).join(format!("{}.wav", upload.id));
    flip(&path, |len| len / 2);
    assert!(!studio.keeps(&upload.id).await);
    let error = studio.air_clip_of(&upload.id).await.unwrap_err();
    assert!(!error.retry && error.message.contains("send it again"), "{error}");
    assert_eq!(studio.keep(sound.bytes).await.unwrap(), upload);
    assert!(studio.air_clip_of(&upload.id).await.is_ok());
}

fn masters(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let shards = fs::read_dir(dir.join("masters")).unwrap().map(|shard| shard.unwrap().path());
    shards
        .flat_map(|shard| fs::read_dir(shard).unwrap().map(|file| file.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect()
}
