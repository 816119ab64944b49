use axum::http::Method;
use serde_json::json;

use crate::world::World;

const PATH: &str = "/vendors/jambonz";

#[tokio::test]
async fn jambonz_gets_a_file_for_a_text_or_for_ssml() {
    let world = World::with_keys().await;
    for (kind, text) in [("text", "Su cita\nes mañana"), ("ssml", "<speak>Su cita es mañana</speak>")] {
        let asked = json!({"language": "es-CO", "voice": "espeak:es-419", "type": kind, "text": text});
        let bearer = [("authorization", "Bearer secret-crm")];
        let reply = world.ask(Method::POST, PATH, &bearer, asked.to_string()).await;
        assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "audio/wav"), "{kind}");
        assert_eq!((reply.text().as_str(), reply.header("content-length")), ("0123456789", "10"));
        world.ask(Method::POST, PATH, &[], asked.to_string()).await.problem(401);
    }
    world.assert_nothing_enqueued().await;
}

#[tokio::test]
async fn what_jambonz_should_not_send_is_named() {
    let world = World::new().await;
    for (asked, fields) in [
        (json!({}), vec!["text"]),
        (json!({"text": "\n"}), vec!["text"]),
        (json!({"text": "hola", "type": "html", "voice": "nadie"}), vec!["type", "voice"]),
        (json!({"text": "hola", "language": "tlh"}), vec!["language"]),
    ] {
        assert_eq!(world.post(PATH, &asked).await.problem(422), fields, "{asked}");
    }
    assert_eq!(world.post(PATH, &json!({"text": "hola", "some_day": "more"})).await.status, 200);
    world.post(PATH, &json!({"text": "hm"})).await.problem(503);
}
