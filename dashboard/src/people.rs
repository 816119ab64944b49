//! Calls whose fate only a person can decide.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pregon_core::{Caller, Filter, Job, State, StateName, Store, StoreError, Timestamp, Waiting};

/// Every page shows how many there are, so the answer is kept this long for all viewers together.
const KEPT: Duration = Duration::from_secs(2);
/// Dispatched jobs looked through for them, newest first: calls last a minute, so there are rarely more.
const LOOKED_AT: usize = 1_000;
/// Most that the store lists at a time.
const PAGE: usize = 500;

#[derive(Default)]
pub(crate) struct People {
    kept: Mutex<Option<(Timestamp, Arc<Vec<Job>>)>>,
}

impl People {
    /// The uncertain calls that `caller` may see, newest first.
    pub(crate) async fn waiting_for(
        &self,
        store: &dyn Store,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Vec<Job>, StoreError> {
        let all = match self.fresh(now) {
            Some(all) => all,
            None => self.look(store, now).await?,
        };
        Ok(all.iter().filter(|j| caller.may_see(j.client.as_deref())).cloned().collect())
    }

    /// Makes the next look a fresh one, after somebody decided.
    pub(crate) fn forget(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn fresh(&self, now: Timestamp) -> Option<Arc<Vec<Job>>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(at, _)| now < *at + KEPT).map(|(_, jobs)| Arc::clone(jobs))
    }

    async fn look(&self, store: &dyn Store, now: Timestamp) -> Result<Arc<Vec<Job>>, StoreError> {
        let mut found = Vec::new();
        let mut filter = Filter { state: Some(StateName::Dispatched), limit: PAGE, ..Filter::default() };
        for _ in 0..LOOKED_AT / PAGE {
            let page = store.list(&filter).await?;
            found.extend(page.jobs.into_iter().filter(uncertain));
            filter.before = page.next;
            if page.next.is_none() {
                break;
            }
        }
        let found = Arc::new(found);
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&found)));
        Ok(found)
    }
}

/// Whether a person has to decide about this call.
pub(crate) const fn uncertain(job: &Job) -> bool {
    matches!(job.state, State::Dispatched { waiting: Waiting::Person, .. })
}
