//! What is on air, told to everybody who wants to know: server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::header;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{Mode, Snapshot, Station, Tier};

/// Shorter than the idle time-outs of proxies.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What a listener sees. Announcements are only said to be on air: their titles are not for the public.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct OnAir {
    /// What is heard.
    pub(super) tier: Tier,
    /// Of the track on air, or of the one that an announcement interrupts.
    pub(super) title: Option<Arc<str>>,
    pub(super) artist: Option<Arc<str>>,
    /// Seconds played and left when this was true.
    elapsed: Option<f64>,
    remaining: Option<f64>,
    /// Whether the track stands still, because an announcement interrupts it.
    paused: bool,
    #[serde(skip)]
    since: Instant,
}

impl OnAir {
    fn nothing() -> Self {
        Self {
            tier: Tier::default(),
            title: None,
            artist: None,
            elapsed: None,
            remaining: None,
            paused: false,
            since: Instant::now(),
        }
    }

    fn of(snapshot: Snapshot) -> Self {
        let paused = snapshot.on_air.is_some_and(|announcement| announcement.mode != Mode::Duck);
        let (tier, since) = (snapshot.tier, Instant::now());
        let Some(track) = snapshot.now_playing else {
            return Self { tier, paused, since, ..Self::nothing() };
        };
        Self {
            tier,
            title: Some(track.title.into()),
            artist: track.artist.map(Arc::from),
            elapsed: Some(track.elapsed),
            remaining: track.remaining,
            paused,
            since,
        }
    }

    /// The same, some time later.
    fn aged(&self) -> Self {
        let age = if self.paused { 0.0 } else { self.since.elapsed().as_secs_f64() };
        Self {
            elapsed: self.elapsed.map(|elapsed| elapsed + age),
            remaining: self.remaining.map(|remaining| (remaining - age).max(0.0)),
            ..self.clone()
        }
    }
}

/// The board that everybody reads: one question to the station, however many ask.
#[derive(Clone, Debug)]
pub(super) struct Billboard {
    board: watch::Sender<OnAir>,
}

impl Billboard {
    pub(super) fn new() -> Self {
        Self { board: watch::Sender::new(OnAir::nothing()) }
    }

    #[cfg(test)]
    pub(super) fn write(&self, title: &str, tier: Tier) {
        self.board.send_replace(OnAir { title: Some(title.into()), tier, ..OnAir::nothing() });
    }

    pub(super) fn read(&self) -> watch::Receiver<OnAir> {
        self.board.subscribe()
    }
}

/// Keeps the board true until the station or `stop` ends it.
pub(super) async fn follow(station: Station, billboard: Billboard, stop: CancellationToken) {
    let mut news = station.news();
    loop {
        if let Some(snapshot) = station.snapshot().await {
            billboard.board.send_replace(OnAir::of(snapshot));
        }
        tokio::select! {
            event = news.recv() => match event {
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            },
            () = stop.cancelled() => break,
        }
    }
}

/// An endless answer: what is on air now, then every change.
pub(super) fn send(billboard: &Billboard, stop: &CancellationToken) -> Response {
    let mut board = billboard.read();
    board.mark_changed();
    let events = stream::unfold((board, stop.clone()), |(mut board, stop)| async {
        let changed = tokio::select! {
            changed = board.changed() => changed.is_ok(),
            () = stop.cancelled() => false,
        };
        let on_air = changed.then(|| board.borrow_and_update().aged())?;
        let event = Event::default().json_data(on_air).ok()?;
        Some((Ok::<_, Infallible>(event), (board, stop)))
    });
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_goes_on_while_nobody_asks_and_stands_still_when_interrupted() {
        let since = Instant::now().checked_sub(Duration::from_secs(10)).unwrap();
        let playing = OnAir { elapsed: Some(5.0), remaining: Some(100.0), since, ..OnAir::nothing() };
        let aged = playing.aged();
        assert!(
            (15.0..16.0).contains(&aged.elapsed.unwrap()) && (89.0..=90.0).contains(&aged.remaining.unwrap())
        );
        let paused = OnAir { paused: true, ..playing };
        assert_eq!((paused.aged().elapsed, paused.aged().remaining), (Some(5.0), Some(100.0)));
    }
}
