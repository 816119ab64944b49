//! Starting all outputs of a station, and asking them how they are.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use pregon_audio::EncodeError;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::as_run::{self, AsRun};
use super::codec::Format;
use super::departures::Departures;
use super::encoder::{self, Wish};
use super::events::{Billboard, follow};
use super::hub::{Hub, Listening};
use super::icecast::{self, Mount, Relay};
use super::{OutSettings, http};
use crate::{Station, Tap};

/// Why a station is not heard.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A bit rate that Opus does not have.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// No thread for an encoder.
    #[error("an encoder could not start: {0}")]
    Thread(#[from] std::io::Error),
    /// A bit rate that LAME does not have.
    #[cfg(feature = "mp3")]
    #[error(transparent)]
    Mp3(#[from] pregon_audio::Mp3Error),
    /// MP3 in a build that has none.
    #[cfg(not(feature = "mp3"))]
    #[error("{}", super::settings::NO_MP3)]
    NoMp3,
    /// An Icecast mount that ends in .mp3, and no such stream to feed it with.
    #[error("ICECAST_URL: a mount that ends in .mp3 is fed with MP3: set MIXER_MP3, such as MIXER_MP3=128")]
    NothingToRelay,
    /// The station was started with fewer taps than there are streams.
    #[error("{streams} streams need as many taps, and there are {taps}")]
    Taps {
        /// Streams in the settings.
        streams: usize,
        /// Taps given.
        taps: usize,
    },
}

/// One format and bit rate of a station.
#[derive(Clone, Debug)]
pub struct Stream {
    /// Where it is served: `/radio`, `/radio-64`, `/radio.mp3`.
    pub path: String,
    /// What it is made of.
    pub format: Format,
    /// In kbit/s.
    pub kbits: u32,
    /// Its listeners.
    pub hub: Arc<Hub>,
}

/// The outputs of one station; clones are the same.
#[derive(Clone, Debug)]
pub struct Outputs {
    pub(super) station: Arc<str>,
    pub(super) streams: Arc<[Stream]>,
    pub(super) billboard: Billboard,
    pub(super) max_listeners: usize,
    departures: Arc<Departures>,
    relay: Option<(Stream, watch::Receiver<Relay>)>,
    as_run: Option<AsRun>,
    pub(super) stop: CancellationToken,
    tasks: TaskTracker,
}

impl Outputs {
    /// Starts encoders, Icecast client and log; `taps` are those of the station, one for
    /// each of [`OutSettings::streams`]. Everything ends
    /// when `stop` is cancelled or the station closes. The log is kept in `log_folder`, if there is one.
    ///
    /// # Errors
    /// See [`StartError`]. What had started ends by itself.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(
        settings: &OutSettings,
        station: &Station,
        taps: Vec<Tap>,
        log_folder: Option<&Path>,
        stop: &CancellationToken,
    ) -> Result<Self, StartError> {
        let departures = Arc::new(Departures::default());
        let (streams, encoders) = start_encoders(settings, station.name(), taps, &departures)?;
        let tasks = TaskTracker::new();
        let billboard = Billboard::new();
        tasks.spawn(follow(station.clone(), billboard.clone(), stop.clone()));
        let relay = start_relay(settings, station.name(), &streams, &billboard, &tasks, stop)?;
        let as_run = log_folder.map(|folder| AsRun::new(folder, station.name()));
        if let Some(log) = as_run.clone() {
            let listeners = listeners_of(&streams);
            tasks.spawn(as_run::run(log, station.clone(), Arc::clone(&departures), listeners, stop.clone()));
        }
        tasks.spawn(close(Arc::clone(&streams), encoders, stop.clone()));
        tasks.close();
        Ok(Self {
            station: Arc::clone(station.name()),
            streams,
            billboard,
            max_listeners: settings.max_listeners,
            departures,
            relay,
            as_run,
            stop: stop.clone(),
            tasks,
        })
    }

    /// The pages of the station: the streams, `/events`, and the player at `/`. Give it to [`serve`](super::serve), on
    /// its own or merged with others.
    pub fn router(&self) -> Router {
        http::router(self.clone())
    }

    /// The streams, Opus before MP3, the first one first.
    pub fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// Who listens, all streams together. Listeners of an Icecast server are its own.
    pub fn listening(&self) -> Listening {
        let each = self.streams.iter().map(|stream| stream.hub.listening());
        each.reduce(|all, one| Listening {
            now: all.now + one.now,
            // Peaks of different streams need not be at the same time: the highest possible one.
            peak: all.peak + one.peak,
            joined: all.joined + one.joined,
            dropped: all.dropped + one.dropped,
            seconds: all.seconds + one.seconds,
            longest_seconds: all.longest_seconds.max(one.longest_seconds),
        })
        .unwrap_or_default()
    }

    /// When announcements left the encoder of the first stream.
    pub fn departures(&self) -> &Arc<Departures> {
        &self.departures
    }

    /// What the Icecast client sends and how it is; `None` when there is none.
    pub fn relay(&self) -> Option<(&Stream, Relay)> {
        self.relay.as_ref().map(|(stream, state)| (stream, state.borrow().clone()))
    }

    /// The log of what was on air, if one is kept.
    pub fn as_run(&self) -> Option<&AsRun> {
        self.as_run.as_ref()
    }

    /// Waits until everything has ended after `stop`.
    pub async fn ended(&self) {
        self.stop.cancelled().await;
        self.tasks.wait().await;
    }
}

