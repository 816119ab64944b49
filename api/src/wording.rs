//! The text of a request: plain or SSML, whole or with gaps that its fields fill.

use std::collections::BTreeMap;

use pregon_text::{FieldValue, Form, Lexicon, Locale, Script, Template, TemplateError};
use serde_json::Value;

use crate::fields::{Fields, forbidden, kind_of};
use crate::request::{MAX_TEXT, Rules};

/// Most fields of a request.
const MAX_FIELDS: usize = 100;
/// Longest name of a field, in characters.
const MAX_NAME: usize = 60;
/// Largest number that a field may have: beyond it, not every whole number has a value of its own.
const MAX_NUMBER: f64 = 9e15;

/// A text that can be spoken, its gaps filled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wording {
    pub(crate) text: String,
    pub(crate) ssml: bool,
}

/// Reads the text, which was taken out already, with `ssml` and `fields`. `language` is the one it is in.
pub(crate) fn wording(
    fields: &mut Fields,
    text: Option<Value>,
    language: &str,
    rules: &Rules,
) -> Option<Wording> {
    let ssml = fields.flag("ssml");
    let given = fields.has("fields");
    let values = values(fields);
    let ssml = ssml.unwrap_or(false);
    let mut text = written(fields, "text", text, ssml)?;
    if given {
        text = filled(fields, &text, &values?, language, ssml)?;
        let length = text.chars().count();
        if length > MAX_TEXT {
            let wrong =
                format_args!("has {length} characters with its fields filled in, and may have {MAX_TEXT}");
            fields.refuse("text", wrong);
            return None;
        }
    }
    heard(fields, "text", text, (language, ssml), rules).map(|text| Wording { text, ssml })
}

/// A text without gaps that can be spoken; `field` is what an error calls it.
pub(crate) fn whole(
    fields: &mut Fields,
    field: &str,
    text: Value,
    (language, ssml): (&str, bool),
    rules: &Rules,
) -> Option<String> {
    let text = written(fields, field, Some(text), ssml)?;
    heard(fields, field, text, (language, ssml), rules)
}

/// A text as it was sent. In SSML, line breaks and tabs are but white space.
fn written(fields: &mut Fields, field: &str, text: Option<Value>, ssml: bool) -> Option<String> {
    match text? {
        Value::String(text) if ssml => {
            let one_line = text.replace(['\n', '\r', '\t'], " ");
            fields.text(field, Some(one_line.into()), MAX_TEXT).map(|_| text)
        }
        text => fields.text(field, Some(text), MAX_TEXT),
    }
}

/// The text, if something is heard of it.
fn heard(
    fields: &mut Fields,
    field: &str,
    text: String,
    (language, ssml): (&str, bool),
    rules: &Rules,
) -> Option<String> {
    speakable(&text, language, ssml, rules).map_err(|why| fields.refuse(field, why)).ok().map(|()| text)
}

/// What the gaps are filled with. None when there is something wrong with it.
fn values(fields: &mut Fields) -> Option<BTreeMap<String, FieldValue>> {
    let given = match fields.take("fields")? {
        Value::Object(given) => given,
        other => {
            fields.refuse("fields", format_args!("must be an object in braces, not {}", kind_of(&other)));
            return None;
        }
    };
    if given.len() > MAX_FIELDS {
        fields.refuse("fields", format_args!("may have {MAX_FIELDS} fields, not {}", given.len()));
        return None;
    }
    let mut values = BTreeMap::new();
    let mut good = true;
    for (name, value) in given {
        if name.chars().count() > MAX_NAME || forbidden(&name).is_some() {
            fields.refuse(
                "fields",
                format_args!("may have names of {MAX_NAME} characters, none of them invisible"),
            );
            return None;
        }
        match value_of(value) {
            Ok(Some(value)) => drop(values.insert(name, value)),
            Ok(None) => {}
            Err(why) => {
                fields.refuse(&format!("fields.{name}"), why);
                good = false;
            }
        }
    }
    good.then_some(values)
}

/// `null` counts as missing.
fn value_of(value: Value) -> Result<Option<FieldValue>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => forbidden(&text).map_or(Ok(Some(FieldValue::Text(text))), Err),
        Value::Number(number) => match number.as_f64().filter(|number| number.abs() <= MAX_NUMBER) {
            Some(number) => Ok(Some(FieldValue::Number(number))),
            None => Err("is too large for a number: send it as a text in quotes".to_owned()),
        },
        other @ (Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
            Err(format!("must be a text in quotes or a number, not {}", kind_of(&other)))
        }
    }
}

fn filled(
    fields: &mut Fields,
    text: &str,
    values: &BTreeMap<String, FieldValue>,
    language: &str,
    ssml: bool,
) -> Option<String> {
    let form = if ssml { Form::Ssml } else { Form::Plain };
    let filled = Template::new(text).and_then(|gaps| gaps.fill(values, Locale::of(language), form));
    match filled {
        Ok(text) => Some(text),
        Err(TemplateError::Fields(faults)) => {
            for fault in faults {
                fields.refuse(&format!("fields.{}", fault.field), fault.why);
            }
            None
        }
        Err(error @ TemplateError::Malformed(_)) => {
            fields.refuse("text", error);
            None
        }
    }
}

/// Whether something is heard of `text`; why not otherwise.
fn speakable(text: &str, language: &str, ssml: bool, rules: &Rules) -> Result<(), String> {
    const NOTHING: &str = "has nothing in it that can be spoken";
    if text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    let none = Lexicon::default();
    if !ssml {
        // Almost all texts pass this test, which costs next to nothing.
        let plain = text.contains(char::is_alphanumeric) && !text.contains('<');
        let heard = plain || Script::plain(text, language, 1.0, &none).has_words();
        return if heard { Ok(()) } else { Err(NOTHING.to_owned()) };
    }
    let script = Script::ssml(text, language, 1.0, &none);
    let script = script.map_err(|error| format!("is not SSML that can be spoken: {error}"))?;
    if !script.has_words() {
        return Err(NOTHING.to_owned());
    }
    let speaks = |engine: &str, language: &str| rules.repertoire.check(language, Some(engine), None).is_ok();
    let mut engines = rules.repertoire.engines.iter();
    if engines.any(|engine| script.languages().all(|language| speaks(&engine.id, language))) {
        return Ok(());
    }
    let mut languages: Vec<_> = script.languages().collect();
    languages.sort_unstable();
    languages.dedup();
    Err(format!("is in languages that no configured engine speaks: {}", languages.join(", ")))
}

#[cfg(test)]
#[path = "wording_tests.rs"]
mod tests;
