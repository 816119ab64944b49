//! Calls as they go on, told by a stand-in for the telephone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::{Body, BodyDataStream};
use axum::http::{Method, Request};
use futures_util::stream::{BoxStream, StreamExt, unfold};
use pregon_api::Api;
use pregon_core::{
    CallNews, Event, HungUp, Job, JobId, Key, LiveCall, NotHungUp, Outcome, OutcomeKind, Phase, Store,
    Switchboard, Timestamp, What, clock,
};
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tower::ServiceExt;

use crate::shaky::Shaky;
use crate::world::{KEYS, Reply, World, good};

struct Line {
    connected: AtomicBool,
    calls: Mutex<Vec<LiveCall>>,
    news: broadcast::Sender<CallNews>,
    answer: Mutex<Result<HungUp, NotHungUp>>,
    store: OnceLock<Arc<Shaky>>,
    /// The jobs as they were stored at the moment their call was hung up.
    cut: Mutex<Vec<Job>>,
}

impl Line {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            connected: AtomicBool::new(true),
            calls: Mutex::default(),
            news: broadcast::channel(64).0,
            answer: Mutex::new(Ok(HungUp::Done)),
            store: OnceLock::new(),
            cut: Mutex::default(),
        })
    }

    async fn world(self: &Arc<Self>, change: impl FnOnce(&mut Api)) -> World {
        let world = World::with(|api| {
            api.switchboard = Some(Arc::clone(self) as Arc<dyn Switchboard>);
            change(api);
        })
        .await;
        assert!(self.store.set(Arc::clone(&world.shaky)).is_ok());
        world
    }

    /// The first call of that job is so far.
    fn put(&self, job: JobId, phase: Option<Phase>) -> Timestamp {
        let (key, since) = (Key { job, attempt: 1 }, clock::now());
        let mut calls = self.calls.lock().unwrap();
        calls.retain(|call| call.key != key);
        calls.extend(phase.map(|phase| LiveCall { key, phase, since }));
        drop(self.news.send(CallNews { key, phase, since }));
        since
    }

    fn cut(&self) -> Vec<Job> {
        self.cut.lock().unwrap().clone()
    }
}

#[async_trait]
impl Switchboard for Line {
    fn connected(&self) -> bool {
        self.connected.load(Ordering::SeqCst)
    }

    fn calls(&self) -> Vec<LiveCall> {
        if self.connected() { self.calls.lock().unwrap().clone() } else { Vec::new() }
    }

    fn watch(&self) -> BoxStream<'static, CallNews> {
        unfold(self.news.subscribe(), async |mut news| Some((news.recv().await.ok()?, news))).boxed()
    }

    async fn hang_up(&self, key: Key) -> Result<HungUp, NotHungUp> {
        let job = self.store.get().unwrap().get(key.job).await.unwrap().unwrap();
        self.cut.lock().unwrap().push(job);
        self.answer.lock().unwrap().clone()
    }
}

async fn hang_up(world: &World, id: JobId) -> Reply {
    world.post(&format!("/jobs/{id}/hangup"), &json!({})).await
}

async fn status(world: &World, id: JobId) -> Value {
    world.get(&format!("/tts/status/{id}")).await.json()
}

#[tokio::test]
async fn a_dispatched_job_shows_its_call_as_it_goes_on() {
    let line = Line::new();
    let world = line.world(|_| {}).await;
    let id = world.job().await;
    line.put(id, Some(Phase::Dialling));
    assert_eq!(status(&world, id).await.get("live"), None, "it is not handed over as far as anybody knows");
    world.dispatch(id).await;
    for (phase, word) in
        [(Phase::Dialling, "dialling"), (Phase::Ringing, "ringing"), (Phase::Answered, "answered")]
    {
        let since = line.put(id, Some(phase));
        assert_eq!(status(&world, id).await["live"], json!({"phase": word, "since": since.to_string()}));
    }
    line.connected.store(false, Ordering::SeqCst);
    assert_eq!(status(&world, id).await.get("live"), None, "nobody knows");
    line.connected.store(true, Ordering::SeqCst);
    assert_eq!(status(&world, id).await["live"]["phase"], "answered");
    let outcome = Outcome::of(OutcomeKind::Answered);
    world.apply(id, Event::Outcome { attempt: 1, outcome, again: None }).await;
    assert_eq!(status(&world, id).await.get("live"), None, "the outcome is known");
    let other = world.job().await;
    world.dispatch(other).await;
    assert_eq!(status(&world, other).await.get("live"), None, "that was another call");
}

