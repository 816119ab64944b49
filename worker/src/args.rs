//! Settings of workers.

use std::time::Duration;

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
    let problem = || format!("{text:?} is not a time span such as 90s, 30m, 12h or 7d");
    let unit = text.chars().last().ok_or_else(problem)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(problem()),
    };
    let number: u64 = text.strip_suffix(unit).and_then(|n| n.parse().ok()).ok_or_else(problem)?;
    let total =
        number.checked_mul(seconds).filter(|s| (1..=3_650 * 86_400).contains(s)).ok_or_else(problem)?;
    Ok(Duration::from_secs(total))
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

    #[test]
    fn names_are_plain() {
        assert!(parse_name("obra-1").is_ok());
        assert!(parse_name("").is_err());
        assert!(parse_name("a b").is_err());
    }
}
