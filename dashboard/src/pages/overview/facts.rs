//! What the overview is made of.

use std::time::Duration;

use pregon_core::stats::{Counts, Minute};
use pregon_core::{
    ALIVE, Beat, DEAD, Depth, Filter, Job, Load, QueueError, State as JobState, StateName, Timestamp,
};

use super::cry::Situation;
use super::{minutes, trunks};
use crate::House;
use crate::pages::Trouble;
use crate::visitor::Visitor;

const FAILURES_SHOWN: usize = 6;

/// Everything the page is made of, as read at one moment.
pub(super) struct Facts {
    pub(super) counts: Counts,
    pub(super) minutes: Vec<Minute>,
    pub(super) workers: Vec<Beat>,
    /// How the gates stand that [`trunks::names`] names.
    pub(super) loads: Vec<Load>,
    pub(super) depths: Result<Vec<Depth>, QueueError>,
    pub(super) people: Vec<Job>,
    pub(super) failures: Vec<Job>,
    pub(super) next: Option<Timestamp>,
}

impl Facts {
    pub(super) async fn gather(house: &House, visitor: &Visitor, now: Timestamp) -> Result<Self, Trouble> {
        let store = house.desk.store();
        let own = visitor.own_only();
        let failed = Filter {
            state: Some(StateName::Failed),
            client: own,
            limit: FAILURES_SHOWN,
            ..Filter::default()
        };
        let late = now + Duration::from_hours(24 * 1_000);
        let gates = trunks::names(&house.gates);
        let (counts, minutes, workers, loads, people, failures, next, depths) = tokio::join!(
            store.counts(),
            store.minutes(now.minute() - minutes::SHOWN + 1, now.minute()),
            store.workers(now),
            store.loads(&gates),
            house.0.people.waiting_for(store, &visitor.caller, now),
            store.list(&failed),
            store.due(StateName::Scheduled, late, 1),
            house.desk.queue().depths(),
        );
        let next = next?.first().and_then(|job| match job.state {
            JobState::Scheduled { due } => Some(due),
            _ => None,
        });
        Ok(Self {
            counts: counts?,
            minutes: minutes?,
            workers: workers?,
            loads: loads?,
            depths,
            people: people?,
            failures: failures?.jobs,
            next,
        })
    }

    pub(super) fn waiting_in(&self, queue: &str) -> u64 {
        self.depths.iter().flatten().find(|d| d.name == queue).map_or(0, |d| d.messages)
    }

    pub(super) fn in_last_hour(&self, counter: &str) -> u64 {
        self.minutes.iter().map(|m| m.get(counter)).sum()
    }

    pub(super) fn situation(&self, now: Timestamp) -> Situation {
        let alive = |beat: &&Beat| is_alive(beat, now);
        let recent = self.minutes.iter().filter(|m| m.minute > now.minute() - 5);
        Situation {
            queue_answers: self.depths.is_ok(),
            total: self.counts.total(),
            queued: self.counts.of(StateName::Queued),
            scheduled: self.counts.of(StateName::Scheduled),
            uncertain: self.people.len() as u64,
            set_aside: self.waiting_in(DEAD),
            alive: self.workers.iter().filter(alive).count() as u64,
            silent: self.workers.iter().filter(|b| !is_alive(b, now)).map(|b| b.id.clone()).collect(),
            left: recent.map(|m| m.get("dispatched")).sum(),
            failed: self.in_last_hour("failed"),
            ended: self.in_last_hour("failed") + self.in_last_hour("completed"),
        }
    }
}

/// Whether the worker has given a sign of life lately.
pub(super) fn is_alive(beat: &Beat, now: Timestamp) -> bool {
    now < beat.at + ALIVE
}
