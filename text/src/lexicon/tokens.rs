//! What a whole word is.

use std::borrow::Cow;

/// A part of a text that a lexicon takes or leaves as a whole: a word, a mark, or white space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    text: &'t str,
    pub(super) start: usize,
}

impl<'t> Token<'t> {
    pub(super) const fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// As it is written; white space, however much of it, as one space.
    pub(super) fn plain(&self) -> &'t str {
        if self.text.starts_with(char::is_whitespace) { " " } else { self.text }
    }

    /// The same in lower case. Words of only small letters, the most, cost no memory.
    pub(super) fn folded(&self) -> Cow<'t, str> {
        let text = self.plain();
        if text.chars().any(char::is_uppercase) {
            Cow::Owned(text.to_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    }
}

/// All of `text`, in order. Letters and digits that stand together are one word, with the apostrophe inside a name and
/// the point inside a number; so is an address, of mail or of the web. Any other character is one by itself.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let length =
            space(rest).or_else(|| address(rest)).or_else(|| word(rest)).unwrap_or_else(|| mark(rest));
        let text = rest.get(..length).unwrap_or(rest);
        found.push(Token { text, start });
        start += text.len();
    }
    found
}

fn space(text: &str) -> Option<usize> {
    let length = text.len() - text.trim_start().len();
    (length > 0).then_some(length)
}

/// Mail and web addresses are read as such: a word inside them is none.
fn address(text: &str) -> Option<usize> {
    let chunk = text.split(char::is_whitespace).next().unwrap_or_default();
    let web = chunk.contains('@') || chunk.contains("://") || chunk.starts_with("www.");
    if !web || !chunk.starts_with(char::is_alphanumeric) {
        return None;
    }
    Some(chunk.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '/').len())
}

fn word(text: &str) -> Option<usize> {
    let mut before: Option<char> = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map(|(_, c)| *c);
        let numeric = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let lettered = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        let inside = match c {
            '\'' | '’' => lettered(before) && lettered(after),
            '.' | ',' => numeric(before) && numeric(after),
            // Accents that are characters of their own belong to the letter before them.
            '\u{300}'..='\u{36f}' => before.is_some(),
            c => c.is_alphanumeric(),
        };
        if !inside {
            return (at > 0).then_some(at);
        }
        before = Some(c);
    }
    Some(text.len())
}

fn mark(text: &str) -> usize {
    text.chars().next().map_or(text.len(), char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole() {
        for (text, words) in [
            ("La IPS, ya.", &["La", " ", "IPS", ",", " ", "ya", "."][..]),
            ("O'Brien d’Or 'a'", &["O'Brien", " ", "d’Or", " ", "'", "a", "'"]),
            ("1.234,56 a.m. 3.", &["1.234,56", " ", "a", ".", "m", ".", " ", "3", "."]),
            ("a \t\u{a0} b", &["a", " ", "b"]),
            ("C++ AT&T", &["C", "+", "+", " ", "AT", "&", "T"]),
            ("info@ips.gov.co, www.ips.co.", &["info@ips.gov.co", ",", " ", "www.ips.co", "."]),
            ("https://ips.co/a (x@y.z)", &["https://ips.co/a", " ", "(", "x@y.z", ")"]),
            ("cafe\u{301} né", &["cafe\u{301}", " ", "né"]),
            ("@ana ¿qué?", &["@", "ana", " ", "¿", "qué", "?"]),
            ("", &[]),
        ] {
            let found = tokens(text);
            assert_eq!(found.iter().map(Token::plain).collect::<Vec<_>>(), words, "{text}");
            assert_eq!(found.iter().map(|t| t.text).collect::<String>(), text);
            assert!(found.windows(2).all(|pair| pair[0].end() == pair[1].start));
        }
    }
}
