//! What is spoken: from the text that a caller wrote to the words that an engine reads.
//!
//! This crate is pure: no I/O, no clock, and nothing of ours below it, so that the API can check a request with it and
//! the speech side can speak what was checked. A text is written into a template's gaps ([`Template`]), read as plain
//! text or as a subset of SSML ([`Script`]), gone over with the client's [`Lexicon`], and normalised ([`normalise`]): numbers,
//! money, dates and abbreviations become the words that a person would say.

mod lexicon;
mod locale;
mod normalise;
mod said_as;
mod script;
mod ssml;
mod template;
mod xml;

pub use lexicon::{Entry, Imported, Lexicon, LexiconError, MAX_DOCUMENT, MAX_ENTRIES, Unused};
pub use locale::{Locale, is_language_tag};
pub use normalise::normalise;
pub use script::{Piece, RATES, Say, Script};
pub use ssml::{Fault, SsmlError};
pub use template::{FieldFault, FieldValue, Form, MAX_VALUE, Template, TemplateError};
pub use xml::{Place, XmlError};
