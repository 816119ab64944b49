//! One stream, many listeners.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use pregon_audio::{AIR_RATE, Origin};
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::codec::Piece;

/// How far a listener may fall behind before it is dropped: 6 to 13 s of sound, more than any network hiccup that a
/// player survives. The pages are shared, so this costs memory once and not for each listener.
const PAGES_BEHIND: usize = 128;

/// The most that a listener can be given at once when it joins.
pub(super) const LONGEST_BURST: Duration = Duration::from_secs(10);

/// Gives the pieces of one encoder to everybody who listens. Nobody waits for anybody: the encoder never, and a
/// listener that reads too slowly is dropped.
#[derive(Debug)]
pub struct Hub {
    headers: Bytes,
    /// What a listener gets at once when it joins and does not ask for more or less.
    burst: Duration,
    shelf: Mutex<Shelf>,
    audience: Mutex<Audience>,
}

/// What the next listener begins with.
#[derive(Debug)]
struct Shelf {
    recent: VecDeque<Arc<Piece>>,
    /// `None` once the stream has ended.
    live: Option<broadcast::Sender<Arc<Piece>>>,
}

#[derive(Debug, Default)]
struct Audience {
    since: BTreeMap<u64, Instant>,
    joined: u64,
    peak: usize,
    dropped: u64,
    heard: Duration,
}

/// Who listens, and who has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Listening {
    /// Listeners now.
    pub now: usize,
    /// Most listeners at once since the start.
    pub peak: usize,
    /// Listeners since the start.
    pub joined: u64,
    /// Of these, dropped because they read too slowly.
    pub dropped: u64,
    /// Seconds listened by all of them together.
    pub seconds: f64,
    /// Seconds that the most patient one of now has listened.
    pub longest_seconds: f64,
}

impl Hub {
    /// A stream that begins with `headers`; whoever joins is given `burst` of what was just heard.
    pub fn new(headers: &[u8], burst: Duration) -> Arc<Self> {
        let live = Some(broadcast::Sender::new(PAGES_BEHIND));
        let shelf = Mutex::new(Shelf { recent: VecDeque::new(), live });
        Arc::new(Self { headers: Bytes::copy_from_slice(headers), burst, shelf, audience: Mutex::default() })
    }

    /// Sends a piece to everybody. Returns at once.
    pub fn publish(&self, piece: Piece) {
        let piece = Arc::new(piece);
        let mut latest = lock(&self.shelf);
        latest.recent.push_back(Arc::clone(&piece));
        let mut kept: u64 = latest.recent.iter().map(|piece| piece.frames()).sum();
        while let Some(oldest) = latest.recent.front().map(|piece| piece.frames()) {
            if kept <= frames(LONGEST_BURST) {
                break;
            }
            kept -= oldest;
            latest.recent.pop_front();
        }
        if let Some(live) = &latest.live {
            // An error means that nobody listens.
            live.send(piece).ok();
        }
    }

    /// Ends the stream for everybody, after what has been published.
    pub fn close(&self) {
        lock(&self.shelf).live = None;
    }

    /// Somebody who begins with the headers and a little of what was just heard: `burst` of it, or as much as the stream
    /// gives everybody. It is never more than 10 s, nor more than was heard since the start.
    pub fn listen(self: &Arc<Self>, burst: Option<Duration>) -> Listener {
        let mut audience = lock(&self.audience);
        let number = audience.joined;
        audience.joined += 1;
        audience.since.insert(number, Instant::now());
        audience.peak = audience.peak.max(audience.since.len());
        drop(audience);
        self.follow(burst.unwrap_or(self.burst), Some(Seat { hub: Arc::clone(self), number }))
    }

    /// A server that passes the stream on: begins at the live edge and does not count as a listener.
    pub fn relay(&self) -> Listener {
        self.follow(Duration::ZERO, None)
    }

    fn follow(&self, burst: Duration, seat: Option<Seat>) -> Listener {
        let latest = lock(&self.shelf);
        let mut given = 0;
        let fits = latest.recent.iter().rev().take_while(|piece| {
            given += piece.frames();
            given <= frames(burst)
        });
        let recent = latest.recent.iter().skip(latest.recent.len() - fits.count());
        let (mut first, mut origin) = (self.headers.to_vec(), None);
        for piece in recent {
            first.extend(piece.since(&mut origin));
        }
        let pages = latest.live.as_ref().map(broadcast::Sender::subscribe);
        Listener {
            first: pages.is_some().then(|| first.into()).filter(|first: &Bytes| !first.is_empty()),
            origin,
            pages,
            seat,
        }
    }

    /// Who listens.
    pub fn listening(&self) -> Listening {
        let audience = lock(&self.audience);
        let spans = audience.since.values().map(Instant::elapsed);
        let longest = spans.clone().max().unwrap_or_default();
        Listening {
            now: audience.since.len(),
            peak: audience.peak,
            joined: audience.joined,
            dropped: audience.dropped,
            seconds: (audience.heard + spans.sum::<Duration>()).as_secs_f64(),
            longest_seconds: longest.as_secs_f64(),
        }
    }
}

/// One listener. Dropping it leaves.
#[derive(Debug)]
pub struct Listener {
    first: Option<Bytes>,
    /// The page it began with; `None` until it has heard one.
    origin: Option<Origin>,
    pages: Option<broadcast::Receiver<Arc<Piece>>>,
    seat: Option<Seat>,
}

impl Listener {
    /// What to send next; `None` when the stream has ended or this listener is too far behind. Cancel-safe.
    pub async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        match self.pages.as_mut()?.recv().await {
            Ok(piece) => Some(piece.since(&mut self.origin)),
            Err(RecvError::Closed) => None,
            Err(RecvError::Lagged(_)) => {
                self.pages = None;
                if let Some(seat) = &self.seat {
                    lock(&seat.hub.audience).dropped += 1;
                }
                None
            }
        }
    }
}

/// A place in the audience.
#[derive(Debug)]
struct Seat {
    hub: Arc<Hub>,
    number: u64,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut audience = lock(&self.hub.audience);
        let Some(since) = audience.since.remove(&self.number) else { return };
        audience.heard += since.elapsed();
        tracing::debug!(
            seconds = since.elapsed().as_secs(),
            listeners = audience.since.len(),
            "a listener left"
        );
    }
}

fn frames(sound: Duration) -> u64 {
    u64::try_from(sound.as_millis()).unwrap_or(u64::MAX).saturating_mul(u64::from(AIR_RATE) / 1_000)
}

/// Nothing in here can be half done when a thread panics: every lock is held for a few statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
