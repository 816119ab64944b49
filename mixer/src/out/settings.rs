//! Where a station is heard.

use std::net::SocketAddr;

use clap::Args;

use super::icecast::Mount;

/// The streams of a station.
#[derive(Args, Clone, Debug)]
pub struct OutSettings {
    /// Address of the stream, the player page and the now-playing events.
    #[arg(long, env = "MIXER_ADDR", default_value = "127.0.0.1:8005", value_name = "ADDR:PORT")]
    pub mixer_addr: SocketAddr,

    /// Bit rates in kbit/s, 6 to 510. The first is served as /radio, each further one as `/radio-64`; each is one
    /// more encoder.
    #[arg(
        long,
        env = "MIXER_BITRATES",
        default_value = "128",
        value_delimiter = ',',
        value_name = "KBITS",
        value_parser = clap::value_parser!(u32).range(6..=510)
    )]
    pub mixer_bitrates: Vec<u32>,

    /// How much sound, in milliseconds, a listener gets at once when it joins. More starts players that insist on a
    /// full buffer sooner; all of it is delay, for as long as they listen.
    #[arg(
        long,
        env = "JOIN_BURST_MS",
        default_value_t = 200,
        value_name = "MS",
        value_parser = clap::value_parser!(u64).range(0..=10_000)
    )]
    pub join_burst_ms: u64,

    /// Listeners at once, all bit rates together. Further ones are told to come back later (503).
    #[arg(long, env = "MAX_LISTENERS", default_value_t = 2_000, value_name = "COUNT")]
    pub max_listeners: usize,

    /// An Icecast server to feed as well: icecast://source:password@host:port/mount, or @file with that inside.
    #[arg(long, env = "ICECAST_URL", value_name = "URL", hide_env_values = true)]
    pub icecast_url: Option<Mount>,
}
