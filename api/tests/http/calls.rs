use axum::http::Method;
use pregon_core::Lane;
use serde_json::json;

use crate::world::{World, good, with};

#[tokio::test]
async fn the_job_keeps_the_text_with_its_gaps_filled() {
    let world = World::new().await;
    let fields = json!({"name": "Ana <b>", "amount": 45_000});
    let text = "<s>Hola {{ name }}.</s> Debe {{ amount | currency }}.";
    let request = with(&json!({"text": text, "ssml": true, "fields": fields, "language": "es-CO"}));
    let batch = world.post("/tts/batch", &json!({"jobs": [request.clone()]})).await.json();
    let one = world.post("/tts/call", &request).await.job_id();
    for id in [one, batch["jobs"][0]["job_id"].as_str().unwrap().parse().unwrap()] {
        let speech = world.read(id).await.spec.speech().cloned().unwrap();
        assert_eq!(speech.text, "<s>Hola Ana &lt;b&gt;.</s> Debe $45000.");
        assert!(speech.ssml);
        let shown = world.get(&format!("/tts/status/{id}")).await.json();
        assert_eq!((&shown["text"], &shown["ssml"]), (&json!(speech.text), &json!(true)));
    }
    let plain = world.post("/tts/call", &with(&json!({"text": "<b>{{ a }}</b>"}))).await.job_id();
    assert_eq!(world.read(plain).await.spec.text(), "<b>{{ a }}</b>");
    assert_eq!(world.get(&format!("/tts/status/{plain}")).await.json().get("ssml"), None);
}

#[tokio::test]
async fn a_call_is_stored_and_queued() {
    let world = World::new().await;
    let reply = world.post("/tts/call", &good()).await;
    let id = reply.job_id();
    let url = format!("/tts/status/{id}");
    assert_eq!(
        reply.json(),
        json!({"job_id": id, "status": "queued", "priority": "normal", "queue": "tts_calls", "status_url": url})
    );
    assert_eq!(reply.header("location"), url);
    let job = world.read(id).await;
    assert_eq!((job.client, job.spec.lane), (None, Lane::Normal));
    assert_eq!(world.waiting("tts_calls").await, 1);
}

#[tokio::test]
async fn a_high_call_goes_to_its_own_queue() {
    let world = World::new().await;
    let reply = world.post("/tts/call", &with(&json!({"priority": "high"}))).await;
    assert_eq!((&reply.json()["priority"], &reply.json()["queue"]), (&json!("high"), &json!("tts_priority")));
    assert_eq!((world.waiting("tts_priority").await, world.waiting("tts_calls").await), (1, 0));
}

#[tokio::test]
async fn a_later_call_is_scheduled() {
    let world = World::new().await;
    let later = (pregon_core::clock::now() + std::time::Duration::from_hours(1)).to_string();
    let reply = world.post("/tts/call", &with(&json!({"not_before": later}))).await;
    assert_eq!(reply.json()["status"], "scheduled");
    let status = world.get(reply.json()["status_url"].as_str().unwrap()).await.json();
    assert_eq!((&status["next_attempt_at"], &status["not_before"]), (&json!(later), &json!(later)));
    assert_eq!((world.waiting("tts_delayed").await, world.waiting("tts_calls").await), (1, 0));
}

#[tokio::test]
async fn a_body_without_a_declared_type_is_read_as_json() {
    let world = World::new().await;
    let request = axum::http::Request::post("/tts/call").body(good().to_string().into()).unwrap();
    assert_eq!(world.send(request).await.status, 202);
}

#[tokio::test]
async fn voices_are_listed() {
    let world = World::new().await;
    let voices = world.ask(Method::GET, "/voices", &[], "").await.json();
    assert_eq!(voices["engines"][0]["engine"], "espeak");
    assert_eq!(voices["engines"][0]["voices"][0], json!({"voice": "es-419", "language": "es"}));
    assert_eq!(voices["default_language"], "es");
}
