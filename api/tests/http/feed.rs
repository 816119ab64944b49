//! The audio feed. `tests/feed.sh` asks the same of it with the client that people use.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::Method;
use pregon_core::{Event, OutcomeKind};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::ear::{Ear, NAMESPACE};
use crate::world::{World, clip, good};

const NOTIFY: &str = "/asf/internal/notify_new_audio";

fn sound(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect()
}

/// Writes a file below the audio folder.
fn write(world: &World, path: &str, bytes: &[u8]) -> PathBuf {
    let path = world.folder.path().join("audio").join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

fn write_clip(world: &World, bytes: &[u8]) {
    write(world, &format!("01/{}.wav", clip().hash), bytes);
}

#[tokio::test]
async fn a_stream_is_the_audio_of_its_job() {
    let world = World::new().await;
    let id = world.job().await;
    world.dispatch(id).await;
    write_clip(&world, &sound(10_000));
    let stream = id.to_string();
    let mut ear = Ear::here(&world).await;
    // One after the other on one connection, and each from the first byte.
    for _ in 0..2 {
        ear.join(&stream).await;
        let status = ear.event("stream_status").await;
        assert_eq!((&status["status"], &status["stream_id"]), (&json!("joined"), &json!(stream)));
        let (sizes, bytes) = ear.stream(&stream).await;
        assert_eq!(sizes, [4_096, 4_096, 1_808]);
        assert_eq!(bytes, world.get(&format!("/jobs/{id}/audio")).await.body);
    }
    let metrics = world.get("/metrics").await.text();
    for line in ["feed_listeners 1", "feed_streams_total{end=\"complete\"} 2", "feed_bytes_total 20000"] {
        assert!(metrics.contains(line), "{line} is missing");
    }
}

#[tokio::test]
async fn who_joins_early_waits_for_the_audio() {
    let world = World::new().await;
    let id = world.job().await;
    let stream = id.to_string();
    let mut ear = Ear::here(&world).await;
    ear.join(&stream).await;
    assert_eq!(ear.event("stream_status").await["status"], "joined");
    assert_eq!(ear.event("stream_status").await["status"], "waiting");
    write_clip(&world, &sound(5_000));
    let (heard, ()) = tokio::join!(ear.stream(&stream), world.dispatch(id));
    assert_eq!(heard.1, sound(5_000));
}

#[tokio::test]
async fn who_waits_for_a_job_that_ends_silent_is_told() {
    let world = World::new().await;
    let id = world.job().await;
    let mut ear = Ear::here(&world).await;
    ear.join(&id.to_string()).await;
    ear.event("stream_status").await;
    ear.event("stream_status").await;
    let cancelled = world.post(&format!("/jobs/{id}/cancel"), &json!({})).await;
    assert_eq!(cancelled.status, 200);
    assert_eq!(ear.error().await, "no_audio");
    ear.join(&id.to_string()).await;
    assert_eq!(ear.event("stream_status").await["status"], "joined");
    assert_eq!(ear.error().await, "no_audio");
}

#[tokio::test]
async fn a_stream_that_cannot_be_is_an_error() {
    let world = World::new().await;
    let mut ear = Ear::here(&world).await;
    for id in ["0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f", "strm_unknown", "../../etc/passwd", "/etc/passwd"] {
        ear.join(id).await;
        let error = ear.event("stream_error").await;
        assert_eq!((&error["code"], &error["stream_id"]), (&json!("unknown_stream"), &json!(id)));
    }
    for asked in [
        json!(["join_stream", {"stream_id": ""}]),
        json!(["join_stream", {"stream_id": "x".repeat(129)}]),
        json!(["join_stream", {"stream_id": 7}]),
        json!(["join_stream", "strm_1"]),
        json!(["join_stream", null]),
        json!(["join_stream"]),
    ] {
        ear.send(&format!("42{NAMESPACE},{asked}")).await;
        assert_eq!(ear.error().await, "invalid", "{asked}");
    }
    let id = world.job().await;
    world.dispatch(id).await;
    ear.join(&id.to_string()).await;
    ear.event("stream_status").await;
    assert_eq!(ear.error().await, "missing");
    world.store_down(true);
    ear.join(&id.to_string()).await;
    assert_eq!(ear.error().await, "unavailable");
}

#[tokio::test]
async fn a_connection_receives_one_stream_at_a_time() {
    let world = World::new().await;
    let (first, second) = (world.job().await, world.job().await);
    world.end(second, OutcomeKind::Answered).await;
    write_clip(&world, &sound(10));
    let mut ear = Ear::here(&world).await;
    ear.join(&first.to_string()).await;
    ear.event("stream_status").await;
    ear.event("stream_status").await;
    ear.join(&second.to_string()).await;
    assert_eq!(ear.error().await, "busy");
    // Another connection does not mind.
    let mut other = Ear::here(&world).await;
    other.join(&second.to_string()).await;
    other.event("stream_status").await;
    assert_eq!(other.stream(&second.to_string()).await.1, sound(10));
}

#[tokio::test]
async fn a_key_opens_the_feed_and_shows_its_own_jobs() {
    let world = World::with_keys().await;
    let crm = [("x-api-key", "secret-crm")];
    let id = world.ask(Method::POST, "/tts/call", &crm, good().to_string()).await.job_id();
    world.dispatch(id).await;
    write_clip(&world, &sound(10));
    for (headers, query, auth) in [
        (&[][..], "", json!({})),
        (&[], "", json!({"token": "secret-wrong"})),
        (&[], "", json!({"token": 5})),
        (&[], "", json!("secret-crm")),
        (&[], "&token=secret-wrong", json!({})),
        (&[("authorization", "Bearer secret-wrong")], "", json!({})),
        (&crm, "", json!({"token": "secret-wrong"})),
    ] {
        let reason = Ear::open(&world, headers, query, &auth).await.refused().await;
        assert!(reason.contains("key") && !reason.contains("secret"), "{reason}");
    }
    for (headers, query, auth, sees) in [
        (&[][..], "", json!({"token": "secret-crm"}), true),
        (&crm, "", json!({}), true),
        (&[("authorization", "Bearer secret-ana")], "", json!({}), true),
        (&[], "&token=secret-wall", json!({}), true),
        (&[], "", json!({"token": "secret-shop"}), false),
    ] {
        let mut ear = Ear::open(&world, headers, query, &auth).await;
        ear.event("connection_ack").await;
        ear.join(&id.to_string()).await;
        if sees {
            ear.event("stream_status").await;
            assert_eq!(ear.stream(&id.to_string()).await.1, sound(10));
        } else {
            assert_eq!(ear.error().await, "unknown_stream");
        }
    }
}

#[tokio::test]
async fn web_pages_of_other_sites_do_not_listen_where_no_keys_are_set() {
    let world = World::new().await;
    let address = "/socket.io/?EIO=4&transport=polling";
    for headers in [
        [("host", "127.0.0.1:5000"), ("origin", "https://evil.example")],
        [("host", "evil.example"), ("origin", "http://evil.example")],
    ] {
        world.ask(Method::GET, address, &headers, "").await.problem(403);
    }
    let own = [("host", "127.0.0.1:5000"), ("origin", "http://127.0.0.1:5000")];
    assert_eq!(world.ask(Method::GET, address, &own, "").await.status, 200);
}

#[tokio::test]
async fn connections_are_opened_at_a_bounded_rate_and_say_little() {
    let world = World::with_keys().await;
    let ear = Ear::open(&world, &[], "", &json!({})).await;
    let long = world.ask(Method::POST, &ear.address, &[], "4".repeat(70_000)).await;
    long.problem(413);
    let mut refused = 0;
    for _ in 0..300 {
        let reply = world.get("/socket.io/?EIO=4&transport=polling").await;
        refused += usize::from(reply.status == 429);
    }
    assert!(refused > 100, "{refused} of 300 were refused");
}

#[tokio::test]
async fn a_file_of_the_audio_folder_becomes_a_stream() {
    let world = World::new().await;
    let file = write(&world, "podcasts/one.mp3", &sound(9_000));
    let past = std::fs::File::open(&file).unwrap();
    past.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000)).unwrap();
    for path in ["podcasts/one.mp3".to_owned(), file.display().to_string()] {
        let noticed = world.post(NOTIFY, &json!({"stream_id": "strm_1", "filepath": path})).await;
        assert_eq!(noticed.status, 200, "{}", noticed.text());
        assert_eq!(noticed.json()["stream_id"], "strm_1");
        assert!(noticed.json()["message"].is_string());
        let mut ear = Ear::here(&world).await;
        ear.join("strm_1").await;
        ear.event("stream_status").await;
        assert_eq!(ear.stream("strm_1").await.1, sound(9_000));
    }
    // What stands in the file's place later must be as good as the file was.
    std::fs::write(world.folder.path().join("secret.mp3"), "secret").unwrap();
    std::fs::remove_file(&file).unwrap();
    symlink(world.folder.path().join("secret.mp3"), &file).unwrap();
    let mut ear = Ear::here(&world).await;
    ear.join("strm_1").await;
    ear.event("stream_status").await;
    assert_eq!(ear.error().await, "broken");
}

