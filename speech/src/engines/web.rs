//! Asking engines that live behind HTTP: with a time-out, without following anybody elsewhere, and never reading more
//! than speech can be.

use std::sync::OnceLock;
use std::time::Duration;

use pregon_audio::Container;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde_json::Value;
use url::Url;

use super::EngineName;
use super::remote::{oversized, too_slow, unavailable};
use crate::engine::{Encoded, SynthError};

/// More than what 5,000 characters sound like as WAV at 48 kHz (some ten minutes).
pub(super) const MOST_AUDIO: usize = 64 << 20;

/// Enough of a refusal to find its code.
const MOST_REFUSAL: usize = 16 << 10;

/// How long an engine is left alone that says "too many requests" and not how long.
const PAUSE: Duration = Duration::from_secs(10);

/// How long an engine is left alone whose account is empty: somebody has to pay first.
const UNPAID: Duration = Duration::from_mins(30);

/// An engine's web side.
pub(super) struct Web {
    client: Client,
    /// The variable that holds the key.
    key_setting: &'static str,
    /// Why the key is not accepted. A key does not become right by being shown again, and some services lock accounts
    /// that try: the engine is not asked before the next start.
    denied: OnceLock<String>,
}

/// What came back with a status of success.
pub(super) struct Answer {
    pub(super) content_type: String,
    pub(super) bytes: Vec<u8>,
}

/// What came back with any other status.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// The service's own word for it, such as `insufficient_quota`: one word, never a sentence, which could quote the
    /// text.
    pub(super) code: Option<String>,
    pub(super) retry_after: Option<Duration>,
}

impl Web {
    /// For requests to `base`, each with this much time. `key_setting` is the variable to name when a key is missing
    /// or wrong.
    pub(super) fn new(
        name: EngineName,
        base: &Url,
        timeout: Duration,
        key_setting: &'static str,
    ) -> Result<Self, String> {
        Ok(Self { client: client(name, base, timeout)?, key_setting, denied: OnceLock::new() })
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Why it is not asked until the next start, if so.
    pub(super) fn trouble(&self) -> Option<String> {
        self.denied.get().cloned()
    }

    /// Sends `request` and reads at most `most` bytes of the answer.
    pub(super) async fn ask(
        &self,
        request: RequestBuilder,
        most: usize,
    ) -> Result<Result<Answer, Refusal>, SynthError> {
        if let Some(denied) = self.trouble() {
            return Err(SynthError::Denied(denied));
        }
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() {
            let content_type = header(&headers, CONTENT_TYPE.as_str()).unwrap_or_default().to_owned();
            return Ok(Ok(Answer { content_type, bytes: read(response, most).await? }));
        }
        // What stands in a refusal that cannot be read does not matter.
        let code = read(response, MOST_REFUSAL).await.ok().and_then(|body| code_in(&body));
        Ok(Err(Refusal { status, code, retry_after: retry_after(&headers) }))
    }

    /// Sends `request`, whose answer is speech.
    pub(super) async fn audio(&self, request: RequestBuilder) -> Result<Encoded, SynthError> {
        match self.ask(request, MOST_AUDIO).await? {
            Ok(answer) => answer.audio(),
            Err(refusal) => Err(self.verdict(&refusal)),
        }
    }

    /// What a refusal means for most services.
    pub(super) fn verdict(&self, refusal: &Refusal) -> SynthError {
        let code = refusal.code.as_deref().unwrap_or_default();
        if refusal.status == StatusCode::PAYMENT_REQUIRED || code.contains("quota") {
            let reason = format!("has no credit left: {refusal}");
            return SynthError::Limited { reason, retry_after: refusal.retry_after.unwrap_or(UNPAID) };
        }
        match refusal.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => self.deny(refusal),
            StatusCode::TOO_MANY_REQUESTS => SynthError::Limited {
                reason: format!("is asked too often: {refusal}"),
                retry_after: refusal.retry_after.unwrap_or(PAUSE),
            },
            // A setting is wrong and not the text: that can be repaired while the job waits.
            StatusCode::BAD_REQUEST if code.contains("model") || code.contains("voice") => {
                unavailable(format!("{refusal}: check its voices and its model"))
            }
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
                SynthError::Rejected(format!("refused the text: {refusal}"))
            }
            _ => SynthError::Unavailable { reason: refusal.to_string(), retry_after: refusal.retry_after },
        }
    }

    /// The key is not accepted: nobody is asked again before the next start.
    pub(super) fn deny(&self, refusal: &Refusal) -> SynthError {
        let reason =
            format!("{refusal}: it rests until {} is set right and Pregon is restarted", self.key_setting);
        SynthError::Denied(self.denied.get_or_init(|| reason).clone())
    }
}

