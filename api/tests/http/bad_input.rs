//! Whatever is sent: a problem that names the field, never a 500, nothing enqueued.

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{World, good, with};

/// Changes to a good call, and the field that the answer names.
fn wrong_texts_and_numbers() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"text": null}), "text"),
        (json!({"text": ""}), "text"),
        (json!({"text": "   \u{a0}"}), "text"),
        (json!({"text": "x".repeat(6_000)}), "text"),
        (json!({"text": 5}), "text"),
        (json!({"text": true}), "text"),
        (json!({"text": ["a"]}), "text"),
        (json!({"text": {"a": 1}}), "text"),
        (json!({"phone_number": null}), "phone_number"),
        (json!({"phone_number": ""}), "phone_number"),
        (json!({"phone_number": 3_005_050_149_u64}), "phone_number"),
        (json!({"phone_number": "12"}), "phone_number"),
        (json!({"phone_number": "1".repeat(30)}), "phone_number"),
        (json!({"phone_number": "300505O149"}), "phone_number"),
        (json!({"phone_number": "3005050149\n"}), "phone_number"),
        (json!({"phone_number": "3005050149\r\nApplication: System\nData: id"}), "phone_number"),
        (json!({"phone_number": "3005050149@evil"}), "phone_number"),
        (json!({"phone_number": "3005050149&Local/1"}), "phone_number"),
        (json!({"phone_number": "${SHELL(id)}"}), "phone_number"),
        (json!({"phone_number": "../../etc/passwd"}), "phone_number"),
        (json!({"phone_number": "tel:3005050149"}), "phone_number"),
        (json!({"phone_number": "+"}), "phone_number"),
        (json!({"phone_number": "٣٠٠٥٠٥٠١٤٩"}), "phone_number"),
        (json!({"phone_number": "+999123456789"}), "phone_number"),
    ]
}

/// The same for how it is said.
fn wrong_wishes() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"ssml": "yes"}), "ssml"),
        (json!({"ssml": true, "text": "<audio src='/etc/passwd'/>hola"}), "text"),
        (json!({"ssml": true, "text": "5 < 6"}), "text"),
        (
            json!({"ssml": true, "text": "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><speak>&b;</speak>"}),
            "text",
        ),
        (json!({"ssml": true, "text": "<break time='10s'/>"}), "text"),
        (json!({"ssml": true, "text": "<s>".repeat(1_600)}), "text"),
        (json!({"ssml": true, "text": "a\u{0}"}), "text"),
        (json!({"fields": "x"}), "fields"),
        (json!({"fields": {"name": ["a"]}}), "fields.name"),
        (json!({"fields": {"name": "a\nb"}}), "fields.name"),
        (json!({"text": "{{ name }}", "fields": {}}), "fields.name"),
        (json!({"text": "{{ amount | currency }}", "fields": {"amount": "nada"}}), "fields.amount"),
        (json!({"text": "{% for a in b %}", "fields": {}}), "text"),
        (json!({"text": "{{ 9 * 9 }}", "fields": {}}), "text"),
        (json!({"text": "{{ a }}".repeat(700), "fields": {"a": "x".repeat(500)}}), "text"),
        (json!({"language": "x"}), "language"),
        (json!({"language": "es_CO"}), "language"),
        (json!({"language": "klingon"}), "language"),
        (json!({"language": "tlh"}), "language"),
        (json!({"language": "es-"}), "language"),
        (json!({"language": 1}), "language"),
        (json!({"priority": "urgent"}), "priority"),
        (json!({"priority": "HIGH"}), "priority"),
        (json!({"priority": ""}), "priority"),
        (json!({"priority": 1}), "priority"),
        (json!({"voice": "nobody"}), "voice"),
        (json!({"voice": ["es"]}), "voice"),
        (json!({"engine": "azure"}), "engine"),
        (json!({"engine": "../espeak"}), "engine"),
        (json!({"engine": 7}), "engine"),
        (json!({"rate": 0.4}), "rate"),
        (json!({"rate": 2.1}), "rate"),
        (json!({"rate": "1"}), "rate"),
        (json!({"rate": 1e300}), "rate"),
        (json!({"caller_id": "Evil <3005050149>"}), "caller_id"),
        (json!({"caller_id": 5}), "caller_id"),
    ]
}

