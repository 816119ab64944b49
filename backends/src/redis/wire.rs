//! The connection: one, shared and pipelined, replaced as soon as it fails.
//!
//! Not redis's own `ConnectionManager` (1.8.1): that one keeps a connection whose answers time out, and remembers a
//! refused login or a full server for ever, so a process would need a restart where waiting is enough.

use std::time::{Duration, Instant};

use pregon_core::StoreError;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, ErrorKind, FromRedisValue, RedisError, ScriptInvocation};
use tokio::sync::Mutex;

/// An answer that takes longer counts as a broken connection. The longest script runs a few milliseconds.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// After a failed attempt to connect, callers are told so for this long without another attempt: otherwise a crowd of
/// them would queue up, each for a time-out of its own.
const BREATHER: Duration = Duration::from_millis(200);

pub(super) struct Wire {
    client: Client,
    state: Mutex<Line>,
}

enum Line {
    /// The number tells a new connection from the one that a late failure speaks of.
    Up(MultiplexedConnection, u64),
    Down(u64, Option<(Instant, String)>),
}

impl Wire {
    pub(super) fn new(client: Client) -> Self {
        Self { client, state: Mutex::new(Line::Down(0, None)) }
    }

    /// A wire to the same server, with a connection of its own.
    pub(super) fn another(&self) -> Self {
        Self::new(self.client.clone())
    }

    async fn connection(&self) -> Result<(MultiplexedConnection, u64), StoreError> {
        let mut line = self.state.lock().await;
        let epoch = match &*line {
            Line::Up(connection, epoch) => return Ok((connection.clone(), *epoch)),
            Line::Down(_, Some((since, why))) if since.elapsed() < BREATHER => {
                return Err(StoreError(why.clone()));
            }
            Line::Down(epoch, _) => epoch + 1,
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        match self.client.get_multiplexed_async_connection_with_config(&config).await {
            Ok(connection) => {
                *line = Line::Up(connection.clone(), epoch);
                Ok((connection, epoch))
            }
            Err(error) => {
                let error = unavailable(&error);
                *line = Line::Down(epoch, Some((Instant::now(), error.0.clone())));
                Err(error)
            }
        }
    }

    /// Runs `call` on the connection. A call that fails is not repeated: whether it happened is unknown.
    pub(super) async fn with<T>(
        &self,
        call: impl AsyncFnOnce(&mut MultiplexedConnection) -> Result<T, RedisError>,
    ) -> Result<T, StoreError> {
        self.attempt(call).await?.map_err(|error| unavailable(&error))
    }

    /// As [`Wire::with`], but what the server itself refuses comes back as the inner error.
    pub(super) async fn attempt<T>(
        &self,
        call: impl AsyncFnOnce(&mut MultiplexedConnection) -> Result<T, RedisError>,
    ) -> Result<Result<T, RedisError>, StoreError> {
        let (mut connection, epoch) = self.connection().await?;
        let error = match call(&mut connection).await {
            Ok(value) => return Ok(Ok(value)),
            Err(error) => error,
        };
        if matches!(
            error.kind(),
            ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::UnexpectedReturnType
        ) {
            return Ok(Err(error));
        }
        let mut line = self.state.lock().await;
        if matches!(&*line, Line::Up(_, now) if *now == epoch) {
            *line = Line::Down(epoch, None);
        }
        Err(unavailable(&error))
    }

    /// Runs a script; its text travels only when the server does not know it yet.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        self.with(async |connection| script.invoke_async(connection).await).await
    }

    /// A connection of its own, for subscriptions.
    pub(super) async fn subscribe(&self, channel: &str) -> Result<redis::aio::PubSub, StoreError> {
        let open = async {
            let mut subscription = self.client.get_async_pubsub().await?;
            subscription.subscribe(channel).await?;
            Ok::<_, RedisError>(subscription)
        };
        match tokio::time::timeout(CONNECT_TIMEOUT, open).await {
            Ok(opened) => opened.map_err(|error| unavailable(&error)),
            Err(_) => Err(StoreError("Redis does not answer".to_owned())),
        }
    }

    /// Whether it answers at all.
    pub(super) async fn ping(&self) -> Result<(), StoreError> {
        self.with(async |connection| connection.req_packed_command(&redis::cmd("PING")).await.map(drop)).await
    }
}

/// redis's errors name addresses and reasons, never passwords.
pub(super) fn unavailable(error: &RedisError) -> StoreError {
    StoreError(format!("Redis: {error}"))
}
