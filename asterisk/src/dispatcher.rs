//! Asterisk behind the trait that workers know.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use pregon_audio::wav;
use pregon_core::{
    Clip, DispatchError, Dispatcher, Fate, Job, JobId, Key, Line, Recordings, Settled, Target, clock,
};

use crate::callfile::{CallFile, Question};
use crate::parts::{AudioPath, PartError};
use crate::settings::AsteriskArgs;
use crate::spool::Spool;
use crate::trunks::Exchange;

/// Calls people through a spool.
#[derive(Clone, Debug)]
pub struct Asterisk {
    spool: Spool,
    exchange: Exchange,
    wait_seconds: u16,
    audio_dir: PathBuf,
}

impl Asterisk {
    /// Calls through `spool` and plays clips that lie under `audio_dir`. An audio folder whose path Asterisk would
    /// misread is refused here, before the first call.
    pub fn new(spool: Spool, args: &AsteriskArgs, audio_dir: &Path) -> Result<Self, PartError> {
        let audio_dir = std::path::absolute(audio_dir).unwrap_or_else(|_| audio_dir.to_owned());
        let longest = audio_dir.join("00").join("0".repeat(64));
        AudioPath::try_from(longest.as_path())?;
        Ok(Self {
            spool,
            exchange: args.ways.exchange(Duration::from_secs(args.asterisk_wait_seconds.into())),
            wait_seconds: args.asterisk_wait_seconds,
            audio_dir,
        })
    }

    /// The spool behind it.
    pub fn spool(&self) -> &Spool {
        &self.spool
    }

    /// The call file of an attempt. `Rejected` when the target cannot be dialled from here.
    pub fn call_file(
        &self,
        key: Key,
        target: &Target,
        recordings: &Recordings,
    ) -> Result<CallFile, DispatchError> {
        let Target::Call(call) = target else {
            return Err(DispatchError::Rejected("this is not a call".to_owned()));
        };
        let (channel, caller_id) =
            self.exchange.connect(call).map_err(|no_way| DispatchError::Rejected(no_way.to_string()))?;
        let question = match (&call.interaction, &recordings.prompt) {
            (Some(interaction), Some(prompt)) => Some(Question {
                interaction: interaction.clone(),
                prompt: self.sound(prompt)?,
                thanks: recordings.thanks.as_ref().map(|thanks| self.sound(thanks)).transpose()?,
            }),
            (Some(_), None) => return Err(DispatchError::Rejected("the prompt was not recorded".to_owned())),
            (None, _) => None,
        };
        Ok(CallFile {
            key,
            channel,
            caller_id,
            audio: self.sound(&recordings.message)?,
            wait_seconds: self.wait_seconds,
            longest_seconds: recordings.longest(target).as_secs(),
            question,
        })
    }

    fn sound(&self, clip: &Clip) -> Result<AudioPath, DispatchError> {
        let stem = clip
            .stem(&self.audio_dir)
            .ok_or_else(|| DispatchError::Rejected("the clip's hash is not one".to_owned()))?;
        stem.as_path().try_into().map_err(|error: PartError| DispatchError::Rejected(error.to_string()))
    }
}

#[async_trait]
impl Dispatcher for Asterisk {
    async fn dispatch(&self, job: &Job, recordings: &Recordings) -> Result<(), DispatchError> {
        let file = self.call_file(job.key(), &job.spec.target, recordings)?;
        self.spool
            .blocking(move |spool| {
                file.sounds().try_for_each(verify)?;
                spool.dispatch(&file)
            })
            .await
    }

    fn line(&self, target: &Target) -> Option<Line> {
        match target {
            Target::Call(call) => self.exchange.line(call),
            Target::Air(_) => None,
        }
    }

    async fn settle(&self, job: &Job) -> Result<Settled, DispatchError> {
        self.spool.settle(job.key()).await
    }

    async fn fate(&self, job: &Job) -> Result<Fate, DispatchError> {
        self.spool.fate(job.key(), clock::now()).await
    }

    async fn forget(&self, jobs: &[JobId]) {
        // What stays behind is removed by age, later.
        if let Err(error) = self.spool.forget(jobs.to_vec()).await {
            tracing::warn!(%error, "the spool still remembers jobs that were pruned");
        }
    }
}

/// Asterisk answers a call whose audio it cannot play with silence, and calls it completed. The clip may be rendered
/// again, so this is no reason to give up.
fn verify(audio: &AudioPath) -> Result<(), DispatchError> {
    let path = format!("{audio}.wav");
    let unplayable = |why: String| DispatchError::Unavailable(format!("{path} cannot be played: {why}"));
    let file = File::open(&path).map_err(|e| unplayable(e.to_string()))?;
    let info = wav::probe(file).map_err(|e| unplayable(e.to_string()))?;
    if !info.plays_on_calls() {
        return Err(unplayable(format!("it is not 8 kHz mono 16-bit audio, but {info:?}")));
    }
    Ok(())
}

#[cfg(test)]
#[path = "dispatcher_tests.rs"]
mod tests;
