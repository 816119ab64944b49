//! Chimes, repeats, and files that are not what they should be.

use super::*;

#[test]
fn chimes_and_repeats_are_part_of_an_announcement() {
    let mut stage = Stage::new(&["song_600"]);
    let ticket = stage.announce("a_2", |wanted| (wanted.chime, wanted.repeat) = (Chime::Both, 3));
    let expected = 2.0 * 1.6 + 3.0 * 2.0 + 2.0 * 1.0;
    stage.run(0.5);
    assert_eq!(stage.snapshot().on_air.unwrap().seconds, Some(expected));
    stage.run(15.0);
    assert!(matches!(stage.ended()[..], [(ended, Ended::Aired { seconds, .. })]
        if ended == ticket && (seconds - expected).abs() < 1e-9));
}

#[test]
fn a_file_that_cannot_be_played_is_refused_at_once() {
    let mut stage = Stage::new(&["song_600"]);
    stage.shelf.gone.lock().unwrap().push("gone_1".into());
    for (file, text) in [
        ("gone_1", "gone_1 cannot be opened: no such file"),
        ("empty_0", "empty_0 cannot be played: it holds no audio"),
        ("breaks_0", "breaks_0 cannot be played: the disk is gone"),
        ("breaks_0.1", "breaks_0.1 cannot be played: the disk is gone"),
    ] {
        assert_eq!(stage.try_announce(Announcement::of(file)).unwrap_err().to_string(), text);
    }
    stage.run(1.0);
    assert!(stage.begun().is_empty());
}

#[test]
fn a_file_that_breaks_off_on_air_fails_and_the_next_one_follows() {
    let mut stage = Stage::new(&["song_600"]);
    let (broken, whole) = (stage.announce("breaks_2", |_| {}), stage.announce("a_1", |_| {}));
    stage.run(5.0);
    let reason = "the disk is gone".to_owned();
    assert_eq!(stage.ended()[0], (broken, Ended::Failed { reason, seconds: 2.0 }));
    assert!(stage.ended()[1].0 == whole && aired(&stage.ended()[1].1));
}

#[test]
fn a_file_that_vanishes_while_it_waits_fails() {
    let mut stage = Stage::new(&["song_600"]);
    let tickets: Vec<Ticket> = (0..12).map(|n| stage.announce(&format!("a{n}_0.5"), |_| {})).collect();
    stage.shelf.gone.lock().unwrap().push("a11_0.5".into());
    stage.run(8.0);
    assert_eq!(stage.begun(), tickets[..11]);
    let failed = stage.ended().into_iter().find(|(ticket, _)| *ticket == tickets[11]).unwrap().1;
    assert!(matches!(failed, Ended::Failed { seconds: 0.0, .. }), "{failed:?}");
}
