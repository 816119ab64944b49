//! Microsoft Azure's voices. Contract: the REST reference of Azure AI Speech, "Convert text to speech".

use std::fmt::Write as _;

use async_trait::async_trait;
use clap::Args;
use pregon_core::Secret;
use reqwest::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use url::Url;

use super::EngineName;
use super::remote::{Remote, Speaker, other_rate};
use super::roster::Roster;
use super::settings::{missing, needed, needed_key, web_address};
use super::web::{Web, secret, under};
use crate::engine::{Encoded, SynthError, Utterance};
use crate::limits::Limits;

/// Uncompressed, at the voices' own rate.
const FORMAT: &str = "riff-24khz-16bit-mono-pcm";

/// What the service speaks, as parts of the voice's own rate (`prosody`, SSML reference: 0.5 to 2).
const RATES: std::ops::RangeInclusive<f32> = 0.5..=2.0;

/// Azure.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_field_names, reason = "the variables are named after the fields")]
pub struct AzureArgs {
    /// `azure`: the key of the speech resource, or @/path of a file that holds it
    #[arg(long, env, value_name = "KEY", hide_env_values = true)]
    pub azure_tts_key: Option<Secret>,

    /// `azure`: the region of the speech resource, such as eastus
    #[arg(long, env, value_parser = region, value_name = "REGION")]
    pub azure_tts_region: Option<String>,

    /// `azure`: where the service is, when that does not follow from the region
    #[arg(long, env, value_parser = web_address, value_name = "URL")]
    pub azure_tts_url: Option<Url>,

    /// `azure`: the voice of each language, such as es-419=es-MX-DaliaNeural,en=en-US-AvaNeural
    #[arg(long, env, value_name = "LANGUAGE=VOICE,…")]
    pub azure_tts_voices: Option<Roster>,
}

pub(super) struct Azure {
    web: Web,
    endpoint: Url,
    key: HeaderValue,
}

/// The engine as configured.
pub(super) fn engine(args: &AzureArgs, limits: Limits) -> Result<Remote<Azure>, String> {
    let key = secret("AZURE_TTS_KEY", needed_key("AZURE_TTS_KEY", args.azure_tts_key.as_ref())?)?;
    let base = match (&args.azure_tts_url, &args.azure_tts_region) {
        (Some(url), _) => url.clone(),
        (None, Some(region)) => web_address(&format!("https://{region}.tts.speech.microsoft.com"))?,
        (None, None) => return Err(missing("AZURE_TTS_REGION")),
    };
    let roster = needed("AZURE_TTS_VOICES", args.azure_tts_voices.as_ref())?.clone();
    let web = Web::new(EngineName::Azure, &base, limits.timeout, "AZURE_TTS_KEY")?;
    let azure = Azure { web, endpoint: under(&base, "cognitiveservices/v1"), key };
    Ok(Remote::new(EngineName::Azure, "azure-1".to_owned(), roster, limits, azure))
}

#[async_trait]
impl Speaker for Azure {
    async fn speak(&self, text: &str, utterance: &Utterance) -> Result<Encoded, SynthError> {
        let request = self
            .web
            .client()
            .post(self.endpoint.clone())
            .header("Ocp-Apim-Subscription-Key", &self.key)
            .header("X-Microsoft-OutputFormat", FORMAT)
            .header(CONTENT_TYPE, "application/ssml+xml")
            // The service refuses requests without one.
            .header(USER_AGENT, "pregon")
            .body(ssml(text, utterance));
        self.web.audio(request).await
    }

    fn trouble(&self) -> Option<String> {
        self.web.trouble()
    }
}

fn ssml(text: &str, utterance: &Utterance) -> String {
    let (language, voice) = (escaped(&utterance.language), escaped(&utterance.voice));
    let rate = utterance.rate.clamp(*RATES.start(), *RATES.end());
    let mut speech = escaped(text);
    if let Some(rate) = other_rate(rate) {
        let percent = (rate - 1.0) * 100.0;
        speech = format!(r#"<prosody rate="{percent:+.0}%">{speech}</prosody>"#);
    }
    format!(
        r#"<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="{language}"><voice name="{voice}">{speech}</voice></speak>"#
    )
}

/// Text that XML can hold, in elements and between quotation marks.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => drop(write!(xml, "&#{};", u32::from(c))),
            // XML 1.0 has no way to write these.
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => xml.push(' '),
            c => xml.push(c),
        }
    }
    xml
}

fn region(text: &str) -> Result<String, String> {
    let good = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    good.then(|| text.to_owned()).ok_or_else(|| "must be a region such as eastus".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        let said = r#"</voice><audio src="file:///etc/passwd"/>Tom & Jerry's"#;
        assert_eq!(
            escaped(said),
            "&#60;/voice&#62;&#60;audio src=&#34;file:///etc/passwd&#34;/&#62;Tom &#38; Jerry&#39;s"
        );
        assert_eq!(escaped("a\u{1}b\u{ffff}ñ😀"), "a b ñ😀");
    }

    #[test]
    fn the_rate_is_a_difference_in_percent() {
        let at =
            |rate| ssml("x", &Utterance { text: "x".into(), language: "es".into(), voice: "v".into(), rate });
        for (rate, mark) in [
            (1.2, "rate=\"+20%\""),
            (0.75, "rate=\"-25%\""),
            (4.0, "rate=\"+100%\""),
            (0.25, "rate=\"-50%\""),
        ] {
            assert!(at(rate).contains(mark), "{rate}: {}", at(rate));
        }
        assert!(!at(1.0).contains("prosody"));
    }
}
