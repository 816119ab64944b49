//! Reading a JSON object field by field, so that one answer names everything that is wrong with it.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::problem::FieldError;

/// Most errors told about one object; a hostile one could have a hundred thousand.
const MAX_ERRORS: usize = 20;
/// Longest part of a caller's own field name that an error repeats.
const MAX_NAME: usize = 60;

/// What is left of an object, and what was wrong so far.
pub(crate) struct Fields {
    rest: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Starts on `value`; `name` is what an error calls it when it is no object.
    pub(crate) fn of(value: Value, name: &str) -> Result<Self, FieldError> {
        match value {
            Value::Object(rest) => Ok(Self { rest, errors: Vec::new() }),
            other => {
                Err(FieldError::new(name, format!("must be an object in braces, not {}", kind_of(&other))))
            }
        }
    }

    /// Notes that `field` cannot be taken.
    pub(crate) fn refuse(&mut self, field: &str, message: impl Display) {
        self.errors.push(FieldError::new(field, message.to_string()));
    }

    /// Whether a value is there. `null` counts as absent.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.rest.get(field).is_some_and(|value| !value.is_null())
    }

    /// Takes a value out. `null` counts as absent.
    pub(crate) fn take(&mut self, field: &str) -> Option<Value> {
        self.rest.remove(field).filter(|v| !v.is_null())
    }

    /// Like [`Fields::take`], and notes when there is nothing.
    pub(crate) fn need(&mut self, field: &str) -> Option<Value> {
        let value = self.take(field);
        if value.is_none() {
            self.refuse(field, "is required");
        }
        value
    }

    /// The text in `value`, free of control characters and no longer than `max` characters.
    pub(crate) fn text(&mut self, field: &str, value: Option<Value>, max: usize) -> Option<String> {
        let text = self.string(field, value?)?;
        if let Some(found) = forbidden(&text) {
            self.refuse(field, found);
            return None;
        }
        self.bounded(field, text, max)
    }

    /// The same, whatever characters are in it.
    pub(crate) fn any_text(&mut self, field: &str, value: Option<Value>, max: usize) -> Option<String> {
        let text = self.string(field, value?)?;
        self.bounded(field, text, max)
    }

    fn string(&mut self, field: &str, value: Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            other => {
                self.refuse(field, format_args!("must be a text in quotes, not {}", kind_of(&other)));
                None
            }
        }
    }

    fn bounded(&mut self, field: &str, text: String, max: usize) -> Option<String> {
        // Bytes first: they are never fewer than characters, and cost nothing to count.
        if text.len() > max && text.chars().count() > max {
            self.refuse(field, format_args!("may have {max} characters"));
            return None;
        }
        Some(text)
    }

    /// An optional text that `read` understands.
    pub(crate) fn parsed<T, E: Display>(
        &mut self,
        field: &str,
        max: usize,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.take(field);
        let text = self.text(field, value, max)?;
        read(&text).map_err(|why| self.refuse(field, why)).ok()
    }

    /// An optional whole number.
    pub(crate) fn whole(&mut self, field: &str, range: &RangeInclusive<u16>) -> Option<u16> {
        let value = self.take(field)?;
        let bounds = format_args!("must be a whole number from {} to {}", range.start(), range.end());
        let Value::Number(number) = &value else {
            self.refuse(field, format_args!("{bounds}, not {}", kind_of(&value)));
            return None;
        };
        let number = number.as_u64().and_then(|n| u16::try_from(n).ok()).filter(|n| range.contains(n));
        if number.is_none() {
            self.refuse(field, bounds);
        }
        number
    }

    /// An optional whole number between these two.
    pub(crate) fn whole_up_to(&mut self, field: &str, (least, most): (u32, u32)) -> Option<u32> {
        let value = self.take(field)?;
        let number =
            value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| (least..=most).contains(n));
        if number.is_none() {
            self.refuse(field, format_args!("must be a whole number from {least} to {most}"));
        }
        number
    }

    /// An optional number.
    pub(crate) fn number(&mut self, field: &str, range: &RangeInclusive<f32>) -> Option<f32> {
        let value = self.take(field)?;
        let bounds = format_args!("must be a number from {} to {}", range.start(), range.end());
        let Value::Number(number) = &value else {
            self.refuse(field, format_args!("{bounds}, not {}", kind_of(&value)));
            return None;
        };
        #[expect(clippy::cast_possible_truncation, reason = "what is far out of range is refused either way")]
        let number = number.as_f64().map(|n| n as f32).filter(|n| range.contains(n));
        if number.is_none() {
            self.refuse(field, bounds);
        }
        number
    }

    /// An optional yes or no.
    pub(crate) fn flag(&mut self, field: &str) -> Option<bool> {
        match self.take(field)? {
            Value::Bool(flag) => Some(flag),
            other => {
                self.refuse(field, format_args!("must be true or false, not {}", kind_of(&other)));
                None
            }
        }
    }

    /// Ends the reading with the errors so far; what is left is not looked at.
    pub(crate) fn end(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }

    /// Ends the reading: an error for each field that is none of `known`, and all errors together.
    pub(crate) fn finish(mut self, known: &[&str]) -> Result<(), Vec<FieldError>> {
        let strange: Vec<&String> = self.rest.keys().filter(|n| !known.contains(&n.as_str())).collect();
        let all = self.errors.len() + strange.len();
        self.errors.truncate(MAX_ERRORS);
        let room = MAX_ERRORS - self.errors.len();
        self.errors.extend(strange.into_iter().take(room).map(|name| unknown(name, known, "field")));
        if self.errors.is_empty() {
            return Ok(());
        }
        if all > MAX_ERRORS {
            self.errors.push(FieldError::new("body", format!("has {} more errors", all - MAX_ERRORS)));
        }
        Err(self.errors)
    }
}

