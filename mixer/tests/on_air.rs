//! A station with its real threads and real files, through the public door.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::f32::consts::TAU;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pregon_audio::{Frame, Pcm, wav};
use pregon_mixer::{
    Airing, Announcement, BLOCK_FRAMES, Block, Cut, Ended, Mode, News, OnAir, Plan, Programme, Refused,
    Source, SourceError, Tap, Ticket, Tier,
};

/// A programme of one endless track at a constant level.
struct Level(f32);

impl Programme for Level {
    fn next(&mut self) -> Option<Cut> {
        let source: Box<dyn Source> = Box::new(Level(self.0));
        Some(Cut { path: None, title: "level".into(), artist: None, seconds: None, source })
    }
}

impl Source for Level {
    fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError> {
        out.fill([self.0; 2]);
        Ok(out.len())
    }
}

fn start(programme: impl Programme + 'static) -> (OnAir, Tap) {
    let plan = Plan { name: "test".into(), crossfade: Duration::ZERO, duck_db: -15.0, chime: None, taps: 1 };
    let mut on_air = OnAir::start(plan, programme).expect("threads");
    let tap = on_air.taps.remove(0);
    (on_air, tap)
}

/// A telephone-quality tone of so many seconds.
fn tone_file(folder: &Path, name: &str, seconds: u16) -> PathBuf {
    let tone = (0..seconds * 8_000).map(|n| 0.5 * (f32::from(n % 8_000) * 0.125 * TAU).sin()).collect();
    let path = folder.join(name);
    std::fs::write(&path, wav::encode(&Pcm::new(8_000, tone))).unwrap();
    path
}

fn blocks(tap: &mut Tap) -> impl Iterator<Item = Block> {
    let patience = Instant::now() + Duration::from_secs(30);
    std::iter::from_fn(move || {
        while Instant::now() < patience {
            if let Some(block) = tap.next(Duration::from_millis(100)) {
                return Some(block);
            }
        }
        None
    })
}

fn is_tone(block: &Block) -> bool {
    block.frames.iter().any(|[left, _]| left.abs() > 0.3)
}

async fn ending(news: &mut tokio::sync::broadcast::Receiver<News>, wanted: Ticket) -> Ended {
    let ended = async {
        loop {
            if let News::Announcement { ticket, airing: Airing::Ended(ended), .. } =
                news.recv().await.unwrap()
                && ticket == wanted
            {
                return ended;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), ended).await.expect("it ends")
}

#[tokio::test]
async fn an_announcement_is_on_the_wire_at_once_and_told_truly() {
    let folder = tempfile::tempdir().unwrap();
    let file = tone_file(folder.path(), "hello.wav", 1);
    let (on_air, mut tap) = start(Level(0.1));
    let station = on_air.station.clone();
    let mut news = station.news();
    let first = blocks(&mut tap).next().expect("it plays at once");
    assert_eq!(first.first_frame % BLOCK_FRAMES as u64, 0);

    // The ears: every block from now on, and when it came.
    let ears = std::thread::spawn(move || {
        let mut heard =
            blocks(&mut tap).map(|block| (Instant::now(), block)).skip_while(|(_, block)| !block.urgent);
        let (when, block) = heard.next().expect("an urgent block");
        let (tones, last) = heard.take(80).fold((0, block.first_frame), |(tones, before), (_, block)| {
            assert_eq!(block.first_frame, before + BLOCK_FRAMES as u64, "no block is missing");
            (tones + usize::from(is_tone(&block)), block.first_frame)
        });
        (when, is_tone(&block), block.first_frame, tones, last)
    });
    let ticket =
        station.announce(Announcement { key: Some("job".into()), ..Announcement::of(&file) }).await.unwrap();
    let accepted = Instant::now();
    let Ended::Aired { frame, seconds, .. } = ending(&mut news, ticket).await else { panic!("aired") };
    let (when, _, urgent, tones, _) = ears.join().unwrap();
    assert!((urgent..urgent + BLOCK_FRAMES as u64).contains(&frame), "{frame} in {urgent}");
    assert!((seconds - 1.0).abs() < 0.001 && (48..=52).contains(&tones), "{seconds} {tones}");
    // Two blocks, and what a busy test machine may add.
    let latency = when.saturating_duration_since(accepted);
    assert!(latency < Duration::from_millis(240), "{latency:?}");

    assert_eq!(station.history().await[0].ticket, ticket);
    assert!(station.snapshot().await.unwrap().now_playing.unwrap().elapsed > 0.5);
    on_air.stop();
    assert_eq!(station.snapshot().await, None);
    assert_eq!(station.announce(Announcement::of(&file)).await, Err(Refused::Closed));
}

#[tokio::test]
async fn bad_files_are_refused_by_name_and_the_programme_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let noise = folder.path().join("noise.mp3");
    std::fs::write(&noise, [0xA5; 5_000]).unwrap();
    let (on_air, mut tap) = start(Level(0.1));
    let station = &on_air.station;
    let missing = folder.path().join("missing.wav");
    assert!(
        matches!(station.announce(Announcement::of(&missing)).await, Err(Refused::Missing { path, .. }) if path == missing)
    );
    assert!(matches!(station.enqueue(folder.path().into()).await, Err(Refused::Missing { .. })), "a folder");
    assert!(
        matches!(station.announce(Announcement::of(&noise)).await, Err(Refused::Broken { path, .. }) if path == noise)
    );
    let greedy = Announcement { repeat: 11, ..Announcement::of(&noise) };
    assert!(matches!(station.announce(greedy).await, Err(Refused::Invalid(_))));
    let heard: Vec<Block> = blocks(&mut tap).take(120).collect();
    assert!(heard.iter().all(|block| !block.urgent) && (heard[119].frames[0][0] - 0.1).abs() < 0.001);
    on_air.stop();
}

#[tokio::test]
async fn an_announcement_at_a_time_is_on_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = tone_file(folder.path(), "hello.wav", 1);
    let (on_air, _tap) = start(Level(0.1));
    let mut news = on_air.station.news();
    let time = pregon_core::clock::now() + Duration::from_millis(700);
    let ticket = on_air
        .station
        .announce(Announcement { mode: Mode::At(time), ..Announcement::of(file) })
        .await
        .unwrap();
    let Ended::Aired { at, .. } = ending(&mut news, ticket).await else { panic!("aired") };
    let off = at.since(time).max(time.since(at));
    assert!(off <= Duration::from_millis(20), "{off:?}");
    on_air.stop();
}

#[tokio::test]
async fn a_queued_file_takes_over_and_the_station_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = tone_file(folder.path(), "wish.wav", 4);
    let (on_air, _tap) = start(Level(0.1));
    let mut news = on_air.station.news();
    let ticket = on_air.station.enqueue(file).await.unwrap();
    let playing = async {
        loop {
            if let News::NowPlaying(Some(playing)) = news.recv().await.unwrap()
                && playing.ticket == ticket
            {
                return playing;
            }
        }
    };
    let playing = tokio::time::timeout(Duration::from_secs(20), playing).await.unwrap();
    assert_eq!((playing.tier, playing.title.as_str()), (Tier::Queue, "wish"));
    assert!(on_air.station.skip().await);
    on_air.stop();
}
