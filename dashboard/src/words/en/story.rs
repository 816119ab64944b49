//! How a job's story is told in English.

use pregon_core::{
    Job, LiveCall, Outcome, OutcomeKind, Phase, Played, Reply, Sequel, State, Timestamp, Verdict, Waiting,
    What,
};

use super::airing;
use super::calls::{CALLS, outcome};
use crate::format::Locale;
use crate::icon::{Icon, Tone, of_outcome};
use crate::pages::{detail, doubt, was_called};
use crate::words::{Language, Told, line};

/// How things stand, in a sentence.
pub(super) fn story(job: &Job, locale: &Locale, now: Timestamp) -> String {
    if let Some(air) = job.spec.air() {
        return airing::story(job, air, locale, now);
    }
    let worker = job.worker.as_deref().unwrap_or("A worker");
    match &job.state {
        State::Scheduled { due } if job.attempt == 0 => {
            format!("The call will be made at {}.", locale.when(*due, now))
        }
        State::Scheduled { due } if let Some(outcome) = &job.outcome => {
            format!("{} It is tried again at {}.", failed(outcome.kind), locale.when(*due, now))
        }
        State::Scheduled { due } => {
            format!("Attempt {} did not go out; it is repeated at {}.", job.attempt, locale.when(*due, now))
        }
        State::Queued { .. } => "Waits in the queue for a worker to take it.".to_owned(),
        State::Processing { cancelling: true, .. } => {
            format!("Asked to cancel; {worker} decides whether it is in time.")
        }
        State::Processing { .. } => format!("{worker} is preparing the message."),
        State::Dispatched { waiting: Waiting::Pickup, .. } => {
            "The call file is in the spool; Asterisk has not taken it yet.".to_owned()
        }
        State::Dispatched { waiting: Waiting::Result | Waiting::Station, .. } => {
            "Asterisk has the call; its outcome is not known yet.".to_owned()
        }
        State::Dispatched { waiting: Waiting::Person, .. } => {
            format!("{} {}", (CALLS.doubt)(doubt(job)), CALLS.until_you_decide)
        }
        State::Completed => {
            job.outcome.as_ref().map_or_else(|| "The call was heard.".to_owned(), |o| heard(job, o))
        }
        State::Failed => match &job.outcome {
            Some(outcome) if outcome.kind == OutcomeKind::Expired && job.dispatched.is_some() => {
                "Its time was over before it could be called again.".to_owned()
            }
            Some(outcome) => failed(outcome.kind).to_owned(),
            None => "The call never left: the message could not be prepared or dispatched.".to_owned(),
        },
        State::Cancelled if let Some(outcome) = &job.outcome => {
            format!("{} Cancelled before the next attempt.", failed(outcome.kind))
        }
        State::Cancelled if was_called(job) => "Cancelled before it was called again.".to_owned(),
        State::Cancelled => "Cancelled before it was dispatched.".to_owned(),
    }
}

fn heard(job: &Job, outcome: &Outcome) -> String {
    if outcome.kind == OutcomeKind::Uncertain {
        return "It was heard: a person decided so, because no outcome came in.".to_owned();
    }
    let attempt = match job.counted() {
        0 | 1 => "",
        2 => " at the second attempt",
        3 => " at the third attempt",
        _ => " after several attempts",
    };
    let seconds = job.clip.as_ref().map(|c| Language::En.seconds(c.seconds.round()));
    let heard = match (outcome.played, seconds) {
        // Where something is asked, a key cuts the message short.
        (Some(Played::Fully), Some(seconds)) if outcome.reply.is_none() => {
            format!("heard all {seconds} seconds")
        }
        (Some(Played::Fully), _) => "heard the message".to_owned(),
        (Some(Played::Partly), _) => "heard part of the message".to_owned(),
        (Some(Played::None) | None, _) => "the message was played".to_owned(),
    };
    let did = match (outcome.reply, outcome.digits.as_deref().filter(|d| !d.is_empty())) {
        (Some(Reply::Confirmed), _) => "confirmed".to_owned(),
        (Some(Reply::OptedOut), _) => "asked for no more calls".to_owned(),
        (Some(Reply::Entered), Some(digits)) => format!("entered {digits}"),
        (Some(Reply::Nothing), _) => {
            return format!("The person answered{attempt} and {heard}, but did not reply to the question.");
        }
        (None, Some(digits)) => format!("pressed {digits}"),
        (Some(Reply::Entered) | None, None) => return format!("The person answered{attempt} and {heard}."),
    };
    format!("The person answered{attempt}, {heard} and {did}.")
}

const fn failed(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Answered => "Somebody answered, but the message was not played.",
        OutcomeKind::Busy => "The line was busy.",
        OutcomeKind::NoAnswer => "The phone rang and nobody answered.",
        OutcomeKind::Rejected => "The person rejected the call.",
        OutcomeKind::InvalidNumber => "That number does not exist.",
        OutcomeKind::Congestion => "The network had no free line.",
        OutcomeKind::Unreachable => "That number could not be reached.",
        OutcomeKind::Silent => "Somebody answered, but no audio went out.",
        OutcomeKind::Expired => "Its time was over before it could be called; it never rang.",
        OutcomeKind::Uncertain => "Nobody ever knew whether it rang, and it was left at that.",
        OutcomeKind::Aired => "It was aired.",
        OutcomeKind::Skipped => "Somebody took it off the air.",
        OutcomeKind::Failed => "The station could not air it.",
    }
}

