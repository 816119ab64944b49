//! The pages, one file each, and the frame around them.

pub(crate) mod choices;
pub(crate) mod error;
mod flash;
mod heard;
pub(crate) mod job;
pub(crate) mod jobs;
pub(crate) mod overview;
pub(crate) mod radio;
pub(crate) mod signin;
pub(crate) mod speech;
mod story;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use pregon_core::{Caller, Content, Job, Role, StateName, StoreError, Target, Timestamp};

use crate::House;
use crate::format::Locale;
use crate::visitor::{Guest, Theme, Visitor};
use crate::words::Words;

pub(crate) use flash::Flash;
pub(crate) use heard::Heard;
pub(crate) use overview::cry::Cry;
pub(crate) use radio::Complaint;
pub(crate) use story::{Doubt, detail, doubt, was_called, was_uncertain};

/// Why there is no page. [`crate::visitor::identify`] turns it into one, in the visitor's language; the cause stays
/// in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No such page or job, or one that this visitor may not know of.
    NotFound,
    /// The store does not answer.
    Away,
    /// This visitor may not do that.
    Refused,
    /// The form is too old or came from elsewhere.
    Stale,
    /// Asked for under a name that is not this machine's while no keys are set.
    StrangeHost,
    /// A fault of ours.
    Broken,
}

impl Trouble {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Away => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused | Self::Stale | Self::StrangeHost => StatusCode::FORBIDDEN,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "a page could not be made");
        Self::Away
    }
}

impl From<askama::Error> for Trouble {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a template failed");
        Self::Broken
    }
}

/// Where a page belongs in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Jobs,
    Radio,
    Speech,
    Elsewhere,
}

/// Whether a page loads itself again every five seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reload {
    /// Where it is kept up to date and there is no script to do so.
    WhileLive,
    /// Never: that would empty a form.
    Never,
    /// Always: it says that something does not answer.
    Always,
}

/// What all pages have in common.
#[derive(Clone, Debug)]
pub(crate) struct Chrome {
    pub(crate) locale: Locale,
    pub(crate) theme: Theme,
    pub(crate) section: Section,
    pub(crate) caller: Option<Caller>,
    /// Whether a station runs in this process.
    pub(crate) radio: bool,
    /// Whether this process has voice engines.
    pub(crate) voices: bool,
    /// Whether keys are set, so that one can sign out.
    pub(crate) keyed: bool,
    pub(crate) csrf: String,
    pub(crate) now: Timestamp,
    /// Uncertain calls, shown beside the overview's name.
    pub(crate) people: u64,
    /// Address of the live stream; without one the page stands still.
    pub(crate) live: Option<String>,
    pub(crate) reload: Reload,
    pub(crate) flash: Option<Flash>,
    path: String,
}

impl Chrome {
    pub(crate) fn new(house: &House, guest: &Guest, section: Section, now: Timestamp) -> Self {
        Self {
            locale: house.locale(guest.language),
            theme: guest.theme,
            section,
            caller: None,
            radio: house.radio.is_some(),
            voices: house.voices.is_some(),
            keyed: !house.keys.is_empty(),
            csrf: guest.csrf.clone(),
            now,
            people: 0,
            live: None,
            reload: Reload::WhileLive,
            flash: None,
            path: guest.path.clone(),
        }
    }

    pub(crate) fn of(house: &House, visitor: &Visitor, section: Section, now: Timestamp) -> Self {
        Self { caller: Some(visitor.caller.clone()), ..Self::new(house, &visitor.guest, section, now) }
    }
}

