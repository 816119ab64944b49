//! How the engines are doing, for those who show it.

use async_trait::async_trait;
use pregon_core::book::Account;
use pregon_core::{EngineLook, EngineRoom, Lineup};

use crate::engine::Synthesizer;
use crate::studio::Studio;

#[async_trait]
impl EngineRoom for Studio {
    async fn lineup(&self, client: Option<&str>) -> Lineup {
        let (rules, client) = (self.rules(), client.unwrap_or_default());
        let ids: Vec<String> = self.engines().map(|engine| engine.id().to_owned()).collect();
        let (standings, month, accounts) = rules.ledger.look(&ids).await;
        let look = |(engine, shared)| {
            let engine: &dyn Synthesizer = engine;
            let (id, limits) = (engine.id(), engine.limits());
            let own = |account: &&Account| account.engine == id && account.client == client;
            EngineLook {
                id: id.to_owned(),
                local: engine.local(),
                standing: if engine.local() { rules.ledger.standing(id) } else { shared },
                missing: engine.trouble(),
                voices: engine.info().voices.len(),
                rate: limits.rate.map(|rate| (rate.requests, rate.per)),
                price: limits.price,
                budget: rules.budgets.of(client, id),
                used: accounts.iter().find(own).map_or(0, |account| account.characters),
            }
        };
        let engines = self.engines().zip(standings).map(look).collect();
        Lineup { month, engines, accounts }
    }
}
