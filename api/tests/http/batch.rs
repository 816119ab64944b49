use axum::http::Method;
use serde_json::{Value, json};

use crate::shaky::UNLUCKY;
use crate::world::{World, good, with};

fn batch(jobs: &[Value]) -> Value {
    json!({ "jobs": jobs })
}

#[tokio::test]
async fn every_call_has_its_own_entry() {
    let world = World::new().await;
    let jobs = [good(), with(&json!({"phone_number": "12"})), with(&json!({"priority": "high"})), json!(5)];
    let reply = world.post("/tts/batch", &batch(&jobs)).await;
    assert_eq!(reply.status, 202);
    let body = reply.json();
    assert_eq!((&body["accepted"], &body["rejected"]), (&json!(2), &json!(2)));
    let entries = body["jobs"].as_array().unwrap();
    for (place, entry) in entries.iter().enumerate() {
        assert_eq!(entry["index"], place);
    }
    for (entry, text) in [(&entries[0], "normal"), (&entries[2], "high")] {
        let status = world.get(entry["status_url"].as_str().unwrap()).await.json();
        assert_eq!((&status["job_id"], &status["priority"]), (&entry["job_id"], &json!(text)));
        assert_eq!(entry["status"], "queued");
    }
    assert_eq!(entries[1]["problem"]["errors"][0]["field"], "phone_number");
    assert_eq!(entries[1]["problem"]["status"], 422);
    assert_eq!(entries[3]["problem"]["errors"][0]["field"], "body");
    assert_eq!(
        (world.queued().await, world.waiting("tts_calls").await, world.waiting("tts_priority").await),
        (2, 1, 1)
    );
}

#[tokio::test]
async fn a_batch_is_a_list_of_one_to_ten_thousand() {
    let world = World::new().await;
    for (body, field) in [
        (json!({}), "jobs"),
        (json!({"jobs": []}), "jobs"),
        (json!({"jobs": {}}), "jobs"),
        (json!({"jobs": null}), "jobs"),
        (json!({"jobs": vec![0; 10_001]}), "jobs"),
        (json!({"jobs": [1], "priority": "high"}), "priority"),
    ] {
        assert_eq!(world.post("/tts/batch", &body).await.problem(422), [field]);
    }
    world.assert_nothing_enqueued().await;
    let most = world.post("/tts/batch", &batch(&vec![json!({}); 10_000])).await;
    assert_eq!((most.status.as_u16(), &most.json()["rejected"]), (202, &json!(10_000)));
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn more_than_a_chunk_is_stored_in_full() {
    let world = World::new().await;
    let jobs: Vec<Value> = (0..2_600).map(|n| with(&json!({"text": format!("Aviso {n}")}))).collect();
    let body = world.post("/tts/batch", &batch(&jobs)).await.json();
    assert_eq!(body["accepted"], 2_600);
    assert_eq!((world.queued().await, world.waiting("tts_calls").await), (2_600, 2_600));
    let last = world.get(body["jobs"][2_599]["status_url"].as_str().unwrap()).await.json();
    assert_eq!(last["text"], "Aviso 2599");
}

#[tokio::test]
async fn what_could_not_be_queued_says_so_and_does_not_stop_the_rest() {
    let world = World::new().await;
    let jobs = [good(), with(&json!({"text": UNLUCKY})), good()];
    let body = world.post("/tts/batch", &batch(&jobs)).await.json();
    assert_eq!((&body["accepted"], &body["rejected"]), (&json!(2), &json!(1)));
    assert_eq!(body["jobs"][1]["problem"]["status"], 503);
    assert_eq!((world.queued().await, world.waiting("tts_calls").await), (2, 2));
}

#[tokio::test]
async fn a_batch_is_replayed_whole_even_when_a_part_failed() {
    let world = World::new().await;
    let body = batch(&[good(), with(&json!({"text": UNLUCKY})), json!({})]).to_string();
    let headers = [("idempotency-key", "b1")];
    let first = world.ask(Method::POST, "/tts/batch", &headers, body.clone()).await;
    let again = world.ask(Method::POST, "/tts/batch", &headers, body).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (202, 202));
    assert_eq!(first.body, again.body);
    assert_eq!((first.header("idempotent-replay"), again.header("idempotent-replay")), ("", "true"));
    assert_eq!(world.queued().await, 1);
}

#[tokio::test]
async fn a_batch_that_was_not_taken_at_all_can_be_sent_again() {
    let world = World::new().await;
    let body = batch(&[good(), json!({}), good()]).to_string();
    let headers = [("idempotency-key", "b1")];
    world.queue_down(true);
    world.ask(Method::POST, "/tts/batch", &headers, body.clone()).await.problem(503);
    world.assert_nothing_enqueued().await;
    world.queue_down(false);
    let again = world.ask(Method::POST, "/tts/batch", &headers, body).await;
    assert_eq!((again.status.as_u16(), &again.json()["accepted"]), (202, &json!(2)));
    assert_eq!(world.queued().await, 2);
}
