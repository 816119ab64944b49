use pregon_core::{
    Air, Chime, Content, Lane, Mode, OutcomeKind, OverLive, Recording, Redial, Spec, State, Target,
};

use super::*;

const BEGAN: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn job(number: u128) -> Job {
    let station = StationName::default();
    let air = Air {
        station,
        mode: Mode::Interrupt,
        over_live: OverLive::default(),
        chime: Chime::None,
        repeat: 1,
        dedupe: None,
    };
    let spec = Spec {
        content: Content::Audio(Recording { id: "0".repeat(40) }),
        target: Target::Air(air),
        lane: Lane::Normal,
        max_attempts: 3,
        retry: Redial::default(),
        not_before: None,
        expires: None,
        metadata: [].into(),
        callback_url: None,
    };
    let id = format!("01997c00-0000-7000-8000-{number:012x}").parse().unwrap();
    let mut job = Job::accept(id, spec, None, BEGAN);
    job.attempt = 1;
    job
}

/// Asked for again by a person after its first attempt.
fn again(job: &Job) -> Job {
    let ended = Job { state: State::Failed, ..job.clone() };
    let mut again = ended.apply(pregon_core::Event::Again { attempt: 1, heard_too: true }, BEGAN).unwrap();
    again.attempt = 2;
    assert_eq!(again.round(), 1);
    again
}

fn open(folder: &Path, now: Timestamp) -> Journal {
    Journal::open(folder, &StationName::default(), now).unwrap()
}

fn aired() -> Outcome {
    Outcome::of(OutcomeKind::Aired)
}

fn text(folder: &Path) -> String {
    String::from_utf8_lossy(&fs::read(folder.join("air-main.jsonl")).unwrap()).into_owned()
}

#[tokio::test]
async fn what_began_and_what_ended_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), BEGAN);
    let (begun, ended, unheard) = (job(1), job(2), job(3));
    journal.began(&begun, BEGAN).await;
    journal.began(&ended, BEGAN).await;
    journal.ended(&ended, &aired(), BEGAN).await;
    for journal in [journal, open(folder.path(), BEGAN), open(folder.path(), BEGAN)] {
        assert_eq!(journal.past(&begun), Some(Past::Begun(BEGAN)));
        assert_eq!(journal.past(&ended), Some(Past::Ended(aired())));
        assert_eq!(journal.past(&unheard), None);
    }
}

#[tokio::test]
async fn a_later_attempt_is_known_and_a_later_round_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), BEGAN);
    let first = job(1);
    journal.ended(&first, &aired(), BEGAN).await;
    let rescued = Job { attempt: 2, ..first.clone() };
    assert_eq!(journal.past(&rescued), Some(Past::Ended(aired())));
    let again = again(&first);
    assert_eq!(journal.past(&again), None);
    journal.began(&again, BEGAN).await;
    // A late copy of the first round's message is nothing new.
    assert_eq!(open(folder.path(), BEGAN).past(&first), Some(Past::Begun(BEGAN)));
}

#[tokio::test]
async fn a_last_line_that_was_torn_costs_nothing_but_itself() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), BEGAN);
    let reason = "el disco está lleno".to_owned();
    let airing = pregon_core::Airing {
        station: StationName::default(),
        at: None,
        seconds: 0.0,
        listeners: None,
        reason: Some(reason),
    };
    let failed = Outcome { airing: Some(airing), ..Outcome::of(OutcomeKind::Failed) };
    journal.ended(&job(1), &failed, BEGAN).await;
    journal.ended(&job(2), &failed, BEGAN).await;
    let path = folder.path().join("air-main.jsonl");
    let whole = fs::read(&path).unwrap();
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    // Wherever the line is cut, in the middle of a letter too.
    for cut in first..whole.len() - 1 {
        fs::write(&path, &whole[..cut]).unwrap();
        let journal = open(folder.path(), BEGAN);
        assert_eq!(journal.past(&job(1)), Some(Past::Ended(failed.clone())), "cut at {cut}");
        assert_eq!(journal.past(&job(2)), None, "cut at {cut}");
        journal.began(&job(3), BEGAN).await;
        assert_eq!(open(folder.path(), BEGAN).past(&job(3)), Some(Past::Begun(BEGAN)), "cut at {cut}");
    }
}

#[tokio::test]
async fn what_is_older_than_any_message_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path(), BEGAN);
    journal.ended(&job(1), &aired(), BEGAN).await;
    let later = BEGAN + MEMORY;
    journal.ended(&job(2), &aired(), later).await;
    assert!(open(folder.path(), later).past(&job(1)).is_some());
    let journal = open(folder.path(), later + Duration::from_secs(1));
    assert_eq!((journal.past(&job(1)), journal.past(&job(2))), (None, Some(Past::Ended(aired()))));
    assert_eq!(text(folder.path()).lines().count(), 1);
}
