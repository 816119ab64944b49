//! How a client wants words said: what is written, and what is spoken instead.

mod pls;
mod tokens;

use std::borrow::Cow;
use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

pub use pls::{Imported, LexiconError};

use tokens::{Token, tokens};

/// Most entries of a lexicon.
pub const MAX_ENTRIES: usize = 5_000;
/// Longest written form and longest alias, in characters.
const MAX_LENGTH: usize = 200;
/// Longest document that is read, in bytes.
pub const MAX_DOCUMENT: usize = 1 << 20;

/// Words and what is spoken instead, for one language.
///
/// Whole words only, several in a row too, the longest that fits. Letters as they are written win over the same
/// letters in another case. What was put in is not gone over again.
///
/// ```
/// use pregon_text::Lexicon;
///
/// let (lexicon, unused) = Lexicon::of([("IPS", "i pe ese"), ("Dra. Ortiz", "doctora Ortiz")]);
/// assert_eq!(lexicon.apply("La dra. Ortiz, de la IPS."), "La doctora Ortiz, de la i pe ese.");
/// assert!(unused.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lexicon {
    /// Sorted, so that those that begin alike stand together.
    lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    /// What is written, in lower case.
    folded: String,
    entry: Entry,
}

/// What is written, and what is spoken instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// What is written; single spaces between words.
    pub grapheme: String,
    /// What is spoken instead.
    pub alias: String,
}

/// A line that has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// What is written, shortened if it is very long.
    pub grapheme: String,
    /// Why it has none, and what would help.
    pub why: &'static str,
}

impl Lexicon {
    /// The lexicon of these pairs of what is written and what is spoken; and the pairs that could not be used.
    pub fn of<G: AsRef<str>, A: AsRef<str>>(pairs: impl IntoIterator<Item = (G, A)>) -> (Self, Vec<Unused>) {
        let mut lines = Vec::new();
        let mut unused = Vec::new();
        let mut known = HashSet::new();
        for (grapheme, alias) in pairs {
            let made = Line::of(grapheme.as_ref(), alias.as_ref()).and_then(|line| {
                if lines.len() >= MAX_ENTRIES {
                    Err("is beyond the 5000 entries that a lexicon may have")
                } else if known.insert(line.entry.grapheme.clone()) {
                    Ok(line)
                } else {
                    Err("stands there twice; the first one counts")
                }
            });
            match made {
                Ok(line) => lines.push(line),
                Err(why) => unused.push(Unused::new(grapheme.as_ref(), why)),
            }
        }
        lines.sort_unstable();
        (Self { lines }, unused)
    }

    /// Its lines, in the order of their letters.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.lines.iter().map(|line| &line.entry)
    }

    /// A hash of what it does, 16 hex digits: lexicons with the same lines have the same one, in whatever order they
    /// came.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for part in self.entries().flat_map(|Entry { grapheme, alias }| [grapheme, alias]) {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let first = hash.finalize().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        format!("{first:016x}")
    }

    /// `text` with every word that has an entry exchanged.
    pub fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.lines.is_empty() {
            return Cow::Borrowed(text);
        }
        let tokens = tokens(text);
        let mut out = String::new();
        let (mut at, mut copied) = (0, 0);
        while let Some(first) = tokens.get(at) {
            match self.longest(tokens.get(at..).unwrap_or_default()) {
                Some((length, end, alias)) => {
                    out.push_str(text.get(copied..first.start).unwrap_or_default());
                    out.push_str(alias);
                    copied = end;
                    at += length;
                }
                None => at += 1,
            }
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// The longest entry that `tokens` begin with: how many tokens it has, where the last one ends, what is spoken.
    fn longest(&self, tokens: &[Token<'_>]) -> Option<(usize, usize, &str)> {
        // The lines that begin like the tokens so far, and how many bytes of each that is.
        let (mut lines, mut common) = (self.lines.as_slice(), 0);
        let mut found = None;
        for (index, token) in tokens.iter().enumerate() {
            let word = token.folded();
            let word = word.as_bytes();
            let begin = lines.partition_point(|line| line.beyond(common) < word);
            lines = lines.split_at(begin).1;
            lines = lines.split_at(lines.partition_point(|line| line.beyond(common).starts_with(word))).0;
            if lines.is_empty() {
                break;
            }
            common += word.len();
            let same = lines.iter().take_while(|line| line.folded.len() == common).map(|line| &line.entry);
            if let Some(entry) = best(same, tokens.get(..=index).unwrap_or_default()) {
                found = Some((index + 1, token.end(), entry.alias.as_str()));
            }
        }
        found
    }
}

/// Of entries that differ in the case of letters alone: the one that is written like `tokens`, else the first.
fn best<'l>(mut same: impl Iterator<Item = &'l Entry> + Clone, tokens: &[Token<'_>]) -> Option<&'l Entry> {
    same.clone().next()?;
    let written: String = tokens.iter().map(Token::plain).collect();
    same.clone().find(|entry| entry.grapheme == written).or_else(|| same.next())
}

impl Line {
    /// What is written, in lower case, without its first `common` bytes.
    fn beyond(&self, common: usize) -> &[u8] {
        self.folded.as_bytes().get(common..).unwrap_or_default()
    }

    fn of(grapheme: &str, alias: &str) -> Result<Self, &'static str> {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let entry = Entry { grapheme: words(grapheme), alias: words(alias) };
        if entry.grapheme.is_empty() {
            return Err("what is written is empty");
        }
        if entry.alias.is_empty() {
            return Err("what is spoken is empty");
        }
        if [&entry.grapheme, &entry.alias].into_iter().any(|text| text.chars().count() > MAX_LENGTH) {
            return Err("is longer than 200 characters");
        }
        if [&entry.grapheme, &entry.alias].into_iter().any(|text| text.contains(char::is_control)) {
            return Err("has a control character");
        }
        // Word by word, as texts are: the lower case of a sigma depends on what stands beside it.
        let folded = tokens(&entry.grapheme).iter().map(Token::folded).collect();
        Ok(Self { folded, entry })
    }
}

impl Unused {
    fn new(grapheme: &str, why: &'static str) -> Self {
        let printable = grapheme.chars().filter(|c| !c.is_control());
        Self { grapheme: printable.take(60).collect(), why }
    }
}

#[cfg(test)]
#[path = "lexicon/tests.rs"]
mod tests;
