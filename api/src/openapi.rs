//! What the OpenAPI document says about all calls alike.

use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Content, OpenApi, RefOr, Response, ResponseBuilder};

use crate::openai;
use crate::problem::{PROBLEM_JSON, Problem};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Pregon",
        description = "Telephones people and says a text to them, or says it on the air of a station. Errors are problem documents (RFC 9457) that name \
            every field that cannot be taken. Where API keys are set, all calls but /health need one; a client key \
            sees its own jobs only, a viewer key changes nothing. What is under /v1 takes and answers what OpenAI's API \
            does, errors included."
    ),
    tags(
        (name = "calls", description = "Making calls"),
        (name = "air", description = "Announcing on the air"),
        (name = "speech", description = "Hearing it before it is sent"),
        (name = "openai", description = "Speech for programs that speak OpenAI's API"),
        (name = "jobs", description = "What became of them"),
        (name = "operation", description = "Queues, workers and numbers"),
        (name = "health", description = "For machines that watch over this one"),
        (name = "documentation", description = "This document")
    ),
    components(schemas(Problem))
)]
struct Common;

/// The document before any call is added.
pub(crate) fn blank() -> OpenApi {
    Common::openapi()
}

/// Adds to every call what goes for all: the keys it takes and the errors it may end in.
pub(crate) fn complete(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let header = ApiKey::Header(ApiKeyValue::new("X-API-Key"));
    components.add_security_scheme("key", SecurityScheme::ApiKey(header));
    let none: [&str; 0] = [];
    document.security =
        Some(vec![SecurityRequirement::new("bearer", none), SecurityRequirement::new("key", none)]);
    for (path, item) in &mut document.paths.paths {
        // Those of OpenAI's tell their errors in their own way.
        if path.starts_with("/health") || openai::owns(path) {
            continue;
        }
        for (operation, changes) in operations(item) {
            add(operation, "401", "No key, or not a valid one");
            if changes {
                add(operation, "403", "The key does not allow it");
            }
            add(operation, "429", "More requests per second than the key may make");
            add(operation, "500", "A fault of the API; its log has the cause");
            add(operation, "503", "Store or queue do not answer; try again after `Retry-After`");
        }
    }
    document
}

/// The operations of a path, and whether each changes something.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
    let reads = item.get.as_mut().map(|operation| (operation, false));
    let changes = [item.post.as_mut(), item.put.as_mut(), item.delete.as_mut()];
    let changes = changes.into_iter().flatten().map(|operation| (operation, true));
    reads.into_iter().chain(changes)
}

fn add(operation: &mut Operation, status: &str, description: &str) {
    operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(description)));
}

fn problem(description: &str) -> Response {
    let schema = utoipa::openapi::Ref::from_schema_name("Problem");
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, Content::new(Some(schema))).build()
}
