//! Opening files, and the threads that read them.

use std::path::Path;

use pregon_audio::Track;

use super::{Cut, Pump, SourceError};
use crate::station::Refused;

/// Where a station gets files opened and read. Shared by all its threads.
pub(crate) trait Tapes: Send + Sync {
    /// Opens a file; may block.
    fn open(&self, path: &Path) -> Result<Cut, Refused>;

    /// Keeps a pump going until it is done. Does not block. A pump that cannot be kept going fails.
    fn run(&self, pump: Pump);

    /// Does something that may block, elsewhere. False when that is not possible now.
    fn aside(&self, work: Box<dyn FnOnce() + Send>) -> bool;
}

/// Files of this machine, each read by a thread of its own: one that hangs holds up nothing else.
#[derive(Debug)]
pub(crate) struct Files;

impl Tapes for Files {
    fn open(&self, path: &Path) -> Result<Cut, Refused> {
        let missing = |reason: String| Refused::Missing { path: path.to_path_buf(), reason };
        let known = std::fs::metadata(path).map_err(|error| missing(error.to_string()))?;
        if !known.is_file() {
            // Opening a pipe would block for ever.
            return Err(missing("not a file".into()));
        }
        let track = Track::open(path)
            .map_err(|error| Refused::Broken { path: path.to_path_buf(), reason: error.to_string() })?;
        let stem = || path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        Ok(Cut {
            path: Some(path.to_path_buf()),
            title: track.tags().title.clone().filter(|title| !title.trim().is_empty()).unwrap_or_else(stem),
            artist: track.tags().artist.clone(),
            seconds: track.seconds(),
            source: Box::new(track),
        })
    }

    fn run(&self, pump: Pump) {
        let (hand_over, given) = std::sync::mpsc::sync_channel::<Pump>(1);
        let feeder = std::thread::Builder::new().name("feeder".into()).spawn(move || {
            if let Ok(pump) = given.recv() {
                pump.run();
            }
        });
        match feeder {
            Ok(_) => drop(hand_over.send(pump)),
            Err(error) => pump.fail(SourceError(format!("no thread to read it: {error}"))),
        }
    }

    fn aside(&self, work: Box<dyn FnOnce() + Send>) -> bool {
        std::thread::Builder::new().name("opener".into()).spawn(work).is_ok()
    }
}
