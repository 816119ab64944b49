//! A station on the air, in a rig.

use std::path::PathBuf;
use std::time::Duration;

use pregon_audio::{Pcm, wav};
use serde_json::{Value, json};

use crate::rig::{Backing, Proc, Rig};

/// Longer than anything here lasts, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// How the work is shared out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// One process for everything.
    Serve,
    /// API, worker and station, each a process of its own.
    Roles,
}

/// API, worker and station; the last process is the one with the station.
pub(crate) struct Air {
    shape: Shape,
    station: Option<Proc>,
    _worker: Option<Proc>,
    pub(crate) rig: Rig,
}

impl Air {
    /// On the air.
    pub(crate) async fn start(backing: &Backing, shape: Shape) -> Self {
        let mut air = Self::silent(backing, shape).await;
        air.switch_on().await;
        air
    }

    /// One process over SQLite.
    pub(crate) async fn plain() -> Self {
        Self::start(&Backing::Embedded, Shape::Serve).await
    }

    /// Everything but the station. With [`Shape::Serve`] that is nothing at all.
    pub(crate) async fn silent(backing: &Backing, shape: Shape) -> Self {
        let rig = Rig::at_rest(backing, &[]);
        match shape {
            Shape::Serve => Self { shape, station: None, _worker: None, rig },
            Shape::Roles => {
                let rig = rig.with_api().await;
                Self { shape, station: None, _worker: Some(rig.worker(&[])), rig }
            }
        }
    }

    /// Starts the process with the station, and waits until it plays.
    pub(crate) async fn switch_on(&mut self) {
        let role = match self.shape {
            Shape::Serve => ["serve"],
            Shape::Roles => ["mixer"],
        };
        self.station = Some(self.rig.run(&role, &[("RADIO", "true")]));
        self.rig.until_answered().await;
        self.rig
            .until("there is sound, of the programme or of what has waited", PATIENCE, async |_: &Rig| {
                let heard = |now: Value| now["tier"] == "playlist" || now["tier"] == "interrupt";
                self.look().await.is_some_and(heard)
            })
            .await;
    }

    /// SIGKILL.
    pub(crate) fn kill_station(&mut self) {
        self.station.take().unwrap().kill();
    }

    /// SIGTERM; the exit code.
    pub(crate) fn stop_station(&mut self) -> Option<i32> {
        self.station.take().unwrap().terminate(Duration::from_secs(20))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.rig.setting("MIXER_ADDR"))
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.rig.setting("PREGON_DATA_DIR").into()
    }

    /// `GET /station`, if it answers.
    pub(crate) async fn look(&self) -> Option<Value> {
        let answer = self.rig.http.get(self.url("/station")).send().await.ok()?;
        serde_json::from_slice(&answer.bytes().await.ok()?).ok()
    }

    /// Submits an announcement; its id.
    pub(crate) async fn broadcast(&self, body: Value) -> String {
        let (status, answer) = self.rig.post("/tts/broadcast", &body).await.unwrap();
        assert_eq!(status, 202, "{answer}");
        answer["job_id"].as_str().unwrap().to_owned()
    }

    /// Keeps a tone of that length; its id. Tones of different pitch are different files.
    pub(crate) async fn upload(&self, hertz: f32, seconds: f32) -> String {
        let request = self.rig.http.post(format!("http://{}/audio", self.rig.base));
        let answer = request.body(tone(hertz, seconds)).send().await.unwrap();
        let (status, body) = (answer.status(), answer.bytes().await.unwrap());
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
        let kept: Value = serde_json::from_slice(&body).unwrap();
        kept["id"].as_str().unwrap().to_owned()
    }

    /// Submits a tone, with what else is wished.
    pub(crate) async fn announce(&self, hertz: f32, seconds: f32, wishes: Value) -> String {
        let mut body = json!({ "audio": self.upload(hertz, seconds).await });
        body.as_object_mut().unwrap().extend(wishes.as_object().unwrap().clone());
        self.broadcast(body).await
    }

    pub(crate) async fn status(&self, id: &str) -> Value {
        self.rig.get(&format!("/tts/status/{id}")).await.unwrap().1
    }

    /// The status of a job once it has ended.
    pub(crate) async fn ended(&self, id: &str) -> Value {
        self.rig
            .until("the job has ended", PATIENCE, async |rig: &Rig| {
                let Some((_, job)) = rig.get(&format!("/tts/status/{id}")).await else { return false };
                ["completed", "failed", "cancelled"].iter().any(|end| job["status"] == *end)
            })
            .await;
        self.status(id).await
    }

    pub(crate) async fn until_on_air(&self, id: &str) {
        self.rig
            .until("it is on air", PATIENCE, async |_: &Rig| {
                self.look().await.is_some_and(|now| now["on_air"]["key"] == id)
            })
            .await;
    }

    /// Waits until the station has them, in that order, behind what is on air.
    pub(crate) async fn until_waiting(&self, ids: &[&str]) {
        self.rig
            .until("they wait at the station", PATIENCE, async |_: &Rig| {
                let Some(now) = self.look().await else { return false };
                let keys: Vec<_> = now["waiting"].as_array().unwrap().iter().map(|w| &w["key"]).collect();
                keys == ids
            })
            .await;
    }

    /// Waits until its worker has handed it to the station's queue.
    pub(crate) async fn until_dispatched(&self, id: &str) {
        self.rig
            .until("it is handed on", PATIENCE, async |_: &Rig| {
                self.status(id).await["status"] == "dispatched"
            })
            .await;
    }

    /// The announcements in the as-run log, oldest first: key and outcome. Pushes have no key.
    pub(crate) fn as_run(&self) -> Vec<(Option<String>, String)> {
        let log = std::fs::read_to_string(self.data().join("as-run-main.jsonl")).unwrap_or_default();
        let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .filter(|line| line["tier"] == "interrupt")
            .map(|line| {
                (line["key"].as_str().map(str::to_owned), line["outcome"].as_str().unwrap().to_owned())
            })
            .collect()
    }

    /// The keys of what was aired to its end, oldest first, once there are `count`.
    pub(crate) async fn aired(&self, count: usize) -> Vec<String> {
        let aired = || {
            let lines = self.as_run().into_iter();
            lines.filter(|(_, outcome)| outcome == "aired").filter_map(|(key, _)| key).collect::<Vec<_>>()
        };
        self.rig.until("the log is written", PATIENCE, async |_: &Rig| aired().len() >= count).await;
        aired()
    }
}

/// A WAV file.
pub(crate) fn tone(hertz: f32, seconds: f32) -> Vec<u8> {
    let rate = 48_000;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
    let frames = (seconds * 48_000.0) as u32;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^24")]
    let sample = |n: u32| 0.3 * (n as f32 * hertz * std::f32::consts::TAU / 48_000.0).sin();
    wav::encode(&Pcm::new(rate, (0..frames).map(sample).collect()))
}

/// The time in an outcome, in milliseconds since the epoch.
pub(crate) fn millis(time: &Value) -> i64 {
    time.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(pregon_core::clock::now().millis()).unwrap()
}
