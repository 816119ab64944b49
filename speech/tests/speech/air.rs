//! Clips for the radio, spoken or sent in.

use pregon_audio::{Pcm, measure, wav};
use pregon_core::{Clip, NotKept, Shelf as _};
use pregon_speech::{Studio, UPLOAD};

use crate::fake::{Fake, speech, studio};

fn file(studio: &Studio, clip: &Clip) -> Pcm {
    let path = clip.stem(studio.audio_dir()).unwrap().with_extension("wav");
    let bytes = std::fs::read(path).unwrap();
    assert!(wav::probe(bytes.as_slice()).unwrap().plays_on_air());
    pregon_audio::decode(&bytes, None, std::time::Duration::from_mins(1)).unwrap()
}

#[expect(clippy::cast_precision_loss, reason = "test maths")]
fn warble(rate: u32, seconds: u32) -> Pcm {
    let at = |n: u32| n as f32 / rate as f32;
    Pcm::new(
        rate,
        (0..rate * seconds).map(|n| 0.2 * (at(n) * 2_765.0).sin() * (at(n) * 12.0).sin()).collect(),
    )
}

#[tokio::test]
async fn one_text_is_spoken_once_for_telephone_and_radio() {
    let dir = tempfile::tempdir().unwrap();
    let voice = Fake::speaking("a");
    let studio = studio(&[std::sync::Arc::clone(&voice)], dir.path());
    let call = studio.clip(&speech("Mañana no habrá agua"), None).await.unwrap();
    let air = studio.air_clip(&speech("Mañana no habrá agua"), None).await.unwrap();
    assert_eq!(voice.asked().len(), 1);
    assert_ne!(call.hash, air.hash);
    let loud = measure(&file(&studio, &air));
    assert!((loud.lufs + 19.0).abs() < 1.0 && loud.true_peak_dbtp <= -2.0, "{loud:?}");
    assert!(studio.air_clip(&speech("Mañana no habrá agua"), None).await.unwrap().cached);
}

#[tokio::test]
async fn what_was_sent_in_is_kept_and_levelled() {
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&[Fake::speaking("a")], dir.path());
    let upload = studio.keep(wav::encode(&warble(22_050, 3))).await.unwrap();
    assert!((upload.seconds - 3.0).abs() < 0.3, "{upload:?}");
    assert!(studio.keeps(&upload.id).await);
    let clip = studio.air_clip_of(&upload.id).await.unwrap();
    assert_eq!((clip.engine.as_str(), clip.cached), (UPLOAD, false));
    assert!((measure(&file(&studio, &clip)).lufs + 19.0).abs() < 1.0);
    assert!(studio.air_clip_of(&upload.id).await.unwrap().cached);
    assert_eq!(
        studio.keep(wav::encode(&warble(22_050, 3))).await.unwrap(),
        upload,
        "the same bytes, the same name"
    );
}

#[tokio::test]
async fn what_cannot_be_played_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let studio = studio(&[Fake::speaking("a")], dir.path());
    let whole = wav::encode(&warble(22_050, 1));
    for bad in [
        Vec::new(),
        b"<html>".to_vec(),
        whole[..2_000].to_vec(),
        wav::encode(&Pcm::new(8_000, vec![0.0; 8_000])),
    ] {
        let error = studio.keep(bad).await.unwrap_err();
        assert!(matches!(error, NotKept::NotAudio(_)), "{error}");
    }
    for nothing in ["", "../../etc/passwd", &"0".repeat(40)] {
        assert!(!studio.keeps(nothing).await);
        assert!(!studio.air_clip_of(nothing).await.unwrap_err().retry);
    }
}
