use serde_json::json;

use super::*;
use crate::request::tests::rules;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn spec(value: &Value) -> Spec {
    let asked = read(value.clone(), &rules(), NOW).unwrap();
    let content = match asked.sound.clone() {
        Sound::Speech(speech) => Content::Speech(speech),
        Sound::Audio(id) => Content::Audio(pregon_core::Recording { id }),
    };
    asked.into_spec(content)
}

#[test]
fn what_is_not_said_is_filled_in() {
    let spec = spec(&json!({"text": "Hola"}));
    let air = spec.air().unwrap();
    assert_eq!((air.station.as_str(), air.mode, air.over_live), ("main", Mode::Interrupt, OverLive::Duck));
    assert_eq!((air.chime, air.repeat, air.dedupe.as_deref()), (Chime::None, 1, None));
    assert_eq!((spec.lane, spec.expires, spec.not_before), (Lane::Normal, None, None));
    assert_eq!(spec.text(), "Hola");
}

#[test]
fn everything_that_can_be_asked_for() {
    let spec = spec(&json!({
        "audio": "7c9e40d1a2b3c4d5e6f708192a3b4c5d6e7f8091", "station": "main", "mode": "interrupt", "resume": false,
        "ttl_seconds": 90, "over_live": "wait", "chime": "both", "repeat": 2, "dedupe_key": "agua", "priority": "high",
        "max_attempts": 1, "metadata": {"a": 1}, "callback_url": "https://example.com/x",
    }));
    let air = spec.air().unwrap();
    assert_eq!((air.mode, air.over_live, air.chime), (Mode::MoveOn, OverLive::Wait, Chime::Both));
    assert_eq!((air.repeat, air.dedupe.as_deref(), spec.lane), (2, Some("agua"), Lane::High));
    assert_eq!(spec.expires, Some(NOW + Duration::from_secs(90)));
    assert!(matches!(spec.content, Content::Audio(_)));
}

#[test]
fn what_has_a_time_is_rendered_before_it_and_stale_soon_after() {
    let at = NOW + Duration::from_hours(1);
    let hourly = spec(&json!({"text": "Las cinco", "mode": "at", "at": at.to_string()}));
    assert_eq!(hourly.air().unwrap().mode, Mode::At(at));
    assert_eq!((hourly.not_before, hourly.expires), (Some(at - LEAD), Some(at + AT_TTL)));
    let soon = NOW + Duration::from_secs(5);
    assert_eq!(spec(&json!({"text": "Ya", "mode": "at", "at": soon.to_string()})).not_before, None);
}

#[test]
fn what_is_wrong_is_named() {
    for (value, field, words) in [
        (json!({}), "text", "is required, unless"),
        (json!({"text": "a", "audio": "b"}), "audio", "send one of them"),
        (json!({"audio": "b", "voice": "es-419"}), "voice", "goes with text only"),
        (json!({"audio": "b", "ssml": true}), "ssml", "goes with text only"),
        (json!({"audio": "b", "fields": {}}), "fields", "goes with text only"),
        (json!({"text": "<x/>", "ssml": true}), "text", "is not SSML that can be spoken"),
        (json!({"text": "{{ a }}", "fields": {}}), "fields.a", "is missing"),
        (json!({"text": " "}), "text", "is empty"),
        (json!({"text": "a\n"}), "text", "control character"),
        (json!({"text": "a", "station": "La Voz"}), "station", "lower-case"),
        (json!({"text": "a", "station": "otra"}), "station", "is not one of the stations: main"),
        (json!({"text": "a", "mode": "loud"}), "mode", "must be interrupt, duck, next or at"),
        (json!({"text": "a", "mode": "at"}), "at", "is required with mode at"),
        (json!({"text": "a", "at": "2027-01-15T08:00:00Z"}), "at", "goes with mode at only"),
        (json!({"text": "a", "mode": "at", "at": "2020-01-01T00:00:00Z"}), "at", "lies in the past"),
        (json!({"text": "a", "mode": "duck", "resume": false}), "resume", "goes with mode interrupt only"),
        (json!({"text": "a", "resume": 1}), "resume", "must be true or false, not a number"),
        (json!({"text": "a", "ttl_seconds": 4}), "ttl_seconds", "from 5 to 604800"),
        (json!({"text": "a", "over_live": "no"}), "over_live", "must be wait"),
        (json!({"text": "a", "chime": true}), "chime", "must be a text"),
        (json!({"text": "a", "repeat": 0}), "repeat", "from 1 to 10"),
        (json!({"text": "a", "phone_number": "3005050149"}), "phone_number", "is not a known field"),
    ] {
        let errors = read(value.clone(), &rules(), NOW).unwrap_err();
        assert_eq!(errors.len(), 1, "{value}: {errors:?}");
        assert_eq!(errors[0].field, field, "{value}");
        assert!(errors[0].message.contains(words), "{value}: {}", errors[0].message);
    }
}

#[test]
fn the_document_has_the_fields_that_are_read() {
    let document = serde_json::to_value(crate::openapi()).unwrap();
    let properties = document["components"]["schemas"]["BroadcastRequest"]["properties"].as_object().unwrap();
    let mut known = FIELDS;
    known.sort_unstable();
    assert_eq!(properties.keys().collect::<Vec<_>>(), known);
}
