//! The folder has a limit, and can be told to forget.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use pregon_core::{Clip, Purge, Shelf as _, SoundCache as _, Speech, clock};
use pregon_speech::Studio;

use crate::fake::{Fake, speech, studio};

const HOUR: Duration = Duration::from_hours(1);

/// So long after everything that nothing is kept for its age.
const LATER: Duration = Duration::from_hours(24);

fn note(dir: &Path, clip: &Clip) -> PathBuf {
    clip.stem(dir).unwrap().with_extension("json")
}

fn playable(dir: &Path, clip: &Clip) -> bool {
    clip.stem(dir).unwrap().with_extension("wav").exists()
}

/// Has `clip` last used so long ago.
fn age(dir: &Path, clip: &Clip, hours: u64) {
    let file = fs::File::open(note(dir, clip)).unwrap();
    let then = file.metadata().unwrap().modified().unwrap() - HOUR * u32::try_from(hours).unwrap();
    file.set_modified(then).unwrap();
}

async fn clips(studio: &Studio, count: u32) -> Vec<Clip> {
    let mut clips = Vec::new();
    for n in 0..count {
        let text = format!("Su turno es el de la letra {}", char::from_u32(0x61 + n).unwrap());
        clips.push(studio.clip(&speech(&text), None).await.unwrap());
    }
    clips
}

async fn bytes(studio: &Studio) -> u64 {
    studio.figures().await.unwrap().bytes
}

#[tokio::test]
async fn what_was_not_used_for_longest_goes_first() {
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&[Fake::speaking("only")], dir.path());
    let made = clips(&studio, 8).await;
    // Masters stay out of it: only clips are compared here.
    fs::remove_dir_all(dir.path().join("masters")).unwrap();
    for (clip, hours) in made.iter().zip([10, 80, 30, 70, 20, 60, 40, 50]) {
        age(dir.path(), clip, hours);
    }
    studio.tidy(clock::now()).await.unwrap();
    let all = bytes(&studio).await;
    // Room for 4 of the 8, and a tenth of it is left free.
    let bounded = studio.clone().holding(all / 2 + all / 16);
    bounded.tidy(clock::now() + HOUR).await.unwrap();
    let left: Vec<_> = made.iter().map(|clip| playable(dir.path(), clip)).collect();
    assert_eq!(left, [true, false, true, false, true, false, true, false]);
    let figures = bounded.figures().await.unwrap();
    assert_eq!(figures.evicted, 4);
    assert!(figures.bytes <= figures.limit.unwrap(), "{figures:?}");
    assert!(!studio.clip(&speech("Su turno es el de la letra b"), None).await.unwrap().cached);
    assert!(studio.clip(&speech("Su turno es el de la letra a"), None).await.unwrap().cached);
}

#[tokio::test]
async fn use_is_remembered_across_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    let before = studio(std::slice::from_ref(&engine), dir.path());
    let made = clips(&before, 4).await;
    fs::remove_dir_all(dir.path().join("masters")).unwrap();
    for clip in &made {
        age(dir.path(), clip, 48);
    }
    // The first from memory, the second from disk by another process.
    assert!(before.clip(&speech("Su turno es el de la letra a"), None).await.unwrap().cached);
    let after = studio(std::slice::from_ref(&engine), dir.path());
    assert!(after.clip(&speech("Su turno es el de la letra b"), None).await.unwrap().cached);
    let fresh = studio(&[engine], dir.path()).holding(1);
    fresh.tidy(clock::now()).await.unwrap();
    let left: Vec<_> = made.iter().map(|clip| playable(dir.path(), clip)).collect();
    assert_eq!(left, [true, true, false, false]);
}

#[tokio::test]
async fn what_may_still_be_played_stays_over_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&[Fake::speaking("only")], dir.path()).holding(1);
    let made = clips(&studio, 2).await;
    let upload = studio.keep(crate::fake::warble(3)).await.unwrap();
    studio.tidy(clock::now()).await.unwrap();
    assert!(made.iter().all(|clip| playable(dir.path(), clip)));
    assert!(
        !dir.path()
            .join("masters")
            .read_dir()
            .unwrap()
            .any(|shard| { shard.unwrap().path().read_dir().unwrap().next().is_some() }),
        "nobody plays masters"
    );
    // A call that waits for long has its clip noted.
    for clip in &made {
        age(dir.path(), clip, 24);
    }
    assert!(studio.still_wanted(&made[0]).await);
    studio.tidy(clock::now() + HOUR).await.unwrap();
    assert_eq!(made.iter().map(|clip| playable(dir.path(), clip)).collect::<Vec<_>>(), [true, false]);
    assert!(!studio.still_wanted(&made[1]).await);
    studio.tidy(clock::now() + LATER).await.unwrap();
    assert!(!playable(dir.path(), &made[0]));
    assert!(studio.keeps(&upload.id).await, "what was sent in is never evicted");
    let figures = studio.figures().await.unwrap();
    assert_eq!((figures.bytes, figures.files), (0, 0));
    assert!(figures.upload_bytes > 0);
}

