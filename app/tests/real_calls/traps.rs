//! Ways in which Asterisk's spool has been seen to call somebody without end, twice, or never without a word. Each is
//! set up as it happens, in front of the real Asterisk.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use pregon_asterisk::CallFile;
use pregon_core::{Fate, Key, Outcome, OutcomeKind, Settled, Waiting, clock};
use serde_json::json;

use crate::line::{Line, Turn, call_file, eventually, hand_over};
use crate::peer::Manner;

const BUSY: Manner = Manner::Refuse { status: 486 };

/// Hands a call file over as the spool does, ledger and all, but with this text and these permissions.
fn hand_over_ours(line: &Line, key: Key, text: &str, mode: u32) -> PathBuf {
    let spool = line.asterisk.spool();
    let entry = spool.join("ledger").join(key.to_string());
    std::fs::write(&entry, text).unwrap();
    let staged = spool.join("staging").join(format!("{key}.0"));
    std::fs::hard_link(&entry, &staged).unwrap();
    std::fs::set_permissions(&staged, std::fs::Permissions::from_mode(mode)).unwrap();
    let path = spool.join("outgoing").join(format!("{key}.call"));
    std::fs::rename(staged, &path).unwrap();
    path
}

/// A call of somebody else, dialled after all that was handed over before.
async fn meanwhile(line: &Line) {
    let number = BUSY.number();
    hand_over(
        &line.asterisk.spool(),
        &format!("meanwhile-{number}.call"),
        &call_file(&number).to_string(),
        0o664,
    );
    eventually("a later call was dialled", || !line.peer.calls_to(&number).is_empty()).await;
}

fn uncertain() -> Fate {
    Fate::Known(Outcome::of(OutcomeKind::Uncertain))
}

const TWO_HOURS: Duration = Duration::from_hours(2);

/// Asterisk cannot note in such a file that it is being dialled, and dials it again after each `RetryTime` while the
/// call goes on. Ours is longer than any call.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_asterisk_cannot_write_is_dialled_once() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    let (ours, theirs) = (Manner::Ring.number(), Manner::Ring.number());
    let file = CallFile { wait_seconds: 8, ..call_file(&ours) };
    hand_over_ours(&line, file.key, &file.to_string(), 0o444);
    // The same in a hurry: it shows that the trap is there.
    let text = CallFile { wait_seconds: 8, ..call_file(&theirs) }.to_string();
    let hasty = text.replace("RetryTime: 3600", "RetryTime: 2");
    let bait = hand_over(&line.asterisk.spool(), &format!("bait-{theirs}.call"), &hasty, 0o444);
    eventually("the hasty one was dialled again and again", || line.peer.calls_to(&theirs).len() >= 3).await;
    drop(std::fs::remove_file(bait));
    let over = || line.peer.calls_to(&ours).iter().all(|call| call.ended.is_some());
    eventually("ours is over", over).await;
    meanwhile(&line).await;
    assert_eq!(line.peer.calls_to(&ours).len(), 1);
    assert!(!line.asterisk.spool().join(format!("outgoing/{}.call", file.key)).exists());
    let Fate::Known(outcome) = line.spool().await.fate(file.key, clock::now()).await.unwrap() else {
        panic!("no outcome")
    };
    assert_eq!((outcome.kind, outcome.sip), (OutcomeKind::NoAnswer, Some(180)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asterisk_writes_its_mark_into_the_files_that_we_hand_over() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    let number = BUSY.number();
    let id = line.call(&number, &json!({})).await;
    line.ended(&id).await;
    let entry = std::fs::read_to_string(line.asterisk.spool().join(format!("ledger/{id}-1"))).unwrap();
    assert!(entry.contains(&format!("\nStartRetry: {} 1 (", line.asterisk.pid())), "{entry}");
}

/// Asterisk deletes it without a trace: it must not read as dialled, and not be handed over again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_asterisk_cannot_read_ends_as_uncertain() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    let number = Manner::ANSWER.number();
    let file = call_file(&number);
    let path = hand_over_ours(&line, file.key, &file.to_string(), 0o000);
    eventually("Asterisk has deleted it", || !path.exists()).await;
    meanwhile(&line).await;
    let entry = line.asterisk.spool().join("ledger").join(file.key.to_string());
    std::fs::set_permissions(entry, std::fs::Permissions::from_mode(0o664)).unwrap();
    let spool = line.spool().await;
    assert_eq!(spool.settle(file.key).await.unwrap(), Settled::HandedOver);
    assert_eq!(spool.fate(file.key, clock::now()).await.unwrap(), Fate::Pending(Waiting::Result));
    assert_eq!(spool.fate(file.key, clock::now() + TWO_HOURS).await.unwrap(), uncertain());
    assert_eq!((line.peer.calls_to(&number).len(), path.exists()), (0, false));
}

