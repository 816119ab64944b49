//! Settings of workers.

use std::time::Duration;

use pregon_core::{Limits, Mishap, Rate, Redial, Waits};

/// Workers.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Workers")]
pub struct WorkerArgs {
    /// Name of the worker, unique among all; made of host name and process id when not set
    #[arg(long, env = "WORKER_ID", value_parser = parse_name)]
    pub worker_id: Option<String>,

    /// Jobs that one worker handles at once, 1 to 256
    #[arg(long, env = "WORKER_CONCURRENCY", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub worker_concurrency: u16,

    /// How long jobs are kept after their end, such as 7d, 12h or 30m
    #[arg(long, env = "JOB_RETENTION", default_value = "7d", value_parser = parse_span)]
    pub job_retention: Duration,

    /// How long a stopping worker may finish what it holds, such as 25s, before it gives it back
    #[arg(long, env = "DRAIN_TIMEOUT", default_value = "25s", value_parser = parse_span)]
    pub drain_timeout: Duration,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the settings")]
    pub pace: PaceArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the settings")]
    pub retries: RetryArgs,
}

/// How fast calls go out, over all workers and trunks. Workers keep to it; the dashboard shows it.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Workers")]
pub struct PaceArgs {
    /// Calls that may start per second, over all workers and trunks: a whole number, or a fraction such as 0.5. No second
    /// holds more, wherever it begins. Not set: as fast as it goes. A trunk can have its own limit in TRUNKS
    #[arg(long, env = "CALLS_PER_SECOND", value_name = "RATE")]
    pub calls_per_second: Option<Rate>,

    /// Calls that may go on at once, over all workers and trunks, from dialling to the end. Not set: no limit. A trunk
    /// can have its own limit in TRUNKS
    #[arg(long, env = "CALLS_AT_ONCE", value_name = "CALLS", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub calls_at_once: Option<u32>,
}

impl PaceArgs {
    /// What all trunks together may bear.
    pub const fn limits(&self) -> Limits {
        Limits { per_second: self.calls_per_second, at_once: self.calls_at_once }
    }
}

/// When failed calls are made again.
#[derive(Clone, Debug, clap::Args)]
pub struct RetryArgs {
    /// Waits before another attempt after a busy line. The first retry takes the first wait, and so on; the last one
    /// repeats until the job has no attempts left (`max_attempts`, 3 where a job does not say). `1m,5m,never` stops after
    /// two retries, `never` makes none. A job may bring its own
    #[arg(long, env = "RETRY_BUSY", value_name = "WAITS", default_value = "2m,5m,15m", help_heading = HEADING)]
    pub retry_busy: Waits,

    /// The same when it rang and nobody answered
    #[arg(long, env = "RETRY_NO_ANSWER", value_name = "WAITS", default_value = "15m,1h,3h", help_heading = HEADING)]
    pub retry_no_answer: Waits,

    /// The same when network or trunk had no free line
    #[arg(long, env = "RETRY_CONGESTION", value_name = "WAITS", default_value = "30s,2m,10m", help_heading = HEADING)]
    pub retry_congestion: Waits,

    /// The same when no call could be set up: phone switched off, peer dead, trunk unknown
    #[arg(long, env = "RETRY_UNREACHABLE", value_name = "WAITS", default_value = "5m,15m,1h", help_heading = HEADING)]
    pub retry_unreachable: Waits,

    /// The same when somebody answered and no audio went out. `never` unless set: it rang and was picked up, and what
    /// kept it silent is mostly still there a while later
    #[arg(long, env = "RETRY_SILENT", value_name = "WAITS", default_value = "never", help_heading = HEADING)]
    pub retry_silent: Waits,
}

/// Where --help lists them.
const HEADING: &str =
    "Retries by outcome (rejected, invalid_number and uncertain calls are never tried again)";

impl RetryArgs {
    /// The policy that these settings make.
    pub fn redial(&self) -> Redial {
        let waits = |mishap| match mishap {
            Mishap::Busy => &self.retry_busy,
            Mishap::NoAnswer => &self.retry_no_answer,
            Mishap::Congestion => &self.retry_congestion,
            Mishap::Unreachable => &self.retry_unreachable,
            Mishap::Silent => &self.retry_silent,
        };
        Mishap::ALL.into_iter().map(|mishap| (mishap, waits(mishap).clone())).collect()
    }
}

fn parse_name(text: &str) -> Result<String, String> {
    let fine = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if (1..=60).contains(&text.len()) && text.chars().all(fine) {
        Ok(text.to_owned())
    } else {
        Err("has 1 to 60 letters, digits, - _ or .".to_owned())
    }
}

/// Reads `90s`, `30m`, `12h` or `7d`.
fn parse_span(text: &str) -> Result<Duration, String> {
    pregon_core::span(text)
        .filter(|span| *span <= Duration::from_hours(3_650 * 24))
        .ok_or_else(|| format!("{text:?} is not a time span such as 90s, 30m, 12h or 7d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit() {
        assert_eq!(parse_span("7d"), Ok(Duration::from_hours(168)));
        assert_eq!(parse_span("90s"), Ok(Duration::from_secs(90)));
        for bad in ["", "7", "d", "-1d", "0s", "1w", "99999999999999999999d", "5000d", "ñ"] {
            assert!(parse_span(bad).is_err(), "{bad}");
        }
    }

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        retries: RetryArgs,
    }

    #[test]
    fn each_outcome_has_its_own_setting() {
        use clap::Parser as _;
        let lone = |mishap: Mishap| {
            let flag = format!("--retry-{}", mishap.as_str().replace('_', "-"));
            Line::parse_from(["pregon", &flag, "7s,never"]).retries.redial()
        };
        let usual = Line::parse_from(["pregon"]).retries.redial();
        assert_eq!(usual.of(Mishap::Silent), Some(&Waits::never()), "who was rung in vain is left alone");
        for mishap in Mishap::ALL {
            for other in Mishap::ALL {
                let text = lone(mishap).of(other).unwrap().to_string();
                assert_eq!(text == "7s,never", other == mishap, "{mishap:?} {other:?}");
            }
        }
    }

    #[test]
    fn names_are_plain() {
        assert!(parse_name("obra-1").is_ok());
        assert!(parse_name("").is_err());
        assert!(parse_name("a b").is_err());
    }
}
