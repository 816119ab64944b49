//! What was spoken: figures, forgetting, and speaking ahead.

use axum::body::Body;
use axum::http::Method;
use pregon_core::Purge;
use serde_json::{Value, json};

use crate::attic::Attic;
use crate::world::{KEYS, World};

#[tokio::test]
async fn the_figures_are_told() {
    let world = World::new().await;
    let reply = world.get("/speech/cache").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        reply.json(),
        json!({
            "bytes": 700, "files": 4, "limit_bytes": 1_000, "upload_bytes": 30, "hits": 9, "misses": 3,
            "hit_rate": 0.75, "spoken": 4, "evicted": 2, "damaged": 1, "swept_at": "2026-09-21T14:13:20.000Z"
        })
    );
    let metrics = world.get("/metrics").await.text();
    for line in [
        "tts_cache_bytes{of=\"cache\"} 700",
        "tts_cache_bytes{of=\"uploads\"} 30",
        "tts_cache_events{event=\"hit\"} 9",
        "tts_cache_events{event=\"damaged\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} is missing: {metrics}");
    }
    let away =
        World::with(|api| api.cache = std::sync::Arc::new(Attic { away: true, ..Attic::default() })).await;
    away.get("/speech/cache").await.problem(503);
    assert!(!away.get("/metrics").await.text().contains("tts_cache"), "left out");
}

#[tokio::test]
async fn all_can_be_forgotten_or_one_text_or_one_engine() {
    let attic = Attic::default();
    let world = World::with(|api| api.cache = std::sync::Arc::new(attic.clone())).await;
    for query in
        ["", "?engine=google", "?text=Su%20cita&language=en&ssml=true&client=crm", "?text=a&engine=b"]
    {
        let reply = world.ask(Method::DELETE, &format!("/speech/cache{query}"), &[], Body::empty()).await;
        assert_eq!((reply.status.as_u16(), reply.json()), (200, json!({"clips": 2, "masters": 1})));
    }
    let purges = attic.purges.lock().unwrap().clone();
    assert_eq!(purges[0], Purge::default());
    assert_eq!((purges[1].engine.as_deref(), &purges[1].speech), (Some("google"), &None));
    let (speech, client) = purges[2].speech.clone().unwrap();
    assert_eq!((speech.text.as_str(), speech.language.as_str(), speech.ssml), ("Su cita", "en", true));
    assert_eq!(client.as_deref(), Some("crm"));
    let (speech, client) = purges[3].speech.clone().unwrap();
    assert_eq!((speech.language.as_str(), client), ("es", None));
    for (query, field) in [
        ("?language=es", "language"),
        ("?client=crm", "client"),
        ("?text=a&language=spanish!", "language"),
        ("?text=a&ssml=yes", "ssml"),
        ("?texts=a", "texts"),
        ("?text=a&text=b", "text"),
    ] {
        let reply = world.ask(Method::DELETE, &format!("/speech/cache{query}"), &[], Body::empty()).await;
        assert_eq!(reply.problem(422), [field], "{query}");
    }
    let long = format!("/speech/cache?text={}", "a".repeat(5_001));
    assert_eq!(world.ask(Method::DELETE, &long, &[], Body::empty()).await.problem(422), ["text"]);
    assert_eq!(attic.purges.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn roles_bound_who_may_do_what() {
    let world = World::with(|api| api.keys = KEYS.parse().unwrap()).await;
    let body = json!({"texts": ["Hola"]}).to_string();
    for (key, figures, purge, prerender) in [
        ("secret-ana", 200, 200, 200),
        ("secret-crm", 200, 403, 200),
        ("secret-wall", 200, 403, 403),
        ("secret-nobody", 401, 401, 401),
    ] {
        let headers = [("x-api-key", key), ("content-type", "application/json")];
        let ask = async |method, path, body| world.ask(method, path, &headers, body).await.status.as_u16();
        let found = (
            ask(Method::GET, "/speech/cache", Body::empty()).await,
            ask(Method::DELETE, "/speech/cache", Body::empty()).await,
            ask(Method::POST, "/speech/prerender", Body::from(body.clone())).await,
        );
        assert_eq!(found, (figures, purge, prerender), "{key}");
    }
}

#[tokio::test]
async fn texts_are_spoken_ahead_and_each_is_answered() {
    let world = World::new().await;
    let asked = json!({"texts": ["Sesiona hoy", "HM!", "hm", "Su cita"], "voice": "es-419", "for": "air"});
    let reply = world.post("/speech/prerender", &asked).await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "application/x-ndjson"));
    let lines: Vec<Value> = reply.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    assert!(lines.iter().enumerate().all(|(n, line)| line["index"] == n), "{lines:?}");
    assert_eq!(
        (&lines[0]["status"], &lines[0]["seconds"], &lines[0]["engine"]),
        (&json!("spoken"), &json!(3.5), &json!("espeak"))
    );
    assert_eq!(lines[2], json!({"index": 2, "status": "failed", "error": "espeak is hoarse", "retry": true}));
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn what_cannot_be_spoken_ahead_names_its_field() {
    let world = World::new().await;
    for (body, fields) in [
        (json!({}), vec!["texts"]),
        (json!({"texts": []}), vec!["texts"]),
        (json!({"texts": "Hola"}), vec!["texts"]),
        (json!({"texts": vec!["Hola"; 501]}), vec!["texts"]),
        (json!({"texts": ["Hola", "", 3, "x".repeat(5_001)]}), vec!["texts[1]", "texts[2]", "texts[3]"]),
        (json!({"texts": ["Hola\u{0}"]}), vec!["texts[0]"]),
        (
            json!({"texts": ["Hola <break/>", "<audio/>", "5 < 6"], "ssml": true}),
            vec!["texts[1]", "texts[2]"],
        ),
        (json!({"texts": ["Hola"], "for": "mail", "rate": 9}), vec!["rate", "for"]),
        (json!({"texts": ["Hola"], "text": "Hola"}), vec!["text"]),
    ] {
        assert_eq!(world.post("/speech/prerender", &body).await.problem(422), fields, "{body}");
    }
}
