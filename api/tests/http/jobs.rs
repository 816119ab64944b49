use std::time::Duration;

use axum::http::{Method, Request};
use futures_util::StreamExt;
use pregon_core::{Event, Outcome, OutcomeKind, clock};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{World, clip, good, with};

#[tokio::test]
async fn a_status_tells_the_whole_way() {
    let world = World::new().await;
    let request = with(&json!({"metadata": {"order": 7}, "max_attempts": 5}));
    let id = world.post("/tts/call", &request).await.job_id();
    world.complete(id).await;
    let status = world.get(&format!("/tts/status/{id}")).await.json();
    for (member, value) in [
        ("job_id", json!(id)),
        ("status", json!("completed")),
        ("kind", json!("call")),
        ("priority", json!("normal")),
        ("phone_number", json!("+573005050149")),
        ("text", good()["text"].clone()),
        ("language", json!("es")),
        ("attempts", json!(1)),
        ("rescues", json!(0)),
        ("max_attempts", json!(5)),
        ("worker_id", json!("w1")),
        ("metadata", json!({"order": 7})),
        ("call_file", json!(format!("{id}-1.call"))),
    ] {
        assert_eq!(status[member], value, "{member}");
    }
    assert_eq!(status["outcome"]["kind"], "answered");
    assert_eq!(status["clip"]["lufs"], -19.0);
    for time in ["created_at", "started_at", "dispatched_at", "completed_at"] {
        assert!(status[time].as_str().is_some_and(|t| t.ends_with('Z')), "{time}: {}", status[time]);
    }
    let events: Vec<_> = status["timeline"].as_array().unwrap().iter().map(|e| e["event"].clone()).collect();
    assert_eq!(events, ["accepted", "claimed", "dispatched", "outcome"]);
    assert!(status["timeline"][1]["at"].as_str().is_some_and(|t| t.ends_with('Z')));
    assert_eq!(status["timeline"][1]["worker_id"], "w1");
    assert_eq!(status.get("error"), None);
}

#[tokio::test]
async fn a_retry_is_told_with_its_time_and_its_reason() {
    let world = World::new().await;
    let retry = json!({"busy": ["1m", "60s", "never"], "silent": "never"});
    let id = world.post("/tts/call", &with(&json!({"retry": retry}))).await.job_id();
    world.dispatch(id).await;
    let due = clock::now() + Duration::from_mins(1);
    world
        .apply(id, Event::Outcome { attempt: 1, outcome: Outcome::of(OutcomeKind::Busy), again: Some(due) })
        .await;
    let status = world.get(&format!("/tts/status/{id}")).await.json();
    let due = due.to_string();
    assert_eq!((&status["status"], &status["outcome"]["kind"]), (&json!("scheduled"), &json!("busy")));
    assert_eq!(status["next_attempt_at"], due);
    assert_eq!(status["retry"], json!({"busy": ["1m", "1m", "never"], "silent": "never"}));
    assert_eq!(status.get("completed_at"), None);
    let told = status["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!((&told["decision"], &told["due"]), (&json!("again"), &json!(due)));
    assert_eq!(told["detail"], format!("busy; tried again at {due}, attempt 2 of 3"));
    let refused = world.post("/tts/call", &with(&json!({"retry": {"busy": ["1m", "soon"]}}))).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["errors"][0]["field"], "retry.busy[1]");
    let never = world.post("/tts/call", &with(&json!({"retry": "never"}))).await.job_id();
    assert_eq!(world.get(&format!("/tts/status/{never}")).await.json()["retry"], "never");
    let none = world.job().await;
    assert_eq!(world.get(&format!("/tts/status/{none}")).await.json().get("retry"), None);
}

#[tokio::test]
async fn a_dispatched_job_says_what_it_waits_for() {
    let world = World::new().await;
    let id = world.job().await;
    world.dispatch(id).await;
    let status = world.get(&format!("/tts/status/{id}")).await.json();
    assert_eq!(status["status"], "dispatched");
    assert!(status["waiting_for"].as_str().is_some_and(|s| s.contains("Asterisk")), "{status}");
    assert_eq!(status.get("completed_at"), None);
}

#[tokio::test]
async fn a_call_that_asks_tells_what_was_answered() {
    let world = World::new().await;
    let asked = json!({"interaction": {"confirm": "1", "opt_out": "9", "prompts": 1}});
    let id = world.post("/tts/call", &with(&asked)).await.job_id();
    let status = world.get(&format!("/tts/status/{id}")).await.json();
    assert_eq!(
        status["interaction"],
        json!({
            "confirm": "1", "opt_out": "9", "thanks": "Gracias.", "wait_seconds": 6, "prompts": 1, "repeats": 3,
            "prompt": "Para confirmar, marque 1. Para no recibir más llamadas, marque 9.",
        })
    );
    world.dispatch(id).await;
    let outcome = Outcome { digits: Some("9".into()), ..Outcome::of(OutcomeKind::Answered) };
    world.apply(id, Event::Outcome { attempt: 1, outcome, again: None }).await;
    let outcome = &world.get(&format!("/tts/status/{id}")).await.json()["outcome"];
    assert_eq!((&outcome["digits"], &outcome["reply"]), (&json!("9"), &json!("opted_out")));
    let refused = world.post("/tts/call", &with(&json!({"interaction": {"confirm": "12"}}))).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["errors"][0]["field"]),
        (422, &json!("interaction.confirm"))
    );
}

