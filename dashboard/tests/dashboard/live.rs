//! Pages that keep themselves up to date.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt;
use pregon_core::{Event, StateName, Store, clock};
use tokio::time::{Instant, timeout};

use crate::house::House;
use crate::sample::day::{fill, go_on};

pub(crate) struct Stream {
    body: BodyDataStream,
    text: String,
}

impl Stream {
    pub(crate) async fn open(house: &House, path: &str) -> Self {
        let response = house.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event as it is sent; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(event);
            }
            let bytes = timeout(Duration::from_secs(8), self.body.next()).await.unwrap()?.unwrap();
            self.text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
}

pub(crate) fn sent(event: &str, element: &str) -> bool {
    event.contains(&format!("id=\"{element}\""))
}

#[tokio::test]
async fn a_change_arrives_well_before_the_beat_and_brings_only_what_changed() {
    let house = House::busy().await;
    let job = house.job(|j| j.state.name() == StateName::Queued).await;
    let mut stream = Stream::open(&house, &format!("/live?page=job&id={}", job.id)).await;
    let all = stream.next().await.unwrap();
    assert!(all.starts_with("event: frags\ndata: "));
    assert!(sent(&all, "frag-acts") && sent(&all, "frag-message") && sent(&all, "frag-timeline"));
    let changed = Instant::now();
    house.memory.put(&job.apply(Event::Cancel, clock::now()).unwrap());
    let news = stream.next().await.unwrap();
    assert!(changed.elapsed() < Duration::from_secs(3), "that was the beat, not the change");
    assert!(news.contains("tag cancelled") && sent(&news, "frag-timeline"));
    assert!(!sent(&news, "frag-message"), "the message did not change");
}

#[tokio::test]
async fn many_changes_make_few_events_and_the_newest_state_wins() {
    let house = House::busy().await;
    let mut stream = Stream::open(&house, "/live?page=overview").await;
    assert!(sent(&stream.next().await.unwrap(), "frag-states"));
    let begun = Instant::now();
    for _ in 0..20 {
        go_on(&house.memory, clock::now()).await;
    }
    let total = house.memory.counts().await.unwrap().total();
    let news = stream.next().await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(350), "faster than twice a second");
    let page = house.get("/").await.page();
    assert!(news.contains(&page.text("#frag-states li:nth-child(5) .v")));
    assert_eq!(total, 1_910 + 20);
    let beat = stream.next().await.unwrap();
    assert!(sent(&beat, "frag-clock") && !sent(&beat, "frag-states"), "nothing changed since");
}

#[tokio::test]
async fn the_first_job_replaces_the_first_steps() {
    let house = House::empty("");
    let mut stream = Stream::open(&house, "/live?page=overview&first=1").await;
    let nothing = stream.next().await.unwrap();
    assert!(sent(&nothing, "frag-lede") && !sent(&nothing, "frag-board"));
    fill(&house.memory, clock::now()).await;
    let board = stream.next().await.unwrap();
    assert!(sent(&board, "frag-board") && sent(&board, "frag-states"));
}

#[tokio::test]
async fn a_list_that_is_being_read_only_says_how_many_are_new() {
    let house = House::busy().await;
    let live = house.get("/jobs").await.page().attribute("body", "data-live");
    let mut stream = Stream::open(&house, &live).await;
    let before = stream.next().await.unwrap();
    let top = house.jobs().await[0].id.to_string();
    assert!(before.contains(&top));
    go_on(&house.memory, clock::now()).await;
    let newest = house.jobs().await[0].id.to_string();
    let news = stream.next().await.unwrap();
    assert!(news.contains("1 nuevo") && news.contains(&top) && !news.contains(&newest));
}

#[tokio::test]
async fn streams_end_with_the_server_and_survive_a_store_that_goes_away() {
    let house = House::busy().await;
    let mut stream = Stream::open(&house, "/live?page=jobs").await;
    stream.next().await.unwrap();
    house.memory.go_away(true);
    go_on(&house.memory, clock::now()).await;
    assert_eq!(stream.next().await.unwrap(), ": away");
    house.memory.go_away(false);
    assert!(stream.next().await.unwrap().starts_with("event: frags"));
    house.stop.cancel();
    assert_eq!(stream.next().await, None);
}
