//! What is aired, what is not, and in which order.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::ToSpan as _;
use serde_json::{Value, json};

use crate::air::{Air, Shape, millis, now};
use crate::rig::Backing;

fn kind(job: &Value) -> (&str, &str) {
    (job["status"].as_str().unwrap(), job["outcome"]["kind"].as_str().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_too_late_is_not_aired() {
    let air = Air::plain().await;
    let long = air.announce(300.0, 12.0, json!({})).await;
    air.until_on_air(&long).await;
    let stale = air.announce(400.0, 0.5, json!({ "ttl_seconds": 5 })).await;
    let fresh = air.announce(500.0, 0.5, json!({ "ttl_seconds": 60 })).await;
    let job = air.ended(&stale).await;
    assert_eq!(kind(&job), ("failed", "expired"), "{job}");
    assert!(job["outcome"]["at"].is_null(), "{job}");
    assert_eq!(air.look().await.unwrap()["on_air"]["key"], long, "told as soon as it was over");
    assert_eq!(kind(&air.ended(&fresh).await), ("completed", "aired"));
    assert_eq!(air.aired(2).await, [long, fresh]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_can_be_cancelled_and_what_is_on_air_cannot() {
    let air = Air::plain().await;
    let long = air.announce(300.0, 5.0, json!({})).await;
    air.until_on_air(&long).await;
    let unwanted = air.announce(400.0, 0.5, json!({})).await;
    air.until_waiting(&[&unwanted]).await;
    let (status, answer) = air.rig.post(&format!("/jobs/{unwanted}/cancel"), &json!({})).await.unwrap();
    assert_eq!((status, &answer["cancelled"]), (200, &json!(true)), "{answer}");
    assert_eq!(air.ended(&unwanted).await["status"], "cancelled");

    let (status, answer) = air.rig.post(&format!("/jobs/{long}/cancel"), &json!({})).await.unwrap();
    assert!(status == 202 || status == 409, "{status} {answer}");
    assert_ne!(answer["cancelled"], true, "{answer}");
    let job = air.ended(&long).await;
    assert_eq!(kind(&job), ("completed", "aired"), "{job}");
    let seconds = job["outcome"]["seconds"].as_f64().unwrap();
    assert!((seconds - 5.0).abs() < 0.05, "to its end: {job}");
    assert_eq!(air.aired(1).await, [long]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_for_another_is_skipped() {
    let air = Air::plain().await;
    let key = json!({ "dedupe_key": "corte de agua" });
    let first = air.announce(300.0, 4.0, key.clone()).await;
    air.until_on_air(&first).await;
    let twin = air.announce(400.0, 0.5, key.clone()).await;
    let other = air.announce(500.0, 0.5, json!({ "dedupe_key": "corte de luz" })).await;
    let job = air.ended(&twin).await;
    assert_eq!(kind(&job), ("failed", "skipped"), "{job}");
    assert!(job["outcome"]["reason"].is_string(), "{job}");
    assert_eq!(kind(&air.ended(&other).await), ("completed", "aired"));
    // When the first is over, it stands for nothing any more.
    let later = air.announce(400.0, 0.5, key).await;
    assert_eq!(kind(&air.ended(&later).await), ("completed", "aired"));
    assert_eq!(air.aired(3).await, [first, other, later]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn high_ones_go_first() {
    let air = Air::plain().await;
    let long = air.announce(300.0, 4.0, json!({})).await;
    air.until_on_air(&long).await;
    let normal = air.announce(400.0, 0.5, json!({})).await;
    air.until_waiting(&[&normal]).await;
    let high = air.announce(500.0, 0.5, json!({ "priority": "high" })).await;
    air.until_waiting(&[&high, &normal]).await;
    air.ended(&normal).await;
    assert_eq!(air.aired(3).await, [long, high, normal]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_announcement_for_a_time_is_on_time() {
    let air = Air::plain().await;
    let at = now() + 4.seconds();
    let job = air.announce(400.0, 0.5, json!({ "mode": "at", "at": at.to_string() })).await;
    let job = air.ended(&job).await;
    assert_eq!(kind(&job), ("completed", "aired"), "{job}");
    let late = millis(&job["outcome"]["at"]) - at.as_millisecond();
    println!("{late} ms late");
    assert!(late.abs() <= 100, "{late} ms late");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_is_asked_for_again_is_aired_again() {
    let air = Air::plain().await;
    let id = air.announce(400.0, 0.5, json!({})).await;
    assert_eq!(kind(&air.ended(&id).await), ("completed", "aired"));
    let (status, answer) =
        air.rig.post(&format!("/jobs/{id}/retry"), &json!({ "even_if_heard": true })).await.unwrap();
    assert_eq!(status, 202, "{answer}");
    air.aired(2).await;
    let job = air.ended(&id).await;
    assert_eq!(kind(&job), ("completed", "aired"), "{job}");
}

/// Clips that vanish or break between the hand-over and the air.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clips_that_cannot_be_played_fail_and_the_programme_goes_on() {
    let mut air = Air::silent(&Backing::Embedded, Shape::Roles).await;
    let (mut ids, mut known) = (Vec::new(), clips(&air));
    for content in [None, Some(b"no sound at all".repeat(400))] {
        let id = air.announce(if content.is_none() { 400.0 } else { 500.0 }, 0.5, json!({})).await;
        air.until_dispatched(&id).await;
        let all = clips(&air);
        let [new] = all.difference(&known).collect::<Vec<_>>()[..] else { panic!("one more: {all:?}") };
        match content {
            None => std::fs::remove_file(new).unwrap(),
            Some(content) => std::fs::write(new, content).unwrap(),
        }
        known = all;
        ids.push(id);
    }
    air.switch_on().await;
    for (id, word) in ids.iter().zip(["cannot be opened", "cannot be played"]) {
        let job = air.ended(id).await;
        assert_eq!(kind(&job), ("failed", "failed"), "{job}");
        let reason = job["outcome"]["reason"].as_str().unwrap();
        assert!(reason.contains(word), "{job}");
        assert!(!reason.contains('/'), "a path of this machine is nobody's business: {reason}");
    }
    let now = air.look().await.unwrap();
    assert_eq!((&now["tier"], &now["on_air"]), (&json!("playlist"), &Value::Null));
    let good = air.announce(600.0, 0.5, json!({})).await;
    assert_eq!(kind(&air.ended(&good).await), ("completed", "aired"));
}

/// The clips for the air that lie in the audio folder.
fn clips(air: &Air) -> BTreeSet<PathBuf> {
    let shards = std::fs::read_dir(air.data().join("audio")).into_iter().flatten().flatten();
    let shards = shards.filter(|shard| shard.file_name().len() == 2);
    let files = shards.flat_map(|shard| std::fs::read_dir(shard.path()).unwrap().flatten());
    files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "wav")).collect()
}
