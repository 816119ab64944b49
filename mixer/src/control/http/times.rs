//! Times as the API writes them. Inside the program they travel as milliseconds.

use pregon_core::Timestamp;
use serde_json::Value;

/// The fields of a station's snapshot that hold a time.
const TIMES: [&str; 4] = ["at", "began", "since", "expires"];

/// The same value, with RFC 3339 for every time.
pub(super) fn as_text(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let written = fields.into_iter().map(|(name, value)| {
                let millis = value.as_i64().filter(|_| TIMES.contains(&name.as_str()));
                let time = millis.map(|millis| Value::String(Timestamp::from_millis(millis).to_string()));
                (name, time.unwrap_or_else(|| as_text(value)))
            });
            Value::Object(written.collect())
        }
        Value::Array(items) => items.into_iter().map(as_text).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_text_wherever_they_stand_and_numbers_stay_numbers() {
        let told = json!({"mode": {"at": 0}, "waiting": [{"since": 1_500, "expires": null, "seconds": 3, "ticket": 4}]});
        let written = json!({"mode": {"at": "1970-01-01T00:00:00.000Z"}, "waiting": [
            {"since": "1970-01-01T00:00:01.500Z", "expires": null, "seconds": 3, "ticket": 4}
        ]});
        assert_eq!(as_text(told), written);
    }
}
