//! What has no sound in any language leaves: markup, emoji, control characters, odd spaces.

/// `text` on one line with single spaces.
pub(crate) fn clean(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}
