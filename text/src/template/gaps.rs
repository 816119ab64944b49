//! What may stand in a gap. The engine could do much more, none of which an announcement needs: loops and sums that
//! run away, for one. What is let through to it is a name, filters, and texts in quotes.

/// Whether `source` has gaps of that kind only. The error says what would be right.
pub(super) fn check(source: &str) -> Result<(), String> {
    let mut rest = source;
    while let Some(at) = rest.find('{') {
        let here = source.len() - rest.len() + at;
        let open = rest.get(at..).unwrap_or_default();
        if open.starts_with("{%") || open.starts_with("{#") {
            return Err(complaint(source, here, "only {{ field }} is known here, no {% or {#"));
        }
        let Some(inside) = open.strip_prefix("{{") else {
            rest = open.get(1..).unwrap_or_default();
            continue;
        };
        let length = gap(inside).map_err(|why| complaint(source, here, why))?;
        rest = inside.get(length..).unwrap_or_default();
    }
    Ok(())
}

/// The length of the gap that `text` begins with, its end included.
fn gap(text: &str) -> Result<usize, &'static str> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if text.get(at..).is_some_and(|rest| rest.starts_with("}}")) => {
                return if text.get(..at).is_some_and(|name| name.trim().is_empty()) {
                    Err("the gap is empty: name a field in it")
                } else {
                    Ok(at + 2)
                };
            }
            None if c.is_ascii_alphanumeric() || " _|(),".contains(c) => {}
            None => {
                return Err(
                    "a gap may have a field name of a-z, 0-9 and _, and filters with texts in quotes",
                );
            }
        }
    }
    Err("the gap does not end: }} is missing")
}

fn complaint(source: &str, at: usize, why: &str) -> String {
    let position = source.get(..at).unwrap_or_default().chars().count() + 1;
    format!("has a gap at position {position} that cannot be read: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_filters_and_texts_stand_in_gaps() {
        for good in [
            "",
            "a { b } c",
            "{{ a }}",
            "{{a|b|c(\"}} {%\", 'x')}}",
            "}}",
            "{ {",
            "{{ a | default(\"\\\"}}\") }}",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, message) in [
            (
                "ñ {% for a in b %}",
                "has a gap at position 3 that cannot be read: only {{ field }} is known here",
            ),
            ("{# a #}", "has a gap at position 1 that cannot be read: only {{ field }} is known here"),
            ("a {{ b", "has a gap at position 3 that cannot be read: the gap does not end: }} is missing"),
            ("{{ \"a }}", "has a gap at position 1 that cannot be read: the gap does not end: }} is missing"),
            ("{{ }}", "has a gap at position 1 that cannot be read: the gap is empty"),
            ("{{ a * 9 }}", "has a gap at position 1 that cannot be read: a gap may have a field name"),
            ("{{ a ~ a }}", "has a gap at position 1 that cannot be read: a gap may have a field name"),
            ("{{ a.b }}", "has a gap at position 1 that cannot be read: a gap may have a field name"),
            ("{{ a[0] }}", "has a gap at position 1 that cannot be read: a gap may have a field name"),
            ("{{ {a} }}", "has a gap at position 1 that cannot be read: a gap may have a field name"),
            ("{{ año }}", "has a gap at position 1 that cannot be read: a gap may have a field name"),
            ("{{- a }}", "has a gap at position 1 that cannot be read: a gap may have a field name"),
        ] {
            let error = check(bad).unwrap_err();
            assert!(error.starts_with(message), "{bad}: {error}");
        }
    }
}
