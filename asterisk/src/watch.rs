//! Tells which attempts have news, so that nobody has to ask for the fate of every call all the time.

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::path::Path;
use std::time::Duration;

use pregon_core::{Key, Timestamp, clock};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::arrivals::{Arrival, Arrivals};
use crate::fate::{LONGEST_CALL, RESULT_GRACE, changed};
use crate::folders::{Folders, key_of};
use crate::spool::Spool;

/// inotify says nothing over NFS and forgets when its queue is full; looking now and then repairs both.
const SCAN_EVERY: Duration = Duration::from_secs(30);

/// How much older than the last look a file may be and still count: clocks of files tick coarsely, and a file may be
/// written a moment after its name appeared.
const SCAN_OVERLAP: Duration = Duration::from_secs(5);

/// An archived file alone is told after this long: until then the hangup handler may tell more.
const ARCHIVED_AFTER: Duration = RESULT_GRACE.saturating_add(Duration::from_millis(50));

/// Once told, an attempt is not told again for this long: result and archived file come together.
const QUIET: Duration = Duration::from_secs(3);

/// News that wait to be taken; beyond it the kernel's queue fills, and beyond that a scan finds them.
const BACKLOG: usize = 1_024;

/// Starts telling which attempts have news in `outgoing_done/` or `results/`: first those of the last hour, then as
/// they come. An attempt can be told more than once, and one of another process' jobs too. Ends when `stop` is
/// cancelled or the receiver is dropped.
pub fn watch(spool: &Spool, stop: CancellationToken) -> mpsc::Receiver<Key> {
    let (news, receiver) = mpsc::channel(BACKLOG);
    let teller = Teller { news, told: HashMap::new(), archived: VecDeque::new() };
    let folders = spool.inner.folders.clone();
    tokio::spawn(async move {
        let ended = stop.run_until_cancelled(teller.run(folders)).await;
        tracing::debug!(receiver_gone = ended.is_some(), "no longer watching for call results");
    });
    receiver
}

/// The receiver is gone.
struct Gone;

struct Teller {
    news: mpsc::Sender<Key>,
    /// When each was told; of the last few seconds only.
    told: HashMap<Key, Instant>,
    /// Archived files in the order of their arrival.
    archived: VecDeque<(Instant, Key)>,
}

impl Teller {
    async fn run(mut self, folders: Folders) -> Result<(), Gone> {
        let watched: [&Path; 2] = [&folders.results, &folders.done];
        let arrivals = Arrivals::watch(&watched)
            .inspect_err(|error| tracing::warn!(%error, "no inotify: call results are looked for every 30 s"))
            .ok();
        let mut scans = interval(SCAN_EVERY);
        scans.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut since = clock::now() - LONGEST_CALL;
        loop {
            let next_archived = self.archived.front().map(|(at, _)| *at);
            tokio::select! {
                news = next(arrivals.as_ref()) => {
                    for arrival in news {
                        match arrival {
                            Arrival::File(0, name) => self.tell(key_of(&name)).await?,
                            Arrival::File(_, name) => self.tell_later(key_of(&name)),
                            Arrival::Missed => scans.reset_immediately(),
                        }
                    }
                }
                () = sleep_until(next_archived.unwrap_or_else(Instant::now)), if next_archived.is_some() => {
                    let key = self.archived.pop_front().map(|(_, key)| key);
                    self.tell(key).await?;
                }
                _ = scans.tick() => {
                    let begun = clock::now();
                    for key in scan(&folders, since).await {
                        self.tell(Some(key)).await?;
                    }
                    since = begun - SCAN_OVERLAP;
                    self.told.retain(|_, at| at.elapsed() < QUIET);
                }
            }
        }
    }

    async fn tell(&mut self, key: Option<Key>) -> Result<(), Gone> {
        let Some(key) = key else { return Ok(()) };
        let now = Instant::now();
        if self.told.insert(key, now).is_some_and(|at| now - at < QUIET) {
            return Ok(());
        }
        self.news.send(key).await.map_err(|_| Gone)
    }

    fn tell_later(&mut self, key: Option<Key>) {
        let recent = |key: &Key| self.told.get(key).is_some_and(|at| at.elapsed() < QUIET);
        if let Some(key) = key.filter(|key| !recent(key)) {
            self.archived.push_back((Instant::now() + ARCHIVED_AFTER, key));
        }
    }
}

/// Never returns without news.
async fn next(arrivals: Option<&Arrivals>) -> Vec<Arrival> {
    match arrivals {
        None => std::future::pending().await,
        Some(arrivals) => match arrivals.next().await {
            Ok(news) => news,
            Err(error) => {
                tracing::warn!(%error, "inotify failed: call results are looked for every 30 s");
                std::future::pending().await
            }
        },
    }
}

async fn scan(folders: &Folders, since: Timestamp) -> Vec<Key> {
    let folders = folders.clone();
    let scanned = tokio::task::spawn_blocking(move || {
        [&folders.results, &folders.done].into_iter().flat_map(|folder| recent(folder, since)).collect()
    });
    scanned.await.unwrap_or_default()
}

/// Attempts whose files changed since then. A folder in which no name changed is not looked through.
fn recent(folder: &Path, since: Timestamp) -> Vec<Key> {
    let fresh = |meta: fs::Metadata| changed(&meta) >= since;
    if !fs::metadata(folder).is_ok_and(fresh) {
        return Vec::new();
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let keyed = entries.filter_map(|entry| Some((key_of(&entry.file_name())?, entry)));
    keyed.filter(|(_, entry)| entry.metadata().is_ok_and(fresh)).map(|(key, _)| key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(attempt: u16) -> Key {
        Key { attempt, ..("0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1".parse().unwrap()) }
    }

    async fn told(news: &mut mpsc::Receiver<Key>) -> Key {
        tokio::time::timeout(Duration::from_secs(20), news.recv()).await.expect("no news").expect("ended")
    }

    #[tokio::test]
    async fn results_archived_files_and_older_news_are_told_once() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path()).unwrap();
        let folders = spool.inner.folders.clone();
        fs::write(folders.result_of(key(1)), "before the start").unwrap();
        let stop = CancellationToken::new();
        let mut news = watch(&spool, stop.clone());
        assert_eq!(told(&mut news).await, key(1));

        fs::write(folders.result_of(key(2)), "x").unwrap();
        assert_eq!(told(&mut news).await, key(2));
        // The archived file of an attempt that was told is no news; that of another is.
        fs::write(folders.done_of(key(2)), "x").unwrap();
        fs::write(folders.done.join("note.txt"), "x").unwrap();
        fs::write(folders.staging.join("f"), "x").unwrap();
        fs::rename(folders.staging.join("f"), folders.done_of(key(3))).unwrap();
        assert_eq!(told(&mut news).await, key(3));

        stop.cancel();
        assert_eq!(tokio::time::timeout(Duration::from_secs(20), news.recv()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_scan_finds_what_changed_since() {
        let dir = tempfile::tempdir().unwrap();
        let folders = Folders::open(dir.path(), None).unwrap();
        fs::write(folders.done_of(key(1)), "x").unwrap();
        fs::write(folders.result_of(key(2)), "x").unwrap();
        let now = clock::now();
        let mut found = scan(&folders, now - SCAN_OVERLAP).await;
        found.sort();
        assert_eq!(found, [key(1), key(2)]);
        assert_eq!(scan(&folders, now + SCAN_OVERLAP).await, []);
    }
}
