//! What is wrong with a text in SSML, where, and what would be right.

use std::fmt;
use std::time::Duration;

use roxmltree::Node;

use crate::xml::{self, Place, XmlError};

/// Why a text in SSML cannot be spoken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SsmlError {
    /// Where the fault stands; nowhere when it is one of the whole text.
    pub place: Option<Place>,
    /// What it is.
    pub fault: Fault,
}

impl fmt::Display for SsmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(place) => write!(f, "{place}: {}", self.fault),
            None => self.fault.fmt(f),
        }
    }
}

impl SsmlError {
    /// The same error of a text that lacks the first `columns` characters of its first line.
    pub(super) fn shifted(mut self, columns: u32) -> Self {
        if let Some(place) = self.place.as_mut().filter(|place| place.line == 1) {
            place.column = place.column.saturating_sub(columns).max(1);
        }
        self
    }
}

impl From<XmlError> for SsmlError {
    fn from(XmlError { place, why }: XmlError) -> Self {
        Self { place: Some(place), fault: Fault::NotXml(why) }
    }
}

impl From<Fault> for SsmlError {
    fn from(fault: Fault) -> Self {
        Self { place: None, fault }
    }
}

/// What is wrong with a text in SSML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No XML, or XML that is refused.
    #[error("{0}")]
    NotXml(String),
    /// A tag that is not spoken here.
    #[error("<{0}> is not one of the tags: break, emphasis, lang, mark, p, prosody, s, say-as, speak, sub")]
    Tag(String),
    /// A second root.
    #[error("<speak> may only stand around the whole text")]
    Root,
    /// An attribute that is not spoken here.
    #[error("<{tag}> may not have {name}, only {known}")]
    Attribute {
        /// Of what.
        tag: &'static str,
        /// Which.
        name: String,
        /// Those that it may have.
        known: String,
    },
    /// An attribute that has to be there.
    #[error("<{tag}> needs {name}, such as {name}=\"{example}\"")]
    Missing {
        /// Of what.
        tag: &'static str,
        /// Which.
        name: &'static str,
        /// A value for it.
        example: &'static str,
    },
    /// An attribute with a value that nothing can be made of.
    #[error("{name}=\"{value}\" of <{tag}> must be {wanted}")]
    Value {
        /// Of what.
        tag: &'static str,
        /// Which.
        name: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        wanted: String,
    },
    /// A tag where only text may stand.
    #[error("<{outer}> may have text inside, but no <{inner}>")]
    Inside {
        /// The tag.
        inner: String,
        /// The tag around it.
        outer: String,
    },
    /// Something where nothing may stand.
    #[error("<{0}/> may have nothing inside")]
    NotEmpty(&'static str),
    /// A text that is no such thing.
    #[error("{0}")]
    SayAs(String),
    /// Too long to be read.
    #[error("is longer than 64 KiB")]
    TooLong,
    /// Tags within tags within tags.
    #[error("there are more than {0} tags within each other")]
    TooDeep(usize),
    /// Too many changes.
    #[error("it falls into more than {0} pieces: use fewer tags")]
    TooManyPieces(usize),
    /// More silence than anybody waits for.
    #[error("its pauses are longer than {} s together", .0.as_secs())]
    TooMuchSilence(Duration),
}

impl Fault {
    /// The error of this fault at the beginning of `node`.
    pub(super) fn at(self, node: Node<'_, '_>) -> SsmlError {
        SsmlError { place: Some(xml::place(node)), fault: self }
    }
}
