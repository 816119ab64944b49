//! A station as the pages of the same process see it.

use async_trait::async_trait;
use pregon_core::{
    AsRunLine, OnAirAnnouncement, OnAirTrack, Radio, StationLook, StationName, StreamLine, Timestamp,
};

use crate::jobs::job_of;
use crate::out::{Aired, Outputs, Relay};
use crate::programme::{FolderState, Library};
use crate::station::Waiting;
use crate::{Station, Ticket};

/// One station and all that can be seen of it.
#[derive(Clone, Debug)]
pub struct Window {
    /// Its name.
    pub name: StationName,
    /// The station.
    pub station: Station,
    /// Where it is heard.
    pub outputs: Outputs,
    /// Its music.
    pub library: Library,
    /// The address of its player page.
    pub address: String,
}

impl Window {
    fn streams(&self) -> Vec<StreamLine> {
        let own = self.outputs.streams().iter().map(|stream| StreamLine {
            name: stream.path.clone(),
            kbits: stream.kbits,
            up: true,
            listeners: u64::try_from(stream.hub.listening().now).ok(),
            trouble: None,
        });
        let relay = self.outputs.relay().map(|(stream, relay)| StreamLine {
            name: "Icecast".to_owned(),
            kbits: stream.kbits,
            up: relay == Relay::OnAir,
            listeners: None,
            trouble: if let Relay::Off(why) = &relay { Some(why.to_string()) } else { None },
        });
        own.chain(relay).collect()
    }
}

#[async_trait]
impl Radio for Window {
    fn stations(&self) -> Vec<StationName> {
        vec![self.name.clone()]
    }

    async fn look(&self, station: &StationName) -> Option<StationLook> {
        if *station != self.name {
            return None;
        }
        let now = self.station.snapshot().await?;
        let listening = self.outputs.listening();
        let library = self.library.view();
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Some(StationLook {
            station: self.name.clone(),
            tier: now.tier,
            track: now.now_playing.map(|track| OnAirTrack {
                title: track.title,
                artist: track.artist,
                elapsed: track.elapsed,
                remaining: track.remaining,
            }),
            announcement: now.on_air.as_ref().map(announcement),
            waiting: now.waiting.iter().map(announcement).collect(),
            queue: now.queue.into_iter().map(|queued| queued.title).collect(),
            peak_dbfs: now.readings.peak_dbfs,
            short_term_lufs: now.readings.short_term_lufs,
            underruns: now.readings.underruns,
            listeners: count(listening.now),
            listeners_peak: count(listening.peak),
            streams: self.streams(),
            uptime_seconds: now.uptime_seconds,
            library: (library.state != FolderState::NotSet)
                .then(|| (count(library.files), count(library.broken))),
            address: self.address.clone(),
        })
    }

    async fn as_run(&self, station: &StationName, limit: usize) -> Vec<AsRunLine> {
        let Some(log) = self.outputs.as_run().filter(|_| *station == self.name).cloned() else {
            return Vec::new();
        };
        let lines = tokio::task::spawn_blocking(move || log.latest(limit)).await;
        match lines {
            Ok(Ok(lines)) => lines.into_iter().filter_map(line).collect(),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the as-run log cannot be read");
                Vec::new()
            }
            Err(_) => Vec::new(),
        }
    }

    async fn skip(&self, station: &StationName) -> bool {
        *station == self.name && (self.station.hush().await || self.station.skip().await)
    }

    async fn withdraw(&self, station: &StationName, number: u64) -> bool {
        *station == self.name && self.station.withdraw(Ticket(number)).await
    }
}

fn announcement(waiting: &Waiting) -> OnAirAnnouncement {
    OnAirAnnouncement {
        number: waiting.ticket.0,
        job: waiting.key.as_deref().and_then(job_of),
        title: waiting.title.clone(),
        mode: waiting.mode,
        lane: waiting.lane,
        expires: waiting.expires,
        began: waiting.began,
        seconds: waiting.seconds,
    }
}

fn line(aired: Aired) -> Option<AsRunLine> {
    Some(AsRunLine {
        at: aired.at.parse::<Timestamp>().ok()?,
        tier: aired.tier,
        outcome: aired.outcome,
        title: aired.title,
        artist: aired.artist,
        seconds: aired.seconds,
        listeners: u64::try_from(aired.listeners).unwrap_or(u64::MAX),
        job: aired.key.as_deref().and_then(job_of),
        reason: aired.reason,
    })
}
