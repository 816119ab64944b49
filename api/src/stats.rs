//! `GET /queue/stats`: how full the queues are, who works, and how fast.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pregon_core::stats::{Counts, Minute, Times};
use pregon_core::{DEAD, Depth, Lane, RESULTS, StateName, Timestamp, clock};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{ApiError, Away};
use crate::site::Site;
use crate::view::Time;
use crate::workers::{Workers, living};

/// Minutes that are looked back on.
const WINDOW: i64 = 60;

/// How full a queue is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct QueueDepth {
    /// Messages that wait.
    messages: u64,
    /// Consumers that wait for them.
    consumers: u64,
}

/// Jobs by state; the states add up to the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct JobCounts {
    total: u64,
    scheduled: u64,
    queued: u64,
    processing: u64,
    dispatched: u64,
    completed: u64,
    failed: u64,
    cancelled: u64,
}

impl From<&Counts> for JobCounts {
    fn from(counts: &Counts) -> Self {
        Self {
            total: counts.total(),
            scheduled: counts.of(StateName::Scheduled),
            queued: counts.of(StateName::Queued),
            processing: counts.of(StateName::Processing),
            dispatched: counts.of(StateName::Dispatched),
            completed: counts.of(StateName::Completed),
            failed: counts.of(StateName::Failed),
            cancelled: counts.of(StateName::Cancelled),
        }
    }
}

/// From the moment a worker takes a job to its hand-over, over the last hour; `null` when there was none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ProcessingMs {
    /// Mean, milliseconds.
    avg: Option<f64>,
    /// Half of the jobs take at most this long, milliseconds.
    p50: Option<f64>,
    /// 95 of 100 jobs take at most this long, milliseconds.
    p95: Option<f64>,
}

/// What happened in one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Throughput {
    /// When it began.
    minute: Time,
    accepted: u64,
    dispatched: u64,
    completed: u64,
    failed: u64,
    cancelled: u64,
}

/// The whole system at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stats {
    /// By name: `tts_calls`, `tts_priority`, `tts_results`, `tts_delayed`, `tts_dead`.
    queues: BTreeMap<String, QueueDepth>,
    /// The workers that are alive.
    workers: Workers,
    /// The jobs that are kept.
    jobs: JobCounts,
    /// How long a job takes.
    processing_ms: ProcessingMs,
    /// Completed jobs per job that was completed or failed, 0 to 1; `null` when there is none.
    success_rate: Option<f64>,
    /// The last sixty minutes, oldest first.
    throughput_per_minute: Vec<Throughput>,
}

/// Shows queues, workers, jobs and speed.
#[utoipa::path(
    get, path = "/queue/stats", tag = "operation",
    responses((status = 200, description = "The whole system at a glance", body = Stats))
)]
pub(crate) async fn get_stats(State(site): State<Arc<Site>>) -> Result<Json<Stats>, ApiError> {
    let now = clock::now();
    let (store, queue) = (site.store(), site.api.desk.queue());
    let (counts, minutes, beats, depths) = tokio::join!(
        store.counts(),
        store.minutes(now.minute() - WINDOW + 1, now.minute()),
        store.workers(now),
        queue.depths()
    );
    let depths = depths.map_err(|e| ApiError::Unavailable(Away::Queue, e.to_string()))?;
    let (counts, minutes) = (counts?, minutes?);
    Ok(Json(Stats {
        queues: by_name(&depths),
        workers: living(&beats?, now),
        jobs: (&counts).into(),
        processing_ms: processing(&minutes),
        success_rate: share(counts.of(StateName::Completed), counts.of(StateName::Failed)),
        throughput_per_minute: throughput(&minutes, now),
    }))
}

/// Every queue has an entry, whatever the implementation lists.
fn by_name(depths: &[Depth]) -> BTreeMap<String, QueueDepth> {
    let always = Lane::ALL.map(Lane::queue).into_iter().chain(["tts_delayed", RESULTS, DEAD]);
    let mut queues: BTreeMap<String, QueueDepth> =
        always.map(|name| (name.to_owned(), QueueDepth::default())).collect();
    for Depth { name, messages, consumers } in depths {
        queues.insert(name.clone(), QueueDepth { messages: *messages, consumers: *consumers });
    }
    queues
}

#[expect(clippy::cast_precision_loss, reason = "a share of counts far below 2^52")]
fn share(part: u64, rest: u64) -> Option<f64> {
    (part + rest > 0).then(|| part as f64 / (part + rest) as f64)
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of an hour's jobs are far below 2^52")]
fn processing(minutes: &[Minute]) -> ProcessingMs {
    let sum = |name| minutes.iter().map(|m| m.get(name)).sum::<u64>();
    let (runs, millis) = (sum("runs"), sum("run_ms"));
    let times = Times::read(minutes, "run");
    let quantile = |share| times.quantile(share).map(|t| tenths(t.as_secs_f64() * 1_000.0));
    ProcessingMs {
        avg: (runs > 0).then(|| tenths(millis as f64 / runs as f64)),
        p50: quantile(0.5),
        p95: quantile(0.95),
    }
}

fn tenths(n: f64) -> f64 {
    (n * 10.0).round() / 10.0
}

fn throughput(minutes: &[Minute], now: Timestamp) -> Vec<Throughput> {
    let by_minute: BTreeMap<i64, &Minute> = minutes.iter().map(|m| (m.minute, m)).collect();
    let line = |minute: i64| {
        let count = |name| by_minute.get(&minute).map_or(0, |m| m.get(name));
        Throughput {
            minute: Time(Timestamp::from_millis(minute * 60_000)),
            accepted: count("accepted"),
            dispatched: count("dispatched"),
            completed: count("completed"),
            failed: count("failed"),
            cancelled: count("cancelled"),
        }
    };
    (now.minute() - WINDOW + 1..=now.minute()).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: i64, counters: &[(&str, u64)]) -> Minute {
        Minute { minute, counters: counters.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect() }
    }

    #[test]
    fn an_hour_has_sixty_lines_whatever_happened() {
        let now = Timestamp::from_millis(1_000 * 60_000 + 30_000);
        let lines = throughput(&[minute(1_000, &[("completed", 3)]), minute(941, &[("failed", 1)])], now);
        assert_eq!(lines.len(), 60);
        assert_eq!((lines[59].completed, lines[0].failed, lines[1].completed), (3, 1, 0));
        assert_eq!(lines[59].minute, Time(Timestamp::from_millis(60_000_000)));
    }

    #[test]
    fn without_runs_there_are_no_times() {
        assert_eq!(processing(&[]), ProcessingMs { avg: None, p50: None, p95: None });
        let some = processing(&[minute(1, &[("runs", 4), ("run_ms", 10), ("run.8", 4)])]);
        assert_eq!(some, ProcessingMs { avg: Some(2.5), p50: Some(4.0), p95: Some(4.0) });
        assert_eq!((share(0, 0), share(3, 1)), (None, Some(0.75)));
    }

    #[test]
    fn every_queue_is_listed() {
        let names: Vec<_> = by_name(&[]).into_keys().collect();
        assert_eq!(names, ["tts_calls", "tts_dead", "tts_delayed", "tts_priority", "tts_results"]);
    }
}
