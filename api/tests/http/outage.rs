//! What is answered while store or queue are away.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::world::{World, good};

#[tokio::test]
async fn without_store_or_queue_nothing_is_accepted() {
    let world = World::new().await;
    for (store, queue) in [(true, false), (false, true), (true, true)] {
        world.store_down(store);
        world.queue_down(queue);
        let reply = world.post("/tts/call", &good()).await;
        reply.problem(503);
        assert!(!reply.header("retry-after").is_empty());
        assert!(!reply.text().contains("10.1.2.3"), "{}", reply.text());
    }
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn reading_without_a_store_is_a_problem_not_a_fault() {
    let world = World::new().await;
    let id = world.job().await;
    world.store_down(true);
    for path in [
        &format!("/tts/status/{id}"),
        "/jobs",
        "/queue/stats",
        "/workers",
        "/events",
        &format!("/jobs/{id}/audio"),
    ] {
        let reply = world.get(path).await;
        reply.problem(503);
        assert!(!reply.text().contains("10.1.2.3"), "{path}");
    }
    for verb in ["cancel", "hangup", "retry"] {
        world.post(&format!("/jobs/{id}/{verb}"), &json!({})).await.problem(503);
    }
}

#[tokio::test]
async fn health_names_what_fails() {
    let world = World::new().await;
    let healthy = world.get("/health/ready").await;
    assert_eq!((healthy.status.as_u16(), &healthy.json()["status"]), (200, &json!("ok")));
    for (down, part) in [(World::store_down as fn(&World, bool), "store"), (World::queue_down, "queue")] {
        down(&world, true);
        for path in ["/health", "/health/ready"] {
            let reply = world.get(path).await;
            assert_eq!(
                (reply.status.as_u16(), &reply.json()["status"]),
                (503, &json!("degraded")),
                "{path} {part}"
            );
            assert_eq!(reply.json()["checks"][part]["status"], "degraded");
            assert!(!reply.text().contains("10.1.2.3"));
        }
        assert_eq!(world.get("/health/live").await.status, 200);
        let metrics = world.get("/metrics").await;
        assert!(metrics.text().contains(&format!("tts_up{{part=\"{part}\"}} 0")), "{}", metrics.text());
        down(&world, false);
    }
}

#[tokio::test]
async fn a_store_that_never_answers_does_not_hang_the_check() {
    let world = World::new().await;
    world.shaky.store_hangs.store(true, Ordering::SeqCst);
    let started = Instant::now();
    let reply = world.get("/health/ready").await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["checks"]["store"]["status"]),
        (503, &json!("degraded"))
    );
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
}
