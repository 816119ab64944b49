//! Whatever speaks OpenAI's `POST /v1/audio/speech`: OpenAI itself, Kokoro-FastAPI, speaches and many more.

use async_trait::async_trait;
use clap::Args;
use pregon_audio::Container;
use pregon_core::{Secret, VoiceInfo};
use reqwest::RequestBuilder;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use super::EngineName;
use super::remote::{Remote, Speaker, other_rate};
use super::roster::{Roster, is_name};
use super::settings::{needed, revealed, web_address};
use super::web::{Web, secret, under};
use crate::engine::{Encoded, SynthError, Utterance};
use crate::limits::Limits;

/// Some servers list every voice of every language.
const MOST_VOICES: usize = 4 << 20;

/// The tag for "several languages" (ISO 639-2): these lists do not say which.
const SEVERAL: &str = "mul";

/// Any server with OpenAI's interface.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the variables are named after the fields")]
pub struct OpenAiArgs {
    /// `openai`: where the server is: `https://api.openai.com`, or one of your own such as `http://127.0.0.1:8880`
    /// (Kokoro-FastAPI, speaches and others speak the same)
    #[arg(long, env, value_parser = web_address, value_name = "URL")]
    pub openai_tts_url: Option<Url>,

    /// `openai`: its key, or @/path of a file that holds it. Servers of your own mostly need none.
    #[arg(long, env, value_name = "KEY", hide_env_values = true)]
    pub openai_tts_key: Option<Secret>,

    /// `openai`: the model
    #[arg(long, env, default_value = "tts-1", value_name = "NAME")]
    pub openai_tts_model: String,

    /// `openai`: the voice of each language, such as `es=nova,en=alloy`; for Kokoro `es=ef_dora,en=af_heart`
    #[arg(long, env, value_name = "LANGUAGE=VOICE,…")]
    pub openai_tts_voices: Option<Roster>,
}

pub(super) struct OpenAi {
    web: Web,
    base: Url,
    model: String,
    key: Option<HeaderValue>,
}

/// The engine as configured. Asks the server for its voices; one that is not up or has no list offers what is
/// configured.
pub(super) async fn engine(args: &OpenAiArgs, limits: Limits) -> Result<Remote<OpenAi>, String> {
    let url = needed("OPENAI_TTS_URL", args.openai_tts_url.as_ref())?;
    let roster = needed("OPENAI_TTS_VOICES", args.openai_tts_voices.as_ref())?.clone();
    let key = revealed(args.openai_tts_key.as_ref());
    let key = key.map(|key| secret("OPENAI_TTS_KEY", &format!("Bearer {key}"))).transpose()?;
    let web = Web::new(EngineName::OpenAi, url, limits.timeout, "OPENAI_TTS_KEY")?;
    let openai = OpenAi { web, base: base_of(url), model: args.openai_tts_model.clone(), key };
    let version = format!("openai-1 {} {}", openai.base, openai.model);
    Ok(Remote::new(EngineName::OpenAi, version, roster, limits, openai).introduced().await)
}

/// Clients of this interface are told the address with and without `/v1`.
fn base_of(url: &Url) -> Url {
    let trimmed = url.path().trim_end_matches('/');
    let mut base = url.clone();
    base.set_path(trimmed.strip_suffix("/v1").unwrap_or(trimmed));
    base
}

impl OpenAi {
    fn with_key(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.key {
            Some(key) => request.header(AUTHORIZATION, key),
            None => request,
        }
    }
}

#[async_trait]
impl Speaker for OpenAi {
    async fn speak(&self, text: &str, utterance: &Utterance) -> Result<Encoded, SynthError> {
        let mut order = json!({
            "model": self.model,
            "input": text,
            "voice": utterance.voice,
            "response_format": "wav",
        });
        if let (Some(speed), Some(order)) = (other_rate(utterance.rate), order.as_object_mut()) {
            order.insert("speed".to_owned(), json!(speed));
        }
        let request = self.web.client().post(under(&self.base, "v1/audio/speech")).json(&order);
        let file = self.web.audio(self.with_key(request)).await?;
        Ok(Encoded { container: file.container.or(Some(Container::Wav)), ..file })
    }

    /// `GET /v1/audio/voices`, which OpenAI itself does not have.
    async fn voices(&self) -> Vec<VoiceInfo> {
        let request = self.web.client().get(under(&self.base, "v1/audio/voices"));
        match self.web.ask(self.with_key(request), MOST_VOICES).await {
            Ok(Ok(answer)) => listed(&answer.bytes),
            Ok(Err(_)) | Err(_) => Vec::new(),
        }
    }

    fn trouble(&self) -> Option<String> {
        self.web.trouble()
    }
}

/// The names in a list of voices. Every server has its own shape: `{"voices": ["af_heart", …]}`,
/// `{"voices": [{"id": "af_heart"}, …]}`, `[{"voice_id": "af_heart"}, …]`, `{"data": […]}`.
fn listed(body: &[u8]) -> Vec<VoiceInfo> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let list = ["voices", "data"].iter().find_map(|name| body.get(name)).unwrap_or(&body);
    let name = |entry: &Value| {
        let named = ["id", "voice_id", "name"].iter().find_map(|field| entry.get(field)?.as_str());
        entry.as_str().or(named).filter(|name| is_name(name)).map(str::to_owned)
    };
    let names = list.as_array().into_iter().flatten().filter_map(name);
    names.map(|id| VoiceInfo { id, language: SEVERAL.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_voices_are_read_in_every_shape() {
        for body in [
            r#"{"voices":["a","b"]}"#,
            r#"{"voices":[{"id":"a","name":"Ana"},{"id":"b"}]}"#,
            r#"[{"voice_id":"a","model_id":"m"},{"name":"b"}]"#,
            r#"{"object":"list","data":[{"id":"a"},{"id":"b"},{"id":""},{"id":7},null]}"#,
        ] {
            let names: Vec<_> = listed(body.as_bytes()).into_iter().map(|voice| voice.id).collect();
            assert_eq!(names, ["a", "b"], "{body}");
        }
        for body in ["", "{}", "<html>", r#"{"voices":{"a":1}}"#, r#"{"detail":"Not Found"}"#] {
            assert!(listed(body.as_bytes()).is_empty(), "{body}");
        }
    }

    #[test]
    fn the_address_may_end_with_the_version() {
        for url in ["http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/"] {
            assert_eq!(under(&base_of(&url.parse().unwrap()), "v1/x").as_str(), "http://h:1/v1/x", "{url}");
        }
        assert_eq!(under(&base_of(&"http://h/a/v1".parse().unwrap()), "v1/x").as_str(), "http://h/a/v1/x");
    }
}
