//! The HTTP control with a station on air.
#![expect(clippy::future_not_send, reason = "the futures of a test stay on its thread")]

use std::fs;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::{Method, header};
use axum::response::Response;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use super::*;
use crate::control::tests::{clip, on_air};
use crate::programme::{MusicOrder, ProgrammeArgs};
use crate::station::OnAir;

const DEADLINE: Duration = Duration::from_secs(30);

struct Controlled {
    on_air: OnAir,
    folder: TempDir,
    router: Router,
}

impl Controlled {
    /// With these keys, and a music folder with one broken file.
    fn start(keys: &str) -> Self {
        let (on_air, folder) = (on_air(), tempfile::tempdir().unwrap());
        let music = folder.path().join("music");
        fs::create_dir(&music).unwrap();
        let broken = fs::File::create(music.join("broken.mp3")).unwrap();
        fs::write(music.join("broken.mp3"), "<html>").unwrap();
        broken.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        let programme = ProgrammeArgs {
            music_dir: Some(music),
            music_order: MusicOrder::Name,
            crossfade_seconds: 0.0,
            radio_lufs: -16.0,
            music_demo: true,
        };
        let listening = || {
            BTreeMap::from([("/radio".to_owned(), Listening { now: 3, joined: 7, ..Listening::default() })])
        };
        let router = router(Controls {
            station: on_air.station.clone(),
            library: Library::open(&programme, folder.path()).unwrap(),
            keys: keys.parse().unwrap(),
            listening: Arc::new(listening),
        });
        Self { on_air, folder, router }
    }

    fn clip(&self, seconds: usize) -> String {
        clip(self.folder.path(), &format!("{seconds}.wav"), seconds).display().to_string()
    }

    async fn send(&self, method: Method, path: &str, key: &str, body: impl Into<Body>) -> Response {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-api-key", key)
            .header(header::CONTENT_TYPE, "application/json");
        self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap()
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        read(self.send(Method::POST, path, "", body.to_string()).await).await
    }

    async fn get(&self) -> Value {
        read(self.send(Method::GET, "/station", "", "").await).await.1
    }

