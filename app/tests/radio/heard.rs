//! From the request to the listener's ear.

use std::time::Duration;

use serde_json::json;

use crate::air::{Air, Shape, millis, now};
use crate::listener::{Listener, find};
use crate::rig::Backing;

/// Opus at 128 kbit/s keeps a voice's waveform this well; another voice, or music, is far below.
const SAME: f32 = 0.95;

async fn an_announcement_is_heard(backing: &Backing, shape: Shape) {
    let air = Air::start(backing, shape).await;
    let listener = Listener::tune_in(&air).await;
    let asked = now().as_millisecond();
    let text = "Mañana no habrá agua de ocho a dos en el barrio La Floresta.";
    let id = air.broadcast(json!({ "text": text })).await;
    let job = air.ended(&id).await;
    let heard = listener.heard(&air).await;

    assert_eq!(job["status"], "completed", "{job}");
    let outcome = &job["outcome"];
    assert_eq!((&outcome["kind"], &outcome["station"]), (&json!("aired"), &json!("main")), "{job}");
    assert_eq!(outcome["listeners"], 1, "{outcome}");
    assert!((asked..=now().as_millisecond()).contains(&millis(&outcome["at"])), "{outcome}");
    let (told, long) = (outcome["seconds"].as_f64().unwrap(), job["clip"]["seconds"].as_f64().unwrap());
    assert!((told - long).abs() < 0.05, "{told} s of {long} s");

    let url = format!("http://{}/jobs/{id}/audio", air.rig.base);
    let wav = air.rig.http.get(url).send().await.unwrap().bytes().await.unwrap();
    let clip = pregon_audio::decode(&wav, None, Duration::from_mins(1)).unwrap();
    assert_eq!(clip.rate, 48_000);
    let (at, alike) = find(&clip.samples, &heard);
    println!("{backing:?} {shape:?}: {told} s at {at} of {}: {alike}", heard.len());
    assert!(alike > SAME, "the likest part of what was heard is {alike} like the clip");
    assert_eq!(air.aired(1).await, [id]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_announcement_is_heard_embedded() {
    an_announcement_is_heard(&Backing::Embedded, Shape::Serve).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_announcement_is_heard_distributed() {
    let Some(backing) = Backing::distributed() else { return };
    an_announcement_is_heard(&backing, Shape::Roles).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn earlier_jobs_and_uploads_are_heard() {
    let air = Air::plain().await;
    let listener = Listener::tune_in(&air).await;
    let first = air.broadcast(json!({ "text": "Se ruega desalojar la plaza." })).await;
    air.ended(&first).await;
    let again = air.broadcast(json!({ "audio": first })).await;
    air.ended(&again).await;
    let upload = air.announce(700.0, 0.8, json!({ "mode": "interrupt" })).await;
    let job = air.ended(&upload).await;
    let heard = listener.heard(&air).await;
    assert_eq!(air.aired(3).await, [first.as_str(), &again, &upload]);

    let url = format!("http://{}/jobs/{first}/audio", air.rig.base);
    let wav = air.rig.http.get(url).send().await.unwrap().bytes().await.unwrap();
    let clip = pregon_audio::decode(&wav, None, Duration::from_mins(1)).unwrap();
    let (at, alike) = find(&clip.samples, &heard);
    assert!(alike > SAME, "{alike}");
    // Once more, elsewhere.
    let mut rest = heard.clone();
    rest[at..at + clip.samples.len()].fill(0.0);
    let (_, alike) = find(&clip.samples, &rest);
    assert!(alike > SAME, "the second time: {alike}");
    let seconds = job["outcome"]["seconds"].as_f64().unwrap();
    assert!((seconds - 0.8).abs() < 0.05, "{job}");
    let sent = pregon_audio::decode(&crate::air::tone(700.0, 0.7), None, Duration::from_mins(1)).unwrap();
    let (_, alike) = find(&sent.samples, &heard);
    assert!(alike > SAME, "the tone: {alike}");
}