#[tokio::test]
async fn hostile_paths_are_refused() {
    let world = World::new().await;
    write(&world, "sub/good.wav", b"sound");
    write(&world, "sub/state.json", b"{}");
    let home = world.folder.path();
    let audio = home.join("audio");
    std::fs::write(home.join("secret.wav"), "secret").unwrap();
    symlink(home.join("secret.wav"), audio.join("link.wav")).unwrap();
    symlink("sub/good.wav", audio.join("inner.wav")).unwrap();
    symlink(home, audio.join("up")).unwrap();
    std::fs::create_dir(audio.join("folder.wav")).unwrap();
    std::fs::create_dir(home.join("audio-twin")).unwrap();
    std::fs::write(home.join("audio-twin/good.wav"), "secret").unwrap();
    let inside = audio.display();
    for path in [
        "../secret.wav".to_owned(),
        "sub/../../secret.wav".to_owned(),
        "sub/../sub/good.wav".to_owned(),
        format!("{inside}/../secret.wav"),
        format!("{inside}-twin/good.wav"),
        home.join("secret.wav").display().to_string(),
        "/etc/passwd".to_owned(),
        "/etc/passwd.wav".to_owned(),
        "/proc/self/environ".to_owned(),
        "file:///etc/passwd".to_owned(),
        "..%2fsecret.wav".to_owned(),
        "link.wav".to_owned(),
        "inner.wav".to_owned(),
        "up/secret.wav".to_owned(),
        "folder.wav".to_owned(),
        "sub/state.json".to_owned(),
        "sub".to_owned(),
        "none.wav".to_owned(),
        "good.wav\u{0}.txt".to_owned(),
        ".".to_owned(),
        " ".to_owned(),
        "x".repeat(2_000),
    ] {
        let refused = world.post(NOTIFY, &json!({"stream_id": "strm_1", "filepath": path})).await;
        assert_eq!(refused.problem(422), ["filepath"], "{path}");
        assert!(!refused.text().contains("secret-"), "{path}");
    }
    for (body, fields) in [
        (json!({}), &["stream_id", "filepath"][..]),
        (json!({"stream_id": "", "filepath": "sub/good.wav"}), &["stream_id"]),
        (json!({"stream_id": "x".repeat(129), "filepath": "sub/good.wav"}), &["stream_id"]),
        (json!({"stream_id": 5, "filepath": ["sub/good.wav"]}), &["stream_id", "filepath"]),
        (json!({"stream_id": "strm_1", "filepath": "sub/good.wav", "mode": "0777"}), &["mode"]),
    ] {
        assert_eq!(world.post(NOTIFY, &body).await.problem(422), fields, "{body}");
    }
    let mut ear = Ear::here(&world).await;
    ear.join("strm_1").await;
    assert_eq!(ear.error().await, "unknown_stream");
}

