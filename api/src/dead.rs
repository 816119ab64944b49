//! `GET /queue/dead`, `POST /queue/dead/replay`: messages that are no jobs.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use pregon_core::{Caller, DeadLetter, QueueError, Role};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Admin;
use crate::problem::{ApiError, Away};
use crate::site::Site;

/// Most messages shown.
const SHOWN: usize = 100;

/// A message that was set aside.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadView {
    /// The queue it was found in.
    queue: String,
    /// Why it is no job.
    reason: String,
    /// The beginning of it.
    excerpt: String,
}

impl From<DeadLetter> for DeadView {
    fn from(DeadLetter { queue, reason, excerpt }: DeadLetter) -> Self {
        Self { queue, reason, excerpt }
    }
}

/// The messages that were set aside.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadList {
    /// The first hundred.
    messages: Vec<DeadView>,
}

/// How many messages were put back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replayed {
    /// The number of messages.
    replayed: u64,
}

fn away(error: &QueueError) -> ApiError {
    ApiError::Unavailable(Away::Queue, error.to_string())
}

/// Shows messages that were set aside, because they are no jobs. Not for client keys: anybody's texts may be in them.
#[utoipa::path(
    get, path = "/queue/dead", tag = "operation",
    responses((status = 200, description = "The first hundred", body = DeadList))
)]
pub(crate) async fn list_dead(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<DeadList>, ApiError> {
    if caller.role == Role::Client {
        return Err(ApiError::Forbidden("this needs an admin or viewer key"));
    }
    let letters = site.api.desk.queue().dead(SHOWN).await.map_err(|e| away(&e))?;
    Ok(Json(DeadList { messages: letters.into_iter().map(Into::into).collect() }))
}

/// Puts the messages that were set aside back where they came from. Needs an admin key.
#[utoipa::path(
    post, path = "/queue/dead/replay", tag = "operation",
    responses((status = 200, description = "They are back", body = Replayed))
)]
pub(crate) async fn replay_dead(State(site): State<Arc<Site>>, _: Admin) -> Result<Json<Replayed>, ApiError> {
    let replayed = site.api.desk.queue().replay_dead().await.map_err(|e| away(&e))?;
    tracing::info!(replayed, "messages that were set aside are back in their queues");
    Ok(Json(Replayed { replayed }))
}
