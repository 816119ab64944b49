//! Forms: taken only from our own pages.

use std::collections::BTreeMap;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};

use crate::House;
use crate::pages::Trouble;
use crate::session::same;
use crate::visitor::Guest;

/// Longest form taken, in bytes: a text of 5,000 characters has up to twelve bytes for each.
const MAX_FORM: usize = 64 * 1024;

/// The fields of a form that one of our pages posted. Every handler that changes something takes this.
pub(crate) struct Posted(BTreeMap<String, String>);

impl Posted {
    /// A field; empty when absent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl FromRequest<House> for Posted {
    type Rejection = Trouble;

    async fn from_request(request: Request, _: &House) -> Result<Self, Trouble> {
        let (parts, body) = request.into_parts();
        let guest = parts.extensions.get::<Guest>().ok_or(Trouble::Stale)?;
        if !from_this_site(&parts.headers) {
            return Err(Trouble::Stale);
        }
        let body: Bytes = to_bytes(body, MAX_FORM).await.map_err(|_| Trouble::Stale)?;
        let fields: BTreeMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
        let posted = Self(fields);
        if same(posted.get("csrf"), &guest.csrf) { Ok(posted) } else { Err(Trouble::Stale) }
    }
}

/// What the browser says about the page that sent the form. Old browsers say nothing; the token decides then.
fn from_this_site(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|h: &header::HeaderValue| h.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
        (None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&'static str, &'static str)]) -> bool {
        from_this_site(
            &pairs.iter().map(|(n, v)| (n.parse().unwrap(), header::HeaderValue::from_static(v))).collect(),
        )
    }

    #[test]
    fn forms_of_other_sites_are_refused() {
        assert!(sent(&[]));
        assert!(sent(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(sent(&[("origin", "http://localhost:8080"), ("host", "localhost:8080")]));
        assert!(!sent(&[("sec-fetch-site", "cross-site")]));
        assert!(!sent(&[("sec-fetch-site", "same-site")]));
        assert!(!sent(&[("origin", "http://localhost:9000"), ("host", "localhost:8080")]));
        assert!(!sent(&[("origin", "null"), ("host", "localhost:8080")]));
    }
}
