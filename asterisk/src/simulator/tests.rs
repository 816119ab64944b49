use std::fs::{self, FileTimes};
use std::time::SystemTime;

use pregon_core::{Fate, Key, OutcomeKind, PhoneNumber, Played};

use super::*;
use crate::{CallFile, ChannelTemplate, Spool, watch};

const PATIENCE: Duration = Duration::from_secs(30);

fn key(job: usize) -> Key {
    format!("0192f3a0-7c3e-7b7a-9a51-{job:012x}-1").parse().unwrap()
}

fn file(job: usize) -> CallFile {
    let template: ChannelTemplate = "PJSIP/{number}@trunk".parse().unwrap();
    CallFile {
        key: key(job),
        channel: template.fill(&PhoneNumber::try_from("+573005050149".to_owned()).unwrap(), None),
        caller_id: None,
        audio: Path::new("/data/ab").try_into().unwrap(),
        wait_seconds: 45,
        longest_seconds: 60,
        question: None,
    }
}

/// A spool with a simulator that runs until the end of the test.
struct Play {
    spool: Spool,
    stop: CancellationToken,
    running: tokio::task::JoinHandle<Result<(), SimulatorError>>,
    dir: tempfile::TempDir,
}

impl Play {
    fn start(dir: tempfile::TempDir, mix: &str, call_seconds: f64) -> Self {
        let settings = SimSettings { outcomes: mix.parse().unwrap(), call_seconds, seed: Some(7) };
        let spool = Spool::open(dir.path()).unwrap();
        let simulator = Simulator::new(dir.path(), settings).unwrap();
        let stop = CancellationToken::new();
        let running = tokio::spawn(simulator.run(stop.clone()));
        Self { spool, stop, running, dir }
    }

    fn new(mix: &str) -> Self {
        Self::start(tempfile::tempdir().unwrap(), mix, 0.05)
    }

    async fn end(self) -> tempfile::TempDir {
        self.stop.cancel();
        self.running.await.unwrap().unwrap();
        self.dir
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    /// As a program that is not Pregon would hand over a call file.
    fn put(&self, name: &str, text: &str) {
        let staged = self.path("staging").join(name);
        fs::write(&staged, text).unwrap();
        fs::rename(staged, self.path("outgoing").join(name)).unwrap();
    }
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// From the hand-over to the outcome, for everything that can be simulated.
#[tokio::test]
async fn every_simulated_outcome_arrives_marked_as_such() {
    for (word, kind, played, status) in [
        ("answered", OutcomeKind::Answered, Some(Played::Fully), "Completed"),
        ("silent", OutcomeKind::Silent, Some(Played::None), "Completed"),
        ("busy", OutcomeKind::Busy, None, "Expired"),
        ("no_answer", OutcomeKind::NoAnswer, None, "Expired"),
        ("rejected", OutcomeKind::Rejected, None, "Expired"),
        ("invalid_number", OutcomeKind::InvalidNumber, None, "Expired"),
        ("congestion", OutcomeKind::Congestion, None, "Expired"),
        ("unreachable", OutcomeKind::Unreachable, None, "Expired"),
        ("failed", OutcomeKind::Unreachable, None, "Expired"),
    ] {
        let play = Play::new(&format!("{word}=1"));
        let mut news = watch(&play.spool, play.stop.clone());
        play.spool.dispatch(file(1)).await.unwrap();
        let told = tokio::time::timeout(PATIENCE, news.recv()).await.expect(word);
        assert_eq!(told, Some(key(1)));
        let fate = play.spool.fate(key(1), clock::now()).await.unwrap();
        let Fate::Known(outcome) = fate else { panic!("{word}: {fate:?}") };
        assert_eq!((outcome.kind, outcome.played, outcome.simulated), (kind, played, true), "{word}");
        assert_eq!(outcome.heard(), word == "answered");
        let done = play.path(&format!("outgoing_done/{}.call", key(1)));
        until(word, || {
            fs::read_to_string(&done).is_ok_and(|text| text.ends_with('\n') && text.contains("Status"))
        })
        .await;
        let text = fs::read_to_string(done).unwrap();
        assert!(text.contains(&format!("\nStartRetry: {} 1 (", std::process::id())), "{text}");
        assert!(text.ends_with(&format!("Status: {status}\n")), "{text}");
        assert!(!play.spool.call_file(key(1)).exists());
        play.end().await;
    }
}

#[tokio::test]
async fn the_backlog_is_taken_at_the_start_and_many_calls_go_on_at_once() {
    const CALLS: usize = 1_000;
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path()).unwrap();
    for job in 0..CALLS {
        fs::write(spool.call_file(key(job)), file(job).to_string()).unwrap();
    }
    let begun = Instant::now();
    let play = Play::start(dir, "answered=80,busy=10,no_answer=8,failed=2", 0.5);
    let results = play.path("results");
    until("all results", || fs::read_dir(&results).unwrap().count() == CALLS).await;
    assert!(begun.elapsed() < Duration::from_secs(20), "one after the other it would be 500 s");
    let answered = (0..CALLS).filter(|job| {
        let line = fs::read_to_string(results.join(key(*job).to_string())).unwrap();
        line.contains("|simulated|16|Up|SUCCESS|")
    });
    assert!((700..900).contains(&answered.count()));
    play.end().await;
}

#[tokio::test]
async fn a_file_from_the_future_waits_for_its_time() {
    let play = Play::new("answered=1");
    let staged = play.path("staging/later.call");
    fs::write(&staged, "Channel: PJSIP/1@t\nExtension: s\nArchive: yes\n").unwrap();
    let due =
        SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(clock::now().millis()).unwrap() + 700);
    File::options()
        .append(true)
        .open(&staged)
        .unwrap()
        .set_times(FileTimes::new().set_modified(due))
        .unwrap();
    fs::rename(staged, play.path("outgoing/later.call")).unwrap();
    until("its end", || play.path("outgoing_done/later.call").exists()).await;
    assert!(
        u128::try_from(clock::now().millis()).unwrap()
            >= due.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis()
    );
    play.end().await;
}

