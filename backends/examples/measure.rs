//! Scratch.
#![allow(warnings, clippy::all, clippy::pedantic)]
use std::sync::{Arc, atomic::*};
use std::time::{Duration, Instant};
use pregon_backends::sqlite::Sqlite;
use pregon_core::*;
fn job(n: u32) -> Job {
    let now = clock::now();
    let spec = Spec { content: Content::Speech(Speech { text: format!("Aviso número {n}: su cita es mañana a las diez de la mañana en el centro de salud, por favor traiga sus documentos"), language: "es".into(), voice: None, engine: None, rate: None }),
        target: Target::Call(Call { to: PhoneNumber::try_from(format!("+57300{n:07}")).unwrap(), caller_id: None, trunk: None }),
        lane: Lane::Normal, max_attempts: 3, not_before: None, expires: None, metadata: Default::default(), callback_url: None };
    Job::accept(JobId::new(now), spec, None, now)
}
fn cpu() -> Duration {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit_once(')').unwrap().1.split_whitespace().collect();
    Duration::from_millis((f[11].parse::<u64>().unwrap() + f[12].parse::<u64>().unwrap()) * 10)
}
fn clip() -> Clip { Clip { hash: "00112233445566778899aabbccddeeff".into(), seconds: 3.2, lufs: -19.0, peak_dbtp: -3.1, engine: "espeak".into(), voice: "es-419".into(), cached: false, fallback: None } }
fn show(what: &str, n: usize, t: Instant, c: Duration) {
    let w = t.elapsed(); let c = cpu() - c;
    println!("{what}: {:.0}/s, cpu {:.3} ms each", n as f64 / w.as_secs_f64(), c.as_secs_f64() * 1e3 / n as f64);
}
async fn submit(db: &Sqlite, n: usize, callers: usize, per: usize) {
    let next = Arc::new(AtomicU32::new(0));
    let (t, c) = (Instant::now(), cpu());
    let mut tasks = vec![];
    for _ in 0..callers { let (db, next) = (db.clone(), next.clone()); tasks.push(tokio::spawn(async move {
        while (next.fetch_add(per as u32, Ordering::Relaxed) as usize) < n {
            let jobs: Vec<Job> = (0..per).map(|i| job(i as u32)).collect();
            db.insert(&jobs).await.unwrap();
            let p: Vec<_> = jobs.iter().map(|j| (j, Duration::ZERO)).collect();
            for r in db.publish(&p).await { r.unwrap(); }
        }
    })); }
    for t in tasks { t.await.unwrap(); }
    show(&format!("submit {callers} callers x {per}"), n, t, c);
}
async fn drain(db: &Sqlite, n: usize, takers: usize, what: &str) {
    let (t, c) = (Instant::now(), cpu());
    let consumer = Arc::new(tokio::sync::Mutex::new(db.consume(takers as u16).await.unwrap()));
    let left = Arc::new(AtomicI64::new(n as i64));
    let mut tasks = vec![];
    for _ in 0..takers { let (db, consumer, left) = (db.clone(), consumer.clone(), left.clone()); tasks.push(tokio::spawn(async move {
        while left.fetch_sub(1, Ordering::Relaxed) > 0 {
            let d = consumer.lock().await.next().await.unwrap();
            let before = db.get(d.job.id).await.unwrap().unwrap();
            let lease = uuid::Uuid::new_v4(); let now = clock::now();
            let held = before.clone().apply(Event::Claim { worker: "w".into(), lease, until: now + LEASE }, now).unwrap();
            assert_eq!(db.swap(&before, &held).await.unwrap(), Swap::Done);
            let now = clock::now();
            let done = held.clone().apply(Event::Dispatched { lease, check: now, clip: Some(clip()) }, now).unwrap();
            assert_eq!(db.swap(&held, &done).await.unwrap(), Swap::Done);
            d.receipt.ack().await.unwrap();
        }
    })); }
    for t in tasks { t.await.unwrap(); }
    show(&format!("drain {what} {takers} takers"), n, t, c);
}
async fn one(db: &Sqlite) {
    let mut consumer = db.consume(1).await.unwrap();
    let (mut times, t0, c) = (vec![], Instant::now(), cpu());
    for n in 0..2000 {
        let t = Instant::now();
        let j = job(n);
        db.insert(std::slice::from_ref(&j)).await.unwrap();
        let db2 = db.clone();
        let j2 = j.clone();
        let p = tokio::spawn(async move { db2.publish(&[(&j2, Duration::ZERO)]).await });
        let d = consumer.next().await.unwrap();
        let lease = uuid::Uuid::new_v4(); let now = clock::now();
        let held = j.clone().apply(Event::Claim { worker: "w".into(), lease, until: now + LEASE }, now).unwrap();
        assert_eq!(db.swap(&j, &held).await.unwrap(), Swap::Done);
        times.push(t.elapsed());
        let done = held.clone().apply(Event::Dispatched { lease, check: now, clip: Some(clip()) }, now).unwrap();
        assert_eq!(db.swap(&held, &done).await.unwrap(), Swap::Done);
        d.receipt.ack().await.unwrap();
        p.await.unwrap();
    }
    times.sort();
    show("one at a time (insert publish take claim dispatched ack)", 2000, t0, c);
    println!("   submit→claimed p50 {:?} p99 {:?} max {:?}", times[1000], times[1980], times[1999]);
}
#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir_in(std::env::args().nth(1).unwrap_or("/var/tmp".into())).unwrap();
    let db = Sqlite::open(&dir.path().join("x.db")).await.unwrap();
    submit(&db, 1000, 16, 1).await;
    drain(&db, 1000, 16, "1000").await;
    submit(&db, 30000, 16, 1).await;
    drain(&db, 30000, 16, "30k").await;
    submit(&db, 100, 1, 1).await; drain(&db, 100, 1, "1").await;
    submit(&db, 2000, 1, 1).await;
    drain(&db, 2000, 1, "2k").await;
    submit(&db, 100000, 1, 1000).await;
    drain(&db, 20000, 16, "head of 100k").await;
    drain(&db, 79000, 16, "rest").await;
    drain(&db, 1000, 16, "tail").await;
    one(&db).await;
    println!("file {:?}", std::fs::metadata(dir.path().join("x.db")).unwrap().len());
}
