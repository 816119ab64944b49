//! Addresses of mail and of pages, as they are dictated.

use super::super::scan::{self, Token};
use super::letters;
use super::place::{Place, Said};
use super::words::{self, Form};
use crate::Locale;

/// What `www` is called.
fn www(locale: Locale) -> &'static str {
    match locale {
        Locale::EsEs => "triple uve doble",
        Locale::EsAr => "triple doble ve",
        Locale::EsCo | Locale::EsMx | Locale::EnUs | Locale::EnGb | Locale::Other => "triple doble u",
    }
}

/// An address, sign by sign.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    let address = match place.ahead.first()? {
        Token::Mail(mail) => *mail,
        Token::Link(link) => scan::without_scheme(link).trim_end_matches('/'),
        Token::Word(_) | Token::Digits(_) | Token::Sign(_) | Token::Space => return None,
    };
    Said::new(dictated(address, place.locale), 1)
}

/// An account's name of words with dots between them, as banks of Argentina give them.
pub(super) fn read_alias(place: &Place<'_>) -> Option<Said> {
    let [Token::Word(_), Token::Sign('.'), Token::Word(_), ..] = place.ahead else { return None };
    place.is_after(&["alias"], &["cbu", "cvu", "es", "el"]).then_some(())?;
    let mut used = 1;
    while let [Token::Sign('.'), Token::Word(_) | Token::Digits(_), ..] = place.after(used).ahead
        && used < 12
    {
        used += 2;
    }
    let mut name = String::new();
    place.ahead.iter().take(used).for_each(|token| token.write(&mut name));
    Said::new(dictated(&name, place.locale), used)
}

/// The names of an address's parts and signs.
pub(super) fn dictated(address: &str, locale: Locale) -> String {
    let mut spoken: Vec<String> = Vec::new();
    let mut rest = address;
    while let Some(first) = rest.chars().next() {
        let same = |c: char| {
            if first.is_ascii_digit() {
                c.is_ascii_digit()
            } else {
                first.is_alphabetic() && c.is_alphabetic()
            }
        };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (part, after) = rest.split_at(end);
        spoken.push(said(part, first, locale));
        rest = after;
    }
    spoken.retain(|part| !part.is_empty());
    spoken.join(" ")
}

fn said(part: &str, first: char, locale: Locale) -> String {
    match first {
        '0'..='9' if part.len() <= 4 && !part.starts_with('0') => words::number(part, Form::Alone),
        '0'..='9' => words::dictated(part).replace(',', ""),
        '@' => "arroba".to_owned(),
        '.' => "punto".to_owned(),
        '-' => "guion".to_owned(),
        '_' => "guion bajo".to_owned(),
        '/' => "barra".to_owned(),
        ':' => "dos puntos".to_owned(),
        '?' => "interrogación".to_owned(),
        '=' => "igual".to_owned(),
        '&' => "y".to_owned(),
        '#' => super::phone::hash(locale).to_owned(),
        '+' => "más".to_owned(),
        '%' => "por ciento".to_owned(),
        '~' => "virgulilla".to_owned(),
        '*' => "asterisco".to_owned(),
        _ if part.eq_ignore_ascii_case("www") => www(locale).to_owned(),
        _ if first.is_alphabetic() => {
            let vowels = part.chars().any(|letter| "aeiouáéíóúAEIOUÁÉÍÓÚ".contains(letter));
            if vowels && part.len() > 1 {
                part.to_lowercase()
            } else if part.len() <= 5 {
                letters::spelled(part, locale)
            } else {
                part.to_lowercase()
            }
        }
        _ => String::new(),
    }
}
