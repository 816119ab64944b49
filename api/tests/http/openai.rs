use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Reply, World};

const PATH: &str = "/v1/audio/speech";

fn asked(more: &Value) -> Value {
    let mut request = json!({"model": "tts-1", "input": "hola mundo", "voice": "alloy"});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

/// The answer is an error of this status as OpenAI's clients read it; returns its type, field and code.
fn failure(reply: &Reply, status: u16) -> (String, Option<String>, String) {
    assert_eq!(
        (reply.status.as_u16(), reply.header("content-type")),
        (status, "application/json"),
        "{}",
        reply.text()
    );
    let body = reply.json();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["error"]);
    let error = &body["error"];
    assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    let text = |name: &str| error[name].as_str().map(str::to_owned);
    (text("type").unwrap(), text("param"), text("code").unwrap())
}

#[tokio::test]
async fn a_text_becomes_sound_of_the_format_that_was_asked_for() {
    let world = World::new().await;
    for (more, media_type, body) in [
        (json!({}), "audio/wav", "wavholamundo"),
        (json!({"response_format": "opus"}), "audio/ogg", "opusholamundo"),
        (
            json!({"response_format": "pcm", "speed": 1.25, "instructions": "gently"}),
            "audio/pcm",
            "pcmholamundo",
        ),
    ] {
        let reply = world.post(PATH, &asked(&more)).await;
        assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, media_type), "{more}");
        assert_eq!(reply.text(), body);
        assert_eq!(reply.header("content-length"), "", "nobody knows the length when it begins");
    }
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn sound_comes_as_events_for_those_who_want_them() {
    let world = World::new().await;
    let reply = world.post(PATH, &asked(&json!({"stream_format": "sse"}))).await;
    assert_eq!(reply.header("content-type"), "text/event-stream");
    let events = |reply: &Reply| -> Vec<Value> {
        let text = reply.text();
        let data = text.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap());
        data.map(|event| serde_json::from_str(event).unwrap()).collect()
    };
    let all = events(&reply);
    let kinds: Vec<_> = all.iter().map(|event| event["type"].as_str().unwrap()).collect();
    let delta = "speech.audio.delta";
    assert_eq!(kinds, [delta, delta, delta, "speech.audio.done"]);
    assert_eq!((&all[1]["audio"], &all[3]["usage"]["total_tokens"]), (&json!("aG9sYQ=="), &json!(10)));
    let broken = world.post(PATH, &asked(&json!({"stream_format": "sse", "input": "uno hm dos"}))).await;
    let last = events(&broken).pop().unwrap();
    assert_eq!((&last["type"], &last["error"]["type"]), (&json!("error"), &json!("server_error")));
    assert!(!broken.text().contains("done"));
}

#[tokio::test]
async fn what_breaks_in_the_middle_does_not_look_whole() {
    let world = World::new().await;
    let request =
        axum::http::Request::post(PATH).body(Body::from(asked(&json!({"input": "uno hm dos"})).to_string()));
    let response = tower::ServiceExt::oneshot(world.router.clone(), request.unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(axum::body::to_bytes(response.into_body(), 1_000).await.is_err(), "the connection is cut");
}

#[tokio::test]
async fn errors_are_told_as_openais_clients_read_them() {
    let world = World::with_keys().await;
    let crm = [("authorization", "Bearer secret-crm")];
    let ask =
        async |headers: &[(&str, &str)], body: String| world.ask(Method::POST, PATH, headers, body).await;
    let said = |kind: &str, param: Option<&str>, code: &str| {
        (kind.to_owned(), param.map(str::to_owned), code.to_owned())
    };
    let bad = "invalid_request_error";
    for (more, param) in [
        (json!({"input": ""}), "input"),
        (json!({"voice": "x"}), "voice"),
        (json!({"response_format": "aac"}), "response_format"),
    ] {
        let reply = ask(&crm, asked(&more).to_string()).await;
        assert_eq!(failure(&reply, 400), said(bad, Some(param), "invalid"), "{more}");
    }
    assert_eq!(failure(&ask(&crm, "{".into()).await, 400), said(bad, Some("body"), "malformed"));
    assert_eq!(failure(&ask(&[], "{}".into()).await, 401), said("authentication_error", None, "no-key"));
    let viewer = [("authorization", "Bearer secret-wall")];
    assert_eq!(failure(&ask(&viewer, "{}".into()).await, 403), said("permission_error", None, "forbidden"));
    let hoarse = ask(&crm, asked(&json!({"input": "hm"})).to_string()).await;
    assert_eq!(failure(&hoarse, 503), said("server_error", None, "unspoken"));
    assert_eq!(hoarse.header("retry-after"), "5");
    let nowhere = world.ask(Method::POST, "/v1/chat/completions", &crm, "{}").await;
    assert_eq!(failure(&nowhere, 404), said("not_found_error", None, "no-route"));
    let method = world.ask(Method::GET, PATH, &crm, Body::empty()).await;
    assert_eq!((failure(&method, 405).2.as_str(), method.header("allow")), ("method", "POST"));
}

#[tokio::test]
async fn clients_fill_their_menus() {
    let world = World::new().await;
    let voices = world.get("/v1/audio/voices").await.json();
    assert_eq!(
        voices["voices"][0],
        json!({"id": "espeak:es-419", "name": "es-419 (espeak)", "language": "es"})
    );
    for voice in voices["voices"].as_array().unwrap() {
        let reply = world.post(PATH, &asked(&json!({"voice": voice["id"]}))).await;
        assert_eq!(reply.status, 200, "{voice}");
    }
    let models = world.get("/v1/models").await.json();
    assert_eq!((&models["object"], &models["data"][0]["object"]), (&json!("list"), &json!("model")));
    let names: Vec<_> = models["data"].as_array().unwrap().iter().map(|model| model["id"].clone()).collect();
    assert_eq!(names, ["pregon", "espeak"]);
    for name in names {
        assert_eq!(world.post(PATH, &asked(&json!({"model": name}))).await.status, 200);
    }
}
