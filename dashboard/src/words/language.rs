//! The languages of the pages.

use std::str::FromStr;

use super::{Words, en, es};

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Spanish.
    #[default]
    Es,
    /// English.
    En,
}

/// Not a language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotALanguage;

impl FromStr for Language {
    type Err = NotALanguage;

    /// Reads a tag such as `es`, `es-CO` or `EN_us` by its first part.
    fn from_str(tag: &str) -> Result<Self, NotALanguage> {
        match tag.split(['-', '_']).next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "es" => Ok(Self::Es),
            "en" => Ok(Self::En),
            _ => Err(NotALanguage),
        }
    }
}

impl Language {
    /// Its tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    /// The language to offer instead.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Es => Self::En,
            Self::En => Self::Es,
        }
    }

    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Self::Es => &es::WORDS,
            Self::En => &en::WORDS,
        }
    }

    /// The first language of an `Accept-Language` header that the pages have. Browsers list them by preference.
    pub(crate) fn accepted(header: &str) -> Option<Self> {
        header.split(',').find_map(|item| item.split(';').next().unwrap_or_default().trim().parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_first_language_that_the_pages_have() {
        assert_eq!(Language::accepted("fr-FR,en-GB;q=0.8,es;q=0.5"), Some(Language::En));
        assert_eq!(Language::accepted("es-CO"), Some(Language::Es));
        assert_eq!(Language::accepted("fr, de;q=0.3"), None);
        assert_eq!("EN_us".parse(), Ok(Language::En));
        assert_eq!("".parse::<Language>(), Err(NotALanguage));
    }
}
