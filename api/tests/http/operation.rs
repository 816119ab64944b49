use std::time::Duration;

use axum::http::Method;
use pregon_core::{Beat, Event, Outcome, OutcomeKind, clock};
use serde_json::{Value, json};

use crate::world::World;

fn sum(jobs: &Value) -> u64 {
    let states = jobs.as_object().unwrap().iter().filter(|(name, _)| *name != "total");
    states.map(|(_, n)| n.as_u64().unwrap()).sum()
}

async fn beat(world: &World, id: &str, busy: u32, age: u64) {
    let now = clock::now();
    let beat = Beat {
        id: id.into(),
        host: "h".into(),
        pid: 7,
        slots: 2,
        busy,
        done: 5,
        rescued: 1,
        started: now,
        at: now - Duration::from_secs(age),
    };
    world.store().beat(&beat).await.unwrap();
}

#[tokio::test]
async fn numbers_agree_with_each_other() {
    let world = World::new().await;
    let empty = world.get("/queue/stats").await.json();
    assert_eq!((&empty["jobs"]["total"], &empty["success_rate"]), (&json!(0), &Value::Null));
    for queue in ["tts_calls", "tts_priority", "tts_results", "tts_delayed", "tts_dead"] {
        assert_eq!(empty["queues"][queue], json!({"messages": 0, "consumers": 0}), "{queue}");
    }
    world.job().await;
    for _ in 0..3 {
        let id = world.job().await;
        world.complete(id).await;
    }
    let busy = world.job().await;
    world.dispatch(busy).await;
    world
        .apply(busy, Event::Outcome { attempt: 1, outcome: Outcome::of(OutcomeKind::Busy), again: None })
        .await;
    beat(&world, "w1", 1, 0).await;
    beat(&world, "w2", 0, 1).await;
    beat(&world, "gone", 1, 20).await;
    let stats = world.get("/queue/stats").await.json();
    assert_eq!((&stats["jobs"]["total"], sum(&stats["jobs"])), (&json!(5), 5));
    assert_eq!(
        (&stats["jobs"]["completed"], &stats["jobs"]["failed"], &stats["jobs"]["queued"]),
        (&json!(3), &json!(1), &json!(1))
    );
    assert_eq!(stats["success_rate"], 0.75);
    let workers = &stats["workers"];
    assert_eq!((&workers["total"], &workers["active"], &workers["idle"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(workers["list"].as_array().unwrap().len(), 2);
    assert_eq!(&world.get("/workers").await.json(), workers);
    assert!(stats["processing_ms"]["p95"].as_f64().is_some_and(|ms| ms > 0.0));
    let minutes = stats["throughput_per_minute"].as_array().unwrap();
    assert_eq!(minutes.len(), 60);
    assert_eq!(minutes.iter().map(|m| m["completed"].as_u64().unwrap()).sum::<u64>(), 3);
    assert_eq!(minutes.iter().map(|m| m["accepted"].as_u64().unwrap()).sum::<u64>(), 5);
}

#[tokio::test]
async fn health_counts_the_workers() {
    let world = World::new().await;
    let alone = world.get("/health").await;
    assert_eq!((alone.status.as_u16(), &alone.json()["status"]), (200, &json!("degraded")));
    assert_eq!(alone.json()["checks"]["workers"]["status"], "degraded");
    beat(&world, "w1", 0, 0).await;
    let staffed = world.get("/health").await.json();
    assert_eq!((&staffed["status"], &staffed["checks"]["workers"]["status"]), (&json!("ok"), &json!("ok")));
    assert!(staffed["version"].as_str().is_some());
}

#[tokio::test]
async fn workers_are_scaled_where_there_are_any() {
    let world = World::new().await;
    let put = |body: &'static str| world.ask(Method::PUT, "/workers", &[], body);
    let reply = put("{\"count\": 4}").await;
    assert_eq!((reply.status.as_u16(), reply.json()), (200, json!({"count": 4})));
    assert_eq!(*world.workers.borrow(), 4);
    for bad in ["{}", "{\"count\": 65}", "{\"count\": -1}", "{\"count\": \"4\"}", "{\"count\": 1.5}"] {
        assert_eq!(put(bad).await.problem(422), ["count"], "{bad}");
    }
    assert_eq!(put("{\"count\": 1, \"n\": 2}").await.problem(422), ["n"]);
    assert_eq!(*world.workers.borrow(), 4);
    assert_eq!(put("{\"count\": 0}").await.status, 200);
    let without = World::with(|api| api.workers = None).await;
    let reply = without.ask(Method::PUT, "/workers", &[], "{\"count\": 4}").await;
    reply.problem(409);
    assert!(reply.text().contains("scale"));
}

#[tokio::test]
async fn metrics_count_by_route_and_tell_no_names() {
    let world = World::new().await;
    let id = world.job().await;
    world.get(&format!("/tts/status/{id}")).await;
    world.get("/nowhere").await;
    beat(&world, "w1", 1, 0).await;
    let text = world.get("/metrics").await.text();
    for line in [
        "http_requests_total{method=\"POST\",route=\"/tts/call\",status=\"202\"} 1",
        "http_requests_total{method=\"GET\",route=\"/tts/status/{job_id}\",status=\"200\"} 1",
        "http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"} 1",
        "tts_jobs_enqueued_total{queue=\"tts_calls\"} 1",
        "tts_jobs{state=\"queued\"} 1",
        "tts_queue_depth{queue=\"tts_calls\"} 1",
        "tts_workers{state=\"active\"} 1",
        "tts_up{part=\"store\"} 1",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    assert!(!text.contains(&id.to_string()) && !text.contains("3005050149"));
}

#[tokio::test]
async fn dead_letters_are_shown_and_replayed() {
    let world = World::new().await;
    assert_eq!(world.get("/queue/dead").await.json(), json!({"messages": []}));
    assert_eq!(world.post("/queue/dead/replay", &json!({})).await.json(), json!({"replayed": 0}));
}
