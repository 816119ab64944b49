//! The feed, as those who use it see it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pregon_core::Key;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::calls::{Board, Call};
use super::settings::AmiUrl;
use super::teller::Teller;

/// Changes that wait for a slow watcher; beyond it the watcher is told that it missed some.
const BACKLOG: usize = 1_024;

/// Calls that wait to be hung up.
const ORDERS: usize = 16;

/// How fast things are tried, and how long they may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tempo {
    /// Pause after the first failure; doubled after each further one.
    pub(super) first_pause: Duration,
    /// Longest pause. Also the pause after a refusal: that heals by somebody's hand.
    pub(super) longest_pause: Duration,
    /// How often a ping goes out. Silence from one to the next means that the connection is lost.
    pub(super) ping_every: Duration,
    /// How long Asterisk may take to answer. It takes one second to refuse a login.
    pub(super) patience: Duration,
}

impl Tempo {
    const USUAL: Self = Self {
        first_pause: Duration::from_millis(250),
        longest_pause: Duration::from_secs(10),
        ping_every: Duration::from_secs(15),
        patience: Duration::from_secs(5),
    };
}

/// What became of the wish to hang up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangUp {
    /// Asterisk ends the call now. Its outcome comes as ever; the cause in it is 16.
    Done,
    /// There is no such call: not yet dialled, or over.
    NoCall,
}

/// Why it is not known whether a call was hung up.
#[derive(Debug, thiserror::Error)]
pub enum AmiError {
    /// There is no connection to Asterisk right now. Nothing was sent.
    #[error("there is no connection to Asterisk's manager interface")]
    NotConnected,
    /// Asterisk did not do it.
    #[error("Asterisk refuses to hang up: {0}")]
    Refused(String),
    /// Asterisk may have done it. Asking again does no harm.
    #[error("Asterisk did not answer")]
    Unanswered,
}

/// A wish to hang up.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) key: Key,
    pub(super) reply: oneshot::Sender<Result<HangUp, AmiError>>,
}

/// What is known.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) connected: bool,
    pub(super) board: Board,
}

/// What is going on right now, as a handle: clones are cheap and share one connection.
#[derive(Clone, Debug)]
pub struct Feed {
    state: Arc<Mutex<State>>,
    /// Weak, so that watchers learn of the end.
    news: broadcast::WeakSender<Call>,
    orders: mpsc::Sender<Order>,
    patience: Duration,
}

impl Feed {
    /// Connects in the background, and again whenever the connection is lost, until `stop` is cancelled or the last
    /// handle is dropped. Needs a running tokio.
    pub fn start(url: AmiUrl, stop: CancellationToken) -> Self {
        Self::start_with(url, stop, Tempo::USUAL)
    }

    pub(super) fn start_with(url: AmiUrl, stop: CancellationToken, tempo: Tempo) -> Self {
        if !url.is_local() {
            tracing::warn!(
                asterisk = url.address(),
                "the secret in ASTERISK_AMI_URL goes over the network unencrypted"
            );
        }
        let (news, _) = broadcast::channel(BACKLOG);
        let (orders, taken) = mpsc::channel(ORDERS);
        let state = Arc::new(Mutex::new(State::default()));
        let feed =
            Self { state: Arc::clone(&state), news: news.downgrade(), orders, patience: tempo.patience };
        let teller = Teller::new(url, tempo, Arc::clone(&state), news);
        tokio::spawn(async move {
            let ended = stop.run_until_cancelled(teller.run(taken)).await;
            lock(&state).connected = false;
            tracing::debug!(handles_gone = ended.is_some(), "no longer following calls live");
        });
        feed
    }

    /// Every change from now on, of calls of all workers. Receiving is cancel-safe. A receiver that falls far behind
    /// is told so by an error; [`Feed::calls`] then has the present. It ends with the feed.
    pub fn watch(&self) -> broadcast::Receiver<Call> {
        self.news.upgrade().map_or_else(|| broadcast::channel(1).1, |news| news.subscribe())
    }

    /// The calls that are going on, oldest job first. Empty while there is no connection: nobody knows then.
    pub fn calls(&self) -> Vec<Call> {
        let state = lock(&self.state);
        if state.connected { state.board.calls() } else { Vec::new() }
    }

    /// Whether the feed is connected and knows of every call.
    pub fn connected(&self) -> bool {
        lock(&self.state).connected
    }

    /// Ends a call, ringing or answered. Returns when Asterisk has answered, or after some seconds. Does nothing about
    /// further attempts of the job: note *before* hanging up that no more are wanted, because the outcome of a call that
    /// was cut while it rang looks like no answer. Cancelling leaves open whether the call was hung up; asking again
    /// does no harm.
    pub async fn hang_up(&self, key: Key) -> Result<HangUp, AmiError> {
        if !self.connected() {
            return Err(AmiError::NotConnected);
        }
        let (reply, answer) = oneshot::channel();
        let asked = async {
            self.orders.send(Order { key, reply }).await.map_err(|_| AmiError::NotConnected)?;
            // Dropped unanswered: the connection was lost after it was sent.
            answer.await.unwrap_or(Err(AmiError::Unanswered))
        };
        timeout(self.patience, asked).await.unwrap_or(Err(AmiError::Unanswered))
    }
}

/// No code panics while it holds the lock; if it did, the state would still be whole.
pub(super) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
