//! Where a text is read.

/// A language and a country that the normaliser knows: they decide how numbers, money and dates are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Locale {
    /// Spanish of Colombia; also of `es`, `es-419` and countries without a reading of their own.
    EsCo,
    /// Spanish of Mexico.
    EsMx,
    /// Spanish of Spain.
    EsEs,
    /// Spanish of Argentina.
    EsAr,
    /// English of the United States; also of `en` and countries without a reading of their own.
    EnUs,
    /// English of the United Kingdom.
    EnGb,
    /// Any other language: texts are cleaned, and read as they are.
    Other,
}

impl Locale {
    /// Every one.
    pub(crate) const ALL: [Self; 7] =
        [Self::EsCo, Self::EsMx, Self::EsEs, Self::EsAr, Self::EnUs, Self::EnGb, Self::Other];

    /// The locale of a language tag (BCP 47) such as `es`, `es-CO` or `en_GB`, in any case of letters.
    pub fn of(tag: &str) -> Self {
        let mut subtags = tag.split(['-', '_']);
        let language = subtags.next().unwrap_or_default().to_ascii_lowercase();
        let country = subtags.next_back().unwrap_or_default().to_ascii_uppercase();
        match (language.as_str(), country.as_str()) {
            ("es", "MX") => Self::EsMx,
            ("es", "ES") => Self::EsEs,
            ("es", "AR") => Self::EsAr,
            ("es", _) => Self::EsCo,
            ("en", "GB") => Self::EnGb,
            ("en", _) => Self::EnUs,
            _ => Self::Other,
        }
    }
}

/// Whether `text` is a language tag (BCP 47), as far as its shape shows.
pub fn is_language_tag(text: &str) -> bool {
    let mut subtags = text.split('-');
    let primary = subtags.next().unwrap_or_default();
    (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_alphabetic())
        && text.len() <= 35
        && subtags.all(|s| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_lead_to_the_nearest_reading() {
        for (tag, locale) in [
            ("es", Locale::EsCo),
            ("es-CO", Locale::EsCo),
            ("ES_mx", Locale::EsMx),
            ("es-ES", Locale::EsEs),
            ("es-Latn-AR", Locale::EsAr),
            ("es-419", Locale::EsCo),
            ("es-PE", Locale::EsCo),
            ("en", Locale::EnUs),
            ("en-GB", Locale::EnGb),
            ("en-AU", Locale::EnUs),
            ("fr-FR", Locale::Other),
            ("", Locale::Other),
        ] {
            assert_eq!(Locale::of(tag), locale, "{tag}");
        }
    }
}
