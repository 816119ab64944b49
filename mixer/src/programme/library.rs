//! The music of a station: kept up to date and measured by two threads of its own, played through [`Playlist`].

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use pregon_audio::{Frame, Track};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::demo::Demo;
use super::folder::Stamp;
use super::meter::{Meter, Reading};
use super::readings::Readings;
use super::rotation::Rotation;
use super::shelf::{LibraryView, Shelf};
use super::watch::{Notice, Watch};
use super::{LOUDNESS_FILE, ProgrammeArgs};
use crate::feed::{Cut, Source, SourceError};

/// Frames that are measured at once: 100 ms. Between two of them the thread can be told to end.
const STRIDE: usize = 4_800;

/// A file that breaks off after this many frames (one second) is played as far as it goes; before, it is broken.
const WORTH_PLAYING: u64 = 48_000;

/// Nothing longer is measured to its end: six hours.
const MOST_MEASURED: u64 = 6 * 3_600 * 48_000;

/// The lowest priority there is: measuring can wait, the air cannot.
const NICE: i32 = 19;

/// What the threads of a library and its playlists share.
#[derive(Debug)]
pub(super) struct Shared {
    shelf: Mutex<Shelf>,
    changed: Condvar,
    stop: AtomicBool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Shelf> {
        // What a panic left behind is a shelf all the same.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&Shelf) -> T) -> T {
        read(&self.lock())
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Shelf) -> T) -> T {
        let answer = change(&mut self.lock());
        self.changed.notify_all();
        answer
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Waits for a file without a reading; `None` when it is time to end.
    fn unmeasured(&self) -> Option<(Arc<Path>, Stamp)> {
        let mut held = self.lock();
        while !self.stopped() {
            if let Some(file) = held.unmeasured() {
                return Some(file);
            }
            held = self.changed.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        None
    }
}

/// The music of a station. Clones are the same library; when the last one and the last [`Playlist`] are gone, its
/// threads end.
#[derive(Clone, Debug)]
pub struct Library {
    shared: Arc<Shared>,
    _keepers: Arc<Keepers>,
    target_lufs: f64,
    demo: Option<Demo>,
    crossfade: Duration,
}

impl Library {
    /// Reads the folder once and keeps reading it from then on. Readings of loudness are kept in `data_dir`. A folder
    /// that is missing or empty is no error: [`view`](Self::view) says so, and what appears there plays. Blocks for
    /// about 0.1 s per 10,000 files. Fails when a thread cannot be started.
    pub fn open(args: &ProgrammeArgs, data_dir: &Path) -> io::Result<Self> {
        let rotation = Rotation::new(args.music_order, StdRng::from_os_rng());
        let readings = args.music_dir.as_ref().map(|_| data_dir.join(LOUDNESS_FILE));
        let shelf = Shelf::new(args.music_dir.clone(), rotation, Readings::open(readings));
        let shared = Arc::new(Shared {
            shelf: Mutex::new(shelf),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
        });
        let keepers = match &args.music_dir {
            Some(folder) => Keepers::start(&shared, folder.clone())?,
            None => Keepers::idle(&shared),
        };
        Ok(Self {
            shared,
            _keepers: Arc::new(keepers),
            target_lufs: args.radio_lufs,
            demo: args.music_demo.then(|| Demo::at(args.radio_lufs)),
            crossfade: Duration::from_secs_f64(args.crossfade_seconds),
        })
    }

    /// How long two tracks overlap.
    pub fn crossfade(&self) -> Duration {
        self.crossfade
    }

    /// What there is to play, and what cannot be played.
    pub fn view(&self) -> LibraryView {
        self.shared.read(Shelf::view)
    }

    /// What a station plays from.
    pub fn playlist(&self) -> Playlist {
        Playlist(self.clone())
    }
}

/// The programme of a station: the files of a [`Library`] in their order, levelled; what cannot be played is skipped
/// and told in [`Library::view`]. When there is none, the demo loop, until there is one.
#[derive(Clone, Debug)]
pub struct Playlist(Library);

impl crate::station::Programme for Playlist {
    fn next(&mut self) -> Option<Cut> {
        let Library { shared, target_lufs, demo, .. } = &self.0;
        loop {
            let Some((path, stamp, gain)) = shared.change(|shelf| shelf.next(*target_lufs)) else {
                return demo.as_ref().map(|demo| stand_in(demo.clone(), Arc::clone(shared)));
            };
            match Track::open(&path) {
                Ok(track) => return Some(cut(track, path, stamp, gain, shared)),
                Err(error) => shared.change(|shelf| shelf.broke(&path, stamp, error.to_string())),
            }
        }
    }
}

fn cut(track: Track, path: Arc<Path>, stamp: Stamp, gain: f32, shared: &Arc<Shared>) -> Cut {
    let tags = track.tags();
    let named = tags.title.clone().filter(|title| !title.trim().is_empty());
    Cut {
        path: Some(path.to_path_buf()),
        title: named.unwrap_or_else(|| stem(&path)),
        artist: tags.artist.clone(),
        seconds: track.seconds(),
        source: Box::new(Levelled { track, gain, path, stamp, played: 0, shared: Arc::clone(shared) }),
    }
}

/// The title of a file without one.
fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn stand_in(demo: Demo, shared: Arc<Shared>) -> Cut {
    Cut {
        path: None,
        title: "Pregon demo".to_owned(),
        artist: None,
        seconds: None,
        source: Box::new(StandIn { demo, shared }),
    }
}

/// The demo loop until there is music.
struct StandIn {
    demo: Demo,
    shared: Arc<Shared>,
}

impl Source for StandIn {
    fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError> {
        if self.demo.at_a_bar() && self.shared.read(|shelf| !shelf.is_empty()) {
            return Ok(0);
        }
        Ok(self.demo.read(out))
    }
}

/// A track of the library at the station's loudness.
struct Levelled {
    track: Track,
    gain: f32,
    path: Arc<Path>,
    stamp: Stamp,
    played: u64,
    shared: Arc<Shared>,
}

impl Source for Levelled {
    fn read(&mut self, out: &mut [Frame]) -> Result<usize, SourceError> {
        let count = match self.track.read(out) {
            Ok(count) => count,
            Err(error) if self.played >= WORTH_PLAYING => {
                tracing::debug!(file = %self.path.display(), %error, "a track broke off");
                0
            }
            Err(error) => return Err(self.broken(error.to_string())),
        };
        self.played += count as u64;
        if count == 0 && self.played == 0 {
            return Err(self.broken(EMPTY.to_owned()));
        }
        out.iter_mut().take(count).flatten().for_each(|sample| *sample *= self.gain);
        Ok(count)
    }
}

impl Levelled {
    fn broken(&self, reason: String) -> SourceError {
        self.shared.change(|shelf| shelf.broke(&self.path, self.stamp, reason.clone()));
        SourceError(reason)
    }
}

/// What is wrong with a file that ends before it begins.
const EMPTY: &str = "there is no audio inside";

/// The threads that keep a library up to date.
#[derive(Debug)]
struct Keepers {
    shared: Arc<Shared>,
    watch: Option<std::sync::mpsc::SyncSender<Notice>>,
    threads: Vec<JoinHandle<()>>,
}

impl Keepers {
    fn idle(shared: &Arc<Shared>) -> Self {
        Self { shared: Arc::clone(shared), watch: None, threads: Vec::new() }
    }

    fn start(shared: &Arc<Shared>, folder: PathBuf) -> io::Result<Self> {
        let mut keepers = Self::idle(shared);
        let watch = Watch::begin(Arc::clone(shared), folder);
        keepers.watch = Some(watch.sender());
        keepers.spawn("music-folder", move || watch.run())?;
        let shared = Arc::clone(shared);
        keepers.spawn("music-loudness", move || measure_all(&shared))?;
        Ok(keepers)
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        self.threads.push(std::thread::Builder::new().name(name.to_owned()).spawn(work)?);
        Ok(())
    }
}

impl Drop for Keepers {
    fn drop(&mut self) {
        // Under the lock, or a thread that is just about to wait would miss it.
        self.shared.change(|_| self.shared.stop.store(true, Ordering::Relaxed));
        if let Some(watch) = &self.watch {
            // Full: the thread is awake and sees the flag.
            drop(watch.try_send(Notice::Stop));
        }
        for thread in self.threads.drain(..) {
            // A panic has been printed by its own thread.
            drop(thread.join());
        }
    }
}

fn measure_all(shared: &Shared) {
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "the loudness thread runs at normal priority");
    }
    while let Some((path, stamp)) = shared.unmeasured() {
        match measure(&path, || shared.stopped()) {
            Ok(Some(reading)) => shared.change(|shelf| shelf.keep(&path, stamp, reading)),
            Ok(None) => return,
            Err(reason) => shared.change(|shelf| shelf.broke(&path, stamp, reason)),
        }
    }
}

/// Measures a whole file; `None` when told to stop, else what is wrong with it.
fn measure(path: &Path, stopped: impl Fn() -> bool) -> Result<Option<Reading>, String> {
    let mut track = Track::open(path).map_err(|error| error.to_string())?;
    let mut meter = Meter::new().ok_or("the loudness meter cannot be made")?;
    let mut frames = vec![[0.0; 2]; STRIDE];
    let mut measured = 0;
    while measured < MOST_MEASURED {
        if stopped() {
            return Ok(None);
        }
        let count = match track.read(&mut frames) {
            Ok(0) => break,
            Ok(count) => count,
            Err(_) if measured >= WORTH_PLAYING => break,
            Err(error) => return Err(error.to_string()),
        };
        meter.take(frames.get(..count).unwrap_or_default());
        measured += count as u64;
    }
    if measured == 0 { Err(EMPTY.to_owned()) } else { Ok(Some(meter.reading())) }
}
