use axum::http::Method;
use serde_json::Value;

use crate::world::World;

/// Every call there is. A new one is added here on purpose.
const CALLS: &[&str] = &[
    "DELETE /lexicons/{language}",
    "DELETE /speech/cache",
    "GET /",
    "GET /docs",
    "GET /docs/docs.css",
    "GET /engines",
    "GET /events",
    "GET /health",
    "GET /health/live",
    "GET /health/ready",
    "GET /jobs",
    "GET /jobs/{job_id}/audio",
    "GET /lexicons",
    "GET /lexicons/{language}",
    "GET /metrics",
    "GET /openapi.json",
    "GET /queue/dead",
    "GET /queue/stats",
    "GET /speech/cache",
    "GET /speech/previews/{id}",
    "GET /tts/status/{job_id}",
    "GET /v1/audio/voices",
    "GET /v1/models",
    "GET /voices",
    "GET /workers",
    "POST /asf/internal/notify_new_audio",
    "POST /audio",
    "POST /jobs/{job_id}/cancel",
    "POST /jobs/{job_id}/decide",
    "POST /jobs/{job_id}/hangup",
    "POST /jobs/{job_id}/retry",
    "POST /queue/dead/replay",
    "POST /speech/prerender",
    "POST /speech/preview",
    "POST /tts/batch",
    "POST /tts/broadcast",
    "POST /tts/call",
    "POST /v1/audio/speech",
    "POST /vendors/jambonz",
    "PUT /lexicons/{language}",
    "PUT /workers",
];

#[tokio::test]
async fn the_document_has_every_call_and_every_call_answers() {
    let world = World::new().await;
    let document = world.get("/openapi.json").await.json();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            found.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    found.sort();
    assert_eq!(found, CALLS);
    for call in CALLS {
        let (method, path) = call.split_once(' ').unwrap();
        let path = path.replace("{job_id}", "0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f");
        let request =
            axum::http::Request::builder().method(method).uri(path).body(axum::body::Body::empty()).unwrap();
        let response = tower::ServiceExt::oneshot(world.router.clone(), request).await.unwrap();
        assert_ne!(response.status(), 405, "{call}");
        if response.status() == 404 {
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            assert!(!String::from_utf8_lossy(&body).contains("no-route"), "{call}");
        }
    }
}

#[tokio::test]
async fn the_document_is_complete() {
    let mut document = serde_json::to_value(pregon_api::openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{name} has no summary");
            assert!(operation["tags"].as_array().is_some_and(|t| t.len() == 1), "{name} has no tag");
            let open = path.starts_with("/health");
            assert_eq!(operation["responses"]["401"].is_null(), open, "{name}");
        }
    }
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for reference in references(&document) {
        let name = reference.strip_prefix("#/components/schemas/").unwrap();
        assert!(schemas.contains_key(name), "{reference} leads nowhere");
    }
    assert_eq!(document["components"]["securitySchemes"].as_object().unwrap().len(), 2);
    document["info"]["version"] = Value::from("-");
    insta::assert_json_snapshot!("openapi", document);
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| match value {
                Value::String(target) if key == "$ref" => vec![target.clone()],
                other => references(other),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let world = World::new().await;
    let page = world.get("/docs").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    let text = page.text();
    for link in text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        match link.strip_prefix('#') {
            Some(anchor) => assert!(text.contains(&format!("id=\"{anchor}\"")), "{link} leads nowhere"),
            None => assert_eq!(world.get(link).await.status, 200, "{link}"),
        }
    }
    let root = world.ask(Method::GET, "/", &[], "").await;
    assert_eq!((root.status.as_u16(), root.header("location")), (303, "/docs"));
}