/// The same for the rest.
fn wrong_rest() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"trunk": ""}), "trunk"),
        (json!({"trunk": "a/b"}), "trunk"),
        (json!({"trunk": "a b"}), "trunk"),
        (json!({"trunk": "t".repeat(41)}), "trunk"),
        (json!({"not_before": "2020-01-01T00:00:00Z"}), "not_before"),
        (json!({"not_before": "2999-01-01T00:00:00Z"}), "not_before"),
        (json!({"not_before": "tomorrow"}), "not_before"),
        (json!({"not_before": "2999-01-01 00:00"}), "not_before"),
        (json!({"not_before": 1_900_000_000}), "not_before"),
        (json!({"expires": "2020-01-01T00:00:00Z"}), "expires"),
        (json!({"expires": false}), "expires"),
        (json!({"max_attempts": 0}), "max_attempts"),
        (json!({"max_attempts": 21}), "max_attempts"),
        (json!({"max_attempts": -1}), "max_attempts"),
        (json!({"max_attempts": 1.5}), "max_attempts"),
        (json!({"max_attempts": 70_000}), "max_attempts"),
        (json!({"max_attempts": "3"}), "max_attempts"),
        (json!({"metadata": "x"}), "metadata"),
        (json!({"metadata": [1]}), "metadata"),
        (json!({"metadata": {"k": "x".repeat(5_000)}}), "metadata"),
        (json!({"metadata": {"a\nb": 1}}), "metadata"),
        (json!({"metadata": {"a": [{"b": "x\u{0}"}]}}), "metadata"),
        (json!({"callback_url": "ftp://example.com"}), "callback_url"),
        (json!({"callback_url": "javascript:alert(1)"}), "callback_url"),
        (json!({"callback_url": "https://a:b@example.com"}), "callback_url"),
        (json!({"callback_url": format!("https://example.com/{}", "x".repeat(2_000))}), "callback_url"),
        (json!({"callback_url": 1}), "callback_url"),
        (json!({"colour": "red"}), "colour"),
        (json!({"Text": "x"}), "Text"),
        (json!({"": 1}), ""),
        (json!({"__proto__": {}}), "__proto__"),
        (json!({"retry_time": "5\nApplication: System"}), "retry_time"),
    ]
}

/// A control character, or what reorders a text on a screen, in every field that holds a text.
fn invisible_characters() -> Vec<(Value, &'static str)> {
    let texts = [
        "text",
        "phone_number",
        "language",
        "priority",
        "voice",
        "engine",
        "caller_id",
        "trunk",
        "not_before",
        "expires",
        "callback_url",
    ];
    let characters = ['\0', '\n', '\r', '\t', '\u{1b}', '\u{7f}', '\u{85}', '\u{2028}', '\u{202e}'];
    texts
        .into_iter()
        .flat_map(|field| characters.map(|bad| (json!({field: format!("3005{bad}050149")}), field)))
        .collect()
}

