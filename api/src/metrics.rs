//! `GET /metrics`: Prometheus text. Never labelled by job, number or text.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
use pregon_core::book::Health;
use pregon_core::{CacheFigures, Lane, Lineup, StateName, clock};
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use crate::problem::ApiError;
use crate::site::Site;
use crate::workers::living;

/// Store and queue are asked for no longer than this; what is missing then is left out.
const PATIENCE: Duration = Duration::from_secs(2);
/// Upper edges of the latency histogram, seconds.
const EDGES: [f64; 13] = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What this process counts itself.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Option<IntCounterVec>,
    seconds: Option<HistogramVec>,
    enqueued: Option<IntCounterVec>,
    listeners: Option<IntGauge>,
    streams: Option<IntCounterVec>,
    streamed_bytes: Option<IntCounter>,
}

impl Default for Metrics {
    fn default() -> Self {
        let registry = Registry::new();
        let requests = Opts::new("http_requests_total", "Requests by method, route and status");
        let seconds =
            HistogramOpts::new("http_request_seconds", "Time to the answer's head").buckets(EDGES.to_vec());
        let enqueued = Opts::new("tts_jobs_enqueued_total", "Jobs that this process accepted");
        let streams = Opts::new("feed_streams_total", "Streams of the audio feed, by how they ended");
        Self {
            listeners: register(&registry, IntGauge::new("feed_listeners", "Connections to the audio feed")),
            streams: register(&registry, IntCounterVec::new(streams, &["end"])),
            streamed_bytes: register(
                &registry,
                IntCounter::new("feed_bytes_total", "Bytes of the streams that were sent to their ends"),
            ),
            requests: register(&registry, IntCounterVec::new(requests, &["method", "route", "status"])),
            seconds: register(&registry, HistogramVec::new(seconds, &["method", "route"])),
            enqueued: register(&registry, IntCounterVec::new(enqueued, &["queue"])),
            registry,
        }
    }
}

/// A metric that cannot be made, for a fault in its name, is left out: measuring must not stop the work.
fn register<M: Collector + Clone + 'static>(registry: &Registry, metric: prometheus::Result<M>) -> Option<M> {
    let metric = metric.ok()?;
    registry.register(Box::new(metric.clone())).ok()?;
    Some(metric)
}

impl Metrics {
    /// Counts an answered request. `route` is the pattern that matched, not the path.
    pub(crate) fn answered(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let method = match *method {
            Method::GET | Method::HEAD | Method::POST | Method::PUT => method.as_str(),
            _ => "other",
        };
        if let Some(requests) = &self.requests {
            requests.with_label_values(&[method, route, status.as_str()]).inc();
        }
        if let Some(seconds) = &self.seconds {
            seconds.with_label_values(&[method, route]).observe(took.as_secs_f64());
        }
    }

    /// Counts an accepted job.
    pub(crate) fn enqueued(&self, lane: Lane) {
        if let Some(enqueued) = &self.enqueued {
            enqueued.with_label_values(&[lane.queue()]).inc();
        }
    }

    /// Counts connections to the audio feed: so many more.
    pub(crate) fn listeners(&self, more: i64) {
        if let Some(listeners) = &self.listeners {
            listeners.add(more);
        }
    }

    /// Counts a stream that ended: `complete` after so many bytes, or, without a number, in that way.
    pub(crate) fn streamed(&self, end: Result<u64, &str>) {
        if let Some(streams) = &self.streams {
            streams.with_label_values(&[end.err().unwrap_or("complete")]).inc();
        }
        if let (Some(total), Ok(bytes)) = (&self.streamed_bytes, end) {
            total.inc_by(bytes);
        }
    }
}

/// Numbers read at this moment. They get a registry of their own each time, so that a queue or state that is gone
/// leaves nothing behind.
struct Snapshot(Registry);

impl Snapshot {
    fn gauges(&self, name: &str, help: &str, label: &str, values: impl IntoIterator<Item = (String, u64)>) {
        if let Some(gauge) = register(&self.0, IntGaugeVec::new(Opts::new(name, help), &[label])) {
            for (word, value) in values {
                gauge.with_label_values(&[&word]).set(i64::try_from(value).unwrap_or(i64::MAX));
            }
        }
    }
}