impl Answer {
    /// A file of sound, as far as that can be told from outside. Piper labels its WAV files as HTML, so that a label
    /// alone proves nothing.
    pub(super) fn audio(self) -> Result<Encoded, SynthError> {
        if self.bytes.is_empty() {
            return Err(SynthError::Corrupt("sent no audio".to_owned()));
        }
        let essence = self.content_type.split(';').next().unwrap_or_default().trim();
        let text = essence.starts_with("text/") || essence == "application/json";
        if text && !self.bytes.starts_with(b"RIFF") {
            return Err(SynthError::Corrupt("sent text instead of audio".to_owned()));
        }
        let container = Container::from_content_type(essence);
        Ok(Encoded::new(self.bytes, container))
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "answered {}", self.status.as_u16())?;
        self.code.as_ref().map_or(Ok(()), |code| write!(f, " ({code})"))
    }
}

/// A client for `base`: every request has `timeout` from connecting to the last byte, however slowly bytes come.
pub(super) fn client(name: EngineName, base: &Url, timeout: Duration) -> Result<Client, String> {
    // Somebody else may have chosen a provider already, which serves as well.
    drop(rustls::crypto::ring::default_provider().install_default());
    let builder =
        Client::builder().timeout(timeout).connect_timeout(timeout).redirect(redirect::Policy::none());
    // Without HTTPS no certificates are needed, and none of their memory.
    let builder = if base.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
    builder.build().map_err(|error| {
        format!("{name}: HTTPS cannot be set up ({}): run `apt-get install ca-certificates`", root(&error))
    })
}

/// `path` under `base`, whether that ends with a slash or not.
pub(super) fn under(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

/// The value of a header that nobody logs.
pub(super) fn secret(setting: &str, value: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| format!("{setting} holds characters that cannot be sent in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The whole body, or the reason why not.
pub(super) async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, SynthError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
        if body.len() + chunk.len() > most {
            return Err(oversized());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// How long the service wants to be left alone. Only in seconds: the services here send no dates.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    header(headers, RETRY_AFTER.as_str())?.trim().parse().ok().map(Duration::from_secs)
}

pub(super) fn unreachable(error: &reqwest::Error) -> SynthError {
    if error.is_timeout() {
        return too_slow();
    }
    let happened = if error.is_connect() { "cannot be reached" } else { "broke off" };
    unavailable(format!("{happened}: {}", root(error)))
}

/// The innermost cause: what a person can act on, without the URL.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// The code in an error body. Google: `error.details[].reason`, `error.status`; OpenAI: `error.code`, `error.type`;
/// ElevenLabs: `detail.status`, `detail.code`; Kokoro-FastAPI: `detail.error`.
fn code_in(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let reasons = body.pointer("/error/details").and_then(Value::as_array).into_iter().flatten();
    let reasons = reasons.filter_map(|detail| detail.get("reason"));
    let paths = [
        "/error/code",
        "/error/status",
        "/error/type",
        "/detail/status",
        "/detail/code",
        "/detail/error",
        "/code",
    ];
    let fields = paths.iter().filter_map(|path| body.pointer(path));
    reasons.chain(fields).filter_map(Value::as_str).find(|code| is_code(code)).map(str::to_owned)
}

/// A word for programs. What people say has spaces.
fn is_code(text: &str) -> bool {
    (1..=60).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_refusal_is_found_and_its_sentences_are_not_repeated() {
        for (body, code) in [
            (
                r#"{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
                Some("API_KEY_INVALID"),
            ),
            (
                r#"{"error":{"code":403,"message":"x","status":"PERMISSION_DENIED"}}"#,
                Some("PERMISSION_DENIED"),
            ),
            (
                r#"{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota"}}"#,
                Some("insufficient_quota"),
            ),
            (
                r#"{"error":{"message":"x","type":"invalid_request_error","code":null}}"#,
                Some("invalid_request_error"),
            ),
            (r#"{"detail":{"status":"system_busy","message":"x"}}"#, Some("system_busy")),
            (r#"{"detail":{"error":"invalid_model","message":"x"}}"#, Some("invalid_model")),
            (r#"{"detail":{"error":"cannot say: su cita es mañana"}}"#, None),
            (r#"{"detail":"Not Found"}"#, None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(code_in(body.as_bytes()).as_deref(), code, "{body}");
        }
    }

    #[test]
    fn paths_are_joined_with_one_slash() {
        for (base, expected) in [
            ("http://h:1", "http://h:1/v/x"),
            ("http://h:1/", "http://h:1/v/x"),
            ("http://h:1/api/", "http://h:1/api/v/x"),
        ] {
            assert_eq!(under(&base.parse().unwrap(), "v/x").as_str(), expected);
        }
    }
}
