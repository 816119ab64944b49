//! From the JSON of a speech request to what is spoken. Pure.

use pregon_core::{SoundFormat, Speech};
use serde_json::Value;
use utoipa::ToSchema;

use crate::fields::{Fields, kind_of};
use crate::problem::FieldError;
use crate::request::{MAX_TEXT, Rules};
use crate::speaker::{chosen, readable};

/// Longest input, in characters: that of OpenAI's API.
pub(super) const MAX_INPUT: usize = 4_096;

/// The model that stands for the chain of engines as it is configured.
pub(super) const CHAIN: &str = "pregon";

/// Models of OpenAI's that stand for the same: programs come with them filled in.
const THEIR_MODELS: [&str; 4] = ["tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15"];

/// Something to say.
#[derive(Clone, Debug, ToSchema)]
#[schema(example = json!({"model": "pregon", "input": "El Concejo sesiona hoy", "voice": "espeak:es-419", "response_format": "wav"}))]
#[expect(dead_code, reason = "the schema of the request; it is read field by field")]
pub(crate) struct SpeechRequest {
    /// `pregon`, or an engine of `GET /v1/models`; `tts-1`, `tts-1-hd` and `gpt-4o-mini-tts` mean `pregon`.
    model: String,
    /// What to say. A line break ends a paragraph.
    #[schema(min_length = 1, max_length = 4096)]
    input: String,
    /// One of `GET /v1/audio/voices`, or a voice without its engine, or `{"id": …}`. Names of OpenAI's voices mean the usual
    /// voice of the language.
    #[schema(value_type = String)]
    voice: Value,
    /// `mp3`, `opus`, `flac`, `wav` or `pcm` (24 kHz, 16 bit, one channel). When absent: `mp3` where this build writes it,
    /// else `wav`.
    response_format: Option<String>,
    /// Speaking rate; 1 is the voice's own.
    #[schema(minimum = 0.25, maximum = 4.0, default = 1.0)]
    speed: Option<f32>,
    /// `audio`, or `sse` for events with pieces in base64.
    #[schema(pattern = "^(audio|sse)$", default = "audio")]
    stream_format: Option<String>,
    /// Language tag of the input; that of the voice, or `DEFAULT_LANGUAGE`, when absent. Not of OpenAI's.
    language: Option<String>,
    /// Not followed.
    instructions: Option<String>,
}

/// A request that was read.
#[derive(Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) speech: Speech,
    pub(super) format: SoundFormat,
    pub(super) events: bool,
}

/// Reads a request. Fields that we do not know are left alone: programs send those of other servers.
pub(super) fn read(value: Value, rules: &Rules, formats: &[SoundFormat]) -> Result<Asked, Vec<FieldError>> {
    let mut fields = Fields::of(value, "body").map_err(|e| vec![e])?;
    let input = input(&mut fields);
    let model = fields.need("model");
    let model = fields.text("model", model, MAX_TEXT);
    let engine = model.and_then(|model| engine(&mut fields, rules, &model));
    let voice = voice_name(&mut fields);
    let chosen = chosen(&mut fields, rules, engine, voice.as_deref());
    let format = format(&mut fields, formats);
    let rate = fields.number("speed", &(0.25..=4.0));
    let events = fields.parsed("stream_format", 40, |word: &str| match word {
        "audio" => Ok(false),
        "sse" => Ok(true),
        _ => Err("must be audio or sse"),
    });
    fields.end()?;
    // Without errors both are there.
    let (Some(text), Some(format)) = (input, format) else { return Err(Vec::new()) };
    let speech = Speech {
        text,
        language: chosen.language,
        voice: chosen.voice,
        engine: chosen.engine,
        rate: rate.filter(|rate| (rate - 1.0).abs() > f32::EPSILON),
        ssml: false,
    };
    Ok(Asked { speech, format, events: events.unwrap_or(false) })
}

fn input(fields: &mut Fields) -> Option<String> {
    let input = fields.need("input");
    let text = fields.any_text("input", input, MAX_INPUT)?;
    let text = readable(&text);
    if text.trim().is_empty() {
        fields.refuse("input", "is empty");
    }
    Some(text)
}

/// The engine that a model stands for; none for the chain.
fn engine(fields: &mut Fields, rules: &Rules, model: &str) -> Option<String> {
    if model == CHAIN || THEIR_MODELS.contains(&model) {
        return None;
    }
    let known = rules.repertoire.engines.iter().any(|engine| engine.id == model);
    if !known {
        fields.refuse(
            "model",
            format_args!("does not exist; GET /v1/models lists them, {CHAIN} is always there"),
        );
    }
    known.then(|| model.to_owned())
}

/// A name, or an object that holds one.
fn voice_name(fields: &mut Fields) -> Option<String> {
    let name = match fields.take("voice")? {
        Value::Object(mut voice) => voice.remove("id").unwrap_or_default(),
        other => other,
    };
    match name {
        Value::String(_) => fields.text("voice", Some(name), MAX_TEXT),
        other => {
            fields
                .refuse("voice", format_args!("must be a name or {{\"id\": name}}, not {}", kind_of(&other)));
            None
        }
    }
}

fn format(fields: &mut Fields, formats: &[SoundFormat]) -> Option<SoundFormat> {
    let usual = || [SoundFormat::Mp3, SoundFormat::Wav].into_iter().find(|format| formats.contains(format));
    if !fields.has("response_format") {
        return usual();
    }
    let names = || formats.iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", ");
    fields.parsed("response_format", 40, |word: &str| {
        let known = formats.iter().copied().find(|format| format.as_str() == word);
        known.ok_or_else(|| format!("is not written here: choose {}", names()))
    })
}

#[cfg(test)]
mod tests;
