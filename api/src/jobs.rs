//! Jobs: one, many, and once more.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use pregon_core::{Caller, Filter, JobId, Role, StateName, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{JobPath, Parameters};
use crate::job_view::{JobLine, JobView};
use crate::problem::{ApiError, Problem};
use crate::request::priority;
use crate::site::Site;

/// Jobs of a page, when the request names no number; and at most.
const PAGE: (usize, usize) = (50, 500);
/// Longest search text, in characters.
const MAX_SEARCH: usize = 200;
const PARAMETERS: [&str; 7] = ["status", "priority", "kind", "q", "since", "limit", "cursor"];

/// Tells everything about a job.
#[utoipa::path(
    get, path = "/tts/status/{job_id}", tag = "jobs",
    params(("job_id" = String, Path, description = "The job")),
    responses(
        (status = 200, description = "The job", body = JobView),
        (status = 404, description = "No such job, or not yours", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_status(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    JobPath(id): JobPath,
) -> Result<Json<JobView>, ApiError> {
    let job = site.job(&caller, id).await?;
    Ok(Json(JobView::of(&job, site.live(&job))))
}

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobPage {
    /// The jobs, newest first.
    jobs: Vec<JobLine>,
    /// The `cursor` of the next page; absent at the end. A search may give a short page and still have a next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    next_cursor: Option<JobId>,
}

/// Lists jobs, newest first.
#[utoipa::path(
    get, path = "/jobs", tag = "jobs",
    params(
        ("status" = Option<crate::view::Status>, Query, description = "Only in this state"),
        ("priority" = Option<crate::view::Priority>, Query, description = "Only of this priority"),
        ("kind" = Option<crate::view::Kind>, Query, description = "Only of this kind"),
        ("q" = Option<String>, Query, description = "Only with this in the text, the number or the id"),
        ("since" = Option<crate::view::Time>, Query, description = "Only accepted at or after this time"),
        ("limit" = Option<u16>, Query, description = "Jobs per page, 1 to 500; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "The jobs", body = JobPage),
        (status = 422, description = "Parameters that cannot be taken", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_jobs(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    parameters: Parameters,
) -> Result<Json<JobPage>, ApiError> {
    let mut filter = filter(parameters)?;
    filter.client = (caller.role == Role::Client).then_some(caller.name);
    let page = site.store().list(&filter).await?;
    Ok(Json(JobPage { jobs: page.jobs.iter().map(Into::into).collect(), next_cursor: page.next }))
}

fn filter(mut parameters: Parameters) -> Result<Filter, ApiError> {
    let (page, most) = PAGE;
    let filter = Filter {
        state: parameters.parsed("status", |word| {
            let all = || StateName::ALL.map(StateName::as_str).join(", ");
            StateName::parse(word).ok_or_else(|| format!("must be one of {}", all()))
        }),
        lane: parameters.parsed("priority", priority),
        client: None,
        air: parameters.parsed("kind", |word| match word {
            "call" => Ok(false),
            "air" => Ok(true),
            _ => Err("must be call or air"),
        }),
        query: parameters.parsed("q", |text| {
            let short = text.chars().count() <= MAX_SEARCH;
            short.then(|| text.to_owned()).ok_or(format!("may have {MAX_SEARCH} characters"))
        }),
        // In an address, a plus sign that is not escaped arrives as a space.
        since: parameters.parsed("since", |text| text.replace(' ', "+").parse::<Timestamp>()),
        before: parameters.parsed("cursor", str::parse::<JobId>),
        limit: parameters
            .parsed("limit", |text| {
                let number = text.parse().ok().filter(|n| (1..=most).contains(n));
                number.ok_or(format!("must be a whole number from 1 to {most}"))
            })
            .unwrap_or(page),
    };
    parameters.finish(&PARAMETERS)?;
    Ok(filter)
}
