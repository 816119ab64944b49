//! The door: a key opens a session.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use pregon_core::{Timestamp, clock};

use super::{Chrome, Section, Trouble, rendered};
use crate::House;
use crate::csrf::Posted;
use crate::icon::Icon;
use crate::session;
use crate::visitor::Guest;

/// Wrong keys taken from one address within [`WINDOW`].
const TRIES: u32 = 10;
const WINDOW: Duration = Duration::from_mins(1);
/// Addresses remembered; more than that at once is an attack, and everybody waits.
const REMEMBERED: usize = 10_000;

/// Counts wrong keys.
#[derive(Default)]
pub(crate) struct Door(Mutex<HashMap<Option<IpAddr>, (Timestamp, u32)>>);

impl Door {
    fn is_shut(&self, from: Option<IpAddr>, now: Timestamp) -> bool {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.retain(|_, (first, _)| now < *first + WINDOW);
        wrong.len() >= REMEMBERED || wrong.get(&from).is_some_and(|(_, n)| *n >= TRIES)
    }

    fn wrong(&self, from: Option<IpAddr>, now: Timestamp) {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.entry(from).or_insert((now, 0)).1 += 1;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Complaint {
    Wrong,
    TooOften,
}

#[derive(Template)]
#[template(path = "signin.html")]
struct SignIn {
    c: Chrome,
    complaint: Option<Complaint>,
    next: String,
}

/// `GET /signin`
pub(crate) async fn show(
    State(house): State<House>,
    guest: Guest,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    if house.keys.is_empty() {
        return Ok(Redirect::to("/").into_response());
    }
    let next = query.get("next").cloned().unwrap_or_default();
    let c = Chrome::new(&house, &guest, Section::Elsewhere, clock::now());
    rendered(&SignIn { c, complaint: None, next })
}

/// `POST /signin`
pub(crate) async fn enter(
    State(house): State<House>,
    guest: Guest,
    from: Option<Extension<ConnectInfo<SocketAddr>>>,
    form: Posted,
) -> Result<Response, Trouble> {
    let now = clock::now();
    let from = from.map(|Extension(ConnectInfo(addr))| addr.ip());
    let door = &house.0.door;
    let shut = door.is_shut(from, now);
    let caller = (!shut).then(|| house.keys.authenticate(form.get("key").trim())).flatten();
    if let Some(caller) = caller {
        tracing::info!(key = caller.name, "signed in");
        let mut response = Redirect::to(inside(form.get("next"))).into_response();
        session::begin(&house.keys, &caller.name, now, &mut response);
        return Ok(response);
    }
    let (status, complaint) = if shut {
        (StatusCode::TOO_MANY_REQUESTS, Complaint::TooOften)
    } else {
        door.wrong(from, now);
        (StatusCode::UNAUTHORIZED, Complaint::Wrong)
    };
    tracing::warn!(?complaint, "somebody did not get in");
    let c = Chrome::new(&house, &guest, Section::Elsewhere, now);
    let next = form.get("next").to_owned();
    Ok((status, rendered(&SignIn { c, complaint: Some(complaint), next })?).into_response())
}

/// `POST /signout`
pub(crate) async fn leave(_form: Posted) -> Response {
    let mut response = Redirect::to("/signin").into_response();
    session::end(&mut response);
    response
}

/// Where to go after signing in: only to a path of ours. Browsers read `//host` and `/\host` as another site.
fn inside(next: &str) -> &str {
    let path = next.strip_prefix('/').filter(|rest| !rest.starts_with(['/', '\\']));
    let plain = next.bytes().all(|b| b.is_ascii_graphic());
    if path.is_some() && plain { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_nowhere_else() {
        for path in ["/", "/jobs?status=failed", "/jobs/0192f3a0"] {
            assert_eq!(inside(path), path);
        }
        for foreign in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/\n/evil", "jobs"] {
            assert_eq!(inside(foreign), "/", "{foreign:?}");
        }
    }

    #[test]
    fn the_door_shuts_for_one_address_and_opens_again() {
        let (door, now) = (Door::default(), Timestamp::from_millis(1_000_000));
        let (a, b) = ("192.0.2.1".parse().ok(), "192.0.2.2".parse().ok());
        for _ in 0..TRIES {
            assert!(!door.is_shut(a, now));
            door.wrong(a, now);
        }
        assert!(door.is_shut(a, now));
        assert!(!door.is_shut(b, now));
        assert!(!door.is_shut(a, now + WINDOW));
    }
}
