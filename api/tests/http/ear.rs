//! A listener of the audio feed by the long polling of Socket.IO, which is plain HTTP: packets of text, and bytes in
//! base64. <https://socket.io/docs/v4/engine-io-protocol/>, <https://socket.io/docs/v4/socket-io-protocol/>

use std::time::{Duration, Instant};

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::world::World;

pub(crate) const NAMESPACE: &str = "/api/v1/podcasts/stream";
const PATIENCE: Duration = Duration::from_secs(20);

/// One event, as it came.
#[derive(Clone, Debug, PartialEq)]
enum Heard {
    Event(String, Value),
    Chunk(Vec<u8>),
    /// The connection is refused, for this reason.
    Refused(String),
}

/// A listener that polls.
pub(crate) struct Ear<'a> {
    world: &'a World,
    pub(crate) address: String,
    heard: Vec<Heard>,
    taken: usize,
}

impl<'a> Ear<'a> {
    /// Opens a connection and introduces itself.
    pub(crate) async fn open(world: &'a World, headers: &[(&str, &str)], query: &str, auth: &Value) -> Self {
        let address = format!("/socket.io/?EIO=4&transport=polling{query}");
        let opened = world.ask(Method::GET, &address, headers, "").await;
        assert_eq!(opened.status, 200, "{}", opened.text());
        let text = opened.text();
        let hello: Value = serde_json::from_str(text.strip_prefix('0').unwrap()).unwrap();
        let address = format!("/socket.io/?EIO=4&transport=polling&sid={}", hello["sid"].as_str().unwrap());
        let ear = Self { world, address, heard: Vec::new(), taken: 0 };
        ear.send(&format!("40{NAMESPACE},{auth}")).await;
        ear
    }

    /// A connection of the operator on this machine.
    pub(crate) async fn here(world: &'a World) -> Self {
        let mut ear = Self::open(world, &[], "", &json!({})).await;
        assert!(ear.event("connection_ack").await["message"].is_string());
        ear
    }

    pub(crate) async fn send(&self, packet: &str) {
        let headers = [("content-type", "text/plain;charset=UTF-8")];
        let answer = self.world.ask(Method::POST, &self.address, &headers, packet.to_owned()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    pub(crate) async fn join(&self, id: &str) {
        self.send(&format!("42{NAMESPACE},{}", json!(["join_stream", {"stream_id": id}]))).await;
    }

    /// The next thing heard.
    async fn next(&mut self) -> Heard {
        let start = Instant::now();
        loop {
            if let Some(heard) = self.heard.get(self.taken) {
                self.taken += 1;
                return heard.clone();
            }
            assert!(start.elapsed() < PATIENCE, "nothing more was heard");
            let poll =
                tokio::time::timeout(PATIENCE, self.world.ask(Method::GET, &self.address, &[], "")).await;
            for packet in poll.unwrap().text().split('\u{1e}') {
                self.hear(packet);
            }
        }
    }

    fn hear(&mut self, packet: &str) {
        let event = |text: &str| -> (String, Value) {
            let (name, data): (String, Value) = serde_json::from_str(text).unwrap();
            (name, data)
        };
        let body = |kind: &str| packet.strip_prefix(kind)?.strip_prefix(NAMESPACE)?.strip_prefix(',');
        if let Some(text) = body("42") {
            let (name, data) = event(text);
            self.heard.push(Heard::Event(name, data));
        } else if let Some(text) = body("451-") {
            assert_eq!(event(text).0, "audio_chunk");
        } else if let Some(text) = packet.strip_prefix('b') {
            self.heard.push(Heard::Chunk(STANDARD.decode(text).unwrap()));
        } else if let Some(text) = body("44") {
            let reason: Value = serde_json::from_str(text).unwrap();
            self.heard.push(Heard::Refused(reason["message"].as_str().unwrap().to_owned()));
        } else {
            // Heartbeats, and the word that the connection stands.
            assert!(["2", "6", ""].contains(&packet) || body("40").is_some(), "{packet}");
        }
    }

    /// The data of the next event, which has this name.
    pub(crate) async fn event(&mut self, name: &str) -> Value {
        match self.next().await {
            Heard::Event(found, data) if found == name => data,
            other => panic!("{other:?} instead of {name}"),
        }
    }

    pub(crate) async fn refused(&mut self) -> String {
        match self.next().await {
            Heard::Refused(reason) => reason,
            other => panic!("let in: {other:?}"),
        }
    }

    /// The stream from its beginning to its end: the sizes of the chunks, and all bytes.
    pub(crate) async fn stream(&mut self, id: &str) -> (Vec<usize>, Vec<u8>) {
        let begun = self.event("audio_control").await;
        assert_eq!((&begun["event"], &begun["stream_id"]), (&json!("start_of_stream"), &json!(id)));
        let (mut sizes, mut bytes) = (Vec::new(), Vec::new());
        loop {
            match self.next().await {
                Heard::Chunk(chunk) => {
                    sizes.push(chunk.len());
                    bytes.extend(chunk);
                }
                Heard::Event(name, data) => {
                    assert_eq!((name.as_str(), &data["event"]), ("audio_control", &json!("end_of_stream")));
                    assert_eq!((&data["bytes"], &data["chunks"]), (&json!(bytes.len()), &json!(sizes.len())));
                    assert!(data["timestamp"].as_f64().unwrap() > 1.7e9);
                    return (sizes, bytes);
                }
                Heard::Refused(reason) => panic!("{reason}"),
            }
        }
    }

    /// The code of the error that comes next.
    pub(crate) async fn error(&mut self) -> String {
        let error = self.event("stream_error").await;
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
        error["code"].as_str().unwrap().to_owned()
    }
}