    async fn until(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let view = self.get().await;
            if holds(&view) {
                return view;
            }
            assert!(begun.elapsed() < DEADLINE, "{what} did not come true: {view:#}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn stop(self) {
        tokio::task::spawn_blocking(|| self.on_air.stop()).await.unwrap();
    }
}

/// Status and body; `null` for none.
async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

#[tokio::test]
async fn the_station_shows_what_is_going_on() {
    let station = Controlled::start("");
    let view = station.until("the broken file is found", |v| v["library"]["broken"] == 1).await;
    assert_eq!(view["station"], "main");
    assert_eq!(view["listeners"]["/radio"]["now"], 3);
    assert_eq!(view["library"]["state"]["kind"], "empty");
    assert!(view["library"]["broken_files"][0]["path"].as_str().unwrap().ends_with("broken.mp3"));
    let view = station.until("the programme plays", |v| v["now_playing"]["title"] == "Hum").await;
    assert_eq!(view["tier"], "playlist");
    assert!(view["readings"]["frames"].is_u64() && view["waiting"].is_array() && view["history"].is_array());
    station.stop().await;
}

#[tokio::test]
async fn an_announcement_is_made_followed_and_taken_back() {
    let station = Controlled::start("");
    let file = station.clip(60);
    let (status, first) = station.post("/station/announcements", json!({"file": file, "title": "Uno"})).await;
    assert_eq!(status, 202);
    let (_, second) =
        station.post("/station/announcements", json!({"file": file, "mode": "duck", "key": "job-2"})).await;
    let (status, problem) =
        station.post("/station/announcements", json!({"file": file, "key": "job-2"})).await;
    assert_eq!((status, &problem["type"]), (409, &json!("urn:pregon:problem:duplicate")));
    let view = station.until("it is on air", |v| v["on_air"]["ticket"] == first["id"]).await;
    assert_eq!((&view["on_air"]["title"], &view["waiting"][0]["ticket"]), (&json!("Uno"), &second["id"]));
    let path = |id: &Value| format!("/station/announcements/{id}");
    for id in [&second["id"], &first["id"]] {
        assert_eq!(station.send(Method::DELETE, &path(id), "", "").await.status(), 204);
    }
    station.until("both are gone", |v| v["on_air"].is_null() && v["waiting"] == json!([])).await;
    for id in ["999999", "x", "-1"] {
        let (status, problem) =
            read(station.send(Method::DELETE, &format!("/station/announcements/{id}"), "", "").await).await;
        assert_eq!((status, &problem["type"]), (404, &json!("urn:pregon:problem:missing")), "{id}");
    }
    station.stop().await;
}

#[tokio::test]
async fn files_are_queued_and_what_plays_is_skipped() {
    let station = Controlled::start("");
    let file = station.clip(60);
    let (status, queued) = station.post("/station/queue", json!({"file": format!("file://{file}")})).await;
    assert_eq!(status, 202);
    station.until("the file plays", |v| v["now_playing"]["ticket"] == queued["id"]).await;
    station.post("/station/announcements", json!({"file": file})).await;
    station.until("it is announced", |v| v["tier"] == "interrupt").await;
    assert_eq!(station.post("/station/skip", Value::Null).await, (200, json!({"skipped": "announcement"})));
    station.until("the file goes on", |v| v["tier"] == "queue").await;
    assert_eq!(station.post("/station/skip", Value::Null).await, (200, json!({"skipped": "track"})));
    station.until("the programme goes on", |v| v["now_playing"]["title"] == "Hum").await;
    station.stop().await;
}

#[tokio::test]
async fn what_cannot_be_taken_names_the_field_and_the_way_out() {
    let station = Controlled::start("");
    let broken = station.folder.path().join("music/broken.mp3").display().to_string();
    for (path, body, field) in [
        ("/station/queue", json!({}), "file"),
        ("/station/queue", json!({"file": "/nowhere/a.mp3"}), "file"),
        ("/station/queue", json!({"file": broken}), "file"),
        ("/station/announcements", json!({"file": broken}), "file"),
        ("/station/announcements", json!({"file": "/a", "mode": "shout"}), "mode"),
        ("/station/announcements", json!({"file": "/a", "loud": true}), "loud"),
    ] {
        let (status, problem) = station.post(path, body).await;
        assert_eq!((status, &problem["status"]), (422, &json!(422)), "{problem}");
        assert_eq!(problem["errors"][0]["field"], field);
        assert!(problem["detail"].as_str().unwrap().starts_with(field), "{problem}");
    }
    for (body, status) in [("", 400), ("{\"file\":", 400), ("[]", 400), (&*"x".repeat(70_000), 413)] {
        let response = station.send(Method::POST, "/station/queue", "", body.to_owned()).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.status().as_u16(), status);
    }
    let form =
        Request::post("/station/queue").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = station.router.clone().oneshot(form.body(Body::from("file=/a")).unwrap()).await.unwrap();
    assert_eq!(response.status(), 415);
    let response = station.send(Method::PUT, "/station", "", "").await;
    assert_eq!((response.status().as_u16(), response.headers().contains_key(header::ALLOW)), (405, true));
    assert_eq!(read(response).await.1["type"], "urn:pregon:problem:method");
    station.stop().await;
}

#[tokio::test]
async fn keys_decide_who_comes_in() {
    let station = Controlled::start("ana:admin:correct-horse,tv:viewer:12345678");
    for (method, path, key, status) in [
        (Method::GET, "/station", "12345678", 200),
        (Method::GET, "/metrics", "12345678", 200),
        (Method::GET, "/metrics", "", 401),
        (Method::POST, "/station/skip", "12345678", 403),
        (Method::DELETE, "/station/announcements/1", "12345678", 403),
        (Method::POST, "/station/skip", "wrong-horse", 401),
        (Method::POST, "/station/skip", "correct-horse", 200),
    ] {
        let response = station.send(method.clone(), path, key, "").await;
        assert_eq!(response.status().as_u16(), status, "{method} {path} {key}");
    }
    station.stop().await;
}

#[tokio::test]
async fn metrics_are_text_for_prometheus() {
    let station = Controlled::start("");
    station.until("the programme plays", |v| v["tier"] == "playlist").await;
    let response = station.send(Method::GET, "/metrics", "", "").await;
    assert!(
        response.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/plain; version=0.0.4")
    );
    let text = String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
    for line in [
        "mixer_tier{tier=\"playlist\"} 1",
        "mixer_tier{tier=\"noise\"} 0",
        "mixer_listeners{stream=\"/radio\"} 3",
        "mixer_listeners_joined_total{stream=\"/radio\"} 7",
        "mixer_bad_blocks_total{how=\"underrun\"} 0",
        "mixer_waiting{what=\"announcements\"} 0",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
    }
    station.stop().await;
}
