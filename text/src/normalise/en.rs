//! English.

use crate::Locale;

/// `text`, cleaned, in words.
pub(super) fn read(text: &str, _locale: Locale) -> String {
    text.to_owned()
}