#[tokio::test]
async fn announcing_needs_a_key_that_may_change_things() {
    let world = World::with_keys().await;
    write(&world, "one.wav", &sound(10));
    let notify = async |secret: &str, id: &str| {
        let body = json!({"stream_id": id, "filepath": "one.wav"}).to_string();
        world.ask(Method::POST, NOTIFY, &[("x-api-key", secret)], body).await
    };
    notify("secret-wrong", "strm_1").await.problem(401);
    notify("secret-wall", "strm_1").await.problem(403);
    assert_eq!(notify("secret-crm", "strm_1").await.status, 200);
    assert_eq!(notify("secret-shop", "strm_1").await.problem(422), ["stream_id"]);
    assert_eq!(notify("secret-crm", "strm_1").await.status, 200);
    for (secret, code) in
        [("secret-shop", Some("unknown_stream")), ("secret-crm", None), ("secret-wall", None)]
    {
        let mut ear = Ear::open(&world, &[], "", &json!({"token": secret})).await;
        ear.event("connection_ack").await;
        ear.join("strm_1").await;
        match code {
            Some(code) => assert_eq!(ear.error().await, code),
            None => assert_eq!(ear.event("stream_status").await["status"], "joined"),
        }
    }
}

#[tokio::test]
async fn the_end_of_the_process_is_not_held_up_by_listeners() {
    let stop = CancellationToken::new();
    let world = World::with(|api| api.stop = stop.clone()).await;
    let id = world.job().await;
    let mut ear = Ear::here(&world).await;
    ear.join(&id.to_string()).await;
    ear.event("stream_status").await;
    ear.event("stream_status").await;
    let poll = world.get(&ear.address);
    let (reply, ()) = tokio::join!(poll, async move { stop.cancel() });
    reply.problem(503);
}

#[tokio::test]
async fn a_job_cannot_be_impersonated_by_a_file() {
    let world = World::new().await;
    write(&world, "fake.wav", b"fake");
    let id = world.job().await;
    world.apply(id, Event::Cancel).await;
    let noticed = world.post(NOTIFY, &json!({"stream_id": id.to_string(), "filepath": "fake.wav"})).await;
    assert_eq!(noticed.status, 200);
    let mut ear = Ear::here(&world).await;
    ear.join(&id.to_string()).await;
    ear.event("stream_status").await;
    assert_eq!(ear.error().await, "no_audio");
}