#[tokio::test]
async fn no_further_attempt_is_stored_before_a_call_is_hung_up() {
    let line = Line::new();
    let world = line.world(|_| {}).await;
    let id = world.job().await;
    world.dispatch(id).await;
    line.put(id, Some(Phase::Ringing));
    let reply = hang_up(&world, id).await;
    assert_eq!(reply.job_id(), id);
    assert_eq!(
        (&reply.json()["status"], reply.json()["status_url"].as_str()),
        (&json!("dispatched"), Some(&*format!("/tts/status/{id}")))
    );
    let cut = line.cut();
    let [stored] = cut.as_slice() else { panic!("hung up {} times", cut.len()) };
    assert_eq!(stored.timeline.last().unwrap().what, What::HangUpAsked);
    // A call that is cut while it rings looks like one that nobody answered.
    let again = Some(clock::now() + Duration::from_mins(1));
    let outcome = Outcome::of(OutcomeKind::NoAnswer);
    world.apply(id, Event::Outcome { attempt: 1, outcome, again }).await;
    let ended = status(&world, id).await;
    assert_eq!((&ended["status"], &ended["attempts"]), (&json!("failed"), &json!(1)));
    let timeline = ended["timeline"].as_array().unwrap();
    assert_eq!(timeline[timeline.len() - 2]["event"], "hang_up_asked");
    assert_eq!(timeline.last().unwrap()["decision"], "none_left");
}

#[tokio::test]
async fn only_a_call_that_is_on_the_line_is_hung_up() {
    let line = Line::new();
    let world = line.world(|_| {}).await;
    let nobody = JobId::new(clock::now());
    assert_eq!(hang_up(&world, nobody).await.problem(404), ["job_id"]);
    let id = world.job().await;
    hang_up(&world, id).await.problem(409);
    world.dispatch(id).await;
    let refused = hang_up(&world, id).await;
    refused.problem(409);
    assert_eq!(refused.json()["job_status"], "dispatched");
    let before = world.read(id).await;
    assert_eq!(before.timeline.len(), 3, "nothing was asked for");
    // It ends while it is being hung up.
    line.put(id, Some(Phase::Answered));
    *line.answer.lock().unwrap() = Ok(HungUp::NoCall);
    hang_up(&world, id).await.problem(409);
    // Its outcome is known before Asterisk tells that it is over.
    let outcome = Outcome::of(OutcomeKind::Answered);
    world.apply(id, Event::Outcome { attempt: 1, outcome, again: None }).await;
    let ended = hang_up(&world, id).await;
    ended.problem(409);
    assert_eq!((&ended.json()["job_status"], line.cut().len()), (&json!("completed"), 1));
}

