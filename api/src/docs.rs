//! `GET /openapi.json`, `GET /docs`: the documentation, rendered once and served from memory. Nothing is loaded from
//! elsewhere, and the page needs no script.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::problem::ApiError;
use crate::site::Site;

const STYLE: &str = include_str!("../static/docs.css");
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const METHODS: [&str; 4] = ["get", "post", "put", "delete"];

/// The rendered documentation.
pub(crate) struct Docs {
    json: Bytes,
    html: Result<Bytes, String>,
}

impl Docs {
    /// Renders `document`.
    pub(crate) fn of(document: &OpenApi) -> Self {
        let value = serde_json::to_value(document).unwrap_or_default();
        let html = Page::of(&value).render().map(Bytes::from).map_err(|e| e.to_string());
        Self { json: value.to_string().into(), html }
    }
}

#[derive(Template)]
#[template(path = "docs.html")]
struct Page {
    title: String,
    version: String,
    description: String,
    tags: Vec<Tag>,
    schemas: Vec<Schema>,
}

struct Tag {
    description: String,
    calls: Vec<Call>,
}

struct Call {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    parameters: Vec<Row>,
    body: Option<Kind>,
    example: String,
    responses: Vec<Row>,
}

struct Schema {
    name: String,
    description: String,
    rows: Vec<Row>,
}

/// A parameter, a property or a response.
struct Row {
    name: String,
    place: String,
    required: bool,
    kind: Kind,
    text: String,
}

/// A type in words, and the schema to read on at.
struct Kind {
    words: String,
    schema: Option<String>,
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn items<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

fn members<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
}

impl Page {
    fn of(document: &Value) -> Self {
        let calls = |tag: &str| {
            members(document, "/paths")
                .flat_map(|(path, item)| METHODS.iter().map(move |method| (path, *method, &item[*method])))
                .filter(|(_, _, operation)| items(operation, "/tags").any(|t| t == tag))
                .map(|(path, method, operation)| Call::of(path, method, operation, document))
                .collect()
        };
        Self {
            title: text(document, "/info/title"),
            version: text(document, "/info/version"),
            description: text(document, "/info/description"),
            tags: items(document, "/tags")
                .map(|tag| Tag { description: text(tag, "/description"), calls: calls(&text(tag, "/name")) })
                .collect(),
            schemas: members(document, "/components/schemas").map(|(name, s)| Schema::of(name, s)).collect(),
        }
    }
}

impl Call {
    fn of(path: &str, method: &str, operation: &Value, document: &Value) -> Self {
        let body = operation.pointer("/requestBody/content/application~1json/schema").map(Kind::of);
        let schema = body.as_ref().and_then(|kind| kind.schema.as_deref()).unwrap_or_default();
        let example =
            document.pointer(&format!("/components/schemas/{schema}")).map(example).unwrap_or_default();
        Self {
            id: text(operation, "/operationId"),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(operation, "/summary"),
            description: text(operation, "/description"),
            parameters: items(operation, "/parameters").map(Row::parameter).collect(),
            example: curl(path, method, body.is_some().then_some(&example)),
            body,
            responses: members(operation, "/responses").map(|(status, r)| Row::response(status, r)).collect(),
        }
    }
}

/// What to type into a terminal.
fn curl(path: &str, method: &str, body: Option<&Value>) -> String {
    let verb = if method == "get" { String::new() } else { format!(" -X {}", method.to_uppercase()) };
    let body = body.map_or_else(String::new, |body| {
        // Within single quotes a shell takes all but the single quote literally.
        let quoted = body.to_string().replace('\'', r"'\''");
        format!(" \\\n  -H 'Content-Type: application/json' \\\n  -d '{quoted}'")
    });
    format!("curl{verb} 'http://127.0.0.1:5000{path}'{body}")
}

