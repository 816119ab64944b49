//! Where a station is heard.

use std::net::SocketAddr;

use clap::Args;

use super::codec::Format;
use super::icecast::Mount;

/// What to do where MP3 is wanted and there is none.
#[cfg(not(feature = "mp3"))]
pub(super) const NO_MP3: &str =
    "this build has no MP3: build Pregon with --features mp3 (needs libmp3lame-dev)";

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

    /// Bit rates of MP3 in kbit/s, such as 128: the first is served as `/radio.mp3`, each further one as
    /// `/radio-64.mp3`; none by default. An Icecast mount that ends in .mp3 gets the first. Needs a build with
    /// `--features mp3`.
    #[arg(long, env = "MIXER_MP3", value_delimiter = ',', value_name = "KBITS", value_parser = mp3_bitrate)]
    pub mixer_mp3: Vec<u32>,

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

    /// Listeners at once, all streams together. Further ones are told to come back later (503).
    #[arg(long, env = "MAX_LISTENERS", default_value_t = 2_000, value_name = "COUNT")]
    pub max_listeners: usize,

    /// An Icecast server to feed as well: icecast://source:password@host:port/mount, or @file with that inside.
    #[arg(long, env = "ICECAST_URL", value_name = "URL", hide_env_values = true)]
    pub icecast_url: Option<Mount>,
}

impl OutSettings {
    /// Path, format and bit rate in kbit/s of each stream, Opus first.
    pub fn streams(&self) -> Vec<(String, Format, u32)> {
        let opus = self.mixer_bitrates.iter().map(|kbits| ("", Format::Opus, *kbits));
        let mp3 = self.mixer_mp3.iter().map(|kbits| (".mp3", Format::Mp3, *kbits));
        let mut before = None;
        let streams = opus.chain(mp3).map(|(suffix, format, kbits)| {
            let first = before.replace(format) != Some(format);
            let rate = if first { String::new() } else { format!("-{kbits}") };
            (format!("/radio{rate}{suffix}"), format, kbits)
        });
        streams.collect()
    }
}

#[cfg(feature = "mp3")]
fn mp3_bitrate(text: &str) -> Result<u32, String> {
    let kbits = text.trim().parse().ok().filter(|kbits| pregon_audio::MP3_BITRATES.contains(kbits));
    kbits.ok_or_else(|| {
        let known = pregon_audio::MP3_BITRATES.map(|kbits| kbits.to_string()).join(", ");
        format!("MP3 has the bit rates {known}")
    })
}

#[cfg(not(feature = "mp3"))]
fn mp3_bitrate(_: &str) -> Result<u32, String> {
    Err(NO_MP3.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        out: OutSettings,
    }

    fn parse(arguments: &[&str]) -> Result<OutSettings, String> {
        let parsed = Line::try_parse_from(std::iter::once(&"test").chain(arguments));
        parsed.map(|line| line.out).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_of_each_format_has_the_short_name() {
        let mut settings = parse(&["--mixer-bitrates=128,64"]).unwrap();
        settings.mixer_mp3 = vec![192, 64];
        let paths: Vec<_> = settings.streams().into_iter().map(|(path, ..)| path).collect();
        assert_eq!(paths, ["/radio", "/radio-64", "/radio.mp3", "/radio-64.mp3"]);
    }

    #[test]
    fn mp3_that_cannot_be_is_refused_with_the_remedy() {
        let remedy = if cfg!(feature = "mp3") { "MP3 has the bit rates 32, 40" } else { "--features mp3" };
        let error = parse(&["--mixer-mp3=100"]).unwrap_err();
        assert!(error.contains(remedy), "{error}");
    }
}
