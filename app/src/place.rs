//! Where queue and state live, and opening them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use pregon_backends::rabbitmq::RabbitQueue;
use pregon_backends::redis::RedisStore;
use pregon_backends::sqlite::Sqlite;
use pregon_core::{AirQueue, Desk, EngineBook};

use crate::cli::Common;
use crate::wire::Misconfigured;

/// A service that is away at the start gets this long to appear: containers start in any order.
const PATIENCE: Duration = Duration::from_secs(30);

/// Queue and state, ready.
pub(crate) struct Opened {
    /// Jobs.
    pub(crate) desk: Desk,
    /// Announcements on their way to stations.
    pub(crate) air: Arc<dyn AirQueue>,
    /// What all workers know of the voice engines.
    pub(crate) book: Arc<dyn EngineBook>,
}

/// Where queue and state live.
pub(crate) enum Place {
    /// One SQLite file.
    Embedded(PathBuf),
    /// RabbitMQ and Redis.
    Distributed {
        /// AMQP address.
        rabbitmq: String,
        /// Redis address.
        redis: String,
    },
}

impl Place {
    /// Decides by the two settings: both or neither.
    pub(crate) fn of(common: &Common) -> Result<Self, Misconfigured> {
        let set = |s: &Option<pregon_core::Secret>| {
            s.as_ref().map(|s| s.reveal().to_owned()).filter(|s| !s.is_empty())
        };
        match (set(&common.rabbitmq_url), set(&common.redis_url)) {
            (None, None) => Ok(Self::Embedded(common.data_dir.join("pregon.db"))),
            (Some(rabbitmq), Some(redis)) => Ok(Self::Distributed { rabbitmq, redis }),
            (Some(_), None) => Err(only("RABBITMQ_URL", "REDIS_URL")),
            (None, Some(_)) => Err(only("REDIS_URL", "RABBITMQ_URL")),
        }
    }

    /// Opens queue and store, waiting a while for services that are still starting.
    pub(crate) async fn open(&self, prefix: &str, patience: Duration) -> anyhow::Result<Opened> {
        match self {
            Self::Embedded(path) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder)
                        .with_context(|| format!("the data folder {} cannot be made", folder.display()))?;
                }
                let sqlite =
                    Sqlite::open(path).await.with_context(|| format!("{} cannot be used", path.display()))?;
                let both = Arc::new(sqlite);
                Ok(Opened {
                    desk: Desk::over_one(Arc::clone(&both)),
                    air: Arc::clone(&both) as _,
                    book: both,
                })
            }
            Self::Distributed { rabbitmq, redis } => {
                let store =
                    patiently(patience, "Redis (REDIS_URL)", || RedisStore::connect(redis, prefix)).await?;
                let queue =
                    patiently(patience, "RabbitMQ (RABBITMQ_URL)", || RabbitQueue::connect(rabbitmq, prefix))
                        .await?;
                let (store, queue) = (Arc::new(store), Arc::new(queue));
                let desk = Desk::new(Arc::clone(&store) as _, Arc::clone(&queue) as _);
                Ok(Opened { desk, air: queue, book: store })
            }
        }
    }
}

fn only(one: &str, other: &str) -> Misconfigured {
    Misconfigured(format!("{one} is set and {other} is not: set both, or neither for the embedded SQLite"))
}

async fn patiently<T, E, F>(
    patience: Duration,
    what: &str,
    mut connect: impl FnMut() -> F,
) -> anyhow::Result<T>
where
    E: std::error::Error + Send + Sync + 'static,
    F: Future<Output = Result<T, E>>,
{
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        match connect().await {
            Ok(connected) => return Ok(connected),
            Err(error) if tokio::time::Instant::now() >= deadline => {
                return Err(anyhow::Error::new(error).context(format!("{what} cannot be reached")));
            }
            Err(error) => tracing::warn!("waiting for {what}: {error}"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Opens what the settings name, and says in the log what is doubtful about it.
pub(crate) async fn connect(common: &Common) -> anyhow::Result<Opened> {
    let place = Place::of(common)?;
    let opened = place.open(&common.queue_prefix, PATIENCE).await?;
    for warning in opened.desk.store().check().await.unwrap_or_default() {
        tracing::warn!("{warning}");
    }
    Ok(opened)
}
