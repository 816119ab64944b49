//! Signs that are said.

use super::{
    codes,
    measures::per,
    numbers::digits,
    place::{Place, Said, capital, from, space},
    plain::count,
    web,
};
use crate::normalise::scan::Token;

/// A sign in words.
pub(super) fn sign(place: &Place<'_>) -> Option<Said> {
    let rest = place.rest();
    let [Token::Sign(sign), after @ ..] = rest else { return None };
    let opens = matches!(place.before(), [] | [.., Token::Space | Token::Sign('(' | '"' | '\'')]);
    let figure = matches!(after, [Token::Digits(_) | Token::Sign('$' | '£' | '€'), ..])
        || matches!(after, [Token::Space, Token::Digits(_), ..]);
    let words = match sign {
        '&' => "and",
        '+' => "plus",
        '=' => "equals",
        '×' => "times",
        '÷' => "divided by",
        '±' => "plus or minus",
        '≥' => "at least",
        '≤' => "at most",
        '≈' | '~' if figure => "about",
        '<' if figure => "less than",
        '>' if figure => "more than",
        '%' => {
            if place.british() {
                "per cent"
            } else {
                "percent"
            }
        }
        '°' => "degrees",
        '§' => "section",
        '#' => return Some(hash(place)),
        '@' => return Some(handle(place)),
        '*' => return Some(star(place)),
        '-' if opens => return minus(place),
        '-' => return dash(place),
        '/' => return Some(stroke(place)),
        '½' | '⅓' | '⅔' | '¼' | '¾' | '⅕' | '⅖' | '⅗' | '⅘' | '⅙' | '⅚' | '⅛' | '⅜' | '⅝' | '⅞' =>
        {
            return count(place);
        }
        '_' | '\\' | '^' | '~' | '|' | '<' | '>' | '¬' | '•' | '†' | '‡' | '{' | '}' | '[' | ']' => "",
        '²' => "squared",
        '³' => "cubed",
        '€' | '£' if place.after(&["the"]) => {
            if *sign == '€' {
                "euro"
            } else {
                "pound"
            }
        }
        '€' => "euros",
        '£' if space(after) == 1 => "pounds",
        _ => return None,
    };
    Some(Said::new(words, 1))
}

/// A number, a tag or the key: `#5`, `#FridayFun`, `#`.
fn hash(place: &Place<'_>) -> Said {
    match place.rest() {
        [_, Token::Digits(_) | Token::Sign(':'), ..] | [_, Token::Space, Token::Digits(_), ..] => {
            Said::new("number", 1)
        }
        [_, Token::Word(word), ..]
            if word.len() <= 2 && matches!(place.rest(), [_, _, Token::Digits(_) | Token::Sign('-'), ..]) =>
        {
            Said::new("number", 1)
        }
        [_, Token::Word(tag), ..] => match codes::mixed(&place.on(1)) {
            Some(said) => Said::new(format!("hashtag {}", split(&said.words)), 1 + said.used),
            None => Said::new(format!("hashtag {}", split(tag)), 2),
        },
        _ => Said::new(if place.british() { "hash" } else { "pound" }, 1),
    }
}

/// The words of a tag: `FridayFun` is "Friday Fun".
fn split(tag: &str) -> String {
    let mut out = String::with_capacity(tag.len() + 4);
    let mut before = ' ';
    for c in tag.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            out.push(' ');
        }
        out.push(c);
        before = c;
    }
    out
}

/// "@citybank", "3 @ $5".
fn handle(place: &Place<'_>) -> Said {
    let rest = place.rest();
    let mut name = String::new();
    let mut used = 1;
    while let Some(token) = rest.get(used) {
        match token {
            Token::Word(_) | Token::Digits(_) | Token::Sign('_') => token.write(&mut name),
            Token::Sign('.') if matches!(from(rest, used), [_, Token::Word(_), ..]) => name.push('.'),
            Token::Sign(_) | Token::Space | Token::Mail(_) | Token::Link(_) => break,
        }
        used += 1;
    }
    Said::new(format!("at {}", web::spoken(&name, place.locale)).trim_end(), used)
}

/// The key of a telephone, with the digits that follow it.
fn star(place: &Place<'_>) -> Said {
    match place.rest() {
        [_, Token::Digits(figures), ..] => Said::new(format!("star {}", digits(figures)), 2),
        _ => Said::new("star", 1),
    }
}

/// A minus before a number or a sum.
fn minus(place: &Place<'_>) -> Option<Said> {
    match place.rest() {
        [_, Token::Digits(_), ..] | [_, Token::Sign('$' | '£' | '€' | '½' | '.'), Token::Digits(_), ..] => {
            Some(Said::new("minus", 1))
        }
        [_, Token::Space, ..] => {
            let pause = matches!(
                place.before(),
                [.., Token::Word(_) | Token::Digits(_) | Token::Sign(')' | '"' | '%'), Token::Space]
            );
            Some(Said::new(if pause { "," } else { "" }, 1))
        }
        _ => None,
    }
}

/// A hyphen between words stays; at the end of one it has no sound.
fn dash(place: &Place<'_>) -> Option<Said> {
    match place.rest() {
        [_, Token::Sign('$' | '£' | '€'), ..] => Some(Said::new("to", 1)),
        _ => None,
    }
}

/// A stroke between words is "or": "parent/guardian". Between names it is not said.
fn stroke(place: &Place<'_>) -> Said {
    if let [.., Token::Digits(_), Token::Space, Token::Word(_)] = place.before()
        && let Some(per) = per(place)
    {
        return per;
    }
    let before = match place.before() {
        [.., Token::Word(word)] | [.., Token::Word(word), Token::Space] => Some(*word),
        _ => None,
    };
    let small = |word: &str| word.len() > 1 && !capital(word);
    match (before, from(place.rest(), 1 + space(from(place.rest(), 1)))) {
        (Some(_), [Token::Sign('$' | '£' | '€'), ..]) => Said::new("or", 1),
        (Some(left), [Token::Word(right), ..]) if small(left) && small(right) => Said::new("or", 1),
        (Some(left), [Token::Word(right), ..])
            if left.len() > 2 && right.len() > 2 && left != left.to_uppercase() =>
        {
            Said::new("or", 1)
        }
        _ => Said::new("", 1),
    }
}
