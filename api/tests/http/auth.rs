use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::world::{World, good};

const EVERYTHING: [(&str, &str); 22] = [
    ("POST", "/tts/call"),
    ("POST", "/tts/batch"),
    ("GET", "/tts/status/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f"),
    ("GET", "/jobs"),
    ("GET", "/jobs/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f/audio"),
    ("POST", "/jobs/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f/cancel"),
    ("POST", "/jobs/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f/hangup"),
    ("POST", "/jobs/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f/retry"),
    ("GET", "/voices"),
    ("GET", "/events"),
    ("POST", "/asf/internal/notify_new_audio"),
    ("GET", "/queue/stats"),
    ("GET", "/queue/dead"),
    ("POST", "/queue/dead/replay"),
    ("GET", "/workers"),
    ("PUT", "/workers"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    ("GET", "/docs/docs.css"),
    ("GET", "/"),
    ("GET", "/nowhere"),
];

#[tokio::test]
async fn without_a_key_only_health_answers() {
    let world = World::with_keys().await;
    for (method, path) in EVERYTHING {
        for headers in [&[][..], &[("authorization", "Bearer wrong-secret")], &[("x-api-key", "")]] {
            let reply = world.ask(method.parse().unwrap(), path, headers, good().to_string()).await;
            reply.problem(401);
            assert!(reply.header("www-authenticate").starts_with("Bearer"), "{path}");
        }
    }
    for path in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(world.get(path).await.status, 200, "{path}");
    }
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn each_role_does_what_it_may() {
    let world = World::with_keys().await;
    // Columns: viewer, client, admin. 422: let in, and the empty body was looked at.
    for (method, path, expected) in [
        ("POST", "/tts/call", [403, 422, 422]),
        ("POST", "/tts/batch", [403, 422, 422]),
        ("POST", "/jobs/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f/cancel", [403, 404, 404]),
        ("POST", "/jobs/0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f/retry", [403, 404, 404]),
        ("POST", "/asf/internal/notify_new_audio", [403, 422, 422]),
        ("PUT", "/workers", [403, 403, 422]),
        ("POST", "/queue/dead/replay", [403, 403, 200]),
        ("GET", "/queue/dead", [200, 403, 200]),
        ("GET", "/queue/stats", [200, 200, 200]),
        ("GET", "/workers", [200, 200, 200]),
        ("GET", "/jobs", [200, 200, 200]),
        ("GET", "/voices", [200, 200, 200]),
        ("GET", "/metrics", [200, 200, 200]),
        ("GET", "/docs", [200, 200, 200]),
    ] {
        for (secret, status) in ["secret-wall", "secret-crm", "secret-ana"].into_iter().zip(expected) {
            let bearer = format!("Bearer {secret}");
            let headers = [("authorization", bearer.as_str())];
            let reply = world.ask(method.parse().unwrap(), path, &headers, "{}").await;
            assert_eq!(reply.status, status, "{method} {path} {secret}");
        }
    }
}

#[tokio::test]
async fn a_client_sees_its_own_jobs_only() {
    let world = World::with_keys().await;
    let crm = [("x-api-key", "secret-crm")];
    let id = world.ask(Method::POST, "/tts/call", &crm, good().to_string()).await.job_id();
    assert_eq!(world.read(id).await.client.as_deref(), Some("crm"));
    world.ask(Method::POST, "/tts/call", &[("x-api-key", "secret-shop")], good().to_string()).await.job_id();
    let count = |secret: &'static str| {
        let world = &world;
        async move {
            let page = world.ask(Method::GET, "/jobs", &[("x-api-key", secret)], "").await.json();
            page["jobs"].as_array().unwrap().len()
        }
    };
    for (secret, jobs, found) in
        [("secret-crm", 1, 200), ("secret-shop", 1, 404), ("secret-wall", 2, 200), ("secret-ana", 2, 200)]
    {
        let headers = [("x-api-key", secret)];
        assert_eq!(count(secret).await, jobs, "{secret}");
        let status = world.ask(Method::GET, &format!("/tts/status/{id}"), &headers, "").await;
        assert_eq!(status.status, found, "{secret}");
    }
    let shop = [("x-api-key", "secret-shop")];
    for verb in ["cancel", "retry"] {
        world.ask(Method::POST, &format!("/jobs/{id}/{verb}"), &shop, "").await.problem(404);
    }
    assert_eq!(world.ask(Method::POST, &format!("/jobs/{id}/cancel"), &crm, "").await.status, 200);
}

#[tokio::test]
async fn web_pages_cannot_phone_where_no_keys_are_set() {
    let world = World::new().await;
    for headers in [
        [("host", "127.0.0.1:5000"), ("origin", "https://evil.example")],
        [("host", "evil.example"), ("origin", "http://evil.example")],
    ] {
        world.ask(Method::POST, "/tts/call", &headers, good().to_string()).await.problem(403);
    }
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_wait() {
    let world = World::with(|api| api.rate_limit = 1).await;
    let mut last = StatusCode::OK;
    for _ in 0..10 {
        let reply = world.get("/voices").await;
        last = reply.status;
        if last != StatusCode::OK {
            reply.problem(429);
            assert_eq!(reply.header("retry-after"), "1");
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(world.get("/health/live").await.json(), json!({"status": "ok"}));
}
