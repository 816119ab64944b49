//! Charts as SVG paths. Labels stay in HTML, so only these paths are stretched; see `.chart` in the style sheet.

use std::fmt::Write as _;
use std::time::Duration;

/// Width of every chart.
const WIDTH: f64 = 600.0;
/// Height of the lines, and of the bars with what hangs below the axis.
const HEIGHT: f64 = 125.0;
/// Height of the bars above the axis.
const RISE: f64 = 100.0;

/// Bars: one kind stands on the axis, the other hangs below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bars {
    /// Path of the standing bars.
    pub(crate) up: String,
    /// Path of the hanging bars.
    pub(crate) down: String,
    /// Value at the top of the scale.
    pub(crate) top: u64,
}

/// Draws pairs of (standing, hanging), oldest first.
pub(crate) fn bars(values: &[(u64, u64)]) -> Bars {
    let most = values.iter().map(|v| v.0).max().unwrap_or(0);
    let top = round_up(most);
    let mut bars = Bars { top, ..Bars::default() };
    for (i, (up, down)) in values.iter().enumerate() {
        let x = middle(i, values.len());
        if *up > 0 {
            // A single job of thousands must still be seen.
            let height = (ratio(*up, top) * RISE).max(1.5);
            path(&mut bars.up, format_args!("M{x:.1} {RISE:.0}V{:.1}", RISE - height));
        }
        if *down > 0 {
            let depth = (ratio(*down, top) * RISE).clamp(3.0, HEIGHT - RISE - 2.0);
            path(&mut bars.down, format_args!("M{x:.1} 102v{depth:.1}"));
        }
    }
    bars
}

/// Median and 95th percentile, where something was measured.
pub(crate) type Quantiles = (Option<Duration>, Option<Duration>);

/// Two lines over the same scale.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lines {
    /// Path of the median.
    pub(crate) p50: String,
    /// Path of the 95th percentile.
    pub(crate) p95: String,
    /// Span at the top of the scale.
    pub(crate) top: Duration,
}

/// Draws medians and 95th percentiles, oldest first; a minute without a value leaves a gap.
pub(crate) fn lines(values: &[Quantiles]) -> Lines {
    let most = values.iter().filter_map(|v| v.1.max(v.0)).max().unwrap_or_default();
    let top = round_span_up(most);
    let line = |pick: fn(&Quantiles) -> Option<Duration>| {
        let mut out = String::new();
        let mut pen_down = false;
        for (i, value) in values.iter().enumerate() {
            let Some(span) = pick(value) else {
                pen_down = false;
                continue;
            };
            let (x, y) = (middle(i, values.len()), HEIGHT - span.div_duration_f64(top).min(1.0) * HEIGHT);
            // The small step makes a minute that stands alone visible.
            let step = if pen_down { format!("L{x:.0} {y:.0}") } else { format!("M{:.0} {y:.0}h4", x - 2.0) };
            pen_down = true;
            out.push_str(&step);
        }
        out
    };
    Lines { p50: line(|v| v.0), p95: line(|v| v.1), top }
}

/// Draws the loudness of a recording, 0 to 100 from beginning to end, as strokes around a middle line.
pub(crate) fn wave(envelope: &[u8]) -> String {
    /// More strokes than this run into each other.
    const STROKES: usize = 150;
    let group = envelope.len().div_ceil(STROKES).max(1);
    let strokes: Vec<u8> = envelope.chunks(group).map(|c| c.iter().copied().max().unwrap_or(0)).collect();
    let mut out = String::new();
    for (i, level) in strokes.iter().enumerate() {
        let half = (f64::from((*level).min(100)) * 0.22).max(1.0);
        let x = middle(i, strokes.len());
        path(&mut out, format_args!("M{x:.1} {:.1}V{:.1}", 25.0 - half, 25.0 + half));
    }
    out
}

fn path(out: &mut String, step: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _infallible = out.write_fmt(step);
}

#[expect(clippy::cast_precision_loss, reason = "pixels")]
fn middle(index: usize, of: usize) -> f64 {
    (index as f64 + 0.5) * WIDTH / of.max(1) as f64
}

#[expect(clippy::cast_precision_loss, reason = "pixels")]
fn ratio(value: u64, top: u64) -> f64 {
    (value as f64 / top.max(1) as f64).min(1.0)
}

/// The next number that is easy to read and to halve.
fn round_up(most: u64) -> u64 {
    let mut unit = 1;
    loop {
        for step in [2_u64, 4, 6, 10] {
            let candidate = step.saturating_mul(unit);
            if candidate >= most {
                return candidate;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

fn round_span_up(most: Duration) -> Duration {
    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 60 * MINUTE;
    let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
    let top = match millis {
        0..=60_000 => round_up(millis.max(20)),
        60_001..=3_600_000 => round_up(millis.div_ceil(MINUTE)) * MINUTE,
        _ => round_up(millis.div_ceil(HOUR)).saturating_mul(HOUR),
    };
    Duration::from_millis(top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_and_hang_in_proportion() {
        let bars = bars(&[(60, 0), (0, 0), (30, 3)]);
        assert_eq!(bars.top, 60);
        assert_eq!(bars.up, "M100.0 100V0.0M500.0 100V50.0");
        assert_eq!(bars.down, "M500.0 102v5.0");
        assert_eq!(super::bars(&[]), Bars { top: 2, ..Bars::default() });
    }

    #[test]
    fn scales_end_on_round_numbers() {
        for (most, top) in [(0, 2), (2, 2), (5, 6), (7, 10), (11, 20), (61, 100), (1_000, 1_000)] {
            assert_eq!(round_up(most), top, "{most}");
        }
        assert_eq!(round_span_up(Duration::from_millis(7_100)), Duration::from_secs(10));
        assert_eq!(round_span_up(Duration::from_secs(200)), Duration::from_mins(4));
    }

    #[test]
    fn a_minute_without_a_value_breaks_the_line() {
        let s = |n| Some(Duration::from_secs(n));
        let lines = lines(&[(s(1), s(2)), (None, None), (s(1), s(1)), (s(2), s(2))]);
        assert_eq!(lines.top, Duration::from_secs(2));
        assert_eq!(lines.p50, "M73 62h4M373 62h4L525 0");
    }

    #[test]
    fn a_long_recording_has_as_many_strokes_as_fit() {
        assert_eq!(wave(&vec![50; 5_000]).matches('M').count(), 148);
        assert_eq!(wave(&[100]), "M300.0 3.0V47.0");
        assert_eq!(wave(&[]), "");
    }
}
