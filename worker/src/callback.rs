//! Telling the client that a job has ended.

use std::sync::Arc;
use std::time::Duration;

use pregon_core::{Job, Outcome};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// Deliveries under way at once. When a slow receiver holds them all, further ones wait.
const AT_ONCE: usize = 32;
/// Deliveries that wait at most; beyond it they are dropped and logged: the status call has the truth.
const WAITING: usize = 10_000;
/// Pauses before the tries after the first.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(10), Duration::from_mins(1)];

/// Posts the end of jobs to their `callback_url`, a few times if need be. Best effort: a process that dies forgets
/// what it had not delivered.
#[derive(Clone)]
pub struct Callbacks {
    http: reqwest::Client,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Callbacks {
    /// Posts through `http`, which must have time-outs and follow no redirects.
    pub fn new(http: reqwest::Client) -> Self {
        Self { http, running: Arc::new(Semaphore::new(AT_ONCE)), waiting: Arc::new(Semaphore::new(WAITING)) }
    }

    /// Starts telling the client of `job`, if it wants to know. Returns at once.
    pub fn tell(&self, job: &Job) {
        let Some(url) = job.spec.callback_url.clone() else { return };
        let Ok(place) = Arc::clone(&self.waiting).try_acquire_owned() else {
            tracing::warn!(job.id = %job.id, "too many callbacks wait; this one is dropped");
            return;
        };
        let body = json!({
            "job_id": job.id,
            "status": job.state.name(),
            "attempts": job.counted(),
            "outcome": job.outcome.as_ref().map(told),
            "error": job.last_error,
            "metadata": job.spec.metadata,
            "created_at": job.created.to_string(),
            "completed_at": job.finished.map(|t| t.to_string()),
        });
        let (callbacks, id) = (self.clone(), job.id);
        tokio::spawn(async move {
            if !callbacks.deliver(&url, body.to_string()).await {
                tracing::warn!(job.id = %id, "the callback of job {id} was not accepted");
            }
            drop(place);
        });
    }

    async fn deliver(&self, url: &str, body: String) -> bool {
        for pause in [Duration::ZERO].into_iter().chain(PAUSES) {
            tokio::time::sleep(pause).await;
            let Ok(_running) = self.running.acquire().await else { return false };
            let request = self.http.post(url).header("content-type", "application/json").body(body.clone());
            if request.send().await.is_ok_and(|answer| answer.status().is_success()) {
                return true;
            }
        }
        false
    }
}

/// An outcome as a status call tells it: what only an airing has stands beside the rest.
fn told(outcome: &Outcome) -> Value {
    let mut told = json!(outcome);
    let Some(fields) = told.as_object_mut() else { return told };
    fields.remove("airing");
    if let Some(airing) = &outcome.airing {
        let known = [
            ("station", Some(json!(airing.station))),
            ("at", airing.at.map(|at| json!(at.to_string()))),
            ("seconds", Some(json!(airing.seconds))),
            ("listeners", airing.listeners.map(|n| json!(n))),
            ("reason", airing.reason.as_ref().map(|why| json!(why))),
        ];
        fields.extend(known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    told
}

#[cfg(test)]
mod tests {
    use pregon_core::{Airing, OutcomeKind, StationName, Timestamp};

    use super::*;

    #[test]
    fn an_airing_is_told_as_by_a_status_call() {
        let airing = Airing {
            station: StationName::default(),
            at: Some(Timestamp::from_millis(1_800_000_000_000)),
            seconds: 3.5,
            listeners: Some(214),
            reason: None,
        };
        let outcome = Outcome { airing: Some(airing), ..Outcome::of(OutcomeKind::Aired) };
        assert_eq!(
            told(&outcome),
            json!({"kind": "aired", "station": "main", "at": "2027-01-15T08:00:00.000Z", "seconds": 3.5,
                "listeners": 214, "simulated": false})
        );
    }
}
