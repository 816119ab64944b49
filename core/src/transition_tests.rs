//! The whole transition table, as a snapshot, and the rules that a table cannot show.

#[path = "transition_tests/airings.rs"]
mod airings;
#[path = "transition_tests/retries.rs"]
mod retries;

use std::fmt::Write as _;

use super::*;
use crate::{
    Call, Content, Entry, JobId, Lane, MAX_ENTRIES, PhoneNumber, Redial, Reply, Spec, Speech, StationName,
};

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
            ssml: false,
        }),
        target: Target::Call(Call {
            to: PhoneNumber::try_from("+573005050149".to_owned()).unwrap(),
            caller_id: None,
            trunk: None,
            interaction: None,
        }),
        lane: Lane::Normal,
        max_attempts: 2,
        retry: Redial::default(),
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
        ("dispatched, last attempt", with(State::Dispatched { check: LATER, waiting: Waiting::Result }, 2)),
        ("dispatched, expires before the next attempt", {
            let mut expiring = with(State::Dispatched { check: LATER, waiting: Waiting::Result }, 1);
            expiring.spec.expires = Some(LATER);
            expiring
        }),
        ("dispatched, uncertain", with(State::Dispatched { check: LATER, waiting: Waiting::Person }, 1)),
        ("completed", with(State::Completed, 1)),
        ("failed", with(State::Failed, 2)),
        ("cancelled", with(State::Cancelled, 0)),
    ]
}

/// Every event, about that attempt.
fn events(attempt: u16) -> Vec<(&'static str, Event)> {
    let error = || "no".to_owned();
    let outcome = |kind, again| Event::Outcome { attempt, outcome: Outcome::of(kind), again };
    let earlier = attempt.wrapping_sub(1);
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
        ("check", Event::Check { attempt, next: LATER, waiting: Waiting::Result }),
        ("check, earlier attempt", {
            Event::Check { attempt: earlier, next: LATER, waiting: Waiting::Person }
        }),
        ("answered", outcome(OutcomeKind::Answered, None)),
        ("answered, again", outcome(OutcomeKind::Answered, Some(LATER))),
        ("busy", outcome(OutcomeKind::Busy, None)),
        ("busy, again", outcome(OutcomeKind::Busy, Some(LATER))),
        ("busy, earlier attempt", {
            let outcome = Outcome::of(OutcomeKind::Busy);
            Event::Outcome { attempt: earlier, outcome, again: Some(LATER) }
        }),
        ("rejected, again", outcome(OutcomeKind::Rejected, Some(LATER))),
        ("invalid_number, again", outcome(OutcomeKind::InvalidNumber, Some(LATER))),
        ("uncertain, again", outcome(OutcomeKind::Uncertain, Some(LATER))),
        ("cancel", Event::Cancel),
        ("hang up", Event::HangUp { attempt }),
        ("hang up, earlier attempt", Event::HangUp { attempt: earlier }),
        ("heard", Event::Decide { attempt, verdict: Verdict::Heard }),
        ("left", Event::Decide { attempt, verdict: Verdict::Left }),
        ("heard, earlier attempt", Event::Decide { attempt: earlier, verdict: Verdict::Heard }),
        ("expire", Event::Expire),
        ("again", Event::Again { attempt, heard_too: false }),
        ("again, though heard", Event::Again { attempt, heard_too: true }),
        ("again, earlier attempt", Event::Again { attempt: earlier, heard_too: true }),
    ]
}

/// The decision that the latest entry of the timeline tells.
fn told(job: &Job) -> String {
    match job.timeline.last() {
        Some(Entry { what: What::Outcome { next: Some(next), .. }, .. }) => format!(" ({})", next.as_str()),
        _ => String::new(),
    }
}

