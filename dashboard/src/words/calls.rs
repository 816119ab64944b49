//! What is said of calls: what they ask, what is not known of them, and by which way they leave.

use pregon_core::{Input, Purpose, Reply};

use crate::pages::Doubt;

/// The phrases about calls.
pub(crate) struct CallWords {
    // Of those whose fate is not known
    pub(crate) doubt: fn(Doubt) -> &'static str,
    pub(crate) until_you_decide: &'static str,
    pub(crate) it_was_heard: &'static str,
    pub(crate) leave_it: &'static str,
    pub(crate) was_heard: &'static str,
    pub(crate) a_person_says: &'static str,
    pub(crate) was_left: &'static str,
    // Keys
    pub(crate) question: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) purpose: fn(Purpose) -> &'static str,
    pub(crate) input: fn(Input) -> String,
    pub(crate) reply: fn(Reply) -> &'static str,
    pub(crate) repeats: &'static str,
    pub(crate) asked_again: fn(u16) -> String,
    // Ways
    pub(crate) trunks: &'static str,
    pub(crate) all_trunks: &'static str,
    pub(crate) all_countries: &'static str,
    pub(crate) pace: &'static str,
    pub(crate) instead_of: fn(Option<&str>) -> String,
    pub(crate) slowed: &'static str,
    pub(crate) at_once: &'static str,
    pub(crate) no_limit: &'static str,
}
