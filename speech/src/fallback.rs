//! Settings for when an engine does not speak.

use std::str::FromStr;
use std::time::Duration;

use clap::Args;

use crate::budgets::Budgets;

/// Less leaves no time for an engine over the network; more is longer than anybody waits for a call.
const DEADLINES: std::ops::RangeInclusive<Duration> = Duration::from_secs(2)..=Duration::from_mins(10);

/// Who speaks when the wanted engine does not.
#[derive(Args, Clone, Debug)]
pub struct FallbackArgs {
    /// How long the speech of a job may take, 2s to 10m. When engines over the network have used up so much of it that a
    /// quarter is left (5 seconds at most), only the engine on this machine is asked. Long texts need long: `google` speaks
    /// some 40 characters per second.
    #[arg(long, env = "TTS_DEADLINE", default_value = "20s", value_parser = deadline, value_name = "TIME")]
    pub tts_deadline: Duration,

    /// The engine that speaks when no other does, with its own voice: `espeak`, if it is installed, even where
    /// `TTS_ENGINES` does not name it, or `none`.
    #[arg(long, env = "TTS_LAST_RESORT", default_value = "espeak", value_name = "ENGINE")]
    pub tts_last_resort: LastResort,

    /// Characters per month (UTC) that a client may have spoken by an engine, such as
    /// `elevenlabs=100000,acme/elevenlabs=500000`: 100,000 for every client, and 500,000 for `acme`. Beyond that the next
    /// engine speaks. Cached speech costs nothing.
    #[arg(long, env = "TTS_BUDGETS", default_value = "", hide_default_value = true, value_name = "BUDGETS")]
    pub tts_budgets: Budgets,
}

/// Who speaks in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastResort {
    /// The `espeak-ng` program.
    Espeak,
    /// Nobody: the job is tried again later.
    None,
}

impl FromStr for LastResort {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "espeak" => Ok(Self::Espeak),
            "none" => Ok(Self::None),
            other => Err(format!("{other:?} is no last resort: it is espeak or none")),
        }
    }
}

fn deadline(text: &str) -> Result<Duration, String> {
    pregon_core::span(text)
        .filter(|span| DEADLINES.contains(span))
        .ok_or_else(|| format!("{text:?} is not a time span from 2s to 10m"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser, Debug)]
    struct Program {
        #[command(flatten)]
        fallback: FallbackArgs,
    }

    fn parse(args: &[&str]) -> Result<FallbackArgs, String> {
        let parsed = Program::try_parse_from(std::iter::once(&"pregon").chain(args));
        parsed.map(|program| program.fallback).map_err(|error| error.to_string())
    }

    #[test]
    fn without_settings_somebody_speaks_in_the_end() {
        let args = parse(&[]).unwrap();
        assert_eq!((args.tts_deadline, args.tts_last_resort), (Duration::from_secs(20), LastResort::Espeak));
        assert_eq!(args.tts_budgets, Budgets::default());
        assert_eq!(parse(&["--tts-last-resort=none"]).unwrap().tts_last_resort, LastResort::None);
    }

    #[test]
    fn bad_values_are_named_with_what_would_do() {
        for (arg, words) in [
            ("--tts-deadline=1s", "\"1s\" is not a time span from 2s to 10m"),
            ("--tts-deadline=20", "is not a time span"),
            ("--tts-deadline=1h", "is not a time span"),
            ("--tts-last-resort=google", "\"google\" is no last resort: it is espeak or none"),
            ("--tts-budgets=google", "is no budget: write engine=characters"),
        ] {
            let error = parse(&[arg]).unwrap_err();
            assert!(error.contains(words), "{arg}: {error}");
        }
    }
}
