//! What a person may choose for a job: to call again and, where its fate is not known, what became of it.

use pregon_core::Job;

use super::{Chrome, tail};
use crate::people::uncertain;

/// The choices, as `decide.html` and `again.html` offer them.
pub(crate) struct Choices {
    pub(crate) id: String,
    pub(crate) attempt: u16,
    pub(crate) standing: &'static str,
    /// What calling again means.
    pub(crate) ask: String,
    pub(crate) yes: String,
}

impl Choices {
    pub(crate) fn of(job: &Job, c: &Chrome) -> Self {
        let w = c.w();
        Self {
            id: job.id.to_string(),
            attempt: job.attempt,
            standing: standing(job),
            ask: (w.again_ask)(job),
            yes: (w.again_yes)(&tail(job)),
        }
    }
}

/// How the job stands, as a form names it that was made while it stood so: who calls again because nothing is known
/// must not do so after somebody has said that it was heard.
pub(crate) const fn standing(job: &Job) -> &'static str {
    if uncertain(job) { "uncertain" } else { job.state.name().as_str() }
}
