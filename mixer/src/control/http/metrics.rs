//! `GET /metrics`: Prometheus text.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use prometheus::{CounterVec, GaugeVec, Opts, Registry, TextEncoder};

use super::Controls;
use super::problem::Problem;
use crate::air::{Readings, Tier};

/// Numbers read at this moment, in a registry of their own.
struct Numbers(Registry);

impl Numbers {
    /// Values that go up and down, by a label.
    fn gauges<'a>(
        &self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) {
        // A metric with a fault in its name is left out: measuring must not stop the work.
        let Ok(gauges) = GaugeVec::new(Opts::new(name, help), &[label]) else { return };
        for (word, value) in values {
            gauges.with_label_values(&[word]).set(value);
        }
        drop(self.0.register(Box::new(gauges)));
    }

    /// Values that only rise, by a label.
    fn counters<'a>(
        &self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) {
        let Ok(counters) = CounterVec::new(Opts::new(name, help), &[label]) else { return };
        for (word, value) in values {
            counters.with_label_values(&[word]).inc_by(value);
        }
        drop(self.0.register(Box::new(counters)));
    }

    fn air(&self, readings: &Readings) {
        let [left, right] = readings.peak_dbfs.map(f64::from);
        self.gauges("mixer_peak_dbfs", "Highest peak lately", "channel", [("left", left), ("right", right)]);
        let lufs = [readings.momentary_lufs, readings.short_term_lufs].map(f64::from);
        let windows = ["momentary", "short_term"].into_iter().zip(lufs);
        self.gauges("mixer_loudness_lufs", "Loudness of the output", "window", windows);
        let limiter = [("output", readings.limiter_db.into())];
        self.gauges("mixer_limiter_db", "By how much the limiter holds down", "at", limiter);
        let blocks = [
            ("underrun", float(readings.underruns)),
            ("late", float(readings.late)),
            ("lost", float(readings.lost)),
            ("overrun", float(readings.overruns)),
        ];
        self.counters("mixer_bad_blocks_total", "Blocks of 20 ms that went wrong", "how", blocks);
        let rendered = [("output", float(readings.frames))];
        self.counters("mixer_frames_total", "Frames rendered, 48000 per second", "at", rendered);
    }
}

#[expect(clippy::cast_precision_loss, reason = "2^53 frames are 5,900 years")]
fn float(count: u64) -> f64 {
    count as f64
}

fn size(count: usize) -> f64 {
    float(count as u64)
}

const TIERS: [(&str, Tier); 5] = [
    ("interrupt", Tier::Interrupt),
    ("live", Tier::Live),
    ("queue", Tier::Queue),
    ("playlist", Tier::Playlist),
    ("noise", Tier::Noise),
];

pub(super) async fn get_metrics(State(controls): State<Arc<Controls>>) -> Result<impl IntoResponse, Problem> {
    let numbers = Numbers(Registry::new());
    numbers.air(&controls.station.readings());
    if let Some(snapshot) = controls.station.snapshot().await {
        let tiers = TIERS.map(|(word, tier)| (word, if tier == snapshot.tier { 1.0 } else { 0.0 }));
        numbers.gauges("mixer_tier", "1 for what is heard", "tier", tiers);
        let waiting =
            [("announcements", size(snapshot.waiting.len())), ("queue", size(snapshot.queue.len()))];
        numbers.gauges("mixer_waiting", "What waits to be heard", "what", waiting);
        let uptime = [("station", float(snapshot.uptime_seconds))];
        numbers.gauges("mixer_uptime_seconds", "Since the station started", "of", uptime);
    }
    let view = controls.library.view();
    let files = [
        ("playable", size(view.files)),
        ("measured", size(view.measured)),
        ("arriving", size(view.arriving)),
        ("broken", size(view.broken)),
    ];
    numbers.gauges("mixer_music_files", "Files in the music folder", "state", files);
    let listening = (controls.listening)();
    let by_stream = |value: fn(&crate::out::Listening) -> f64| {
        listening.iter().map(move |(path, listening)| (path.as_str(), value(listening)))
    };
    numbers.gauges("mixer_listeners", "Listeners now", "stream", by_stream(|l| size(l.now)));
    let joined = by_stream(|l| float(l.joined));
    numbers.counters("mixer_listeners_joined_total", "Listeners since the start", "stream", joined);
    let dropped = by_stream(|l| float(l.dropped));
    numbers.counters(
        "mixer_listeners_dropped_total",
        "Dropped because they read too slowly",
        "stream",
        dropped,
    );
    let seconds = by_stream(|l| l.seconds);
    numbers.counters("mixer_listened_seconds_total", "Seconds listened by all together", "stream", seconds);
    let text = TextEncoder::new().encode_to_string(&numbers.0.gather());
    let text = text.map_err(|error| Problem::Internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}