/// How far a call is that goes on.
pub(super) fn on_the_line(call: &LiveCall, locale: &Locale) -> String {
    let since = locale.clock_seconds(call.since);
    match call.phase {
        Phase::Dialling => format!("Asterisk has been dialling since {since}."),
        Phase::Ringing => format!("The phone has been ringing since {since}."),
        Phase::Answered => format!("Somebody answered at {since}; the call goes on."),
    }
}

/// A line of the timeline.
pub(super) fn told(what: &What, job: &Job, locale: &Locale, now: Timestamp) -> Told {
    if let Some(told) = job.spec.air().and_then(|air| airing::told(what, air, locale, now)) {
        return told;
    }
    match what {
        What::Accepted => {
            let client = job.client.as_ref().map_or_else(String::new, |c| format!("client {c}"));
            line(Icon::Clock, Tone::Plan, "Accepted", " by the API", &client)
        }
        What::Claimed { worker } => line(Icon::Work, Tone::Go, "Taken", &format!(" by {worker}"), ""),
        What::Dispatched => line(Icon::Send, Tone::Go, "Handed over", " to Asterisk", ""),
        What::Retry { due, error } => {
            let again = format!("; repeated at {}", locale.when(*due, now));
            line(Icon::Again, Tone::Warn, "The attempt failed", &again, error)
        }
        What::Released => {
            line(Icon::Queue, Tone::Plan, "Given back", " to the queue: the worker stopped in good order", "")
        }
        What::Rescued { handed_over: true } => {
            line(Icon::Unplug, Tone::Warn, "Rescued", ": the worker died after handing it over", "")
        }
        What::Rescued { handed_over: false } => line(
            Icon::Unplug,
            Tone::Warn,
            "Rescued",
            ": the worker died before handing it over; does not count",
            "",
        ),
        What::Outcome { outcome: o, next } => {
            let (icon, tone) = of_outcome(o.kind);
            let next = next.map_or_else(String::new, |next| follows(next, locale, now));
            line(icon, tone, outcome(o.kind), &format!("{}{next}", course(o, locale)), &detail(o, locale))
        }
        What::Decided { verdict: Verdict::Heard } => {
            line(Icon::Check, Tone::Ok, "Heard", ": a person decided so", "")
        }
        What::Decided { verdict: Verdict::Left } => line(
            Icon::Slash,
            Tone::Plain,
            "Left at that",
            ": a person decided so; nobody is called again",
            "",
        ),
        What::Failed { error } => line(Icon::Fail, Tone::Bad, "Failed", " without being handed over", error),
        What::CancelAsked => line(Icon::Slash, Tone::Warn, "Asked to cancel", "", ""),
        What::HangUpAsked => {
            line(Icon::Slash, Tone::Warn, "Asked to hang up", "; no other attempt follows", "")
        }
        What::Cancelled => line(Icon::Slash, Tone::Plain, "Cancelled", " before it was handed over", ""),
        What::Expired => line(Icon::Sand, Tone::Plain, "Expired", " before it could be called", ""),
        What::Again => line(Icon::Again, Tone::Plan, "Asked for another attempt", "", ""),
    }
}

/// How long it rang and how much was heard, behind the word of the outcome.
fn course(outcome: &Outcome, locale: &Locale) -> String {
    let seconds = outcome.ring_seconds.map(|s| locale.language.seconds(s));
    match (outcome.kind, seconds) {
        (OutcomeKind::Answered, seconds) => {
            let rang = seconds.map_or_else(String::new, |s| format!(" after {s}\u{a0}s"));
            let heard = match outcome.played {
                Some(Played::Fully) if outcome.reply.is_none() => ", heard in full",
                Some(Played::Fully) => ", heard",
                Some(Played::Partly) => ", heard in part",
                Some(Played::None) | None => "",
            };
            rang + heard
        }
        (_, Some(seconds)) => format!(" after {seconds}\u{a0}s"),
        (_, None) => String::new(),
    }
}

/// What follows from an outcome, behind its word.
fn follows(next: Sequel, locale: &Locale, now: Timestamp) -> String {
    match next {
        Sequel::Again { due, attempt, of } => {
            format!("; tried again at {}, attempt {attempt} of {of}", locale.when(due, now))
        }
        Sequel::NoneLeft => "; no attempts left".to_owned(),
        Sequel::Enough => "; its waits allow no further retry".to_owned(),
        Sequel::TooLate => "; not tried again: it expires before the next attempt".to_owned(),
        Sequel::Never => ": never tried again".to_owned(),
        Sequel::Person => "; not tried again unless a person decides so".to_owned(),
    }
}
