//! A request of the line protocol, put together from what the station tells.

use jiff::tz::TimeZone;
use pregon_core::Timestamp;

use super::protocol::{Answer, QueueName, quoted};
use crate::Tier;
use crate::station::{Ended, Played, Snapshot, Ticket};

/// The name of the source that plays the programme.
const PROGRAMME: &str = "playlist";

/// What a push said.
#[derive(Clone, Debug)]
pub(super) struct Pushed {
    pub(super) uri: String,
    pub(super) title: Option<String>,
    pub(super) artist: Option<String>,
    pub(super) at: Timestamp,
}

/// Where a request is on its way, in Liquidsoap's words.
enum Status {
    Ready,
    Playing,
    Destroyed(String),
}

/// A request, put together from what the station tells.
pub(super) struct Request {
    ticket: Ticket,
    status: Status,
    source: &'static str,
    uri: String,
    filename: String,
    title: String,
    artist: Option<String>,
    pushed: Option<Timestamp>,
    began: Option<Timestamp>,
}

impl Request {
    pub(super) fn alive(snapshot: &Snapshot, ticket: Ticket) -> Option<Self> {
        let announced = snapshot.on_air.iter().chain(&snapshot.waiting).find(|w| w.ticket == ticket);
        let queued = snapshot.queue.iter().find(|queued| queued.ticket == ticket);
        let playing = snapshot.now_playing.iter().find(|track| track.ticket == ticket);
        let (path, title, artist, source, began) = if let Some(w) = announced {
            (Some(&w.path), &w.title, None, QueueName::Interrupting.as_str(), w.began)
        } else if let Some(q) = queued {
            (Some(&q.path), &q.title, None, QueueName::Requests.as_str(), None)
        } else {
            let track = playing?;
            let queue = track.tier == Tier::Queue;
            let source = if queue { QueueName::Requests.as_str() } else { PROGRAMME };
            (track.path.as_ref(), &track.title, track.artist.clone(), source, Some(track.began))
        };
        let filename = path.map_or_else(String::new, |path| path.display().to_string());
        let status = if began.is_some() { Status::Playing } else { Status::Ready };
        let (uri, title) = (filename.clone(), title.clone());
        Some(Self { ticket, status, source, uri, filename, title, artist, pushed: None, began })
    }

    pub(super) fn over(played: Played) -> Self {
        let Played { ticket, tier, path, title, artist, ended, .. } = played;
        let began = if let Ended::Aired { at, .. } = &ended { Some(*at) } else { None };
        let source = match tier {
            Tier::Interrupt => QueueName::Interrupting.as_str(),
            Tier::Queue => QueueName::Requests.as_str(),
            Tier::Live | Tier::Playlist | Tier::Noise => PROGRAMME,
        };
        let filename = path.map_or_else(String::new, |path| path.display().to_string());
        let (status, uri) = (Status::Destroyed(words_for(&ended)), filename.clone());
        Self { ticket, status, source, uri, filename, title, artist, pushed: None, began }
    }

    /// Prefers the words of whoever pushed it.
    pub(super) fn pushed(&mut self, push: Pushed) {
        self.uri = push.uri;
        self.title = push.title.unwrap_or_else(|| std::mem::take(&mut self.title));
        self.artist = push.artist.or_else(|| self.artist.take());
        self.pushed = Some(push.at);
    }

    pub(super) fn metadata(&self) -> Answer {
        let status = match self.status {
            Status::Ready => "ready",
            Status::Playing => "playing",
            Status::Destroyed(_) => "destroyed",
        };
        let mut pairs = vec![
            ("rid", self.ticket.0.to_string()),
            ("status", status.to_owned()),
            ("initial_uri", self.uri.clone()),
            ("source", self.source.to_owned()),
            ("filename", self.filename.clone()),
            ("title", self.title.clone()),
        ];
        pairs.extend(self.artist.clone().map(|artist| ("artist", artist)));
        if let Some(began) = self.began {
            pairs.push(("on_air", local(began)));
            pairs.push(("on_air_timestamp", format!("{:.2}", seconds(began))));
        }
        let lines: Vec<String> =
            pairs.iter().map(|(key, value)| format!("{key}={}", quoted(value))).collect();
        Answer::Text(lines.join("\n"))
    }

    pub(super) fn trace(&self) -> Answer {
        let mut lines = Vec::new();
        if let Some(at) = self.pushed {
            lines.push(format!("[{}] Pushed [{}].", local(at), quoted(&self.uri)));
        }
        if let Some(at) = self.began {
            lines.push(format!("[{}] On air.", local(at)));
        }
        if let Status::Destroyed(how) = &self.status {
            // A reason may quote a file.
            lines.push(how.chars().map(|c| if c.is_control() { ' ' } else { c }).collect());
        }
        Answer::Text(lines.join("\n"))
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since the epoch stay far below 2^52")]
fn seconds(at: Timestamp) -> f64 {
    at.millis() as f64 / 1_000.0
}

/// As Liquidsoap writes it: in this machine's time zone, without naming it.
fn local(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.millis()).map_or_else(
        |_| at.to_string(),
        |at| at.to_zoned(TimeZone::system()).strftime("%Y/%m/%d %H:%M:%S").to_string(),
    )
}

fn words_for(ended: &Ended) -> String {
    match ended {
        Ended::Aired { seconds, .. } => format!("Aired for {seconds:.1} s."),
        Ended::Expired => "Its time was over before it could begin.".to_owned(),
        Ended::Failed { reason, seconds } => format!("Failed after {seconds:.1} s: {reason}"),
        Ended::Skipped { seconds } => format!("Skipped after {seconds:.1} s."),
    }
}
