use pregon_core::{EngineInfo, Mishap, TrunkInfo, VoiceInfo};
use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// Trunks and the country of each.
fn trunks(known: &[(&str, &str)], open: bool) -> Trunks {
    let info = |(name, country): &(&str, &str)| TrunkInfo {
        name: (*name).into(),
        countries: country.parse().into_iter().collect(),
    };
    Trunks { known: known.iter().map(info).collect(), open }
}

pub(crate) fn rules() -> Rules {
    let engine = |id: &str, voice: &str| EngineInfo {
        id: id.into(),
        voices: vec![VoiceInfo { id: voice.into(), language: "es".into() }],
        languages: vec!["es".into(), "en".into()],
    };
    Rules {
        repertoire: Repertoire { engines: vec![engine("espeak", "es-419"), engine("google", "com.co")] },
        trunks: trunks(&[("trunk", "")], true),
        stations: vec![StationName::default()],
        region: "CO".parse().unwrap(),
        language: "es".into(),
    }
}

/// A good request with some fields replaced; `null` removes one.
fn with(changes: &Value) -> Value {
    let mut request = json!({"text": "Su cita es mañana", "phone_number": "3005050149"});
    for (name, value) in changes.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

fn fields(request: Value) -> Vec<String> {
    read(request, &rules(), NOW).err().unwrap_or_default().into_iter().map(|e| e.field).collect()
}

#[test]
fn a_call_that_no_trunk_takes_is_refused_with_the_trunks_there_are() {
    let rules = Rules { trunks: trunks(&[("co", "CO"), ("ve", "VE")], false), ..rules() };
    for (changes, field, why) in [
        (json!({"trunk": "claro"}), "trunk", "is not one of the trunks: co, ve"),
        (json!({"trunk": "ve"}), "trunk", "trunk ve does not call that number's country"),
        (json!({"phone_number": "+34600123456"}), "phone_number", "no trunk calls that number's country"),
    ] {
        let errors = read(with(&changes), &rules, NOW).unwrap_err();
        let told: Vec<_> = errors.iter().map(|e| (e.field.as_str(), e.message.as_str())).collect();
        assert_eq!(told, [(field, why)]);
    }
    for fine in [json!({}), json!({"trunk": "co"}), json!({"phone_number": "+582125550147"})] {
        assert!(read(with(&fine), &rules, NOW).is_ok(), "{fine}");
    }
}

#[test]
fn the_least_that_is_enough() {
    let spec = read(with(&json!({})), &rules(), NOW).unwrap();
    let (speech, call) = (spec.speech().unwrap(), spec.call().unwrap());
    assert_eq!((speech.text.as_str(), speech.language.as_str()), ("Su cita es mañana", "es"));
    assert_eq!(call.to.as_str(), "+573005050149");
    assert_eq!((spec.lane, spec.max_attempts), (Lane::Normal, 3));
}

#[test]
fn everything_that_can_be_asked_for() {
    let request = with(&json!({
        "ssml": true, "fields": {"name": "Ana"}, "language": "es-CO", "priority": "high", "voice": "com.co", "engine": "google", "rate": 1.25,
        "caller_id": "+576067451200", "trunk": "main_1", "max_attempts": 20,
        "interaction": {"confirm": "1", "repeat": "2"},
        "retry": {"busy": ["1m", "90s", "never"], "no_answer": "never", "silent": null},
        "not_before": (NOW + Duration::from_mins(1)).to_string(), "expires": (NOW + Duration::from_secs(90)).to_string(),
        "metadata": {"order": 7, "tags": ["a", {"b": null}]}, "callback_url": "HTTPS://crm.example.com:8443/x?y=1",
    }));
    let names: Vec<_> = request.as_object().unwrap().keys().cloned().collect();
    let mut known = FIELDS.map(ToOwned::to_owned);
    known.sort();
    assert_eq!(names, known, "the test leaves a field out");
    let spec = read(request, &rules(), NOW).unwrap();
    let (speech, call) = (spec.speech().unwrap(), spec.call().unwrap());
    assert!(speech.ssml);
    assert_eq!(
        (speech.voice.as_deref(), speech.engine.as_deref(), speech.rate),
        (Some("com.co"), Some("google"), Some(1.25))
    );
    assert_eq!(
        (call.caller_id.as_ref().unwrap().as_str(), call.trunk.as_deref()),
        ("+576067451200", Some("main_1"))
    );
    assert_eq!(
        call.interaction.as_ref().unwrap().prompt,
        "Para confirmar, marque 1. Para escuchar de nuevo, marque 2."
    );
    assert_eq!((spec.lane, spec.max_attempts), (Lane::High, 20));
    let waits = |mishap| spec.retry.of(mishap).map(ToString::to_string);
    assert_eq!(
        Mishap::ALL.map(waits),
        [Some("1m,90s,never".to_owned()), Some("never".to_owned()), None, None, None]
    );
    assert_eq!(
        (spec.not_before, spec.expires),
        (Some(NOW + Duration::from_mins(1)), Some(NOW + Duration::from_secs(90)))
    );
    assert_eq!(spec.metadata["tags"], json!(["a", {"b": null}]));
    assert_eq!(spec.callback_url.as_deref(), Some("HTTPS://crm.example.com:8443/x?y=1"));
}

#[test]
fn the_document_has_the_fields_that_are_read() {
    let document = serde_json::to_value(crate::openapi()).unwrap();
    let properties = document["components"]["schemas"]["CallRequest"]["properties"].as_object().unwrap();
    let mut known = FIELDS;
    known.sort_unstable();
    assert!(properties.keys().eq(known.iter()));
    assert_eq!(document["components"]["schemas"]["CallRequest"]["required"], json!(["text", "phone_number"]));
}

#[test]
fn all_errors_are_told_at_once() {
    let request = json!({
        "text": "", "phone_number": 5, "priority": "urgent", "engine": "azure", "voice": "bob", "language": "tlh",
        "max_attempts": 0, "rate": 3, "colour": "red",
    });
    let mut fields = fields(request);
    fields.sort();
    let expected =
        ["colour", "engine", "language", "max_attempts", "phone_number", "priority", "rate", "text", "voice"];
    assert_eq!(fields, expected);
}

#[test]
fn errors_say_what_would_be_right() {
    for (change, words) in [
        (json!({"phone_number": 3_005_050_149_u64}), "must be a text in quotes, not a number"),
        (json!({"phonenumber": "3"}), "did you mean phone_number?"),
        (json!({"text": "a\nb"}), "U+000A at position 2"),
        (json!({"text": "x".repeat(5_001)}), "may have 5000 characters"),
        (json!({"engine": "azure"}), "espeak, google"),
        (json!({"not_before": "2026-01-01"}), "with an offset"),
        (json!({"metadata": []}), "must be an object"),
    ] {
        let errors = read(with(&change), &rules(), NOW).unwrap_err();
        assert!(errors[0].message.contains(words), "{change}: {errors:?}");
    }
}

#[test]
fn times_are_bounded_on_both_sides() {
    let at = |seconds: i64| Timestamp::from_millis(NOW.millis() + seconds * 1_000).to_string();
    for (change, wrong) in [
        (json!({"not_before": at(-3)}), None),
        (json!({"not_before": at(-6)}), Some("not_before")),
        (json!({"not_before": at(366 * 86_400)}), None),
        (json!({"not_before": at(366 * 86_400 + 1)}), Some("not_before")),
        (json!({"expires": at(1)}), None),
        (json!({"expires": at(0)}), Some("expires")),
        (json!({"not_before": at(60), "expires": at(60)}), Some("expires")),
        (json!({"not_before": at(60), "expires": at(61)}), None),
    ] {
        assert_eq!(fields(with(&change)).first().map(String::as_str), wrong, "{change}");
    }
}

#[test]
fn lengths_are_bounded_in_characters() {
    for (change, wrong) in [
        (json!({"text": "ñ".repeat(5_000)}), None),
        (json!({"text": "ñ".repeat(5_001)}), Some("text")),
        (json!({"trunk": "t".repeat(40)}), None),
        (json!({"trunk": "t".repeat(41)}), Some("trunk")),
        (json!({"callback_url": format!("http://h/{}", "x".repeat(1_991))}), None),
        (json!({"callback_url": format!("http://h/{}", "x".repeat(1_992))}), Some("callback_url")),
        (json!({"metadata": {"k": "x".repeat(4_088)}}), None),
        (json!({"metadata": {"k": "x".repeat(4_089)}}), Some("metadata")),
        (
            json!({"metadata": (0..32).map(|n| (n.to_string(), json!(n))).collect::<serde_json::Map<_, _>>()}),
            None,
        ),
        (
            json!({"metadata": (0..33).map(|n| (n.to_string(), json!(n))).collect::<serde_json::Map<_, _>>()}),
            Some("metadata"),
        ),
    ] {
        assert_eq!(fields(with(&change)).first().map(String::as_str), wrong);
    }
}

#[test]
fn only_web_addresses_are_called_back() {
    for bad in [
        "",
        "crm.example.com",
        "ftp://example.com/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http:example.com",
        "http://",
        "http:///x",
        "https://user:pw@example.com/",
        "https://user@example.com/",
        "http://exa mple.com/",
        " http://example.com/",
    ] {
        assert!(callback_url(bad).is_err(), "{bad}");
    }
    for good in ["http://10.0.0.5/x", "https://example.com", "http://[::1]:8080/", "https://exämple.com/"] {
        assert!(callback_url(good).is_ok(), "{good}");
    }
}

#[test]
fn a_flood_of_wrong_fields_gets_a_short_answer() {
    let request: Value =
        (0..50_000).map(|n| (format!("x{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
    let errors = read(request, &rules(), NOW).unwrap_err();
    assert_eq!(errors.len(), 21);
    assert!(errors[20].message.contains("more errors"), "{:?}", errors[20]);
}

#[test]
fn what_is_absent_may_be_written_as_null() {
    let nulls =
        FIELDS.iter().skip(2).map(|f| ((*f).to_owned(), Value::Null)).collect::<serde_json::Map<_, _>>();
    assert!(read(with(&nulls.into()), &rules(), NOW).is_ok());
    assert_eq!(fields(with(&json!({"text": null}))), ["text"]);
}

#[test]
fn wrong_waits_are_named_one_by_one() {
    for (retry, field, words) in [
        (json!("always"), "retry", "must be \"never\""),
        (json!(3), "retry", "not a number"),
        (json!({"busy": "5m"}), "retry.busy", "a list of waits"),
        (json!({"busy": []}), "retry.busy", "1 to 20 waits, not 0"),
        (json!({"busy": vec!["1m"; 22]}), "retry.busy", "1 to 20 waits, not 22"),
        (json!({"busy": vec!["1m"; 21]}), "retry.busy", "1 to 20 waits"),
        (json!({"busy": ["1m", "5"]}), "retry.busy[1]", "\"5\" is not a wait"),
        (json!({"busy": ["1m", 300]}), "retry.busy[1]", "in quotes"),
        (json!({"no_answer": ["1m", "31d"]}), "retry.no_answer[1]", "to 30d"),
        (json!({"congestion": ["never", "1m"]}), "retry.congestion[0]", "only stand last"),
        (json!({"noanswer": ["1m"]}), "retry.noanswer", "did you mean no_answer?"),
        (json!({"rejected": ["1m"]}), "retry.rejected", "nobody is called again"),
        (json!({"uncertain": "never"}), "retry.uncertain", "nobody is called again"),
    ] {
        let errors = read(with(&json!({"retry": retry})), &rules(), NOW).unwrap_err();
        assert_eq!(errors.len(), 1, "{retry}: {errors:?}");
        assert_eq!(errors[0].field, field, "{retry}");
        assert!(errors[0].message.contains(words), "{retry}: {errors:?}");
    }
    let two = fields(with(&json!({"retry": {"busy": ["x"], "silent": ["y"]}})));
    assert_eq!(two, ["retry.busy[0]", "retry.silent[0]"]);
    let flood: Value =
        (0..50_000).map(|n| (format!("x{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
    assert!(fields(with(&json!({"retry": flood}))).len() <= 20);
}

#[test]
fn no_retry_at_all_is_one_word() {
    let spec = read(with(&json!({"retry": "never"})), &rules(), NOW).unwrap();
    assert_eq!(spec.retry, Redial::never());
}
