use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicBool, Ordering};

use pregon_core::{PhoneNumber, clock};

use super::*;
use crate::arrivals::{Arrival, Arrivals};

fn key(job: u32, attempt: u16) -> Key {
    format!("0192f3a0-7c3e-7b7a-9a51-{job:012x}-{attempt}").parse().unwrap()
}

fn file(key: Key) -> CallFile {
    let template: crate::ChannelTemplate = "PJSIP/{number}@trunk".parse().unwrap();
    CallFile {
        key,
        channel: template.fill(&PhoneNumber::try_from("+573005050149".to_owned()).unwrap(), None),
        caller_id: None,
        audio: Path::new("/data/audio/4f/4f2a9c0d11e84b7a").try_into().unwrap(),
        wait_seconds: 45,
        longest_seconds: 60,
        question: None,
    }
}

/// In memory where there is such a place: these tests care for order, not for durability.
fn fast_dir() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[tokio::test]
async fn a_handed_over_file_is_complete_and_writable_by_its_group() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path()).unwrap();
    spool.dispatch(file(key(1, 1))).await.unwrap();
    let path = spool.call_file(key(1, 1));
    assert_eq!(fs::read_to_string(&path).unwrap(), file(key(1, 1)).to_string());
    let meta = fs::metadata(&path).unwrap();
    assert_eq!(meta.permissions().mode() & 0o777, 0o664);
    assert_eq!(meta.nlink(), 2, "the ledger's entry is the same file");
    assert_eq!(fs::metadata(dir.path().join("staging")).unwrap().permissions().mode() & 0o7777, 0o2775);
    assert_eq!(count(&spool.inner.folders.staging), 0);
}

#[tokio::test]
async fn the_first_to_decide_decides_for_everybody() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path()).unwrap();
    let (sent, voided) = (key(1, 1), key(2, 1));
    spool.dispatch(file(sent)).await.unwrap();
    assert_eq!(spool.settle(sent).await.unwrap(), Settled::HandedOver);
    fs::remove_file(spool.call_file(sent)).unwrap();
    spool.dispatch(file(sent)).await.unwrap();
    assert_eq!(spool.settle(sent).await.unwrap(), Settled::HandedOver);

    assert_eq!(spool.settle(voided).await.unwrap(), Settled::Voided);
    assert!(matches!(spool.dispatch(file(voided)).await, Err(DispatchError::Voided)));
    assert_eq!(spool.settle(voided).await.unwrap(), Settled::Voided);

    assert_eq!(
        count(&spool.inner.folders.outgoing),
        0,
        "a taken call never comes back, a voided one never comes"
    );
    assert_eq!(count(&spool.inner.folders.staging), 0);
}

#[tokio::test]
async fn a_spool_that_is_gone_is_told_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(&dir.path().join("spool")).unwrap();
    fs::remove_dir_all(spool.dir()).unwrap();
    for error in [
        spool.dispatch(file(key(1, 1))).await.unwrap_err(),
        spool.settle(key(1, 1)).await.unwrap_err(),
        spool.prune(clock::now()).await.unwrap_err(),
    ] {
        assert!(matches!(&error, DispatchError::Unavailable(why) if why.contains("spool/")), "{error}");
    }
}

#[test]
fn a_spool_with_a_path_too_long_for_asterisk_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let error = Spool::open(&dir.path().join("x".repeat(200))).unwrap_err();
    assert!(error.to_string().contains("shorter ASTERISK_SPOOL_DIR"), "{error}");
    assert_eq!(count(dir.path()), 0);
}

/// Somebody who dispatches or settles, stopped between all steps that others can see.
enum Actor {
    Dispatch,
    Settle,
    Staged(PathBuf),
    Decided(Metadata),
    HandingOver(Option<PathBuf>),
    Told(Settled),
}

