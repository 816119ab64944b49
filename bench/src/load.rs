//! Submitting jobs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::http::{Connection, post};
use crate::spool::Watch;
use crate::times::{Times, rate};

/// Where jobs go.
pub(crate) struct Api {
    pub(crate) address: String,
    pub(crate) key: Option<String>,
    pub(crate) text: String,
}

/// Longest wait for one call file.
const PATIENCE: Duration = Duration::from_secs(20);

impl Api {
    fn job(&self) -> Value {
        job_saying(&self.text)
    }

    fn request(&self, path: &str, body: &Value) -> Vec<u8> {
        post(&self.address, path, self.key.as_deref(), &body.to_string())
    }
}

/// About 220 bytes, as in the peers that these figures are compared with.
fn job_saying(text: &str) -> Value {
    json!({
        "text": text, "phone_number": "3005050149", "language": "es", "priority": "normal",
        "metadata": {"campaign": "bench", "note": "padding so that a request is as long as a usual one, 220 bytes"},
    })
}

/// What one connection did.
#[derive(Default)]
struct Done {
    times: Times,
    refused: u64,
}

/// Submits `jobs` one per request.
pub(crate) async fn submit(api: Api, jobs: u64, connections: u16) -> Result<String> {
    let request = api.request("/tts/call", &api.job());
    let (mut done, span) = repeat(&api.address, request, jobs, connections, |_| Ok(0)).await?;
    Ok(format!("rate={:.0} {} jobs={jobs} refused={}", rate(jobs, span), done.times.summary(), done.refused))
}

/// Submits `jobs` in requests of `size`; every item's own answer is looked at.
pub(crate) async fn batch(api: Api, jobs: u64, size: u64, connections: u16) -> Result<String> {
    let items: Vec<Value> = (0..size).map(|_| api.job()).collect();
    let request = api.request("/tts/batch", &json!({"jobs": items}));
    let requests = jobs.div_ceil(size);
    let (mut done, span) = repeat(&api.address, request, requests, connections, move |body| {
        let accepted = String::from_utf8_lossy(body).matches("\"job_id\"").count() as u64;
        Ok(size.saturating_sub(accepted))
    })
    .await?;
    let jobs = requests * size;
    Ok(format!("rate={:.0} {} jobs={jobs} refused={}", rate(jobs, span), done.times.summary(), done.refused))
}

/// Sends `request` so many times in all; `refused` counts in the body of a 202 what was not taken.
async fn repeat(
    address: &str,
    request: Vec<u8>,
    times: u64,
    connections: u16,
    refused: impl Fn(&[u8]) -> Result<u64> + Copy + Send + 'static,
) -> Result<(Done, Duration)> {
    let left = Arc::new(AtomicU64::new(times));
    let request: Arc<[u8]> = request.into();
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(address).await?);
    }
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for connection in open {
        tasks.spawn(send(connection, Arc::clone(&request), Arc::clone(&left), refused));
    }
    let mut all = Done::default();
    while let Some(done) = tasks.join_next().await {
        let done = done??;
        all.times.append(done.times);
        all.refused += done.refused;
    }
    let span = started.elapsed();
    anyhow::ensure!(all.times.len() as u64 == times, "some requests were not sent");
    Ok((all, span))
}

async fn send(
    mut connection: Connection,
    request: Arc<[u8]>,
    left: Arc<AtomicU64>,
    refused: impl Fn(&[u8]) -> Result<u64>,
) -> Result<Done> {
    let mut done = Done::default();
    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok() {
        let sent = Instant::now();
        let answer = connection.exchange(&request).await?;
        done.times.add(sent.elapsed());
        done.refused += match answer.status {
            202 => refused(answer.body)?,
            _ => 1,
        };
    }
    Ok(done)
}

/// Ten words that no other of so many jobs has said before.
pub(crate) fn ten_words(job: u64) -> String {
    const NAMES: [&str; 12] = [
        "Ana", "Luis", "Marta", "Pedro", "Lucía", "Jorge", "Elena", "Diego", "Sofía", "Raúl", "Irene",
        "Óscar",
    ];
    let name =
        |n: u64| NAMES.iter().cycle().nth(usize::try_from(n % 12).unwrap_or_default()).unwrap_or(&"Ana");
    format!("Hola {} {}, cita con {} mañana a las tres", name(job), name(job / 12), name(job / 144))
}

/// One job at a time, from sending the request to the appearance of its call file. `text` is what each job says; the
/// usual when it says nothing.
pub(crate) async fn single(
    api: Api,
    watch: Watch,
    jobs: u64,
    text: impl Fn(u64) -> Option<String>,
) -> Result<String> {
    let mut connection = Connection::open(&api.address).await?;
    let files = watch.stream();
    let mut times = Times::default();
    for job in 0..jobs {
        let job = text(job).map_or_else(|| api.job(), |text| job_saying(&text));
        let request = api.request("/tts/call", &job);
        let sent = Instant::now();
        let answer = connection.exchange(&request).await?;
        if answer.status != 202 {
            bail!("{}: {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        let body: Value = serde_json::from_slice(answer.body)?;
        let id = body.get("job_id").and_then(Value::as_str).context("no job_id")?.to_owned();
        loop {
            let seen = files.recv_timeout(PATIENCE).with_context(|| format!("no call file of {id}"))??;
            if seen.name.starts_with(&id) {
                times.add(seen.at - sent);
                break;
            }
        }
    }
    Ok(format!("{} jobs={jobs}", times.summary()))
}
