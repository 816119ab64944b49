//! Text in the one form that is hashed and spoken.

/// The words of `text`. Control characters separate too: espeak-ng takes some for commands, and none has a sound.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty())
}

/// The words with one space between them.
pub(crate) fn normalised(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in words(text) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spacing_and_control_characters_do_not_change_the_text() {
        for text in ["su cita", "  su\u{a0}\n cita\t", "su\u{1}\0cita\u{7f}"] {
            assert_eq!(normalised(text), "su cita", "{text:?}");
        }
        assert_eq!(normalised(" \u{0} \n"), "");
    }
}
