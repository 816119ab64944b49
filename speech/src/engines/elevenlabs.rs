//! ElevenLabs. What it limits is not how often it is asked but how much at the same time; whoever asks for more is to
//! wait in line and not to go away (help centre, "API - Error Code 429").

use std::time::Duration;

use async_trait::async_trait;
use clap::Args;
use pregon_audio::Container;
use pregon_core::Secret;
use reqwest::RequestBuilder;
use reqwest::header::HeaderValue;
use serde_json::json;
use tokio::time::sleep;
use url::Url;

use super::EngineName;
use super::remote::{Remote, Speaker, other_rate};
use super::roster::Roster;
use super::settings::{needed, needed_key, web_address};
use super::web::{MOST_AUDIO, Web, secret, under};
use crate::engine::{Encoded, SynthError, Utterance};
use crate::limits::Limits;

/// Every plan has it; uncompressed formats are for the dearer ones.
const FORMAT: &str = "mp3_44100_128";

/// `voice_settings.speed`, API reference.
const SPEEDS: std::ops::RangeInclusive<f32> = 0.7..=1.2;

/// Turns in the line before the next engine is the better choice: half of the time-out altogether.
const TURNS: [u32; 4] = [32, 16, 8, 4];

/// How long it is left alone when it is overloaded.
const BUSY: Duration = Duration::from_secs(15);

/// ElevenLabs.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the variables are named after the fields")]
pub struct ElevenLabsArgs {
    /// `elevenlabs`: its API key, or @/path of a file that holds it
    #[arg(long, env, value_name = "KEY", hide_env_values = true)]
    pub elevenlabs_key: Option<Secret>,

    /// `elevenlabs`: where it is
    #[arg(long, env, default_value = "https://api.elevenlabs.io", value_parser = web_address, value_name = "URL")]
    pub elevenlabs_url: Url,

    /// `elevenlabs`: the model
    #[arg(long, env, default_value = "eleven_multilingual_v2", value_name = "NAME")]
    pub elevenlabs_model: String,

    /// `elevenlabs`: the id of the voice of each language, such as es=21m00Tcm4TlvDq8ikWAM
    #[arg(long, env, value_name = "LANGUAGE=VOICE,…")]
    pub elevenlabs_voices: Option<Roster>,
}

pub(super) struct ElevenLabs {
    web: Web,
    base: Url,
    model: String,
    key: HeaderValue,
    timeout: Duration,
}

/// The engine as configured.
pub(super) fn engine(args: &ElevenLabsArgs, limits: Limits) -> Result<Remote<ElevenLabs>, String> {
    let key = secret("ELEVENLABS_KEY", needed_key("ELEVENLABS_KEY", args.elevenlabs_key.as_ref())?)?;
    let roster = needed("ELEVENLABS_VOICES", args.elevenlabs_voices.as_ref())?.clone();
    let base = args.elevenlabs_url.clone();
    let web = Web::new(EngineName::ElevenLabs, &base, limits.timeout, "ELEVENLABS_KEY")?;
    let model = args.elevenlabs_model.clone();
    let version = format!("elevenlabs-1 {model}");
    let elevenlabs = ElevenLabs { web, base, model, key, timeout: limits.timeout };
    Ok(Remote::new(EngineName::ElevenLabs, version, roster, limits, elevenlabs))
}

impl ElevenLabs {
    fn request(&self, text: &str, utterance: &Utterance) -> RequestBuilder {
        let mut url = under(&self.base, "v1/text-to-speech");
        // The voice as one segment, whatever it holds.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(&utterance.voice);
        }
        url.query_pairs_mut().append_pair("output_format", FORMAT);
        let mut order = json!({ "text": text, "model_id": self.model });
        let speed = other_rate(utterance.rate.clamp(*SPEEDS.start(), *SPEEDS.end()));
        if let (Some(speed), Some(order)) = (speed, order.as_object_mut()) {
            order.insert("voice_settings".to_owned(), json!({ "speed": speed }));
        }
        self.web.client().post(url).header("xi-api-key", &self.key).json(&order)
    }
}

#[async_trait]
impl Speaker for ElevenLabs {
    async fn speak(&self, text: &str, utterance: &Utterance) -> Result<Encoded, SynthError> {
        let mut turns = TURNS.into_iter();
        loop {
            let refusal = match self.web.ask(self.request(text, utterance), MOST_AUDIO).await? {
                Ok(answer) => {
                    let file = answer.audio()?;
                    return Ok(Encoded { container: file.container.or(Some(Container::Mp3)), ..file });
                }
                Err(refusal) => refusal,
            };
            match (refusal.code.as_deref(), turns.next()) {
                (Some("too_many_concurrent_requests"), Some(part)) => sleep(self.timeout / part).await,
                (Some("too_many_concurrent_requests"), None) => {
                    return Err(SynthError::Busy { retry_after: self.timeout / 4 });
                }
                (Some("system_busy"), _) => {
                    let retry_after = refusal.retry_after.unwrap_or(BUSY);
                    return Err(SynthError::Limited {
                        reason: format!("is overloaded: {refusal}"),
                        retry_after,
                    });
                }
                _ => return Err(self.web.verdict(&refusal)),
            }
        }
    }

    fn trouble(&self) -> Option<String> {
        self.web.trouble()
    }
}
