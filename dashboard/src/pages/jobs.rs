//! The list of jobs.

use std::collections::HashMap;
use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use pregon_core::stats::Counts;
use pregon_core::{Filter, Job, JobId, Lane, StateName, Timestamp, clock};
use url::form_urlencoded::Serializer;

use super::story::{Verdict, result_of, row_class};
use super::{Chrome, Section, Trouble, masked, rendered, text, text_language};
use crate::House;
use crate::format::Locale;
use crate::icon::Icon;
use crate::session::Visitor;

/// Jobs on a page.
const ROWS: usize = 25;
/// New jobs are counted up to this many.
const COUNTED: usize = 100;
/// Pages that "newer" finds back; beyond that it leads to the first.
const TRAIL: usize = 20;
/// Longest search, in characters.
const MAX_SEARCH: usize = 100;

/// From when on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Since {
    #[default]
    Ever,
    Hour,
    Today,
    Week,
}

impl Since {
    const ALL: [Self; 4] = [Self::Ever, Self::Hour, Self::Today, Self::Week];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Ever => "",
            Self::Hour => "hour",
            Self::Today => "today",
            Self::Week => "week",
        }
    }

    fn start(self, locale: &Locale, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Ever => None,
            Self::Hour => Some(now - Duration::from_hours(1)),
            Self::Today => Some(locale.midnight(now)),
            Self::Week => Some(now - Duration::from_hours(7 * 24)),
        }
    }
}

/// What the address asks for. What it does not understand it leaves out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    state: Option<StateName>,
    lane: Option<Lane>,
    since: Since,
    query: String,
    before: Option<JobId>,
    /// Where the pages before this one started, newest first.
    trail: Vec<JobId>,
}

impl Asked {
    pub(crate) fn read(pairs: &HashMap<String, String>) -> Self {
        let get = |name: &str| pairs.get(name).map_or("", String::as_str);
        Self {
            state: StateName::parse(get("status")),
            lane: Lane::ALL.into_iter().find(|l| l.as_str() == get("priority")),
            since: Since::ALL.into_iter().find(|s| s.as_str() == get("since")).unwrap_or_default(),
            query: get("q").trim().chars().filter(|c| !c.is_control()).take(MAX_SEARCH).collect(),
            before: get("before").parse().ok(),
            trail: get("trail").split(',').filter_map(|id| id.parse().ok()).take(TRAIL).collect(),
        }
    }

    fn pairs(&self) -> Serializer<'static, String> {
        let mut out = Serializer::new(String::new());
        let fields = [
            ("status", self.state.map_or("", StateName::as_str)),
            ("priority", self.lane.map_or("", Lane::as_str)),
            ("since", self.since.as_str()),
            ("q", &self.query),
        ];
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            out.append_pair(name, value);
        }
        if let Some(before) = self.before {
            out.append_pair("before", &before.to_string());
        }
        if !self.trail.is_empty() {
            let trail: Vec<_> = self.trail.iter().map(ToString::to_string).collect();
            out.append_pair("trail", &trail.join(","));
        }
        out
    }

    fn url(&self) -> String {
        let query = self.pairs().finish();
        if query.is_empty() { "/jobs".to_owned() } else { format!("/jobs?{query}") }
    }

    /// The first page of the same list, in another state.
    fn in_state(&self, state: Option<StateName>) -> String {
        Self { state, before: None, trail: Vec::new(), ..self.clone() }.url()
    }

    fn first_page(&self) -> String {
        self.in_state(self.state)
    }

    /// The same state without the rest.
    fn cleared(&self) -> String {
        Self { state: self.state, ..Self::default() }.url()
    }

    fn older(&self, next: JobId) -> String {
        let trail = self.before.into_iter().chain(self.trail.iter().copied()).take(TRAIL).collect();
        Self { before: Some(next), trail, ..self.clone() }.url()
    }

    fn newer(&self) -> Option<String> {
        self.before?;
        let mut trail = self.trail.clone();
        let before = (!trail.is_empty()).then(|| trail.remove(0));
        Some(Self { before, trail, ..self.clone() }.url())
    }

    const fn is_narrowed(&self) -> bool {
        self.lane.is_some() || !matches!(self.since, Since::Ever) || !self.query.is_empty()
    }

    fn filter(&self, visitor: &Visitor, locale: &Locale, now: Timestamp) -> Filter {
        Filter {
            state: self.state,
            lane: self.lane,
            client: visitor.own_only(),
            query: Some(self.query.clone()).filter(|q| !q.is_empty()),
            since: self.since.start(locale, now),
            before: self.before,
            limit: ROWS,
        }
    }
}

struct Row {
    id: String,
    class: &'static str,
    state: StateName,
    number: String,
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
            number: masked(job),
            text: text(job).to_owned(),
            language: text_language(job).to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Asked {
        Asked::read(&url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    #[test]
    fn an_address_is_read_and_written_back() {
        let url = asked("status=failed&priority=high&since=today&q=a%26b");
        assert_eq!(url.url(), "/jobs?status=failed&priority=high&since=today&q=a%26b");
        assert_eq!(asked("status=nonsense&priority=urgent&since=1999&before=x").url(), "/jobs");
    }

    #[test]
    fn newer_leads_back_the_way_one_came() {
        let ids: Vec<JobId> = (1..4).map(|n| JobId::new(Timestamp::from_millis(n))).collect();
        let follow = |url: &str| asked(url.split_once('?').map_or("", |(_, query)| query));
        let first = asked("q=agua");
        assert_eq!(first.newer(), None);
        let second = follow(&first.older(ids[2]));
        let third = follow(&second.older(ids[1]));
        assert_eq!((third.before, third.trail.as_slice()), (Some(ids[1]), &ids[2..]));
        let back = follow(&third.newer().unwrap());
        assert_eq!((back.before, back.trail.len()), (Some(ids[2]), 0));
        assert_eq!(back.newer().unwrap(), "/jobs?q=agua");
    }
}
