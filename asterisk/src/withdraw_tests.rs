use std::io::Write as _;
use std::time::SystemTime;

use pregon_core::{Fate, Key, Outcome, OutcomeKind, PhoneNumber, Waiting, clock};

use super::*;
use crate::{CallFile, ChannelTemplate};

fn key(job: u32) -> Key {
    format!("0192f3a0-7c3e-7b7a-9a51-{job:012x}-1").parse().unwrap()
}

fn file(job: u32) -> CallFile {
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

fn append(path: &Path, text: &str) {
    fs::File::options().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

async fn gone(path: &Path) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while path.exists() {
        assert!(Instant::now() < deadline, "{} is still there", path.display());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_file_goes_after_asterisk_took_it_and_no_sooner() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path()).unwrap();
    let [earlier, taken, waiting] = [1, 2, 3].map(key);
    for job in [1, 2, 3] {
        spool.dispatch(file(job)).await.unwrap();
    }
    // Due together with the first and not readable as text: it must not hold the first back.
    spool.dispatch(file(0)).await.unwrap();
    fs::write(spool.call_file(key(0)), [0xff]).unwrap();
    append(&spool.call_file(earlier), "\nStartRetry: 7 1 (1795210759)\n");
    let foreign = dir.path().join("outgoing/foreign.call");
    fs::write(&foreign, "Channel: PJSIP/1@t\nExtension: s\n\nStartRetry: 7 1 (1795210759)\n").unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (spool, stop) = (spool.clone(), stop.clone());
        async move { withdraw(&spool, stop).await }
    });
    gone(&spool.call_file(earlier)).await;

    let begun = Instant::now();
    append(&spool.call_file(taken), "\nStartRetry: 7 1 (1795210759)\n");
    // The ledger's entry is the same file, and stays.
    let entry = spool.inner.folders.ledger_of(taken);
    let modified = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    while modified(&entry)
        < SystemTime::UNIX_EPOCH
            + Duration::from_millis(u64::try_from(clock::now().millis()).unwrap())
            + FAR_AHEAD / 2
    {
        assert!(spool.call_file(taken).exists(), "it is postponed before it goes");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    gone(&spool.call_file(taken)).await;
    assert!(begun.elapsed() >= ARCHIVE_FIRST, "a call without a channel must have time to be archived");
    assert_eq!(spool.fate(taken, clock::now()).await.unwrap(), Fate::Pending(Waiting::Result));
    let two_hours = Duration::from_hours(2);
    let uncertain = Fate::Known(Outcome::of(OutcomeKind::Uncertain));
    assert_eq!(spool.fate(taken, clock::now() + two_hours).await.unwrap(), uncertain);

    assert!(spool.call_file(waiting).exists() && foreign.exists());
    assert!(modified(&spool.call_file(waiting)).elapsed().is_ok(), "what was not taken must not wait longer");
    assert_eq!(spool.settle(taken).await.unwrap(), pregon_core::Settled::HandedOver, "it stays decided");
    assert!(!spool.call_file(taken).exists());
    stop.cancel();
    running.await.unwrap().unwrap();
}
