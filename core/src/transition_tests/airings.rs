//! Announcements on the air.

use super::*;

fn airing(kind: OutcomeKind, seconds: f64) -> Event {
    let airing = crate::Airing {
        station: StationName::default(),
        at: None,
        seconds,
        listeners: Some(3),
        reason: None,
    };
    let outcome = Outcome { airing: Some(airing), ..Outcome::of(kind) };
    Event::Outcome { attempt: 1, outcome, again: None }
}

fn on_its_way_to_the_air() -> Job {
    let mut spec = job().spec;
    spec.target = Target::Air(crate::Air {
        station: StationName::default(),
        mode: crate::Mode::Interrupt,
        over_live: crate::OverLive::Duck,
        chime: crate::Chime::None,
        repeat: 1,
        dedupe: None,
    });
    let job = Job::accept(JobId::new(NOW), spec, None, NOW).apply(claim(), NOW).unwrap();
    job.apply(Event::Dispatched { lease: MINE, check: LATER, clip: None }, NOW).unwrap()
}

#[test]
fn an_airing_is_complete_when_it_was_heard_to_its_end() {
    let job = on_its_way_to_the_air();
    assert_eq!(job.state, State::Dispatched { check: LATER, waiting: Waiting::Station });
    for (kind, seconds, state) in [
        (OutcomeKind::Aired, 3.2, StateName::Completed),
        (OutcomeKind::Skipped, 1.0, StateName::Failed),
        (OutcomeKind::Expired, 0.0, StateName::Failed),
        (OutcomeKind::Failed, 0.5, StateName::Failed),
    ] {
        let ended = job.clone().apply(airing(kind, seconds), LATER).unwrap();
        assert_eq!((ended.state.name(), ended.finished), (state, Some(LATER)), "{kind:?}");
    }
    let again = job.apply(airing(OutcomeKind::Skipped, 1.0), LATER).unwrap().apply(again(1), LATER).unwrap();
    assert_eq!(again.round(), 1);
}

#[test]
fn a_wish_to_cancel_an_airing_is_told_to_its_station() {
    let asked = on_its_way_to_the_air().apply(Event::Cancel, NOW).unwrap();
    assert!(asked.cancel_asked() && asked.state.name() == StateName::Dispatched);
    assert_eq!(asked.clone().apply(Event::Cancel, NOW), Err(Refused::TooEarly));
    for (seconds, state) in [(0.0, StateName::Cancelled), (1.5, StateName::Failed)] {
        let ended = asked.clone().apply(airing(OutcomeKind::Skipped, seconds), LATER).unwrap();
        assert_eq!(ended.state.name(), state);
        assert_eq!(ended.outcome.unwrap().kind, OutcomeKind::Skipped);
    }
}

#[test]
fn what_was_on_the_air_was_whatever_was_stored_since() {
    let aired = |kind| {
        let airing = crate::Airing {
            station: StationName::default(),
            at: Some(NOW),
            seconds: 3.0,
            listeners: None,
            reason: None,
        };
        let outcome = Outcome { airing: Some(airing), ..Outcome::of(kind) };
        Event::Outcome { attempt: 1, outcome, again: None }
    };
    let job = on_its_way_to_the_air();
    let held =
        Job { state: State::Processing { lease: MINE, until: EARLIER, cancelling: false }, ..job.clone() };
    let rescued = held.apply(Event::Rescue { handed_over: false, next: LATER }, NOW).unwrap();
    let expired = job.clone().apply(airing(OutcomeKind::Expired, 0.0), NOW).unwrap();
    for (before, name) in [(&rescued, "queued"), (&expired, "expired")] {
        let told = before.clone().apply(aired(OutcomeKind::Aired), LATER).unwrap();
        assert_eq!((told.state.name(), told.finished), (StateName::Completed, Some(LATER)), "{name}");
        assert!(told.clone().apply(aired(OutcomeKind::Aired), LATER).is_err(), "{name}: once");
    }
    let cut = rescued.clone().apply(aired(OutcomeKind::Failed), LATER).unwrap();
    assert_eq!(cut.state.name(), StateName::Failed);
    assert!(expired.apply(aired(OutcomeKind::Failed), LATER).is_err(), "it had ended, and was not heard");
    assert!(rescued.apply(airing(OutcomeKind::Expired, 0.0), LATER).is_err(), "the next attempt will tell");
}
