//! How things stand at this moment.

pub(crate) mod cry;
mod facts;
mod minutes;
mod rows;
mod trunks;

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use pregon_core::{DEAD, Depth, Lane, StateName, Timestamp, clock};

use self::cry::cry;
use self::facts::{Facts, is_alive};
use self::minutes::{Output, Spans};
use self::rows::{Failure, Person, Worker};
use self::trunks::Trunk;
use super::{Chrome, Flash, Section, Trouble, rendered};
use crate::House;
use crate::csrf::Posted;
use crate::icon::Icon;
use crate::visitor::Visitor;
use crate::words::Said;

/// Uncertain calls shown; the list of dispatched jobs has all.
const PEOPLE_SHOWN: usize = 12;
/// A dashboard is no place to start more workers than a machine can bear.
pub(crate) const MOST_WORKERS: usize = 64;

/// `GET /`
#[derive(Template)]
#[template(
    path = "overview.html",
    blocks = [
        "badge", "clock", "lede", "board", "states", "people", "output", "output_data", "wait", "wait_data", "run",
        "run_data", "queues", "trunks", "workers", "failures"
    ]
)]
pub(crate) struct Overview {
    c: Chrome,
    first: bool,
    api_url: String,
    cry: Vec<(Said, &'static str)>,
    figures: Vec<Figure>,
    people: Vec<Person>,
    more_people: bool,
    output: Output,
    wait: Spans,
    run: Spans,
    queues: Option<Vec<Depth>>,
    trunks: Vec<Trunk>,
    workers: Vec<Worker>,
    slots: String,
    scale: Option<usize>,
    failures: Vec<Failure>,
    failed: u64,
}

struct Figure {
    state: StateName,
    n: u64,
    note: String,
}

impl Overview {
    /// The page as of `now`.
    pub(crate) async fn load(house: &House, visitor: &Visitor, now: Timestamp) -> Result<Self, Trouble> {
        let facts = Facts::gather(house, visitor, now).await?;
        let mut c = Chrome::of(house, visitor, Section::Overview, now);
        c.people = facts.people.len() as u64;
        let w = c.w();
        let situation = facts.situation(now);
        let slots = facts.workers.iter().filter(|b| is_alive(b, now));
        let slots = slots.fold((0, 0), |(busy, all), b| (busy + u64::from(b.busy), all + u64::from(b.slots)));
        Ok(Self {
            first: facts.counts.total() == 0,
            api_url: house.api_url.clone(),
            cry: cry(&situation).iter().map(|s| ((w.cry)(s), s.leads_to())).collect(),
            figures: figures(&c, &facts, slots.1, now),
            people: facts.people.iter().take(PEOPLE_SHOWN).map(|j| Person::of(j, &c, visitor)).collect(),
            more_people: facts.people.len() > PEOPLE_SHOWN,
            output: Output::read(&facts.minutes, &c.locale, now),
            wait: Spans::read(&facts.minutes, "wait", &c.locale, now),
            run: Spans::read(&facts.minutes, "run", &c.locale, now),
            trunks: trunks::rows(&house.gates, &facts.loads, &c.locale),
            queues: facts.depths.ok(),
            workers: facts.workers.iter().map(|b| Worker::of(b, &c)).collect(),
            slots: if slots.1 > 0 { (w.slots_busy)(slots.0, slots.1) } else { String::new() },
            scale: house.workers.as_ref().filter(|_| c.is_operator()).map(|n| *n.borrow()),
            failures: facts.failures.iter().map(|j| Failure::of(j, &c)).collect(),
            failed: facts.counts.of(StateName::Failed),
            c,
        })
    }

    /// Whether no job was ever asked for.
    pub(crate) const fn is_first(&self) -> bool {
        self.first
    }

    /// The parts that change, or all of the board where the page so far shows the first steps.
    pub(crate) fn fragments(&self, whole: bool) -> askama::Result<Vec<String>> {
        let mut out = vec![self.as_badge().render()?, self.as_clock().render()?, self.as_lede().render()?];
        if whole {
            out.push(self.as_board().render()?);
        }
        if whole || self.first {
            return Ok(out);
        }
        out.extend([
            self.as_states().render()?,
            self.as_people().render()?,
            self.as_output().render()?,
            self.as_output_data().render()?,
            self.as_wait().render()?,
            self.as_wait_data().render()?,
            self.as_run().render()?,
            self.as_run_data().render()?,
            self.as_queues().render()?,
            self.as_trunks().render()?,
            self.as_workers().render()?,
            self.as_failures().render()?,
        ]);
        Ok(out)
    }
}

fn figures(c: &Chrome, facts: &Facts, slots: u64, now: Timestamp) -> Vec<Figure> {
    let w = c.w();
    let unless_zero = |n: u64, say: &dyn Fn(u64) -> String| if n == 0 { String::new() } else { say(n) };
    let note = |state| match state {
        StateName::Scheduled => {
            facts.next.map_or_else(String::new, |at| (w.next_at)(&c.locale.when(at, now)))
        }
        StateName::Queued => unless_zero(facts.waiting_in(Lane::High.queue()), &w.high_waiting),
        StateName::Processing => unless_zero(slots, &w.of_slots),
        StateName::Dispatched => unless_zero(facts.people.len() as u64, &w.people_count),
        StateName::Completed => {
            let (heard, failed) = (facts.counts.of(state), facts.counts.of(StateName::Failed));
            unless_zero(heard, &|n| (w.heard_share)(&c.locale.language.percent(n, n + failed)))
        }
        StateName::Failed => unless_zero(facts.in_last_hour("failed"), &w.last_hour),
        StateName::Cancelled => unless_zero(facts.in_last_hour("cancelled"), &w.last_hour),
    };
    StateName::ALL.map(|state| Figure { state, n: facts.counts.of(state), note: note(state) }).into()
}

/// `GET /`
pub(crate) async fn show(
    State(house): State<House>,
    visitor: Visitor,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Response, Trouble> {
    let mut page = Overview::load(&house, &visitor, clock::now()).await?;
    let first = if page.first { "&first=1" } else { "" };
    page.c.live = Some(format!("/live?page=overview{first}&lang={}", visitor.guest.language.tag()));
    page.c.flash = query.get("said").and_then(|word| Flash::parse(word));
    rendered(&page)
}

/// `POST /dead/replay`: puts set-aside messages back.
pub(crate) async fn replay_dead(
    State(house): State<House>,
    visitor: Visitor,
    _form: Posted,
) -> Result<Response, Trouble> {
    visitor.must_operate()?;
    Ok(match house.desk.queue().replay_dead().await {
        Ok(n) => {
            tracing::info!(messages = n, by = visitor.caller.name, "set-aside messages put back");
            Flash::Replayed.after("/")
        }
        Err(error) => {
            tracing::warn!(%error, "set-aside messages were not put back");
            Flash::NotReplayed.after("/")
        }
    })
}

/// `POST /workers`: sets how many workers this process runs.
pub(crate) async fn scale(
    State(house): State<House>,
    visitor: Visitor,
    form: Posted,
) -> Result<Response, Trouble> {
    visitor.must_operate()?;
    let workers = house.workers.as_ref().ok_or(Trouble::NotFound)?;
    let count = form.get("count").parse().ok().filter(|n| *n <= MOST_WORKERS).ok_or(Trouble::Refused)?;
    tracing::info!(count, by = visitor.caller.name, "workers scaled");
    workers.send_replace(count);
    Ok(Flash::Scaled.after("/"))
}
