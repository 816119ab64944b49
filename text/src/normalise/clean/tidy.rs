//! Spaces and punctuation, as an engine expects them.

/// `text` with single spaces, none before a closing sign, and each pause said once. The last touch on what was cleaned
/// and on what was read.
pub(in crate::normalise) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            _ if c.is_whitespace() || c.is_control() => space(&mut out),
            '.' => {
                let mut dots = 1;
                while chars.next_if_eq(&'.').is_some() {
                    dots += 1;
                }
                let decimal = dots == 1 && chars.peek().is_some_and(char::is_ascii_digit);
                if decimal { out.push('.') } else { close(&mut out, if dots > 2 { "..." } else { "." }) }
            }
            ',' if chars.peek().is_some_and(char::is_ascii_digit) => out.push(','),
            ',' => close(&mut out, ","),
            ';' => close(&mut out, ";"),
            ':' if chars.peek().is_none_or(|next| *next == ' ') => close(&mut out, ":"),
            '!' => close(&mut out, "!"),
            '?' => close(&mut out, "?"),
            '¡' | '¿' if out.ends_with(c) => {}
            ')' => {
                trim(&mut out);
                if out.ends_with('(') {
                    out.pop();
                } else if !out.is_empty() {
                    out.push(')');
                }
            }
            _ => out.push(c),
        }
    }
    trim(&mut out);
    out
}

fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with([' ', '(', '¡', '¿']) {
        out.push(' ');
    }
}

fn trim(out: &mut String) {
    while out.ends_with(' ') {
        out.pop();
    }
}

/// Adds a closing sign, unless the pause before it is as long.
fn close(out: &mut String, sign: &str) {
    trim(out);
    let Some(last) = out.chars().next_back() else { return };
    match (last, sign) {
        ('(' | '¡' | '¿', _) | ('!' | '?', ".") | (';' | ':', ",") => {}
        ('!' | '?', "!" | "?") => {
            let run = out.trim_end_matches(['!', '?']).len();
            if !out.get(run..).is_some_and(|said| said.contains(sign)) {
                out.push_str(sign);
            }
        }
        (',', _) => {
            out.pop();
            close(out, sign);
        }
        ('.', "." | "...") if out.ends_with("...") => {}
        ('.', "..." | ".") => {
            out.pop();
            out.push_str(if sign == "..." { sign } else { "." });
        }
        _ if sign.starts_with(last) => {}
        _ => out.push_str(sign),
    }
}
