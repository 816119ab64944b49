//! Engines that speak the Wyoming protocol, such as those of Home Assistant and Rhasspy. Contract: the `wyoming` package,
//! `event.py` (framing), `tts.py`, `audio.py`, `info.py`.

mod wire;

use async_trait::async_trait;
use clap::Args;
use pregon_audio::{Container, Pcm, wav};
use pregon_core::VoiceInfo;
use serde_json::{Value, json};

use super::EngineName;
use super::remote::{Remote, Speaker, oversized, unavailable};
use super::roster::{Roster, is_name, is_tag};
use super::settings::needed;
use crate::engine::{Encoded, SynthError, Utterance};
use crate::limits::Limits;
use wire::{Event, Wire};

/// Half an hour at 24 kHz.
const MOST_AUDIO: usize = 64 << 20;

/// A Wyoming server.
#[derive(Args, Clone, Debug, Default)]
pub struct WyomingArgs {
    /// `wyoming`: where the server is, such as 127.0.0.1:10200
    #[arg(long, env, value_parser = address, value_name = "HOST:PORT")]
    pub wyoming_addr: Option<String>,

    /// `wyoming`: the voice of each language, such as es=es_ES-sharvard-medium. The server is asked before every
    /// announcement whether it has it.
    #[arg(long, env, value_name = "LANGUAGE=VOICE,…")]
    pub wyoming_voices: Option<Roster>,
}

pub(super) struct Wyoming {
    address: String,
}

/// The engine as configured. Asks the server for its voices; one that is not up offers what is configured.
pub(super) async fn engine(args: &WyomingArgs, limits: Limits) -> Result<Remote<Wyoming>, String> {
    let address = needed("WYOMING_ADDR", args.wyoming_addr.as_ref())?.clone();
    let roster = needed("WYOMING_VOICES", args.wyoming_voices.as_ref())?.clone();
    let version = format!("wyoming-1 {address}");
    Ok(Remote::new(EngineName::Wyoming, version, roster, limits, Wyoming { address }).introduced().await)
}

impl Wyoming {
    async fn listed(&self) -> Result<Vec<VoiceInfo>, SynthError> {
        let mut wire = Wire::connect(&self.address).await?;
        Ok(described(&describe(&mut wire).await?))
    }
}

#[async_trait]
impl Speaker for Wyoming {
    async fn speak(&self, text: &str, utterance: &Utterance) -> Result<Encoded, SynthError> {
        let mut wire = Wire::connect(&self.address).await?;
        let voices = described(&describe(&mut wire).await?);
        // Servers speak with the voice they have when they lack the one they are asked for.
        if !voices.iter().any(|voice| voice.id == utterance.voice) {
            return Err(unavailable(format!("has no voice {} (WYOMING_VOICES)", utterance.voice)));
        }
        wire.send("synthesize", &json!({ "text": text, "voice": { "name": utterance.voice } })).await?;
        let clip = listen(&mut wire).await?;
        Ok(Encoded::new(wav::encode(&clip), Some(Container::Wav)))
    }

    async fn voices(&self) -> Vec<VoiceInfo> {
        self.listed().await.unwrap_or_default()
    }
}

async fn describe(wire: &mut Wire) -> Result<Value, SynthError> {
    wire.send("describe", &json!({})).await?;
    loop {
        let event = wire.next().await?;
        if event.kind == "info" {
            return Ok(event.data);
        }
    }
}

/// Everything from `audio-start` to `audio-stop`.
async fn listen(wire: &mut Wire) -> Result<Pcm, SynthError> {
    let mut format = None;
    let mut bytes = Vec::new();
    loop {
        let event = wire.next().await?;
        match event.kind.as_str() {
            "audio-start" => format = Some(Format::of(&event)?),
            "audio-chunk" => {
                // Each chunk says it again; one that differs would be noise.
                let chunk = Format::of(&event)?;
                if *format.get_or_insert(chunk) != chunk {
                    return Err(SynthError::Corrupt("changed the format of the audio midway".to_owned()));
                }
                if bytes.len() + event.payload.len() > MOST_AUDIO {
                    return Err(oversized());
                }
                bytes.extend(event.payload);
            }
            "audio-stop" => break,
            "error" => {
                let code = event.data.get("code").and_then(Value::as_str).filter(|code| is_name(code));
                return Err(unavailable(format!("reported an error ({})", code.unwrap_or("no code"))));
            }
            _ => {}
        }
    }
    let format = format.filter(|_| !bytes.is_empty());
    Ok(format.ok_or_else(|| SynthError::Corrupt("sent no audio".to_owned()))?.clip(&bytes))
}

/// How samples follow one another.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Format {
    rate: u32,
    channels: usize,
}

impl Format {
    fn of(event: &Event) -> Result<Self, SynthError> {
        let field = |name| event.data.get(name).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
        match (field("rate"), field("width"), field("channels")) {
            (Some(rate @ 4_000..=192_000), Some(2), Some(channels @ 1..=8)) => {
                Ok(Self { rate, channels: usize::try_from(channels).unwrap_or(1) })
            }
            _ => Err(SynthError::Corrupt("sent audio that is not 16 bit PCM".to_owned())),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "at most eight channels")]
    fn clip(self, bytes: &[u8]) -> Pcm {
        let (samples, _) = bytes.as_chunks();
        let samples: Vec<f32> =
            samples.iter().map(|pair| f32::from(i16::from_le_bytes(*pair)) / 32_768.0).collect();
        let mean = |frame: &[f32]| frame.iter().sum::<f32>() / frame.len() as f32;
        Pcm::new(self.rate, samples.chunks_exact(self.channels).map(mean).collect())
    }
}

/// The voices in an `info`: `{"tts": [{"voices": [{"name": …, "languages": ["es_ES"], "installed": true}, …]}, …]}`.
fn described(info: &Value) -> Vec<VoiceInfo> {
    let programs = info.get("tts").and_then(Value::as_array).into_iter().flatten();
    let voices = programs.filter_map(|program| program.get("voices")?.as_array()).flatten();
    let voice = |voice: &Value| {
        let name = voice.get("name")?.as_str().filter(|name| is_name(name))?;
        let language =
            voice.pointer("/languages/0").and_then(Value::as_str).unwrap_or("mul").replace('_', "-");
        let installed = voice.get("installed").and_then(Value::as_bool).unwrap_or(true);
        (installed && is_tag(&language)).then(|| VoiceInfo { id: name.to_owned(), language })
    };
    voices.filter_map(voice).collect()
}

fn address(text: &str) -> Result<String, String> {
    let good =
        text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    good.then(|| text.to_owned()).ok_or_else(|| "must be host:port, such as 127.0.0.1:10200".to_owned())
}
