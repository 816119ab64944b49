//! A telephone line that says what it is told to.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures_util::stream::{BoxStream, StreamExt, unfold};
use pregon_core::{CallNews, HungUp, Job, Key, LiveCall, NotHungUp, Phase, Switchboard, Timestamp};
use tokio::sync::broadcast;

pub(crate) struct Line {
    calls: Mutex<Vec<LiveCall>>,
    news: broadcast::Sender<CallNews>,
    away: AtomicBool,
}

impl Default for Line {
    fn default() -> Self {
        Self { calls: Mutex::default(), news: broadcast::channel(64).0, away: AtomicBool::new(false) }
    }
}

impl Line {
    /// The latest call of `job` is so far, from now on.
    pub(crate) fn put(&self, job: &Job, phase: Option<Phase>, since: Timestamp) {
        self.change(job.key(), phase, since);
    }

    pub(crate) fn go_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    fn change(&self, key: Key, phase: Option<Phase>, since: Timestamp) {
        if let Ok(mut calls) = self.calls.lock() {
            calls.retain(|call| call.key != key);
            calls.extend(phase.map(|phase| LiveCall { key, phase, since }));
        }
        drop(self.news.send(CallNews { key, phase, since }));
    }
}

#[async_trait]
impl Switchboard for Line {
    fn connected(&self) -> bool {
        !self.away.load(Ordering::SeqCst)
    }

    fn calls(&self) -> Vec<LiveCall> {
        let calls = self.calls.lock().map(|calls| calls.clone()).unwrap_or_default();
        if self.connected() { calls } else { Vec::new() }
    }

    fn watch(&self) -> BoxStream<'static, CallNews> {
        unfold(self.news.subscribe(), async |mut news| Some((news.recv().await.ok()?, news))).boxed()
    }

    async fn hang_up(&self, key: Key) -> Result<HungUp, NotHungUp> {
        let Some(call) = self.call(key) else { return Ok(HungUp::NoCall) };
        self.change(key, None, call.since);
        Ok(HungUp::Done)
    }
}