/// What templates ask for.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "askama hands fields over by reference")]
impl Chrome {
    pub(crate) fn w(&self) -> &'static Words {
        self.locale.words()
    }

    pub(crate) fn n(&self, number: &u64) -> String {
        self.locale.language.number(*number)
    }

    pub(crate) fn is_theme(&self, name: &str) -> bool {
        self.theme.as_str() == name
    }

    pub(crate) fn state(&self, state: &StateName) -> &'static str {
        (self.w().state)(*state)
    }

    pub(crate) fn states(&self, state: &StateName) -> &'static str {
        (self.w().states)(*state)
    }

    pub(crate) fn said(&self, flash: &Flash) -> &'static str {
        (self.w().flash)(*flash)
    }

    /// Whether the page loads itself again, with script.
    pub(crate) fn retries(&self) -> bool {
        self.reload == Reload::Always
    }

    /// The same, without script.
    pub(crate) const fn refreshes(&self) -> bool {
        match self.reload {
            Reload::WhileLive => self.live.is_some(),
            Reload::Never => false,
            Reload::Always => true,
        }
    }

    pub(crate) fn is_operator(&self) -> bool {
        self.caller.as_ref().is_some_and(|c| c.role == Role::Admin)
    }

    pub(crate) fn who(&self) -> &str {
        match &self.caller {
            Some(caller) if self.keyed => &caller.name,
            Some(_) => self.w().this_machine,
            None => "",
        }
    }

    pub(crate) fn role(&self) -> &'static str {
        match &self.caller {
            Some(caller) if self.keyed => (self.w().role)(caller.role),
            Some(_) => self.w().no_keys,
            None => "",
        }
    }

    pub(crate) fn date(&self) -> String {
        self.locale.date(self.now)
    }

    /// This page in the other language.
    pub(crate) fn other_language(&self) -> (&'static str, &'static str, String) {
        let other = self.locale.language.other();
        let joint = if self.path.contains('?') { '&' } else { '?' };
        (other.tag(), other.words().name, format!("{}{joint}lang={}", self.path, other.tag()))
    }
}

/// A phrase about a number, for templates.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "askama hands fields over by reference")]
pub(crate) fn count(say: &fn(u64) -> String, n: &u64) -> String {
    say(*n)
}

/// A page as an answer.
pub(crate) fn rendered(page: &impl Template) -> Result<Response, Trouble> {
    Ok(Html(page.render()?).into_response())
}

/// The job of that id, when it exists and the visitor may see it.
pub(crate) async fn visible_job(house: &House, visitor: &Visitor, id: &str) -> Result<Job, Trouble> {
    let id = id.parse().map_err(|_| Trouble::NotFound)?;
    let job = house.desk.store().get(id).await?.ok_or(Trouble::NotFound)?;
    if visitor.caller.may_see(job.client.as_deref()) { Ok(job) } else { Err(Trouble::NotFound) }
}

/// The end of a number, enough to tell two calls apart: `••49`; of an airing the station.
pub(crate) fn tail(job: &Job) -> String {
    match &job.spec.target {
        Target::Call(call) => {
            let digits = call.to.digits();
            format!("••{}", digits.get(digits.len().saturating_sub(2)..).unwrap_or_default())
        }
        Target::Air(air) => air.station.to_string(),
    }
}

/// The text of a job, or which recording it is.
pub(crate) fn text(job: &Job, w: &Words) -> String {
    match &job.spec.content {
        Content::Speech(speech) => speech.text.clone(),
        Content::Audio(recording) => {
            format!("{} {}", w.airs.recording, recording.id.get(..8).unwrap_or_default())
        }
    }
}

/// The language of its text, for screen readers.
pub(crate) fn text_language(job: &Job, w: &Words) -> String {
    job.spec.speech().map_or_else(|| w.tag.to_owned(), |speech| speech.language.clone())
}

/// Where a job goes, as `to.html` shows it.
pub(crate) struct Destination {
    pub(crate) on_air: bool,
    /// A masked number, or a station.
    pub(crate) name: String,
}

impl Destination {
    pub(crate) fn of(job: &Job) -> Self {
        match &job.spec.target {
            Target::Call(call) => Self { on_air: false, name: call.to.masked() },
            Target::Air(air) => Self { on_air: true, name: air.station.to_string() },
        }
    }
}