#[tokio::test]
async fn a_wrong_field_is_named_and_nothing_is_enqueued() {
    let world = World::new().await;
    let cases = [wrong_texts_and_numbers(), wrong_wishes(), wrong_rest(), invisible_characters()].concat();
    assert!(cases.len() > 160);
    for (change, field) in cases {
        let reply = world.post("/tts/call", &with(&change)).await;
        let named = reply.problem(422);
        assert!(named.iter().any(|n| n == field), "{change}: {named:?}");
    }
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let world = World::new().await;
    assert_eq!(world.post("/tts/call", &json!({})).await.problem(422), ["text", "phone_number"]);
    for name in ["text", "phone_number"] {
        let mut request = good();
        request.as_object_mut().unwrap().remove(name);
        assert_eq!(world.post("/tts/call", &request).await.problem(422), [name]);
    }
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let world = World::new().await;
    let deep = "[".repeat(10_000);
    for (path, body, status) in [
        ("/tts/call", "", 400),
        ("/tts/call", "{", 400),
        ("/tts/call", "{'text': 'a'}", 400),
        ("/tts/call", "text=a&phone_number=3005050149", 400),
        ("/tts/call", "{\"text\": \"\\ud800\"}", 400),
        ("/tts/call", "{\"text\": \"a\nb\"}", 400),
        ("/tts/call", "{} {}", 400),
        ("/tts/call", "{\"rate\": 1e999}", 400),
        ("/tts/call", &deep, 400),
        ("/tts/batch", &deep, 400),
        ("/tts/batch", "nonsense", 400),
        ("/tts/call", "[]", 422),
        ("/tts/call", "\"text\"", 422),
        ("/tts/call", "null", 422),
        ("/tts/batch", "[]", 422),
    ] {
        let reply = world.ask(Method::POST, path, &[], body.to_owned()).await;
        assert_eq!(reply.problem(status), ["body"], "{body:.40}");
    }
    let reply = world.ask(Method::POST, "/tts/call", &[], b"\xff\xfe{}".to_vec()).await;
    assert_eq!(reply.problem(400), ["body"]);
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let world = World::new().await;
    let body = |bytes: usize| json!({"text": "x".repeat(bytes)}).to_string();
    for (path, bytes) in [("/tts/call", 1 << 20), ("/tts/batch", 16 << 20)] {
        assert_eq!(world.ask(Method::POST, path, &[], body(bytes)).await.problem(413), ["body"]);
        let shorter = world.ask(Method::POST, path, &[], body(bytes - 100)).await;
        shorter.problem(422);
    }
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn a_body_that_is_declared_as_something_else_is_refused() {
    let world = World::new().await;
    for declared in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let headers = [("content-type", declared)];
        let reply = world.ask(Method::POST, "/tts/call", &headers, good().to_string()).await;
        assert_eq!(reply.problem(415), ["Content-Type"]);
    }
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let world = World::new().await;
    for (method, path, allowed) in [
        (Method::GET, "/tts/call", "POST"),
        (Method::DELETE, "/tts/call", "POST"),
        (Method::PUT, "/tts/batch", "POST"),
        (Method::POST, "/queue/stats", "GET, HEAD"),
        (Method::PATCH, "/workers", "GET, HEAD, PUT"),
        (Method::OPTIONS, "/jobs", "GET, HEAD"),
    ] {
        let reply = world.ask(method, path, &[], "").await;
        reply.problem(405);
        let mut found: Vec<_> = reply.header("allow").split(',').map(str::trim).collect();
        found.sort_unstable();
        assert_eq!(found.join(", "), allowed, "{path}");
    }
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_a_problem_too() {
    let world = World::new().await;
    for path in ["/nowhere", "/tts", "/tts/call/", "/tts/status", "/jobs/1/2/3", "/%ff", "/docs/../secret"] {
        world.get(path).await.problem(404);
    }
    for id in ["1", "not-an-id", "0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f", "%ff", "%0a", "..%2f..%2fetc"] {
        assert_eq!(world.get(&format!("/tts/status/{id}")).await.problem(404), ["job_id"], "{id}");
        assert_eq!(world.get(&format!("/jobs/{id}/audio")).await.problem(404), ["job_id"], "{id}");
        for verb in ["cancel", "retry"] {
            assert_eq!(
                world.post(&format!("/jobs/{id}/{verb}"), &json!({})).await.problem(404),
                ["job_id"],
                "{id}"
            );
        }
    }
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let world = World::new().await;
    for (query, name) in [
        ("status=lost", "status"),
        ("priority=urgent", "priority"),
        ("kind=fax", "kind"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=many", "limit"),
        ("since=yesterday", "since"),
        ("cursor=5", "cursor"),
        ("colour=red", "colour"),
        ("stats=queued", "stats"),
        ("q=%0a", "q"),
        ("status=queued&status=failed", "status"),
    ] {
        assert_eq!(world.get(&format!("/jobs?{query}")).await.problem(422), [name], "{query}");
    }
    let long = "x".repeat(201);
    assert_eq!(world.get(&format!("/jobs?q={long}")).await.problem(422), ["q"]);
}
