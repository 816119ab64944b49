//! What is spoken: from the text that a caller wrote to the words that an engine reads.
//!
//! This crate is pure: no I/O, no clock, and nothing of ours below it, so that the API can check a request with it and
//! the speech side can speak what was checked. A text is written into a template's gaps ([`template`]), read as plain
//! text or as a subset of SSML ([`script`]), gone over with the client's lexicon, and normalised ([`normalise`]): numbers,
//! money, dates and abbreviations become the words that a person would say.

mod locale;
mod normalise;

pub use locale::Locale;
pub use normalise::normalise;
