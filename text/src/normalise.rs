//! Text as a person would read it aloud.

mod clean;
mod en;
mod es;
mod scan;

use crate::Locale;

/// What one reading writes out may be read once more where words and figures stand in no order that a person would
/// write: until nothing changes, but never for ever.
const MOST_READINGS: usize = 16;

/// The words that are spoken for `text`, on one line with single spaces: what is written in figures, signs and short
/// forms is written out as it is said in `locale`. Applied to its own result it changes nothing. Never longer than
/// 24 bytes for each byte of `text`.
pub fn normalise(text: &str, locale: Locale) -> String {
    let mut spoken = text.to_owned();
    for _ in 0..MOST_READINGS {
        let again = read(&spoken, locale);
        if again == spoken {
            break;
        }
        spoken = again;
    }
    spoken
}

/// The months in English, or else in Spanish, from January on.
pub(crate) const fn months(english: bool) -> [&'static str; 12] {
    if english { en::words::MONTHS } else { es::date::MONTHS }
}

fn read(text: &str, locale: Locale) -> String {
    let text = clean::clean(text);
    let read = match locale {
        Locale::EsCo | Locale::EsMx | Locale::EsEs | Locale::EsAr => es::read(&text, locale),
        Locale::EnUs | Locale::EnGb => en::read(&text, locale),
        Locale::Other => return text,
    };
    clean::tidy(&read)
}
