//! Opening what is to be heard, so far that its first frames can go on air at once.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pregon_audio::Frame;

use super::{Announcement, Chime, Refused, Ticket};
use crate::air::Feed;
use crate::feed::{self, Chain, Cut, Failure, Part, Progress, Pump, REPEAT_GAP, Source, Tapes, Turned};

/// Frames that lie ready before anything goes on air: 0.25 s, far more than a busy machine takes to start a thread.
const PRIMED: usize = 12_000;

/// Ring of an announcement in frames: 1 s.
const SPEECH_ROOM: usize = 48_000;

/// Ring of a track in frames: 4 s. The air thread has to see the end of a track 2 s ahead to fade it out; crossfades
/// add their length.
const TRACK_ROOM: usize = 192_000;

/// A feed that can go on air, and what keeps it filled.
pub(super) struct Ready {
    pub(super) feed: Feed,
    /// Not running yet. `None` when it is.
    pub(super) pump: Option<Pump>,
    pub(super) failure: Failure,
}

/// What is known about something once it is open.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub(super) path: Option<PathBuf>,
    pub(super) title: String,
    pub(super) artist: Option<String>,
    pub(super) seconds: Option<f64>,
}

/// How announcements and tracks are opened.
#[derive(Clone)]
pub(super) struct Opener {
    pub(super) tapes: Arc<dyn Tapes>,
    /// A file to use as chime instead of the built-in one.
    pub(super) chime: Option<PathBuf>,
    /// Frames over which tracks overlap.
    pub(super) crossfade: usize,
}

impl Opener {
    /// Opens an announcement with its chimes and repeats. Blocks.
    pub(super) fn announcement(
        &self,
        ticket: Ticket,
        wanted: &Announcement,
    ) -> Result<(Ready, Facts), Refused> {
        let Cut { path, title, artist, seconds, mut source } = self.tapes.open(&wanted.audio)?;
        // With a chime before it, priming the chain would not get as far as the speech.
        let head = read_ahead(source.as_mut(), &wanted.audio)?;
        let (before, after) = match wanted.chime {
            Chime::None => (false, false),
            Chime::Before => (true, false),
            Chime::After => (false, true),
            Chime::Both => (true, true),
        };
        let (chime, chime_seconds) = self.chime_part();
        let mut parts = Vec::new();
        parts.extend(before.then_some(chime));
        parts.extend([Part::Frames(head), Part::Open(source)]);
        for _ in 1..wanted.repeat {
            parts.extend([Part::Silence(frames(REPEAT_GAP)), Part::File(wanted.audio.clone())]);
        }
        parts.extend(after.then(|| self.chime_part().0));

        let repeats = f64::from(wanted.repeat);
        let chimes = f64::from(u8::from(before) + u8::from(after));
        let seconds = seconds
            .zip(chime_seconds)
            .map(|(speech, chime)| speech * repeats + REPEAT_GAP * (repeats - 1.0) + chime * chimes);
        let title = wanted.title.clone().unwrap_or(title);
        let chain = Chain::new(parts, Arc::clone(&self.tapes));
        let sound = Turned::by(wanted.gain_db, Box::new(chain));
        let ready = primed(ticket, Box::new(sound), SPEECH_ROOM, &wanted.audio)?;
        Ok((ready, Facts { path, title, artist, seconds }))
    }

    /// Opens a file of the user queue. Blocks.
    pub(super) fn queued(&self, ticket: Ticket, path: &Path) -> Result<(Ready, Facts), Refused> {
        let (ready, facts) = self.track(ticket, self.tapes.open(path)?);
        if let Some(error) = ready.failure.get() {
            return Err(Refused::Broken { path: path.to_path_buf(), reason: error.to_string() });
        }
        Ok((ready, facts))
    }

    /// Takes a track of the programme. Blocks.
    pub(super) fn track(&self, ticket: Ticket, cut: Cut) -> (Ready, Facts) {
        let Cut { path, title, artist, seconds, source } = cut;
        let (mut pump, feed, failure) = Pump::new(ticket, source, TRACK_ROOM + self.crossfade);
        let more = pump.prime(PRIMED) != Progress::Done;
        (Ready { feed, pump: more.then_some(pump), failure }, Facts { path, title, artist, seconds })
    }

    /// The chime, and its length where known.
    fn chime_part(&self) -> (Part, Option<f64>) {
        match &self.chime {
            Some(file) => (Part::File(file.clone()), self.tapes.open(file).ok().and_then(|cut| cut.seconds)),
            None => (Part::Open(Box::new(feed::Chime::default())), Some(feed::Chime::SECONDS)),
        }
    }
}

/// The first frames of a file: proof that it can be played.
fn read_ahead(source: &mut dyn Source, path: &Path) -> Result<VecDeque<Frame>, Refused> {
    let broken = |reason: String| Refused::Broken { path: path.to_path_buf(), reason };
    let mut head = vec![[0.0; 2]; PRIMED];
    let count = source.read(&mut head).map_err(|error| broken(error.to_string()))?;
    head.truncate(count);
    if head.is_empty() { Err(broken("it holds no audio".into())) } else { Ok(head.into()) }
}

fn primed(ticket: Ticket, source: Box<dyn Source>, room: usize, path: &Path) -> Result<Ready, Refused> {
    let (mut pump, feed, failure) = Pump::new(ticket, source, room);
    let more = pump.prime(PRIMED) != Progress::Done;
    match failure.get() {
        Some(error) => Err(Refused::Broken { path: path.to_path_buf(), reason: error.to_string() }),
        None => Ok(Ready { feed, pump: more.then_some(pump), failure }),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
pub(super) fn frames(seconds: f64) -> usize {
    (seconds * f64::from(pregon_audio::AIR_RATE)).round() as usize
}
