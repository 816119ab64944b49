//! Telling the client that a job has ended.

use std::sync::Arc;
use std::time::Duration;

use pregon_core::Job;
use serde_json::json;
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
            "outcome": job.outcome,
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