impl Actor {
    fn step(self, spool: &Inner, key: Key) -> Self {
        match self {
            Self::Dispatch => Self::Staged(spool.stage(&file(key)).unwrap()),
            Self::Staged(staged) if spool.commit(key, &staged).unwrap() => Self::HandingOver(Some(staged)),
            Self::Staged(staged) => {
                fs::remove_file(staged).unwrap();
                Self::Settle
            }
            Self::Settle => match create(&spool.folders.ledger_of(key)) {
                Ok(_) => Self::Told(Settled::Voided),
                Err(_) => Self::Decided(fs::metadata(spool.folders.ledger_of(key)).unwrap()),
            },
            Self::Decided(entry) if entry.len() == 0 => Self::Told(Settled::Voided),
            Self::Decided(entry) => Self::HandingOver(spool.staged(key, &entry).unwrap()),
            Self::HandingOver(staged) => {
                if let Some(staged) = staged {
                    spool.hand_over(key, &staged).unwrap();
                }
                Self::Told(Settled::HandedOver)
            }
            Self::Told(told) => Self::Told(told),
        }
    }
}

/// An Asterisk that is always faster than anybody else.
fn take(spool: &Inner, key: Key) -> usize {
    usize::from(fs::remove_file(spool.folders.outgoing_of(key)).is_ok())
}

/// Runs the actors in this order; they all die at its end. Then somebody settles, and a zombie dispatches once more.
/// Returns which actors were not done.
fn play(spool: &Inner, key: Key, order: &[usize]) -> [bool; 3] {
    let mut actors = [Actor::Dispatch, Actor::Dispatch, Actor::Settle];
    let mut seen = 0;
    for who in order {
        let actor = std::mem::replace(&mut actors[*who], Actor::Settle);
        actors[*who] = actor.step(spool, key);
        seen += take(spool, key);
    }
    let settled = spool.settle(key).unwrap();
    seen += take(spool, key);
    let late = spool.dispatch(&file(key)).is_ok();
    seen += take(spool, key);
    let sent = settled == Settled::HandedOver;
    assert_eq!((seen, late), (usize::from(sent), sent), "{order:?}: {settled:?}");
    for actor in &actors {
        assert!(!matches!(actor, Actor::Told(told) if *told != settled), "{order:?}: {settled:?}");
    }
    actors.map(|actor| !matches!(actor, Actor::Told(_)))
}

/// Two workers that hold the same attempt and one that settles it: every order of their steps, with everybody dying
/// after any of them, and an Asterisk that takes the file at once.
#[test]
fn in_every_order_of_steps_and_deaths_a_call_appears_at_most_once() {
    let dir = fast_dir();
    let spool = Spool::open(dir.path()).unwrap();
    let (mut orders, mut played, mut complete) = (vec![vec![]], 0, 0);
    while let Some(order) = orders.pop() {
        played += 1;
        let undone = play(&spool.inner, key(played, 1), &order);
        complete += usize::from(undone == [false; 3]);
        for who in (0..3).filter(|who| undone[*who]) {
            orders.push(order.iter().copied().chain([who]).collect());
        }
    }
    assert!(complete > 1_000, "{complete} of {played} orders ran to their end");
}

/// Two write and three settle, these after random pauses of widely different length, so that on any disk either side
/// wins at times.
fn race(spool: &Inner, key: Key) -> Vec<Settled> {
    let write = || match spool.dispatch(&file(key)) {
        Ok(()) => Settled::HandedOver,
        Err(DispatchError::Voided) => Settled::Voided,
        Err(error) => panic!("{error}"),
    };
    let settle = || {
        std::thread::sleep(std::time::Duration::from_micros(1 << rand::random_range(0..14)));
        spool.settle(key).unwrap()
    };
    std::thread::scope(|scope| {
        let racers = [
            scope.spawn(write),
            scope.spawn(write),
            scope.spawn(settle),
            scope.spawn(settle),
            scope.spawn(settle),
        ];
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    })
}

