//! Settings of the API.

use std::net::SocketAddr;
use std::time::Duration;

use pregon_core::{ApiKeys, Region, StationName};

use crate::feed::Pacing;

/// Settings of the API role.
#[derive(Clone, Debug, clap::Args)]
pub struct ApiArgs {
    /// Address and port the API listens on. Anything beyond loopback needs `API_KEYS`.
    #[arg(long, env = "API_ADDR", default_value = "127.0.0.1:5000")]
    pub api_addr: SocketAddr,

    /// Who may call: `name:role:secret`, separated by commas, or `@/path` of a file with one per line. Roles: `admin`,
    /// `client` (own jobs only), `viewer` (reads). Without keys everything is open, on loopback only.
    #[arg(long, env = "API_KEYS", default_value = "", hide_env_values = true, hide_default_value = true)]
    pub api_keys: ApiKeys,

    /// Language of texts that name none.
    #[arg(long, env = "DEFAULT_LANGUAGE", default_value = "es")]
    pub default_language: String,

    /// Two-letter region of phone numbers without a country code.
    #[arg(long, env = "DEFAULT_REGION", default_value = "CO")]
    pub default_region: Region,

    /// Stations that announcements may name, separated by commas; the first is the one of those that name none.
    #[arg(long, env = "STATIONS", default_value = "main", value_delimiter = ',')]
    pub stations: Vec<StationName>,

    /// Requests per second and key, with bursts of twice as many; 0 sets no limit.
    #[arg(long, env = "API_RATE_LIMIT", default_value_t = 0)]
    pub api_rate_limit: u32,

    /// Bytes of one chunk of the audio feed, up to 65536.
    #[arg(long, env = "ASF_CHUNK_SIZE", default_value_t = 4_096, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub asf_chunk_size: u32,

    /// Seconds between two chunks of a stream of the audio feed, up to 10; 0 sends as fast as the listener takes.
    #[arg(long, env = "ASF_STREAM_SLEEP_INTERVAL", default_value = "0.01", value_parser = pause)]
    pub asf_stream_sleep_interval: Duration,
}

impl ApiArgs {
    /// How the audio feed sends its streams.
    pub fn pacing(&self) -> Pacing {
        Pacing {
            chunk: usize::try_from(self.asf_chunk_size).unwrap_or(usize::MAX),
            pause: self.asf_stream_sleep_interval,
        }
    }
}

fn pause(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| (0.0..=10.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "seconds from 0 to 10, such as 0.01".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_a_number_of_seconds() {
        for (text, millis) in [("0.01", 10), ("0", 0), ("10", 10_000), (".5", 500)] {
            assert_eq!(pause(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for bad in ["-1", "10.1", "NaN", "inf", "", "10ms"] {
            assert!(pause(bad).is_err(), "{bad}");
        }
    }
}
