//! Texts with gaps: `Hola {{ name | default("cliente") }}, debe {{ amount | currency }}`.
//!
//! A gap names a field and, behind `|`, what it is: the names of `say-as`, written so that the normaliser reads it
//! right in the language. There is nothing else: no statements, no expressions, no other templates.

mod gaps;
mod sheet;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use minijinja::value::{Rest, Value};
use minijinja::{Environment, Error, ErrorKind};

use crate::Locale;
use crate::said_as::{SaidAs, decimal};

use gaps::check;
use sheet::{Gap, Sheet};

/// Steps that a template may take: some for each gap, and no template of the longest text has more.
const FUEL: u64 = 50_000;
/// Longest value of a field, in characters.
pub const MAX_VALUE: usize = 500;
/// The filters, beside `default`.
const FILTERS: [&str; 8] =
    ["telephone", "digits", "characters", "date", "time", "currency", "ordinal", "cardinal"];

/// What a gap is filled with.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// A text of at most [`MAX_VALUE`] characters. A blank one counts as missing.
    Text(String),
    /// A number, written with the decimal mark of the country.
    Number(f64),
}

/// What the text around the gaps is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Plain text: values are put in as they are.
    Plain,
    /// SSML: what means something in XML is escaped in values, so that none of them can bring a tag.
    Ssml,
}

/// A field that a gap could not be filled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// Its name.
    pub field: String,
    /// What is wrong, and what would be right.
    pub why: String,
}

/// Why a template was not filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is none.
    #[error("{0}")]
    Malformed(String),
    /// All fields that are missing or do not fit.
    #[error("{}", Faults(.0))]
    Fields(Vec<FieldFault>),
}

struct Faults<'a>(&'a [FieldFault]);

impl fmt::Display for Faults<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, FieldFault { field, why }) in self.0.iter().enumerate() {
            write!(f, "{}{field} {why}", if index > 0 { "; " } else { "" })?;
        }
        Ok(())
    }
}

/// A text with gaps.
///
/// ```
/// use std::collections::BTreeMap;
/// use pregon_text::{FieldValue, Form, Locale, Template};
///
/// let template = Template::new("Hola {{ name }}, su cita es el {{ day | date }}.").unwrap();
/// assert_eq!(template.fields(), ["day", "name"]);
/// let text = |text: &str| FieldValue::Text(text.to_owned());
/// let values = BTreeMap::from([("name".into(), text("Ana")), ("day".into(), text("2026-12-01"))]);
/// let filled = template.fill(&values, Locale::EsCo, Form::Plain).unwrap();
/// assert_eq!(filled, "Hola Ana, su cita es el 1 de diciembre de 2026.");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Template<'s> {
    source: &'s str,
}

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::empty();
    engine.set_fuel(Some(FUEL));
    engine.set_formatter(|out, _, value| match value.downcast_object_ref::<Gap>() {
        Some(gap) => Ok(write!(out, "{}", gap.shown())?),
        None => Err(refused("only fields can be put in, each by its name")),
    });
    engine.add_filter("default", |value: &Value, other: &str| Ok::<_, Error>(gap(value)?.or(other)));
    for name in FILTERS {
        engine.add_filter(name, move |value: &Value, options: Rest<String>| filter(name, value, &options));
    }
    engine
});

impl<'s> Template<'s> {
    /// The template that `source` is.
    pub fn new(source: &'s str) -> Result<Self, TemplateError> {
        check(source).map_err(TemplateError::Malformed)?;
        ENGINE.template_from_str(source).map_err(|error| malformed(&error))?;
        Ok(Self { source })
    }

    /// The names of its fields, each once, sorted.
    pub fn fields(&self) -> Vec<String> {
        let template = ENGINE.template_from_str(self.source).ok();
        let mut names: Vec<_> =
            template.map(|t| t.undeclared_variables(false)).into_iter().flatten().collect();
        names.sort_unstable();
        names
    }

    /// The text with every gap filled. All fields that are missing, or have a value that does not fit, are named at once;
    /// values that no gap asks for are not looked at.
    pub fn fill(
        &self,
        values: &BTreeMap<String, FieldValue>,
        locale: Locale,
        form: Form,
    ) -> Result<String, TemplateError> {
        let words = |value: &FieldValue| match value {
            FieldValue::Text(text) => text.clone(),
            FieldValue::Number(number) => decimal(&number.to_string(), locale),
        };
        let values = values.iter().map(|(name, value)| (name.clone(), words(value))).collect();
        let sheet = Arc::new(Sheet::new(values, locale, form));
        let template = ENGINE.template_from_str(self.source).map_err(|error| malformed(&error))?;
        let filled = template.render(Value::from_dyn_object(Arc::clone(&sheet)));
        let filled = filled.map_err(|error| malformed(&error))?;
        let faults = sheet.faults();
        if faults.is_empty() { Ok(filled) } else { Err(TemplateError::Fields(faults)) }
    }
}

/// Applies the filter of that name.
fn filter(name: &str, value: &Value, options: &[String]) -> Result<Value, Error> {
    let gap = gap(value)?;
    let way = SaidAs::named(name).ok_or_else(|| refused("there is no such filter"))?;
    let option = match options {
        [] => None,
        [option] => Some(option.as_str()),
        _ => return Err(refused(&format!("{name} takes one option at most"))),
    };
    let code = option.filter(|_| way == SaidAs::Currency);
    if let Some(code) = code
        && !(code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()))
    {
        return Err(refused("currency takes the code of a currency, such as currency(\"USD\")"));
    }
    let format = option.filter(|_| way != SaidAs::Currency);
    if let Some(format) = format
        && !way.formats().contains(&format)
    {
        return Err(refused(&format!("the option of {name} must be {}", way.formats_in_words())));
    }
    Ok(gap.written(|text, locale| match code {
        Some(code) => way.write_in(text, code, locale),
        None => way.write(text, format, locale),
    }))
}

fn gap(value: &Value) -> Result<&Gap, Error> {
    value.downcast_object_ref::<Gap>().ok_or_else(|| refused("a filter goes behind the name of a field"))
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, why.to_owned())
}

fn malformed(error: &Error) -> TemplateError {
    let detail = error.detail().unwrap_or("it is not well formed");
    let why = match error.kind() {
        ErrorKind::UnknownFilter => format!("{detail}; there are default, {}", FILTERS.join(", ")),
        ErrorKind::OutOfFuel => "it has too many gaps".to_owned(),
        _ => detail.to_owned(),
    };
    TemplateError::Malformed(format!("has a gap that cannot be read: {why}"))
}

#[cfg(test)]
#[path = "template/tests.rs"]
mod tests;
