//! Lists: order, cursor, filters, search.

use std::collections::BTreeMap;
use std::time::Duration;

use pregon_core::{
    Air, Chime, Filter, Job, JobId, Lane, Mode, OverLive, StateName, StationName, Store, Swap, Target,
};

use super::{StoreBed, cancelled, claimed, job, jobs};

/// All pages of a list, put together.
pub(crate) async fn walk(store: &dyn Store, filter: &Filter) -> Vec<Job> {
    let mut filter = filter.clone();
    let mut all = Vec::new();
    for _ in 0..10_000 {
        let page = store.list(&filter).await.unwrap();
        assert!(page.jobs.len() <= filter.limit, "a page holds at most its limit");
        all.extend(page.jobs);
        match page.next {
            None => return all,
            Some(next) => {
                assert!(filter.before.is_none_or(|before| next < before), "the cursor must move");
                filter.before = Some(next);
            }
        }
    }
    panic!("the list has no end");
}

fn airing() -> Air {
    Air {
        station: StationName::default(),
        mode: Mode::Duck,
        over_live: OverLive::Duck,
        chime: Chime::None,
        repeat: 1,
        dedupe: None,
    }
}

/// Forty jobs of both lanes and kinds, three clients and several states, as they are in the store, by id.
async fn mixture(store: &dyn Store) -> BTreeMap<JobId, Job> {
    let mut all = BTreeMap::new();
    for n in 0..40_u32 {
        let lane = if n % 3 == 0 { Lane::High } else { Lane::Normal };
        let client = [None, Some("clinic".to_owned()), Some("school".to_owned())][n as usize % 3].clone();
        // Several jobs share a millisecond, as those of a batch do.
        let ago = Duration::from_secs(u64::from(40 - n) / 4);
        let mut queued = Job { client, ..job(lane, n, ago) };
        if n % 4 == 0 {
            queued.spec.target = Target::Air(airing());
        }
        store.insert(std::slice::from_ref(&queued)).await.unwrap();
        let now = match n % 5 {
            0 => claimed(&queued),
            1 => cancelled(&queued),
            _ => queued.clone(),
        };
        if now.version > 0 {
            assert_eq!(store.swap(&queued, &now).await.unwrap(), Swap::Done);
        }
        all.insert(now.id, now);
    }
    all
}

pub(crate) async fn a_list_is_walked_once_newest_first(bed: &StoreBed) {
    assert_eq!(bed.store.list(&Filter { limit: 10, ..Filter::default() }).await.unwrap().jobs, []);
    let all = mixture(&*bed.store).await;
    let newest_first: Vec<Job> = all.values().rev().cloned().collect();
    for limit in [1, 7, 40, 500] {
        let walked = walk(&*bed.second, &Filter { limit, ..Filter::default() }).await;
        assert_eq!(walked, newest_first, "limit {limit}");
    }
}

pub(crate) async fn every_filter_lists_what_it_matches(bed: &StoreBed) {
    let all = mixture(&*bed.store).await;
    let middle = all.values().nth(20).unwrap();
    let base = Filter { limit: 3, ..Filter::default() };
    let mut filters = vec![
        Filter { lane: Some(Lane::High), ..base.clone() },
        Filter { air: Some(true), ..base.clone() },
        Filter { air: Some(false), ..base.clone() },
        Filter { client: Some("clinic".into()), ..base.clone() },
        Filter { client: Some("nobody".into()), ..base.clone() },
        Filter { since: Some(middle.created), ..base.clone() },
        Filter { before: Some(middle.id), ..base.clone() },
        Filter {
            state: Some(StateName::Queued),
            lane: Some(Lane::Normal),
            client: Some("school".into()),
            before: Some(middle.id),
            ..base.clone()
        },
    ];
    filters.extend(StateName::ALL.map(|state| Filter { state: Some(state), ..base.clone() }));
    for filter in filters {
        let wanted: Vec<Job> = all
            .values()
            .rev()
            .filter(|job| filter.matches(job) && filter.before.is_none_or(|before| job.id < before))
            .cloned()
            .collect();
        assert_eq!(walk(&*bed.store, &filter).await, wanted, "{filter:?}");
    }
}

pub(crate) async fn a_search_finds_text_number_and_id(bed: &StoreBed) {
    let all = jobs(Lane::Normal, 30);
    bed.store.insert(&all).await.unwrap();
    let find = async |query: &str| {
        let filter = Filter { query: Some(query.into()), limit: 5, ..Filter::default() };
        walk(&*bed.store, &filter).await.into_iter().map(|j| j.id).collect::<Vec<_>>()
    };
    assert_eq!(find("NÚMERO 17:").await, [all[17].id]);
    assert_eq!(find("300 000-0023").await, [all[23].id]);
    assert_eq!(find(&all[4].id.to_string()[20..]).await, [all[4].id]);
    assert_eq!(find("su cita").await.len(), 30);
    assert_eq!(find("100%_\\'\"").await, []);
}
