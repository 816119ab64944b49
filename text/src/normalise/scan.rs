//! What every language reads the same way: where a text's words, figures and addresses begin and end.

mod numeral;
mod web;

pub(super) use numeral::{Numeral, amount, numeral, roman};
pub(super) use web::without_scheme;

/// A piece of a cleaned text. Together, in order, they are the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Letters.
    Word(&'a str),
    /// ASCII digits.
    Digits(&'a str),
    /// An e-mail address.
    Mail(&'a str),
    /// The address of a page or a host.
    Link(&'a str),
    /// Anything else.
    Sign(char),
    /// One space.
    Space,
}

/// The tokens of `text`.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(text.len() / 3);
    let mut rest = text;
    let mut fresh = true; // an address begins only where a word does
    while let Some(c) = rest.chars().next() {
        let address = if fresh { web::address(rest) } else { None };
        let (token, length) = address.unwrap_or_else(|| plain(rest, c));
        fresh = matches!(token, Token::Space | Token::Sign('(' | '"' | '\'' | ',' | ':' | ';' | '¿' | '¡'));
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens
}

fn plain(rest: &str, c: char) -> (Token<'_>, usize) {
    let run = |belongs: fn(char) -> bool| rest.split_at(rest.find(|c| !belongs(c)).unwrap_or(rest.len())).0;
    match c {
        ' ' => (Token::Space, 1),
        '0'..='9' => {
            let digits = run(|c| c.is_ascii_digit());
            (Token::Digits(digits), digits.len())
        }
        _ if is_letter(c) => {
            let word = run(is_letter);
            (Token::Word(word), word.len())
        }
        _ => (Token::Sign(c), c.len_utf8()),
    }
}

/// Whether `c` belongs to words. The raised letters of ordinals and the micro sign are signs here.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !matches!(c, 'º' | 'ª' | 'µ')
}

impl<'a> Token<'a> {
    /// The word, where this is one.
    pub(super) fn word(self) -> Option<&'a str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Digits(_) | Self::Mail(_) | Self::Link(_) | Self::Sign(_) | Self::Space => None,
        }
    }

    /// The digits, where this is a run of them.
    pub(super) fn digits(self) -> Option<&'a str> {
        match self {
            Self::Digits(digits) => Some(digits),
            Self::Word(_) | Self::Mail(_) | Self::Link(_) | Self::Sign(_) | Self::Space => None,
        }
    }

    /// Adds the token as it was written.
    pub(super) fn write(self, out: &mut String) {
        match self {
            Self::Word(text) | Self::Digits(text) | Self::Mail(text) | Self::Link(text) => out.push_str(text),
            Self::Sign(sign) => out.push(sign),
            Self::Space => out.push(' '),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Token::{Digits, Link, Mail, Sign, Space, Word};
    use super::*;

    #[test]
    fn a_text_falls_into_words_figures_signs_and_addresses() {
        assert_eq!(
            tokens("El 1.º: a@b.co, (www.x.org/y)."),
            [
                Word("El"),
                Space,
                Digits("1"),
                Sign('.'),
                Sign('º'),
                Sign(':'),
                Space,
                Mail("a@b.co"),
                Sign(','),
                Space,
                Sign('('),
                Link("www.x.org/y"),
                Sign(')'),
                Sign('.'),
            ]
        );
    }

    #[test]
    fn tokens_are_the_text() {
        let text = "Llame al +57 (601) 555-0149 o a info@banco.com.co: ½ kg, 25°C ¡ya! banco.es/a?b=1";
        let mut again = String::new();
        for token in tokens(text) {
            token.write(&mut again);
        }
        assert_eq!(again, text);
    }
}