#[tokio::test]
async fn without_a_line_nothing_is_hung_up_and_the_setting_is_named() {
    let world = World::new().await;
    let id = world.job().await;
    world.dispatch(id).await;
    let unset = hang_up(&world, id).await;
    unset.problem(503);
    assert!(unset.text().contains("ASTERISK_AMI_URL"), "{}", unset.text());
    assert_eq!(unset.header("retry-after"), "", "trying again does not help");
    hang_up(&world, JobId::new(clock::now())).await.problem(404);

    let line = Line::new();
    let world = line.world(|_| {}).await;
    let id = world.job().await;
    world.dispatch(id).await;
    line.put(id, Some(Phase::Ringing));
    line.connected.store(false, Ordering::SeqCst);
    let away = hang_up(&world, id).await;
    away.problem(503);
    assert!(away.text().contains("ASTERISK_AMI_URL") && away.header("retry-after") == "5");
    assert_eq!((world.read(id).await.timeline.len(), line.cut().len()), (3, 0));

    line.connected.store(true, Ordering::SeqCst);
    *line.answer.lock().unwrap() = Err(NotHungUp::Failed("secret words of Asterisk".into()));
    for _ in 0..2 {
        let silent = hang_up(&world, id).await;
        silent.problem(503);
        assert!(silent.text().contains("ASTERISK_AMI_URL") && !silent.text().contains("secret"));
    }
    *line.answer.lock().unwrap() = Ok(HungUp::Done);
    assert_eq!(hang_up(&world, id).await.status, 202);
    let asked = world.read(id).await.timeline.iter().filter(|e| e.what == What::HangUpAsked).count();
    assert_eq!(asked, 1, "asking again leaves one trace");
}

#[tokio::test]
async fn who_may_cancel_may_hang_up() {
    let line = Line::new();
    let world = line.world(|api| api.keys = KEYS.parse().unwrap()).await;
    let ask = async |secret, path: &str, body: String| {
        world.ask(Method::POST, path, &[("x-api-key", secret)], body).await
    };
    let id = ask("secret-crm", "/tts/call", good().to_string()).await.job_id();
    world.dispatch(id).await;
    line.put(id, Some(Phase::Ringing));
    let path = format!("/jobs/{id}/hangup");
    ask("secret-shop", &path, String::new()).await.problem(404);
    ask("secret-wall", &path, String::new()).await.problem(403);
    assert_eq!(line.cut().len(), 0);
    assert_eq!(ask("secret-crm", &path, String::new()).await.status, 202);
    assert_eq!(ask("secret-ana", &path, String::new()).await.status, 202);
}

/// The data of the next event of that name.
async fn next(stream: &mut BodyDataStream, name: &str) -> Value {
    let head = format!("event: {name}\ndata: ");
    loop {
        let bytes = tokio::time::timeout(Duration::from_secs(10), stream.next()).await.unwrap();
        let text = String::from_utf8(bytes.unwrap().unwrap().to_vec()).unwrap();
        if let Some(data) = text.strip_prefix(&head) {
            return serde_json::from_str(data).unwrap();
        }
    }
}

#[tokio::test]
async fn everybody_hears_of_the_calls_they_may_see() {
    let line = Line::new();
    let world = line.world(|api| api.keys = KEYS.parse().unwrap()).await;
    let open = async |secret: &str| {
        let request = Request::get("/events").header("x-api-key", secret).body(Body::empty()).unwrap();
        world.router.clone().oneshot(request).await.unwrap().into_body().into_data_stream()
    };
    let mut ids = Vec::new();
    for secret in ["secret-shop", "secret-crm"] {
        let reply = world.ask(Method::POST, "/tts/call", &[("x-api-key", secret)], good().to_string()).await;
        ids.push(reply.job_id());
    }
    let (mut crm, mut wall) = (open("secret-crm").await, open("secret-wall").await);
    // Somebody else's call on the same Asterisk.
    line.put(JobId::new(clock::now()), Some(Phase::Ringing));
    line.put(ids[0], Some(Phase::Ringing));
    let since = line.put(ids[1], Some(Phase::Answered)).to_string();
    line.put(ids[1], None);
    let own = json!({"job_id": ids[1], "attempt": 1, "phase": "answered", "since": since});
    assert_eq!(next(&mut crm, "call").await, own);
    assert_eq!(next(&mut crm, "call").await["phase"], "over");
    assert_eq!(next(&mut wall, "call").await["job_id"], json!(ids[0]));
    assert_eq!(next(&mut wall, "call").await, own);
    // Jobs are told in the same stream.
    world.dispatch(ids[1]).await;
    assert_eq!(next(&mut crm, "job").await["job_id"], json!(ids[1]));
}
