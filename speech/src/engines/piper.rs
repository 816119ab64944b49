//! Piper's HTTP server: good voices without anybody else's machine. The contract is that of piper-tts 1.8
//! (`http_server.py`), and of its elders where they differ.

use async_trait::async_trait;
use clap::Args;
use pregon_core::VoiceInfo;
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};
use url::Url;

use super::EngineName;
use super::remote::{Remote, Speaker, other_rate, unavailable};
use super::roster::{Roster, is_name, is_tag};
use super::settings::{needed, web_address};
use super::web::{MOST_AUDIO, Web, under};
use crate::engine::{Encoded, SynthError, Utterance};
use crate::limits::Limits;

/// A list of voices holds the whole configuration of each.
const MOST_VOICES: usize = 16 << 20;

/// What the server's own `rstrip(".onnx.json")` may take off the end of a name besides the extension.
const STRIPPED: [char; 6] = ['.', 'o', 'n', 'x', 'j', 's'];

/// Piper.
#[derive(Args, Clone, Debug, Default)]
pub struct PiperArgs {
    /// `piper`: where its HTTP server is, such as `http://127.0.0.1:5000`
    #[arg(long, env, value_parser = web_address, value_name = "URL")]
    pub piper_url: Option<Url>,

    /// `piper`: the voice of each language, such as es=es_ES-sharvard-medium,en=en_US-lessac-medium. The server must have
    /// them: it is asked before every announcement, because it speaks with another voice when it lacks one.
    #[arg(long, env, value_name = "LANGUAGE=VOICE,…")]
    pub piper_voices: Option<Roster>,
}

pub(super) struct Piper {
    web: Web,
    base: Url,
    /// How many voices are configured.
    voices: usize,
}

/// What the server knows.
enum Repertoire {
    Voices(Map<String, Value>),
    /// An elder one, which has one voice and no list.
    OneVoice,
}

/// The engine as configured.
pub(super) async fn engine(args: &PiperArgs, limits: Limits) -> Result<Remote<Piper>, String> {
    let base = needed("PIPER_URL", args.piper_url.as_ref())?;
    let roster = needed("PIPER_VOICES", args.piper_voices.as_ref())?.clone();
    let web = Web::new(EngineName::Piper, base, limits.timeout, "PIPER_URL")?;
    let mut names: Vec<_> = roster.voices().iter().map(|voice| voice.id.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let piper = Piper { web, base: base.clone(), voices: names.len() };
    let version = format!("piper-1 {base}");
    Ok(Remote::new(EngineName::Piper, version, roster, limits, piper).introduced().await)
}

/// `"es_MX-ald-medium": {"language": {"code": "es_MX", …}, …}`
fn offered((name, configuration): (&String, &Value)) -> Option<VoiceInfo> {
    let code = configuration.pointer("/language/code").and_then(Value::as_str);
    let language = code.or_else(|| name.split('-').next())?.replace('_', "-");
    (is_name(name) && is_tag(&language)).then(|| VoiceInfo { id: name.clone(), language })
}

impl Piper {
    async fn repertoire(&self) -> Result<Repertoire, SynthError> {
        let request = self.web.client().get(under(&self.base, "voices"));
        match self.web.ask(request, MOST_VOICES).await? {
            Ok(answer) => serde_json::from_slice(&answer.bytes)
                .map(Repertoire::Voices)
                .map_err(|_| SynthError::Corrupt("sent no list of voices".to_owned())),
            Err(refusal) if not_there(refusal.status) => Ok(Repertoire::OneVoice),
            Err(refusal) => Err(self.web.verdict(&refusal)),
        }
    }

    async fn check(&self, voice: &str) -> Result<bool, SynthError> {
        match self.repertoire().await? {
            Repertoire::Voices(voices) => {
                let short = voice.trim_end_matches(STRIPPED);
                if voices.contains_key(voice) || (short.len() < voice.len() && voices.contains_key(short)) {
                    return Ok(true);
                }
                // Not a refusal of the text: the voice can be installed while the job waits.
                Err(unavailable(format!(
                    "has no voice {voice} (PIPER_VOICES) and would speak with another one"
                )))
            }
            Repertoire::OneVoice if self.voices == 1 => Ok(false),
            Repertoire::OneVoice => Err(unavailable(
                "is of a kind that has one voice: leave one in PIPER_VOICES, or bring Piper up to date",
            )),
        }
    }
}

#[async_trait]
impl Speaker for Piper {
    async fn speak(&self, text: &str, utterance: &Utterance) -> Result<Encoded, SynthError> {
        let takes_json = self.check(&utterance.voice).await?;
        let post = |path| self.web.client().post(under(&self.base, path));
        let mut order = json!({ "text": text, "voice": utterance.voice });
        // How long a sound lasts.
        if let (Some(scale), Some(order)) = (other_rate(1.0 / utterance.rate), order.as_object_mut()) {
            order.insert("length_scale".to_owned(), json!(scale));
        }
        match self.web.ask(post("synthesize").json(&order), MOST_AUDIO).await? {
            Ok(answer) => answer.audio(),
            // Before 1.8 the page with the form was the door for programs.
            Err(refusal) if not_there(refusal.status) && takes_json => {
                self.web.audio(post("").json(&order)).await
            }
            Err(refusal) if not_there(refusal.status) => {
                let plain = post("").header(CONTENT_TYPE, "text/plain; charset=utf-8").body(text.to_owned());
                self.web.audio(plain).await
            }
            Err(refusal) => Err(self.web.verdict(&refusal)),
        }
    }

    async fn voices(&self) -> Vec<VoiceInfo> {
        match self.repertoire().await {
            Ok(Repertoire::Voices(voices)) => voices.iter().filter_map(offered).collect(),
            Ok(Repertoire::OneVoice) | Err(_) => Vec::new(),
        }
    }

    fn trouble(&self) -> Option<String> {
        self.web.trouble()
    }
}

fn not_there(status: StatusCode) -> bool {
    matches!(status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED)
}