#[cfg(test)]
impl Outputs {
    /// Outputs of a station that does not exist: only encoders.
    pub(super) fn alone(settings: &OutSettings, taps: Vec<Tap>, stop: &CancellationToken) -> Self {
        let departures = Arc::new(Departures::default());
        let (streams, encoders) = start_encoders(settings, "prueba", taps, &departures).unwrap();
        let (tasks, billboard) = (TaskTracker::new(), Billboard::new());
        let relay = start_relay(settings, &"prueba".into(), &streams, &billboard, &tasks, stop).unwrap();
        tasks.spawn(close(Arc::clone(&streams), encoders, stop.clone()));
        tasks.close();
        Self {
            station: "prueba".into(),
            streams,
            billboard,
            max_listeners: settings.max_listeners,
            departures,
            relay,
            as_run: None,
            stop: stop.clone(),
            tasks,
        }
    }
}

pub(super) type Count = Arc<dyn Fn() -> usize + Send + Sync>;

fn listeners_of(streams: &Arc<[Stream]>) -> Count {
    let streams = Arc::clone(streams);
    Arc::new(move || streams.iter().map(|stream| stream.hub.listening().now).sum())
}

type Started = (Arc<[Stream]>, Vec<JoinHandle<()>>);

fn start_encoders(
    settings: &OutSettings,
    station: &str,
    taps: Vec<Tap>,
    departures: &Arc<Departures>,
) -> Result<Started, StartError> {
    let wanted = settings.streams();
    if taps.len() < wanted.len() {
        return Err(StartError::Taps { streams: wanted.len(), taps: taps.len() });
    }
    let burst = Duration::from_millis(settings.join_burst_ms);
    let (mut streams, mut threads) = (Vec::new(), Vec::new());
    for (tap, (path, format, kbits)) in taps.into_iter().zip(wanted) {
        let departures = streams.is_empty().then(|| Arc::clone(departures));
        let wish = Wish { format, kbits, station: station.to_owned(), burst, departures };
        let (hub, thread) = encoder::start(wish, tap)?;
        threads.push(thread);
        streams.push(Stream { path, format, kbits, hub });
    }
    Ok((streams.into(), threads))
}

/// Feeds an Icecast server, if one is configured.
fn start_relay(
    settings: &OutSettings,
    station: &Arc<str>,
    streams: &[Stream],
    billboard: &Billboard,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<Option<(Stream, watch::Receiver<Relay>)>, StartError> {
    let Some(mount) = settings.icecast_url.clone() else { return Ok(None) };
    let stream = fed(&mount, streams).ok_or(StartError::NothingToRelay)?.clone();
    let (report, state) = watch::channel(Relay::Connecting);
    let client = icecast::Client { mount, stream: stream.clone(), billboard: billboard.clone(), report };
    tasks.spawn(icecast::run(client, Arc::clone(station), stop.clone()));
    Ok(Some((stream, state)))
}

/// What an Icecast server gets at this mount: the first stream of the format that its name promises.
fn fed<'a>(mount: &Mount, streams: &'a [Stream]) -> Option<&'a Stream> {
    streams.iter().find(|stream| !mount.is_mp3() || stream.format == Format::Mp3)
}

/// Lets listeners go when the station stops, so that the server can end; the encoders end with the station.
async fn close(streams: Arc<[Stream]>, encoders: Vec<JoinHandle<()>>, stop: CancellationToken) {
    stop.cancelled().await;
    streams.iter().for_each(|stream| stream.hub.close());
    let joined = tokio::task::spawn_blocking(|| encoders.into_iter().try_for_each(JoinHandle::join)).await;
    if !matches!(joined, Ok(Ok(()))) {
        tracing::error!("an encoder died");
    }
}
