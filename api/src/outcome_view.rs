//! How the fate of a call, and what was rendered for it, look from outside.

use pregon_core::{Clip, Outcome, OutcomeKind, Played, Reply};
use serde::Serialize;
use utoipa::ToSchema;

/// The fate of an attempt. Parts that are not known are absent.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct OutcomeView {
    /// How it ended.
    #[schema(value_type = String, example = "answered")]
    kind: OutcomeKind,
    /// How much was heard: `fully`, `partly` or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "fully")]
    played: Option<Played>,
    /// The keys that the callee pressed at last, as far as they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1")]
    digits: Option<String>,
    /// What they mean: `confirmed`, `opted_out`, `entered` (a digit or number of the callee's own) or `nothing`. Only
    /// where the call had an `interaction`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "confirmed")]
    reply: Option<Reply>,
    /// How often the callee asked to hear the message again.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeats: Option<u16>,
    /// Seconds from dialling to the answer or the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    ring_seconds: Option<f64>,
    /// Seconds from the answer to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    talk_seconds: Option<f64>,
    /// Q.850 hangup cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    q850: Option<u16>,
    /// Last SIP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    sip: Option<u16>,
    /// True when the simulator produced it, not a telephone network.
    simulated: bool,
}

impl From<&Outcome> for OutcomeView {
    fn from(outcome: &Outcome) -> Self {
        Self {
            kind: outcome.kind,
            played: outcome.played,
            digits: outcome.digits.clone(),
            reply: outcome.reply,
            repeats: outcome.repeats,
            ring_seconds: outcome.ring_seconds,
            talk_seconds: outcome.talk_seconds,
            q850: outcome.q850,
            sip: outcome.sip,
            simulated: outcome.simulated,
        }
    }
}

/// The rendered announcement.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ClipView {
    /// Length in seconds.
    seconds: f64,
    /// Integrated loudness, LUFS.
    lufs: f64,
    /// True peak, dBTP.
    peak_dbtp: f64,
    /// The engine that spoke.
    engine: String,
    /// Its voice.
    voice: String,
    /// Whether it was there already.
    cached: bool,
    /// Why an engine earlier in the chain did not speak.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<String>,
}

impl From<&Clip> for ClipView {
    fn from(clip: &Clip) -> Self {
        Self {
            seconds: clip.seconds,
            lufs: clip.lufs,
            peak_dbtp: clip.peak_dbtp,
            engine: clip.engine.clone(),
            voice: clip.voice.clone(),
            cached: clip.cached,
            fallback: clip.fallback.clone(),
        }
    }
}
