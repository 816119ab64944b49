//! What is said of announcements on the air in English.

use pregon_core::{Chime, Job, Mode, OverLive, StateName};

use super::{en, plural};
use crate::words::AirWords;

pub(super) const AIRS: AirWords = AirWords {
    announcement: "Announcement",
    station: "Station",
    with_station: "at the station",
    on_air: "On air",
    on_air_since: |time| format!("It has been on air since {time}."),
    not_aired: "not aired",
    doubt: "It was handed to the station, and it is not known whether it was aired. It is not repeated until you decide.",
    kind: "Kind",
    calls: "Calls",
    airings: "Radio",
    again: "Air again",
    again_ask,
    again_yes: "Yes, air it again",
    cancel_ask: |state| match state {
        StateName::Processing => "A worker holds it and decides whether it is in time.",
        StateName::Dispatched => "The station takes it out of its queue if it has not begun.",
        StateName::Scheduled
        | StateName::Queued
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => "It will not be aired.",
    },
    cancel_yes: "Yes, cancel it",
    has_begun: "It is on air already.",
    cannot_cancel: |state| match state {
        StateName::Dispatched => "Already asked for: the station will tell whether it was in time.",
        StateName::Scheduled
        | StateName::Queued
        | StateName::Processing
        | StateName::Completed
        | StateName::Failed
        | StateName::Cancelled => "It has ended: it cannot be cancelled.",
    },
    recording: "Recording",
    mode_title: "Mode",
    mode: |mode, locale, now| match mode {
        Mode::Interrupt => "Interrupt".to_owned(),
        Mode::MoveOn => "Interrupt and go on with the next track".to_owned(),
        Mode::Duck => "Lower the music".to_owned(),
        Mode::Next => "End of track".to_owned(),
        Mode::At(at) => format!("At {}", locale.when_seconds(at, now)),
    },
    over_live_title: "While live",
    over_live: |over_live| match over_live {
        OverLive::Wait => "waits",
        OverLive::Duck => "speaks over it, lowered",
        OverLive::Interrupt => "interrupts it",
    },
    chime_title: "Chime",
    chime: |chime| match chime {
        Chime::None => "none",
        Chime::Before => "before",
        Chime::After => "after",
        Chime::Both => "before and after",
    },
    repeat: "Said",
    times: |n| match n {
        1 => "once".to_owned(),
        n => plural(n.into(), "time", "times"),
    },
    dedupe: "Only one of",
    aired_at: "Aired at",
    until_air: "Until on air",
    heard: "Heard",
    listeners_title: "Listeners",
    listeners: |n| match n {
        0 => "no listeners".to_owned(),
        1 => "1 listener".to_owned(),
        n => format!("{} listeners", en(n)),
    },
    reason: "Reason",
};

fn again_ask(job: &Job) -> String {
    let attempt = job.attempt.saturating_add(1);
    let first = match job.state.name() {
        StateName::Completed => "It was aired: it will be aired once more.",
        StateName::Scheduled
        | StateName::Queued
        | StateName::Processing
        | StateName::Dispatched
        | StateName::Failed
        | StateName::Cancelled => "It goes back to the queue.",
    };
    format!("{first} Attempt {attempt} will be created.")
}
