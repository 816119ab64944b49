//! The voice of Google Translate, as gTTS uses it: good speech without a key, and without any promise. The service
//! blocks addresses that ask too much, so this engine is slow on purpose and never belongs alone in the chain.

mod answer;
mod split;
mod voices;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pregon_audio::Container;
use pregon_core::{EngineInfo, VoiceInfo};
use reqwest::header::{CONTENT_TYPE, LOCATION, REFERER, USER_AGENT};
use reqwest::{Client, Response, StatusCode};
use url::Url;

use super::EngineName;
use super::remote::{too_slow, unavailable};
use super::web::{client, header, read, retry_after, unreachable};
use crate::engine::{Encoded, SynthError, Synthesizer, Utterance};
use crate::limiter::Limiter;
use crate::limits::{Length, Limits, RequestRate};
use split::Piece;

/// The remote procedure that speaks.
const PROCEDURE: &str = "jQ1olc";
const PATH: &str = "_/TranslateWebserverUi/data/batchexecute";

/// The service answers browsers only.
const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

/// How long a blocked address stays away when it is not told how long: shorter ones prolong the block.
const BLOCKED: Duration = Duration::from_mins(10);

/// 100 characters are about 10 s of speech: 30 kB.
const LONGEST_ANSWER: usize = 2 << 20;

/// Below this rate the slow voice is nearer than the normal one; there are only these two.
const SLOW: f32 = 0.75;

/// How fast the service is asked.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Requests of this process, in the long run.
    pub rate: RequestRate,
    /// Requests at once after a pause.
    pub burst: u32,
    /// How long an utterance may wait for its turn before the next engine is the better choice.
    pub patience: Duration,
    /// For each whole request, from connecting to the last byte.
    pub timeout: Duration,
}

impl Default for Pace {
    /// One request a second, which the service is known to bear.
    fn default() -> Self {
        Self {
            rate: RequestRate { requests: 1, per: Duration::from_secs(1) },
            burst: 4,
            patience: Duration::from_secs(8),
            timeout: Duration::from_secs(10),
        }
    }
}

impl Pace {
    /// The usual pace, within these limits.
    pub(super) fn within(limits: Limits) -> Self {
        let usual = Self::default();
        Self { rate: limits.rate.unwrap_or(usual.rate), timeout: limits.timeout, ..usual }
    }
}

/// Google Translate as an engine.
pub struct Google {
    client: Client,
    endpoint: Url,
    referer: String,
    limiter: Mutex<Limiter>,
    pace: Pace,
    price: f64,
}

impl Google {
    /// An engine that asks the service at `base`. Fails, in one line, when HTTPS cannot work on this machine.
    pub fn new(base: &Url, pace: Pace) -> Result<Self, String> {
        let client = client(EngineName::Google, base, pace.timeout)?;
        let mut base = base.clone();
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let endpoint = base.join(PATH).map_err(|error| format!("google: GOOGLE_TTS_URL: {error}"))?;
        let limiter = Mutex::new(Limiter::new(pace.rate.interval(), pace.burst));
        Ok(Self { client, endpoint, referer: base.into(), limiter, pace, price: 0.0 })
    }

    /// The same engine, at this price for a million characters.
    #[must_use]
    pub fn with_price(self, price: f64) -> Self {
        Self { price, ..self }
    }

    pub(super) fn limits_at(pace: Pace) -> Limits {
        let request = Length::Characters(split::MOST);
        Limits { rate: Some(pace.rate), ..Limits::free(request, pace.timeout, usize::MAX) }
    }

    fn book(&self, count: usize) -> Result<Vec<Instant>, SynthError> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let mut limiter = self.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter
            .book(Instant::now(), count, self.pace.patience)
            .map_err(|retry_after| SynthError::Busy { retry_after })
    }

    /// When the whole utterance has taken too long: fifty pieces may not each use up their time-out.
    fn deadline(&self, turns: &[Instant]) -> Instant {
        let each = self.pace.timeout / 4 * u32::try_from(turns.len()).unwrap_or(u32::MAX);
        turns.last().copied().unwrap_or_else(Instant::now) + self.pace.timeout + each
    }

    async fn fetch(&self, text: &str, voice: &str, slow: bool) -> Result<Vec<u8>, SynthError> {
        let request = self
            .client
            .post(self.endpoint.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded;charset=utf-8")
            .header(REFERER, &self.referer)
            .header(USER_AGENT, BROWSER)
            .body(form(text, voice, slow));
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        if response.status() != StatusCode::OK {
            return Err(refusal(&response));
        }
        answer::audio_in(&read_text(response).await?)
    }
}

