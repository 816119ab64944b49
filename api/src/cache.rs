//! `GET /speech/cache` and `DELETE /speech/cache`: what was spoken and is kept.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pregon_core::{CacheDown, CacheFigures, Purge, Purged, Speech};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{Admin, Parameters};
use crate::problem::{ApiError, Away, Problem};
use crate::request::{MAX_TEXT, language};
use crate::site::Site;
use crate::view::Time;

/// Every parameter of a purge.
const PARAMETERS: [&str; 5] = ["text", "language", "ssml", "client", "engine"];

/// Longest name of a client or engine, in characters.
const MAX_NAME: usize = 100;

/// The cache in figures. Counts are of all processes on the audio folder, since it was made, as of a minute ago.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CacheView {
    /// Bytes of clips and of what engines spoke: what `AUDIO_CACHE_MAX` bounds.
    #[schema(example = 734_003_200)]
    bytes: u64,
    /// Their files.
    #[schema(example = 5210)]
    files: u64,
    /// Most bytes of them; absent where there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 2_147_483_648_u64)]
    limit_bytes: Option<u64>,
    /// Bytes of what was sent in with `POST /audio`, which is never evicted.
    upload_bytes: u64,
    /// Clips that were there when a job asked for them.
    hits: u64,
    /// Clips that were not.
    misses: u64,
    /// Share of the hits, 0 to 1; absent before the first job.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.93)]
    hit_rate: Option<f64>,
    /// Pieces of speech that engines were asked for.
    spoken: u64,
    /// What made room for something newer.
    evicted: u64,
    /// Files that were found damaged; they were not played, but made anew.
    damaged: u64,
    /// When the folder was last gone through; absent before the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    swept_at: Option<Time>,
}

impl From<CacheFigures> for CacheView {
    fn from(figures: CacheFigures) -> Self {
        let CacheFigures { bytes, files, upload_bytes, limit, hits, misses, spoken, evicted, damaged, swept } =
            figures;
        Self {
            bytes,
            files,
            limit_bytes: limit,
            upload_bytes,
            hits,
            misses,
            hit_rate: share(hits, misses),
            spoken,
            evicted,
            damaged,
            swept_at: swept.map(Time),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of counts far below 2^52")]
fn share(hits: u64, misses: u64) -> Option<f64> {
    let all = hits.saturating_add(misses);
    (all > 0).then(|| (hits as f64 / all as f64 * 1_000.0).round() / 1_000.0)
}

/// Tells how the cache of spoken audio is doing.
#[utoipa::path(
    get, path = "/speech/cache", tag = "speech",
    responses(
        (status = 200, description = "The figures", body = CacheView),
        (status = 503, description = "The audio folder is away", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_cache(State(site): State<Arc<Site>>) -> Result<Json<CacheView>, ApiError> {
    Ok(Json(site.api.cache.figures().await.map_err(away)?.into()))
}

/// What left the cache.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PurgedView {
    /// Clips that will not be found again. Their files stay for 3 hours after they were used last: a call that was handed
    /// over may play them.
    #[schema(example = 2)]
    clips: u64,
    /// Pieces of speech as engines spoke them, which clips are made of; they are removed.
    #[schema(example = 1)]
    masters: u64,
}

/// Forgets what was spoken: all of it, one text, or what one engine spoke.
///
/// What is asked for after this is spoken anew. The voice, rate and engine of a text do not matter. For an admin.
#[utoipa::path(
    delete, path = "/speech/cache", tag = "speech",
    params(
        ("text" = Option<String>, Query, description = "Only this text, however it was spaced"),
        ("language" = Option<String>, Query, description = "Its language tag; `DEFAULT_LANGUAGE` when absent"),
        ("ssml" = Option<bool>, Query, description = "Whether the text is SSML"),
        ("client" = Option<String>, Query, description = "The client whose lexicon the text was read with"),
        ("engine" = Option<String>, Query, description = "Only what this engine spoke"),
    ),
    responses(
        (status = 200, description = "Forgotten", body = PurgedView),
        (status = 403, description = "Not for this key", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Parameters that cannot be taken", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "The audio folder is away", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_cache(
    State(site): State<Arc<Site>>,
    _: Admin,
    parameters: Parameters,
) -> Result<Json<PurgedView>, ApiError> {
    let what = read(parameters, &site.rules.language)?;
    let Purged { clips, masters } = site.api.cache.purge(&what).await.map_err(away)?;
    Ok(Json(PurgedView { clips, masters }))
}

fn read(mut parameters: Parameters, usual: &str) -> Result<Purge, ApiError> {
    let bounded = |most: usize| {
        move |text: &str| {
            let fits = text.chars().count() <= most;
            fits.then(|| text.to_owned()).ok_or_else(|| format!("may have {most} characters"))
        }
    };
    let text = parameters.parsed("text", bounded(MAX_TEXT));
    let tag = parameters.parsed("language", language);
    let ssml = parameters.parsed("ssml", str::parse::<bool>);
    let client = parameters.parsed("client", bounded(MAX_NAME));
    let engine = parameters.parsed("engine", bounded(MAX_NAME));
    if text.is_none() {
        for (name, given) in
            [("language", tag.is_some()), ("ssml", ssml.is_some()), ("client", client.is_some())]
        {
            if given {
                parameters.refuse(name, "says how a text is read: name the text, too");
            }
        }
    }
    parameters.finish(&PARAMETERS)?;
    let speech = text.map(|text| {
        let language = tag.unwrap_or_else(|| usual.to_owned());
        let speech =
            Speech { text, language, voice: None, engine: None, rate: None, ssml: ssml.unwrap_or(false) };
        (speech, client)
    });
    Ok(Purge { speech, engine })
}

fn away(CacheDown(why): CacheDown) -> ApiError {
    ApiError::Unavailable(Away::Store, why)
}
