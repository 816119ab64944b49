//! Doing a thing once for everybody who asks for it at the same time.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};

/// The work under way, by key. Whoever waits drives it; when everybody has gone away it is dropped.
pub(crate) struct Flights<K, T: Clone> {
    going: Mutex<HashMap<K, WeakShared<BoxFuture<'static, T>>>>,
}

impl<K: Eq + Hash + Copy + Send, T: Clone + Send + Sync + 'static> Flights<K, T> {
    pub(crate) fn new() -> Self {
        Self { going: Mutex::new(HashMap::new()) }
    }

    /// Joins the work for `key` that is under way, or starts it. The result says also whether this call started it.
    /// Cancelling leaves the work to the others.
    pub(crate) async fn join<F>(&self, key: K, start: impl FnOnce() -> F) -> (T, bool)
    where
        F: Future<Output = T> + Send + 'static,
    {
        let (flight, started) = self.board(key, start);
        (flight.await, started)
    }

    /// As [`Flights::join`]; but where the work of others ended in something that is `theirs` alone, starts anew.
    pub(crate) async fn join_unless<F>(
        &self,
        key: K,
        theirs: impl Fn(&T) -> bool + Send,
        start: impl Fn() -> F + Send + Sync,
    ) -> (T, bool)
    where
        F: Future<Output = T> + Send + 'static,
    {
        loop {
            let (result, started) = self.join(key, &start).await;
            if started || !theirs(&result) {
                return (result, started);
            }
            // Whoever started it may still hold on to it.
            tokio::task::yield_now().await;
        }
    }

    fn board<F>(&self, key: K, start: impl FnOnce() -> F) -> (Shared<BoxFuture<'static, T>>, bool)
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut going = self.going.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = going.get(&key).and_then(WeakShared::upgrade) {
            return (flight, false);
        }
        let flight = start().boxed().shared();
        going.retain(|_, other| other.upgrade().is_some());
        if let Some(weak) = flight.downgrade() {
            going.insert(key, weak);
        }
        (flight, true)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn those_who_ask_together_share_one_run() {
        let flights = Flights::new();
        let (runs, gate) = (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
        let join = || {
            flights.join(7, || {
                let (runs, gate) = (Arc::clone(&runs), Arc::clone(&gate));
                async move {
                    gate.notified().await;
                    runs.fetch_add(1, Ordering::SeqCst)
                }
            })
        };
        let (a, b, c, ()) = tokio::join!(join(), join(), join(), async { gate.notify_one() });
        assert_eq!([a, b, c], [(0, true), (0, false), (0, false)]);
        gate.notify_one();
        assert_eq!(join().await, (1, true), "afterwards it runs anew");
    }

    #[tokio::test]
    async fn what_is_only_theirs_is_tried_again() {
        let flights = Flights::new();
        let gate = Arc::new(Notify::new());
        let poor = flights.join(1, || {
            let gate = Arc::clone(&gate);
            async move {
                gate.notified().await;
                "no money"
            }
        });
        let rich = flights.join_unless(1, |result| *result == "no money", || async { "spoken" });
        let (poor, rich, ()) = tokio::join!(poor, rich, async { gate.notify_one() });
        assert_eq!((poor, rich), (("no money", true), ("spoken", true)));
    }

    #[tokio::test]
    async fn the_one_who_started_may_go_away() {
        let flights = Arc::new(Flights::new());
        let gate = Arc::new(Notify::new());
        let work = {
            let gate = Arc::clone(&gate);
            move || async move {
                gate.notified().await;
                "done"
            }
        };
        let (first, started) = flights.board(1, work);
        assert!(started);
        let second = flights.join(1, || async { "started twice" });
        tokio::pin!(second);
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        gate.notify_one();
        assert_eq!(second.await, ("done", false));
    }

    #[tokio::test]
    async fn abandoned_work_leaves_nothing_behind() {
        let flights: Flights<u32, ()> = Flights::new();
        drop(flights.board(1, std::future::pending));
        assert!(flights.join(2, || async {}).await.1);
        assert_eq!(flights.going.lock().unwrap().len(), 1);
        assert!(flights.join(1, || async {}).await.1, "the abandoned work is started anew");
    }
}
