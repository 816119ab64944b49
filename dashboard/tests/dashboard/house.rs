//! A dashboard over the sample day, and a browser of the simplest kind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use jiff::tz::TimeZone;
use pregon_core::{Desk, Filter, Job, Radio, Store, Switchboard, clock};
use pregon_dashboard::{Dashboard, Gates, Language};
use scraper::{Html, Selector};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::sample::Memory;
use crate::sample::air::{Studio, fill_air};
use crate::sample::booth::Booth;
use crate::sample::day::{CLIP, fill};
use crate::sample::gates::channel;
use crate::sample::line::Line;
use crate::sample::voices::voices;

pub(crate) struct House {
    pub(crate) memory: Arc<Memory>,
    pub(crate) workers: watch::Receiver<usize>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) stop: CancellationToken,
    pub(crate) booth: Arc<Booth>,
    router: axum::Router,
    cookies: Mutex<BTreeMap<String, String>>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl House {
    /// A day's work, no keys.
    pub(crate) async fn busy() -> Self {
        let house = Self::empty("");
        fill(&house.memory, clock::now()).await;
        house
    }

    /// The same with a telephone line that can be followed.
    pub(crate) async fn followed(keys: &str) -> (Self, Arc<Line>) {
        let line = Arc::new(Line::default());
        let house = Self::build(keys, channel(), Some(line.clone()), None);
        fill(&house.memory, clock::now()).await;
        (house, line)
    }

    /// A station in the middle of a track, with three announcements waiting.
    pub(crate) fn on_air(keys: &str) -> (Self, Arc<Studio>) {
        let memory = Arc::new(Memory::default());
        let now = clock::now();
        let studio = Arc::new(Studio::at_noon(&fill_air(&memory, now), now));
        (Self::build(keys, channel(), None, Some((memory, studio.clone()))), studio)
    }

    /// The same with trunks.
    pub(crate) async fn with_trunks(gates: Gates) -> Self {
        let house = Self::build("", gates, None, None);
        fill(&house.memory, clock::now()).await;
        house
    }

    pub(crate) fn empty(keys: &str) -> Self {
        Self::build(keys, channel(), None, None)
    }

    fn build(
        keys: &str,
        gates: Gates,
        switchboard: Option<Arc<dyn Switchboard>>,
        air: Option<(Arc<Memory>, Arc<dyn Radio>)>,
    ) -> Self {
        let (memory, radio) = match air {
            Some((memory, radio)) => (memory, Some(radio)),
            None => (Arc::new(Memory::default()), None),
        };
        let folder = tempfile::tempdir().unwrap();
        let (sender, workers) = watch::channel(2);
        let booth = Arc::new(Booth::over(folder.path().join("audio")));
        let dashboard = Dashboard {
            desk: Desk::new(memory.clone(), memory.clone()),
            keys: keys.parse().unwrap(),
            audio_dir: folder.path().join("audio"),
            spool_ledger: Some(folder.path().join("ledger")),
            gates,
            switchboard,
            radio,
            voices: Some(voices(booth.clone())),
            workers: Some(sender),
            language: Language::Es,
            zone: TimeZone::UTC,
            api_url: "http://127.0.0.1:5000".to_owned(),
        };
        let stop = CancellationToken::new();
        let router = dashboard.router(stop.clone());
        Self { memory, workers, folder, stop, booth, router, cookies: Mutex::default() }
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> axum::response::Response {
        let cookies: Vec<String> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        let response = self.router.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
        }
        response
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.send(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
        Answer { status, headers, text: String::from_utf8_lossy(&body).into_owned() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Posts a form, with the token that stands in `page`.
    pub(crate) async fn post(&self, path: &str, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let token = page.page().attribute("input[name=csrf]", "value");
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", &token)
            .extend_pairs(fields)
            .finish();
        self.ask(Request::post(path).body(Body::from(form)).unwrap()).await
    }

    pub(crate) async fn jobs(&self) -> Vec<Job> {
        self.memory.list(&Filter { limit: 500, ..Filter::default() }).await.unwrap().jobs
    }

    /// The newest job that fits.
    pub(crate) async fn job(&self, fits: impl Fn(&Job) -> bool) -> Job {
        self.jobs().await.into_iter().find(fits).unwrap()
    }

    /// The clip of the samples, ten bytes long, and its envelope.
    pub(crate) fn lay_clip(&self) {
        let shard = self.folder.path().join("audio").join(&CLIP[..2]);
        std::fs::create_dir_all(&shard).unwrap();
        std::fs::write(shard.join(CLIP).with_extension("wav"), b"0123456789").unwrap();
        std::fs::write(shard.join(CLIP).with_extension("json"), r#"{"envelope":[0,50,100]}"#).unwrap();
    }

    /// Returns where it lies.
    pub(crate) fn lay_call_file(&self, job: &Job, text: &str) -> std::path::PathBuf {
        let ledger = self.folder.path().join("ledger");
        std::fs::create_dir_all(&ledger).unwrap();
        let path = ledger.join(job.key().to_string());
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Answer {
    pub(crate) fn page(&self) -> Page {
        Page(Html::parse_document(&self.text))
    }

    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) struct Page(Html);

impl Page {
    pub(crate) fn all(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        let words = |e: scraper::ElementRef<'_>| e.text().collect::<String>();
        self.0.select(&selector).map(|e| words(e).split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    pub(crate) fn count(&self, selector: &str) -> usize {
        self.all(selector).len()
    }

    /// The text of the first one; fails when there is none.
    pub(crate) fn text(&self, selector: &str) -> String {
        self.all(selector).into_iter().next().unwrap_or_else(|| panic!("no {selector}"))
    }

    pub(crate) fn attribute(&self, selector: &str, name: &str) -> String {
        let parsed = Selector::parse(selector).unwrap();
        let element = self.0.select(&parsed).next().unwrap_or_else(|| panic!("no {selector}"));
        element.value().attr(name).unwrap_or_else(|| panic!("{selector} has no {name}")).to_owned()
    }
}
