//! What messages look like.

use std::time::Duration;

use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use pregon_core::{DEAD, DeadLetter, Job, Lane, QueueError, RESULTS, StationName, Timestamp, clock};

use super::publisher::Letter;
use super::topology::{Names, level};

/// When a delayed job's time comes, in milliseconds since the epoch.
const DUE_HEADER: &str = "x-pregon-due";
/// Where a set-aside message was found, without prefix.
const QUEUE_HEADER: &str = "x-pregon-queue";
/// Why it is no job.
const REASON_HEADER: &str = "x-pregon-reason";

/// Characters shown of a message that is no job.
const EXCERPT: usize = 500;

/// On disk, not only in memory.
const PERSISTENT: u8 = 2;

fn properties() -> BasicProperties {
    let seconds = u64::try_from(clock::now().millis() / 1_000).unwrap_or_default();
    BasicProperties::default().with_delivery_mode(PERSISTENT).with_timestamp(seconds)
}

fn job_letter(exchange: ShortString, key: ShortString, job: &Job) -> Result<Letter, QueueError> {
    let body =
        serde_json::to_vec(job).map_err(|e| QueueError(format!("job {} cannot be written: {e}", job.id)))?;
    let properties =
        properties().with_content_type("application/json".into()).with_message_id(job.id.to_string().into());
    Ok(Letter { exchange, key, body, properties })
}

/// A job on its way into its lane, by way of the delay ladder if need be.
pub(super) fn post(names: &Names, job: &Job, delay: Duration) -> Result<Letter, QueueError> {
    let key = names.of(job.spec.lane.queue());
    let Some(level) = level(delay) else { return job_letter(names.exchange(), key, job) };
    let mut letter = job_letter(names.of(level.name), key, job)?;
    let mut headers = FieldTable::default();
    headers.insert(DUE_HEADER.into(), (clock::now() + delay).millis().into());
    letter.properties = letter.properties.with_headers(headers);
    Ok(letter)
}

/// When a message that was delayed should be handed out.
pub(super) fn due(message: &Delivery) -> Option<Timestamp> {
    match message.properties.headers().as_ref()?.inner().get(DUE_HEADER)? {
        AMQPValue::LongLongInt(millis) => Some(Timestamp::from_millis(*millis)),
        _ => None,
    }
}

/// A job on its way to a station.
pub(super) fn air(names: &Names, station: &StationName, job: &Job) -> Result<Letter, QueueError> {
    job_letter(names.exchange(), names.air(station), job)
}

/// A finished job for the results feed.
pub(super) fn result(names: &Names, job: &Job) -> Result<Letter, QueueError> {
    job_letter(names.exchange(), names.of(RESULTS), job)
}

/// A message that is no job, with the story of how it was found.
pub(super) fn set_aside(names: &Names, queue: &str, body: &[u8], reason: &str) -> Letter {
    let mut headers = FieldTable::default();
    headers.insert(QUEUE_HEADER.into(), AMQPValue::LongString(queue.into()));
    headers.insert(REASON_HEADER.into(), AMQPValue::LongString(reason.into()));
    let properties = properties().with_headers(headers);
    Letter { exchange: names.exchange(), key: names.of(DEAD), body: body.to_vec(), properties }
}

/// A set-aside message on its way back; `None` when it does not say where it came from.
pub(super) fn replay(names: &Names, message: &Delivery) -> Option<Letter> {
    let queue = header(message, QUEUE_HEADER)?;
    let lane = Lane::ALL.into_iter().find(|lane| lane.queue() == queue);
    let key = match lane {
        Some(lane) => names.of(lane.queue()),
        None => names.air(&station(&queue)?),
    };
    Some(Letter { exchange: names.exchange(), key, body: message.data.clone(), properties: properties() })
}

fn station(queue: &str) -> Option<StationName> {
    let (_, name) = queue.split_once('_')?;
    name.parse().ok().filter(|station: &StationName| station.queue() == queue)
}

/// A set-aside message as it is shown.
pub(super) fn show(message: &Delivery) -> DeadLetter {
    DeadLetter {
        queue: header(message, QUEUE_HEADER).unwrap_or_default(),
        reason: header(message, REASON_HEADER).unwrap_or_default(),
        excerpt: String::from_utf8_lossy(&message.data).chars().take(EXCERPT).collect(),
    }
}

fn header(message: &Delivery, name: &str) -> Option<String> {
    match message.properties.headers().as_ref()?.inner().get(name)? {
        AMQPValue::LongString(text) => Some(String::from_utf8_lossy(text.as_bytes()).into_owned()),
        _ => None,
    }
}
