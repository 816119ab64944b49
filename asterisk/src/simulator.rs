//! Plays Asterisk: takes call files from a spool as `pbx_spool.c` does, lets some seconds pass, and leaves the traces
//! of a call. For demonstrations, load and dry runs; each result says that it was simulated.

mod call;
mod mix;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use pregon_core::{Timestamp, clock};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::arrivals::{Arrival, Arrivals};
use crate::folders::{Folders, OpenError};
use call::{Pickup, SimulatedCall, finish, pick_up};
pub use mix::{NotAMix, OutcomeMix};

/// What is played.
#[derive(Clone, Debug)]
pub struct SimSettings {
    /// How often each outcome comes.
    pub outcomes: OutcomeMix,
    /// From taking the file to the end of the call, in seconds.
    pub call_seconds: f64,
    /// The same seed draws the same outcomes in the order in which files are taken. `None`: different ones each time.
    pub seed: Option<u64>,
}

/// Why the simulation cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The spool is not usable.
    #[error(transparent)]
    Spool(#[from] OpenError),
    /// The spool cannot be watched.
    #[error("{} cannot be watched: {source}", path.display())]
    Watch {
        /// The folder.
        path: std::path::PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Files taken or calls ended in one go: the others wait no longer than these take.
const BATCH: usize = 256;

/// How often to ask whether another simulator has left the spool.
const TURN: Duration = Duration::from_secs(1);

/// The lock that one simulator per spool holds: two would tell two outcomes of one call.
const LOCK: &str = "simulator.lock";

/// Consumes one spool.
#[derive(Debug)]
pub struct Simulator {
    folders: Folders,
    settings: SimSettings,
    random: StdRng,
    /// By time, then in the order of arrival.
    agenda: BinaryHeap<Reverse<(Instant, u64)>>,
    entries: HashMap<u64, Entry>,
    counter: u64,
    /// Files that are on the agenda: inotify tells of each several times.
    known: HashMap<OsString, u64>,
}

#[derive(Debug)]
enum Entry {
    PickUp(OsString),
    Finish(Box<SimulatedCall>),
}

/// What one batch of file work made of an entry.
enum Done {
    Started(Box<SimulatedCall>),
    Later(OsString, Timestamp),
    Over(OsString),
}

impl Simulator {
    /// Makes the spool's folders if they are missing. Blocks for some milliseconds.
    pub fn new(spool_dir: &Path, settings: SimSettings) -> Result<Self, SimulatorError> {
        let random = settings.seed.map_or_else(StdRng::from_os_rng, StdRng::seed_from_u64);
        Ok(Self {
            folders: Folders::open(spool_dir, None)?,
            settings,
            random,
            agenda: BinaryHeap::new(),
            entries: HashMap::new(),
            counter: 0,
            known: HashMap::new(),
        })
    }

    /// Plays until `stop` is cancelled. Calls that are under way then are dialled again by the next run, as Asterisk
    /// does. Waits while another simulator plays on this spool.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), SimulatorError> {
        let Some(turn) = stop.run_until_cancelled(self.turn()).await else { return Ok(()) };
        let _turn = turn?;
        let outgoing = self.folders.outgoing.clone();
        let watch = |source| SimulatorError::Watch { path: outgoing.clone(), source };
        let arrivals = Arrivals::watch(&[&outgoing]).map_err(watch)?;
        self.look_for_all().map_err(watch)?;
        loop {
            let due = self.agenda.peek().map(|Reverse((at, _))| *at);
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                news = arrivals.next() => {
                    for arrival in news.map_err(watch)? {
                        match arrival {
                            Arrival::File(_, name) => self.expect(name, Instant::now()),
                            Arrival::Missed => self.look_for_all().map_err(watch)?,
                        }
                    }
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.act().await,
            }
        }
    }

    /// The lock goes when the file is closed, whatever ends the process.
    async fn turn(&self) -> Result<File, SimulatorError> {
        let path = self.folders.root.join(LOCK);
        let lock = File::options().create(true).append(true).open(&path);
        let lock = lock.map_err(|source| SimulatorError::Watch { path, source })?;
        while lock.try_lock().is_err() {
            tracing::debug!("another simulator plays on this spool");
            sleep(TURN).await;
        }
        Ok(lock)
    }

    /// The backlog: Asterisk dials it at once when it starts.
    fn look_for_all(&mut self) -> io::Result<()> {
        let mut names: Vec<_> =
            std::fs::read_dir(&self.folders.outgoing)?.flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            self.expect(name, Instant::now());
        }
        Ok(())
    }

    fn expect(&mut self, name: OsString, at: Instant) {
        if !self.known.contains_key(&name) {
            self.known.insert(name.clone(), self.counter);
            self.put(at, Entry::PickUp(name));
        }
    }

    fn put(&mut self, at: Instant, entry: Entry) {
        self.agenda.push(Reverse((at, self.counter)));
        self.entries.insert(self.counter, entry);
        self.counter += 1;
    }

    /// Does what is due, a batch of it, on a blocking thread.
    async fn act(&mut self) {
        let now = Instant::now();
        let mut batch = Vec::new();
        while batch.len() < BATCH && self.agenda.peek().is_some_and(|Reverse((at, _))| *at <= now) {
            let number = self.agenda.pop().map(|Reverse((_, number))| number);
            batch.extend(number.and_then(|n| self.entries.remove(&n)).map(|e| self.draw(e)));
        }
        let (folders, seconds) = (self.folders.clone(), self.settings.call_seconds);
        let work = move || {
            let now = clock::now();
            batch.into_iter().map(|(entry, kind)| perform(&folders, entry, kind, seconds, now)).collect()
        };
        let done: Vec<Done> = tokio::task::spawn_blocking(work).await.unwrap_or_default();
        for done in done {
            match done {
                Done::Started(call) => {
                    self.put(now + Duration::from_secs_f64(self.settings.call_seconds), Entry::Finish(call));
                }
                Done::Later(name, at) => {
                    self.put(Instant::now() + at.until(clock::now()), Entry::PickUp(name));
                }
                Done::Over(name) => {
                    self.known.remove(&name);
                }
            }
        }
    }

    fn draw(&mut self, entry: Entry) -> (Entry, pregon_core::OutcomeKind) {
        (entry, self.settings.outcomes.draw(&mut self.random))
    }
}

fn perform(
    folders: &Folders,
    entry: Entry,
    kind: pregon_core::OutcomeKind,
    seconds: f64,
    now: Timestamp,
) -> Done {
    match entry {
        Entry::PickUp(name) => match pick_up(folders, name, kind, now) {
            Pickup::Dialled(call) => Done::Started(Box::new(call)),
            Pickup::Later(name, at) => Done::Later(name, at),
            Pickup::Over(name) => Done::Over(name),
        },
        Entry::Finish(call) => Done::Over(finish(folders, *call, seconds, now)),
    }
}

#[cfg(test)]
mod tests;
