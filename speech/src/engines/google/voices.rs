//! The languages that Google Translate speaks; each has one voice, named after it.

/// In the service's own spelling.
pub(super) const ALL: [&str; 52] = [
    "af", "ar", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fi", "fr",
    "gl", "gu", "hi", "hr", "hu", "id", "is", "it", "iw", "ja", "kn", "ko", "la", "lv", "ml", "mr", "ms",
    "my", "ne", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sr", "sv", "th", "tr", "uk", "ur", "vi", "zh-CN",
    "zh-TW",
];

/// Tags that the service spells otherwise.
const ALIASES: [(&str, &str); 5] =
    [("he", "iw"), ("nb", "no"), ("zh", "zh-CN"), ("zh-hk", "zh-TW"), ("zh-hant", "zh-TW")];

/// The voice asked for, else the language's own, else that of a less narrow tag.
pub(super) fn choose(language: &str, asked: Option<&str>) -> Option<&'static str> {
    if let Some(voice) = asked.and_then(named) {
        return Some(voice);
    }
    let mut tag = language;
    loop {
        let alias = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(tag));
        if let Some(voice) = named(alias.map_or(tag, |(_, voice)| voice)) {
            return Some(voice);
        }
        tag = tag.rsplit_once('-')?.0;
    }
}

/// Primary subtags of all languages, each once, in today's spelling.
pub(super) fn languages() -> Vec<String> {
    let primary = |id: &&str| id.split('-').next().unwrap_or_default().to_owned();
    let mut languages: Vec<String> = ALL.iter().map(primary).collect();
    languages.extend(["he", "nb"].map(str::to_owned));
    languages.sort_unstable();
    languages.dedup();
    languages
}

fn named(id: &str) -> Option<&'static str> {
    ALL.into_iter().find(|known| known.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_find_their_voices() {
        for (language, voice) in [
            ("es", Some("es")),
            ("es-CO", Some("es")),
            ("EN-us", Some("en")),
            ("zh", Some("zh-CN")),
            ("zh-TW", Some("zh-TW")),
            ("zh-Hant-HK", Some("zh-TW")),
            ("he-IL", Some("iw")),
            ("tlh", None),
            ("", None),
        ] {
            assert_eq!(choose(language, None), voice, "{language}");
        }
        assert_eq!(choose("es", Some("FR")), Some("fr"));
        assert_eq!(choose("es", Some("es-419")), Some("es"));
    }

    #[test]
    fn every_language_offered_has_a_voice() {
        for language in languages() {
            assert!(choose(&language, None).is_some(), "{language}");
        }
    }
}
