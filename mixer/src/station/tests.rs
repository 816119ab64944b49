//! A station stepped by hand: the conductor and the engine on one clock, files made of tones, no threads.

mod files;
mod long;
mod queue;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pregon_audio::Frame;
use pregon_core::{Lane, Timestamp};
use tokio::sync::{broadcast, oneshot};

use super::conductor::{Conductor, MOST_WAITING, Moment, Pit, Request, Taken};
use super::item::Kind;
use super::ready::{Opener, frames};
use super::*;
use crate::air::{self, BLOCK_FRAMES, Mixer, Sound, Tier};
use crate::feed::{Progress, Pump, Source, SourceError, Tapes};

/// A level for a number of frames, then the end or an error.
struct Flat {
    level: f32,
    left: usize,
    broken: bool,
}

impl Source for Flat {
    fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError> {
        let count = out.len().min(self.left);
        out.iter_mut().take(count).for_each(|frame| *frame = [self.level; 2]);
        self.left -= count;
        if count == 0 && self.broken { Err(SourceError("the disk is gone".into())) } else { Ok(count) }
    }
}

/// Files that are named after what is in them: seconds, and a level in thousandths.
#[derive(Default)]
struct Shelf {
    pumps: Mutex<Vec<Pump>>,
    gone: Mutex<Vec<PathBuf>>,
    opened: Mutex<HashMap<PathBuf, usize>>,
}

impl Shelf {
    fn pump(&self) {
        self.pumps.lock().unwrap().retain_mut(|pump| pump.prime(usize::MAX) != Progress::Done);
    }
}

impl Tapes for Shelf {
    fn open(&self, path: &Path) -> Result<Cut, Refused> {
        if self.gone.lock().unwrap().iter().any(|gone| gone == path) {
            return Err(Refused::Missing { path: path.into(), reason: "no such file".into() });
        }
        *self.opened.lock().unwrap().entry(path.into()).or_default() += 1;
        let name = path.to_str().unwrap();
        let mut parts = name.split('_');
        let (kind, seconds, level) = (parts.next(), parts.next(), parts.next());
        let seconds: f64 = seconds.unwrap().parse().unwrap();
        let level = level.map_or(100.0, |level| level.parse::<f32>().unwrap()) / 1_000.0;
        let source = Flat { level, left: frames(seconds), broken: kind == Some("breaks") };
        Ok(Cut {
            path: Some(path.into()),
            title: name.into(),
            artist: None,
            seconds: Some(seconds),
            source: Box::new(source),
        })
    }

    fn run(&self, pump: Pump) {
        self.pumps.lock().unwrap().push(pump);
    }

    fn aside(&self, work: Box<dyn FnOnce() + Send>) -> bool {
        work();
        true
    }
}

const BEGAN: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A station with the playlist `songs`, over and over.
struct Stage {
    conductor: Conductor,
    mixer: Mixer,
    shelf: Arc<Shelf>,
    opener: Opener,
    tickets: AtomicU64,
    door: Receiver<Request>,
    bell: Receiver<()>,
    news: broadcast::Receiver<News>,
    songs: Vec<&'static str>,
    played: usize,
    /// The left channel.
    heard: Vec<f32>,
    /// Kept or thrown away.
    listening: bool,
    told: Vec<News>,
}

