//! The field `retry`: how long a job waits before another attempt, by outcome.

use std::collections::BTreeMap;

use pregon_core::{MAX_WAITS, Mishap, OutcomeKind, Redial, Waits};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::fields::{Fields, kind_of, unknown};

/// Strange names told about; a hostile request could have a hundred thousand.
const MAX_TOLD: usize = 10;

/// Waits before another attempt: `never`, or by outcome. Rejected calls, numbers that do not exist and uncertain calls
/// are never tried again.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!({"busy": ["1m", "5m"], "no_answer": ["30m", "2h", "never"], "congestion": "never"}))]
pub(crate) enum Retry {
    /// No retry after any outcome.
    Never(Never),
    /// By outcome.
    Each(RetryWaits),
}

/// The word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Never {
    /// No retry.
    Never,
}

/// Waits by outcome; for an outcome that is not named, the installation's own settings go.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct RetryWaits {
    /// After a busy line (`RETRY_BUSY`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["1m", "5m"]))]
    busy: Option<WaitList>,
    /// When it rang and nobody answered (`RETRY_NO_ANSWER`).
    #[serde(skip_serializing_if = "Option::is_none")]
    no_answer: Option<WaitList>,
    /// When network or trunk had no free line (`RETRY_CONGESTION`).
    #[serde(skip_serializing_if = "Option::is_none")]
    congestion: Option<WaitList>,
    /// When no call could be set up (`RETRY_UNREACHABLE`).
    #[serde(skip_serializing_if = "Option::is_none")]
    unreachable: Option<WaitList>,
    /// When somebody answered and no audio went out (`RETRY_SILENT`).
    #[serde(skip_serializing_if = "Option::is_none")]
    silent: Option<WaitList>,
}

/// `never`, or 1 to 20 waits from `1s` to `30d`. The first retry takes the first wait, and so on; the last one repeats
/// until the job has no attempts left, unless `never` stands behind it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(example = json!(["1m", "5m", "never"]))]
pub(crate) enum WaitList {
    /// No retry.
    Never(Never),
    /// The waits, in order.
    Waits(Vec<String>),
}

impl Retry {
    /// What a job asked for, if anything.
    pub(crate) fn of(asked: &Redial) -> Option<Self> {
        if asked.is_empty() {
            return None;
        }
        if *asked == Redial::never() {
            return Some(Self::Never(Never::Never));
        }
        let list = |mishap| asked.of(mishap).map(WaitList::of);
        Some(Self::Each(RetryWaits {
            busy: list(Mishap::Busy),
            no_answer: list(Mishap::NoAnswer),
            congestion: list(Mishap::Congestion),
            unreachable: list(Mishap::Unreachable),
            silent: list(Mishap::Silent),
        }))
    }
}

impl WaitList {
    fn of(waits: &Waits) -> Self {
        if waits.is_never() { Self::Never(Never::Never) } else { Self::Waits(waits.parts().collect()) }
    }
}

/// Reads the field. What is wrong with it is named down to the wait: `retry.busy[1]`.
pub(crate) fn retry(fields: &mut Fields) -> Redial {
    match fields.take("retry") {
        None => Redial::default(),
        Some(Value::String(word)) if word == "never" => Redial::never(),
        Some(Value::Object(asked)) => by_outcome(fields, asked),
        Some(other) => {
            let found = kind_of(&other);
            fields.refuse("retry", format_args!("must be \"never\", or an object in braces, not {found}"));
            Redial::default()
        }
    }
}

fn by_outcome(fields: &mut Fields, mut asked: Map<String, Value>) -> Redial {
    let mut read = BTreeMap::new();
    for mishap in Mishap::ALL {
        let value = asked.remove(mishap.as_str()).filter(|v| !v.is_null());
        let field = format!("retry.{}", mishap.as_str());
        if let Some(waits) = value.and_then(|value| waits(fields, &field, &value)) {
            read.insert(mishap, waits);
        }
    }
    let known = Mishap::ALL.map(Mishap::as_str);
    for name in asked.keys().take(MAX_TOLD) {
        if OutcomeKind::ALL.iter().any(|kind| kind.as_str() == name) {
            fields.refuse(&format!("retry.{name}"), "is an outcome after which nobody is called again");
        } else {
            let strange = unknown(name, &known, "outcome");
            fields.refuse(&format!("retry.{}", strange.field), strange.message);
        }
    }
    read.into_iter().collect()
}

fn waits(fields: &mut Fields, field: &str, value: &Value) -> Option<Waits> {
    let items = match value {
        Value::String(word) if word == "never" => return Some(Waits::never()),
        Value::Array(items) if (1..=MAX_WAITS + 1).contains(&items.len()) => items,
        Value::Array(items) => {
            let found = items.len();
            fields.refuse(field, format_args!("must have 1 to {MAX_WAITS} waits, not {found}"));
            return None;
        }
        other => {
            let found = kind_of(other);
            let form = "must be \"never\", or a list of waits such as [\"1m\", \"5m\"]";
            fields.refuse(field, format_args!("{form}, not {found}"));
            return None;
        }
    };
    let mut parts = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let Value::String(part) = item else {
            let found = kind_of(item);
            fields.refuse(
                &format!("{field}[{index}]"),
                format_args!("must be a wait in quotes such as \"5m\", not {found}"),
            );
            return None;
        };
        parts.push(part.as_str());
    }
    Waits::read(&parts)
        .map_err(|wrong| {
            let place = wrong.index().map_or_else(String::new, |index| format!("[{index}]"));
            fields.refuse(&format!("{field}{place}"), wrong);
        })
        .ok()
}
