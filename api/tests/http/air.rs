use pregon_core::{Airing, Content, Event, Outcome, OutcomeKind, StationName, clock};
use serde_json::{Value, json};

use crate::world::{KEPT, World};

fn asked(more: &Value) -> Value {
    let mut request = json!({"text": "El Concejo sesiona hoy", "ttl_seconds": 90});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

#[tokio::test]
async fn an_announcement_is_stored_and_queued_and_its_airing_is_told() {
    let world = World::new().await;
    let reply = world.post("/tts/broadcast", &asked(&json!({"mode": "duck", "chime": "before"}))).await;
    let id = reply.job_id();
    assert_eq!((reply.status.as_u16(), &reply.json()["queue"]), (202, &json!("tts_calls")));
    let status = world.get(&format!("/tts/status/{id}")).await.json();
    assert_eq!((&status["kind"], &status["station"]), (&json!("air"), &json!("main")));
    assert_eq!(
        status["air"],
        json!({"mode": "duck", "resume": true, "over_live": "duck", "chime": "before", "repeat": 1})
    );
    assert!(status.get("phone_number").is_none() && status.get("call_file").is_none());
    world.dispatch(id).await;
    let waiting = world.get(&format!("/tts/status/{id}")).await.json();
    assert!(
        waiting["waiting_for"].as_str().unwrap().contains("station") && waiting.get("call_file").is_none()
    );
    let airing = Airing {
        station: StationName::default(),
        at: Some(clock::now()),
        seconds: 3.5,
        listeners: Some(214),
        reason: None,
    };
    let outcome = Outcome { airing: Some(airing), ..Outcome::of(OutcomeKind::Aired) };
    world.apply(id, Event::Outcome { attempt: 1, outcome, again: None }).await;
    let status = world.get(&format!("/tts/status/{id}")).await.json();
    assert_eq!((&status["status"], &status["outcome"]["kind"]), (&json!("completed"), &json!("aired")));
    let told = &status["outcome"];
    assert_eq!(
        (&told["station"], &told["seconds"], &told["listeners"]),
        (&json!("main"), &json!(3.5), &json!(214))
    );
    assert!(told["at"].as_str().is_some_and(|at| at.ends_with('Z')));
}

#[tokio::test]
async fn a_recording_is_sent_in_and_named() {
    let world = World::new().await;
    let send = async |bytes: &'static str| world.send_raw("/audio", bytes).await;
    let kept = send("RIFF").await;
    assert_eq!((kept.status.as_u16(), kept.json()), (201, json!({"id": KEPT, "seconds": 1.5})));
    assert_eq!(send("<html>").await.problem(422), ["body"]);
    assert_eq!(send("full").await.status, 503);
    let earlier = world.post("/tts/call", &crate::world::good()).await.job_id();
    for (audio, sound) in [(KEPT.to_owned(), "audio"), (earlier.to_string(), "speech")] {
        let id = world.post("/tts/broadcast", &json!({"audio": audio})).await.job_id();
        match world.read(id).await.spec.content {
            Content::Audio(recording) => assert_eq!((recording.id.as_str(), sound), (KEPT, "audio")),
            Content::Speech(speech) => {
                assert_eq!((speech.text.as_str(), sound), ("Su cita es mañana a las nueve", "speech"));
            }
        }
    }
    for audio in ["0".repeat(40), "0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f".to_owned(), "../x".to_owned()] {
        let refused = world.post("/tts/broadcast", &json!({"audio": audio})).await;
        assert_eq!(refused.problem(422), ["audio"]);
    }
}

#[tokio::test]
async fn airings_and_calls_are_listed_apart() {
    let world = World::new().await;
    let air = world.post("/tts/broadcast", &asked(&json!({"station": "radio-2"}))).await.job_id();
    let call = world.job().await;
    for (query, ids) in [
        ("kind=air", vec![air]),
        ("kind=call", vec![call]),
        ("q=radio-2", vec![air]),
        ("limit=9", vec![call, air]),
    ] {
        let page = world.get(&format!("/jobs?{query}")).await.json();
        let found: Vec<_> =
            page["jobs"].as_array().unwrap().iter().map(|job| job["job_id"].clone()).collect();
        assert_eq!(found, ids.iter().map(|id| json!(id)).collect::<Vec<_>>(), "{query}");
    }
    assert_eq!(world.get("/jobs?kind=fax").await.problem(422), ["kind"]);
}

#[tokio::test]
async fn an_airing_can_be_cancelled_until_it_begins() {
    let world = World::new().await;
    let id = world.post("/tts/broadcast", &asked(&json!({}))).await.job_id();
    world.dispatch(id).await;
    let reply = world.post(&format!("/jobs/{id}/cancel"), &json!({})).await;
    assert_eq!(reply.status, 202, "{}", reply.text());
    assert!(world.read(id).await.cancel_asked());
}
