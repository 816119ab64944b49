//! Looks into the music folder whenever something changes there.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use pregon_core::clock;

use super::folder::{self, SETTLING, Stamp};
use super::library::Shared;
use super::shelf::FolderState;

/// A look is taken when nothing has happened for this long, so that copying an album is one look and not hundreds.
const QUIET: Duration = Duration::from_millis(300);

/// It is not put off any longer than this, however busy the folder is.
const AT_LATEST: Duration = Duration::from_secs(3);

/// Network folders tell nothing of what others change in them.
const WITHOUT_NEWS: Duration = Duration::from_mins(1);

/// How often a folder that cannot be read is tried again.
const MISSING: Duration = Duration::from_secs(5);

/// A file that was written to and not closed is taken after this long all the same: its writer may have closed it
/// without our being told.
const STALLED: Duration = Duration::from_secs(30);

/// Changes that are noted and not looked at yet. More are dropped: a look is due already then.
const NEWS: usize = 1_024;

/// What is told by the system, or by whoever owns the thread.
#[derive(Debug)]
pub(super) enum Notice {
    /// Somebody writes to this file.
    Writing(PathBuf),
    /// This file was closed, renamed or removed.
    Done(PathBuf),
    /// Something else has changed.
    Changed,
    /// The thread is to end.
    Stop,
}

/// The looks into one folder. Belongs to a thread of its own.
pub(super) struct Watch {
    shared: Arc<Shared>,
    root: PathBuf,
    notices: Receiver<Notice>,
    sender: SyncSender<Notice>,
    /// The watcher, and which folder it watches: another one of the same name needs a new one.
    watcher: Option<(RecommendedWatcher, (u64, u64))>,
    writing: HashMap<PathBuf, Instant>,
}

impl Watch {
    /// Takes the first look.
    pub(super) fn begin(shared: Arc<Shared>, root: PathBuf) -> Self {
        let (sender, notices) = sync_channel(NEWS);
        let mut watch = Self { shared, root, notices, sender, watcher: None, writing: HashMap::new() };
        watch.look();
        watch
    }

    /// Where the thread is told to end.
    pub(super) fn sender(&self) -> SyncSender<Notice> {
        self.sender.clone()
    }

    /// Looks until told to end.
    pub(super) fn run(mut self) {
        let mut due = Instant::now() + self.pause();
        let mut first: Option<Instant> = None;
        loop {
            match self.notices.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(Notice::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(notice) => {
                    let now = Instant::now();
                    self.note(notice, now);
                    due = (now + QUIET).min(*first.get_or_insert(now) + AT_LATEST);
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.look();
                    first = None;
                    due = Instant::now() + self.pause();
                }
            }
            if self.shared.stopped() {
                return;
            }
        }
    }

    fn note(&mut self, notice: Notice, now: Instant) {
        match notice {
            // Only music counts: what else is written here may be many files.
            Notice::Writing(path) if folder::is_music(&path) => {
                self.writing.insert(path, now);
            }
            Notice::Done(path) => {
                self.writing.remove(&path);
            }
            Notice::Writing(_) | Notice::Changed | Notice::Stop => {}
        }
    }

    fn look(&mut self) {
        self.watch();
        let found = folder::scan(&self.root);
        let now = Instant::now();
        self.writing.retain(|_, since| now.duration_since(*since) < STALLED);
        let (present, writing) = (clock::now(), &self.writing);
        let whole = |path: &Path, stamp: Stamp| stamp.settled(present) && !writing.contains_key(path);
        self.shared.change(|shelf| shelf.stock(found, whole));
    }

    /// Has the system tell about changes. Where it cannot (too many folders, a file system that does not tell), there
    /// are the looks without news.
    fn watch(&mut self) {
        let Ok(metadata) = fs::metadata(&self.root) else {
            self.watcher = None;
            return;
        };
        let identity = (metadata.dev(), metadata.ino());
        if self.watcher.as_ref().is_some_and(|(_, of)| *of == identity) {
            return;
        }
        let sender = self.sender.clone();
        let watcher = notify::recommended_watcher(move |event| tell(&sender, event));
        let watching = watcher.and_then(|mut w| w.watch(&self.root, RecursiveMode::Recursive).map(|()| w));
        self.watcher = match watching {
            Ok(watcher) => Some((watcher, identity)),
            Err(error) => {
                tracing::warn!(%error, "the music folder is looked at once a minute: it cannot be watched");
                None
            }
        };
    }

    fn pause(&self) -> Duration {
        self.shared.read(|shelf| match shelf.state() {
            FolderState::Missing { .. } => MISSING,
            FolderState::NotSet | FolderState::Ready | FolderState::Empty if shelf.arriving() > 0 => SETTLING,
            FolderState::NotSet | FolderState::Ready | FolderState::Empty => WITHOUT_NEWS,
        })
    }
}

/// Passes on what matters of an event. Opening and reading does not: the station does that itself all the time.
fn tell(sender: &SyncSender<Notice>, event: notify::Result<notify::Event>) {
    let Ok(event) = event else { return };
    let notice: fn(PathBuf) -> Notice = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Remove(_)
        | EventKind::Modify(ModifyKind::Name(_)) => Notice::Done,
        EventKind::Modify(ModifyKind::Metadata(_)) => |_| Notice::Changed,
        EventKind::Create(_) | EventKind::Modify(_) => Notice::Writing,
        EventKind::Access(_) | EventKind::Any | EventKind::Other => return,
    };
    for path in event.paths {
        // Full: a look is due already.
        drop(sender.try_send(notice(path)));
    }
}
