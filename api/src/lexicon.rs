//! `/lexicons`: how a client wants words said, language by language.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use pregon_core::{Caller, LexiconTrouble, Lines};
use pregon_text::{Imported, Lexicon, Unused, is_language_tag};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body;
use crate::fields::{Fields, kind_of};
use crate::problem::{ApiError, Away, FieldError, Problem};
use crate::request::Rules;
use crate::site::Site;

/// Most lines without effect that an answer lists.
const SHOWN: usize = 100;

/// A lexicon to be kept.
#[derive(ToSchema)]
#[schema(example = json!({"entries": {"IPS": "i pe ese", "Dra. Ortiz": "doctora Ortiz"}}))]
pub(crate) struct LexiconRequest {
    /// What is written, and what is spoken instead: at most 5,000 entries of at most 200 characters each.
    #[expect(dead_code, reason = "documents the shape")]
    entries: BTreeMap<String, String>,
}

/// A line that has no effect.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnusedLine {
    /// What is written.
    written: String,
    /// Why it has none.
    #[schema(example = "has phonemes only, which engines do not share: give it an alias")]
    why: &'static str,
}

impl From<Unused> for UnusedLine {
    fn from(Unused { grapheme, why }: Unused) -> Self {
        Self { written: grapheme, why }
    }
}

/// What became of a lexicon.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LexiconKept {
    /// Its language.
    #[schema(example = "es-CO")]
    language: String,
    /// Entries that have an effect.
    used: usize,
    /// Entries that have none.
    not_used: usize,
    /// The first 100 of them.
    unused: Vec<UnusedLine>,
    /// Names its contents: the same entries have the same digest.
    #[schema(example = "7c9e40d1a2b3c4d5")]
    digest: String,
}

/// A lexicon in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LexiconLine {
    /// Its language.
    #[schema(example = "es-CO")]
    language: String,
    /// How many entries it has.
    used: usize,
    /// Names its contents.
    #[schema(example = "7c9e40d1a2b3c4d5")]
    digest: String,
}

/// All lexicons of a client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LexiconList {
    /// Sorted by language.
    lexicons: Vec<LexiconLine>,
}

/// A lexicon.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LexiconView {
    #[serde(flatten)]
    line: LexiconLine,
    /// What is written, and what is spoken instead.
    entries: BTreeMap<String, String>,
}

impl From<LexiconTrouble> for ApiError {
    fn from(trouble: LexiconTrouble) -> Self {
        match trouble {
            LexiconTrouble::Full(_) => Self::field("language", trouble.to_string()),
            LexiconTrouble::Unavailable(why) => Self::Unavailable(Away::Store, why),
        }
    }
}

