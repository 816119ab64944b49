//! temp
use std::path::Path; use std::time::Duration;
use pregon_asterisk::*; use pregon_core::*;
#[tokio::main]
async fn main() {
    let a: Vec<String> = std::env::args().collect();
    let spool = Spool::open(Path::new(&a[1])).unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let mut news = watch(&spool, stop.clone());
    if a[2] == "withdraw" { let (s, t) = (spool.clone(), stop.clone()); tokio::spawn(async move { withdraw(&s, t).await.unwrap() }); }
    let now = clock::now(); let mut open = std::collections::HashMap::new();
    for spec in &a[4..] {
        let (number, trunk) = spec.split_once('@').unwrap();
        let t: ChannelTemplate = "PJSIP/{number}@{trunk}".parse().unwrap();
        let key = Key { job: JobId::new(now), attempt: 1 };
        let audio = if number.starts_with("19") { "/nowhere/ab" } else { a[3].as_str() };
        let f = CallFile { key, channel: t.fill(&PhoneNumber::try_from(format!("+{number}")).unwrap(), Some(&trunk.parse().unwrap())), caller_id: Some("Clinica <+576015550000>".parse().unwrap()), audio: Path::new(audio).try_into().unwrap(), wait_seconds: 6 };
        spool.dispatch(f).await.unwrap(); open.insert(key, spec.clone());
    }
    while !open.is_empty() {
        let Ok(Some(k)) = tokio::time::timeout(Duration::from_secs(20), news.recv()).await else { println!("LEFT {open:?}"); break };
        let f = spool.fate(k, clock::now()).await.unwrap();
        println!("{:>6} ms {:?} -> {f:?}", clock::now().since(now).as_millis(), open.get(&k));
        if matches!(f, Fate::Known(_)) { open.remove(&k); }
    }
    let list = |d: &str| std::fs::read_dir(spool.dir().join(d)).unwrap().count();
    println!("outgoing {} done {} results {} staging {}", list("outgoing"), list("outgoing_done"), list("results"), list("staging"));
    for x in examine(spool.dir(), clock::now()) { println!("{x:?}"); }
}
