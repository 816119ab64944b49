use std::fs::OpenOptions;
use std::io::Write as _;

use pregon_core::{PhoneNumber, clock};

use super::*;
use crate::{CallFile, Spool};

const KEY: &str = "0192f3a0-7c3e-7b7a-9a51-0f6f6c1d2e3f-1";

/// A spool with one call in it.
struct Case {
    _dir: tempfile::TempDir,
    folders: Folders,
    key: Key,
}

impl Case {
    async fn dispatched() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::open(dir.path()).unwrap();
        let key = KEY.parse().unwrap();
        let template: crate::ChannelTemplate = "PJSIP/{number}@trunk".parse().unwrap();
        let file = CallFile {
            key,
            channel: template.fill(&PhoneNumber::try_from("+573005050149".to_owned()).unwrap(), None),
            caller_id: None,
            audio: Path::new("/data/ab").try_into().unwrap(),
            wait_seconds: 45,
            longest_seconds: 60,
            question: None,
        };
        spool.dispatch(file).await.unwrap();
        Self { folders: spool.inner.folders.clone(), key, _dir: dir }
    }

    fn start(&self) {
        let next = clock::now().millis() / 1_000 + 3_600;
        append(&self.folders.outgoing_of(self.key), &format!("\nStartRetry: 77 1 ({next})\n"));
    }

    fn archive(&self, status: &str) {
        fs::rename(self.folders.outgoing_of(self.key), self.folders.done_of(self.key)).unwrap();
        append(&self.folders.done_of(self.key), &format!("Status: {status}\n"));
    }

    fn report(&self, rest: &str) {
        fs::write(self.folders.result_of(self.key), format!("{}|{rest}\n", self.key)).unwrap();
    }

    fn fate(&self) -> Fate {
        self.fate_after(Duration::ZERO)
    }

    fn fate_after(&self, wait: Duration) -> Fate {
        fate(&self.folders, self.key, clock::now() + wait).unwrap()
    }
}

fn append(path: &Path, text: &str) {
    OpenOptions::new().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn known(kind: OutcomeKind) -> Fate {
    Fate::Known(Outcome::of(kind))
}

const TWO_HOURS: Duration = Duration::from_hours(2);

#[tokio::test]
async fn without_asterisk_a_call_waits_for_ever_and_an_archived_status_ends_it() {
    let case = Case::dispatched().await;
    assert_eq!(case.fate(), Fate::Pending(Waiting::Pickup));
    assert_eq!(case.fate_after(TWO_HOURS * 100), Fate::Pending(Waiting::Pickup));
    case.archive("Completed");
    assert_eq!(case.fate(), Fate::Pending(Waiting::Result), "how it went may still be written");
    assert_eq!(
        case.fate_after(RESULT_GRACE),
        known(OutcomeKind::Uncertain),
        "whether it was heard is not known"
    );
}

#[tokio::test]
async fn a_copied_archive_counts_too() {
    let case = Case::dispatched().await;
    let (from, to) = (case.folders.outgoing_of(case.key), case.folders.done_of(case.key));
    fs::copy(&from, &to).unwrap();
    fs::remove_file(from).unwrap();
    assert_eq!(case.fate(), Fate::Pending(Waiting::Result), "archived, and its status not written yet");
    append(&to, "Status: Expired\n");
    assert_eq!(case.fate_after(RESULT_GRACE), known(OutcomeKind::Unreachable));
}

#[tokio::test]
async fn a_call_that_never_ends_becomes_uncertain() {
    let case = Case::dispatched().await;
    case.start();
    assert_eq!(case.fate(), Fate::Pending(Waiting::Result));
    // It may ring for 45 s and go on for 60 s.
    let longest = Duration::from_secs(45 + 60) + LATE;
    assert_eq!(case.fate_after(longest.mul_f64(0.95)), Fate::Pending(Waiting::Result));
    assert_eq!(case.fate_after(longest.mul_f64(1.05)), known(OutcomeKind::Uncertain));
    case.archive("Expired");
    assert_eq!(case.fate_after(TWO_HOURS), known(OutcomeKind::Unreachable), "a late end is still the truth");
}

#[tokio::test]
async fn a_file_that_vanished_becomes_uncertain() {
    let case = Case::dispatched().await;
    fs::remove_file(case.folders.outgoing_of(case.key)).unwrap();
    assert_eq!(case.fate(), Fate::Pending(Waiting::Result));
    assert_eq!(case.fate_after(TWO_HOURS), known(OutcomeKind::Uncertain));
}

#[tokio::test]
async fn a_withdrawn_call_is_ended_by_its_result() {
    let case = Case::dispatched().await;
    case.start();
    fs::remove_file(case.folders.outgoing_of(case.key)).unwrap();
    assert_eq!(case.fate(), Fate::Pending(Waiting::Result));
    let ended = clock::now().millis() / 1_000 + 3;
    case.report(&format!("asterisk|17|Down||||||{ended}|SIP 486 Busy Here"));
    let Fate::Known(outcome) = case.fate() else { panic!("{:?}", case.fate()) };
    assert_eq!((outcome.kind, outcome.q850, outcome.sip), (OutcomeKind::Busy, Some(17), Some(486)));
    assert!(outcome.ring_seconds.is_some_and(|s| (2.0..=4.0).contains(&s)), "{outcome:?}");
}

#[tokio::test]
async fn an_unanswered_call_is_given_a_moment_to_say_why() {
    for (status, kind) in [("Expired", OutcomeKind::Unreachable), ("Failed", OutcomeKind::Unreachable)] {
        let case = Case::dispatched().await;
        case.start();
        case.archive(status);
        assert_eq!(case.fate(), Fate::Pending(Waiting::Result));
        assert_eq!(case.fate_after(RESULT_GRACE), known(kind));
        fs::write(case.folders.result_of(case.key), format!("{}|asterisk|17|Do", case.key)).unwrap();
        assert_eq!(case.fate_after(RESULT_GRACE), known(kind), "half a line says nothing");
        case.report("asterisk|17|Down||||||5|SIP 486 Busy Here");
        assert!(matches!(case.fate(), Fate::Known(outcome) if outcome.kind == OutcomeKind::Busy));
    }
}

#[tokio::test]
async fn a_voided_attempt_has_no_fate_and_an_unknown_one_an_uncertain_one() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path()).unwrap();
    let key: Key = KEY.parse().unwrap();
    assert_eq!(spool.fate(key, clock::now()).await.unwrap(), known(OutcomeKind::Uncertain));
    spool.settle(key).await.unwrap();
    assert!(matches!(spool.fate(key, clock::now()).await, Err(DispatchError::Voided)));
}
