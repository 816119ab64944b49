//! A connection that is replaced when it fails.
//!
//! lapin's own auto-recovery stays off. It gives up after a number of attempts, does not know of queues that vanished,
//! leaves closed channels closed, and a consumer is not told that its deliveries belong to somebody else by now: all
//! of that would have to be handled here anyway, so here is the only place.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Channel, Connection, ConnectionProperties};
use pregon_core::QueueError;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};
use tracing::info;

use super::topology::{Names, declare};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// For a request that the broker answers at once.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// A dozen quorum queues, each of them an election, on a busy machine.
const DECLARE_TIMEOUT: Duration = Duration::from_secs(10);

/// After a failed attempt to connect, callers are told so for this long without another attempt: otherwise a crowd of
/// them would queue up, each for a time-out of its own.
const BREATHER: Duration = Duration::from_millis(200);

/// Before a deleted queue comes back, its consumers should hear that it was deleted: the broker subscribes those that
/// did not to the new one, which ends badly (see [`Tap::examine`](super::tap::Tap::examine)).
const MOURNING: Duration = Duration::from_millis(200);

/// Half-open connections are noticed after two of these. The broker's own default is a minute.
const HEARTBEAT_SECONDS: u16 = 10;

/// lapin keeps two buffers of 32 frames per connection; the usual 128 KiB frames would make that 8 MiB.
const FRAME_MAX: u32 = 32 * 1024;

pub(super) struct Link {
    uri: AMQPUri,
    /// What the connection is for, as the broker's operator sees it.
    purpose: &'static str,
    names: Names,
    state: Mutex<State>,
}

enum State {
    Up { connection: Arc<Connection>, declared: Instant },
    Down(Option<(Instant, QueueError)>),
}

/// Reads a broker URL.
pub(super) fn parse(url: &str) -> Result<AMQPUri, QueueError> {
    // The parser's own words may quote the URL, and with it the password.
    let shape =
        || QueueError("RABBITMQ_URL is not of the form amqp://user:password@host:port/vhost".to_owned());
    let mut uri: AMQPUri = url.parse().map_err(|_| shape())?;
    if uri.scheme == AMQPScheme::AMQPS {
        return Err(QueueError("RABBITMQ_URL asks for TLS (amqps), which is not built in".to_owned()));
    }
    uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
    uri.query.frame_max.get_or_insert(FRAME_MAX);
    Ok(uri)
}

impl Link {
    pub(super) fn new(uri: AMQPUri, purpose: &'static str, names: Names) -> Self {
        Self { uri, purpose, names, state: Mutex::new(State::Down(None)) }
    }

    /// The connection; a new one, on which everything is declared, when there is none that works.
    pub(super) async fn connection(&self) -> Result<Arc<Connection>, QueueError> {
        let mut state = self.state.lock().await;
        match &*state {
            State::Up { connection, .. } if connection.status().connected() => {
                return Ok(Arc::clone(connection));
            }
            State::Down(Some((since, error))) if since.elapsed() < BREATHER => return Err(error.clone()),
            State::Up { .. } | State::Down(_) => {}
        }
        let declared = Instant::now();
        match self.establish().await {
            Ok(connection) => {
                *state = State::Up { connection: Arc::clone(&connection), declared };
                Ok(connection)
            }
            Err(error) => {
                *state = State::Down(Some((Instant::now(), error.clone())));
                Err(error)
            }
        }
    }

    async fn establish(&self) -> Result<Arc<Connection>, QueueError> {
        let properties = ConnectionProperties::default().with_connection_name(self.purpose.into());
        let connecting = Connection::connect_uri(self.uri.clone(), properties);
        let connection = answered(timeout(CONNECT_TIMEOUT, connecting).await)?;
        self.declare_on(&connection).await?;
        info!(purpose = self.purpose, "connected to RabbitMQ");
        Ok(Arc::new(connection))
    }

    async fn declare_on(&self, connection: &Connection) -> Result<(), QueueError> {
        let channel = answered(timeout(ANSWER_TIMEOUT, connection.create_channel()).await)?;
        timeout(DECLARE_TIMEOUT, declare(&channel, &self.names)).await.map_err(|_| no_answer())?
    }

    /// Declares everything again, unless that was begun after `missed`, when something was found missing.
    pub(super) async fn redeclare(&self, missed: Instant) -> Result<(), QueueError> {
        sleep(MOURNING).await;
        let connection = self.connection().await?;
        let mut state = self.state.lock().await;
        match &mut *state {
            State::Up { declared, .. } if *declared > missed => Ok(()),
            State::Up { declared, .. } => {
                // Before it begins: a station that is named meanwhile may be left out.
                let begun = Instant::now();
                self.declare_on(&connection).await?;
                *declared = begun;
                Ok(())
            }
            State::Down(_) => Err(no_answer()),
        }
    }

    /// A new channel.
    pub(super) async fn channel(&self) -> Result<Channel, QueueError> {
        let connection = self.connection().await?;
        answered(timeout(ANSWER_TIMEOUT, connection.create_channel()).await)
    }
}

/// Closes a channel, which returns its unacknowledged messages at once.
pub(super) async fn close(channel: Channel) {
    // One that is closed already, or a broker that is away, has returned them by itself.
    drop(timeout(ANSWER_TIMEOUT, channel.close(200, "done".into())).await);
}

/// The outcome of a request with a time limit.
pub(super) fn answered<T>(
    result: Result<lapin::Result<T>, tokio::time::error::Elapsed>,
) -> Result<T, QueueError> {
    result.map_err(|_| no_answer())?.map_err(|error| unavailable(&error))
}

pub(super) fn no_answer() -> QueueError {
    QueueError("RabbitMQ does not answer".to_owned())
}

pub(super) fn unavailable(error: &lapin::Error) -> QueueError {
    QueueError(format!("RabbitMQ: {error}"))
}
