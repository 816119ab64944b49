//! Signs that are said, joined to nothing that a number's rule took.

use super::super::scan::Token;
use super::place::{Place, Said};
use super::{noun, phone};

/// A sign in words; nothing, where it has no sound.
pub(super) fn read(place: &Place<'_>) -> Option<Said> {
    let Some(Token::Sign(sign)) = place.ahead.first() else { return None };
    let spoken = match sign {
        '-' => return dash(place),
        '/' => return stroke(place),
        '#' => return hash(place),
        '@' => "arroba",
        '+' if place.after(2).past_space().word() == "años" => "más de",
        '+' => "más",
        '=' => "igual a",
        '&' => "y",
        '%' => "por ciento",
        '‰' => "por mil",
        '°' => "grados",
        '€' => "euros",
        '$' => "pesos",
        '£' => "libras",
        '¥' => "yenes",
        '×' => "por",
        '÷' => "entre",
        '±' => "más o menos",
        '~' | '≈' => "aproximadamente",
        '≤' => "menor o igual que",
        '≥' => "mayor o igual que",
        '<' if before_figure(place) => return compared(place, "menos de"),
        '>' if before_figure(place) => return compared(place, "más de"),
        '<' => "menor que",
        '>' => "mayor que",
        '²' => "al cuadrado",
        '³' => "al cubo",
        '½' => "medio",
        '*' => "asterisco",
        '_' | '^' | '\\' | '{' | '}' | '[' | ']' | '|' | '`' | 'º' | 'ª' | '§' | '¬' => " ",
        _ => return None,
    };
    Said::new(spoken, 1)
}

/// "rachas > 80 km/h", "con < 5 °C".
fn compared(place: &Place<'_>, than: &str) -> Option<Said> {
    let noun = place.word_before().is_some_and(|word| noun::form_before(&word).is_some());
    Said::new(if noun { format!("de {than}") } else { than.to_owned() }, 1)
}

fn before_figure(place: &Place<'_>) -> bool {
    is_figure(place.after(1).past_space().ahead.first())
}

fn is_figure(token: Option<&Token<'_>>) -> bool {
    matches!(token, Some(Token::Digits(_) | Token::Sign('$' | '€' | '%' | '°' | '£')))
}

/// A minus, a range, a pause, or the hyphen of a compound, which stays.
fn dash(place: &Place<'_>) -> Option<Said> {
    let spaced = place.ahead.get(1) == Some(&Token::Space);
    let next = place.ahead.get(1 + usize::from(spaced));
    match place.before {
        [.., Token::Space] if spaced => {
            let last = place.before.iter().rev().find(|token| !matches!(token, Token::Space));
            let measured = matches!(
                place.before,
                [.., Token::Digits(_), Token::Space, Token::Word(_), Token::Space]
                    | [.., Token::Digits(_), Token::Word(_), Token::Space]
            );
            if (is_figure(last) || measured) && is_figure(next) {
                Said::new("a", 1)
            } else {
                Said::new(", ", 1)
            }
        }
        [] | [.., Token::Space | Token::Sign('(')] if is_figure(next) && !spaced => Said::new("menos", 1),
        [.., last] if is_figure(Some(last)) && is_figure(next) => Said::new("a", 1),
        [.., Token::Word(_)] if matches!(next, Some(Token::Word(_))) && !spaced => None,
        [] | [..] => Said::new(" ", 1),
    }
}

/// Between words, a choice.
fn stroke(place: &Place<'_>) -> Option<Said> {
    let sides = (
        place.before.iter().rev().find(|token| !matches!(token, Token::Space)),
        place.ahead.iter().skip(1).find(|token| !matches!(token, Token::Space)),
    );
    let apart = place.ahead.get(1) == Some(&Token::Space);
    match sides {
        (Some(_), Some(Token::Word(_))) if apart => Said::new(",", 1),
        (Some(Token::Word("y")), Some(Token::Word("o"))) => Said::new(" ", 1),
        (Some(_), Some(Token::Word(next))) if next.to_lowercase().starts_with('o') => Said::new("u", 1),
        (
            Some(Token::Word(_) | Token::Digits(_) | Token::Sign(')' | '.')),
            Some(Token::Word(_) | Token::Digits(_) | Token::Sign('$' | '+' | '(')),
        ) => Said::new("o", 1),
        _ => Said::new(" ", 1),
    }
}

/// A number's sign, a key's name, or the mark of a subject.
fn hash(place: &Place<'_>) -> Option<Said> {
    match place.ahead {
        [_, Token::Digits(_), ..] | [_, Token::Space, Token::Digits(_), ..] => Said::new("número", 1),
        [_, Token::Word(word), rest @ ..] if !matches!(rest, [Token::Digits(_), ..]) => {
            Said::new(format!("hashtag {}", parted(word)), 2)
        }
        [_, Token::Word(_), ..] => Said::new("hashtag", 1),
        _ => Said::new(phone::hash(place.locale), 1),
    }
}

/// The words of one like `YoMeQuedo`.
fn parted(word: &str) -> String {
    let mut parted = String::with_capacity(word.len() + 8);
    let mut lower = false;
    for letter in word.chars() {
        if lower && letter.is_uppercase() {
            parted.push(' ');
        }
        lower = letter.is_lowercase();
        parted.push(letter);
    }
    parted
}
