//! Exchanges and queues: their names, their arguments, and how they come to be.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, ErrorKind, ExchangeKind};
use pregon_core::{DEAD, Lane, QueueError, RESULTS, StationName};

/// One rung of the delay ladder: a queue whose messages all wait the same time, because a queue expires at its head
/// only. What has waited goes back to its lane through the `tts` exchange.
pub(super) struct Level {
    pub(super) name: &'static str,
    pub(super) wait: Duration,
}

/// Longest first.
pub(super) const LADDER: [Level; 5] = [
    Level { name: "tts_delay_1h", wait: Duration::from_hours(1) },
    Level { name: "tts_delay_10m", wait: Duration::from_mins(10) },
    Level { name: "tts_delay_1m", wait: Duration::from_mins(1) },
    Level { name: "tts_delay_10s", wait: Duration::from_secs(10) },
    Level { name: "tts_delay_1s", wait: Duration::from_secs(1) },
];

/// The rung for a delay: the longest that does not last too long, or the shortest. `None` without a delay. The
/// consumer sends a message that arrives too early round again for the rest.
pub(super) fn level(delay: Duration) -> Option<&'static Level> {
    if delay.is_zero() {
        return None;
    }
    LADDER.iter().find(|level| level.wait <= delay).or(LADDER.last())
}

/// The results feed holds this many messages; older ones make room.
const RESULTS_LENGTH: i32 = 100_000;
const RESULTS_AGE: Duration = Duration::from_hours(7 * 24);

/// Quorum queues of RabbitMQ 4 drop a message after 20 returns. Ours may return as often as workers stop.
const NO_DELIVERY_LIMIT: i32 = 1_000_000_000;

/// Names under a prefix. Clones know the same stations.
#[derive(Clone)]
pub(super) struct Names {
    prefix: String,
    /// Those named so far, whose queues are to be there.
    stations: Arc<Mutex<BTreeSet<StationName>>>,
}

impl Names {
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), stations: Arc::default() }
    }

    /// The full name of a queue.
    pub(super) fn of(&self, name: &str) -> ShortString {
        format!("{}{name}", self.prefix).into()
    }

    /// The full name of a station's queue, which is declared with the others from now on.
    pub(super) fn air(&self, station: &StationName) -> ShortString {
        let mut stations = self.stations.lock().unwrap_or_else(PoisonError::into_inner);
        if !stations.contains(station) {
            stations.insert(station.clone());
        }
        self.of(&station.queue())
    }

    fn stations(&self) -> Vec<StationName> {
        self.stations.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// The direct exchange in front of all queues; routing key = queue name.
    pub(super) fn exchange(&self) -> ShortString {
        self.of("tts")
    }
}

/// Declares everything; what exists already stays as it is.
pub(super) async fn declare(channel: &Channel, names: &Names) -> Result<(), QueueError> {
    exchange(channel, names, "tts", ExchangeKind::Direct).await?;
    for lane in Lane::ALL {
        queue(channel, names, lane.queue(), lane_arguments()).await?;
    }
    for station in names.stations() {
        queue(channel, names, &station.queue(), air_arguments()).await?;
    }
    queue(channel, names, DEAD, lane_arguments()).await?;
    queue(channel, names, RESULTS, results_arguments()).await?;
    for level in &LADDER {
        // A fanout exchange each: the message keeps its lane as routing key for the way home.
        exchange(channel, names, level.name, ExchangeKind::Fanout).await?;
        queue(channel, names, level.name, level_arguments(names, level.wait)).await?;
        let name = names.of(level.name);
        channel
            .queue_bind(name.clone(), name, "".into(), QueueBindOptions::default(), FieldTable::default())
            .await
            .map_err(|e| refused(level.name, &e))?;
    }
    Ok(())
}

async fn exchange(
    channel: &Channel,
    names: &Names,
    name: &str,
    kind: ExchangeKind,
) -> Result<(), QueueError> {
    let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    channel
        .exchange_declare(names.of(name), kind, options, FieldTable::default())
        .await
        .map_err(|e| refused(&format!("exchange {}", names.of(name)), &e))
}

/// A durable queue, bound to the `tts` exchange by its own name unless it is a rung of the ladder.
async fn queue(
    channel: &Channel,
    names: &Names,
    name: &str,
    arguments: FieldTable,
) -> Result<(), QueueError> {
    let full = names.of(name);
    let explain = |e: lapin::Error| refused(&format!("queue {full}"), &e);
    channel.queue_declare(full.clone(), QueueDeclareOptions::durable(), arguments).await.map_err(explain)?;
    if LADDER.iter().any(|level| level.name == name) {
        return Ok(());
    }
    let (exchange, options) = (names.exchange(), QueueBindOptions::default());
    channel
        .queue_bind(full.clone(), exchange, full.clone(), options, FieldTable::default())
        .await
        .map_err(explain)
}

fn lane_arguments() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments.insert("x-delivery-limit".into(), NO_DELIVERY_LIMIT.into());
    arguments
}

/// A consumer gets nothing before the broker knows that the one before it is gone and what that one held is back.
/// Otherwise a station that returns quickly, after a crash of the broker above all, would get younger messages first.
fn air_arguments() -> FieldTable {
    let mut arguments = lane_arguments();
    arguments.insert("x-single-active-consumer".into(), true.into());
    arguments
}

fn level_arguments(names: &Names, wait: Duration) -> FieldTable {
    let mut arguments = lane_arguments();
    arguments.insert("x-message-ttl".into(), millis(wait));
    arguments
        .insert("x-dead-letter-exchange".into(), AMQPValue::LongString(names.exchange().as_str().into()));
    // Without these two, a message that expires while its lane is away would be lost.
    arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    arguments.insert("x-overflow".into(), text("reject-publish"));
    arguments
}

/// A classic queue: a copy for outside readers needs no replication, and the oldest may go.
fn results_arguments() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("classic"));
    arguments.insert("x-max-length".into(), RESULTS_LENGTH.into());
    arguments.insert("x-message-ttl".into(), millis(RESULTS_AGE));
    arguments.insert("x-overflow".into(), text("drop-head"));
    arguments
}

fn text(word: &str) -> AMQPValue {
    AMQPValue::LongString(word.into())
}

fn millis(span: Duration) -> AMQPValue {
    i32::try_from(span.as_millis()).unwrap_or(i32::MAX).into()
}

/// Names what could not be declared, and the way out where it is known.
fn refused(what: &str, error: &lapin::Error) -> QueueError {
    let differs = matches!(error.kind(), ErrorKind::ProtocolError(e)
        if matches!(e.kind(), AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED)));
    let way_out = if differs {
        "; it exists with other settings: drain and delete it, or set QUEUE_PREFIX to use names of our own"
    } else {
        ""
    };
    QueueError(format!("RabbitMQ did not declare the {what}: {error}{way_out}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_waits_on_the_longest_rung_that_is_not_too_long() {
        let name = |millis| level(Duration::from_millis(millis)).map(|level| level.name);
        assert_eq!(name(0), None);
        assert_eq!(name(1), Some("tts_delay_1s"), "a second is the least");
        assert_eq!(name(9_999), Some("tts_delay_1s"));
        assert_eq!(name(10_000), Some("tts_delay_10s"));
        assert_eq!(name(61_000), Some("tts_delay_1m"));
        assert_eq!(name(3_599_999), Some("tts_delay_10m"));
        assert_eq!(name(30 * 24 * 3_600_000), Some("tts_delay_1h"));
    }
}
