//! The names of letters.

use crate::Locale;

/// The name of a letter, as it is dictated in `locale`; None for what is not a letter of the alphabet.
pub(super) fn name(letter: char, locale: Locale) -> Option<&'static str> {
    Some(match letter.to_lowercase().next().unwrap_or(letter) {
        'a' | 'á' => "a",
        'b' => "be",
        'c' => "ce",
        'd' => "de",
        'e' | 'é' => "e",
        'f' => "efe",
        'g' => "ge",
        'h' => "hache",
        'i' | 'í' => "i",
        'j' => "jota",
        'k' => "ka",
        'l' => "ele",
        'm' => "eme",
        'n' => "ene",
        'ñ' => "eñe",
        'o' | 'ó' => "o",
        'p' => "pe",
        'q' => "cu",
        'r' => "erre",
        's' => "ese",
        't' => "te",
        'u' | 'ú' | 'ü' => "u",
        'v' if locale == Locale::EsAr => "ve corta",
        'v' => "uve",
        'w' if locale == Locale::EsEs => "uve doble",
        'w' if locale == Locale::EsAr => "doble ve",
        'w' => "doble u",
        'x' => "equis",
        'y' if locale == Locale::EsCo => "ye",
        'y' => "i griega",
        'z' => "zeta",
        _ => return None,
    })
}

/// `word` letter by letter; as a word where it has letters of other alphabets.
pub(super) fn spelled(word: &str, locale: Locale) -> String {
    let names: Option<Vec<_>> = word.chars().map(|letter| name(letter, locale)).collect();
    names.map_or_else(|| word.to_lowercase(), |names| names.join(" "))
}

/// Whether `word` can be said as a word: it has vowels enough.
pub(super) fn pronounceable(word: &str) -> bool {
    let vowels = word.chars().filter(|letter| "aeiouáéíóúAEIOUÁÉÍÓÚ".contains(*letter)).count();
    let letters = word.chars().count();
    letters >= 4 && vowels >= 2 || letters >= 5 && vowels >= 1
}

/// Whether all letters of `word` are capitals.
pub(super) fn is_capitals(word: &str) -> bool {
    word.chars().all(char::is_uppercase)
}
