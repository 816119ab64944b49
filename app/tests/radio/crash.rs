//! Stations that die with announcements in their hands.

use serde_json::json;

use crate::air::{Air, Shape, millis};
use crate::rig::Backing;

/// One on air and five behind it, handed on one after the other.
async fn six(air: &Air) -> (String, Vec<String>) {
    let on_air = air.announce(300.0, 8.0, json!({})).await;
    air.until_on_air(&on_air).await;
    let mut waiting = Vec::new();
    for hertz in [400.0, 500.0, 600.0, 700.0, 800.0] {
        waiting.push(air.announce(hertz, 0.7, json!({})).await);
        let all: Vec<&str> = waiting.iter().map(String::as_str).collect();
        air.until_waiting(&all).await;
    }
    let now = air.look().await.unwrap();
    assert_eq!(now["on_air"]["key"], on_air, "the long one is still on air");
    (on_air, waiting)
}

/// The five were aired once each and in order, and the one that was cut has one end.
async fn assert_kept(air: &Air, cut: &str, waiting: &[String]) {
    let mut times = Vec::new();
    for id in waiting {
        let job = air.ended(id).await;
        assert_eq!(
            (&job["status"], &job["outcome"]["kind"]),
            (&json!("completed"), &json!("aired")),
            "{job}"
        );
        times.push(millis(&job["outcome"]["at"]));
    }
    assert!(times.is_sorted_by(|a, b| a + 600 < *b), "{times:?}");
    let job = air.ended(cut).await;
    assert_eq!((&job["status"], &job["outcome"]["kind"]), (&json!("failed"), &json!("failed")), "{job}");
    assert!(job["outcome"]["at"].is_string() && job["outcome"]["reason"].is_string(), "{job}");
    // Whatever comes is behind them, so nothing of them can still be on its way.
    let last = air.announce(900.0, 0.5, json!({})).await;
    air.ended(&last).await;
    let expected: Vec<&str> = waiting.iter().map(String::as_str).chain([last.as_str()]).collect();
    assert_eq!(air.aired(expected.len()).await, expected);
    let lines = air.as_run();
    assert_eq!(lines.len(), expected.len(), "nothing else was announced: {lines:?}");
    for id in waiting.iter().map(String::as_str).chain([cut]) {
        let job = air.status(id).await;
        let events = job["timeline"].as_array().unwrap();
        let ends = events.iter().filter(|event| event["outcome"].is_object()).count();
        assert_eq!((ends, &job["attempts"]), (1, &json!(1)), "{job}");
    }
}

async fn a_station_is_killed(backing: &Backing, shape: Shape) {
    let mut air = Air::start(backing, shape).await;
    let (cut, waiting) = six(&air).await;
    air.kill_station();
    air.switch_on().await;
    assert_kept(&air, &cut, &waiting).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_process_is_killed_embedded() {
    a_station_is_killed(&Backing::Embedded, Shape::Serve).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_of_its_own_is_killed_embedded() {
    a_station_is_killed(&Backing::Embedded, Shape::Roles).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_process_is_killed_distributed() {
    let Some(backing) = Backing::distributed() else { return };
    a_station_is_killed(&backing, Shape::Serve).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_of_its_own_is_killed_distributed() {
    let Some(backing) = Backing::distributed() else { return };
    a_station_is_killed(&backing, Shape::Roles).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_is_killed_again_and_again() {
    let mut air = Air::silent(&Backing::Embedded, Shape::Roles).await;
    let mut ids = Vec::new();
    for hertz in [400.0, 450.0, 500.0, 550.0, 600.0, 650.0] {
        let id = air.announce(hertz, 3.0, json!({})).await;
        air.until_dispatched(&id).await;
        ids.push(id);
    }
    air.switch_on().await;
    for id in &ids[..4] {
        air.until_on_air(id).await;
        air.kill_station();
        air.switch_on().await;
    }
    for (nth, id) in ids.iter().enumerate() {
        let job = air.ended(id).await;
        assert_eq!(job["outcome"]["kind"], if nth < 4 { "failed" } else { "aired" }, "{job}");
    }
    assert_eq!(air.aired(2).await, ids[4..]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_station_that_stops_in_good_order_leaves_what_waits() {
    let mut air = Air::start(&Backing::Embedded, Shape::Roles).await;
    let (cut, waiting) = six(&air).await;
    assert_eq!(air.stop_station(), Some(0));
    air.switch_on().await;
    assert_kept(&air, &cut, &waiting).await;
}