#[async_trait]
impl Synthesizer for Google {
    fn id(&self) -> &'static str {
        "google"
    }

    fn version(&self) -> &'static str {
        "translate-2"
    }

    fn voice_for(&self, language: &str, asked: Option<&str>) -> Option<String> {
        voices::choose(language, asked).map(str::to_owned)
    }

    fn info(&self) -> EngineInfo {
        let voices = voices::ALL.iter().map(|id| VoiceInfo { id: (*id).into(), language: (*id).into() });
        EngineInfo { id: self.id().into(), voices: voices.collect(), languages: voices::languages() }
    }

    fn limits(&self) -> Limits {
        Limits { price: self.price, ..Self::limits_at(self.pace) }
    }

    fn requests(&self, text: &str) -> usize {
        pieces(text).len()
    }

    async fn synthesize(&self, utterance: &Utterance) -> Result<Vec<Encoded>, SynthError> {
        let pieces = pieces(&utterance.text);
        if pieces.is_empty() {
            return Err(SynthError::Rejected("finds nothing to speak in the text".to_owned()));
        }
        let turns = self.book(pieces.len())?;
        let deadline = self.deadline(&turns);
        let mut spoken = Vec::with_capacity(pieces.len());
        for (piece, turn) in pieces.iter().zip(turns) {
            tokio::time::sleep_until(turn.into()).await;
            let fetch = self.fetch(&piece.text, &utterance.voice, utterance.rate < SLOW);
            let bytes = tokio::time::timeout_at(deadline.into(), fetch).await.map_err(|_| too_slow())??;
            spoken.push(Encoded { bytes, container: Some(Container::Mp3), pause_after: piece.end.pause() });
        }
        Ok(spoken)
    }
}

/// What is asked for one by one. The service has no audio for pieces without a letter or a digit.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = split::pieces(text);
    pieces.retain(|piece| piece.text.chars().any(char::is_alphanumeric));
    pieces
}

/// `f.req=[[["jQ1olc","[\"text\",\"es\",null,\"null\"]",null,"generic"]]]&`, percent-encoded: the arguments are JSON
/// inside JSON.
fn form(text: &str, voice: &str, slow: bool) -> String {
    let slow = if slow { serde_json::Value::Bool(true) } else { serde_json::Value::Null };
    let arguments = serde_json::json!([text, voice, slow, "null"]).to_string();
    let call = serde_json::json!([[[PROCEDURE, arguments, null, "generic"]]]).to_string();
    format!("f.req={}&", url::form_urlencoded::byte_serialize(call.as_bytes()).collect::<String>())
}

async fn read_text(response: Response) -> Result<String, SynthError> {
    String::from_utf8(read(response, LONGEST_ANSWER).await?)
        .map_err(|_| SynthError::Corrupt("sent something that is not text".to_owned()))
}

/// What a status other than 200 means.
fn refusal(response: &Response) -> SynthError {
    let status = response.status();
    let location = header(response.headers(), LOCATION.as_str());
    let sorry = status.is_redirection() && location.is_some_and(|to| to.contains("/sorry/"));
    if sorry || status == StatusCode::TOO_MANY_REQUESTS {
        let asked = retry_after(response.headers());
        return SynthError::Limited {
            reason: "blocks this address for asking too much".to_owned(),
            retry_after: asked.unwrap_or_default().max(BLOCKED),
        };
    }
    if matches!(status, StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE) {
        return SynthError::Rejected(format!("refused the text with {}", status.as_u16()));
    }
    unavailable(format!("answered {}", status.as_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_what_the_service_expects() {
        let form = form(r#"dijo "sí" & fue\"#, "es", false);
        let fields: Vec<(String, String)> =
            url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let expected =
            r#"[[["jQ1olc","[\"dijo \\\"sí\\\" & fue\\\\\",\"es\",null,\"null\"]",null,"generic"]]]"#;
        assert_eq!(fields, [("f.req".to_owned(), expected.to_owned())]);
        assert!(form.ends_with('&') && form.is_ascii());
    }

    #[test]
    fn slow_speech_is_a_flag() {
        let slow = form("hola", "es", true);
        assert!(
            url::form_urlencoded::parse(slow.as_bytes()).any(|(_, call)| call.contains(r#"\"es\",true,"#))
        );
    }

    #[test]
    fn https_can_be_set_up() {
        let google = Google::new(&"https://translate.google.com".parse().unwrap(), Pace::default()).unwrap();
        assert_eq!(
            google.endpoint.as_str(),
            "https://translate.google.com/_/TranslateWebserverUi/data/batchexecute"
        );
    }
}
