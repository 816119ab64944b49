//! A station: what is announced and played next, and what became of it.

mod announcement;
mod conductor;
mod item;
mod news;
mod on_air;
mod ready;
mod told;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use tokio::sync::{broadcast, oneshot};

pub use announcement::{Announcement, Chime, Mode, OverLive, Refused};
pub use news::{Airing, Ended, News, NowPlaying, Played, Queued, Snapshot, Ticket, Waiting};
pub use on_air::{OnAir, Plan};

use crate::air::{Meters, Readings};
use crate::feed::Cut;
use conductor::{Request, Taken};
use item::Kind;
use ready::Opener;

/// Where the tracks of a station come from when nothing else is to be heard.
pub trait Programme: Send {
    /// The next track, opened. Called on a thread of its own, always one track ahead; may block on files. `None`
    /// means that there is nothing to play now, and asks to be called again after a second.
    fn next(&mut self) -> Option<Cut>;
}

/// How long to wait before a conductor with a full desk is asked again.
const BUSY: Duration = Duration::from_millis(1);

/// Most times that an announcement is said.
const MOST_REPEATS: u8 = 10;

/// The handle of a station; clones are the same station.
#[derive(Clone)]
pub struct Station(Arc<Inner>);

struct Inner {
    name: Arc<str>,
    door: SyncSender<Request>,
    news: broadcast::Sender<News>,
    meters: Arc<Meters>,
    opener: Opener,
    tickets: Arc<AtomicU64>,
}

impl std::fmt::Debug for Station {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Station").field(&self.0.name).finish()
    }
}

impl Station {
    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        &self.0.name
    }

    /// Takes an announcement once its file is open and its first frames are decoded. What is accepted ends in exactly
    /// one [`Airing::Ended`] while the station is open. A dropped call may still be accepted: give a key to be able
    /// to tell.
    pub async fn announce(&self, announcement: Announcement) -> Result<Ticket, Refused> {
        if !(1..=MOST_REPEATS).contains(&announcement.repeat) {
            return Err(Refused::Invalid("repeat is from 1 to 10"));
        }
        let ticket = self.ticket();
        let opener = self.0.opener.clone();
        self.take(move || {
            let (ready, facts) = opener.announcement(ticket, &announcement)?;
            Ok(Taken { ticket, kind: Kind::Announcement(Box::new(announcement)), ready, facts })
        })
        .await
    }

    /// Takes back an announcement or a queued file that has not begun; it ends as skipped. False when it has begun,
    /// or is not known.
    pub async fn withdraw(&self, ticket: Ticket) -> bool {
        self.ask(|reply| Request::Withdraw(ticket, reply)).await.unwrap_or(false)
    }

    /// Puts a file at the end of the user queue; it is opened and checked first. It plays once. The playlist keeps its
    /// place meanwhile.
    pub async fn enqueue(&self, path: PathBuf) -> Result<Ticket, Refused> {
        let ticket = self.ticket();
        let opener = self.0.opener.clone();
        self.take(move || {
            let (ready, facts) = opener.queued(ticket, &path)?;
            Ok(Taken { ticket, kind: Kind::Queued, ready, facts })
        })
        .await
    }

    /// Ends the track on air (user queue or playlist); the next one follows. False when there is none.
    pub async fn skip(&self) -> bool {
        self.ask(Request::Skip).await.unwrap_or(false)
    }

    /// Ends the announcement on air. False when there is none.
    pub async fn hush(&self) -> bool {
        self.ask(Request::Hush).await.unwrap_or(false)
    }

    /// What is going on. `None` when the station has closed.
    pub async fn snapshot(&self) -> Option<Snapshot> {
        self.ask(Request::Look).await
    }

    /// What was on air lately, newest first: up to 200.
    pub async fn history(&self) -> Vec<Played> {
        self.ask(Request::History).await.unwrap_or_default()
    }

    /// Events from now on.
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.0.news.subscribe()
    }

    /// Levels and counters of the air thread, without asking anybody.
    pub fn readings(&self) -> Readings {
        self.0.meters.readings()
    }

    fn ticket(&self) -> Ticket {
        Ticket(self.0.tickets.fetch_add(1, Ordering::Relaxed))
    }

    /// Opens something where it may block, and hands it to the conductor.
    async fn take(
        &self,
        open: impl FnOnce() -> Result<Taken, Refused> + Send + 'static,
    ) -> Result<Ticket, Refused> {
        let opened = tokio::task::spawn_blocking(open).await.map_err(|_| Refused::Closed)??;
        self.ask(|reply| Request::Take(Box::new(opened), reply)).await.unwrap_or(Err(Refused::Closed))
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let mut request = request(reply);
        while let Err(full) = conductor::send(&self.0.door, request) {
            request = full?;
            tokio::time::sleep(BUSY).await;
        }
        answer.await.ok()
    }
}
