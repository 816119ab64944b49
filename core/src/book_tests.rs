use proptest::prelude::*;

use super::*;

/// Some day in November 2026, in microseconds.
const NOW: i64 = 1_795_000_000_000_000;
const SECOND: i64 = 1_000_000;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn errand() -> Errand {
    let spending = Spending { client: "acme".into(), characters: 10, limit: None };
    Errand { engine: "google".into(), requests: 1, cadence: None, patience: seconds(1), spending }
}

fn failed(rest: Option<Duration>) -> Report {
    Report::Failed { trouble: "answered 503".into(), rest }
}

fn go(record: &mut Record, now: i64) -> Ticket {
    match record.admit(&errand(), 0, now) {
        Leave::Go(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn rests(record: &mut Record, now: i64) -> u64 {
    match record.admit(&errand(), 0, now) {
        Leave::Resting { wait, .. } => wait.as_secs(),
        other => panic!("{other:?}"),
    }
}

fn broken() -> Record {
    let mut record = Record::default();
    for _ in 0..FAILURES {
        let ticket = go(&mut record, NOW);
        record.note(&ticket, &failed(None), NOW);
    }
    record
}

#[test]
fn a_few_failures_in_a_row_open_it_and_scattered_ones_do_not() {
    assert_eq!(rests(&mut broken(), NOW + 10 * SECOND), 20);
    let mut record = Record::default();
    for _ in 0..50 {
        for report in [failed(None), failed(None), Report::Answered] {
            let ticket = go(&mut record, NOW);
            record.note(&ticket, &report, NOW);
        }
    }
    assert_eq!((record.health(NOW), record.trouble.as_str(), record.since), (Health::Ready, "", 0));
}

#[test]
fn after_the_rest_one_probe_decides() {
    let mut record = broken();
    let later = NOW + micros(FIRST_REST);
    assert_eq!(record.health(later), Health::Probing);
    let ticket = go(&mut record, later);
    assert!(ticket.probe);
    assert_eq!(rests(&mut record, later), 60, "one probe at a time");
    record.note(&ticket, &Report::Answered, later);
    assert!(!go(&mut record, later).probe);
    assert_eq!(record.standing(later).since, Some(Timestamp::from_millis(later / 1_000)));
}

#[test]
fn failed_probes_double_the_rest_up_to_a_cap() {
    let (mut record, mut now, mut told) = (broken(), NOW, Vec::new());
    for _ in 0..9 {
        let rest = rests(&mut record, now);
        told.push(rest);
        now += micros(seconds(rest));
        let ticket = go(&mut record, now);
        record.note(&ticket, &failed(None), now);
    }
    assert_eq!(told, [30, 60, 120, 240, 480, 960, 1_800, 1_800, 1_800]);
    assert_eq!(record.since, NOW, "it has been ill all the time");
}

#[test]
fn an_engine_that_asks_for_a_pause_gets_it_at_once_and_no_longer_than_bearable() {
    for (asked, given) in [(600, 600), (86_400, 1_800), (0, 0)] {
        let mut record = Record::default();
        let ticket = go(&mut record, NOW);
        record.note(&ticket, &failed(Some(seconds(asked))), NOW);
        assert_eq!(record.until, NOW + micros(seconds(given)).max(1), "{asked}");
    }
}

#[test]
fn latecomers_neither_close_a_breaker_nor_shorten_a_rest() {
    let mut record = Record::default();
    let early: Vec<Ticket> = (0..5).map(|_| go(&mut record, NOW)).collect();
    record.note(&early[0], &failed(Some(seconds(600))), NOW);
    for (ticket, report) in
        early[1..].iter().zip([Report::Answered, failed(None), failed(Some(seconds(5))), Report::Undecided])
    {
        record.note(ticket, &report, NOW);
        assert_eq!(record.health(NOW), Health::Resting(seconds(600)), "{report:?}");
    }
    let later = NOW + 600 * SECOND;
    let probe = go(&mut record, later);
    record.note(&early[1], &Report::Answered, later);
    assert_eq!(rests(&mut record, later), 60, "the probe is still under way");
    record.note(&probe, &Report::Answered, later);
    assert_eq!(record.health(later), Health::Ready);
}

#[test]
fn a_cancelled_probe_does_not_keep_it_shut() {
    let mut record = broken();
    let later = NOW + micros(FIRST_REST);
    go(&mut record, later);
    assert_eq!(rests(&mut record, later + micros(PROBE_PATIENCE) - SECOND), 1);
    let much_later = later + micros(PROBE_PATIENCE);
    let ticket = go(&mut record, much_later);
    record.note(&ticket, &Report::Undecided, much_later);
    assert!(go(&mut record, much_later).probe, "an undecided probe is made again at once");
}

#[test]
fn refused_credentials_rest_until_somebody_starts_anew() {
    let mut record = Record::default();
    let ticket = go(&mut record, NOW);
    record.note(&ticket, &Report::Locked { trouble: "refused the key".into() }, NOW);
    assert_eq!(record.health(NOW), Health::Resting(LONGEST_REST));
    record.unlock(NOW + SECOND);
    assert_eq!((record.health(NOW + SECOND), record.trouble.as_str()), (Health::Ready, ""));

    let mut ill = broken();
    ill.unlock(NOW);
    assert_eq!(ill, broken(), "other troubles do not end so");
}

#[test]
fn a_clock_that_is_set_back_prolongs_nothing() {
    let mut record = broken();
    record.next = NOW + 10 * SECOND;
    let yesterday = NOW - 86_400 * SECOND;
    assert_eq!(record.health(yesterday), Health::Resting(LONGEST_REST));
    let mut paced = Record { next: NOW, ..Record::default() };
    let cadence = Some(Cadence { interval: seconds(1), burst: 1 });
    let patient = Errand { cadence, patience: FARTHEST, ..errand() };
    assert!(matches!(paced.admit(&patient, 0, yesterday), Leave::Go(_)));
    let mut probing = Record { probe: NOW, ..broken() };
    assert!(matches!(probing.health(NOW + 30 * SECOND), Health::Probing));
    probing.until = yesterday;
    assert!(go(&mut probing, yesterday).probe, "a probe of the future is none");
}

#[test]
fn a_burst_goes_at_once_and_the_rest_at_the_pace() {
    let mut record = Record::default();
    let cadence = Some(Cadence { interval: seconds(1), burst: 3 });
    let errand = |requests| Errand { requests, cadence, patience: seconds(9), ..errand() };
    let waits = |record: &mut Record, requests: &[u32], now| {
        let wait = |n| match record.admit(&errand(n), 0, now) {
            Leave::Go(ticket) => ticket.wait.as_secs(),
            other => panic!("{other:?}"),
        };
        requests.iter().copied().map(wait).collect::<Vec<_>>()
    };
    assert_eq!(waits(&mut record, &[1, 1, 1, 1, 2, 1], NOW), [0, 0, 0, 1, 2, 4]);
    let hour_later = NOW + 3_600 * SECOND;
    assert_eq!(waits(&mut record, &[2, 1, 1, 0, 1], hour_later), [0, 0, 1, 2, 3], "one burst is saved up");
}

#[test]
fn the_impatient_are_told_and_book_nothing() {
    let cadence = Some(Cadence { interval: seconds(1), burst: 1 });
    let mut record = Record { next: NOW + 10 * SECOND, ..Record::default() };
    let impatient = Errand { cadence, patience: seconds(8), ..errand() };
    let before = record.clone();
    assert_eq!(record.admit(&impatient, 0, NOW), Leave::Crowded { wait: seconds(2) });
    assert_eq!(record, before);
    assert!(matches!(record.admit(&impatient, 0, NOW + 2 * SECOND), Leave::Go(_)));
}

#[test]
fn a_budget_is_used_up_to_the_last_character() {
    let mut record = Record::default();
    let spending = Spending { limit: Some(100), ..errand().spending };
    let errand = Errand { spending, ..errand() };
    assert!(matches!(record.admit(&errand, 90, NOW), Leave::Go(_)));
    let month = Month::of(NOW);
    assert_eq!(record.admit(&errand, 91, NOW), Leave::Spent { limit: 100, used: 91, month });
}

#[test]
fn whoever_is_refused_changes_nothing() {
    let cadence = Some(Cadence { interval: seconds(1), burst: 1 });
    let spending = Spending { limit: Some(0), ..errand().spending };
    let mut record = broken();
    let later = NOW + micros(FIRST_REST);
    let before = record.clone();
    assert!(matches!(record.admit(&Errand { cadence, spending, ..errand() }, 0, later), Leave::Spent { .. }));
    assert_eq!(record, before, "neither the probe nor a turn is taken");
}

#[test]
fn months_are_those_of_utc() {
    for (at, month) in [
        ("1970-01-01T00:00:00Z", "1970-01"),
        ("2024-02-29T23:59:59.999999Z", "2024-02"),
        ("2026-11-30T23:59:59.999999Z", "2026-11"),
        ("2026-12-01T00:00:00Z", "2026-12"),
        ("2026-12-31T19:00:00-05:00", "2027-01"),
    ] {
        let at: jiff::Timestamp = at.parse().unwrap();
        assert_eq!(Month::of(at.as_microsecond()).to_string(), month);
    }
    assert_eq!(Month::numbered(Month::of(NOW).number()), Month::of(NOW));
}

#[test]
fn of_an_error_the_beginning_is_kept() {
    let mut record = Record::default();
    let ticket = go(&mut record, NOW);
    record.note(&ticket, &Report::Failed { trouble: "ñ".repeat(5_000), rest: None }, NOW);
    assert_eq!(record.standing(NOW).trouble.unwrap().1.chars().count(), 200);
}

proptest! {
    /// Whoever comes when, with whatever patience: in no stretch of time do more requests start than the bucket holds.
    #[test]
    fn no_stretch_has_more_requests_than_the_bucket(
        asks in prop::collection::vec((0_i64..3_000, 1_u32..4, 0_u64..8), 1..60),
        burst in 1_u32..5,
    ) {
        let cadence = Some(Cadence { interval: seconds(1), burst });
        let (mut record, mut now, mut starts) = (Record::default(), NOW, Vec::new());
        for (pause_ms, requests, patience) in asks {
            now += pause_ms * 1_000;
            let errand = Errand { requests, cadence, patience: seconds(patience), ..errand() };
            if let Leave::Go(ticket) = record.admit(&errand, 0, now) {
                prop_assert!(ticket.wait <= errand.patience);
                let first = now + micros(ticket.wait);
                starts.extend((0..i64::from(requests)).map(|n| first + n * SECOND));
            }
        }
        starts.sort_unstable();
        for (n, from) in starts.iter().enumerate() {
            for (m, to) in starts.iter().enumerate().skip(n) {
                let room = i64::from(burst) + (to - from) / SECOND;
                prop_assert!(i64::try_from(m - n + 1).unwrap() <= room);
            }
        }
    }
}
