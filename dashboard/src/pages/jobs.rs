//! The list of jobs.

mod asked;

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use pregon_core::stats::Counts;
use pregon_core::{Filter, Job, JobId, Lane, StateName, Timestamp, clock};

pub(crate) use self::asked::Asked;
use self::asked::{Kind, Since};
use super::story::{Verdict, result_of, row_class};
use super::{Chrome, Destination, Section, Trouble, rendered, text, text_language};
use crate::House;
use crate::format::Locale;
use crate::icon::Icon;
use crate::visitor::Visitor;

/// Jobs on a page.
const ROWS: usize = 25;
/// New jobs are counted up to this many.
const COUNTED: usize = 100;
struct Row {
    id: String,
    class: &'static str,
    state: StateName,
    to: Destination,
    text: String,
    language: String,
    verdict: Verdict,
    high: bool,
    attempt: String,
    at: Timestamp,
    when: String,
}

impl Row {
    fn of(job: &Job, locale: &Locale, now: Timestamp) -> Self {
        Self {
            id: job.id.to_string(),
            class: row_class(job),
            state: job.state.name(),
            to: Destination::of(job),
            text: text(job, locale.words()),
            language: text_language(job, locale.words()),
            verdict: result_of(job, locale, now),
            high: job.spec.lane == Lane::High,
            attempt: if job.attempt == 0 { "–".to_owned() } else { job.counted().to_string() },
            at: job.created,
            when: locale.when(job.created, now),
        }
    }
}

/// `GET /jobs`
#[derive(Template)]
#[template(path = "jobs.html", blocks = ["badge", "clock", "lede", "chips", "newer", "list"])]
pub(crate) struct Jobs {
    c: Chrome,
    asked: Asked,
    /// Of all clients; absent for those who may see their own jobs only.
    counts: Option<Counts>,
    rows: Vec<Row>,
    older: Option<String>,
    /// How many newer ones there are, in words.
    new: Option<String>,
    api_url: String,
}

impl Jobs {
    /// The page as of `now`. With `top`, jobs newer than that one are only counted, so that rows stay where a reader
    /// has them.
    pub(crate) async fn load(
        house: &House,
        visitor: &Visitor,
        asked: Asked,
        top: Option<JobId>,
        now: Timestamp,
    ) -> Result<Self, Trouble> {
        let store = house.desk.store();
        let mut c = Chrome::of(house, visitor, Section::Jobs, now);
        let mut filter = asked.filter(visitor, &c.locale, now);
        let mut new = None;
        if let Some(top) = top.filter(|_| asked.before.is_none()) {
            let latest = store.list(&Filter { limit: COUNTED, ..filter.clone() }).await?;
            let n = latest.jobs.iter().filter(|j| j.id > top).count();
            new = (n > 0).then(|| (c.w().new_ones)(n as u64, n >= COUNTED));
            filter.before = Some(just_above(top));
        }
        let page = store.list(&filter).await?;
        c.people = house.0.people.waiting_for(store, &visitor.caller, now).await?.len() as u64;
        let counts = match filter.client {
            Some(_) => None,
            None => Some(store.counts().await?),
        };
        let rows = page.jobs.iter().map(|j| Row::of(j, &c.locale, now)).collect();
        let older = page.next.map(|next| asked.older(next));
        Ok(Self { c, asked, counts, rows, older, new, api_url: house.api_url.clone() })
    }

    /// The parts that change.
    pub(crate) fn fragments(&self) -> askama::Result<Vec<String>> {
        Ok(vec![
            self.as_badge().render()?,
            self.as_clock().render()?,
            self.as_lede().render()?,
            self.as_chips().render()?,
            self.as_newer().render()?,
            self.as_list().render()?,
        ])
    }
}

/// What the template asks for.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "askama hands fields over by reference")]
impl Jobs {
    fn lede(&self) -> String {
        let w = self.c.w();
        match (&self.counts, self.asked.is_narrowed()) {
            _ if self.rows.is_empty() && self.is_bare() => w.list_empty_lede.to_owned(),
            (Some(counts), false) => {
                let n = self.asked.state.map_or_else(|| counts.total(), |s| counts.of(s));
                (w.list_lede)(n, self.asked.state)
            }
            _ if self.older.is_some() || self.asked.before.is_some() => w.list_more_lede.to_owned(),
            _ => (w.list_found_lede)(self.rows.len() as u64),
        }
    }

    /// Neither narrowed nor paged: if nothing is listed here, there is nothing.
    fn is_bare(&self) -> bool {
        self.asked == Asked::default()
    }

    fn in_state(&self, state: &StateName) -> String {
        self.asked.in_state(Some(*state))
    }

    fn chip(&self, state: &StateName) -> Option<String> {
        self.counts.map(|counts| self.c.n(&counts.of(*state)))
    }

    fn total(&self) -> Option<String> {
        self.counts.map(|counts| self.c.n(&counts.total()))
    }

    fn is_state(&self, state: &StateName) -> bool {
        self.asked.state == Some(*state)
    }

    fn sinces(&self) -> [(&'static str, &'static str, bool); 4] {
        let w = self.c.w();
        Since::ALL.map(|since| {
            let word = match since {
                Since::Ever => w.since_ever,
                Since::Hour => w.since_hour,
                Since::Today => w.since_today,
                Since::Week => w.since_week,
            };
            (since.as_str(), word, self.asked.since == since)
        })
    }
}

/// The smallest id above `id`, so that a page "before" it begins with `id`.
fn just_above(id: JobId) -> JobId {
    JobId::from(uuid::Uuid::from_u128(id.uuid().as_u128().saturating_add(1)))
}

/// `GET /jobs`
pub(crate) async fn show(
    State(house): State<House>,
    visitor: Visitor,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let asked = Asked::read(&query);
    let mut page = Jobs::load(&house, &visitor, asked, None, clock::now()).await?;
    let mut live = page.asked.pairs();
    live.append_pair("page", "jobs").append_pair("lang", visitor.guest.language.tag());
    if let Some(row) = page.rows.first() {
        live.append_pair("top", &row.id);
    }
    page.c.live = Some(format!("/live?{}", live.finish()));
    rendered(&page)
}
