//! What a person may choose for a job: to call again and, where its fate is not known, what became of it.

use pregon_core::{Job, Target};

use super::{Chrome, tail};
use crate::people::uncertain;

/// The choices, as `decide.html` and `again.html` offer them.
pub(crate) struct Choices {
    pub(crate) id: String,
    pub(crate) attempt: u16,
    pub(crate) standing: &'static str,
    /// What the button says that leads to it.
    pub(crate) again: &'static str,
    /// What calling or airing again means.
    pub(crate) ask: String,
    pub(crate) yes: String,
}

impl Choices {
    pub(crate) fn of(job: &Job, c: &Chrome) -> Self {
        let w = c.w();
        let (again, ask, yes) = match &job.spec.target {
            Target::Call(_) => (w.call_again, (w.again_ask)(job), (w.again_yes)(&tail(job))),
            Target::Air(_) => (w.airs.again, (w.airs.again_ask)(job), w.airs.again_yes.to_owned()),
        };
        Self { id: job.id.to_string(), attempt: job.attempt, standing: standing(job), again, ask, yes }
    }
}

/// How the job stands, as a form names it that was made while it stood so: who calls again because nothing is known
/// must not do so after somebody has said that it was heard.
pub(crate) const fn standing(job: &Job) -> &'static str {
    if uncertain(job) { "uncertain" } else { job.state.name().as_str() }
}