#[tokio::test]
async fn a_person_decides_on_a_call_whose_fate_is_not_known() {
    let world = World::new().await;
    for (verdict, status) in [("heard", "completed"), ("left", "failed")] {
        let id = world.job().await;
        let path = format!("/jobs/{id}/decide");
        let too_early = world.post(&path, &json!({"verdict": verdict})).await;
        assert_eq!((too_early.status.as_u16(), &too_early.json()["job_status"]), (409, &json!("queued")));
        world.dispatch(id).await;
        let doubt = Outcome::of(OutcomeKind::Uncertain);
        world.apply(id, Event::Outcome { attempt: 1, outcome: doubt, again: None }).await;
        for (wrong, field) in [
            (json!({}), "verdict"),
            (json!({"verdict": "again"}), "verdict"),
            (json!({"verdict": verdict, "attempt": 0}), "attempt"),
            (json!({"verdict": verdict, "by": "me"}), "by"),
        ] {
            let refused = world.post(&path, &wrong).await;
            assert_eq!(
                (refused.status.as_u16(), &refused.json()["errors"][0]["field"]),
                (422, &json!(field)),
                "{wrong}"
            );
        }
        assert_eq!(world.post(&path, &json!({"verdict": verdict, "attempt": 2})).await.status, 409);
        for _ in 0..2 {
            let reply = world.post(&path, &json!({"verdict": verdict, "attempt": 1})).await;
            assert_eq!((reply.status.as_u16(), &reply.json()["status"]), (200, &json!(status)));
        }
        let job = world.get(&format!("/tts/status/{id}")).await.json();
        assert_eq!((&job["status"], &job["outcome"]["kind"]), (&json!(status), &json!("uncertain")));
        let told = job["timeline"].as_array().unwrap().last().unwrap();
        assert_eq!((&told["event"], &told["verdict"]), (&json!("decided"), &json!(verdict)));
    }
}

