//! Sessions: a cookie that says who and until when, signed with the key's own hash, so nothing is kept.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use hmac::{Hmac, KeyInit, Mac};
use pregon_core::{ApiKeys, Caller, Timestamp};
use sha2::Sha256;

/// A session ends this long after signing in.
pub(crate) const LASTS: Duration = Duration::from_hours(12);

/// Name of its cookie.
pub(crate) const SESSION: &str = "pregon_session";

/// Somebody's session.
pub(crate) struct Session {
    pub(crate) caller: Caller,
    pub(crate) until: Timestamp,
    /// Token of its forms.
    pub(crate) csrf: String,
}

impl Session {
    /// Reads `name.expiry.hmac`. A name may hold dots, so it is split from the end.
    pub(crate) fn read(keys: &ApiKeys, text: Option<&str>, now: Timestamp) -> Option<Self> {
        let text = text?;
        let (claim, proof) = text.rsplit_once('.')?;
        let (name, until) = claim.rsplit_once('.')?;
        let until = Timestamp::from_millis(until.parse().ok()?);
        let (caller, digest) = keys.named(name)?;
        let genuine = same(proof, &sign(digest, &format!("session {claim}")));
        (genuine && until > now).then(|| Self {
            caller: caller.clone(),
            until,
            csrf: sign(digest, &format!("form {text}")),
        })
    }
}

/// Starts a session for the key of that name.
pub(crate) fn begin(keys: &ApiKeys, name: &str, now: Timestamp, response: &mut Response) {
    let Some((caller, digest)) = keys.named(name) else { return };
    let claim = format!("{}.{}", caller.name, (now + LASTS).millis());
    let proof = sign(digest, &format!("session {claim}"));
    set_cookie(response, SESSION, &format!("{claim}.{proof}"), Some(LASTS));
}

/// Ends it in this browser.
pub(crate) fn end(response: &mut Response) {
    set_cookie(response, SESSION, "", Some(Duration::ZERO));
}

/// Compares without telling by its time how much was right.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// HMAC-SHA256 in hexadecimal.
pub(crate) fn sign(key: &[u8], text: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// A cookie of the request.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs =
        headers.get_all(header::COOKIE).iter().filter_map(|h| h.to_str().ok()).flat_map(|h| h.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find_map(|(n, value)| (n == name).then_some(value))
}

/// Sets a cookie that no script sees.
pub(crate) fn set_cookie(response: &mut Response, name: &str, value: &str, age: Option<Duration>) {
    let age = age.map_or_else(String::new, |age| format!("; Max-Age={}", age.as_secs()));
    append_cookie(response, &format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{age}"));
}

/// Sets a cookie as written.
pub(crate) fn append_cookie(response: &mut Response, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse;

    use super::*;

    fn keys() -> ApiKeys {
        "ana.lopez:admin:correct-horse,wall:viewer:12345678".parse().unwrap()
    }

    fn cookie_for(keys: &ApiKeys, name: &str, now: Timestamp) -> String {
        let mut response = StatusCode::OK.into_response();
        begin(keys, name, now, &mut response);
        let header = response.headers().get(header::SET_COOKIE).unwrap().to_str().unwrap();
        header.split([';', '=']).nth(1).unwrap().to_owned()
    }

    #[test]
    fn a_session_holds_for_twelve_hours_and_for_its_key_only() {
        let (keys, now) = (keys(), Timestamp::from_millis(1_700_000_000_000));
        let text = cookie_for(&keys, "ana.lopez", now);
        let read =
            |keys: &ApiKeys, text: &str, now| Session::read(keys, Some(text), now).map(|s| s.caller.name);
        assert_eq!(read(&keys, &text, now).as_deref(), Some("ana.lopez"));
        assert_eq!(read(&keys, &text, now + LASTS), None);
        assert_eq!(read(&keys, &text.replace("ana.lopez", "wall"), now), None);
        assert_eq!(read(&"ana.lopez:admin:another-secret".parse().unwrap(), &text, now), None);
        let longer = text.replacen(&(now + LASTS).millis().to_string(), "9999999999999", 1);
        assert_eq!(read(&keys, &longer, now), None);
        for nonsense in ["", ".", "..", "ana.lopez", "ana.lopez.x.y"] {
            assert_eq!(read(&keys, nonsense, now), None, "{nonsense}");
        }
    }
}
