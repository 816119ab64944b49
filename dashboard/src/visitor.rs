//! Who is looking: language, theme and session, from the request's address and cookies.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use pregon_core::{Caller, Role, Timestamp, clock};

use crate::House;
use crate::pages::{Trouble, error};
use crate::session::{SESSION, Session, append_cookie, cookie, hex, set_cookie, sign};
use crate::words::Language;

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

    /// Trying a voice may cost money.
    pub(crate) fn must_submit(&self) -> Result<(), Trouble> {
        match self.caller.role {
            Role::Admin | Role::Client => Ok(()),
            Role::Viewer => Err(Trouble::Refused),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

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
