//! What requests have in common that name a voice in the words of other servers.

use pregon_core::{EngineInfo, NotRecorded, NotSpoken, VoiceInfo};

use crate::fields::{Fields, is_forbidden};
use crate::problem::ApiError;
use crate::request::{MAX_TEXT, Rules, language};

/// Names that mean no voice in particular: those of OpenAI, with which programs come filled in.
const NO_VOICE: [&str; 14] = [
    "default", "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage",
    "shimmer", "verse",
];

/// Who is to speak, and in which language.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) language: String,
    pub(crate) engine: Option<String>,
    pub(crate) voice: Option<String>,
}

/// Takes the field `language`, and finds the voice that is called `name`: `<engine>:<voice>`, `<voice>`, `<engine>`, or one
/// of [`NO_VOICE`]. `engine` is the one that the request names otherwise. Without a language, that of the voice counts.
pub(crate) fn chosen(
    fields: &mut Fields,
    rules: &Rules,
    engine: Option<String>,
    name: Option<&str>,
) -> Chosen {
    let tag = fields.parsed("language", MAX_TEXT, language);
    let (engine, voice) = match name.map(|name| find(&rules.repertoire.engines, engine.as_deref(), name)) {
        None => (engine, None),
        Some(Some((named, voice))) => (named.map(|named| named.id.clone()).or(engine), voice),
        Some(None) => {
            fields.refuse("voice", "is not known; GET /v1/audio/voices lists them");
            (engine, None)
        }
    };
    let language = tag.or_else(|| voice.map(|voice| voice.language.clone()));
    let language = language.unwrap_or_else(|| rules.language.clone());
    let voice = voice.map(|voice| voice.id.clone());
    match rules.repertoire.check(&language, engine.as_deref(), voice.as_deref()) {
        Ok(()) => {}
        Err(why @ NotSpoken::Voice(_)) => fields.refuse("voice", why),
        Err(why @ (NotSpoken::Engine(_) | NotSpoken::Language(_))) => fields.refuse("language", why),
    }
    Chosen { language, engine, voice }
}

type Found<'a> = (Option<&'a EngineInfo>, Option<&'a VoiceInfo>);

/// What `name` stands for; `None` when it is nothing that exists.
fn find<'a>(engines: &'a [EngineInfo], engine: Option<&str>, name: &str) -> Option<Found<'a>> {
    let has = |engine: &'a EngineInfo, name: &str| engine.voices.iter().find(|voice| voice.id == name);
    if let Some((engine, voice)) = name.split_once(':')
        && let Some(engine) = engines.iter().find(|known| known.id == engine)
    {
        return Some((Some(engine), Some(has(engine, voice)?)));
    }
    let asked = |known: &&EngineInfo| engine.is_none_or(|engine| known.id == engine);
    if let Some(voice) = engines.iter().filter(asked).find_map(|known| has(known, name)) {
        return Some((None, Some(voice)));
    }
    if let Some(engine) = engines.iter().find(|known| known.id == name) {
        return Some((Some(engine), None));
    }
    NO_VOICE.contains(&name).then_some((None, None))
}

/// The text with one kind of line break, and with spaces for everything else that is not spoken: programs send texts as
/// they have them.
pub(crate) fn readable(text: &str) -> String {
    text.replace("\r\n", "\n").replace(|c| c != '\n' && is_forbidden(c), " ")
}

/// Why something was not spoken; `field` holds the text.
pub(crate) fn unspoken(field: &str, why: NotRecorded) -> ApiError {
    match why {
        NotRecorded::Refused(why) => ApiError::field(field, format!("cannot be spoken: {why}")),
        NotRecorded::Unavailable { why, retry_after } => ApiError::Unspoken(why, retry_after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_is_found_by_any_of_its_names() {
        let engine = |id: &str, voices: &[&str]| EngineInfo {
            id: id.into(),
            voices: voices.iter().map(|v| VoiceInfo { id: (*v).into(), language: "es".into() }).collect(),
            languages: vec!["es".into()],
        };
        let engines =
            [engine("google", &[]), engine("espeak", &["es-419", "nova"]), engine("piper", &["ana:low"])];
        let named = |engine: Option<&str>, name: &str| {
            let (engine, voice) = find(&engines, engine, name)?;
            Some((engine.map(|engine| engine.id.as_str()), voice.map(|voice| voice.id.as_str())))
        };
        assert_eq!(named(None, "espeak:es-419"), Some((Some("espeak"), Some("es-419"))));
        assert_eq!(named(None, "es-419"), Some((None, Some("es-419"))));
        assert_eq!(named(Some("google"), "es-419"), None);
        assert_eq!(named(None, "google"), Some((Some("google"), None)));
        assert_eq!(named(None, "alloy"), Some((None, None)));
        assert_eq!(named(None, "nova"), Some((None, Some("nova"))), "a voice that is called so goes first");
        assert_eq!(named(None, "ana:low"), Some((None, Some("ana:low"))));
        assert_eq!(named(None, "piper:ana:low"), Some((Some("piper"), Some("ana:low"))));
        assert_eq!((named(None, "espeak:nadie"), named(None, "nadie"), named(None, "")), (None, None, None));
    }

    #[test]
    fn texts_are_taken_as_programs_have_them() {
        assert_eq!(readable("uno\r\ndos\ttres\u{202e}\n"), "uno\ndos tres \n");
    }
}
