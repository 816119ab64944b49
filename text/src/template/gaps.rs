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

const WRONG: &str = "a gap may have a field name of a-z, 0-9 and _, and filters with texts in quotes";

/// The length of the gap that `text` begins with, its end included.
fn gap(text: &str) -> Result<usize, &'static str> {
    // What stands outside of quotes, with a quotation mark for each text in them.
    let mut bones = String::new();
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => {
                quote = Some(c);
                bones.push('"');
            }
            None if text.get(at..).is_some_and(|rest| rest.starts_with("}}")) => {
                return if bones.trim().is_empty() {
                    Err("the gap is empty: name a field in it")
                } else if is_gap(&bones) {
                    Ok(at + 2)
                } else {
                    Err(WRONG)
                };
            }
            None => bones.push(c),
        }
    }
    Err("the gap does not end: }} is missing")
}

/// Whether `bones` are a name, and filters behind it.
fn is_gap(bones: &str) -> bool {
    let mut parts = bones.split('|').map(str::trim);
    let field = parts.next().is_some_and(is_name);
    field
        && parts.all(|filter| match filter.split_once('(') {
            Some((name, options)) => {
                let texts =
                    options.strip_suffix(')').map(|texts| texts.split(',').all(|text| text.trim() == "\""));
                is_name(name.trim()) && texts == Some(true)
            }
            None => is_name(filter),
        })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
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
            (
                "{{ a if b else c }}",
                "has a gap at position 1 that cannot be read: a gap may have a field name",
            ),
            ("{{ a() }}", "has a gap at position 1 that cannot be read: a gap may have a field name"),
            ("{{ a | b(c) }}", "has a gap at position 1 that cannot be read: a gap may have a field name"),
            (
                "{{ a | b('c')() }}",
                "has a gap at position 1 that cannot be read: a gap may have a field name",
            ),
            (
                "{{ a | b('c' 'd') }}",
                "has a gap at position 1 that cannot be read: a gap may have a field name",
            ),
            ("{{ a | }}", "has a gap at position 1 that cannot be read: a gap may have a field name"),
            ("{{ 'a' }}", "has a gap at position 1 that cannot be read: a gap may have a field name"),
            ("{{ 5 }}", "has a gap at position 1 that cannot be read: a gap may have a field name"),
        ] {
            let error = check(bad).unwrap_err();
            assert!(error.starts_with(message), "{bad}: {error}");
        }
    }
}