#[tokio::test]
async fn a_purged_clip_is_spoken_anew_and_stays_for_whoever_plays_it() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    let (one, two) = (studio(&[Arc::clone(&engine)], dir.path()), studio(&[Arc::clone(&engine)], dir.path()));
    let clip = one.clip(&speech("Su cita es hoy"), None).await.unwrap();
    let other = one.clip(&speech("Su cita es mañana"), None).await.unwrap();
    assert!(two.clip(&speech("Su cita es hoy"), None).await.unwrap().cached);

    let what = Purge { speech: Some((speech("Su  cita es hoy"), None)), engine: None };
    let purged = one.purge(&what).await.unwrap();
    assert_eq!((purged.clips, purged.masters), (1, 1));
    assert!(playable(dir.path(), &clip), "a call may be playing it");
    one.tidy(clock::now() + 2 * HOUR).await.unwrap();
    assert!(playable(dir.path(), &clip));
    assert!(!two.clip(&speech("Su cita es hoy"), None).await.unwrap().cached, "the others know at once");
    assert_eq!(engine.asked().len(), 3);
    assert!(two.clip(&speech("Su cita es mañana"), None).await.unwrap().cached);

    two.purge(&what).await.unwrap();
    one.tidy(clock::now() + LATER).await.unwrap();
    assert!(!playable(dir.path(), &clip) && playable(dir.path(), &other));
}

#[tokio::test]
async fn all_can_go_or_what_one_engine_spoke() {
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&[Fake::speaking("first"), Fake::speaking("second")], dir.path());
    let by = |engine: &str| Speech { engine: Some(engine.into()), ..speech("Su cita es hoy") };
    for engine in ["first", "second"] {
        studio.clip(&by(engine), None).await.unwrap();
        studio.air_clip(&by(engine), None).await.unwrap();
    }
    let purged = studio.purge(&Purge { engine: Some("first".into()), speech: None }).await.unwrap();
    assert_eq!((purged.clips, purged.masters), (2, 1));
    assert!(studio.clip(&by("second"), None).await.unwrap().cached);
    assert!(!studio.clip(&by("first"), None).await.unwrap().cached);
    let purged = studio.purge(&Purge::default()).await.unwrap();
    assert_eq!((purged.clips, purged.masters), (3, 2));
    let purged = studio.purge(&Purge::default()).await.unwrap();
    assert_eq!((purged.clips, purged.masters), (0, 0));
}

#[tokio::test]
async fn what_all_processes_did_is_counted_together() {
    let dir = tempfile::tempdir().unwrap();
    let engine = Fake::speaking("only");
    let studios: Vec<_> = (0..3).map(|_| studio(&[Arc::clone(&engine)], dir.path())).collect();
    for studio in &studios {
        studio.clip(&speech("Su cita es hoy"), None).await.unwrap();
        studio.clip(&speech("Su cita es hoy"), None).await.unwrap();
    }
    for studio in &studios {
        studio.tidy(clock::now()).await.unwrap();
    }
    let figures = studio(&[engine], dir.path()).figures().await.unwrap();
    assert_eq!((figures.misses, figures.hits, figures.spoken), (1, 5, 1));
    // Clip and master, each with its sidecar.
    assert_eq!(figures.files, 4);
    assert!(figures.bytes > 10_000 && figures.swept.is_some() && figures.limit.is_none(), "{figures:?}");
}

#[tokio::test]
async fn a_crash_while_making_room_loses_nothing_but_room() {
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&[Fake::speaking("only")], dir.path());
    let made = clips(&studio, 2).await;
    // Between the two steps: the sidecar has its other name, the files are still there.
    fs::rename(note(dir.path(), &made[0]), note(dir.path(), &made[0]).with_extension("gone")).unwrap();
    // While a clip was written: no sidecar yet.
    fs::remove_file(note(dir.path(), &made[1])).unwrap();
    studio.tidy(clock::now() + HOUR).await.unwrap();
    assert!(made.iter().all(|clip| playable(dir.path(), clip)), "too early to tell");
    studio.tidy(clock::now() + LATER).await.unwrap();
    assert!(made.iter().all(|clip| !playable(dir.path(), clip)));
    let again = clips(&studio, 2).await;
    assert!(again.iter().all(|clip| playable(dir.path(), clip) && !clip.cached));
}
