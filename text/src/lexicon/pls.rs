//! Lexicons in the form of the W3C: Pronunciation Lexicon Specification 1.0, <https://www.w3.org/TR/pronunciation-lexicon/>.

use roxmltree::Node;

use super::{Lexicon, MAX_DOCUMENT, Unused};
use crate::xml::{self, Place, XmlError};

const NAMESPACE: &str = "http://www.w3.org/2005/01/pronunciation-lexicon";

/// Why a document is no lexicon.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LexiconError {
    /// It is not XML that is read here.
    #[error("{0}")]
    Xml(XmlError),
    /// It is something else.
    #[error("begins with <{0}>; a W3C lexicon (PLS 1.0) begins with <lexicon>")]
    NotALexicon(String),
    /// It has a tag that PLS does not have there.
    #[error("{place}: <{tag}> does not belong into <{parent}>; {parent} may have {allowed}")]
    Tag {
        /// Which.
        tag: String,
        /// In what.
        parent: &'static str,
        /// What may be there.
        allowed: &'static str,
        /// Where.
        place: Place,
    },
    /// It is too long.
    #[error("is longer than 1 MiB")]
    TooLong,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The lexicon.
    pub lexicon: Lexicon,
    /// The language it says it is for.
    pub language: Option<String>,
    /// What had no effect.
    pub unused: Vec<Unused>,
}

impl Lexicon {
    /// Reads a W3C lexicon (PLS 1.0). Of a lexeme, each grapheme gets the preferred alias, or the first; a lexeme with
    /// only phonemes has no effect, as engines share no phonemes.
    pub fn pls(document: &str) -> Result<Imported, LexiconError> {
        if document.len() > MAX_DOCUMENT {
            return Err(LexiconError::TooLong);
        }
        let tree = xml::parse(document).map_err(LexiconError::Xml)?;
        let root = tree.root_element();
        if !is(root, "lexicon") {
            return Err(LexiconError::NotALexicon(xml::shown(root.tag_name().name())));
        }
        let mut pairs = Vec::new();
        let mut unused = Vec::new();
        for lexeme in members(root, "lexicon", "meta, metadata and lexeme", &["meta", "metadata", "lexeme"])?
        {
            if is(lexeme, "lexeme") {
                read(lexeme, &mut pairs, &mut unused)?;
            }
        }
        let (lexicon, doubtful) = Self::of(pairs);
        unused.extend(doubtful);
        let language = root.attribute((xml::XML, "lang")).map(str::to_owned);
        Ok(Imported { lexicon, language, unused })
    }
}

fn read(
    lexeme: Node<'_, '_>,
    pairs: &mut Vec<(String, String)>,
    unused: &mut Vec<Unused>,
) -> Result<(), LexiconError> {
    const ALLOWED: &str = "grapheme, alias, phoneme and example";
    let members = members(lexeme, "lexeme", ALLOWED, &["grapheme", "alias", "phoneme", "example"])?;
    let of = |name| members.iter().filter(move |node| is(**node, name));
    let preferred = of("alias").find(|alias| alias.attribute("prefer") == Some("true"));
    let alias = preferred.or_else(|| of("alias").next()).map(|alias| xml::text(*alias));
    for grapheme in of("grapheme").map(|grapheme| xml::text(*grapheme)) {
        match &alias {
            Some(alias) => pairs.push((grapheme, alias.clone())),
            None if of("phoneme").next().is_some() => {
                const WHY: &str = "has phonemes only, which engines do not share: give it an alias";
                unused.push(Unused::new(&grapheme, WHY));
            }
            None => unused.push(Unused::new(&grapheme, "has no alias")),
        }
    }
    if of("grapheme").next().is_none() {
        unused.push(Unused::new("", "has no grapheme"));
    }
    Ok(())
}

/// The tags within `parent`, without those of other vocabularies, which PLS lets anybody put in.
fn members<'t, 'd>(
    parent: Node<'t, 'd>,
    name: &'static str,
    allowed: &'static str,
    known: &[&str],
) -> Result<Vec<Node<'t, 'd>>, LexiconError> {
    let foreign = |node: &Node<'_, '_>| node.tag_name().namespace().is_some_and(|space| space != NAMESPACE);
    let nodes: Vec<_> = parent.children().filter(|n| n.is_element() && !foreign(n)).collect();
    match nodes.iter().find(|node| !known.contains(&node.tag_name().name())) {
        None => Ok(nodes),
        Some(strange) => Err(LexiconError::Tag {
            tag: xml::shown(strange.tag_name().name()),
            parent: name,
            allowed,
            place: xml::place(*strange),
        }),
    }
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.tag_name().name() == name && node.tag_name().namespace().is_none_or(|space| space == NAMESPACE)
}