/// An object as an example: the schema's own, or made of those of its properties.
fn example(schema: &Value) -> Value {
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    members(schema, "/properties")
        .filter_map(|(name, property)| Some((name.clone(), property.get("example")?.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

impl Schema {
    fn of(name: &str, schema: &Value) -> Self {
        // A schema may be put together of several.
        let parts = || std::iter::once(schema).chain(items(schema, "/allOf")).chain(items(schema, "/oneOf"));
        let inherited = items(schema, "/allOf").filter(|part| part.get("$ref").is_some()).map(|part| Row {
            name: "…".to_owned(),
            place: String::new(),
            required: true,
            kind: Kind::of(part),
            text: "all of its fields".to_owned(),
        });
        // One of several other schemas.
        let choices = items(schema, "/oneOf")
            .filter(|part| part.get("$ref").is_some() || part.get("items").is_some())
            .map(|part| Row {
                name: "or".to_owned(),
                place: String::new(),
                required: false,
                kind: Kind::of(part),
                text: text(part, "/description"),
            });
        let words = parts().flat_map(|part| items(part, "/enum")).map(|word| Row {
            name: word.as_str().unwrap_or_default().to_owned(),
            place: String::new(),
            required: false,
            kind: Kind { words: "word".to_owned(), schema: None },
            text: String::new(),
        });
        let own = parts().flat_map(|part| {
            members(part, "/properties").map(|(field, property)| Row::property(field, property, part))
        });
        Self {
            name: name.to_owned(),
            description: text(schema, "/description"),
            rows: inherited.chain(choices).chain(words).chain(own).collect(),
        }
    }
}

impl Row {
    fn parameter(parameter: &Value) -> Self {
        Self {
            name: text(parameter, "/name"),
            place: text(parameter, "/in"),
            required: parameter["required"] == true,
            kind: Kind::of(&parameter["schema"]),
            text: text(parameter, "/description"),
        }
    }

    fn property(name: &str, property: &Value, object: &Value) -> Self {
        Self {
            name: name.to_owned(),
            place: String::new(),
            required: items(object, "/required").any(|r| r == name),
            kind: Kind::of(property),
            // Of "this or null", the description stands with this.
            text: ["/description", "/oneOf/0/description"].map(|place| text(property, place)).concat(),
        }
    }

    fn response(status: &str, response: &Value) -> Self {
        let content = members(response, "/content").next();
        Self {
            name: status.to_owned(),
            place: content.map(|(media, _)| media.clone()).unwrap_or_default(),
            required: false,
            kind: content
                .map_or(Kind { words: String::new(), schema: None }, |(_, c)| Kind::of(&c["schema"])),
            text: text(response, "/description"),
        }
    }
}

impl Kind {
    fn of(schema: &Value) -> Self {
        if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
            return Self { words: name.to_owned(), schema: Some(name.to_owned()) };
        }
        // A part that may be absent is written as "this or null".
        let real = items(schema, "/oneOf").find(|part| part["type"] != "null");
        if let Some(real) = real {
            return Self::of(real);
        }
        if let Some(inner) = schema.get("items") {
            let inner = Self::of(inner);
            return Self { words: format!("list of {}", inner.words), schema: inner.schema };
        }
        let base = match &schema["type"] {
            Value::String(one) => one.clone(),
            Value::Array(some) => {
                some.iter().filter_map(Value::as_str).find(|t| *t != "null").unwrap_or("").to_owned()
            }
            _ => String::new(),
        };
        let bounds =
            [("minLength", "≥"), ("maxLength", "≤"), ("minimum", "≥"), ("maximum", "≤"), ("format", "")];
        let bounds = bounds.iter().filter_map(|(key, sign)| {
            let bound = schema.get(*key)?;
            Some(format!(" {sign}{}", bound.as_str().map_or_else(|| bound.to_string(), ToOwned::to_owned)))
        });
        Self { words: std::iter::once(base).chain(bounds).collect(), schema: None }
    }
}

/// The OpenAPI document.
#[utoipa::path(
    get, path = "/openapi.json", tag = "documentation",
    responses((status = 200, description = "This document", body = Object))
)]
pub(crate) async fn get_openapi(State(site): State<Arc<Site>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], site.docs.json.clone())
}

/// The documentation as a page.
#[utoipa::path(
    get, path = "/docs", tag = "documentation",
    responses((status = 200, description = "A page to read", body = String, content_type = "text/html"))
)]
pub(crate) async fn get_docs(State(site): State<Arc<Site>>) -> Result<impl IntoResponse, ApiError> {
    let html = site.docs.html.clone().map_err(ApiError::Internal)?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, html))
}

/// The look of the documentation.
#[utoipa::path(
    get, path = "/docs/docs.css", tag = "documentation",
    responses((status = 200, description = "A style sheet", body = String, content_type = "text/css"))
)]
pub(crate) async fn get_style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// Leads to the documentation.
#[utoipa::path(
    get, path = "/", tag = "documentation",
    responses((status = 303, description = "The documentation is at /docs"))
)]
pub(crate) async fn get_root() -> Redirect {
    Redirect::to("/docs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_tells_every_call_and_runs_nothing() {
        let document = crate::openapi();
        let docs = Docs::of(&document);
        let html = String::from_utf8(docs.html.unwrap().to_vec()).unwrap();
        for path in document.paths.paths.keys() {
            assert!(html.contains(&format!("<code>{path}</code>")), "{path}");
        }
        assert!(!html.contains("<script") && !html.contains("style=") && !html.contains("//cdn"));
        let schemas = document.components.unwrap().schemas;
        assert!(schemas.keys().all(|name| html.contains(&format!("id=\"schema-{name}\""))));
    }

    #[test]
    fn a_quote_does_not_end_the_example() {
        let body = serde_json::json!({"text": "it's"});
        assert!(curl("/a", "post", Some(&body)).ends_with(r#"-d '{"text":"it'\''s"}'"#));
    }
}