#[tokio::test]
async fn foreign_files_are_treated_as_asterisk_treats_them() {
    let play = Play::new("answered=1");
    play.put("archived.call", "channel: PJSIP/1@t\napplication: Playback\ndata: hello\narchive: YES\n");
    play.put(".hidden", "Channel: PJSIP/1@t\nExtension: s\n");
    play.put("invalid.call", "Channel: PJSIP/1@t\nArchive: yes\n");
    play.put("nothing", "");
    let escape = "Set: PREGON_JOB=../../evil\nSet: PREGON_ATTEMPT=1\nSet: CHANNEL(hangup_handler_push)=pregon-hangup,s,1\n";
    play.put("escape.call", &format!("Channel: PJSIP/1@t\nExtension: s\n{escape}"));
    let outgoing = play.path("outgoing");
    until("all taken", || fs::read_dir(&outgoing).unwrap().count() == 0).await;
    let done = |name: &str| fs::read_to_string(play.path("outgoing_done").join(name)).unwrap_or_default();
    until("statuses", || done("archived.call").contains("Status: Completed")).await;
    until("statuses", || done("invalid.call").contains("Status: Failed")).await;
    assert_eq!(fs::read_dir(play.path("outgoing_done")).unwrap().count(), 2);
    assert_eq!(fs::read_dir(play.path("results")).unwrap().count(), 0, "no job, no result");
    assert!(!play.path("evil-1").exists() && !play.dir.path().parent().unwrap().join("evil-1").exists());
    play.end().await;
}

#[tokio::test]
async fn a_call_that_is_cut_off_is_dialled_again_and_one_that_is_withdrawn_still_reports() {
    let first = Play::start(tempfile::tempdir().unwrap(), "answered=1", 600.0);
    first.spool.dispatch(file(1)).await.unwrap();
    let path = first.spool.call_file(key(1));
    until("taken", || fs::read_to_string(&path).unwrap().contains("StartRetry")).await;
    let second = Play::start(first.end().await, "answered=1", 0.3);
    until("taken", || fs::read_to_string(&path).is_ok_and(|text| text.contains("AbortRetry"))).await;
    fs::remove_file(&path).unwrap();
    let results = second.path("results");
    until("a result", || fs::read_dir(&results).unwrap().count() == 1).await;
    assert_eq!(fs::read_dir(second.path("outgoing_done")).unwrap().count(), 0);
    second.end().await;
}

#[tokio::test]
async fn two_simulators_take_turns() {
    let first = Play::start(tempfile::tempdir().unwrap(), "busy=1", 0.05);
    first.spool.dispatch(file(1)).await.unwrap();
    until("a result", || first.path("results").join(key(1).to_string()).exists()).await;
    let settings = SimSettings { outcomes: "answered=1".parse().unwrap(), call_seconds: 0.0, seed: None };
    let second = Simulator::new(first.dir.path(), settings).unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(second.run(stop.clone()));
    let line = |play: &Play, job| fs::read_to_string(play.path("results").join(key(job).to_string()));
    first.spool.dispatch(file(2)).await.unwrap();
    until("a result", || line(&first, 2).is_ok_and(|l| l.ends_with('\n'))).await;
    assert!(line(&first, 2).unwrap().contains("|17|"), "the first plays");
    let (spool, dir) = (first.spool.clone(), first.end().await);
    spool.dispatch(file(3)).await.unwrap();
    let result = dir.path().join("results").join(key(3).to_string());
    until("a result", || fs::read_to_string(&result).is_ok_and(|l| l.contains("|16|Up|"))).await;
    stop.cancel();
    running.await.unwrap().unwrap();
}
