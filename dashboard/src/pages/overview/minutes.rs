//! The last hour, minute by minute.

use pregon_core::Timestamp;
use pregon_core::stats::{Minute, Times};

use crate::chart::{self, Bars, Lines};
use crate::format::{Locale, glance};

/// Minutes shown.
pub(super) const SHOWN: i64 = 60;

/// What came of the calls.
pub(super) struct Output {
    pub(super) bars: Bars,
    pub(super) label: String,
    pub(super) half: String,
    pub(super) top: String,
    pub(super) completed: u64,
    pub(super) failed: u64,
    pub(super) rows: Vec<OutputRow>,
}

/// One minute in figures.
pub(super) struct OutputRow {
    pub(super) at: String,
    pub(super) accepted: u64,
    pub(super) dispatched: u64,
    pub(super) completed: u64,
    pub(super) failed: u64,
}

fn every_minute(minutes: &[Minute], now: Timestamp) -> impl Iterator<Item = Option<&Minute>> {
    (now.minute() - SHOWN + 1..=now.minute()).map(|m| minutes.iter().find(|known| known.minute == m))
}

fn clock(locale: &Locale, minute: i64) -> String {
    locale.clock(Timestamp::from_millis(minute * 60_000))
}

impl Output {
    pub(super) fn read(minutes: &[Minute], locale: &Locale, now: Timestamp) -> Self {
        let pair = |m: Option<&Minute>| m.map_or((0, 0), |m| (m.get("completed"), m.get("failed")));
        let values: Vec<_> = every_minute(minutes, now).map(pair).collect();
        let bars = chart::bars(&values);
        let (completed, failed) = values.iter().fold((0, 0), |sum, v| (sum.0 + v.0, sum.1 + v.1));
        let most = values.iter().map(|v| v.0).max().unwrap_or(0);
        let row = |m: &Minute| OutputRow {
            at: clock(locale, m.minute),
            accepted: m.get("accepted"),
            dispatched: m.get("dispatched"),
            completed: m.get("completed"),
            failed: m.get("failed"),
        };
        let mut rows: Vec<_> = every_minute(minutes, now).flatten().map(row).collect();
        rows.reverse();
        Self {
            label: (locale.words().output_label)(most, failed),
            half: locale.language.number(bars.top / 2),
            top: locale.language.number(bars.top),
            bars,
            completed,
            failed,
            rows,
        }
    }
}

/// How long something took.
pub(super) struct Spans {
    pub(super) lines: Lines,
    pub(super) label: String,
    pub(super) half: String,
    pub(super) top: String,
    /// Of the whole hour; empty when nothing was measured.
    pub(super) p50: String,
    pub(super) p95: String,
    pub(super) rows: Vec<SpanRow>,
}

/// One minute in figures.
pub(super) struct SpanRow {
    pub(super) at: String,
    pub(super) p50: String,
    pub(super) p95: String,
}

impl Spans {
    /// Reads the histogram `name`, `wait` or `run`.
    pub(super) fn read(minutes: &[Minute], name: &str, locale: &Locale, now: Timestamp) -> Self {
        let language = locale.language;
        let of = |m: Option<&Minute>| {
            let times = Times::read(m, name);
            (times.quantile(0.5), times.quantile(0.95))
        };
        let values: Vec<_> = every_minute(minutes, now).map(of).collect();
        let lines = chart::lines(&values);
        let hour = Times::read(minutes, name);
        let text = |share| hour.quantile(share).map_or_else(String::new, |s| language.span(s));
        let (p50, p95) = (text(0.5), text(0.95));
        let mut rows = Vec::new();
        for (minute, value) in (now.minute() - SHOWN + 1..).zip(&values) {
            if let (Some(p50), Some(p95)) = value {
                rows.push(SpanRow {
                    at: clock(locale, minute),
                    p50: language.span(*p50),
                    p95: language.span(*p95),
                });
            }
        }
        rows.reverse();
        let words = locale.words();
        let title = if name == "wait" { words.wait } else { words.run };
        Self {
            label: (words.times_label)(title, &p50, &p95),
            half: axis(locale, lines.top / 2),
            top: axis(locale, lines.top),
            lines,
            p50,
            p95,
            rows,
        }
    }
}

/// A span on the axis: `500 ms`, `2 s`, `4 min`.
fn axis(locale: &Locale, span: std::time::Duration) -> String {
    let whole = span.subsec_millis() == 0 && !span.is_zero();
    if whole { glance(span) } else { locale.language.span(span) }
}
