//! The whole transition table, as a snapshot, and the rules that a table cannot show.

use std::fmt::Write as _;

use super::*;
use crate::{Call, Content, Entry, JobId, Lane, MAX_ENTRIES, PhoneNumber, Spec, Speech, Target};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const LATER: Timestamp = Timestamp::from_millis(1_800_000_060_000);
const EARLIER: Timestamp = Timestamp::from_millis(1_799_999_940_000);
const MINE: Uuid = Uuid::from_u128(1);
const THEIRS: Uuid = Uuid::from_u128(2);

fn job() -> Job {
    let spec = Spec {
        content: Content::Speech(Speech {
            text: "Hola".into(),
            language: "es".into(),
            voice: None,
            engine: None,
            rate: None,
        }),
        target: Target::Call(Call {
            to: PhoneNumber::try_from("+573005050149".to_owned()).unwrap(),
            caller_id: None,
            trunk: None,
        }),
        lane: Lane::Normal,
        max_attempts: 2,
        not_before: None,
        expires: None,
        metadata: std::collections::BTreeMap::default(),
        callback_url: None,
    };
    Job::accept(JobId::new(EARLIER), spec, None, EARLIER)
}

fn clip() -> Clip {
    Clip {
        hash: "00112233445566778899aabbccddeeff".into(),
        seconds: 3.2,
        lufs: -19.0,
        peak_dbtp: -3.1,
        engine: "espeak".into(),
        voice: "es-419".into(),
        cached: false,
        fallback: None,
    }
}

fn states() -> Vec<(&'static str, Job)> {
    let with = |state: State, attempt: u16| Job { state, attempt, ..job() };
    let held = |until, cancelling| State::Processing { lease: MINE, until, cancelling };
    vec![
        ("scheduled, later", with(State::Scheduled { due: LATER }, 0)),
        ("scheduled, due", with(State::Scheduled { due: EARLIER }, 0)),
        ("queued", with(State::Queued { ring: LATER }, 0)),
        ("queued, expired", {
            let mut expired = with(State::Queued { ring: LATER }, 0);
            expired.spec.expires = Some(EARLIER);
            expired
        }),
        ("processing", with(held(LATER, false), 1)),
        ("processing, last attempt", with(held(LATER, false), 2)),
        ("processing, cancelling", with(held(LATER, true), 1)),
        ("processing, lease over", with(held(EARLIER, false), 1)),
        ("processing, lease over, cancelling", with(held(EARLIER, true), 1)),
        ("dispatched", with(State::Dispatched { check: LATER, waiting: Waiting::Pickup }, 1)),
        ("dispatched, uncertain", with(State::Dispatched { check: LATER, waiting: Waiting::Person }, 1)),
        ("completed", with(State::Completed, 1)),
        ("failed", with(State::Failed, 2)),
        ("cancelled", with(State::Cancelled, 0)),
    ]
}

fn events() -> Vec<(&'static str, Event)> {
    let error = || "no".to_owned();
    vec![
        ("claim", Event::Claim { worker: "w1".into(), lease: MINE, until: LATER }),
        ("renew", Event::Renew { lease: MINE, until: LATER }),
        ("renew, not mine", Event::Renew { lease: THEIRS, until: LATER }),
        ("dispatched", Event::Dispatched { lease: MINE, check: LATER, clip: Some(clip()) }),
        ("dispatched, not mine", Event::Dispatched { lease: THEIRS, check: LATER, clip: Some(clip()) }),
        ("retry", Event::Retry { lease: MINE, due: LATER, error: error() }),
        ("retry, not mine", Event::Retry { lease: THEIRS, due: LATER, error: error() }),
        ("fail", Event::Fail { lease: MINE, error: error() }),
        ("release", Event::Release { lease: MINE, ring: LATER }),
        ("rescue, handed over", Event::Rescue { handed_over: true, next: LATER }),
        ("rescue, voided", Event::Rescue { handed_over: false, next: LATER }),
        ("ring", Event::Ring { next: LATER }),
        ("check", Event::Check { next: LATER, waiting: Waiting::Result }),
        ("outcome answered", Event::Outcome(Outcome::of(OutcomeKind::Answered))),
        ("outcome busy", Event::Outcome(Outcome::of(OutcomeKind::Busy))),
        ("outcome uncertain", Event::Outcome(Outcome::of(OutcomeKind::Uncertain))),
        ("cancel", Event::Cancel),
        ("expire", Event::Expire),
        ("again", Event::Again),
    ]
}

