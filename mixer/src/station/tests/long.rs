//! A station that runs for hours.

use super::*;

/// Simulates so many hours: a song every 200 s or so, an announcement every 97 s, a wish every 31 minutes.
fn live_for(hours: u32) {
    let mut stage = Stage::new(&["song_200.3", "tune_181", "air_240.7"]);
    stage.listening = false;
    let (mut announced, mut wished) = (0, 0);
    let mut at = 0.0;
    while at < 3_600.0 * f64::from(hours) {
        stage.run(97.0);
        at += 97.0;
        stage.told.clear();
        let mode = [Mode::Interrupt, Mode::Duck, Mode::Next, Mode::At(stage.now() + Duration::from_secs(30))]
            [announced % 4];
        stage.announce("news_7.7", |wanted| wanted.mode = mode);
        announced += 1;
        if announced % 19 == 0 {
            stage.enqueue("wish_33");
            wished += 1;
        }
        let snapshot = stage.snapshot();
        assert_ne!(snapshot.tier, Tier::Noise, "a gap at {at} s");
        assert!(snapshot.waiting.len() <= 2 && snapshot.queue.len() <= 1 && stage.conductor.items.len() < 9);
    }
    let readings = stage.snapshot().readings;
    assert_eq!((readings.underruns, readings.unheard), (0, 0));
    assert_eq!(u64::from(hours) * 3_600 * 48_000 / readings.frames, 0, "every frame was rendered");
    // Nothing leaks into or out of the output: every second that was accepted was heard, and the clock stands where
    // the frames say.
    let history = stage.history();
    let news: Vec<&Played> = history.iter().filter(|played| played.tier == Tier::Interrupt).collect();
    assert!(
        news.len() > 50
            && news.iter().all(
                |played| matches!(played.ended, Ended::Aired { seconds, .. } if (seconds - 7.7).abs() < 1e-3)
            )
    );
    assert!(wished > 0 && history.iter().all(|played| aired(&played.ended)));
}

#[test]
fn two_hours_pass_without_underrun_or_gap() {
    live_for(2);
}

#[test]
#[ignore = "takes a minute or two; run it with --ignored"]
fn a_day_passes_without_underrun_or_gap() {
    live_for(24);
}