impl Snapshot {
    fn cache(&self, figures: &CacheFigures) {
        let CacheFigures {
            bytes, files, upload_bytes, limit, hits, misses, spoken, evicted, damaged, ..
        } = figures;
        let named = |values: &[(&str, u64)]| {
            values.iter().map(|(word, value)| ((*word).to_owned(), *value)).collect::<Vec<_>>()
        };
        let sizes = [("cache", *bytes), ("uploads", *upload_bytes), ("limit", limit.unwrap_or_default())];
        self.gauges("tts_cache_bytes", "Spoken audio on disk; a limit of 0 is none", "of", named(&sizes));
        self.gauges("tts_cache_files", "Files of spoken audio on disk", "of", named(&[("cache", *files)]));
        let events = [
            ("hit", *hits),
            ("miss", *misses),
            ("spoken", *spoken),
            ("evicted", *evicted),
            ("damaged", *damaged),
        ];
        self.gauges(
            "tts_cache_events",
            "What happened in the cache since it was made",
            "event",
            named(&events),
        );
    }

    fn engines(&self, lineup: &Lineup) {
        let ready = lineup.engines.iter().map(|engine| {
            let ready = engine.missing.is_none() && engine.standing.health == Health::Ready;
            (engine.id.clone(), u64::from(ready))
        });
        self.gauges("tts_engine_ready", "Whether the engine is asked", "engine", ready);
        let spoken = lineup.engines.iter().map(|engine| {
            let accounts = lineup.accounts.iter().filter(|account| account.engine == engine.id);
            (engine.id.clone(), accounts.map(|account| account.characters).sum())
        });
        let help = "Characters spoken in this month (UTC), of all clients";
        self.gauges("tts_engine_characters", help, "engine", spoken);
    }
}

async fn snapshot(site: &Site) -> Vec<MetricFamily> {
    let (now, store) = (clock::now(), site.store());
    let last = now.minute() - 1;
    let (counts, minutes, beats, lineup, depths, cache) = tokio::join!(
        tokio::time::timeout(PATIENCE, store.counts()),
        tokio::time::timeout(PATIENCE, store.minutes(last, last)),
        tokio::time::timeout(PATIENCE, store.workers(now)),
        tokio::time::timeout(PATIENCE, site.api.engines.lineup(None)),
        tokio::time::timeout(PATIENCE, site.api.desk.queue().depths()),
        tokio::time::timeout(PATIENCE, site.api.cache.figures())
    );
    let snapshot = Snapshot(Registry::new());
    let up = [("store", matches!(counts, Ok(Ok(_)))), ("queue", matches!(depths, Ok(Ok(_))))];
    snapshot.gauges(
        "tts_up",
        "Whether it answers",
        "part",
        up.map(|(part, up)| (part.to_owned(), u64::from(up))),
    );
    if let Ok(Ok(counts)) = counts {
        let states = StateName::ALL.map(|s| (s.as_str().to_owned(), counts.of(s)));
        snapshot.gauges("tts_jobs", "Jobs by state", "state", states);
    }
    if let Ok(Ok(minutes)) = minutes {
        let names = ["accepted", "dispatched", "completed", "failed", "cancelled", "rescued"];
        let sum = |name: &str| minutes.iter().map(|m| m.get(name)).sum();
        let events = names.map(|name| (name.to_owned(), sum(name)));
        snapshot.gauges("tts_jobs_last_minute", "What happened in the last full minute", "event", events);
    }
    if let Ok(Ok(beats)) = beats {
        let (active, idle) = living(&beats, now).active_and_idle();
        let states = [("active".to_owned(), active as u64), ("idle".to_owned(), idle as u64)];
        snapshot.gauges("tts_workers", "Workers that are alive", "state", states);
    }
    if let Ok(lineup) = lineup {
        snapshot.engines(&lineup);
    }
    if let Ok(Ok(depths)) = depths {
        let messages = depths.iter().map(|d| (d.name.clone(), d.messages));
        snapshot.gauges("tts_queue_depth", "Messages that wait", "queue", messages);
        let consumers = depths.iter().map(|d| (d.name.clone(), d.consumers));
        snapshot.gauges("tts_queue_consumers", "Consumers that wait for messages", "queue", consumers);
    }
    if let Ok(Ok(figures)) = cache {
        snapshot.cache(&figures);
    }
    snapshot.0.gather()
}

/// Shows the metrics in the text format of Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "operation",
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain"))
)]
pub(crate) async fn get_metrics(State(site): State<Arc<Site>>) -> Result<impl IntoResponse, ApiError> {
    let mut families = site.metrics.registry.gather();
    families.extend(snapshot(&site).await);
    let text =
        TextEncoder::new().encode_to_string(&families).map_err(|e| ApiError::Internal(e.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}
