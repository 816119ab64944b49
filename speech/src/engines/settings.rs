//! Settings of the engines.

use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use pregon_core::Secret;
use url::Url;

use super::EngineName;
use super::azure::AzureArgs;
use super::command::CommandArgs;
use super::elevenlabs::ElevenLabsArgs;
use super::gcloud::GoogleCloudArgs;
use super::openai::OpenAiArgs;
use super::piper::PiperArgs;
use super::wyoming::WyomingArgs;
use crate::limits::{Limits, RequestRate};

/// Longest time-out of one request, in seconds: a caller waits no longer for anything.
const LONGEST_TIMEOUT: f64 = 600.0;

/// Most requests at the same time.
const MOST_AT_ONCE: usize = 1_000;

/// What each engine needs, and how hard each is driven.
#[derive(Args, Clone, Debug)]
pub struct EngineArgs {
    /// How often engines may be asked, all workers together, such as google=1/s,gcloud=600/m (requests per second, minute
    /// or hour). Google is asked once a second unless told otherwise, Google Cloud 1000 times a minute.
    #[arg(long, env, value_delimiter = ',', value_name = "ENGINE=N/s,…")]
    pub tts_rates: Vec<Of<RequestRate>>,

    /// Requests at the same time, of each worker, such as elevenlabs=5 (its plans count them)
    #[arg(long, env, value_delimiter = ',', value_parser = at_once, value_name = "ENGINE=N,…")]
    pub tts_concurrency: Vec<Of<usize>>,

    /// Seconds that one request may take before the next engine is asked, such as openai=60
    #[arg(long, env, value_delimiter = ',', value_parser = timeout, value_name = "ENGINE=SECONDS,…")]
    pub tts_timeouts: Vec<Of<Duration>>,

    /// What a million characters cost, such as azure=16,elevenlabs=165, in the currency you count in; nothing, unless told
    #[arg(long, env, value_delimiter = ',', value_parser = price, value_name = "ENGINE=PRICE,…")]
    pub tts_prices: Vec<Of<f64>>,

    /// Piper.
    #[command(flatten)]
    pub piper: PiperArgs,

    /// Servers with OpenAI's interface.
    #[command(flatten)]
    pub openai: OpenAiArgs,

    /// Azure.
    #[command(flatten)]
    pub azure: AzureArgs,

    /// ElevenLabs.
    #[command(flatten)]
    pub elevenlabs: ElevenLabsArgs,

    /// Google Cloud.
    #[command(flatten)]
    pub gcloud: GoogleCloudArgs,

    /// Wyoming.
    #[command(flatten)]
    pub wyoming: WyomingArgs,

    /// A program.
    #[command(flatten)]
    pub command: CommandArgs,
}

impl EngineArgs {
    /// The limits of an engine, where `usual` are those it has when nothing is set.
    pub(super) fn limits(&self, name: EngineName, usual: Limits) -> Limits {
        Limits {
            timeout: value_of(&self.tts_timeouts, name).unwrap_or(usual.timeout),
            at_once: value_of(&self.tts_concurrency, name).unwrap_or(usual.at_once),
            rate: value_of(&self.tts_rates, name).or(usual.rate),
            price: value_of(&self.tts_prices, name).unwrap_or(usual.price),
            ..usual
        }
    }

    /// What no list may say.
    pub(super) fn check(&self) -> Result<(), String> {
        once("TTS_RATES", &self.tts_rates)?;
        once("TTS_CONCURRENCY", &self.tts_concurrency)?;
        once("TTS_TIMEOUTS", &self.tts_timeouts)?;
        once("TTS_PRICES", &self.tts_prices)?;
        if value_of(&self.tts_concurrency, EngineName::Google).is_some() {
            return Err("TTS_CONCURRENCY: google goes by its rate: set TTS_RATES".to_owned());
        }
        Ok(())
    }
}

/// A value for one engine, written `google=1/s`.
#[derive(Clone, Debug, PartialEq)]
pub struct Of<T> {
    /// Whose.
    pub engine: EngineName,
    /// What.
    pub value: T,
}

