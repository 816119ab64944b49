use proptest::prelude::*;

use super::*;

fn minutes(waits: &str, retries: u16) -> Vec<Option<u64>> {
    let waits: Waits = waits.parse().unwrap();
    (0..retries).map(|made| waits.after(made).map(|d| d.as_secs() / 60)).collect()
}

#[test]
fn the_nth_retry_takes_the_nth_wait_and_the_last_one_repeats() {
    assert_eq!(minutes("1m,5m,15m", 5), [Some(1), Some(5), Some(15), Some(15), Some(15)]);
    assert_eq!(minutes("2h", 3), [Some(120), Some(120), Some(120)]);
}

#[test]
fn never_ends_the_list() {
    assert_eq!(minutes("1m,5m,never", 4), [Some(1), Some(5), None, None]);
    assert_eq!(minutes("never", 2), [None, None]);
}

#[test]
fn a_wrong_list_says_what_and_where() {
    for (text, index, word) in [
        ("", Some(0), "such as 30s"),
        ("5", Some(0), "\"5\" is not a wait"),
        ("1m,,5m", Some(1), "\"\""),
        ("1m,5 m", Some(1), "\"5 m\""),
        ("1m,0s", Some(1), "\"0s\""),
        ("31d", Some(0), "to 30d"),
        ("Never", Some(0), "\"Never\""),
        ("never,1m", Some(0), "only stand last"),
        ("1m,never,never", Some(1), "only stand last"),
    ] {
        let error = text.parse::<Waits>().unwrap_err();
        assert_eq!(error.index(), index, "{text:?}");
        assert!(error.to_string().contains(word), "{text:?}: {error}");
    }
    assert_eq!(Waits::read(&[]), Err(NotWaits::Count));
    assert_eq!(Waits::read(&["1s"; MAX_WAITS + 1]), Err(NotWaits::Count));
    assert!(Waits::read(&["1s"; MAX_WAITS]).is_ok());
}

#[test]
fn only_what_another_attempt_may_mend_is_a_mishap() {
    let mishaps: Vec<Mishap> = OutcomeKind::ALL.into_iter().filter_map(Mishap::of).collect();
    assert_eq!(mishaps, Mishap::ALL);
    for mishap in Mishap::ALL {
        assert_eq!(serde_json::to_value(mishap).unwrap(), mishap.as_str());
    }
}

#[test]
fn a_decision_reads_as_a_sentence() {
    let due = Timestamp::from_millis(1_800_000_000_000);
    let again = Sequel::Again { due, attempt: 2, of: 3 };
    for (sequel, kind, sentence) in [
        (again, OutcomeKind::NoAnswer, "no answer; tried again at 2027-01-15T08:00:00.000Z, attempt 2 of 3"),
        (Sequel::NoneLeft, OutcomeKind::Busy, "busy; no attempts left"),
        (Sequel::Never, OutcomeKind::Rejected, "rejected: never tried again"),
    ] {
        assert_eq!(sequel.sentence(kind), sentence);
    }
}

proptest! {
    #[test]
    fn what_was_read_is_written_the_same(
        seconds in prop::collection::vec(1..=2_592_000_u64, 1..=MAX_WAITS), ends: bool,
    ) {
        let waits = Waits { delays: seconds.into_iter().map(Duration::from_secs).collect(), ends };
        prop_assert_eq!(waits.to_string().parse::<Waits>(), Ok(waits.clone()));
        let json = serde_json::to_string(&waits).unwrap();
        prop_assert_eq!(serde_json::from_str::<Waits>(&json).unwrap(), waits);
    }
}
