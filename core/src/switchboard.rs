//! The telephone as it is right now: the trait in front of whoever can tell, and the lever that ends a call.

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use crate::id::Key;
use crate::time::Timestamp;

/// How far a call is that goes on. Later phases are greater; a call never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// It was sent out.
    Dialling,
    /// The other side says that it rings.
    Ringing,
    /// Somebody, or something, picked up.
    Answered,
}

impl Phase {
    /// All of them, in the order of a call.
    pub const ALL: [Self; 3] = [Self::Dialling, Self::Ringing, Self::Answered];

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dialling => "dialling",
            Self::Ringing => "ringing",
            Self::Answered => "answered",
        }
    }
}

/// A call that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveCall {
    /// The attempt.
    pub key: Key,
    /// How far it is.
    pub phase: Phase,
    /// When it was first seen in this phase.
    pub since: Timestamp,
}

/// A call that began, went on, or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallNews {
    /// The attempt.
    pub key: Key,
    /// How far it is; `None` when it is over. How it ended is not told here: that is the outcome's to say.
    pub phase: Option<Phase>,
    /// Since when.
    pub since: Timestamp,
}

/// What became of the wish to hang up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HungUp {
    /// The call ends now; its outcome comes as ever.
    Done,
    /// There is no such call: not yet dialled, or over.
    NoCall,
}

/// Why it is not known whether a call was hung up. Asking again does no harm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHungUp {
    /// Nobody can be told to: there is no connection. Nothing was done.
    #[error("there is no connection to the telephone system")]
    NotConnected,
    /// It was told to, and did not say that it did.
    #[error("the telephone system did not hang up: {0}")]
    Failed(String),
}

/// Follows the calls that go on, and ends them. A view and a lever, never needed for correctness: outcomes come from
/// the [`Dispatcher`](crate::Dispatcher) alone.
#[async_trait]
pub trait Switchboard: Send + Sync + 'static {
    /// Whether it knows of every call right now. Else it knows of none.
    fn connected(&self) -> bool;

    /// The calls that go on, oldest job first; none while not connected.
    fn calls(&self) -> Vec<LiveCall>;

    /// The call of one attempt, if it goes on.
    fn call(&self, key: Key) -> Option<LiveCall> {
        self.calls().into_iter().find(|call| call.key == key)
    }

    /// All changes from now on, of calls of all workers. Slow readers miss some. It ends with the switchboard. That the
    /// connection was lost is not told; what ended meanwhile is, once it is back.
    fn watch(&self) -> BoxStream<'static, CallNews>;

    /// Ends a call, ringing or answered; takes some seconds at most. Does nothing about further attempts of the job:
    /// [`Desk::hang_up`](crate::Desk::hang_up) sees to those first. Cancelling leaves open whether it was hung up.
    async fn hang_up(&self, key: Key) -> Result<HungUp, NotHungUp>;
}
