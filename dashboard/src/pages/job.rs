//! One job: what happened to it, and what can be done about it.

pub(crate) mod acts;
mod airing;
mod facts;
mod json;

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use pregon_core::{
    Clip, Job, Lane, LiveCall, OnAirAnnouncement, State as JobState, StateName, Timestamp, Waiting, clock,
};

use self::facts::{CallFile, Fact, call_file, facts};
use self::json::{Piece, pieces};
use super::choices::Choices;
use super::story::{Line, Verdict, being_heard, on_the_line, result_of, timeline};
use super::{Chrome, Destination, Flash, Section, Trouble, rendered, tail, text, text_language, visible_job};
use crate::House;
use crate::audio::envelope;
use crate::chart;
use crate::icon::Icon;
use crate::visitor::Visitor;

/// `GET /jobs/{id}`
#[derive(Template)]
#[template(
    path = "job.html",
    blocks = ["badge", "clock", "lede", "acts", "message", "timeline", "facts", "file", "json"]
)]
pub(crate) struct JobPage {
    c: Chrome,
    job: Job,
    /// Its call, while it goes on and is followed.
    live: Option<LiveCall>,
    /// Its announcement, while it is heard.
    on_air: Option<OnAirAnnouncement>,
    id: String,
    may_change: bool,
    choices: Choices,
    /// The whole number, after somebody asked for it.
    revealed: Option<String>,
    verdict: Verdict,
    wave: Option<String>,
    lines: Vec<Line>,
    facts: Vec<Fact>,
    call_file: CallFile,
    json: Vec<Piece>,
}

impl JobPage {
    /// The page as of `now`.
    pub(crate) async fn load(
        house: &House,
        visitor: &Visitor,
        id: &str,
        now: Timestamp,
    ) -> Result<Self, Trouble> {
        let job = visible_job(house, visitor, id).await?;
        let mut c = Chrome::of(house, visitor, Section::Jobs, now);
        let people = house.0.people.waiting_for(house.desk.store(), &visitor.caller, now).await?;
        c.people = people.len() as u64;
        let wave = match &job.clip {
            Some(clip) => envelope(clip, &house.audio_dir).await.map(|e| chart::wave(&e)),
            None => None,
        };
        let call_file = match &house.spool_ledger {
            Some(ledger) if job.attempt > 0 => call_file(ledger, &job).await,
            _ => CallFile::Absent,
        };
        let live = live_call(house, &job);
        let on_air = airing::on_air(house, &job).await;
        let verdict = match &live {
            Some(call) => on_the_line(call, &c.locale),
            None if on_air.is_some() => being_heard(&c.locale),
            None => result_of(&job, &c.locale, now),
        };
        Ok(Self {
            id: job.id.to_string(),
            may_change: visitor.caller.may_change(job.client.as_deref()),
            choices: Choices::of(&job, &c),
            revealed: None,
            verdict,
            wave,
            lines: timeline(&job, &c.locale, now),
            facts: facts(&job, &c),
            call_file,
            json: pieces(&job, live.as_ref()),
            live,
            on_air,
            c,
            job,
        })
    }

    /// The parts that change.
    pub(crate) fn fragments(&self) -> askama::Result<Vec<String>> {
        Ok(vec![
            self.as_badge().render()?,
            self.as_clock().render()?,
            self.as_lede().render()?,
            self.as_acts().render()?,
            self.as_message().render()?,
            self.as_timeline().render()?,
            self.as_facts().render()?,
            self.as_file().render()?,
            self.as_json().render()?,
        ])
    }
}

/// What the template asks for.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "askama hands fields over by reference")]
impl JobPage {
    fn story(&self) -> String {
        let w = self.c.w();
        if let Some(call) = &self.live {
            return (w.on_the_line)(call, &self.c.locale);
        }
        match self.on_air.as_ref().and_then(|announcement| announcement.began) {
            Some(began) => (w.airs.on_air_since)(&self.c.locale.when_seconds(began, self.c.now)),
            None => (w.story)(&self.job, &self.c.locale, self.c.now),
        }
    }

    fn is_airing(&self) -> bool {
        self.job.spec.air().is_some()
    }

