//! What is said of calls in English.

use pregon_core::{Job, OutcomeKind, Phase, Purpose, Reply, StateName};

use crate::pages::{Doubt, was_uncertain};
use crate::words::CallWords;

pub(super) const CALLS: CallWords = CallWords {
    doubt: |doubt| match doubt {
        Doubt::NoResult => "It was handed to Asterisk and no outcome came in: it may or may not have rung.",
        Doubt::WorkerDied => {
            "It was handed to Asterisk, its worker died and no outcome came in: it may or may not have rung."
        }
        Doubt::HungUp => "The call was going on when somebody asked to hang up, but no outcome came in.",
    },
    until_you_decide: "Nobody is called again until you decide.",
    it_was_heard: "It was heard",
    leave_it: "Leave it",
    was_heard: "Heard",
    a_person_says: "a person says so",
    was_left: "left at that",
    question: "Question",
    keys: "Keys",
    purpose: |purpose| match purpose {
        Purpose::Confirm => "confirms",
        Purpose::Repeat => "repeats the message",
        Purpose::OptOut => "no more calls",
    },
    input: |input| match (input.min, input.max) {
        (1, 1) => "one digit".to_owned(),
        (min, max) if min == max => format!("{max} digits"),
        (min, max) => format!("{min} to {max} digits"),
    },
    reply: |reply| match reply {
        Reply::Confirmed => "confirms",
        Reply::OptedOut => "wants no more calls",
        Reply::Entered => "their answer",
        Reply::Nothing => "no reply",
    },
    repeats: "Repeats",
    asked_again: |times| match times {
        1 => "asked to hear it again".to_owned(),
        times => format!("asked to hear it {times} more times"),
    },
    trunks: "Trunks",
    all_trunks: "All together",
    all_countries: "all countries",
    pace: "Pace",
    instead_of: |usual| usual.map_or_else(|| "usually no limit".to_owned(), |usual| format!("of {usual}")),
    slowed: "slowed down by congestion",
    at_once: "At once",
    no_limit: "no limit",
};

pub(super) fn outcome(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Answered => "Answered",
        OutcomeKind::Busy => "Busy",
        OutcomeKind::NoAnswer => "No answer",
        OutcomeKind::Rejected => "Rejected",
        OutcomeKind::InvalidNumber => "Invalid number",
        OutcomeKind::Congestion => "Congestion",
        OutcomeKind::Unreachable => "Unreachable",
        OutcomeKind::Silent => "Silent",
        OutcomeKind::Expired => "Expired",
        OutcomeKind::Uncertain => "Uncertain",
        OutcomeKind::Aired => "Aired",
        OutcomeKind::Skipped => "Skipped",
        OutcomeKind::Failed => "Failed",
    }
}

/// What may be done about a job that failed.
pub(super) fn advice(kind: Option<OutcomeKind>) -> &'static str {
    match kind {
        None => "look at the error, then try again",
        Some(OutcomeKind::Busy | OutcomeKind::NoAnswer) => "can be called again",
        Some(OutcomeKind::Rejected) => "better not insist",
        Some(OutcomeKind::InvalidNumber) => "check the number",
        Some(OutcomeKind::Congestion | OutcomeKind::Unreachable) => "check the trunk",
        Some(OutcomeKind::Silent) => "check the trunk audio",
        Some(OutcomeKind::Expired) => "too late by now",
        Some(OutcomeKind::Uncertain) => "never known; left at that",
        Some(OutcomeKind::Aired) => "was aired",
        Some(OutcomeKind::Skipped) => "somebody took it out",
        Some(OutcomeKind::Failed) => "see the reason, then air it again",
        Some(OutcomeKind::Answered) => "answered, nothing heard",
    }
}

/// What calling again means.
pub(super) fn again_ask(job: &Job) -> String {
    let attempt = job.attempt.saturating_add(1);
    let first = if job.state.name() == StateName::Completed {
        "This person has heard the message."
    } else if was_uncertain(job) {
        "This person may already have heard the message."
    } else {
        "It goes back to the queue."
    };
    format!("{first} Attempt {attempt} will be created.")
}

pub(super) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Dialling => "dialling",
        Phase::Ringing => "ringing",
        Phase::Answered => "on the line",
    }
}

/// What cancelling means.
pub(super) fn cancel_ask(state: StateName) -> &'static str {
    match state {
        StateName::Processing => "A worker holds it and decides whether it is in time.",
        StateName::Dispatched => {
            "This call was dispatched and goes on. If it is not heard, no other follows."
        }
        StateName::Scheduled
        | StateName::Queued
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => "The call will not be made.",
    }
}

pub(super) fn cancel_yes(state: StateName) -> &'static str {
    match state {
        StateName::Dispatched => "Yes, no more attempts",
        StateName::Scheduled
        | StateName::Queued
        | StateName::Processing
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => "Yes, cancel it",
    }
}

/// Why there is nothing to cancel.
pub(super) fn cannot_cancel(state: StateName) -> &'static str {
    match state {
        StateName::Dispatched => {
            "Already dispatched, and no other attempt follows: there is nothing left to cancel."
        }
        StateName::Scheduled
        | StateName::Queued
        | StateName::Processing
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => "It has ended: it cannot be cancelled.",
    }
}