impl<T: FromStr<Err = String>> FromStr for Of<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        of(text, str::parse)
    }
}

fn of<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Of<T>, String> {
    let (engine, value) = text.split_once('=').ok_or_else(|| format!("{text:?}: write engine=value"))?;
    Ok(Of { engine: engine.parse()?, value: read(value.trim())? })
}

fn timeout(text: &str) -> Result<Of<Duration>, String> {
    of(text, |seconds| match seconds.parse::<f64>() {
        Ok(seconds) if (0.1..=LONGEST_TIMEOUT).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(format!("{seconds:?}: must be a number from 0.1 to {LONGEST_TIMEOUT} (seconds)")),
    })
}

fn at_once(text: &str) -> Result<Of<usize>, String> {
    of(text, |count| match count.parse::<usize>() {
        Ok(count) if (1..=MOST_AT_ONCE).contains(&count) => Ok(count),
        _ => Err(format!("{count:?}: must be a whole number from 1 to {MOST_AT_ONCE}")),
    })
}

fn price(text: &str) -> Result<Of<f64>, String> {
    of(text, |price| match price.parse::<f64>() {
        Ok(price) if price.is_finite() && price >= 0.0 => Ok(price),
        _ => Err(format!("{price:?}: must be a price for a million characters, such as 16 or 0.5")),
    })
}

fn value_of<T: Copy>(list: &[Of<T>], name: EngineName) -> Option<T> {
    list.iter().find(|of| of.engine == name).map(|of| of.value)
}

fn once<T>(variable: &str, list: &[Of<T>]) -> Result<(), String> {
    for (n, of) in list.iter().enumerate() {
        if list.iter().take(n).any(|before| before.engine == of.engine) {
            return Err(format!("{variable}: {} stands twice", of.engine));
        }
    }
    Ok(())
}

/// A setting without which an engine that stands in `TTS_ENGINES` cannot be.
pub(super) fn needed<'a, T>(variable: &str, value: Option<&'a T>) -> Result<&'a T, String> {
    value.ok_or_else(|| missing(variable))
}

/// The same for a key, which may not be empty either.
pub(super) fn needed_key<'a>(variable: &str, key: Option<&'a Secret>) -> Result<&'a str, String> {
    revealed(key).ok_or_else(|| missing(variable))
}

/// A key, unless it is empty.
pub(super) fn revealed(key: Option<&Secret>) -> Option<&str> {
    key.map(Secret::reveal).filter(|key| !key.is_empty())
}

pub(super) fn missing(variable: &str) -> String {
    format!("{variable} is not set: see --help, or take the engine out of TTS_ENGINES")
}

/// An address of a server. Keys have variables of their own: an address is logged.
pub(crate) fn web_address(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must begin with http:// or https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must hold no user name and no password".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_belong_to_engines() {
        let rate: Of<RequestRate> = "gcloud=600/m".parse().unwrap();
        assert_eq!((rate.engine, rate.value.requests), (EngineName::GoogleCloud, 600));
        assert_eq!(timeout("piper= 0.5 ").unwrap().value, Duration::from_millis(500));
        assert_eq!(at_once("elevenlabs=5").unwrap().value, 5);
        assert!((price("azure=16.5").unwrap().value - 16.5).abs() < 1e-9);
        for (result, words) in [
            ("google".parse::<Of<RequestRate>>().map(drop), "write engine=value"),
            ("festival=1/s".parse::<Of<RequestRate>>().map(drop), "is no engine"),
            ("google=1".parse::<Of<RequestRate>>().map(drop), "is no rate"),
            (timeout("piper=0").map(drop), "from 0.1 to 600"),
            (timeout("piper=NaN").map(drop), "from 0.1 to 600"),
            (at_once("piper=0").map(drop), "from 1 to 1000"),
            (price("azure=-1").map(drop), "such as 16 or 0.5"),
            (price("azure=inf").map(drop), "such as 16 or 0.5"),
        ] {
            assert!(result.as_ref().unwrap_err().contains(words), "{result:?}: {words}");
        }
    }
}
