//! Lists, and the settings that endanger them.

use pregon_core::{Filter, Job, JobId, KEY_MEMORY, Page, StoreError, Timestamp};
use redis::Value;

use super::{RedisStore, read};

/// Rows looked at per call: a search through everything is walked page by page.
const MAX_LOOKED_AT: usize = 5_000;

/// Rows fetched at a time.
const BATCH: usize = 500;

impl RedisStore {
    pub(super) async fn page(&self, filter: &Filter) -> Result<Page, StoreError> {
        let index = index(filter);
        let floor = filter.since.map_or_else(|| "-".to_owned(), floor);
        // One more than the page holds: whether there is a next one shows at once.
        let batch = if is_indexed(filter) { (filter.limit + 1).min(BATCH) } else { BATCH };
        let mut page = Page::default();
        let (mut last, mut looked_at) = (filter.before, 0);
        loop {
            let rows = self.rows(&index, last, &floor, batch).await?;
            let complete = rows.len() < batch;
            for (id, body) in rows {
                if page.jobs.len() >= filter.limit || looked_at >= MAX_LOOKED_AT {
                    page.next = last;
                    return Ok(page);
                }
                looked_at += 1;
                last = Some(id);
                page.jobs.extend(Some(read(&body)?).filter(|job: &Job| filter.matches(job)));
            }
            if complete {
                return Ok(page);
            }
        }
    }

    /// Up to `limit` rows of an index older than `before`, newest first.
    async fn rows(
        &self,
        index: &str,
        before: Option<JobId>,
        floor: &str,
        limit: usize,
    ) -> Result<Vec<(JobId, String)>, StoreError> {
        let ceiling = before.map_or_else(|| "+".to_owned(), |id| format!("({id}"));
        let mut script = self.scripts.page.key(&self.prefix);
        script.arg(index).arg(ceiling).arg(floor).arg(limit);
        let rows: Vec<(String, String)> = self.wire.run(&script).await?;
        rows.into_iter()
            .map(|(id, body)| {
                id.parse().map(|id| (id, body)).map_err(|e| StoreError(format!("in {index}: {e}")))
            })
            .collect()
    }

    /// Settings of the server that endanger data, in words. Nothing when the server keeps them to itself.
    pub(super) async fn dangers(&self) -> Result<Vec<String>, StoreError> {
        let mut ask = redis::cmd("CONFIG");
        ask.arg("GET").arg("appendonly").arg("maxmemory").arg("maxmemory-policy");
        let Ok(settings) = self.wire.attempt(async |c| ask.query_async::<Value>(c).await).await? else {
            return Ok(Vec::new());
        };
        let settings: Vec<(String, String)> = redis::from_redis_value(settings).unwrap_or_default();
        let is = |name: &str, value: &str| settings.iter().any(|(n, v)| n == name && v == value);
        let has = |name: &str| settings.iter().any(|(n, _)| n == name);
        let mut dangers = Vec::new();
        if is("appendonly", "no") {
            dangers.push(
                "Redis keeps no append-only file: a restart loses recent job states. Set `appendonly yes`."
                    .to_owned(),
            );
        }
        if has("maxmemory") && !is("maxmemory", "0") && !is("maxmemory-policy", "noeviction") {
            dangers.push(
                "Redis throws keys away when memory is short. Set `maxmemory-policy noeviction`.".to_owned(),
            );
        }
        Ok(dangers)
    }
}

/// The narrowest index; the rest of the filter is applied to its rows.
fn index(filter: &Filter) -> String {
    match (&filter.state, &filter.client) {
        (Some(state), _) => format!("state:{}", state.as_str()),
        (None, Some(client)) => format!("client:{client}"),
        (None, None) => "all".to_owned(),
    }
}

/// Whether every row of the index belongs to the list.
fn is_indexed(filter: &Filter) -> bool {
    filter.lane.is_none()
        && filter.air.is_none()
        && filter.query.is_none()
        && filter.since.is_none()
        && (filter.state.is_none() || filter.client.is_none())
}

/// Lower bound of the ids of jobs accepted at or after `since`. An id can be older than its job by as long as an
/// idempotency key is remembered.
fn floor(since: Timestamp) -> String {
    let oldest = JobId::new(since - KEY_MEMORY).to_string();
    // Only the time part: eight hex digits, a dash, four hex digits.
    format!("[{}", oldest.get(..13).unwrap_or_default())
}
