//! Lexicons come in, are shown and go; each client has its own.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use axum::http::Method;
use pregon_core::{LexiconTrouble, Lexicons, Lines};
use serde_json::{Value, json};

use crate::world::{Reply, World};

/// Keeps lexicons in memory. The language `en` cannot be reached.
#[derive(Default)]
pub(crate) struct Notebook(Mutex<BTreeMap<(Option<String>, String), Lines>>);

#[async_trait]
impl Lexicons for Notebook {
    async fn languages(&self, client: Option<&str>) -> Result<Vec<String>, LexiconTrouble> {
        let pages = self.0.lock().unwrap();
        Ok(pages.keys().filter(|(owner, _)| owner.as_deref() == client).map(|(_, l)| l.clone()).collect())
    }

    async fn get(&self, client: Option<&str>, language: &str) -> Result<Option<Lines>, LexiconTrouble> {
        Ok(self.0.lock().unwrap().get(&(client.map(str::to_owned), language.to_owned())).cloned())
    }

    async fn put(&self, client: Option<&str>, language: &str, lines: Lines) -> Result<(), LexiconTrouble> {
        match language {
            "en" => return Err(LexiconTrouble::Unavailable("no space left in /secret".to_owned())),
            "en-GB" => return Err(LexiconTrouble::Full(40)),
            _ => {}
        }
        self.0.lock().unwrap().insert((client.map(str::to_owned), language.to_owned()), lines);
        Ok(())
    }

    async fn delete(&self, client: Option<&str>, language: &str) -> Result<bool, LexiconTrouble> {
        Ok(self.0.lock().unwrap().remove(&(client.map(str::to_owned), language.to_owned())).is_some())
    }
}

const PLS: &str = r#"<?xml version="1.0"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="es">
  <lexeme><grapheme>IPS</grapheme><alias>i pe ese</alias></lexeme>
  <lexeme><grapheme>Xalapa</grapheme><phoneme>xaˈlapa</phoneme></lexeme>
</lexicon>"#;

async fn put(world: &World, path: &str, body: &str) -> Reply {
    // As `curl --data-binary` declares what it sends.
    let declared = [("content-type", "application/x-www-form-urlencoded")];
    world.ask(Method::PUT, path, &declared, body.to_owned()).await
}

#[tokio::test]
async fn a_lexicon_comes_in_is_shown_and_goes() {
    let world = World::new().await;
    assert_eq!(world.get("/lexicons").await.json(), json!({"lexicons": []}));
    let kept = put(&world, "/lexicons/es-CO", PLS).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    let kept = kept.json();
    assert_eq!((&kept["used"], &kept["not_used"]), (&json!(1), &json!(1)));
    assert_eq!(kept["unused"][0]["written"], "Xalapa");
    assert!(kept["unused"][0]["why"].as_str().unwrap().contains("give it an alias"));
    let shown = world.get("/lexicons/es-CO").await.json();
    let digest = &kept["digest"];
    assert_eq!(
        shown,
        json!({"language": "es-CO", "used": 1, "digest": digest, "entries": {"IPS": "i pe ese"}})
    );
    let listed = json!([{"language": "es-CO", "used": 1, "digest": digest}]);
    assert_eq!(world.get("/lexicons").await.json()["lexicons"], listed);

    let replaced =
        put(&world, "/lexicons/es-CO", r#" {"entries": {"IPS": "i pe ese", "EPS": "e pe ese"}}"#).await;
    assert_eq!(replaced.json()["used"], 2);
    assert_ne!(&replaced.json()["digest"], digest);
    assert_eq!(world.ask(Method::DELETE, "/lexicons/es-CO", &[], "").await.status, 204);
    world.ask(Method::DELETE, "/lexicons/es-CO", &[], "").await.problem(404);
    world.get("/lexicons/es-CO").await.problem(404);
    world.get("/lexicons/..%2f..%2fetc").await.problem(404);
}

#[tokio::test]
async fn what_is_no_lexicon_is_refused_with_a_reason() {
    let world = World::new().await;
    let many: Value =
        (0..5_001).map(|n| (format!("w{n}"), json!("x"))).collect::<serde_json::Map<_, _>>().into();
    for (language, body, field, why) in [
        (
            "es",
            "<lexicon><word/></lexicon>",
            "body",
            "line 1, column 10: <word> does not belong into <lexicon>",
        ),
        ("es", "<lexicon>", "body", "line 1, column 1: the text ends"),
        ("es", "<!DOCTYPE lexicon []><lexicon/>", "body", "a DOCTYPE is refused"),
        ("es", "<lexicon/>", "body", "has no entry with an effect"),
        ("en-US", PLS, "language", "whose xml:lang is es"),
        ("es", r#"{"entries": {"a": ""}}"#, "body", "has no entry with an effect: a what is spoken is empty"),
        ("es", r#"{"entries": {"a": 5}}"#, "entries", "may have texts in quotes only, not a number"),
        ("es", r#"{"entries": ["a"]}"#, "entries", "must be an object in braces, not a list"),
        ("es", r#"{"IPS": "i pe ese"}"#, "entries", "is required"),
        ("es", r#"{"entries": {"a": "b"}, "colour": 1}"#, "colour", "is not a known field"),
        ("es", "[]", "body", "must be an object"),
        ("tlh", PLS, "language", "is not spoken by any configured engine"),
        ("e", PLS, "language", "must be a language tag"),
        ("es_CO", PLS, "language", "must be a language tag"),
        ("en-GB", r#"{"entries": {"a": "b"}}"#, "language", "delete one first"),
    ] {
        let reply = put(&world, &format!("/lexicons/{language}"), body).await;
        assert_eq!(reply.problem(422).first().map(String::as_str), Some(field), "{body}");
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(why), "{body}: {detail}");
    }
    assert_eq!(put(&world, "/lexicons/es", "{").await.problem(400), ["body"]);
    assert_eq!(put(&world, "/lexicons/es", &"x".repeat(1 << 21)).await.problem(413), ["body"]);
    let reply = put(&world, "/lexicons/en", r#"{"entries": {"a": "b"}}"#).await;
    reply.problem(503);
    assert!(!reply.text().contains("secret"), "{}", reply.text());
    assert_eq!(world.get("/lexicons").await.json(), json!({"lexicons": []}));
    let kept = put(&world, "/lexicons/es", &json!({"entries": many}).to_string()).await.json();
    assert_eq!((&kept["used"], &kept["not_used"]), (&json!(5_000), &json!(1)));
}

#[tokio::test]
async fn each_client_has_its_own_and_a_viewer_changes_nothing() {
    let world = World::with_keys().await;
    let key = |name: &str| format!("secret-{name}");
    let body = r#"{"entries": {"IPS": "i pe ese"}}"#;
    let ask = async |method: Method, name: &str| {
        world.ask(method, "/lexicons/es", &[("x-api-key", &key(name))], body).await
    };
    assert_eq!(ask(Method::PUT, "crm").await.status, 200);
    assert_eq!(ask(Method::GET, "crm").await.status, 200);
    for other in ["shop", "ana"] {
        ask(Method::GET, other).await.problem(404);
        ask(Method::DELETE, other).await.problem(404);
    }
    ask(Method::PUT, "wall").await.problem(403);
    ask(Method::DELETE, "wall").await.problem(403);
    ask(Method::GET, "wall").await.problem(404);
    world.ask(Method::GET, "/lexicons", &[], "").await.problem(401);
    assert_eq!(ask(Method::GET, "crm").await.status, 200);
}