/// The same with real threads, and every appearance counted by the kernel.
#[tokio::test]
async fn racing_writers_settlers_and_a_greedy_consumer_always_agree() {
    const ROUNDS: u32 = 300;
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::open(dir.path()).unwrap();
    let arrivals = Arrivals::watch(&[&spool.inner.folders.outgoing]).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let consumer = std::thread::spawn({
        let (outgoing, stop) = (spool.inner.folders.outgoing.clone(), Arc::clone(&stop));
        move || {
            while !stop.load(Ordering::Relaxed) {
                for entry in fs::read_dir(&outgoing).unwrap().flatten() {
                    fs::remove_file(entry.path()).unwrap();
                }
            }
        }
    });
    let mut sent = Vec::new();
    for round in 0..ROUNDS {
        let key = key(round, 1);
        let told = race(&spool.inner, key);
        assert!(told.iter().all(|t| *t == told[0]), "{key}: {told:?}");
        if told[0] == Settled::HandedOver {
            sent.push(format!("{key}.call"));
        }
    }
    stop.store(true, Ordering::Relaxed);
    consumer.join().unwrap();

    let mut seen: HashMap<String, usize> = HashMap::new();
    for arrival in std::iter::from_fn(|| arrivals.read().ok().filter(|a| !a.is_empty())).flatten() {
        let Arrival::File(_, name) = arrival else { panic!("{arrival:?}") };
        *seen.entry(name.into_string().unwrap()).or_default() += 1;
    }
    assert!(seen.values().all(|n| *n == 1), "seen twice: {seen:?}");
    let mut seen: Vec<_> = seen.into_keys().collect();
    seen.sort();
    sent.sort();
    assert_eq!(seen, sent);
    let (sent, rounds) = (sent.len(), ROUNDS as usize);
    assert!(sent > 0 && sent < rounds, "{sent} of {rounds}: one side always won, so nothing was raced");
    assert_eq!(count(&spool.inner.folders.staging), 0);
}

#[tokio::test]
async fn pruning_removes_by_age_and_spares_waiting_calls() {
    let dir = fast_dir();
    let spool = Spool::open(dir.path()).unwrap();
    let folders = &spool.inner.folders;
    let (waits, over) = (key(1, 1), key(2, 3));
    for key in [waits, over] {
        spool.dispatch(file(key)).await.unwrap();
        fs::write(folders.result_of(key), "").unwrap();
    }
    fs::rename(folders.outgoing_of(over), folders.done_of(over)).unwrap();
    fs::write(folders.done.join("somebody-elses.call"), "").unwrap();
    let stray = spool.inner.stage(&file(key(3, 1))).unwrap();

    assert_eq!(spool.prune(clock::now() - std::time::Duration::from_mins(1)).await.unwrap(), 0);
    let all = spool.prune(clock::now() + std::time::Duration::from_mins(1)).await.unwrap();
    assert_eq!(all, 4, "ledger, archived file and result of the call that is over, and the stray");
    assert!(!stray.exists());
    assert!(folders.ledger_of(waits).exists() && folders.outgoing_of(waits).exists());
    assert!(folders.done.join("somebody-elses.call").exists());
}

#[tokio::test]
async fn forgetting_a_job_removes_all_its_attempts() {
    let dir = fast_dir();
    let spool = Spool::open(dir.path()).unwrap();
    let folders = &spool.inner.folders;
    spool.settle(key(1, 1)).await.unwrap();
    spool.dispatch(file(key(1, 2))).await.unwrap();
    spool.settle(key(2, 1)).await.unwrap();
    assert_eq!(spool.forget(vec![key(1, 1).job]).await.unwrap(), 0, "its call still waits");
    fs::remove_file(folders.outgoing_of(key(1, 2))).unwrap();
    assert_eq!(spool.forget(vec![key(1, 1).job, key(9, 1).job]).await.unwrap(), 2);
    assert_eq!(count(&folders.ledger), 1);
}
