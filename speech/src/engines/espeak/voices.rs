//! The voices of espeak-ng and which of them speaks a language.

/// Where espeak-ng's own order is not what callers in the Americas expect, and where they asked for Europe.
const PREFERRED: [(&str, &str); 4] = [("es", "es-419"), ("es-es", "es"), ("en", "en-us"), ("en-gb", "en-gb")];

/// A line of `espeak-ng --voices`.
#[derive(Debug)]
struct Voice {
    id: String,
    /// Other languages it can stand in for, with the priority it gives them (low is good).
    also: Vec<(String, u8)>,
}

/// What the program can speak with.
#[derive(Debug)]
pub(super) struct Voices(Vec<Voice>);

impl Voices {
    /// What every build has, for when the program cannot be asked.
    pub(super) fn usual() -> Self {
        Self(
            ["en-gb", "en-us", "es", "es-419"].map(|id| Voice { id: id.to_owned(), also: Vec::new() }).into(),
        )
    }

    /// Reads the table that `--voices` prints: priority, language, age/gender, name, file, other languages. `None` when
    /// it is not that table.
    pub(super) fn parse(table: &str) -> Option<Self> {
        let mut voices: Vec<Voice> = Vec::new();
        for line in table.lines().skip_while(|line| !line.starts_with("Pty ")).skip(1) {
            let mut columns = line.split_whitespace().skip(1);
            let Some(id) = columns.next().filter(|id| is_tag(id)) else { continue };
            if voices.iter().any(|voice| voice.id == id) {
                continue;
            }
            let others = line.split_once('(').map(|(_, rest)| rest).unwrap_or_default();
            voices.push(Voice { id: id.to_owned(), also: others.split('(').filter_map(other).collect() });
        }
        (!voices.is_empty()).then_some(Self(voices))
    }

    /// Every voice with its language, which are the same word.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|voice| (voice.id.as_str(), voice.id.as_str()))
    }

    /// Primary subtags of all languages, each once.
    pub(super) fn languages(&self) -> Vec<String> {
        let tags =
            self.0.iter().flat_map(|v| std::iter::once(&v.id).chain(v.also.iter().map(|(tag, _)| tag)));
        let mut primary: Vec<String> =
            tags.filter_map(|tag| tag.split('-').next()).map(str::to_ascii_lowercase).collect();
        primary.sort_unstable();
        primary.dedup();
        primary
    }

    /// The voice asked for, else the best for the language, else the best for a less narrow one: `es-CO`, then `es`.
    pub(super) fn choose(&self, language: &str, asked: Option<&str>) -> Option<&str> {
        if let Some(voice) = asked.and_then(|asked| self.named(asked)) {
            return Some(voice);
        }
        let mut tag = language;
        loop {
            if let Some(voice) = self.best(tag) {
                return Some(voice);
            }
            tag = tag.rsplit_once('-')?.0;
        }
    }

    fn best(&self, tag: &str) -> Option<&str> {
        let preferred = PREFERRED.iter().find(|(language, _)| language.eq_ignore_ascii_case(tag));
        let stand_in = || {
            let also = |voice: &Voice| {
                voice.also.iter().find(|(other, _)| other.eq_ignore_ascii_case(tag)).map(|(_, p)| *p)
            };
            let able = self.0.iter().filter_map(|voice| Some((also(voice)?, voice)));
            able.min_by_key(|(priority, _)| *priority).map(|(_, voice)| voice.id.as_str())
        };
        preferred.and_then(|(_, voice)| self.named(voice)).or_else(|| self.named(tag)).or_else(stand_in)
    }

    fn named(&self, id: &str) -> Option<&str> {
        self.0.iter().map(|voice| voice.id.as_str()).find(|known| known.eq_ignore_ascii_case(id))
    }
}

/// `es-mx 6)` becomes the tag and its priority.
fn other(text: &str) -> Option<(String, u8)> {
    let mut words = text.split([')', ' ']).filter(|word| !word.is_empty());
    let tag = words.next().filter(|tag| is_tag(tag))?;
    Some((tag.to_owned(), words.next()?.parse().ok()?))
}

/// Whether it can be a voice name on a command line.
fn is_tag(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
Pty Language       Age/Gender VoiceName          File                 Other Languages
 5  cmn             --/M      Chinese_(Mandarin,_latin_as_English) sit/cmn              (zh-cmn 5)(zh 5)
 2  en-gb           --/M      English_(Great_Britain) gmw/en               (en 2)
 2  en-us           --/M      English_(America)  gmw/en-US            (en 3)
 5  es              --/M      Spanish_(Spain)    roa/es               \n\
 5  es-419          --/M      Spanish_(Latin_America) roa/es-419           (es-mx 6)(es 6)
 5  fr-be           --/M      French_(Belgium)   roa/fr-BE            (fr 8)
 5  fr-fr           --/M      French_(France)    roa/fr               (fr 5)
 5  yue             --/M      Chinese_(Cantonese) sit/yue              (zh-yue 5)(zh 8)
 5  yue             --/M      Chinese_(Cantonese,_latin_as_Jyutping) sit/yue-Latn-jyutping (zh-yue 5)(zh 8)
 5  -v              --/M      Trap               trap
";

    #[test]
    fn languages_find_their_voices() {
        let voices = Voices::parse(TABLE).unwrap();
        for (language, voice) in [
            ("es", Some("es-419")),
            ("es-CO", Some("es-419")),
            ("es-419", Some("es-419")),
            ("es-MX", Some("es-419")),
            ("es-ES", Some("es")),
            ("en", Some("en-us")),
            ("en-AU", Some("en-us")),
            ("en-GB", Some("en-gb")),
            ("fr", Some("fr-fr")),
            ("zh-Hant-TW", Some("cmn")),
            ("zh-yue", Some("yue")),
            ("tlh", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(voices.choose(language, None), voice, "{language}");
        }
    }

    #[test]
    fn a_voice_is_taken_only_from_the_list() {
        let voices = Voices::parse(TABLE).unwrap();
        assert_eq!(voices.choose("es", Some("en-GB")), Some("en-gb"));
        for asked in ["com.co", "--help", "-v", "../../etc/passwd", "es;id"] {
            assert_eq!(voices.choose("es", Some(asked)), Some("es-419"), "{asked}");
        }
    }

    #[test]
    fn every_voice_stands_once_and_every_language_is_a_primary_tag() {
        let voices = Voices::parse(TABLE).unwrap();
        let ids: Vec<_> = voices.all().map(|(id, _)| id).collect();
        assert_eq!(ids, ["cmn", "en-gb", "en-us", "es", "es-419", "fr-be", "fr-fr", "yue"]);
        assert_eq!(voices.languages(), ["cmn", "en", "es", "fr", "yue", "zh"]);
    }

    #[test]
    fn without_the_program_spanish_and_english_are_known() {
        assert!(Voices::parse("command not found").is_none());
        let voices = Voices::usual();
        assert_eq!(voices.choose("es-CO", None), Some("es-419"));
        assert_eq!(voices.choose("es-ES", None), Some("es"));
        assert_eq!(voices.choose("en-GB", None), Some("en-gb"));
        assert_eq!(voices.languages(), ["en", "es"]);
    }
}
