//! Asterisk behind the trait that workers know.

use std::fs::File;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use pregon_audio::wav;
use pregon_core::{Call, Clip, DispatchError, Dispatcher, Fate, JobId, Key, Settled, Target, clock};

use crate::callfile::CallFile;
use crate::parts::{AudioPath, CallerId, ChannelTemplate, PartError, Trunk};
use crate::settings::AsteriskArgs;
use crate::spool::Spool;

/// Calls people through a spool.
#[derive(Clone, Debug)]
pub struct Asterisk {
    spool: Spool,
    channel: ChannelTemplate,
    trunk: Trunk,
    caller_id: Option<CallerId>,
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
            channel: args.asterisk_channel.clone(),
            trunk: args.asterisk_trunk.clone(),
            caller_id: args.asterisk_caller_id.clone(),
            wait_seconds: args.asterisk_wait_seconds,
            audio_dir,
        })
    }

    /// The spool behind it.
    pub fn spool(&self) -> &Spool {
        &self.spool
    }

    /// The call file of an attempt. `Rejected` when the target cannot be dialled from here.
    pub fn call_file(&self, key: Key, target: &Target, clip: &Clip) -> Result<CallFile, DispatchError> {
        let Target::Call(call) = target;
        let rejected = |error: PartError| DispatchError::Rejected(error.to_string());
        let trunk = self.trunk_for(call).map_err(rejected)?;
        let stem = clip
            .stem(&self.audio_dir)
            .ok_or_else(|| DispatchError::Rejected("the clip's hash is not one".to_owned()))?;
        let caller_id = call.caller_id.as_ref().map(|number| self.channel.caller_id(number));
        Ok(CallFile {
            key,
            channel: self.channel.fill(&call.to, Some(&trunk)),
            caller_id: caller_id.or_else(|| self.caller_id.clone()),
            audio: stem.as_path().try_into().map_err(rejected)?,
            wait_seconds: self.wait_seconds,
        })
    }

    /// A call must not silently go out by another trunk than it asked for.
    fn trunk_for(&self, call: &Call) -> Result<Trunk, PartError> {
        match &call.trunk {
            None => Ok(self.trunk.clone()),
            Some(name) if self.channel.has_trunk() => name.parse(),
            Some(name) => Err(PartError::FixedTrunk(name.chars().take(60).collect())),
        }
    }
}

#[async_trait]
impl Dispatcher for Asterisk {
    async fn dispatch(&self, key: Key, target: &Target, clip: &Clip) -> Result<(), DispatchError> {
        let file = self.call_file(key, target, clip)?;
        self.spool
            .blocking(move |spool| {
                verify(&file.audio)?;
                spool.dispatch(&file)
            })
            .await
    }

    async fn settle(&self, key: Key) -> Result<Settled, DispatchError> {
        self.spool.settle(key).await
    }

    async fn fate(&self, key: Key) -> Result<Fate, DispatchError> {
        self.spool.fate(key, clock::now()).await
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
