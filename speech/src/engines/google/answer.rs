//! Finding the audio in the answer.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::PROCEDURE;
use crate::engine::SynthError;

/// The service is not known to leave padding off, and not known to promise it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The MP3 file in `body`: some line is an array that holds `["wrb.fr", procedure, "[\"<base64>\"]", …]`, where the
/// third item is JSON in a string, or `null` when the service would not speak.
pub(super) fn audio_in(body: &str) -> Result<Vec<u8>, SynthError> {
    let answer = body.lines().filter(|line| line.contains(PROCEDURE)).find_map(|line| {
        let line: Value = serde_json::from_str(line.trim()).ok()?;
        line.as_array()?.iter().find_map(result)
    });
    let Some(answer) = answer else {
        return Err(SynthError::Corrupt("did not answer as it used to".to_owned()));
    };
    let audio = answer.as_str().and_then(|inner| serde_json::from_str::<Vec<Value>>(inner).ok());
    let Some(base64) = audio.as_ref().and_then(|inner| inner.first()).and_then(Value::as_str) else {
        return Err(SynthError::Rejected("sent no audio for this text and language".to_owned()));
    };
    match BASE64.decode(base64) {
        Ok(bytes) if !bytes.is_empty() => Ok(bytes),
        Ok(_) => Err(SynthError::Rejected("sent no audio for this text and language".to_owned())),
        Err(error) => Err(SynthError::Corrupt(format!("sent damaged audio: {error}"))),
    }
}

fn result(envelope: &Value) -> Option<Value> {
    (envelope.get(1)?.as_str()? == PROCEDURE).then(|| envelope.get(2).cloned().unwrap_or(Value::Null))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audio_is_found_wherever_it_stands() {
        for body in [
            r#")]}'

[["wrb.fr","jQ1olc","[\"aG9sYQ==\"]",null,null,null,"generic"],["di",19],["af.httprm",18,"1",3]]"#,
            r#")]}'

104
[["wrb.fr","jQ1olc","[\"aG9sYQ\u003d\u003d\"]",null,null,null,"generic"]]
25
[["e",4,null,null,140]]"#,
            r#"[["di",1],["wrb.fr","jQ1olc","[\"aG9sYQ\"]"]]"#,
        ] {
            assert_eq!(audio_in(body).unwrap(), b"hola", "{body}");
        }
    }

    #[test]
    fn an_answer_without_audio_is_a_refusal_and_another_answer_is_damage() {
        for body in [
            r#"[["wrb.fr","jQ1olc",null,null,null,[3],"generic"]]"#,
            r#"[["wrb.fr","jQ1olc","[]",null]]"#,
            r#"[["wrb.fr","jQ1olc","[null]"]]"#,
            r#"[["wrb.fr","jQ1olc","[\"\"]"]]"#,
            r#"[["wrb.fr","jQ1olc"]]"#,
        ] {
            assert!(matches!(audio_in(body), Err(SynthError::Rejected(_))), "{body}");
        }
        for body in [
            "",
            "<!doctype html><title>Before you continue</title>",
            r#"[["wrb.fr","other","[\"aG9sYQ==\"]"]]"#,
            r#"[["wrb.fr","jQ1olc","[\"aG9s"#,
            r#"[["wrb.fr","jQ1olc","[\"a*\"]"]]"#,
        ] {
            assert!(matches!(audio_in(body), Err(SynthError::Corrupt(_))), "{body}");
        }
    }
}
