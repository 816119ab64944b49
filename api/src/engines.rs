//! `GET /engines`.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use pregon_core::book::Health;
use pregon_core::{Caller, EngineLook, Lineup};
use serde::Serialize;
use utoipa::ToSchema;

use crate::site::Site;
use crate::view::Time;

/// Whether an engine is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EngineState {
    /// It is.
    Ready,
    /// It has failed and is left alone for a while.
    Resting,
    /// Its rest is over and the next answer decides.
    Probing,
    /// Something is missing for it to work.
    Missing,
}

/// How often an engine may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct RateView {
    /// So many requests, of all workers together,
    #[schema(example = 1)]
    requests: u32,
    /// in so many seconds.
    #[schema(example = 1.0)]
    per_seconds: f64,
}

/// What an engine has spoken for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct BudgetView {
    /// Characters per month; absent without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    /// Characters spoken this month.
    used: u64,
}

/// An engine.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct EngineStatus {
    /// Its name.
    #[schema(example = "google")]
    engine: String,
    /// Whether it is asked.
    state: EngineState,
    /// Since when; absent where it was never otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Time>,
    /// How much longer it is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    rest_seconds: Option<u64>,
    /// What went wrong last, or what is missing; absent when it works.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// When that went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_at: Option<Time>,
    /// Whether it needs nothing but this machine. Such a one speaks when no other does.
    local: bool,
    /// How many voices it knows by name; `GET /voices` lists them.
    voices: usize,
    /// How often it may be asked; absent without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<RateView>,
    /// What a million characters cost, in the currency of the operator.
    price_per_million: f64,
    /// What it has spoken for the caller this month.
    budget: BudgetView,
}

impl From<EngineLook> for EngineStatus {
    fn from(look: EngineLook) -> Self {
        let (state, rest) = match look.standing.health {
            _ if look.missing.is_some() => (EngineState::Missing, None),
            Health::Ready => (EngineState::Ready, None),
            Health::Resting(wait) => (EngineState::Resting, Some(wait.as_secs().max(1))),
            Health::Probing => (EngineState::Probing, None),
        };
        let (error_at, trouble) = look.standing.trouble.unzip();
        Self {
            engine: look.id,
            state,
            since: look.standing.since.map(Time),
            rest_seconds: rest,
            error_at: error_at.filter(|_| look.missing.is_none()).map(Time),
            error: look.missing.or(trouble),
            local: look.local,
            voices: look.voices,
            rate: look.rate.map(|(requests, per)| RateView { requests, per_seconds: per.as_secs_f64() }),
            price_per_million: look.price,
            budget: BudgetView { limit: look.budget, used: look.used },
        }
    }
}

/// The engines, and the month that is counted.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct EngineList {
    /// In UTC.
    #[schema(example = "2026-11")]
    month: String,
    /// In the order in which they are asked.
    engines: Vec<EngineStatus>,
}

/// Shows how the voice engines are doing, and what the caller has had spoken this month.
#[utoipa::path(
    get, path = "/engines", tag = "operation",
    responses((status = 200, description = "The engines", body = EngineList))
)]
pub(crate) async fn list_engines(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
) -> Json<EngineList> {
    let client = site.client(&caller);
    let Lineup { month, engines, .. } = site.api.engines.lineup(client.as_deref()).await;
    Json(EngineList { month: month.to_string(), engines: engines.into_iter().map(Into::into).collect() })
}
