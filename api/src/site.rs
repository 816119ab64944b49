//! What every handler reaches.

use std::path::PathBuf;
use std::sync::Arc;

use pregon_core::{
    ApiKeys, Booth, Caller, Desk, EngineRoom, Job, JobId, Lexicons, NotAccepted, Reciter, Region, Repertoire,
    Shelf, SoundCache, StationName, Store, Switchboard, Timestamp, Trunks,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::docs::Docs;
use crate::feed::{Pacing, Registry};
use crate::idempotency::Undone;
use crate::limit::Limits;
use crate::metrics::Metrics;
use crate::problem::{ApiError, Away};
use crate::request::Rules;

/// What the API works with. [`crate::router`] makes the routes of it.
#[derive(Clone)]
pub struct Api {
    /// Takes jobs in.
    pub desk: Desk,
    /// Who may call; empty: everybody on this machine.
    pub keys: ApiKeys,
    /// The voices that exist.
    pub repertoire: Repertoire,
    /// How the voice engines are doing.
    pub engines: Arc<dyn EngineRoom>,
    /// The trunks that exist.
    pub trunks: Trunks,
    /// The stations that exist, the usual one first.
    pub stations: Vec<StationName>,
    /// Where sound that people send in is kept.
    pub shelf: Arc<dyn Shelf>,
    /// Speaks what people want to hear before they send it.
    pub booth: Arc<dyn Booth>,
    /// Keeps how clients want words said.
    pub lexicons: Arc<dyn Lexicons>,
    /// What was spoken and is kept.
    pub cache: Arc<dyn SoundCache>,
    /// Speaks to those who listen while it speaks.
    pub reciter: Arc<dyn Reciter>,
    /// Region of numbers without a country code.
    pub region: Region,
    /// Language of texts that name none.
    pub language: String,
    /// Folder of the rendered announcements.
    pub audio_dir: PathBuf,
    /// Follows calls as they go on, and hangs them up; `None` where Asterisk's manager interface is not configured.
    pub switchboard: Option<Arc<dyn Switchboard>>,
    /// Number of workers of this process, which follows what is sent; `None` where the process runs none.
    pub workers: Option<watch::Sender<usize>>,
    /// Requests per second and key; 0 sets no limit.
    pub rate_limit: u32,
    /// How the audio feed sends its streams.
    pub pacing: Pacing,
    /// Ends the endless answers (`GET /events`, the audio feed) when the process stops.
    pub stop: CancellationToken,
}

/// The API, and what it keeps between requests.
pub(crate) struct Site {
    pub(crate) api: Api,
    pub(crate) rules: Arc<Rules>,
    pub(crate) metrics: Metrics,
    pub(crate) limits: Limits,
    pub(crate) docs: Docs,
    pub(crate) registry: Registry,
}

impl Site {
    pub(crate) fn new(api: Api, docs: Docs) -> Self {
        let rules = Rules {
            repertoire: api.repertoire.clone(),
            trunks: api.trunks.clone(),
            stations: api.stations.clone(),
            region: api.region,
            language: api.language.clone(),
        };
        Self {
            rules: Arc::new(rules),
            metrics: Metrics::default(),
            limits: Limits::new(api.rate_limit),
            docs,
            registry: Registry::default(),
            api,
        }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.api.desk.store()
    }

    /// The owner that a new job gets: nobody where no keys are in use.
    pub(crate) fn client(&self, caller: &Caller) -> Option<String> {
        (!self.api.keys.is_empty()).then(|| caller.name.clone())
    }

    /// The job, if it is there and `caller` may see it. Other people's jobs look like none.
    pub(crate) async fn job(&self, caller: &Caller, id: JobId) -> Result<Job, ApiError> {
        let job = self.store().get(id).await?;
        job.filter(|job| caller.may_see(job.client.as_deref())).ok_or_else(|| no_job(id))
    }

    /// Stores and queues one job.
    pub(crate) async fn submit_one(&self, job: &Job, now: Timestamp) -> Result<(), Undone> {
        self.submit(std::slice::from_ref(job), now).await.pop().unwrap_or(Ok(()))
    }

    /// Stores and queues jobs; one answer per job, in order.
    pub(crate) async fn submit(&self, jobs: &[Job], now: Timestamp) -> Vec<Result<(), Undone>> {
        let answers = self.api.desk.accept(jobs, now).await;
        let failed: Vec<JobId> =
            jobs.iter().zip(&answers).filter(|(_, a)| a.is_err()).map(|(job, _)| job.id).collect();
        // The desk took them back if it could. Asking again tells whether it did, and with that, whether a repeated
        // request may make a new job without anybody being phoned twice.
        let mut gone = match failed.as_slice() {
            [] => Vec::new(),
            ids => self.store().discard(ids).await.unwrap_or_default(),
        }
        .into_iter();
        for (job, answer) in jobs.iter().zip(&answers) {
            if answer.is_ok() {
                self.metrics.enqueued(job.spec.lane);
            }
        }
        answers
            .into_iter()
            .map(|answer| match answer {
                Ok(()) => Ok(()),
                Err(refused) => settle(gone.next(), &refused),
            })
            .collect()
    }
}

/// What to make of a job that was not accepted; `gone` is the store's word on whether it can still run.
fn settle(gone: Option<bool>, refused: &NotAccepted) -> Result<(), Undone> {
    let error = ApiError::Unavailable(Away::Either, refused.to_string());
    match gone {
        Some(true) => Err(Undone::Cleanly(error)),
        // A worker was faster: it runs, so it was accepted.
        Some(false) => Ok(()),
        None => Err(Undone::Perhaps(error)),
    }
}

pub(crate) fn no_job(id: JobId) -> ApiError {
    ApiError::NoJob(format!("there is no job {id}"))
}
