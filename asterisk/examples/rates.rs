//! temp
use pregon_asterisk::*;
use pregon_core::*;
use std::path::Path;
use std::time::{Duration, Instant};
fn file(key: Key) -> CallFile {
    let t: ChannelTemplate = "PJSIP/{number}@trunk".parse().unwrap();
    CallFile {
        key,
        channel: t.fill(&PhoneNumber::try_from("+573005050149".to_owned()).unwrap(), None),
        caller_id: None,
        audio: Path::new("/data/ab").try_into().unwrap(),
        wait_seconds: 45,
    }
}
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
#[tokio::main]
async fn main() {
    let base = std::env::args().nth(1).unwrap_or("/work".into());
    let dir = tempfile::tempdir_in(base).unwrap();
    let spool = Spool::open(dir.path()).unwrap();
    let mut lat = vec![];
    let c = cpu();
    for i in 0..2000u32 {
        let key: Key = format!("0192f3a0-7c3e-7b7a-9a50-{i:012x}-1").parse().unwrap();
        let t = Instant::now();
        spool.dispatch(file(key)).await.unwrap();
        lat.push(t.elapsed());
    }
    lat.sort();
    println!(
        "one: p50 {:?} p95 {:?} p99 {:?} cpu/dispatch {:.3} ms",
        lat[1000],
        lat[1900],
        lat[1980],
        (cpu() - c) / 2.0
    );
    for callers in [4u32, 16, 64] {
        let n = 6400 / callers;
        let (t, c) = (Instant::now(), cpu());
        let mut set = tokio::task::JoinSet::new();
        for w in 0..callers {
            let spool = spool.clone();
            set.spawn(async move {
                for i in 0..n {
                    let key: Key =
                        format!("0192f3a0-7c3e-7b7a-{:04x}-{:012x}-1", 0x9000 + callers, w * n + i)
                            .parse()
                            .unwrap();
                    spool.dispatch(file(key)).await.unwrap();
                }
            });
        }
        set.join_all().await;
        println!(
            "{callers}: {:.0}/s cpu {:.3} ms",
            f64::from(callers * n) / t.elapsed().as_secs_f64(),
            (cpu() - c) * 1000.0 / f64::from(callers * n)
        );
    }
    let total = std::fs::read_dir(dir.path().join("outgoing")).unwrap().count();
    let sim = Simulator::new(
        dir.path(),
        SimSettings { outcomes: "answered=1".parse().unwrap(), call_seconds: 0.5, seed: None },
    )
    .unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let mut news = watch(&spool, stop.clone());
    let (t, c) = (Instant::now(), cpu());
    tokio::spawn(sim.run(stop.clone()));
    let mut told = 0;
    let mut known = 0;
    while told < total {
        let k = tokio::time::timeout(Duration::from_secs(40), news.recv()).await.unwrap().unwrap();
        told += 1;
        if matches!(spool.fate(k, clock::now()).await.unwrap(), Fate::Known(_)) {
            known += 1
        }
    }
    println!(
        "simulator+watch+fate: {total} in {:?} ({:.0}/s), known {known}, cpu per call {:.3} ms",
        t.elapsed(),
        total as f64 / t.elapsed().as_secs_f64(),
        (cpu() - c) * 1000.0 / total as f64
    );
    let (t, c) = (Instant::now(), cpu());
    println!(
        "pruned {} in {:?} {}",
        spool.prune(clock::now() + Duration::from_secs(9)).await.unwrap(),
        t.elapsed(),
        cpu() - c
    );
    stop.cancel();
}
