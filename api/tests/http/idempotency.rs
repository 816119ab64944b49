use std::time::Duration;

use axum::http::Method;
use pregon_core::{Begun, OutcomeKind, Request, clock};
use serde_json::{Value, json};

use crate::world::{Reply, World, good, with};

async fn call(world: &World, key: &str, body: &Value) -> Reply {
    world.ask(Method::POST, "/tts/call", &[("idempotency-key", key)], body.to_string()).await
}

#[tokio::test]
async fn the_same_request_makes_one_job() {
    let world = World::new().await;
    let first = call(&world, "k1", &good()).await;
    for _ in 0..3 {
        let again = call(&world, "k1", &good()).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_eq!(again.header("idempotent-replay"), "true");
    }
    assert_eq!(first.header("idempotent-replay"), "");
    assert_eq!((world.queued().await, world.waiting("tts_calls").await), (1, 1));
    assert_ne!(call(&world, "k2", &good()).await.job_id(), first.job_id());
}

#[tokio::test]
async fn a_key_is_good_for_one_request_only() {
    let world = World::new().await;
    call(&world, "k1", &good()).await.job_id();
    let other = call(&world, "k1", &with(&json!({"text": "Otro"}))).await;
    assert_eq!(other.problem(422), ["Idempotency-Key"]);
    let elsewhere = world
        .ask(Method::POST, "/tts/batch", &[("idempotency-key", "k1")], json!({"jobs": [good()]}).to_string())
        .await;
    assert_eq!(elsewhere.problem(422), ["Idempotency-Key"]);
    assert_eq!(world.queued().await, 1);
}

#[tokio::test]
async fn a_refused_request_is_not_remembered() {
    let world = World::new().await;
    assert_eq!(call(&world, "k1", &json!({"text": "Hola"})).await.problem(422), ["phone_number"]);
    assert_eq!(call(&world, "k1", &good()).await.status, 202);
    assert_eq!(world.queued().await, 1);
}

#[tokio::test]
async fn a_bad_key_is_refused() {
    let world = World::new().await;
    for bad in ["", "with space", &"x".repeat(256)] {
        assert_eq!(call(&world, bad, &good()).await.problem(422), ["Idempotency-Key"]);
    }
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn after_an_outage_the_same_key_works() {
    let world = World::new().await;
    world.queue_down(true);
    call(&world, "k1", &good()).await.problem(503);
    world.assert_nothing_enqueued().await;
    world.queue_down(false);
    assert_eq!(call(&world, "k1", &good()).await.status, 202);
    assert_eq!((world.queued().await, world.waiting("tts_calls").await), (1, 1));
}

#[tokio::test]
async fn while_the_first_is_carried_out_the_second_waits() {
    let world = World::new().await;
    let headers = [("idempotency-key", "k1")];
    // Somebody began the same request a moment ago and has not finished: found out by its answer.
    let first = world.ask(Method::POST, "/jobs/x/retry", &headers, "").await;
    first.problem(404);
    let id = world.job().await;
    world.end(id, OutcomeKind::Busy).await;
    let path = format!("/jobs/{id}/retry");
    let fingerprint = fingerprint(&path);
    let request = || Request { client: "local", key: "k1", fingerprint: &fingerprint };
    assert!(matches!(world.store().begin(request(), clock::now()).await.unwrap(), Begun::Go { .. }));
    let second = world.ask(Method::POST, &path, &headers, "").await;
    assert_eq!(second.problem(409), ["Idempotency-Key"]);
    assert_eq!(second.header("retry-after"), "1");
    world.store().abandon(request()).await.unwrap();
    assert_eq!(world.ask(Method::POST, &path, &headers, "").await.status, 202);
}

#[tokio::test]
async fn a_request_that_died_half_way_is_completed_with_the_same_job() {
    let world = World::new().await;
    // The process that began it is gone; what it made, and whether, nobody knows.
    let long_ago = clock::now() - Duration::from_secs(31);
    let body = good().to_string();
    let fingerprint = fingerprint_of("/tts/call", body.as_bytes());
    let request = || Request { client: "local", key: "k1", fingerprint: &fingerprint };
    let begun = world.store().begin(request(), long_ago).await.unwrap();
    let Begun::Go { first_seen } = begun else { panic!("{begun:?}") };
    let made = pregon_core::JobId::derived(first_seen, "local", "k1", 0);
    let again = world.ask(Method::POST, "/tts/call", &[("idempotency-key", "k1")], body).await;
    assert_eq!(again.job_id(), made);
}

#[tokio::test]
async fn keys_of_different_clients_do_not_meet() {
    let world = World::with_keys().await;
    let send = |secret: &'static str| {
        let headers = [("idempotency-key", "k1"), ("x-api-key", secret)];
        let world = &world;
        async move { world.ask(Method::POST, "/tts/call", &headers, good().to_string()).await.job_id() }
    };
    let (crm, shop) = (send("secret-crm").await, send("secret-shop").await);
    assert_ne!(crm, shop);
    assert_eq!(send("secret-crm").await, crm);
}

#[tokio::test]
async fn a_retry_can_be_repeated() {
    let world = World::new().await;
    let id = world.job().await;
    world.end(id, OutcomeKind::Busy).await;
    let path = format!("/jobs/{id}/retry");
    let headers = [("idempotency-key", "r1")];
    let first = world.ask(Method::POST, &path, &headers, "").await;
    let again = world.ask(Method::POST, &path, &headers, "").await;
    assert_eq!((first.job_id(), &first.body), (id, &again.body));
    assert_eq!(again.header("idempotent-replay"), "true");
    world.ask(Method::POST, &path, &[("idempotency-key", "r2")], "").await.problem(409);
}

fn fingerprint(path: &str) -> String {
    fingerprint_of(path, b"")
}

/// As the API makes it: written down a second time, because answers must survive an upgrade of the API.
fn fingerprint_of(path: &str, body: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for part in [b"POST", path.as_bytes(), body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
