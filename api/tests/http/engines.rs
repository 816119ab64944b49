use std::time::Duration;

use async_trait::async_trait;
use axum::http::Method;
use pregon_core::book::{Account, Health, Month, Standing};
use pregon_core::{EngineLook, EngineRoom, Lineup, Timestamp};
use serde_json::{Value, json};

use crate::world::World;

/// Three engines: one rests, one is well, of one the program is missing.
pub(crate) struct Choir;

fn standing(health: Health) -> Standing {
    Standing { health, since: None, trouble: None }
}

fn engine(id: &str, standing: Standing) -> EngineLook {
    EngineLook {
        id: id.into(),
        local: false,
        standing,
        missing: None,
        voices: 3,
        rate: None,
        price: 0.0,
        budget: None,
        used: 0,
    }
}

fn account(engine: &str, client: &str, characters: u64) -> Account {
    Account { engine: engine.into(), client: client.into(), characters }
}

#[async_trait]
impl EngineRoom for Choir {
    async fn lineup(&self, client: Option<&str>) -> Lineup {
        let at = Timestamp::from_millis(1_795_000_000_000);
        let ill = Standing {
            health: Health::Resting(Duration::from_millis(90_500)),
            since: Some(at),
            trouble: Some((at + Duration::from_secs(5), "answered 503".into())),
        };
        let accounts =
            vec![account("openai", "crm", 400), account("openai", "shop", 2), account("gone", "", 1)];
        let used = accounts.iter().find(|a| a.client == client.unwrap_or_default() && a.engine == "openai");
        let openai = EngineLook {
            rate: Some((600, Duration::from_mins(1))),
            price: 15.0,
            budget: Some(500),
            used: used.map_or(0, |account| account.characters),
            ..engine("openai", ill)
        };
        let espeak = EngineLook {
            local: true,
            missing: Some("espeak-ng is not installed".into()),
            ..engine("espeak", standing(Health::Ready))
        };
        let engines = vec![openai, engine("google", standing(Health::Probing)), espeak];
        Lineup { month: Month::of(1_795_000_000_000_000), engines, accounts }
    }
}

async fn engines(world: &World, key: &str) -> Value {
    let headers = [("x-api-key", key)];
    world.ask(Method::GET, "/engines", &headers, "").await.json()
}

#[tokio::test]
async fn each_engine_says_how_it_is_and_what_the_caller_had_of_it() {
    let world = World::with_keys().await;
    let list = engines(&world, "secret-crm").await;
    assert_eq!(list["month"], "2026-11");
    let ill = json!({
        "engine": "openai", "state": "resting", "since": "2026-11-18T11:06:40.000Z", "rest_seconds": 90,
        "error": "answered 503", "error_at": "2026-11-18T11:06:45.000Z", "local": false, "voices": 3,
        "rate": {"requests": 600, "per_seconds": 60.0}, "price_per_million": 15.0,
        "budget": {"limit": 500, "used": 400},
    });
    assert_eq!(list["engines"][0], ill);
    let well = json!({
        "engine": "google", "state": "probing", "local": false, "voices": 3, "price_per_million": 0.0,
        "budget": {"used": 0},
    });
    assert_eq!(list["engines"][1], well);
    let missing = &list["engines"][2];
    assert_eq!(
        (&missing["state"], &missing["error"], &missing["local"]),
        (&json!("missing"), &json!("espeak-ng is not installed"), &json!(true))
    );
    assert_eq!(engines(&world, "secret-shop").await["engines"][0]["budget"]["used"], 2);
}

#[tokio::test]
async fn without_keys_the_operator_is_the_client() {
    let list = World::new().await.get("/engines").await.json();
    assert_eq!(list["engines"][0]["budget"], json!({"limit": 500, "used": 0}));
}

#[tokio::test]
async fn metrics_show_engines_and_what_they_spoke_for_everybody() {
    let text = World::new().await.get("/metrics").await.text();
    for line in [
        "tts_engine_ready{engine=\"openai\"} 0",
        "tts_engine_ready{engine=\"google\"} 0",
        "tts_engine_ready{engine=\"espeak\"} 0",
        "tts_engine_characters{engine=\"openai\"} 402",
        "tts_engine_characters{engine=\"google\"} 0",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    assert!(!text.contains("crm"), "no names of clients");
}
