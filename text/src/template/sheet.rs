//! The values of one filling, and what was wrong with them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Object, Value};

use super::{FieldFault, Form, MAX_VALUE};
use crate::Locale;

/// The values that gaps are filled with. Knows every name: one without a value is a gap that stays empty and is noted.
#[derive(Debug)]
pub(super) struct Sheet {
    values: BTreeMap<String, String>,
    locale: Locale,
    form: Form,
    faults: Mutex<BTreeMap<String, String>>,
}

/// A gap, and what is put in.
#[derive(Debug)]
pub(super) struct Gap {
    field: String,
    text: Option<String>,
    sheet: Arc<Sheet>,
}

impl Sheet {
    pub(super) fn new(values: BTreeMap<String, String>, locale: Locale, form: Form) -> Self {
        Self { values, locale, form, faults: Mutex::default() }
    }

    /// The fields that were not right, sorted.
    pub(super) fn faults(&self) -> Vec<FieldFault> {
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.iter().map(|(field, why)| FieldFault { field: field.clone(), why: why.clone() }).collect()
    }

    fn note(&self, field: &str, why: String) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.entry(field.to_owned()).or_insert(why);
    }
}

impl Object for Sheet {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let field = key.as_str()?.to_owned();
        let mut text = self.values.get(&field).filter(|text| !text.trim().is_empty()).cloned();
        if text.as_ref().is_some_and(|text| text.chars().count() > MAX_VALUE) {
            self.note(&field, format!("may have {MAX_VALUE} characters"));
            text = None;
        }
        Some(Value::from_object(Gap { field, text, sheet: Arc::clone(self) }))
    }
}

impl Gap {
    /// The same gap, with `other` in it where there is nothing.
    pub(super) fn or(&self, other: &str) -> Value {
        self.with(Some(self.text.clone().unwrap_or_else(|| other.to_owned())))
    }

    /// The same gap, with its text as `write` writes it.
    pub(super) fn written(&self, write: impl FnOnce(&str, Locale) -> Result<String, String>) -> Value {
        let text = self.text.as_ref().and_then(|text| {
            write(text, self.sheet.locale).map_err(|why| self.sheet.note(&self.field, why)).ok()
        });
        self.with(text)
    }

    fn with(&self, text: Option<String>) -> Value {
        Value::from_object(Self { field: self.field.clone(), text, sheet: Arc::clone(&self.sheet) })
    }

    /// What is put in. Notes where there is nothing.
    pub(super) fn shown(&self) -> String {
        let Some(text) = &self.text else {
            self.sheet.note(&self.field, "is missing, and the text has a gap for it".to_owned());
            return String::new();
        };
        match self.sheet.form {
            Form::Plain => text.clone(),
            Form::Ssml => escaped(text),
        }
    }
}

impl Object for Gap {
    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}
