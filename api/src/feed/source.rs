//! From a stream id to the bytes behind it.

use std::future::ready;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use futures_util::stream::{self, BoxStream, StreamExt};
use pregon_core::{Caller, Change, Clip, Job, JobId, StateName, Timestamp, clock};
use tokio::fs::File;
use tokio::time::{Instant, timeout};

use super::fault::Fault;
use super::line::{Ended, Line, Listener};
use super::said::{Said, Stage};
use crate::audio;
use crate::inside;
use crate::problem::ApiError;
use crate::site::Site;

/// A file that was announced is at its end when nothing was added for so long.
const QUIET: Duration = Duration::from_secs(3);
/// News of a job may be missed, and a listener may leave: both are noticed after this time.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Longest wait for audio. A call that is due tomorrow is joined tomorrow.
const PATIENCE: Duration = Duration::from_hours(1);

/// Kinds of files that may be announced, by the ends of their names. The audio folder has other files beside them,
/// and may, by a slip in the settings, be a folder of something else altogether.
const KINDS: [(&str, &str); 9] = [
    ("wav", "audio/wav"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("flac", "audio/flac"),
    ("m4a", "audio/mp4"),
    ("aac", "audio/aac"),
    ("webm", "audio/webm"),
];

/// The media type of a file that may be announced.
pub(super) fn kind(path: &std::path::Path) -> Option<&'static str> {
    let end = path.extension()?.to_str()?.to_ascii_lowercase();
    KINDS.into_iter().find(|(known, _)| *known == end).map(|(_, kind)| kind)
}

/// What a stream id stands for.
pub(super) enum Found {
    /// A job, whose audio may not be there yet.
    Job(Box<Job>),
    /// A file, by its path below the audio folder.
    File(PathBuf),
}

/// An open file, and how to read it.
pub(super) struct Recording {
    pub(super) file: File,
    pub(super) kind: &'static str,
    /// How long its end has to stay its end.
    pub(super) quiet: Duration,
}

/// What `caller` may hear under that id. A job goes before a file: nobody can announce a file in a job's place.
pub(super) async fn find(site: &Site, caller: &Caller, id: &str) -> Result<Found, Fault> {
    if let Ok(job) = id.parse::<JobId>() {
        match site.job(caller, job).await {
            Ok(job) => return Ok(Found::Job(Box::new(job))),
            Err(ApiError::NoJob(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    site.registry.find(caller, id, clock::now()).map(Found::File).ok_or(Fault::Unknown)
}

impl Found {
    /// Opens it, as soon as there is something to open.
    pub(super) async fn open<L: Listener>(
        self,
        site: &Site,
        caller: &Caller,
        line: &mut Line<L>,
        id: &str,
    ) -> Result<Recording, Ended> {
        match self {
            Self::Job(job) => {
                let clip = rendered(site, caller, *job, line, id).await?;
                let file = audio::open(site, &clip).await.map_err(Fault::from)?;
                // Clips are written elsewhere and moved here: what is here is whole.
                Ok(Recording { file, kind: "audio/wav", quiet: Duration::ZERO })
            }
            Self::File(path) => {
                let kind = kind(&path).ok_or(Fault::Unknown)?;
                let file = inside::open_soon(&site.api.audio_dir, path).await;
                let file = file.map_err(|error| Fault::from(audio::unopened(&error)))?;
                let quiet =
                    if written_for(&file, clock::now()).await >= QUIET { Duration::ZERO } else { QUIET };
                Ok(Recording { file, kind, quiet })
            }
        }
    }
}

/// How long ago the file was last written to.
async fn written_for(file: &File, now: Timestamp) -> Duration {
    let modified = file.metadata().await.and_then(|known| known.modified()).ok();
    let since_epoch = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let millis = since_epoch.and_then(|passed| i64::try_from(passed.as_millis()).ok());
    millis.map_or(Duration::ZERO, |millis| now.since(Timestamp::from_millis(millis)))
}

/// What may be hoped of a job.
#[derive(Debug, PartialEq)]
enum Hope<'a> {
    Now(&'a Clip),
    Later,
    Never,
}

fn hope(job: &Job) -> Hope<'_> {
    match (&job.clip, job.state.name()) {
        (Some(clip), _) => Hope::Now(clip),
        (None, StateName::Scheduled | StateName::Queued | StateName::Processing | StateName::Dispatched) => {
            Hope::Later
        }
        (None, StateName::Completed | StateName::Failed | StateName::Cancelled) => Hope::Never,
    }
}

/// The clip of the job, waiting until it is rendered. The listener is told that it waits.
async fn rendered<L: Listener>(
    site: &Site,
    caller: &Caller,
    mut job: Job,
    line: &mut Line<L>,
    id: &str,
) -> Result<Clip, Ended> {
    let since = Instant::now();
    let mut news = None;
    loop {
        match hope(&job) {
            Hope::Now(clip) => return Ok(clip.clone()),
            Hope::Never => return Err(Fault::Silent.into()),
            Hope::Later if since.elapsed() >= PATIENCE => return Err(Fault::Late.into()),
            Hope::Later => {}
        }
        if let Some(news) = &mut news {
            // Whether there is news or not, the job itself tells.
            drop(timeout(LOOK_AGAIN, StreamExt::next(news)).await);
        } else {
            line.say(&Said::status(Stage::Waiting, id)).await?;
            news = Some(changes(site, job.id).await);
        }
        if line.has_left() {
            return Err(Ended::Left);
        }
        match site.job(caller, job.id).await {
            Ok(known) => job = known,
            // It may come back before the listener loses patience.
            Err(ApiError::Unavailable(..)) => {}
            Err(error) => return Err(Fault::from(error).into()),
        }
    }
}

/// Changes of one job; never ends.
async fn changes(site: &Site, job: JobId) -> BoxStream<'static, Change> {
    let all = site.store().watch().await.unwrap_or_else(|_| stream::empty().boxed());
    all.filter(move |change| ready(change.job_id == job)).chain(stream::pending()).boxed()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn only_names_of_audio_files_are_taken() {
        for (name, expected) in [
            ("a.wav", Some("audio/wav")),
            ("sub/A.MP3", Some("audio/mpeg")),
            ("a.wav.json", None),
            ("pregon.db", None),
            ("wav", None),
            (".wav", None),
            ("", None),
        ] {
            assert_eq!(kind(Path::new(name)), expected, "{name}");
        }
    }
}