    fn title(&self) -> &'static str {
        let w = self.c.w();
        if self.is_airing() { w.airs.announcement } else { w.call }
    }

    fn text(&self) -> String {
        text(&self.job, self.c.w())
    }

    fn text_language(&self) -> String {
        text_language(&self.job, self.c.w())
    }

    fn text_title(&self) -> &'static str {
        let w = self.c.w();
        if self.job.spec.speech().is_some() { w.asked_text } else { w.airs.recording }
    }

    fn tail(&self) -> String {
        tail(&self.job)
    }

    fn number(&self) -> String {
        self.revealed.clone().unwrap_or_else(|| Destination::of(&self.job).name)
    }

    fn state(&self) -> StateName {
        self.job.state.name()
    }

    fn attempt(&self) -> String {
        (self.c.w().attempt_n)(self.job.attempt)
    }

    fn cancel_ask(&self) -> &'static str {
        let w = self.c.w();
        if self.is_airing() { (w.airs.cancel_ask)(self.state()) } else { (w.cancel_ask)(self.state()) }
    }

    fn cancel_yes(&self) -> &'static str {
        let w = self.c.w();
        if self.is_airing() { w.airs.cancel_yes } else { (w.cancel_yes)(self.state()) }
    }

    fn cannot_cancel(&self) -> &'static str {
        let w = self.c.w();
        match self.is_airing() {
            true if self.on_air.is_some() => w.airs.has_begun,
            true => (w.airs.cannot_cancel)(self.state()),
            false => (w.cannot_cancel)(self.state()),
        }
    }

    fn since(&self) -> String {
        let w = self.c.w();
        match self.job.finished {
            Some(at) => (w.ended_at)(&self.c.locale.when(at, self.c.now)),
            None => (w.accepted_at)(&self.c.locale.when(self.job.created, self.c.now)),
        }
    }

    fn is_simulated(&self) -> bool {
        self.job.outcome.as_ref().is_some_and(|o| o.simulated)
    }

    fn is_uncertain(&self) -> bool {
        crate::people::uncertain(&self.job)
    }

    fn has_ended(&self) -> bool {
        self.state().is_final()
    }

    /// What Asterisk has cannot be called back, but what might follow it can. A station takes it out until it begins.
    fn can_be_cancelled(&self) -> bool {
        match self.job.state {
            JobState::Scheduled { .. } | JobState::Queued { .. } | JobState::Processing { .. } => true,
            JobState::Dispatched { waiting: Waiting::Pickup | Waiting::Result, .. } => !self.job.exhausted(),
            JobState::Dispatched { waiting: Waiting::Station, .. } => {
                self.on_air.is_none() && !self.job.cancel_asked()
            }
            JobState::Dispatched { waiting: Waiting::Person, .. }
            | JobState::Completed
            | JobState::Failed
            | JobState::Cancelled => false,
        }
    }

    fn decimal(&self, value: &f64) -> String {
        self.c.locale.language.decimal(*value, 1)
    }

    fn wave_label(&self, clip: &Clip) -> String {
        (self.c.w().wave_label)(&self.c.locale.language.seconds(clip.seconds))
    }

    fn kilohertz(&self) -> u8 {
        if self.is_airing() { 48 } else { 8 }
    }

    fn audio(&self, clip: &Clip) -> String {
        format!("/jobs/{}/audio?v={}", self.id, clip.hash.get(..8).unwrap_or_default())
    }
}

/// `GET /jobs/{id}`
pub(crate) async fn show(
    State(house): State<House>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let mut page = JobPage::load(&house, &visitor, &id, clock::now()).await?;
    page.c.live = Some(format!("/live?page=job&id={}&lang={}", page.id, visitor.guest.language.tag()));
    page.c.flash = query.get("said").and_then(|word| Flash::parse(word));
    rendered(&page)
}

/// The call of a dispatched job, where calls are followed and it goes on.
fn live_call(house: &House, job: &Job) -> Option<LiveCall> {
    let dispatched = job.state.name() == StateName::Dispatched;
    house.switchboard.as_ref().filter(|_| dispatched)?.call(job.key())
}
