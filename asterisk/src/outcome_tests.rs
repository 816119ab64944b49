use proptest::prelude::*;

use super::*;

fn key() -> Key {
    "0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1".parse().unwrap()
}

fn line(rest: &str) -> String {
    format!("{}|{rest}\n", key())
}

fn outcome(rest: &str) -> Outcome {
    CallResult::read(key(), &line(rest)).unwrap().outcome(None)
}

/// Every row of the measurements on a real Asterisk, and the causes that they stand for.
#[test]
fn each_trace_of_a_call_has_its_outcome() {
    use OutcomeKind::{Answered, Busy, Congestion, InvalidNumber, NoAnswer, Rejected, Silent, Unreachable};
    use Played::{Fully, None as Nothing, Partly};
    for (trace, kind, played, q850, sip) in [
        ("asterisk|16|Up|OK|5|||100|110|SIP 200 OK", Answered, Some(Fully), Some(16), Some(200)),
        ("asterisk|16|Up|TIMEOUT||||100|110|SIP 200 OK", Answered, Some(Fully), Some(16), Some(200)),
        ("asterisk|16|Up|SUCCESS||||100|110|SIP 200 OK", Answered, Some(Fully), Some(16), Some(200)),
        ("asterisk|0|Up|HANGUP||||100|101|SIP 200 OK", Answered, Some(Partly), None, Some(200)),
        ("asterisk|16|Up|partial||||100|101|SIP 200 OK", Answered, Some(Partly), Some(16), Some(200)),
        ("asterisk|16|Up|ERROR||||100|101|SIP 200 OK", Silent, Some(Nothing), Some(16), Some(200)),
        ("asterisk|16|Up|FAILED||||100|101|SIP 200 OK", Silent, Some(Nothing), Some(16), Some(200)),
        ("asterisk|16|Up|none||||100|101|SIP 200 OK", Silent, Some(Nothing), Some(16), Some(200)),
        ("asterisk|16|Up||||||101|SIP 200 OK", Silent, Some(Nothing), Some(16), Some(200)),
        ("asterisk|17|Down||||||101|SIP 486 Busy Here", Busy, None, Some(17), Some(486)),
        ("asterisk|19|Ringing||||||101|SIP 180 Ringing", NoAnswer, None, Some(19), Some(180)),
        ("asterisk|19|Down||||||101|SIP 183 Session Progress", NoAnswer, None, Some(19), Some(183)),
        ("asterisk|1|Down||||||101|SIP 404 Not Found", InvalidNumber, None, Some(1), Some(404)),
        ("asterisk|28|Down||||||101|SIP 484 Address Incomplete", InvalidNumber, None, Some(28), Some(484)),
        ("asterisk|19|Down||||||101|SIP 480 Temporarily Unavailable", Unreachable, None, Some(19), Some(480)),
        ("asterisk|34|Down||||||101|SIP 503 Service Unavailable", Congestion, None, Some(34), Some(503)),
        ("asterisk|38|Down||||||101|SIP 500 x", Congestion, None, Some(38), Some(500)),
        ("asterisk|42|Down||||||101|", Congestion, None, Some(42), None),
        ("asterisk|21|Down||||||101|SIP 603 Decline", Rejected, None, Some(21), Some(603)),
        ("asterisk|21|Ringing||||||101|SIP 603 Decline", Rejected, None, Some(21), Some(603)),
        ("asterisk|21|Down||||||101|SIP 403 Forbidden", Rejected, None, Some(21), Some(403)),
        ("asterisk|21|Down||||||101|SIP 401 Unauthorized", Unreachable, None, Some(21), Some(401)),
        ("asterisk|21|Down||||||101|SIP 407 x", Unreachable, None, Some(21), Some(407)),
        ("asterisk|19|Ringing||||||101|SIP 480 Temporarily Unavailable", NoAnswer, None, Some(19), Some(480)),
        ("asterisk|18|Down||||||101|SIP 408 Request Timeout", Unreachable, None, Some(18), Some(408)),
        ("asterisk|22|Down||||||101|SIP 410 Gone", InvalidNumber, None, Some(22), Some(410)),
        ("asterisk|19|Down||||||101|", Unreachable, None, Some(19), None),
        // A dead peer, when it may ring for longer than the 32 s after which SIP gives up.
        ("asterisk|18|Down||||||101|", Unreachable, None, Some(18), None),
        ("asterisk|127|Down||||||101|", Unreachable, None, Some(127), None),
    ] {
        let got = outcome(trace);
        assert_eq!((got.kind, got.played, got.q850, got.sip), (kind, played, q850, sip), "{trace}");
        assert!(!got.simulated);
    }
}