#[test]
fn the_transition_table() {
    let mut table = String::new();
    for (from, job) in states() {
        writeln!(table, "{from}").unwrap();
        for (name, event) in events(job.attempt) {
            match job.clone().apply(event, NOW) {
                Ok(after) => {
                    assert_eq!(after.version, job.version + 1, "{from} + {name}");
                    let flag = matches!(after.state, State::Processing { cancelling: true, .. });
                    let person = matches!(after.state, State::Dispatched { waiting: Waiting::Person, .. });
                    writeln!(
                        table,
                        "    {name:<22} -> {}{}{}{}, attempt {}, rescues {}",
                        after.state.name().as_str(),
                        if flag { " (cancelling)" } else { "" },
                        if person { " (a person decides)" } else { "" },
                        told(&after),
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
        for (event, value) in events(job.attempt).into_iter().filter(|(n, _)| !n.starts_with("again")) {
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
    let again = failed.apply(again(1), NOW).unwrap();
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
    let busy = called_until_it_ends(3, "1m,never");
    assert!(!busy.redials.is_empty() && !busy.spec.retry.is_empty());
    for (name, job) in states().into_iter().chain([("busy", busy)]) {
        let text = serde_json::to_string(&job).unwrap();
        assert_eq!(serde_json::from_str::<Job>(&text).unwrap(), job, "{name}");
    }
}

/// A job of `max_attempts` with a policy of its own for busy lines, called again for as long as it is.
fn called_until_it_ends(max_attempts: u16, waits: &str) -> Job {
    let mut spec = job().spec;
    spec.max_attempts = max_attempts;
    spec.retry = Redial::from_iter([(Mishap::Busy, waits.parse().unwrap())]);
    let house = Redial::never();
    let (mut job, mut now) = (Job::accept(JobId::new(NOW), spec, None, NOW), NOW);
    while !job.state.name().is_final() {
        if let State::Scheduled { due } = job.state {
            assert_eq!(job.clone().apply(claim(), due - Duration::from_millis(1)), Err(Refused::TooEarly));
            now = due;
        }
        job = answered_by(job, OutcomeKind::Busy, &house, now);
    }
    job
}

fn claim() -> Event {
    Event::Claim { worker: "w".into(), lease: MINE, until: LATER }
}

/// Takes the job, hands it over, and lets its call end as `kind`.
fn answered_by(job: Job, kind: OutcomeKind, house: &Redial, now: Timestamp) -> Job {
    let job = job.apply(claim(), now).unwrap();
    let job = job.apply(Event::Dispatched { lease: MINE, check: now, clip: None }, now).unwrap();
    assert_eq!(job.outcome, None, "what becomes of this call is not known yet");
    let again = house.due(&job, kind, now);
    job.clone()
        .apply(Event::Outcome { attempt: job.attempt, outcome: Outcome::of(kind), again }, now)
        .unwrap()
}

/// Seconds between the outcomes of a job's calls.
fn gaps(job: &Job) -> Vec<u64> {
    let outcome = |e: &&Entry| matches!(e.what, What::Outcome { .. });
    let times: Vec<Timestamp> = job.timeline.iter().filter(outcome).map(|e| e.at).collect();
    times.windows(2).map(|pair| pair[1].since(pair[0]).as_secs()).collect()
}

#[test]
fn a_wish_to_cancel_that_comes_too_late_for_a_call_ends_its_retries() {
    let house: Redial = Mishap::ALL.into_iter().map(|m| (m, "1m".parse().unwrap())).collect();
    let fresh = job();
    let job = fresh.clone().apply(claim(), NOW).unwrap();
    let job = job.apply(Event::Dispatched { lease: MINE, check: NOW, clip: None }, NOW).unwrap();
    let job = job.apply(Event::Cancel, NOW).unwrap();
    assert_eq!(job.clone().apply(Event::Cancel, NOW), Err(Refused::State(StateName::Dispatched)));
    assert_no_retry(job, &house);
    for (until, handed_over) in [
        (LATER, Event::Dispatched { lease: MINE, check: NOW, clip: None }),
        (EARLIER, Event::Rescue { handed_over: true, next: NOW }),
    ] {
        let held = Event::Claim { worker: "w".into(), lease: MINE, until };
        let job = fresh.clone().apply(held, NOW).unwrap().apply(Event::Cancel, NOW).unwrap();
        assert_no_retry(job.apply(handed_over, NOW).unwrap(), &house);
    }
}

#[test]
fn a_call_that_a_person_hangs_up_is_the_last() {
    let house: Redial = Mishap::ALL.into_iter().map(|m| (m, "1m".parse().unwrap())).collect();
    let held = |until| job().apply(Event::Claim { worker: "w".into(), lease: MINE, until }, NOW).unwrap();
    let handed_over = Event::Dispatched { lease: MINE, check: NOW, clip: None };
    let hang_up = Event::HangUp { attempt: 1 };
    let rescued = Event::Rescue { handed_over: true, next: NOW };
    for (until, events) in [
        (LATER, [handed_over.clone(), hang_up.clone()]),
        // The telephone rings before the hand-over is stored.
        (LATER, [hang_up.clone(), handed_over]),
        (EARLIER, [hang_up.clone(), rescued]),
    ] {
        let cut = events.into_iter().fold(held(until), |job, event| job.apply(event, NOW).unwrap());
        let cut = cut.apply(hang_up.clone(), NOW).unwrap();
        assert_eq!(cut.timeline.iter().filter(|e| e.what == What::HangUpAsked).count(), 1, "told once");
        assert_no_retry(cut.clone(), &house);
        let heard = Event::Outcome { attempt: 1, outcome: Outcome::of(OutcomeKind::Answered), again: None };
        assert_eq!(cut.apply(heard, NOW).unwrap().state, State::Completed);
    }
}

fn assert_no_retry(job: Job, house: &Redial) {
    let again = house.due(&job, OutcomeKind::Busy, NOW);
    let busy = Event::Outcome { attempt: 1, outcome: Outcome::of(OutcomeKind::Busy), again };
    let failed = job.apply(busy, NOW).unwrap();
    assert_eq!((failed.state.name(), &*told(&failed)), (StateName::Failed, " (none_left)"));
}

#[test]
fn a_late_result_of_an_uncertain_call_starts_no_other() {
    let house: Redial = Mishap::ALL.into_iter().map(|m| (m, "1m".parse().unwrap())).collect();
    let doubt = answered_by(job(), OutcomeKind::Uncertain, &house, NOW);
    assert_eq!((doubt.state.wake().is_some(), &*told(&doubt)), (true, " (person)"));
    let again = house.due(&doubt, OutcomeKind::Busy, LATER);
    assert_eq!(again, Some(LATER + Duration::from_mins(1)));
    let late = Event::Outcome { attempt: 1, outcome: Outcome::of(OutcomeKind::Busy), again };
    let failed = doubt.apply(late, LATER).unwrap();
    assert_eq!((failed.state.name(), &*told(&failed)), (StateName::Failed, " (person)"));
}

#[test]
fn a_job_of_an_older_version_is_read() {
    let mut old = serde_json::to_value(&states()[9].1).unwrap();
    let outcome = serde_json::json!({"at": 1, "attempt": 1, "event": "outcome", "outcome": {"kind": "busy"}});
    old["timeline"].as_array_mut().unwrap().push(outcome);
    for field in ["redials", "retry"] {
        assert!(old.get(field).is_none() && old["spec"].get(field).is_none(), "what is empty is not written");
    }
    let job: Job = serde_json::from_value(old).unwrap();
    assert!(matches!(job.timeline.last().unwrap().what, What::Outcome { next: None, .. }));
}

#[test]
fn an_answer_by_key_gets_its_meaning_from_what_was_asked() {
    let mut spec = job().spec;
    let Target::Call(call) = &mut spec.target else { unreachable!() };
    call.interaction = Some(crate::Interaction {
        repeat: None,
        confirm: Some('1'.try_into().unwrap()),
        opt_out: Some('9'.try_into().unwrap()),
        input: None,
        prompt: "?".to_owned(),
        thanks: String::new(),
        wait_seconds: 6,
        prompts: 2,
        repeats: 3,
    });
    for (kind, digits, reply) in [
        (OutcomeKind::Answered, Some("1"), Some(Reply::Confirmed)),
        (OutcomeKind::Answered, Some("9"), Some(Reply::OptedOut)),
        (OutcomeKind::Answered, None, Some(Reply::Nothing)),
        (OutcomeKind::Busy, None, None),
    ] {
        let job = Job::accept(JobId::new(NOW), spec.clone(), None, NOW).apply(claim(), NOW).unwrap();
        let job = job.apply(Event::Dispatched { lease: MINE, check: NOW, clip: None }, NOW).unwrap();
        let outcome = Outcome { digits: digits.map(ToOwned::to_owned), ..Outcome::of(kind) };
        let job = job.apply(Event::Outcome { attempt: 1, outcome, again: None }, NOW).unwrap();
        assert_eq!(job.outcome.unwrap().reply, reply, "{kind:?} {digits:?}");
    }
}

#[test]
fn what_a_person_decides_ends_the_job_and_keeps_what_the_network_told() {
    let doubt = answered_by(job(), OutcomeKind::Uncertain, &Redial::never(), NOW);
    for (verdict, state) in [(Verdict::Heard, StateName::Completed), (Verdict::Left, StateName::Failed)] {
        let decided = doubt.clone().apply(Event::Decide { attempt: 1, verdict }, LATER).unwrap();
        assert_eq!((decided.state.name(), decided.finished), (state, Some(LATER)));
        assert_eq!(decided.outcome.as_ref().unwrap().kind, OutcomeKind::Uncertain);
        assert_eq!(decided.timeline.last().unwrap().what, What::Decided { verdict });
        assert!(decided.was_decided(1, verdict) && !decided.was_decided(2, verdict));
        // News that comes after it changes nothing.
        let late = Event::Outcome { attempt: 1, outcome: Outcome::of(OutcomeKind::Busy), again: None };
        assert!(decided.apply(late, LATER).is_err());
    }
}

fn again(attempt: u16) -> Event {
    Event::Again { attempt, heard_too: false }
}

#[test]
fn who_asks_again_must_know_what_became_of_it() {
    let heard = answered_by(job(), OutcomeKind::Answered, &Redial::never(), NOW);
    assert_eq!(heard.clone().apply(again(1), NOW), Err(Refused::State(StateName::Completed)));
    assert_eq!(heard.clone().apply(Event::Again { attempt: 2, heard_too: true }, NOW), Err(Refused::Attempt));
    let once_more = heard.apply(Event::Again { attempt: 1, heard_too: true }, NOW).unwrap();
    assert_eq!(once_more.state.name(), StateName::Queued);
}