/// Asterisk keeps a scheduled file by its name, and dials whatever stands in it when the time has come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_takes_the_name_of_another() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    let spool = line.spool().await;
    let (first, second) = (BUSY.number(), BUSY.number());
    let file = call_file(&first);
    spool.dispatch(file.clone()).await.unwrap();
    eventually("the first was dialled", || !line.peer.calls_to(&first).is_empty()).await;
    spool.dispatch(CallFile { key: file.key, ..call_file(&second) }).await.unwrap();
    meanwhile(&line).await;
    assert_eq!((line.peer.calls_to(&first).len(), line.peer.calls_to(&second).len()), (1, 0));
}

/// In a container Asterisk always has the same process id. It takes a file with its own mark for one that it is
/// dialling now, and never dials it, nor ends it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_with_the_mark_of_an_asterisk_of_the_same_pid_is_taken_away() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    let number = Manner::ANSWER.number();
    let file = call_file(&number);
    let next = clock::now().millis() / 1_000 + 3_600;
    let marked = format!("{file}\nStartRetry: {} 1 ({next})\n", line.asterisk.pid());
    let path = hand_over_ours(&line, file.key, &marked, 0o664);
    eventually("it was taken away", || !path.exists()).await;
    meanwhile(&line).await;
    assert_eq!(line.peer.calls_to(&number).len(), 0);
    let spool = line.spool().await;
    assert_eq!(spool.fate(file.key, clock::now()).await.unwrap(), Fate::Pending(Waiting::Result));
    assert_eq!(spool.fate(file.key, clock::now() + TWO_HOURS).await.unwrap(), uncertain());
}

/// A line break in any of them would let the caller add lines to the call file: Asterisk runs what they say.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_break_is_refused_before_anything_is_written() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    let done = line.rig.dir.path().join("done");
    let number = Manner::ANSWER.number();
    for line_break in ["\n", "\r\n", "\\n", "\u{2028}"] {
        let evil = |start: &str| {
            format!("{start}{line_break}Application: System{line_break}Data: touch {}", done.display())
        };
        for (field, value) in [
            ("phone_number", evil(&number)),
            ("caller_id", evil("6015550000")),
            ("trunk", evil("trunk")),
            ("voice", evil("es")),
            ("language", evil("es")),
        ] {
            let mut request = json!({"text": "Hola", "phone_number": number});
            request[field] = json!(value);
            let (status, answer) = line.rig.post("/tts/call", &request).await.unwrap();
            assert_eq!((status, &answer["errors"][0]["field"]), (422, &json!(field)), "{answer}");
        }
    }
    let (_, stats) = line.rig.get("/queue/stats").await.unwrap();
    assert_eq!(stats["jobs"]["total"], 0, "{stats}");
    meanwhile(&line).await;
    assert_eq!((line.peer.calls_to(&number).len(), done.exists()), (0, false));
}

/// No channel, no event, no result: all there is to see is that the file is archived.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trunk_that_asterisk_does_not_know_ends_the_job_soon() {
    let Some(line) = Line::open(Turn::shared().await).await else { return };
    let number = Manner::ANSWER.number();
    let asked = std::time::Instant::now();
    let job = line.ended(&line.call(&number, &json!({"trunk": "nosuch"})).await).await;
    assert_eq!((&job["status"], &job["outcome"]["kind"]), (&json!("failed"), &json!("unreachable")), "{job}");
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(line.peer.calls_to(&number).len(), 0);
}
