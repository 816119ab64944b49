//! Further attempts, by outcome.

use super::*;

#[test]
fn every_retry_takes_its_own_wait_until_attempts_or_waits_end() {
    for (max_attempts, waits, expected, ending) in [
        (1, "1m,5m", &[][..], Sequel::NoneLeft),
        (3, "1m,5m", &[60, 300], Sequel::NoneLeft),
        (5, "1m,5m", &[60, 300, 300, 300], Sequel::NoneLeft),
        (5, "1m,5m,never", &[60, 300], Sequel::Enough),
        (5, "never", &[], Sequel::Enough),
    ] {
        let job = called_until_it_ends(max_attempts, waits);
        assert_eq!(gaps(&job), expected, "{max_attempts} {waits}");
        assert_eq!(usize::from(job.counted()), expected.len() + 1);
        assert_eq!(told(&job), format!(" ({})", ending.as_str()));
        assert_eq!(job.outcome, Some(Outcome::of(OutcomeKind::Busy)));
        assert_eq!(job.state, State::Failed);
    }
}

#[test]
fn twenty_attempts_keep_all_their_outcomes() {
    assert_eq!(gaps(&called_until_it_ends(20, "1m")).len(), 19);
}

#[test]
fn each_outcome_has_its_own_waits_and_the_jobs_own_come_first() {
    let house: Redial =
        [(Mishap::Busy, "1m,2m".parse().unwrap()), (Mishap::NoAnswer, "10m".parse().unwrap())]
            .into_iter()
            .collect();
    let mut spec = job().spec;
    spec.max_attempts = 20;
    spec.retry = Redial::from_iter([(Mishap::NoAnswer, "1h,2h".parse().unwrap())]);
    let mut job = Job::accept(JobId::new(NOW), spec, None, NOW);
    let mut now = NOW;
    for (kind, minutes) in [
        (OutcomeKind::Busy, 1),
        (OutcomeKind::NoAnswer, 60),
        (OutcomeKind::Busy, 2),
        (OutcomeKind::NoAnswer, 120),
        (OutcomeKind::Busy, 2),
    ] {
        job = answered_by(job, kind, &house, now);
        let due = now + Duration::from_mins(minutes);
        assert_eq!(job.state, State::Scheduled { due }, "{kind:?}");
        assert_eq!(job.outcome.as_ref().unwrap().kind, kind);
        now = due;
    }
    // Neither has waits for it.
    let failed = answered_by(job.clone(), OutcomeKind::Congestion, &house, now);
    assert_eq!((failed.state.name(), &*told(&failed)), (StateName::Failed, " (enough)"));
    // Once a person asks, the waits begin anew.
    let again = failed.clone().apply(again(failed.attempt), now).unwrap();
    let busy = answered_by(again, OutcomeKind::Busy, &house, now);
    assert_eq!(busy.state, State::Scheduled { due: now + Duration::from_mins(1) });
    let heard = answered_by(job, OutcomeKind::Answered, &house, now);
    assert_eq!((&heard.state, &heard.last_error, heard.counted()), (&State::Completed, &None, 6));
}
