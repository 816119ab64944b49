//! How the story of an announcement on the air is told in English.

use pregon_core::{Air, Airing, Job, Mode, Outcome, OutcomeKind, State, Timestamp, Waiting, What};

use super::airs::AIRS;
use super::calls::outcome;
use crate::format::Locale;
use crate::icon::{Icon, Tone, of_outcome};
use crate::pages::detail;
use crate::words::{Told, line};

/// How things stand, in a sentence.
pub(super) fn story(job: &Job, air: &Air, locale: &Locale, now: Timestamp) -> String {
    let worker = job.worker.as_deref().unwrap_or("A worker");
    match &job.state {
        State::Scheduled { due } if job.attempt == 0 => match air.mode {
            Mode::At(at) => format!("It will be aired at {}.", locale.when_seconds(at, now)),
            Mode::Interrupt | Mode::MoveOn | Mode::Duck | Mode::Next => {
                format!("It will be prepared at {} and then aired.", locale.when(*due, now))
            }
        },
        State::Scheduled { due } => {
            format!("Attempt {} did not go out; it is repeated at {}.", job.attempt, locale.when(*due, now))
        }
        State::Queued { .. } => "Waits in the queue for a worker to prepare it.".to_owned(),
        State::Processing { cancelling: true, .. } => {
            format!("Asked to cancel; {worker} decides whether it is in time.")
        }
        State::Processing { .. } => format!("{worker} is preparing the announcement."),
        State::Dispatched { waiting: Waiting::Person, .. } => AIRS.doubt.to_owned(),
        State::Dispatched { .. } if job.cancel_asked() => {
            "Asked to cancel; the station takes it out of its queue if it has not begun.".to_owned()
        }
        State::Dispatched { .. } => match air.mode {
            Mode::At(at) => {
                format!("The station has it and airs it at {}.", locale.when_seconds(at, now))
            }
            Mode::Next => "The station has it and airs it when the track ends.".to_owned(),
            Mode::Interrupt | Mode::MoveOn | Mode::Duck => {
                "The station has it and airs it as soon as its turn comes.".to_owned()
            }
        },
        State::Completed => job.outcome.as_ref().map_or_else(String::new, |o| aired(o, locale, now)),
        State::Failed => match &job.outcome {
            Some(outcome) => failed(outcome, locale, now),
            None => "It never reached the station: it could not be prepared or handed over.".to_owned(),
        },
        State::Cancelled => "Cancelled before it was aired.".to_owned(),
    }
}

fn aired(outcome: &Outcome, locale: &Locale, now: Timestamp) -> String {
    if outcome.kind == OutcomeKind::Uncertain {
        return "It was aired: a person decided so, because no outcome came in.".to_owned();
    }
    let Some(Airing { at: Some(at), seconds, listeners, .. }) = &outcome.airing else {
        return "It was aired.".to_owned();
    };
    let listeners = listeners.map_or_else(String::new, |n| format!(", with {}", (AIRS.listeners)(n.into())));
    format!("Aired at {} for {}{listeners}.", locale.when_seconds(*at, now), spoken(*seconds, locale))
}

fn failed(outcome: &Outcome, locale: &Locale, now: Timestamp) -> String {
    let heard = outcome.airing.as_ref().filter(|airing| airing.seconds > 0.0);
    let cut = heard.map(|airing| {
        let began = airing.at.map(|at| format!(" at {}", locale.when_seconds(at, now)));
        format!("Aired{} and cut short after {}", began.unwrap_or_default(), spoken(airing.seconds, locale))
    });
    match (outcome.kind, cut) {
        (OutcomeKind::Skipped, Some(cut)) => format!("{cut}: somebody skipped it."),
        (OutcomeKind::Skipped, None) => "Somebody took it out before it was aired.".to_owned(),
        (OutcomeKind::Expired, _) => "Its time was over; it was not aired.".to_owned(),
        (OutcomeKind::Uncertain, _) => {
            "Nobody ever knew whether it was aired, and it was left at that.".to_owned()
        }
        (_, Some(cut)) => format!("{cut}: the station could not finish it."),
        (_, None) => "The station could not air it.".to_owned(),
    }
}

fn spoken(seconds: f64, locale: &Locale) -> String {
    let shown = locale.language.seconds(seconds);
    if shown == "1" { "1 second".to_owned() } else { format!("{shown} seconds") }
}

/// A line of the timeline, where it reads otherwise than that of a call.
pub(super) fn told(what: &What, air: &Air, locale: &Locale, now: Timestamp) -> Option<Told> {
    match what {
        What::Dispatched => {
            Some(line(Icon::Send, Tone::Go, "Handed over", &format!(" to the station {}", air.station), ""))
        }
        What::Outcome { outcome: o, .. } => {
            let (icon, tone) = of_outcome(o.kind);
            let at = o.airing.as_ref().and_then(|airing| airing.at);
            let at = at.map_or_else(String::new, |at| format!(" at {}", locale.exact(at, now)));
            Some(line(icon, tone, outcome(o.kind), &at, &detail(o, locale)))
        }
        What::Cancelled => Some(line(Icon::Slash, Tone::Plain, "Cancelled", " before it was aired", "")),
        What::Expired => Some(line(Icon::Sand, Tone::Plain, "Expired", " before it was aired", "")),
        What::Again => Some(line(Icon::Again, Tone::Plan, "Asked to air it again", "", "")),
        What::Accepted
        | What::Claimed { .. }
        | What::Retry { .. }
        | What::Released
        | What::Rescued { .. }
        | What::Failed { .. }
        | What::CancelAsked
        | What::HangUpAsked
        | What::Decided { .. } => None,
    }
}
