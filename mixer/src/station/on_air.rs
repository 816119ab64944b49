//! The threads of a station.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use pregon_core::clock;
use tokio::sync::broadcast;

use super::conductor::{Conductor, Moment, Pit, Request, Taken};
use super::item::Kind;
use super::ready::{Opener, frames};
use super::{Inner, Programme, Station, Ticket};
use crate::air::{self, Dial, Sound, Tap};
use crate::feed::{Files, Tapes};

/// How often the conductor looks what the air thread has told. What comes from outside wakes it at once.
const LOOK: Duration = Duration::from_millis(50);

/// How long until a programme with nothing to play is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// Orders on their way to the air thread.
const ORDERS: usize = 64;

/// Requests on their way to the conductor.
const REQUESTS: usize = 256;

/// Events that a slow listener to the news may be behind.
const NEWS: usize = 1_024;

/// Blocks that an encoder may be behind: 1 s.
const TAP_BLOCKS: usize = 50;

/// Two tracks never overlap for longer, in seconds.
const LONGEST_CROSSFADE: f64 = 10.0;

/// How a station sounds.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name, as in `air_<name>`.
    pub name: Arc<str>,
    /// How long two tracks of the programme overlap; zero joins them without a gap. At most 10 s.
    pub crossfade: Duration,
    /// How far a ducked programme is lowered, in dB (negative).
    pub duck_db: f32,
    /// A file to use as chime instead of the built-in one.
    pub chime: Option<PathBuf>,
    /// How many encoders listen.
    pub taps: usize,
}

/// A station on air. Dropping it leaves the station playing; [`stop`](Self::stop) ends it.
#[derive(Debug)]
pub struct OnAir {
    /// What the rest of the program holds.
    pub station: Station,
    /// One per encoder.
    pub taps: Vec<Tap>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl OnAir {
    /// Starts the threads of a station. It plays at once. Fails when there are no threads to be had.
    pub fn start(plan: Plan, programme: impl Programme + 'static) -> std::io::Result<Self> {
        let crossfade = frames(plan.crossfade.as_secs_f64().min(LONGEST_CROSSFADE));
        let sound = Sound { crossfade, duck_db: f64::from(plan.duck_db.min(0.0)) };
        let (desk, mixer) = air::mixer(sound, ORDERS);
        let (spouts, taps) = (0..plan.taps).map(|_| air::tap(TAP_BLOCKS)).unzip();
        let (door, requests) = sync_channel(REQUESTS);
        let (bell, rings) = sync_channel(1);
        let (news, _) = broadcast::channel(NEWS);
        let stop = Arc::new(AtomicBool::new(false));
        let tickets = Arc::new(AtomicU64::new(0));
        let opener = Opener { tapes: Arc::new(Files), chime: usable_chime(plan.chime), crossfade };
        let station = Station(Arc::new(Inner {
            name: Arc::clone(&plan.name),
            door: door.clone(),
            news: news.clone(),
            meters: Arc::clone(&desk.meters),
            opener: opener.clone(),
            tickets: Arc::clone(&tickets),
        }));

        play(programme, &plan.name, opener.clone(), tickets, rings, door.clone())?;
        let dial = Arc::new(Dial::new());
        let pit = Pit { name: Arc::clone(&plan.name), desk, opener, news, door, programme: bell };
        let conducting = conduct(Conductor::new(pit, clock::now()), requests, Arc::clone(&dial))?;
        let airing = air::start(&plan.name, mixer, spouts, dial, Arc::clone(&stop))?;
        Ok(Self { station, taps, stop, threads: vec![airing, conducting] })
    }

    /// The taps, to be given away, and the rest, to be stopped later.
    pub fn into_parts(mut self) -> (Vec<Tap>, Self) {
        (std::mem::take(&mut self.taps), self)
    }

    /// Ends the threads and waits for them. What waits is not aired, and nothing is told about it.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        // A full desk is worked off while this waits; a conductor that is gone needs no telling.
        drop(self.station.0.door.send(Request::Close));
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the station had panicked");
            }
        }
    }
}

/// A chime that cannot be played must not cost an announcement.
fn usable_chime(chime: Option<PathBuf>) -> Option<PathBuf> {
    chime.filter(|path| match Files.open(path) {
        Ok(_) => true,
        Err(error) => {
            tracing::warn!(%error, "the built-in chime is used instead");
            false
        }
    })
}

fn conduct(
    mut conductor: Conductor,
    requests: Receiver<Request>,
    dial: Arc<Dial>,
) -> std::io::Result<JoinHandle<()>> {
    Builder::new().name("conductor".into()).spawn(move || {
        loop {
            let request = requests.recv_timeout(LOOK);
            let moment = Moment { now: clock::now(), frame: dial.frame_at(Instant::now()) };
            match request {
                Ok(request) => {
                    if !conductor.answer(request, moment) {
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) => conductor.step(moment),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    })
}

/// Asks the programme for the next track whenever the bell rings. Ends with the conductor; nobody waits for it, since
/// a programme may hang on a file.
fn play(
    mut programme: impl Programme + 'static,
    name: &str,
    opener: Opener,
    tickets: Arc<AtomicU64>,
    rings: Receiver<()>,
    door: SyncSender<Request>,
) -> std::io::Result<()> {
    let thread = Builder::new().name(format!("programme-{name}"));
    thread.spawn(move || {
        while rings.recv().is_ok() {
            let cut = loop {
                if let Some(cut) = programme.next() {
                    break cut;
                }
                if rings.recv_timeout(ASK_AGAIN) == Err(RecvTimeoutError::Disconnected) {
                    return;
                }
            };
            let ticket = Ticket(tickets.fetch_add(1, Ordering::Relaxed));
            let (ready, facts) = opener.track(ticket, cut);
            let taken = Taken { ticket, kind: Kind::Track, ready, facts };
            if door.send(Request::Track(Box::new(taken))).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}
