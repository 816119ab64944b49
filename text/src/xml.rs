//! XML as callers may send it: small, without a DOCTYPE, and with a place for every complaint.

use std::fmt;

use roxmltree::{Document, Error, Node, ParsingOptions, TextPos};

/// The namespace of `xml:lang`.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Most tags and texts of a document: a lexicon of 5,000 lexemes with all that PLS allows in each.
const MAX_NODES: u32 = 100_000;

/// A place in a text, counted from 1; columns are characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl From<TextPos> for Place {
    fn from(TextPos { row, col }: TextPos) -> Self {
        Self { line: row, column: col }
    }
}

/// Why a text is no XML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct XmlError {
    /// Where.
    pub place: Place,
    /// What is wrong, and what would be right.
    pub why: String,
}

/// The tree of `text`. Never recurses, never expands an entity but the five of XML and characters by number.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, XmlError> {
    // The parser lets one pass that declares nothing.
    if let Some(at) = text.find("<!DOCTYPE") {
        let before = text.get(..at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let place = Place { line: count(before.matches('\n')), column: count(line.chars()) };
        return Err(XmlError { place, why: "a DOCTYPE is refused; leave it out".to_owned() });
    }
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options)
        .map_err(|error| XmlError { place: error.pos().into(), why: in_words(&error) })
}

fn count(items: impl Iterator) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX).saturating_add(1)
}

fn in_words(error: &Error) -> String {
    match error {
        Error::MalformedEntityReference(_) => "& begins an entity; a plain & is written &amp;".to_owned(),
        Error::UnknownEntityReference(name, _) => format!(
            "&{}; is not known; there are &amp; &lt; &gt; &quot; &apos; and characters by number such as &#241;",
            shown(name)
        ),
        Error::UnexpectedCloseTag(open, close, _) => {
            format!("<{}> is open, but </{}> stands here", shown(open), shown(close))
        }
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream => {
            "the text ends before every tag is closed; a plain < is written &lt;".to_owned()
        }
        Error::UnknownNamespace(prefix, _) => {
            format!("nothing with the prefix {}: is known here", shown(prefix))
        }
        Error::DuplicatedAttribute(name, _) => format!("{} stands there twice", shown(name)),
        Error::NodesLimitReached | Error::AttributesLimitReached | Error::NamespacesLimitReached => {
            "there are too many tags".to_owned()
        }
        Error::NonXmlChar(c, _) => format!("U+{:04X} may not stand in XML", u32::from(*c)),
        Error::InvalidAttributeValue(_) => "a < inside an attribute is written &lt;".to_owned(),
        Error::InvalidName(_) | Error::InvalidChar(..) | Error::InvalidChar2(..) => {
            "is not a tag that is well formed; a plain < is written &lt;".to_owned()
        }
        Error::NoRootNode => "there is no tag".to_owned(),
        Error::UnknownToken(_) => "there is something outside of the first tag".to_owned(),
        other => without_place(other),
    }
}

/// The parser's own words, which name the place once more.
fn without_place(error: &Error) -> String {
    error.to_string().replace(&format!(" at {}", error.pos()), "")
}

/// Where `node` begins.
pub(crate) fn place(node: Node<'_, '_>) -> Place {
    node.document().text_pos_at(node.range().start).into()
}

/// All text inside `node`.
pub(crate) fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|part| part.text()).collect()
}

/// A name of the caller's, fit for a message.
pub(crate) fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}
