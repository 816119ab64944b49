//! What became of a call or an airing, told truthfully.

use serde::{Deserialize, Serialize};

use crate::air::StationName;
use crate::time::Timestamp;

/// How a call or an airing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// Somebody (or something) picked up and audio went out.
    Answered,
    /// The line was busy (Q.850 17).
    Busy,
    /// It rang until the wait time ran out.
    NoAnswer,
    /// The called party refused (Q.850 21).
    Rejected,
    /// The number does not exist (Q.850 1, 28).
    InvalidNumber,
    /// The network or trunk had no circuit (Q.850 34, 38, 42).
    Congestion,
    /// Nothing could be set up: unknown trunk, dead peer, or a reason that Asterisk did not tell.
    Unreachable,
    /// Answered, but no audio went out.
    Silent,
    /// Its time was over before it could be dialled or aired.
    Expired,
    /// Handed over, and its fate cannot be known. A person decides; it is never dialled again by itself.
    Uncertain,
    /// Heard on the air, to its end.
    Aired,
    /// Taken off the air, or out of the station's queue, by somebody.
    Skipped,
    /// The station could not air it, or not to its end.
    Failed,
}

impl OutcomeKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 13] = [
        Self::Answered,
        Self::Busy,
        Self::NoAnswer,
        Self::Rejected,
        Self::InvalidNumber,
        Self::Congestion,
        Self::Unreachable,
        Self::Silent,
        Self::Expired,
        Self::Uncertain,
        Self::Aired,
        Self::Skipped,
        Self::Failed,
    ];

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
            Self::Rejected => "rejected",
            Self::InvalidNumber => "invalid_number",
            Self::Congestion => "congestion",
            Self::Unreachable => "unreachable",
            Self::Silent => "silent",
            Self::Expired => "expired",
            Self::Uncertain => "uncertain",
            Self::Aired => "aired",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }

    /// One plain sentence for an error field.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Answered => "the call was answered",
            Self::Busy => "the line was busy",
            Self::NoAnswer => "nobody answered",
            Self::Rejected => "the call was rejected",
            Self::InvalidNumber => "the number does not exist",
            Self::Congestion => "the network had no free line",
            Self::Unreachable => "the number could not be reached",
            Self::Silent => "the call was answered, but no audio went out",
            Self::Expired => "its time was over before its turn came",
            Self::Uncertain => "it was handed over and its fate is not known",
            Self::Aired => "it was aired",
            Self::Skipped => "somebody took it off the air",
            Self::Failed => "the station could not air it",
        }
    }
}

/// How much of the message was played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Played {
    /// To the end, or until a key was pressed.
    Fully,
    /// The callee hung up during it.
    Partly,
    /// Not at all.
    None,
}

/// What the callee answered by key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Pressed the key that confirms.
    Confirmed,
    /// Pressed the key that asks for no more calls.
    OptedOut,
    /// Entered a digit or a number: it is in [`Outcome::digits`].
    Entered,
    /// Pressed nothing that was asked for.
    Nothing,
}

impl Reply {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Confirmed, Self::OptedOut, Self::Entered, Self::Nothing];

    /// The word used in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::OptedOut => "opted_out",
            Self::Entered => "entered",
            Self::Nothing => "nothing",
        }
    }
}

/// How an airing went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Airing {
    /// Where.
    pub station: StationName,
    /// When its first sample left the encoder; absent when none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// How much of it was heard, in seconds.
    pub seconds: f64,
    /// The station's own listeners when it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listeners: Option<u32>,
    /// Why it was not aired, or not to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The fate of one attempt, as the API shows it. Unknown parts are absent, not zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// How it ended.
    pub kind: OutcomeKind,
    /// How much was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub played: Option<Played>,
    /// The keys that the callee pressed at last, as far as they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digits: Option<String>,
    /// What they mean; absent where the call asked nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// How often the callee asked to hear the message again; absent when never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<u16>,
    /// Seconds from dialling to the answer or the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ring_seconds: Option<f64>,
    /// Seconds from the answer to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub talk_seconds: Option<f64>,
    /// Q.850 hangup cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q850: Option<u16>,
    /// Last SIP status of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sip: Option<u16>,
    /// Of an airing: how it went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub airing: Option<Airing>,
    /// True when the simulator, not a telephone network, produced it.
    #[serde(default)]
    pub simulated: bool,
}

impl Outcome {
    /// An outcome of which only the kind is known.
    pub const fn of(kind: OutcomeKind) -> Self {
        Self {
            kind,
            played: None,
            digits: None,
            reply: None,
            repeats: None,
            ring_seconds: None,
            talk_seconds: None,
            q850: None,
            sip: None,
            airing: None,
            simulated: false,
        }
    }

    /// Whether the announcement was heard, as far as can be known: what makes a job `completed`.
    pub fn heard(&self) -> bool {
        let answered = self.kind == OutcomeKind::Answered && self.played != Some(Played::None);
        answered || self.kind == OutcomeKind::Aired
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_aired_or_answered_and_played_was_heard() {
        for kind in OutcomeKind::ALL {
            let heard = matches!(kind, OutcomeKind::Answered | OutcomeKind::Aired);
            assert_eq!(Outcome::of(kind).heard(), heard, "{kind:?}");
        }
        let mut mute = Outcome::of(OutcomeKind::Answered);
        mute.played = Some(Played::None);
        assert!(!mute.heard());
    }
}
