//! Which voice speaks which language.

use std::str::FromStr;

use pregon_core::VoiceInfo;

/// Countries whose Spanish is nearer to `es-419` than to Spain's (the parent locales of CLDR).
const LATIN_AMERICA: [&str; 21] = [
    "AR", "BO", "BR", "BZ", "CL", "CO", "CR", "CU", "DO", "EC", "GT", "HN", "MX", "NI", "PA", "PE", "PR",
    "PY", "SV", "US", "UY",
];

/// Longest name of a voice that is believed, in bytes.
const LONGEST_NAME: usize = 200;

/// The voice of each language, as the operator set them: `es-419=dalia,en=aria`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster(Vec<VoiceInfo>);

impl Roster {
    /// The voice for `language`: its own, else that of a less narrow tag (`es-CO`, then `es-419`, then `es`), else that
    /// of a sister: whoever asks for `es` is content with `es-MX`.
    pub(super) fn choose(&self, language: &str) -> Option<&str> {
        let mut tag = language;
        loop {
            if let Some(voice) = self.of(tag) {
                return Some(voice);
            }
            if let Some(voice) = latin_american(tag).then(|| self.of("es-419")).flatten() {
                return Some(voice);
            }
            let Some((wider, _)) = tag.rsplit_once('-') else { break };
            tag = wider;
        }
        let sister = |voice: &&VoiceInfo| primary(&voice.language).eq_ignore_ascii_case(tag);
        self.0.iter().find(sister).map(|voice| voice.id.as_str())
    }

    fn of(&self, tag: &str) -> Option<&str> {
        self.0.iter().find(|voice| voice.language.eq_ignore_ascii_case(tag)).map(|voice| voice.id.as_str())
    }

    /// Every voice with a language of it.
    pub(super) fn voices(&self) -> &[VoiceInfo] {
        &self.0
    }

    /// Whether some language has that voice.
    pub(super) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|voice| voice.id == id)
    }

    /// Primary subtags of the languages, each once.
    pub(super) fn languages(&self) -> Vec<String> {
        let mut languages: Vec<_> =
            self.0.iter().map(|v| primary(&v.language).to_ascii_lowercase()).collect();
        languages.sort_unstable();
        languages.dedup();
        languages
    }
}

fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

fn latin_american(tag: &str) -> bool {
    let Some((language, region)) = tag.split_once('-') else { return false };
    language.eq_ignore_ascii_case("es")
        && LATIN_AMERICA.iter().any(|known| known.eq_ignore_ascii_case(region))
}

impl FromStr for Roster {
    type Err = String;

    /// Reads `language=voice`, separated by commas.
    fn from_str(text: &str) -> Result<Self, String> {
        let voice = |entry: &str| {
            let (language, id) = entry
                .split_once('=')
                .map(|(language, id)| (language.trim(), id.trim()))
                .filter(|(language, id)| is_tag(language) && is_name(id))
                .ok_or_else(|| {
                    format!("{entry:?} is no voice: write language=voice, such as es=dalia,en=aria")
                })?;
            Ok(VoiceInfo { id: id.to_owned(), language: language.to_owned() })
        };
        let voices: Vec<VoiceInfo> = text.split(',').map(voice).collect::<Result<_, String>>()?;
        for (n, voice) in voices.iter().enumerate() {
            if voices.iter().take(n).any(|before| before.language.eq_ignore_ascii_case(&voice.language)) {
                return Err(format!("{} has two voices: a language takes one", voice.language));
            }
        }
        Ok(Self(voices))
    }
}

/// `es`, `es-419`, `zh-Hant-TW`.
pub(super) fn is_tag(text: &str) -> bool {
    let subtag =
        |subtag: &str| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric());
    text.len() <= 35 && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.split('-').all(subtag)
}

/// Whether it can be the name of a voice: no spaces, nothing that controls.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST_NAME
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_find_their_voices() {
        let roster: Roster = "es-419=dalia, es=elvira,en-GB=sonia,zh-Hant=hsiao".parse().unwrap();
        for (language, voice) in [
            ("es-CO", Some("dalia")),
            ("es-co", Some("dalia")),
            ("es-419", Some("dalia")),
            ("es-ES", Some("elvira")),
            ("es", Some("elvira")),
            ("ES", Some("elvira")),
            ("en-US", Some("sonia")),
            ("en", Some("sonia")),
            ("zh-Hant-TW", Some("hsiao")),
            ("fr", None),
            ("e", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(roster.choose(language), voice, "{language}");
        }
        assert_eq!(roster.languages(), ["en", "es", "zh"]);
        let only: Roster = "es-MX=dalia".parse().unwrap();
        assert_eq!(
            (only.choose("es"), only.choose("es-CO"), only.choose("en")),
            (Some("dalia"), Some("dalia"), None)
        );
    }

    #[test]
    fn bad_entries_are_named_with_what_would_do() {
        for text in
            ["", "es", "es=", "=x", "es=a b", "es=a,", "español=x", "es_MX=x", "-=x", "es=a\nb", "1=x"]
        {
            let error = text.parse::<Roster>().unwrap_err();
            assert!(error.contains("write language=voice"), "{text}: {error}");
        }
        assert_eq!("es=a,ES=b".parse::<Roster>().unwrap_err(), "ES has two voices: a language takes one");
    }
}