/// Lists the lexicons of the caller.
#[utoipa::path(
    get, path = "/lexicons", tag = "speech",
    responses((status = 200, description = "The lexicons", body = LexiconList))
)]
pub(crate) async fn list_lexicons(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<LexiconList>, ApiError> {
    let client = site.client(&caller);
    let mut lexicons = Vec::new();
    for language in site.api.lexicons.languages(client.as_deref()).await? {
        if let Some(lines) = site.api.lexicons.get(client.as_deref(), &language).await? {
            lexicons.push(in_short(language, &lines));
        }
    }
    Ok(Json(LexiconList { lexicons }))
}

/// Shows one lexicon of the caller.
#[utoipa::path(
    get, path = "/lexicons/{language}", tag = "speech",
    params(("language" = String, Path, description = "A language tag such as es or es-CO")),
    responses(
        (status = 200, description = "The lexicon", body = LexiconView),
        (status = 404, description = "There is none for that language", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_lexicon(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Path(language): Path<String>,
) -> Result<Json<LexiconView>, ApiError> {
    let lines = site.api.lexicons.get(site.client(&caller).as_deref(), &language).await?.ok_or_else(none)?;
    Ok(Json(LexiconView { line: in_short(language, &lines), entries: lines.into_iter().collect() }))
}

/// Keeps a lexicon of the caller in place of the one that was there.
///
/// Either JSON, or a W3C lexicon (PLS 1.0) in XML, told apart by their first character. What is written there is spoken
/// otherwise in all that the same client sends from now on; a text in `es-CO` goes by the lexicon of `es-CO`, or, where
/// there is none, by that of `es`. Whole words only, the longest that fits; letters as they are written win over the
/// same letters in another case. A lexeme with only phonemes has no effect, as engines share no phonemes.
#[utoipa::path(
    put, path = "/lexicons/{language}", tag = "speech",
    params(("language" = String, Path, description = "A language tag such as es or es-CO")),
    request_body(content(
        (LexiconRequest = "application/json"),
        (String = "application/pls+xml"),
    )),
    responses(
        (status = 200, description = "Kept, with what has no effect", body = LexiconKept),
        (status = 400, description = "No valid JSON", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "More than 1 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "No lexicon, or none with an effect; a language that no engine speaks; or more \
            than 40 lexicons", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_lexicon(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Path(language): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<LexiconKept>, ApiError> {
    spoken(&language, &site.rules)?;
    let bytes = body::read_any(&headers, body, body::SINGLE).await?;
    let (lexicon, unused) = read(&bytes, &language)?;
    let lines = lexicon.entries().map(|entry| (entry.grapheme.clone(), entry.alias.clone())).collect();
    site.api.lexicons.put(site.client(&caller).as_deref(), &language, lines).await?;
    Ok(Json(LexiconKept {
        used: lexicon.entries().len(),
        not_used: unused.len(),
        unused: unused.into_iter().take(SHOWN).map(Into::into).collect(),
        digest: lexicon.digest(),
        language,
    }))
}

/// Forgets a lexicon of the caller.
#[utoipa::path(
    delete, path = "/lexicons/{language}", tag = "speech",
    params(("language" = String, Path, description = "A language tag such as es or es-CO")),
    responses(
        (status = 204, description = "Forgotten"),
        (status = 404, description = "There is none for that language", body = Problem,
            content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_lexicon(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Path(language): Path<String>,
) -> Result<StatusCode, ApiError> {
    let there = site.api.lexicons.delete(site.client(&caller).as_deref(), &language).await?;
    if there { Ok(StatusCode::NO_CONTENT) } else { Err(none()) }
}

fn none() -> ApiError {
    ApiError::Missing("there is no lexicon for this language; GET /lexicons lists those there are".to_owned())
}

fn in_short(language: String, lines: &Lines) -> LexiconLine {
    let (lexicon, _) = Lexicon::of(lines.iter().map(|(written, spoken)| (written, spoken)));
    LexiconLine { language, used: lexicon.entries().len(), digest: lexicon.digest() }
}

/// A lexicon for a language that nobody speaks would never be read.
fn spoken(language: &str, rules: &Rules) -> Result<(), ApiError> {
    if !is_language_tag(language) {
        return Err(ApiError::field("language", "must be a language tag such as es or es-CO"));
    }
    rules.repertoire.check(language, None, None).map_err(|why| ApiError::field("language", why.to_string()))
}

fn read(bytes: &[u8], language: &str) -> Result<(Lexicon, Vec<Unused>), ApiError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ApiError::field("body", "must be in UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    let (lexicon, unused) = if text.trim_start().starts_with('<') {
        imported(text, language)?
    } else {
        Lexicon::of(entries(body::parse(text.as_bytes())?).map_err(ApiError::Invalid)?)
    };
    if lexicon.entries().len() == 0 {
        let why = unused.first().map_or_else(String::new, |line| format!(": {} {}", line.grapheme, line.why));
        return Err(ApiError::field("body", format!("has no entry with an effect{why}")));
    }
    Ok((lexicon, unused))
}

fn imported(document: &str, language: &str) -> Result<(Lexicon, Vec<Unused>), ApiError> {
    let Imported { lexicon, language: own, unused } =
        Lexicon::pls(document).map_err(|error| ApiError::field("body", error.to_string()))?;
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    match own {
        Some(own) if primary(&own) != primary(language) => {
            let own: String = own.chars().filter(|c| !c.is_control()).take(40).collect();
            Err(ApiError::field("language", format!("is not that of the lexicon, whose xml:lang is {own}")))
        }
        _ => Ok((lexicon, unused)),
    }
}

fn entries(value: Value) -> Result<Lines, Vec<FieldError>> {
    let mut fields = Fields::of(value, "body").map_err(|e| vec![e])?;
    let mut lines = Lines::new();
    match fields.need("entries") {
        None => {}
        Some(Value::Object(entries)) => {
            for (written, spoken) in entries {
                match spoken {
                    Value::String(spoken) => lines.push((written, spoken)),
                    other => {
                        let wrong = format_args!("may have texts in quotes only, not {}", kind_of(&other));
                        fields.refuse("entries", wrong);
                        break;
                    }
                }
            }
        }
        Some(other) => {
            fields.refuse("entries", format_args!("must be an object in braces, not {}", kind_of(&other)));
        }
    }
    fields.finish(&["entries"])?;
    Ok(lines)
}
