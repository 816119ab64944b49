//! Google Cloud Text-to-Speech: the service with a contract, not the one behind Translate. Contract: REST reference,
//! `text:synthesize`.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use pregon_audio::Container;
use pregon_core::Secret;
use reqwest::StatusCode;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::EngineName;
use super::remote::{Remote, Speaker, other_rate};
use super::roster::{Roster, is_tag};
use super::settings::{needed, needed_key, web_address};
use super::web::{MOST_AUDIO, Web, secret, under};
use crate::engine::{Encoded, SynthError, Utterance};
use crate::limits::Limits;

/// `speakingRate`, API reference.
const RATES: std::ops::RangeInclusive<f32> = 0.25..=2.0;

/// Google Cloud.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the variables are named after the fields")]
pub struct GoogleCloudArgs {
    /// `gcloud`: an API key that may use Cloud Text-to-Speech, or @/path of a file that holds it
    #[arg(long, env, value_name = "KEY", hide_env_values = true)]
    pub google_cloud_tts_key: Option<Secret>,

    /// `gcloud`: where it is
    #[arg(
        long,
        env,
        default_value = "https://texttospeech.googleapis.com",
        value_parser = web_address,
        value_name = "URL"
    )]
    pub google_cloud_tts_url: Url,

    /// `gcloud`: the voice of each language, such as es-419=es-US-Neural2-A,en=en-US-Neural2-C
    #[arg(long, env, value_name = "LANGUAGE=VOICE,…")]
    pub google_cloud_tts_voices: Option<Roster>,
}

pub(super) struct GoogleCloud {
    web: Web,
    endpoint: Url,
    key: HeaderValue,
}

#[derive(Deserialize)]
struct Spoken {
    #[serde(rename = "audioContent")]
    audio_content: String,
}

/// The engine as configured.
pub(super) fn engine(args: &GoogleCloudArgs, limits: Limits) -> Result<Remote<GoogleCloud>, String> {
    let key = needed_key("GOOGLE_CLOUD_TTS_KEY", args.google_cloud_tts_key.as_ref())?;
    let key = secret("GOOGLE_CLOUD_TTS_KEY", key)?;
    let roster = needed("GOOGLE_CLOUD_TTS_VOICES", args.google_cloud_tts_voices.as_ref())?.clone();
    let base = &args.google_cloud_tts_url;
    let web = Web::new(EngineName::GoogleCloud, base, limits.timeout, "GOOGLE_CLOUD_TTS_KEY")?;
    let gcloud = GoogleCloud { web, endpoint: under(base, "v1/text:synthesize"), key };
    Ok(Remote::new(EngineName::GoogleCloud, "gcloud-1".to_owned(), roster, limits, gcloud))
}

#[async_trait]
impl Speaker for GoogleCloud {
    async fn speak(&self, text: &str, utterance: &Utterance) -> Result<Encoded, SynthError> {
        let mut order = json!({
            "input": { "text": text },
            "voice": { "languageCode": language_code(utterance), "name": utterance.voice },
            "audioConfig": { "audioEncoding": "LINEAR16" },
        });
        let rate = other_rate(utterance.rate.clamp(*RATES.start(), *RATES.end()));
        let audio = order.get_mut("audioConfig").and_then(Value::as_object_mut);
        if let (Some(rate), Some(audio)) = (rate, audio) {
            audio.insert("speakingRate".to_owned(), json!(rate));
        }
        // The key as a header: addresses end up in logs.
        let request =
            self.web.client().post(self.endpoint.clone()).header("X-Goog-Api-Key", &self.key).json(&order);
        match self.web.ask(request, MOST_AUDIO).await? {
            Ok(answer) => audio_in(&answer.bytes),
            // A wrong key is a bad request here.
            Err(refusal)
                if refusal.status == StatusCode::BAD_REQUEST
                    && refusal.code.as_deref() == Some("API_KEY_INVALID") =>
            {
                Err(self.web.deny(&refusal))
            }
            Err(refusal) => Err(self.web.verdict(&refusal)),
        }
    }

    fn trouble(&self) -> Option<String> {
        self.web.trouble()
    }
}

/// The language of the voice, which must be named as well: `es-US` of `es-US-Neural2-A`.
fn language_code(utterance: &Utterance) -> &str {
    let voice = &utterance.voice;
    let tag = voice.match_indices('-').nth(1).and_then(|(at, _)| voice.get(..at)).filter(|tag| is_tag(tag));
    tag.unwrap_or(&utterance.language)
}

fn audio_in(body: &[u8]) -> Result<Encoded, SynthError> {
    let spoken: Spoken = serde_json::from_slice(body)
        .map_err(|_| SynthError::Corrupt("did not answer as it used to".to_owned()))?;
    match STANDARD.decode(&spoken.audio_content) {
        Ok(bytes) if !bytes.is_empty() => Ok(Encoded::new(bytes, Some(Container::Wav))),
        Ok(_) => Err(SynthError::Corrupt("sent no audio".to_owned())),
        Err(error) => Err(SynthError::Corrupt(format!("sent damaged audio: {error}"))),
    }
}