#[test]
fn times_and_digits_are_kept_where_they_make_sense() {
    let read = |rest: &str| CallResult::read(key(), &line(rest)).unwrap();
    let full = read("asterisk|16|Up|OK|1*#x9|2||1800000104.25|1800000110.75|SIP 200 OK")
        .outcome(Some(1_800_000_100.0));
    assert_eq!((full.digits.as_deref(), full.repeats), (Some("1*#9"), Some(2)));
    assert_eq!((full.ring_seconds, full.talk_seconds), (Some(4.25), Some(6.5)));
    let exact = read("asterisk|17|Down||||1800000100.75||1800000101|SIP 486 Busy Here")
        .outcome(Some(1_800_000_100.0));
    assert_eq!((exact.ring_seconds, exact.talk_seconds), (Some(0.25), None));
    let unanswered =
        read("asterisk|19|Ringing||||||1800000145|SIP 180 Ringing").outcome(Some(1_800_000_100.0));
    assert_eq!((unanswered.ring_seconds, unanswered.talk_seconds), (Some(45.0), None));
    let backwards = read("asterisk|16|Up|OK||||200|100|SIP 200 OK").outcome(Some(300.0));
    assert_eq!((backwards.ring_seconds, backwards.talk_seconds), (None, None));
    assert_eq!((backwards.digits, backwards.repeats), (None, None));
}

#[test]
fn a_line_of_an_older_dialplan_is_read_too() {
    let old = outcome("asterisk|16|Up|SUCCESS||1800000100|1800000104.25|1800000110.75|SIP 200 OK");
    assert_eq!((old.kind, old.ring_seconds, old.repeats), (OutcomeKind::Answered, Some(4.25), None));
}

#[test]
fn what_the_simulator_writes_is_marked() {
    assert!(outcome("simulated|16|Up|SUCCESS||||100|110|SIP 200 OK").simulated);
}

#[test]
fn the_far_ends_text_cannot_shift_the_fields() {
    let evil = outcome("asterisk|17|Down||||||101|SIP 486 Busy|simulated|16|Up|OK");
    assert_eq!((evil.kind, evil.sip, evil.simulated), (OutcomeKind::Busy, Some(486), false));
}

#[test]
fn a_line_that_is_not_whole_or_not_ours_says_nothing() {
    let whole = line("asterisk|17|Down||||||101|SIP 486 Busy Here");
    for cut in 0..whole.len() {
        assert_eq!(CallResult::read(key(), &whole[..cut]), None, "{cut}");
    }
    let other: Key = "0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-2".parse().unwrap();
    assert_eq!(CallResult::read(other, &whole), None);
    assert_eq!(CallResult::read(key(), &line("17|Down")), None);
}

#[test]
fn marks_are_read_as_asterisk_writes_them() {
    let text = "Channel: PJSIP/1@t\nSet: PREGON_JOB=Status\n";
    assert_eq!(Marks::read(text), Marks::default());
    let started = format!("{text}\nStartRetry: 8813 1 (1795210759)\n");
    let expected = Marks { started: Some(Some(1_795_207_159.0)), ..Marks::default() };
    assert_eq!(Marks::read(&started), expected);
    let bounded = Marks::read("WaitTime: 45\nSet: PREGON_LONGEST=34\nSet: PREGON_REPEAT=1\n");
    assert_eq!(bounded.rings.zip(bounded.lasts), Some((Duration::from_secs(45), Duration::from_secs(34))));
    for (word, status) in
        [("Completed", Status::Completed), ("Expired", Status::Expired), ("Failed", Status::Failed)]
    {
        let marks = Marks::read(&format!("{started}Status: {word}\n"));
        assert_eq!(marks.status, Some(status));
    }
    assert_eq!(Marks::read("StartRetry: who knows").started, Some(None));
    assert_eq!(Marks::read("Status: Comp").status, None);
}

#[test]
fn a_status_alone_tells_heard_or_not() {
    assert_eq!(Status::Completed.kind(), OutcomeKind::Uncertain);
    assert_eq!(Status::Expired.kind(), OutcomeKind::Unreachable);
    assert_eq!(Status::Failed.kind(), OutcomeKind::Unreachable);
}

proptest! {
    #[test]
    fn no_text_is_too_strange_to_read(rest in "[ -~|\\n\\u{80}-\\u{fff}]{0,120}") {
        if let Some(result) = CallResult::read(key(), &line(&rest)) {
            let outcome = result.outcome(Some(1.0));
            prop_assert!(outcome.digits.is_none_or(|d| (1..=32).contains(&d.len())));
        }
        Marks::read(&rest);
    }
}
