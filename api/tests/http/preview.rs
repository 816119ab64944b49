use axum::body::Body;
use axum::http::Method;
use serde_json::json;

use crate::world::World;

const PATH: &str = "/speech/preview";

#[tokio::test]
async fn a_text_is_heard_before_it_is_sent() {
    let world = World::new().await;
    let asked = json!({"text": "Sesiona a las 18:30", "voice": "es-419"});
    let reply = world.post(PATH, &asked).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let heard = reply.json();
    assert_eq!(heard["normalised_text"], "Sesiona a las seis y media");
    assert_eq!(
        heard["segments"],
        json!([{"text": "Sesiona a las seis y media", "language": "es"}, {"pause_ms": 250}])
    );
    assert_eq!((&heard["engine"], &heard["voice"]), (&json!("espeak"), &json!("es-419")));
    assert_eq!(
        (&heard["seconds"], &heard["cost"]),
        (&json!(3.5), &json!({"characters": 26, "amount": 0.00039, "cached": false}))
    );
    let url = heard["audio_url"].as_str().unwrap();
    let file = world.get(url).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "audio/wav"));
    assert_eq!((file.text().as_str(), file.header("accept-ranges")), ("0123456789", "bytes"));
    let part = world.ask(Method::GET, url, &[("range", "bytes=2-4")], Body::empty()).await;
    assert_eq!((part.status.as_u16(), part.text().as_str()), (206, "234"));
    assert_eq!(part.header("content-range"), "bytes 2-4/10");
    let outside = world.ask(Method::GET, url, &[("range", "bytes=10-")], Body::empty()).await;
    assert_eq!(outside.problem(416), ["Range"]);
    let again = world.post(PATH, &asked).await.json();
    assert_eq!(
        (&again["cost"], &again["audio_url"]),
        (&json!({"characters": 0, "amount": 0.0, "cached": true}), &json!(url))
    );
    let air = world.post(PATH, &json!({"text": "Sesiona a las 18:30", "for": "air"})).await.json();
    assert_ne!(air["audio_url"], json!(url), "the radio has a sound of its own");
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn a_preview_without_audio_costs_no_synthesis() {
    let world = World::new().await;
    let mute = json!({"text": "Sesiona a las 18:30", "audio": false});
    let read = world.post(PATH, &mute).await.json();
    assert_eq!(read["normalised_text"], "Sesiona a las seis y media");
    assert_eq!(read["cost"], json!({"characters": 26, "amount": 0.00039, "cached": false}));
    assert!(read.get("seconds").is_none() && read.get("audio_url").is_none(), "{read}");
    assert!(!world.folder.path().join("audio").exists(), "nothing was spoken");
    world.post(PATH, &json!({"text": "Sesiona a las 18:30"})).await;
    let there = world.post(PATH, &mute).await.json();
    assert_eq!((&there["seconds"], &there["cost"]["characters"]), (&json!(3.5), &json!(0)));
}

#[tokio::test]
async fn what_cannot_be_previewed_names_its_field() {
    let world = World::new().await;
    for (asked, fields) in [
        (json!({}), vec!["text"]),
        (json!({"text": " "}), vec!["text"]),
        (json!({"text": "uno\ndos"}), vec!["text"]),
        (json!({"text": "a".repeat(5_001)}), vec!["text"]),
        (json!({"text": "hola", "language": "tlh"}), vec!["language"]),
        (json!({"text": "hola", "engine": "azure", "voice": "nadie"}), vec!["engine", "voice"]),
        (json!({"text": "hola", "audio": "yes", "ssml": 1, "for": "tv"}), vec!["ssml", "audio", "for"]),
        (json!({"text": "hola", "phone_number": "300"}), vec!["phone_number"]),
        (json!({"text": "QUÉ"}), vec!["text"]),
    ] {
        assert_eq!(world.post(PATH, &asked).await.problem(422), fields, "{asked}");
    }
    let hoarse = world.post(PATH, &json!({"text": "hm"})).await;
    hoarse.problem(503);
    assert_eq!(hoarse.header("retry-after"), "42");
    assert!(hoarse.json()["detail"].as_str().unwrap().contains("espeak is hoarse"));
}

#[tokio::test]
async fn only_previews_are_handed_out_and_only_to_those_with_a_key() {
    let world = World::with_keys().await;
    let crm = [("authorization", "Bearer secret-crm")];
    for path in
        ["/speech/previews/0123456789", "/speech/previews/..%2f..%2fpregon.db", "/speech/previews/%00"]
    {
        world.ask(Method::GET, path, &crm, Body::empty()).await.problem(404);
    }
    let asked = json!({"text": "hola"}).to_string();
    world.ask(Method::POST, PATH, &[], asked.clone()).await.problem(401);
    world.ask(Method::POST, PATH, &[("x-api-key", "secret-wall")], asked.clone()).await.problem(403);
    let heard = world.ask(Method::POST, PATH, &crm, asked).await.json();
    let url = heard["audio_url"].as_str().unwrap();
    world.ask(Method::GET, url, &[], Body::empty()).await.problem(401);
    assert_eq!(world.ask(Method::GET, url, &crm, Body::empty()).await.status, 200);
}
