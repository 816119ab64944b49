//! The page that says why there is no other.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use pregon_core::Timestamp;

use super::{Chrome, Reload, Section, Trouble};
use crate::House;
use crate::icon::Icon;
use crate::visitor::{Guest, Visitor};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    c: Chrome,
    trouble: Trouble,
}

impl ErrorPage {
    fn title(&self) -> &'static str {
        let w = self.c.w();
        match self.trouble {
            Trouble::NotFound => w.not_found,
            Trouble::Away => w.away,
            Trouble::Refused => w.refused,
            Trouble::Stale => w.stale,
            Trouble::StrangeHost => w.strange_host,
            Trouble::Broken => w.broken,
        }
    }

    fn text(&self) -> &'static str {
        let w = self.c.w();
        match self.trouble {
            Trouble::NotFound => w.not_found_text,
            Trouble::Away => w.away_text,
            Trouble::Refused => w.refused_text,
            Trouble::Stale => w.stale_text,
            Trouble::StrangeHost => w.strange_host_text,
            Trouble::Broken => w.broken_text,
        }
    }
}

/// Says what is wrong, in plain words.
pub(crate) fn page(
    house: &House,
    guest: &Guest,
    visitor: Option<&Visitor>,
    trouble: Trouble,
    now: Timestamp,
) -> Response {
    let mut c = Chrome::new(house, guest, Section::Elsewhere, now);
    c.caller = visitor.map(|v| v.caller.clone());
    if trouble == Trouble::Away {
        c.reload = Reload::Always;
    }
    match (ErrorPage { c, trouble }).render() {
        Ok(text) => (trouble.status(), Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the error page failed");
            trouble.status().into_response()
        }
    }
}
