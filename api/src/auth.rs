//! Who is calling, and whether they may.

use std::net::IpAddr;
use std::time::Instant;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, header};
use pregon_core::{Caller, Role};

use crate::feed;
use crate::problem::ApiError;
use crate::site::Site;

/// Lets a request in. `None` where nobody has to say who they are.
pub(crate) fn admit(
    site: &Site,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    now: Instant,
) -> Result<Option<Caller>, ApiError> {
    if path == "/health" || path.starts_with("/health/") {
        return Ok(None);
    }
    if path == feed::PATH {
        // The key may come with the first message; the feed asks for it. A page of another site could open a WebSocket
        // with a GET, so without keys the rule for requests that change something holds.
        return if site.api.keys.is_empty() {
            from_this_machine(&Method::POST, headers).map(|()| None)
        } else {
            Ok(None)
        };
    }
    let caller = if site.api.keys.is_empty() {
        from_this_machine(method, headers)?;
        Caller::local()
    } else {
        let secret = secret(headers)
            .ok_or(ApiError::NoKey("send a key, as Authorization: Bearer <key> or X-API-Key: <key>"))?;
        site.api.keys.authenticate(secret).ok_or(ApiError::NoKey("this key is not valid"))?.clone()
    };
    if !site.limits.allow(&caller.name, now) {
        return Err(ApiError::TooMany);
    }
    if caller.role == Role::Viewer && !method.is_safe() {
        return Err(ApiError::Forbidden("a viewer key reads only"));
    }
    Ok(Some(caller))
}

/// The key that a request carries.
pub(crate) fn secret(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|text| {
        let (scheme, secret) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
    });
    bearer.or_else(|| headers.get("x-api-key").and_then(|v| v.to_str().ok()))
}

/// Without keys, whoever reaches the port may phone people. A web page in the operator's browser reaches it too, so
/// what a browser sends on behalf of a page of another site is refused: by its `Origin`, and by a `Host` that is a
/// name of somebody else's making.
fn from_this_machine(method: &Method, headers: &HeaderMap) -> Result<(), ApiError> {
    const WHY: &str = "without API_KEYS only programs on this machine may call, not web pages; set API_KEYS";
    let text = |name| headers.get(name).map(|v: &header::HeaderValue| v.to_str().unwrap_or_default());
    let host = text(header::HOST);
    if host.is_some_and(|host| !is_local(host)) {
        return Err(ApiError::Forbidden(WHY));
    }
    let foreign = text(header::ORIGIN).is_some_and(|origin| origin.split_once("://").map(|(_, o)| o) != host);
    if foreign && !method.is_safe() { Err(ApiError::Forbidden(WHY)) } else { Ok(()) }
}

/// Whether a `Host` cannot have been invented by a name server: an address, or `localhost`.
fn is_local(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok() || name.eq_ignore_ascii_case("localhost") || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse::<header::HeaderName>().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn a_key_comes_in_either_header() {
        assert_eq!(secret(&headers(&[("authorization", "Bearer abc")])), Some("abc"));
        assert_eq!(secret(&headers(&[("authorization", "bearer abc")])), Some("abc"));
        assert_eq!(secret(&headers(&[("x-api-key", "abc")])), Some("abc"));
        assert_eq!(secret(&headers(&[("authorization", "Basic abc")])), None);
        assert_eq!(secret(&headers(&[])), None);
    }

    #[test]
    fn web_pages_of_other_sites_may_not_phone() {
        let ok = |method, pairs: &[(&str, &str)]| from_this_machine(&method, &headers(pairs)).is_ok();
        for host in ["127.0.0.1:5000", "localhost:5000", "[::1]:5000", "api.localhost", "192.168.1.5"] {
            assert!(ok(Method::POST, &[("host", host)]), "{host}");
            let own = format!("http://{host}");
            assert!(ok(Method::POST, &[("host", host), ("origin", &own)]), "{host}");
            assert!(!ok(Method::POST, &[("host", host), ("origin", "https://evil.example")]), "{host}");
            assert!(!ok(Method::POST, &[("host", host), ("origin", "null")]), "{host}");
        }
        assert!(!ok(Method::GET, &[("host", "rebound.example:5000")]));
        assert!(ok(Method::POST, &[]));
    }
}