impl Stage {
    fn new(songs: &[&'static str]) -> Self {
        let (desk, mixer) = air::mixer(Sound { crossfade: 0, duck_db: -12.0 }, 64);
        let shelf = Arc::new(Shelf::default());
        let opener = Opener { tapes: Arc::clone(&shelf) as Arc<dyn Tapes>, chime: None, crossfade: 0 };
        let ((sender, door), (ring, bell)) = (sync_channel(256), sync_channel(1));
        let (news, listener) = broadcast::channel(1_024);
        let pit =
            Pit { name: "test".into(), desk, opener: opener.clone(), news, door: sender, programme: ring };
        Self {
            conductor: Conductor::new(pit, BEGAN),
            mixer,
            shelf,
            opener,
            tickets: AtomicU64::new(0),
            door,
            bell,
            news: listener,
            songs: songs.to_vec(),
            played: 0,
            heard: Vec::new(),
            listening: true,
            told: Vec::new(),
        }
    }

    fn moment(&self) -> Moment {
        let frame = self.mixer.given();
        Moment { now: BEGAN + Duration::from_millis(frame / 48), frame }
    }

    fn now(&self) -> Timestamp {
        self.moment().now
    }

    fn ticket(&self) -> Ticket {
        Ticket(self.tickets.fetch_add(1, Ordering::Relaxed))
    }

    /// Plays for so long; the conductor looks every 40 ms.
    fn run(&mut self, seconds: f64) {
        for n in 0..frames(seconds) / BLOCK_FRAMES {
            if n % 2 == 0 {
                self.conduct();
            }
            let mut block = [[0.0; 2]; BLOCK_FRAMES];
            self.mixer.render(&mut block);
            if self.listening {
                self.heard.extend(block.iter().map(|[left, _]| *left));
            }
        }
        self.conduct();
        self.told.extend(std::iter::from_fn(|| self.news.try_recv().ok()));
    }

    fn conduct(&mut self) {
        self.shelf.pump();
        let moment = self.moment();
        self.conductor.step(moment);
        if !self.songs.is_empty() && self.bell.try_recv().is_ok() {
            let song = self.songs[self.played % self.songs.len()];
            self.played += 1;
            let ticket = self.ticket();
            let (ready, facts) = self.opener.track(ticket, self.shelf.open(Path::new(song)).unwrap());
            let taken = Taken { ticket, kind: Kind::Track, ready, facts };
            self.conductor.answer(Request::Track(Box::new(taken)), moment);
        }
        while let Ok(request) = self.door.try_recv() {
            self.conductor.answer(request, moment);
        }
        self.shelf.pump();
    }

    fn ask<T>(&mut self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> oneshot::Receiver<T> {
        let (reply, answer) = oneshot::channel();
        let moment = self.moment();
        assert!(self.conductor.answer(request(reply), moment));
        answer
    }

    fn try_announce(&mut self, wanted: Announcement) -> Result<Ticket, Refused> {
        let ticket = self.ticket();
        let (ready, facts) = self.opener.announcement(ticket, &wanted)?;
        let taken = Taken { ticket, kind: Kind::Announcement(Box::new(wanted)), ready, facts };
        self.ask(|reply| Request::Take(Box::new(taken), reply)).try_recv().unwrap()
    }

    fn announce(&mut self, audio: &str, change: impl FnOnce(&mut Announcement)) -> Ticket {
        let mut wanted = Announcement::of(audio);
        change(&mut wanted);
        self.try_announce(wanted).unwrap()
    }

    fn enqueue(&mut self, path: &str) -> Ticket {
        let ticket = self.ticket();
        let (ready, facts) = self.opener.queued(ticket, Path::new(path)).unwrap();
        let taken = Taken { ticket, kind: Kind::Queued, ready, facts };
        self.ask(|reply| Request::Take(Box::new(taken), reply)).try_recv().unwrap().unwrap()
    }

    fn snapshot(&mut self) -> Snapshot {
        self.ask(Request::Look).try_recv().unwrap()
    }

    fn history(&mut self) -> Vec<Played> {
        self.ask(Request::History).try_recv().unwrap()
    }

    /// How announcements ended, in that order.
    fn ended(&self) -> Vec<(Ticket, Ended)> {
        let ended = self.told.iter().filter_map(|news| match news {
            News::Announcement { ticket, airing: Airing::Ended(ended), .. } => Some((*ticket, ended.clone())),
            _ => None,
        });
        ended.collect()
    }

    /// In which order announcements began.
    fn begun(&self) -> Vec<Ticket> {
        let begun = self.told.iter().filter_map(|news| match news {
            News::Announcement { ticket, airing: Airing::Began { .. }, .. } => Some(*ticket),
            _ => None,
        });
        begun.collect()
    }

    fn began_at(&self, wanted: Ticket) -> (u64, Timestamp) {
        let began = self.told.iter().find_map(|news| match news {
            News::Announcement { ticket, airing: Airing::Began { frame, at }, .. } if *ticket == wanted => {
                Some((*frame, *at))
            }
            _ => None,
        });
        began.expect("it began")
    }

    fn underruns(&self) -> u64 {
        self.conductor.pit.desk.meters.readings().underruns
    }
}

fn aired(ended: &Ended) -> bool {
    matches!(ended, Ended::Aired { .. })
}

#[test]
fn a_station_with_nothing_plays_soft_noise_and_says_so() {
    let mut stage = Stage::new(&[]);
    stage.run(3.0);
    let snapshot = stage.snapshot();
    assert_eq!((snapshot.tier, snapshot.now_playing, snapshot.on_air), (Tier::Noise, None, None));
    assert!((-30.0..-15.0).contains(&snapshot.readings.short_term_lufs), "{:?}", snapshot.readings);
}

#[test]
fn the_playlist_goes_on_and_is_told() {
    let mut stage = Stage::new(&["song_4", "tune_5"]);
    stage.run(15.0);
    let playing = stage.snapshot().now_playing.unwrap();
    assert_eq!((playing.title.as_str(), playing.tier), ("tune_5", Tier::Playlist));
    assert!(
        (playing.elapsed - 2.0).abs() < 0.05 && (playing.remaining.unwrap() - 3.0).abs() < 0.05,
        "{playing:?}"
    );
    let titles: Vec<String> = stage.history().into_iter().map(|played| played.title).collect();
    assert_eq!(titles, ["song_4", "tune_5", "song_4"]);
    let told = stage.told.iter().filter(|news| matches!(news, News::NowPlaying(Some(_)))).count();
    assert_eq!((told, stage.underruns()), (4, 0));
}

#[test]
fn what_is_accepted_is_heard_within_two_blocks() {
    let mut stage = Stage::new(&["song_60"]);
    stage.run(5.0);
    let accepted = stage.mixer.given();
    let ticket = stage.announce("news_1", |_| {});
    stage.run(2.0);
    let (frame, at) = stage.began_at(ticket);
    assert!(frame - accepted <= 2 * BLOCK_FRAMES as u64, "{}", frame - accepted);
    assert_eq!(stage.ended(), [(ticket, Ended::Aired { at, frame, seconds: 1.0 })]);
    assert_eq!(at, BEGAN + Duration::from_millis(frame / 48));
}

#[test]
fn at_a_time_means_the_frame_of_that_time() {
    let mut stage = Stage::new(&["song_600"]);
    stage.run(1.0);
    let time = stage.now() + Duration::from_millis(20_123);
    let ticket = stage.announce("a_1", |wanted| wanted.mode = Mode::At(time));
    let filler = stage.announce("filler_5", |_| {});
    stage.run(15.0);
    let held = stage.announce("held_15", |_| {}); // would still be heard when the time comes
    stage.run(40.0);
    let (frame, at) = stage.began_at(ticket);
    assert_eq!((frame, at), (48 * u64::try_from(time.since(BEGAN).as_millis()).unwrap(), time));
    assert_eq!(stage.begun(), [filler, ticket, held]);
}

#[test]
fn a_time_that_has_passed_is_at_once() {
    let mut stage = Stage::new(&["song_600"]);
    stage.run(3.0);
    let ticket = stage.announce("a_1", |wanted| wanted.mode = Mode::At(BEGAN));
    stage.run(2.0);
    assert_eq!(stage.begun(), [ticket]);
}

#[test]
fn next_is_between_two_tracks() {
    let mut stage = Stage::new(&["song_10_300", "tune_10_200"]);
    stage.run(4.0);
    let ticket = stage.announce("a_2_50", |wanted| wanted.mode = Mode::Next);
    stage.run(10.0);
    let frame = usize::try_from(stage.began_at(ticket).0).unwrap();
    assert!((470_000..490_000).contains(&frame), "{frame}");
    let during = &stage.heard[frame + 2_000..frame + 90_000];
    assert!(during.iter().all(|sample| (sample - 0.05).abs() < 1e-4));
    assert!((stage.heard[frame + 110_000] - 0.2).abs() < 1e-4, "then the next track");
}

#[test]
fn the_user_queue_is_heard_once_and_the_playlist_comes_back() {
    let mut stage = Stage::new(&["song_600"]);
    stage.run(5.0);
    let (first, second) = (stage.enqueue("wish_10"), stage.enqueue("want_10"));
    stage.run(1.0);
    let snapshot = stage.snapshot();
    assert_eq!((snapshot.tier, snapshot.now_playing.unwrap().ticket), (Tier::Queue, first));
    assert_eq!(snapshot.queue.iter().map(|queued| queued.ticket).collect::<Vec<_>>(), [second]);
    stage.run(25.0);
    let snapshot = stage.snapshot();
    let playing = snapshot.now_playing.unwrap();
    assert_eq!((snapshot.tier, playing.title.as_str()), (Tier::Playlist, "song_600"));
    // 31 s on air, of which 16 s were paused: 20 s of wishes less the two fades of 2 s.
    assert!((playing.elapsed - 15.0).abs() < 0.1, "{playing:?}");
    let tickets: Vec<Ticket> = stage.history().iter().map(|played| played.ticket).collect();
    assert_eq!(tickets, [second, first]);
    assert_eq!(stage.underruns(), 0);
}

#[test]
fn a_skip_brings_the_next_track() {
    let mut stage = Stage::new(&["song_600", "tune_600"]);
    assert!(!stage.ask(Request::Skip).try_recv().unwrap(), "nothing to skip yet");
    stage.run(3.0);
    assert!(stage.ask(Request::Skip).try_recv().unwrap());
    stage.run(2.0);
    assert_eq!(stage.snapshot().now_playing.unwrap().title, "tune_600");
    assert!(matches!(stage.history()[0].ended, Ended::Skipped { .. }));
    assert_eq!(stage.underruns(), 0);
}

#[test]
fn only_so_much_may_wait() {
    let mut stage = Stage::new(&[]);
    stage.announce("a_60", |_| {});
    stage.run(0.1);
    for _ in 0..MOST_WAITING {
        stage.announce("a_60", |_| {});
    }
    assert_eq!(stage.try_announce(Announcement::of("a_1")), Err(Refused::Full(MOST_WAITING)));
    let open: usize = stage.shelf.pumps.lock().unwrap().len();
    assert!(open < 20, "those behind are not kept open: {open}");
}

#[test]
fn each_of_several_broken_files_tells_its_own_reason() {
    // Also those that were closed while they waited and opened again.
    let mut stage = Stage::new(&["song_600"]);
    let tickets: Vec<Ticket> = (0..10).map(|_| stage.announce("breaks_1", |_| {})).collect();
    stage.run(12.0);
    let ended = stage.ended();
    assert_eq!(ended.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(), tickets);
    assert!(ended.iter().all(|(_, ended)| matches!(ended, Ended::Failed { .. })), "{ended:?}");
}