#[test]
fn the_transition_table() {
    let mut table = String::new();
    for (from, job) in states() {
        writeln!(table, "{from}").unwrap();
        for (name, event) in events() {
            match job.clone().apply(event, NOW) {
                Ok(after) => {
                    assert_eq!(after.version, job.version + 1, "{from} + {name}");
                    let flag = matches!(after.state, State::Processing { cancelling: true, .. });
                    let person = matches!(after.state, State::Dispatched { waiting: Waiting::Person, .. });
                    writeln!(
                        table,
                        "    {name:<22} -> {}{}{}, attempt {}, rescues {}",
                        after.state.name().as_str(),
                        if flag { " (cancelling)" } else { "" },
                        if person { " (a person decides)" } else { "" },
                        after.attempt,
                        after.rescues,
                    )
                    .unwrap();
                }
                Err(refused) => writeln!(table, "    {name:<22} .. refused: {refused}").unwrap(),
            }
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_refused_event_changes_nothing_and_a_final_state_only_yields_to_a_person() {
    for (name, job) in states().into_iter().filter(|(_, j)| j.state.name().is_final()) {
        for (event, value) in events().into_iter().filter(|(n, _)| *n != "again") {
            assert!(job.clone().apply(value, NOW).is_err(), "{name} took {event}");
        }
    }
}

#[test]
fn rescues_never_use_up_attempts() {
    let mut job = job();
    for n in 1..=50_u16 {
        job = job.apply(Event::Claim { worker: "w".into(), lease: MINE, until: EARLIER }, NOW).unwrap();
        job = job.apply(Event::Rescue { handed_over: false, next: LATER }, NOW).unwrap();
        assert_eq!((job.attempt, job.rescues, job.counted()), (n, n, 0));
    }
    assert!(job.timeline.len() <= MAX_ENTRIES);
    assert!(matches!(job.timeline.first(), Some(Entry { what: What::Accepted, .. })));
    let claim = Event::Claim { worker: "w".into(), lease: MINE, until: LATER };
    let retry = Event::Retry { lease: MINE, due: NOW, error: "x".into() };
    let job = job.apply(claim.clone(), NOW).unwrap().apply(retry.clone(), NOW).unwrap();
    assert_eq!(job.state.name(), StateName::Scheduled);
    let job = job.apply(claim, NOW).unwrap().apply(retry, NOW).unwrap();
    assert_eq!(job.state.name(), StateName::Failed, "two attempts were allowed and two counted");
}

#[test]
fn trying_again_allows_as_many_attempts_once_more() {
    let claim = Event::Claim { worker: "w".into(), lease: MINE, until: LATER };
    let fail = Event::Fail { lease: MINE, error: "x".into() };
    let failed = job().apply(claim.clone(), NOW).unwrap().apply(fail, NOW).unwrap();
    let again = failed.apply(Event::Again, NOW).unwrap();
    assert_eq!((again.state.name(), again.counted(), again.allowed), (StateName::Queued, 1, 3));
    assert_eq!(again.last_error, None);
    let taken = again.apply(claim, NOW).unwrap();
    assert_eq!(taken.attempt, 2, "a new attempt has a new call file");
}

#[test]
fn a_later_start_is_scheduled() {
    let mut spec = job().spec;
    spec.not_before = Some(LATER);
    let job = Job::accept(JobId::new(NOW), spec, None, NOW);
    assert_eq!(job.state, State::Scheduled { due: LATER });
    assert_eq!(job.delay(NOW), Duration::from_mins(1));
}

#[test]
fn jobs_survive_their_own_serialisation() {
    for (name, job) in states() {
        let text = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job, "{name}");
    }
}
