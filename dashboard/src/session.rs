//! Who is looking: language, theme and session, from the request's cookies.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use hmac::{Hmac, KeyInit, Mac};
use pregon_core::{ApiKeys, Caller, Role, Timestamp, clock};
use sha2::Sha256;

use crate::House;
use crate::pages::{Trouble, error};
use crate::words::Language;

/// A session ends this long after signing in.
pub(crate) const LASTS: Duration = Duration::from_hours(12);

const SESSION: &str = "pregon_session";
const FORM: &str = "pregon_form";
const LANGUAGE: &str = "pregon_lang";
const THEME: &str = "pregon_theme";

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Auto, Self::Light, Self::Dark].into_iter().find(|t| t.as_str() == word)
    }
}

/// Anybody who asks for a page.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    /// Proves that a form came from one of our pages.
    pub(crate) csrf: String,
    /// Path and query asked for, without a choice of language or theme.
    pub(crate) path: String,
}

/// Somebody who may see pages: a key's owner, or anybody at this machine where no keys are set.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) guest: Guest,
    pub(crate) caller: Caller,
    /// When the session ends, where there is one.
    pub(crate) until: Option<Timestamp>,
}

impl Visitor {
    /// The client to whose jobs this visitor is bound, if to any.
    pub(crate) fn own_only(&self) -> Option<String> {
        (self.caller.role == Role::Client).then(|| self.caller.name.clone())
    }

    /// Refuses all but operators.
    pub(crate) fn must_operate(&self) -> Result<(), Trouble> {
        if self.caller.role == Role::Admin { Ok(()) } else { Err(Trouble::Refused) }
    }

    /// Whether the session has ended.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl<S: Sync> FromRequestParts<S> for Guest {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::UNAUTHORIZED)
    }
}

/// Lets signed-in people pass and sends others to the door; turns [`Trouble`] into a page in the right language.
pub(crate) async fn identify(State(house): State<House>, mut request: Request, next: Next) -> Response {
    let now = clock::now();
    let headers = request.headers();
    let chosen = Choice::of(request.uri().query());
    let session = Session::read(&house.keys, cookie(headers, SESSION), now);
    let (form, fresh_form) = match cookie(headers, FORM) {
        Some(form) if form.len() == 32 => (form.to_owned(), false),
        _ => (hex(&rand::random::<[u8; 16]>()), true),
    };
    let guest = Guest {
        language: language(headers, &chosen, house.language),
        theme: chosen.theme.or_else(|| Theme::parse(cookie(headers, THEME)?)).unwrap_or_default(),
        csrf: session.as_ref().map_or_else(|| sign(form.as_bytes(), "form"), |s| s.csrf.clone()),
        path: chosen.path(request.uri().path()),
    };
    let visitor = match session {
        Some(s) => Some(Visitor { guest: guest.clone(), caller: s.caller, until: Some(s.until) }),
        None if house.keys.is_empty() => {
            Some(Visitor { guest: guest.clone(), caller: Caller::local(), until: None })
        }
        None => None,
    };
    let mut response = if house.keys.is_empty() && !names_this_machine(headers) {
        Trouble::StrangeHost.into_response()
    } else if visitor.is_none() && request.uri().path() != "/signin" {
        to_the_door(&request, &guest)
    } else {
        request.extensions_mut().insert(guest.clone());
        if let Some(visitor) = visitor.clone() {
            request.extensions_mut().insert(visitor);
        }
        next.run(request).await
    };
    if let Some(trouble) = response.extensions().get::<Trouble>().copied() {
        response = error::page(&house, &guest, visitor.as_ref(), trouble, now);
    }
    if fresh_form {
        set_cookie(&mut response, FORM, &form, None);
    }
    chosen.remember(&mut response);
    response
}

/// A page that is asked for without a session leads to the door; a live stream cannot follow there, so it asks its
/// page to load again.
fn to_the_door(request: &Request, guest: &Guest) -> Response {
    if request.uri().path() == "/live" {
        return ([(header::CONTENT_TYPE, "text/event-stream")], "event: leave\ndata: signin\n\n")
            .into_response();
    }
    if request.method() != Method::GET {
        return Redirect::to("/signin").into_response();
    }
    let query =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("next", &guest.path).finish();
    Redirect::to(&format!("/signin?{query}")).into_response()
}

/// Without keys anybody who reaches the port may do everything, so a foreign web page must not reach it under a name
/// of its own that points here (DNS rebinding).
fn names_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|h| h.to_str().ok()) else { return true };
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn language(headers: &HeaderMap, chosen: &Choice, default: Language) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|h| h.to_str().ok());
    chosen
        .language
        .or_else(|| cookie(headers, LANGUAGE)?.parse().ok())
        .or_else(|| Language::accepted(accepted?))
        .unwrap_or(default)
}

/// Language and theme as chosen by `?lang=` and `?theme=`, and the rest of the query.
struct Choice {
    language: Option<Language>,
    theme: Option<Theme>,
    rest: String,
}

impl Choice {
    fn of(query: Option<&str>) -> Self {
        let mut choice = Self { language: None, theme: None, rest: String::new() };
        let mut rest = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "lang" => choice.language = value.parse().ok(),
                "theme" => choice.theme = Theme::parse(&value),
                _ => drop(rest.append_pair(&name, &value)),
            }
        }
        choice.rest = rest.finish();
        choice
    }

    fn path(&self, path: &str) -> String {
        if self.rest.is_empty() { path.to_owned() } else { format!("{path}?{}", self.rest) }
    }

    fn remember(&self, response: &mut Response) {
        const YEAR: Duration = Duration::from_hours(24 * 365);
        if let Some(language) = self.language {
            set_cookie(response, LANGUAGE, language.tag(), Some(YEAR));
        }
        if let Some(theme) = self.theme {
            // The script changes it too, so it is not hidden from it.
            let text =
                format!("{THEME}={}; Path=/; SameSite=Strict; Max-Age={}", theme.as_str(), YEAR.as_secs());
            append_cookie(response, &text);
        }
    }
}

struct Session {
    caller: Caller,
    until: Timestamp,
    csrf: String,
}

impl Session {
    /// Reads `name.expiry.hmac`. A name may hold dots, so it is split from the end.
    fn read(keys: &ApiKeys, text: Option<&str>, now: Timestamp) -> Option<Self> {
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

fn sign(key: &[u8], text: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs =
        headers.get_all(header::COOKIE).iter().filter_map(|h| h.to_str().ok()).flat_map(|h| h.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find_map(|(n, value)| (n == name).then_some(value))
}

fn set_cookie(response: &mut Response, name: &str, value: &str, age: Option<Duration>) {
    let age = age.map_or_else(String::new, |age| format!("; Max-Age={}", age.as_secs()));
    append_cookie(response, &format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{age}"));
}

fn append_cookie(response: &mut Response, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn only_names_of_this_machine_pass_without_keys() {
        let named = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            names_this_machine(&headers)
        };
        for own in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "127.0.0.1"] {
            assert!(named(own), "{own}");
        }
        for foreign in ["evil.example:8080", "192.0.2.7:8080", "localhost.evil.example", "[2001:db8::1]:80"] {
            assert!(!named(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_choice_leaves_the_rest_of_the_query() {
        let choice = Choice::of(Some("q=a%26b&lang=en&theme=dark&status=failed"));
        assert_eq!((choice.language, choice.theme), (Some(Language::En), Some(Theme::Dark)));
        assert_eq!(choice.path("/jobs"), "/jobs?q=a%26b&status=failed");
        assert_eq!(Choice::of(None).path("/"), "/");
    }
}
