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

/// Whether `word`, in capitals, is said by its letters: it has no vowel, or consonants that no syllable joins.
pub(super) fn is_initialism(word: &str) -> bool {
    const SAID_AS_WORDS: &[&str] = &["IMSS", "INSS", "OFF", "APP", "THE", "AND", "ALL", "INN"];
    const SPELLED: &[&str] =
        &["ADN", "AM", "ARN", "CEO", "IA", "ID", "IES", "IP", "ISS", "ITV", "OMS", "SUV"];
    let vowel = |letter: &char| "AEIOUÁÉÍÓÚ".contains(*letter);
    let letters: Vec<_> = word.chars().take(8).collect();
    let joined = |first: char, second: char| {
        "BCDFGPT".contains(first) && "LR".contains(second)
            || matches!((first, second), ('C', 'H') | ('L', 'L'))
    };
    let clashing = match letters.as_slice() {
        [a, b, c] => {
            vowel(a) && !vowel(b) && !vowel(c) || !vowel(a) && !vowel(b) && vowel(c) && !joined(*a, *b)
        }
        [_, _, _, _] => letters.windows(3).any(|three| !three.iter().any(vowel)),
        _ => false,
    };
    let silent = letters.len() <= 6 && !letters.iter().any(vowel);
    !SAID_AS_WORDS.contains(&word) && (silent || clashing || SPELLED.contains(&word))
}

/// Whether all letters of `word` are capitals.
pub(super) fn is_capitals(word: &str) -> bool {
    word.chars().all(char::is_uppercase)
}
