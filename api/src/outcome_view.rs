//! How the fate of a call, and what was rendered for it, look from outside.

use pregon_core::{Air, Chime, Clip, Mode, Outcome, OutcomeKind, OverLive, Played, Reply};
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::Time;

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
    /// Of an airing: when its first sample left the encoder.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Time>,
    /// Of an airing: how much of it was heard, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    /// Of an airing: where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "main")]
    station: Option<String>,
    /// Of an airing: the station's own listeners when it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    listeners: Option<u32>,
    /// Of an airing: why it was not aired, or not to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// True when the simulator produced it, not a telephone network.
    simulated: bool,
}

impl From<&Outcome> for OutcomeView {
    fn from(outcome: &Outcome) -> Self {
        let airing = outcome.airing.as_ref();
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
            at: airing.and_then(|airing| airing.at).map(Time),
            seconds: airing.map(|airing| airing.seconds),
            station: airing.map(|airing| airing.station.to_string()),
            listeners: airing.and_then(|airing| airing.listeners),
            reason: airing.and_then(|airing| airing.reason.clone()),
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

/// How an announcement meets the programme.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct AirView {
    /// `interrupt`, `duck`, `next` or `at`.
    #[schema(example = "interrupt")]
    mode: &'static str,
    /// When, with `mode` `at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Time>,
    /// Whether an interrupted track resumes where it paused.
    resume: bool,
    /// While somebody is live: `wait`, `duck` or `interrupt`.
    #[schema(value_type = String, example = "duck")]
    over_live: OverLive,
    /// `none`, `before`, `after` or `both`.
    #[schema(value_type = String, example = "none")]
    chime: Chime,
    /// How often it is said.
    repeat: u8,
    /// Announcements with the same key stand for each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    dedupe_key: Option<String>,
}

impl From<&Air> for AirView {
    fn from(air: &Air) -> Self {
        let (mode, at) = match air.mode {
            Mode::Interrupt | Mode::MoveOn => ("interrupt", None),
            Mode::Duck => ("duck", None),
            Mode::Next => ("next", None),
            Mode::At(at) => ("at", Some(Time(at))),
        };
        Self {
            mode,
            at,
            resume: air.mode != Mode::MoveOn,
            over_live: air.over_live,
            chime: air.chime,
            repeat: air.repeat,
            dedupe_key: air.dedupe.clone(),
        }
    }
}
