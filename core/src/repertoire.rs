//! Which engines, voices and languages there are: what the API checks a request against.

/// One engine of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineInfo {
    /// Its name, as in `TTS_ENGINES`.
    pub id: String,
    /// Voices it knows, with the language of each. Empty: voices are not chosen by name.
    pub voices: Vec<VoiceInfo>,
    /// Languages it speaks: primary subtags such as `es`.
    pub languages: Vec<String>,
}

/// One voice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceInfo {
    /// Its name.
    pub id: String,
    /// Its language tag.
    pub language: String,
}

/// The configured chain of engines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repertoire {
    /// In the order of the chain.
    pub engines: Vec<EngineInfo>,
}

/// What a request asks for that nobody can give.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSpoken {
    /// No such engine.
    #[error("is not one of the configured engines: {0}")]
    Engine(String),
    /// No such voice.
    #[error("is not a voice of {0}; GET /voices lists them")]
    Voice(String),
    /// No engine speaks it.
    #[error("is not spoken by any configured engine ({0})")]
    Language(String),
}

impl Repertoire {
    /// Whether the chain, or the one engine asked for, has that language and voice. A voice counts when at least one
    /// engine of the chain has it: the others fall back to their own.
    pub fn check(&self, language: &str, engine: Option<&str>, voice: Option<&str>) -> Result<(), NotSpoken> {
        let names = || self.engines.iter().map(|e| e.id.as_str()).collect::<Vec<_>>().join(", ");
        let asked: Vec<_> = self.engines.iter().filter(|e| engine.is_none_or(|id| e.id == id)).collect();
        if asked.is_empty() {
            return Err(NotSpoken::Engine(names()));
        }
        let primary = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
        if !asked.iter().any(|e| e.languages.contains(&primary)) {
            return Err(NotSpoken::Language(names()));
        }
        match voice {
            Some(id) if !asked.iter().any(|e| e.voices.iter().any(|v| v.id == id)) => {
                Err(NotSpoken::Voice(engine.map_or_else(names, ToOwned::to_owned)))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_exists_passes() {
        let engine = |id: &str, voices: &[&str]| EngineInfo {
            id: id.into(),
            voices: voices.iter().map(|v| VoiceInfo { id: (*v).into(), language: "es".into() }).collect(),
            languages: vec!["es".into(), "en".into()],
        };
        let all = Repertoire { engines: vec![engine("google", &["com.co"]), engine("espeak", &["es-419"])] };
        assert_eq!(all.check("es-CO", None, None), Ok(()));
        assert_eq!(all.check("es", Some("espeak"), Some("es-419")), Ok(()));
        assert_eq!(all.check("es", None, Some("com.co")), Ok(()));
        assert!(matches!(all.check("es", Some("espeak"), Some("com.co")), Err(NotSpoken::Voice(_))));
        assert!(matches!(all.check("es", Some("azure"), None), Err(NotSpoken::Engine(_))));
        assert!(matches!(all.check("tlh", None, None), Err(NotSpoken::Language(_))));
    }
}