/// The error about a name that is none of `known`; `what` says what it names.
pub(crate) fn unknown(name: &str, known: &[&str], what: &str) -> FieldError {
    let shown: String = name.chars().filter(|c| !is_forbidden(*c)).take(MAX_NAME).collect();
    let message = match closest(name, known) {
        Some(close) => format!("is not a known {what}; did you mean {close}?"),
        None => format!("is not a known {what}"),
    };
    FieldError::new(shown, message)
}

/// What a JSON value is, in words.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Control characters, line and paragraph separators, and what reorders text on a screen: none of them is spoken, and
/// each can make a text look other than it is.
pub(crate) fn is_forbidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The message about the first forbidden character in `text`.
pub(crate) fn forbidden(text: &str) -> Option<String> {
    // Almost all texts pass this test, which looks at bytes alone.
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return None;
    }
    let (at, found) = text.chars().enumerate().find(|(_, c)| is_forbidden(*c))?;
    Some(format!("contains the control character U+{:04X} at position {}", u32::from(found), at + 1))
}

/// The message about the first forbidden character anywhere inside `value`. As deep as JSON may be nested, which the
/// parser bounds.
pub(crate) fn forbidden_inside(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
        Value::String(text) => forbidden(text),
        Value::Array(items) => items.iter().find_map(forbidden_inside),
        Value::Object(items) => {
            items.iter().find_map(|(key, value)| forbidden(key).or_else(|| forbidden_inside(value)))
        }
    }
}

/// The known name that `name` most likely stands for.
fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    if name.len() > MAX_NAME {
        return None;
    }
    let plain =
        |s: &str| s.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let wanted = plain(name);
    let near =
        |k: &&str| wanted.len() >= 4 && (plain(k).starts_with(&wanted) || wanted.starts_with(&plain(k)));
    let by_distance = known.iter().map(|k| (distance(&wanted, &plain(k)), k)).min();
    by_distance.filter(|(d, _)| *d <= 2).map(|(_, k)| *k).or_else(|| known.iter().find(|k| near(k)).copied())
}

/// How many letters have to be added, dropped or exchanged to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (slot, b) in row.iter_mut().skip(1).zip(other.chars()) {
            let here = (corner + usize::from(a != b)).min(left + 1).min(*slot + 1);
            corner = std::mem::replace(slot, here);
            left = here;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_gets_a_hint() {
        let known = ["text", "phone_number", "priority", "not_before"];
        for (name, hint) in [
            ("phone_numbr", Some("phone_number")),
            ("phoneNumber", Some("phone_number")),
            ("phone", Some("phone_number")),
            ("Text", Some("text")),
            ("notbefore", Some("not_before")),
            ("colour", None),
        ] {
            assert_eq!(closest(name, &known), hint, "{name}");
        }
    }

    #[test]
    fn distances_are_counted_in_letters() {
        for (one, other, steps) in
            [("", "", 0), ("kitten", "sitting", 3), ("a", "", 1), ("", "ab", 2), ("ñu", "nu", 1)]
        {
            assert_eq!(distance(one, other), steps, "{one} {other}");
        }
    }

    #[test]
    fn invisible_characters_are_found_at_any_depth() {
        for bad in ["a\nb", "\t", "\u{7f}", "\u{85}", "x\u{2028}", "\u{202e}abc", "\u{0}"] {
            assert!(forbidden(bad).is_some(), "{bad:?}");
            assert!(forbidden_inside(&serde_json::json!({"a": [{"b": bad}]})).is_some(), "{bad:?}");
            assert!(forbidden_inside(&serde_json::json!({"a": {bad: 1}})).is_some(), "{bad:?}");
        }
        for good in ["", "Su cita es mañana", "¿Ya? ¡Sí!", "日本語", "a\u{200d}b", "👍"] {
            assert_eq!(forbidden(good), None, "{good:?}");
        }
    }
}
