//! The feed as the rest of Pregon knows it.

use async_trait::async_trait;
use futures_util::stream::{BoxStream, StreamExt, unfold};
use pregon_core::{CallNews, HungUp, Key, LiveCall, NotHungUp, Switchboard};
use tokio::sync::broadcast::error::RecvError;

use super::calls::{Call, Phase};
use super::feed::{AmiError, Feed, HangUp};

impl Phase {
    /// The phase of a call that goes on.
    const fn going_on(self) -> Option<pregon_core::Phase> {
        match self {
            Self::Dialling => Some(pregon_core::Phase::Dialling),
            Self::Ringing => Some(pregon_core::Phase::Ringing),
            Self::Answered => Some(pregon_core::Phase::Answered),
            Self::HungUp { .. } | Self::Gone => None,
        }
    }
}

impl From<&Call> for CallNews {
    fn from(call: &Call) -> Self {
        Self { key: call.key, phase: call.phase.going_on(), since: call.since }
    }
}

#[async_trait]
impl Switchboard for Feed {
    fn connected(&self) -> bool {
        Self::connected(self)
    }

    fn calls(&self) -> Vec<LiveCall> {
        let live = |call: Call| {
            let phase = call.phase.going_on()?;
            Some(LiveCall { key: call.key, phase, since: call.since })
        };
        Self::calls(self).into_iter().filter_map(live).collect()
    }

    fn watch(&self) -> BoxStream<'static, CallNews> {
        let news = unfold(Self::watch(self), async |mut receiver| {
            loop {
                match receiver.recv().await {
                    Ok(call) => return Some((CallNews::from(&call), receiver)),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        });
        news.boxed()
    }

    async fn hang_up(&self, key: Key) -> Result<HungUp, NotHungUp> {
        match Self::hang_up(self, key).await {
            Ok(HangUp::Done) => Ok(HungUp::Done),
            Ok(HangUp::NoCall) => Ok(HungUp::NoCall),
            Err(AmiError::NotConnected) => Err(NotHungUp::NotConnected),
            Err(why @ (AmiError::Refused(_) | AmiError::Unanswered)) => {
                Err(NotHungUp::Failed(why.to_string()))
            }
        }
    }
}
