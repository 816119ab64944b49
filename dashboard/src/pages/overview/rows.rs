//! The rows of the overview's lists: people who wait, workers, failures.

use pregon_core::{Beat, Job, Target};

use super::facts::is_alive;
use super::trunks::boxes;
use crate::format::glance;
use crate::pages::choices::Choices;
use crate::pages::story::{Verdict, doubt, result_of};
use crate::pages::{Chrome, Destination, text, text_language};
use crate::visitor::Visitor;

pub(super) struct Person {
    pub(super) id: String,
    pub(super) to: Destination,
    pub(super) text: String,
    pub(super) language: String,
    /// What is known of it, and that nothing happens by itself.
    pub(super) fate: String,
    pub(super) ago: String,
    pub(super) choices: Choices,
    pub(super) may_change: bool,
}

pub(super) struct Worker {
    pub(super) id: String,
    pub(super) alive: bool,
    /// A small box per slot: busy or not. Empty where there are too many.
    pub(super) drawn: Vec<bool>,
    pub(super) slots: String,
    pub(super) done: String,
    pub(super) ago: String,
}

pub(super) struct Failure {
    pub(super) id: String,
    pub(super) to: Destination,
    pub(super) verdict: Verdict,
    pub(super) text: String,
    pub(super) language: String,
    pub(super) advice: &'static str,
    pub(super) attempts: String,
    pub(super) when: String,
}

impl Person {
    pub(super) fn of(job: &Job, c: &Chrome, visitor: &Visitor) -> Self {
        let since = job.dispatched.unwrap_or(job.created);
        Self {
            id: job.id.to_string(),
            to: Destination::of(job),
            text: text(job, c.w()),
            language: text_language(job, c.w()),
            fate: fate(job, c),
            ago: (c.w().ago)(&glance(c.now.since(since))),
            choices: Choices::of(job, c),
            may_change: visitor.caller.may_change(job.client.as_deref()),
        }
    }
}

fn fate(job: &Job, c: &Chrome) -> String {
    let w = c.w();
    match &job.spec.target {
        Target::Call(_) => format!("{} {}", (w.calls.doubt)(doubt(job)), w.calls.until_you_decide),
        Target::Air(_) => w.airs.doubt.to_owned(),
    }
}

impl Worker {
    pub(super) fn of(beat: &Beat, c: &Chrome) -> Self {
        let w = c.w();
        let alive = is_alive(beat, c.now);
        Self {
            id: beat.id.clone(),
            alive,
            drawn: boxes(if alive { beat.busy } else { 0 }, beat.slots),
            slots: (w.of)(beat.busy.into(), beat.slots.into()),
            done: (w.worker_done)(beat.done, beat.rescued),
            ago: glance(c.now.since(beat.at)),
        }
    }
}

impl Failure {
    pub(super) fn of(job: &Job, c: &Chrome) -> Self {
        Self {
            id: job.id.to_string(),
            to: Destination::of(job),
            verdict: result_of(job, &c.locale, c.now),
            text: text(job, c.w()),
            language: text_language(job, c.w()),
            advice: (c.w().advice)(job.outcome.as_ref().map(|o| o.kind)),
            attempts: format!("{}/{}", job.counted(), job.allowed),
            when: c.locale.when(job.finished.unwrap_or(job.created), c.now),
        }
    }
}
