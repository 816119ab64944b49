//! Who comes in, and what happens when an answer goes wrong.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use pregon_core::{ApiKeys, Role};

use super::Controls;
use super::problem::Problem;

/// An answer that takes longer is given up; what was begun goes on.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lets a request in and answers for what goes wrong behind.
pub(super) async fn pass(State(controls): State<Arc<Controls>>, request: Request, next: Next) -> Response {
    if let Err(refused) = admit(&controls.keys, request.method(), request.headers()) {
        return refused.into_response();
    }
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(PATIENCE, answer).await {
        Err(_) => Problem::Late.into_response(),
        Ok(Err(_)) => Problem::Internal("a handler panicked".to_owned()).into_response(),
        Ok(Ok(response)) if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            let allow = response.headers().get(header::ALLOW).cloned();
            let mut response = Problem::Method.into_response();
            response.headers_mut().extend(allow.map(|methods| (header::ALLOW, methods)));
            response
        }
        Ok(Ok(response)) => response,
    }
}

fn admit(keys: &ApiKeys, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if keys.is_empty() {
        return from_this_machine(method, headers);
    }
    let secret = secret(headers)
        .ok_or(Problem::NoKey("send a key, as Authorization: Bearer <key> or X-API-Key: <key>"))?;
    let caller = keys.authenticate(secret).ok_or(Problem::NoKey("this key is not valid"))?;
    if method.is_safe() || caller.role == Role::Admin {
        Ok(())
    } else {
        Err(Problem::Forbidden("only an admin key changes what is on air; announce with POST /tts/broadcast"))
    }
}

fn secret(headers: &HeaderMap) -> Option<&str> {
    let bearer = text(headers, header::AUTHORIZATION).and_then(|text| {
        let (scheme, secret) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
    });
    bearer.or_else(|| text(headers, HeaderName::from_static("x-api-key")))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

/// Without keys, whoever reaches the port decides what is on air. A web page in the operator's browser reaches it too:
/// what a browser sends for a page of another site is known by its `Origin`, or by a `Host` that only a name server
/// of somebody else can have made up.
fn from_this_machine(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    const WHY: Problem = Problem::Forbidden(
        "without API_KEYS only programs on this machine may call, not web pages; set API_KEYS",
    );
    let host = text(headers, header::HOST);
    if host.is_some_and(|host| !is_local(host)) {
        return Err(WHY);
    }
    let origin = text(headers, header::ORIGIN);
    let foreign = origin.is_some_and(|origin| origin.split_once("://").map(|(_, of)| of) != host);
    if foreign && !method.is_safe() { Err(WHY) } else { Ok(()) }
}

/// An address, or `localhost`.
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
        pairs.iter().map(|(k, v)| (k.parse::<HeaderName>().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn any_key_reads_and_only_an_admin_changes() {
        let keys: ApiKeys =
            "ana:admin:correct-horse,crm:client:battery-staple,tv:viewer:12345678".parse().unwrap();
        let may = |method: Method, key: &str| admit(&keys, &method, &headers(&[("x-api-key", key)])).is_ok();
        for key in ["correct-horse", "battery-staple", "12345678"] {
            assert!(may(Method::GET, key), "{key}");
            assert_eq!(may(Method::POST, key), key == "correct-horse", "{key}");
            assert_eq!(may(Method::DELETE, key), key == "correct-horse", "{key}");
        }
        assert!(!may(Method::GET, "guessed-it"));
        assert!(admit(&keys, &Method::GET, &headers(&[])).is_err());
        let bearer = headers(&[("authorization", "bearer correct-horse")]);
        assert_eq!(admit(&keys, &Method::POST, &bearer), Ok(()));
    }

    #[test]
    fn without_keys_web_pages_of_other_sites_stay_out() {
        let ok = |method: Method, pairs: &[(&str, &str)]| {
            admit(&ApiKeys::default(), &method, &headers(pairs)).is_ok()
        };
        for host in ["127.0.0.1:8005", "localhost:8005", "[::1]:8005"] {
            let own = format!("http://{host}");
            assert!(ok(Method::POST, &[("host", host)]), "{host}");
            assert!(ok(Method::POST, &[("host", host), ("origin", &own)]), "{host}");
            assert!(!ok(Method::POST, &[("host", host), ("origin", "https://evil.example")]), "{host}");
            assert!(ok(Method::GET, &[("host", host), ("origin", "https://evil.example")]), "{host}");
        }
        assert!(!ok(Method::GET, &[("host", "rebound.example:8005")]));
    }
}
