//! A station stepped by hand: the conductor and the engine on one clock, files made of tones, no threads.

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
fn high_goes_before_normal_and_each_is_first_in_first_out() {
    let mut stage = Stage::new(&["song_600"]);
    let mut tickets = Vec::new();
    for (name, lane) in
        [("a_1", Lane::Normal), ("b_1", Lane::Normal), ("c_1", Lane::High), ("d_1", Lane::High)]
    {
        stage.run(0.2);
        tickets.push(stage.announce(name, |wanted| wanted.lane = lane));
    }
    let [a, b, c, d] = tickets[..] else { panic!() };
    let waiting: Vec<Ticket> = stage.snapshot().waiting.iter().map(|waiting| waiting.ticket).collect();
    assert_eq!(waiting, [c, d, b]);
    stage.run(5.0);
    assert_eq!(stage.begun(), [a, c, d, b]);
    let gaps: Vec<u64> =
        [a, c, d, b].map(|ticket| stage.began_at(ticket).0).windows(2).map(|p| p[1] - p[0]).collect();
    assert_eq!(gaps, [48_000; 3], "one after the other, to the sample");
}

#[test]
fn many_announcements_are_all_heard_once_in_order() {
    let mut stage = Stage::new(&["song_600"]);
    let tickets: Vec<Ticket> = (0..30).map(|_| stage.announce("a_0.5", |_| {})).collect();
    stage.run(18.0);
    assert_eq!(stage.begun(), tickets);
    let ended = stage.ended();
    assert!(ended.len() == 30 && ended.iter().all(|(_, ended)| aired(ended)), "{ended:?}");
    assert_eq!(stage.underruns(), 0);
}

#[test]
fn what_has_expired_is_not_aired() {
    let mut stage = Stage::new(&["song_600"]);
    stage.run(1.0);
    let long = stage.announce("long_5", |_| {});
    let now = stage.now();
    let cued = stage.announce("cued_1", |wanted| wanted.expires = Some(now + Duration::from_secs(2)));
    let behind = stage.announce("behind_1", |wanted| wanted.expires = Some(now + Duration::from_secs(3)));
    let patient = stage.announce("patient_1", |wanted| wanted.expires = Some(now + Duration::from_secs(30)));
    stage.run(9.0);
    assert_eq!(stage.begun(), [long, patient]);
    let ended = stage.ended();
    assert_eq!(ended[..2], [(cued, Ended::Expired), (behind, Ended::Expired)]);
    assert!(ended[2].0 == long && ended[3].0 == patient && aired(&ended[3].1));
    let mut late = Announcement::of("late_1");
    late.expires = Some(stage.now());
    assert_eq!(stage.try_announce(late), Err(Refused::Expired));
}

#[test]
fn what_is_on_air_does_not_expire() {
    let mut stage = Stage::new(&["song_600"]);
    let now = stage.now();
    let ticket = stage.announce("long_3", |wanted| wanted.expires = Some(now + Duration::from_secs(1)));
    stage.run(5.0);
    assert!(stage.ended()[0].0 == ticket && aired(&stage.ended()[0].1));
}

#[test]
fn the_same_announcement_is_taken_once() {
    let mut stage = Stage::new(&["song_600"]);
    let first = stage.announce("a_1", |wanted| wanted.key = Some("job-1".into()));
    let keyed = |stage: &mut Stage| {
        stage.try_announce(Announcement { key: Some("job-1".into()), ..Announcement::of("b_1") })
    };
    assert_eq!(keyed(&mut stage), Err(Refused::Duplicate(first)), "it waits");
    stage.run(0.5);
    assert_eq!(keyed(&mut stage), Err(Refused::Duplicate(first)), "it is on air");
    stage.run(2.0);
    assert_eq!(keyed(&mut stage), Err(Refused::Duplicate(first)), "it was on air");

    let alike = |stage: &mut Stage| {
        stage.try_announce(Announcement { dedupe: Some("door".into()), ..Announcement::of("c_1") })
    };
    let second = alike(&mut stage).unwrap();
    assert_eq!(alike(&mut stage), Err(Refused::Duplicate(second)));
    stage.run(2.0);
    assert!(alike(&mut stage).is_ok(), "the door may be announced again");
}

#[test]
fn what_waits_can_be_withdrawn_and_what_has_begun_cannot() {
    let mut stage = Stage::new(&["song_600"]);
    let on_air = stage.announce("a_3", |_| {});
    stage.run(0.5);
    let (cued, behind) = (stage.announce("b_1", |_| {}), stage.announce("c_1", |_| {}));
    stage.run(0.1);
    let answers =
        [on_air, cued, behind, Ticket(999)].map(|ticket| stage.ask(|reply| Request::Withdraw(ticket, reply)));
    stage.run(5.0);
    assert_eq!(answers.map(|mut answer| answer.try_recv().unwrap()), [false, true, true, false]);
    assert_eq!(stage.begun(), [on_air]);
    let skipped = Ended::Skipped { seconds: 0.0 };
    assert!(stage.ended().contains(&(cued, skipped.clone())) && stage.ended().contains(&(behind, skipped)));
}

#[test]
fn a_withdrawal_in_the_same_breath_as_the_beginning_is_answered_truly() {
    let mut stage = Stage::new(&["song_600"]);
    stage.run(1.0);
    let ticket = stage.announce("a_1", |_| {});
    let mut answer = stage.ask(|reply| Request::Withdraw(ticket, reply));
    stage.run(3.0);
    let withdrawn = answer.try_recv().unwrap();
    assert_eq!(withdrawn, stage.begun().is_empty());
    assert_eq!(stage.ended().len(), 1, "and it ends once");
}

#[test]
fn an_announcement_can_be_hushed() {
    let mut stage = Stage::new(&["song_600"]);
    assert!(!stage.ask(Request::Hush).try_recv().unwrap());
    let ticket = stage.announce("a_30", |_| {});
    stage.run(2.0);
    assert!(stage.ask(Request::Hush).try_recv().unwrap());
    stage.run(0.2);
    assert!(matches!(stage.ended()[..], [(ended, Ended::Skipped { seconds })]
        if ended == ticket && (1.9..2.1).contains(&seconds)));
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
