//! Calls as they go on: for a job's status, and for the stream of events.

use std::sync::Arc;

use futures_util::stream::{BoxStream, StreamExt, empty};
use pregon_core::{CallNews, Caller, Job, JobId, LiveCall, Phase, StateName};
use serde::Serialize;
use utoipa::ToSchema;

use crate::site::Site;
use crate::view::Time;

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PhaseView {
    /// It was sent out.
    Dialling,
    /// The other side says that it rings.
    Ringing,
    /// Somebody, or something, picked up.
    Answered,
    /// It is over. How it ended is told by the job's outcome alone.
    Over,
}

impl From<Phase> for PhaseView {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Dialling => Self::Dialling,
            Phase::Ringing => Self::Ringing,
            Phase::Answered => Self::Answered,
        }
    }
}

/// A call that goes on right now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct LiveView {
    /// How far it is; never `over`.
    phase: PhaseView,
    /// Since when.
    since: Time,
}

impl From<LiveCall> for LiveView {
    fn from(call: LiveCall) -> Self {
        Self { phase: call.phase.into(), since: Time(call.since) }
    }
}

/// A call began, went on, or ended.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct CallChange {
    /// The job.
    #[schema(value_type = String, format = Uuid)]
    job_id: JobId,
    /// Which of its attempts.
    attempt: u16,
    /// How far the call is.
    phase: PhaseView,
    /// Since when.
    since: Time,
}

impl From<&CallNews> for CallChange {
    fn from(news: &CallNews) -> Self {
        Self {
            job_id: news.key.job,
            attempt: news.key.attempt,
            phase: news.phase.map_or(PhaseView::Over, PhaseView::from),
            since: Time(news.since),
        }
    }
}

impl Site {
    /// The call of a dispatched job, where calls are followed and it goes on.
    pub(crate) fn live(&self, job: &Job) -> Option<LiveView> {
        let dispatched = job.state.name() == StateName::Dispatched;
        let switchboard = self.api.switchboard.as_ref().filter(|_| dispatched)?;
        switchboard.call(job.key()).map(LiveView::from)
    }
}

/// The calls that `caller` may know of, as they change. Asterisk may make calls of others too; what is not a job of
/// this store is not told.
pub(crate) fn changes(site: &Arc<Site>, caller: &Caller) -> BoxStream<'static, CallChange> {
    let Some(switchboard) = &site.api.switchboard else { return empty().boxed() };
    let (site, caller) = (Arc::clone(site), caller.clone());
    let told = switchboard.watch().filter_map(move |news| {
        let (site, caller) = (Arc::clone(&site), caller.clone());
        async move {
            let known = site.job(&caller, news.key.job).await.is_ok();
            known.then(|| CallChange::from(&news))
        }
    });
    told.boxed()
}
