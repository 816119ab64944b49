//! How the voice engines are doing: the trait between those who show it and whoever has the engines.

use std::time::Duration;

use async_trait::async_trait;

use crate::book::{Account, Month, Standing};

/// One engine of the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineLook {
    /// Its name.
    pub id: String,
    /// Whether it needs nothing but this machine.
    pub local: bool,
    /// How it stands with all workers, or, of a local one, in this process.
    pub standing: Standing,
    /// What is missing for it to work, with the remedy.
    pub missing: Option<String>,
    /// Voices it knows by name.
    pub voices: usize,
    /// Requests that all workers together may make in a time.
    pub rate: Option<(u32, Duration)>,
    /// What a million characters cost, in the operator's currency.
    pub price: f64,
    /// Characters that the client may have spoken by it in a month; `None` sets no limit.
    pub budget: Option<u64>,
    /// What the client has had spoken of that.
    pub used: u64,
}

/// All engines, in the order of the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Lineup {
    /// The month that is counted.
    pub month: Month,
    /// The engines.
    pub engines: Vec<EngineLook>,
    /// What has been spoken this month, of all clients.
    pub accounts: Vec<Account>,
}

/// Whoever has engines.
#[async_trait]
pub trait EngineRoom: Send + Sync + 'static {
    /// How they are doing, with the budgets of `client`. Answers within two seconds: where the book of all workers cannot
    /// be reached, by what this process knows itself.
    async fn lineup(&self, client: Option<&str>) -> Lineup;
}
