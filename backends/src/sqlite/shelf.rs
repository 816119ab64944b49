//! What a consumer of the two lanes has fetched, and in which order it hands it out.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pregon_core::{Job, Lane, QueueError};
use tokio::sync::{Notify, watch};

use super::Posted;
use super::queue::Taken;

const fn index(lane: Lane) -> usize {
    match lane {
        Lane::High => 0,
        Lane::Normal => 1,
    }
}

/// What has been fetched, and what is known about the rest.
#[derive(Debug, Default)]
struct Stock {
    /// Fetched and not handed out: by lane, oldest first.
    waiting: [VecDeque<(i64, Job)>; 2],
    /// Fetched and not acknowledged, handed out or not.
    held: BTreeMap<i64, Lane>,
    /// Lanes that had nothing more at the last look.
    dry: [bool; 2],
    /// What had been posted by that look.
    seen: Posted,
    error: Option<QueueError>,
}

impl Stock {
    fn holds(&self, lane: Lane) -> usize {
        self.held.values().filter(|held| **held == lane).count()
    }
}

/// What a consumer of both lanes has fetched.
#[derive(Debug)]
pub(super) struct Shelf {
    stock: Mutex<Stock>,
    prefetch: usize,
    posted: watch::Receiver<Posted>,
    /// Something lies on the shelf, or `next` must look again.
    pub(super) filled: Notify,
    /// There is room, or something to fetch.
    pub(super) wanted: Notify,
}

impl Shelf {
    pub(super) fn new(prefetch: usize, posted: watch::Receiver<Posted>) -> Self {
        let (filled, wanted) = (Notify::new(), Notify::new());
        Self { stock: Mutex::default(), prefetch, posted, filled, wanted }
    }

    fn stock(&self) -> MutexGuard<'_, Stock> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many of each lane to fetch, if a fetch is worth its while. Then both lanes are asked: it costs the same.
    pub(super) fn room(&self) -> Option<[usize; 2]> {
        let stock = self.stock();
        let room = Lane::ALL.map(|lane| self.prefetch.saturating_sub(stock.holds(lane)));
        room.iter().zip(stock.dry).any(|(room, dry)| *room > 0 && !dry).then_some(room)
    }

    /// The next message to hand out. A normal one waits while a high one may be had: one that was posted after the
    /// last look, or that there was no room for then and is now.
    pub(super) fn lift(&self) -> Option<(Lane, i64, Job)> {
        let posted = self.posted.borrow().high;
        let mut stock = self.stock();
        let [dry, _] = stock.dry;
        let settled = (dry && stock.seen.high == posted) || stock.holds(Lane::High) >= self.prefetch;
        let [high, normal] = &mut stock.waiting;
        if let Some((seq, job)) = high.pop_front() {
            return Some((Lane::High, seq, job));
        }
        if !settled {
            return None;
        }
        normal.pop_front().map(|(seq, job)| (Lane::Normal, seq, job))
    }

    /// Puts messages on the shelf; returns those that are no jobs.
    pub(super) fn shelve(&self, taken: Vec<Taken>, room: [usize; 2], seen: Posted) -> Vec<(i64, String)> {
        let mut spoiled = Vec::new();
        let mut stock = self.stock();
        stock.seen = seen;
        for (lane, room) in Lane::ALL.into_iter().zip(room) {
            let got = taken.iter().filter(|taken| taken.lane == lane).count();
            if let Some(dry) = stock.dry.get_mut(index(lane)).filter(|_| room > 0) {
                *dry = got < room;
            }
        }
        for Taken { lane, seq, job } in taken {
            stock.held.insert(seq, lane);
            match job {
                Ok(job) => {
                    stock
                        .waiting
                        .get_mut(index(lane))
                        .into_iter()
                        .for_each(|line| line.push_back((seq, job.clone())));
                }
                Err(error) => spoiled.push((seq, error.to_string())),
            }
        }
        spoiled
    }

    /// A message is done with, or its lease is left to run out.
    pub(super) fn forget(&self, seq: i64) {
        self.stock().held.remove(&seq);
        self.wanted.notify_one();
    }

    pub(super) fn held(&self) -> Vec<i64> {
        self.stock().held.keys().copied().collect()
    }

    /// Everything may have changed.
    pub(super) fn look_again(&self, lanes: [bool; 2]) {
        let mut stock = self.stock();
        let [high, normal] = lanes;
        let [high_dry, normal_dry] = &mut stock.dry;
        *high_dry &= !high;
        *normal_dry &= !normal;
    }

    pub(super) fn fail(&self, error: QueueError) {
        self.stock().error = Some(error);
        self.filled.notify_one();
    }

    pub(super) fn take_error(&self) -> Option<QueueError> {
        self.stock().error.take()
    }
}
