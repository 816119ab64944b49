//! Settings of the API.

use std::net::SocketAddr;

use pregon_core::{ApiKeys, Region, StationName};

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
}