#[tokio::test]
async fn jobs_are_listed_filtered_and_paged() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(world.post("/tts/call", &with(&json!({"text": format!("Aviso {n}")}))).await.job_id());
    }
    world.post("/tts/call", &with(&json!({"priority": "high", "text": "Alarma"}))).await.job_id();
    world.complete(ids[0]).await;
    for (query, count) in [
        ("", 6),
        ("?status=queued", 5),
        ("?status=completed", 1),
        ("?priority=high", 1),
        ("?kind=call", 6),
        ("?q=aviso%203", 1),
        ("?q=300%20505", 6),
        ("?q=", 6),
        ("?since=2020-01-01T00:00:00+02:00", 6),
        ("?since=2999-01-01T00:00:00Z", 0),
    ] {
        let page = world.get(&format!("/jobs{query}")).await.json();
        assert_eq!(page["jobs"].as_array().unwrap().len(), count, "{query}");
    }
    let mut seen = Vec::new();
    let mut path = "/jobs?limit=4".to_owned();
    loop {
        let page = world.get(&path).await.json();
        seen.extend(
            page["jobs"].as_array().unwrap().iter().map(|j| j["job_id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/jobs?limit=4&cursor={cursor}");
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first: {seen:?}");
}

#[tokio::test]
async fn cancelling_says_whether_it_came_in_time() {
    let world = World::new().await;
    let id = world.job().await;
    for _ in 0..2 {
        let reply = world.post(&format!("/jobs/{id}/cancel"), &json!({})).await;
        assert_eq!(reply.status, 200);
        let body = reply.json();
        assert_eq!(
            (&body["cancelled"], &body["in_time"], &body["status"]),
            (&json!(true), &json!(true), &json!("cancelled"))
        );
    }
    for ended in [false, true] {
        let id = world.job().await;
        if ended {
            world.complete(id).await;
        } else {
            world.dispatch(id).await;
        }
        let reply = world.post(&format!("/jobs/{id}/cancel"), &json!({})).await;
        reply.problem(409);
        assert_eq!(
            (&reply.json()["job_id"], &reply.json()["job_status"]),
            (&json!(id), &json!(world.read(id).await.state.name()))
        );
    }
}

#[tokio::test]
async fn a_worker_in_doubt_decides() {
    let world = World::new().await;
    for in_time in [true, false] {
        let id = world.job().await;
        let lease = world.claim(id).await;
        let path = format!("/jobs/{id}/cancel");
        let body = json!({});
        let cancel = world.post(&path, &body);
        let worker = async {
            // The worker decides once it sees the wish.
            while !world.get(&format!("/tts/status/{id}")).await.text().contains("cancel_asked") {
                tokio::task::yield_now().await;
            }
            let check = clock::now() + Duration::from_mins(1);
            let event = if in_time {
                Event::Release { lease, ring: check }
            } else {
                Event::Dispatched { lease, check, clip: Some(clip()) }
            };
            world.apply(id, event).await;
        };
        let (reply, ()) = tokio::join!(cancel, worker);
        assert_eq!(reply.status, if in_time { 200 } else { 409 }, "{}", reply.text());
    }
}

#[tokio::test]
async fn a_silent_worker_leaves_it_open() {
    let world = World::new().await;
    let id = world.job().await;
    world.claim(id).await;
    let reply = world.post(&format!("/jobs/{id}/cancel"), &json!({})).await;
    assert_eq!(reply.status, 202);
    assert_eq!((&reply.json()["cancelled"], &reply.json()["status"]), (&Value::Null, &json!("processing")));
}

#[tokio::test]
async fn only_what_has_ended_is_tried_again() {
    let world = World::new().await;
    let id = world.job().await;
    let path = format!("/jobs/{id}/retry");
    let early = world.post(&path, &json!({})).await;
    early.problem(409);
    assert_eq!(early.json()["job_status"], "queued");
    world.end(id, OutcomeKind::Busy).await;
    assert_eq!(world.post(&path, &json!({"attempt": 2})).await.status, 409, "they know of another attempt");
    let reply = world.post(&path, &json!({"attempt": 1})).await;
    assert_eq!((reply.job_id(), reply.header("location")), (id, format!("/tts/status/{id}").as_str()));
    assert_eq!(world.read(id).await.state.name().as_str(), "queued");
    // A late result may have told a moment ago that it was heard.
    world.complete(id).await;
    let heard = world.post(&path, &json!({})).await;
    heard.problem(409);
    assert!(heard.text().contains("even_if_heard"), "{}", heard.text());
    for (wrong, field) in [(json!({"even_if_heard": 1}), "even_if_heard"), (json!({"again": true}), "again")]
    {
        assert_eq!(world.post(&path, &wrong).await.problem(422), [field]);
    }
    assert_eq!(world.post(&path, &json!({"even_if_heard": true})).await.status, 202);
}

#[tokio::test]
async fn audio_is_played_whole_and_in_parts() {
    let world = World::new().await;
    let id = world.job().await;
    let path = format!("/jobs/{id}/audio");
    assert!(world.get(&path).await.text().contains("nothing was rendered"));
    world.dispatch(id).await;
    let elsewhere = world.get(&path).await;
    elsewhere.problem(404);
    assert!(elsewhere.text().contains("not kept any more"));
    let folder = world.folder.path().join("audio/01");
    std::fs::create_dir_all(&folder).unwrap();
    let sound: Vec<u8> = (0..=255).collect();
    std::fs::write(folder.join("0123456789abcdef0123.wav"), &sound).unwrap();
    let whole = world.get(&path).await;
    assert_eq!((whole.status.as_u16(), &whole.body[..]), (200, &sound[..]));
    assert_eq!((whole.header("content-type"), whole.header("accept-ranges")), ("audio/wav", "bytes"));
    let part = world.ask(Method::GET, &path, &[("range", "bytes=10-19")], "").await;
    assert_eq!((part.status.as_u16(), &part.body[..]), (206, &sound[10..20]));
    assert_eq!(part.header("content-range"), "bytes 10-19/256");
    let outside = world.ask(Method::GET, &path, &[("range", "bytes=256-")], "").await;
    assert_eq!(outside.problem(416), ["Range"]);
    assert_eq!(outside.header("content-range"), "bytes */256");
}

#[tokio::test]
async fn changes_are_told_to_those_who_may_know() {
    let world = World::with_keys().await;
    let open = async |secret: &str| {
        let request =
            Request::get("/events").header("x-api-key", secret).body(axum::body::Body::empty()).unwrap();
        let response = world.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        response.into_body().into_data_stream()
    };
    let (mut crm, mut ana) = (open("secret-crm").await, open("secret-ana").await);
    let mut ids = Vec::new();
    for secret in ["secret-shop", "secret-crm"] {
        let reply = world.ask(Method::POST, "/tts/call", &[("x-api-key", secret)], good().to_string()).await;
        ids.push(reply.job_id().to_string());
    }
    let first = async |stream: &mut axum::body::BodyDataStream| loop {
        let next = tokio::time::timeout(Duration::from_secs(10), stream.next()).await;
        let text = String::from_utf8(next.expect("an event").unwrap().unwrap().to_vec()).unwrap();
        if text.starts_with("event: job") {
            return text;
        }
    };
    let (crm, ana) = (first(&mut crm).await, first(&mut ana).await);
    assert!(crm.contains(&ids[1]) && !crm.contains(&ids[0]), "{crm}");
    assert!(ana.contains(&ids[0]) && ana.contains("\"status\":\"queued\""), "{ana}");
}
