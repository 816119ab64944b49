//! The names of characters.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::{Locale, normalise};

/// The characters that have names. Letters of other alphabets stand for themselves.
const NAMED: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZÑÁÉÍÓÚÜ-_.,:;/*+=@#&%€$";

/// One after the other.
pub(super) fn spelled(characters: impl Iterator<Item = char>, locale: Locale) -> String {
    let names: Vec<_> = characters.map(|c| name(c, locale)).filter(|name| !name.is_empty()).collect();
    names.join(" ").trim_end_matches(',').to_owned()
}

/// The name of a character; nothing for a sign without one.
fn name(c: char, locale: Locale) -> String {
    static NAMES: LazyLock<HashMap<(Locale, char), String>> = LazyLock::new(|| {
        let every = |locale| NAMED.chars().map(move |c| ((locale, c), learn(c, locale)));
        Locale::ALL.into_iter().flat_map(every).collect()
    });
    let capital: String = c.to_uppercase().collect();
    match NAMES.get(&(locale, capital.chars().next().unwrap_or(c))) {
        Some(name) => name.clone(),
        None if c.is_alphanumeric() => capital,
        None => String::new(),
    }
}

/// The name of a character as the normaliser says it, of a letter within a code such as B9.
fn learn(c: char, locale: Locale) -> String {
    if !c.is_alphabetic() {
        return sign(c, locale).map_or_else(|| normalise(c.encode_utf8(&mut [0; 4]), locale), str::to_owned);
    }
    let code = normalise(&format!("{c}9"), locale);
    code.strip_suffix(&normalise("9", locale))
        .map_or_else(|| c.to_string(), |name| name.trim_end().to_owned())
}

/// The names of signs that stand for a pause, or for nothing, anywhere else.
fn sign(c: char, locale: Locale) -> Option<&'static str> {
    let (spanish, english) = match c {
        '-' => ("guion", "dash"),
        '_' => ("guion bajo", "underscore"),
        '.' => ("punto", "dot"),
        ',' => ("coma", "comma"),
        ':' => ("dos puntos", "colon"),
        ';' => ("punto y coma", "semicolon"),
        '/' => ("barra", "slash"),
        '*' => ("asterisco", "star"),
        '+' => ("más", "plus"),
        '=' => ("igual", "equals"),
        _ => return None,
    };
    match locale {
        Locale::EsCo | Locale::EsMx | Locale::EsEs | Locale::EsAr => Some(spanish),
        Locale::EnUs | Locale::EnGb => Some(english),
        Locale::Other => None,
    }
}
