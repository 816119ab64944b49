//! What a job is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::air::Air;
use crate::event::Verdict;
use crate::id::{JobId, Key};
use crate::interaction::Interaction;
use crate::outcome::Outcome;
use crate::phone::PhoneNumber;
use crate::redial::{Mishap, Redial};
use crate::state::State;
use crate::time::Timestamp;
use crate::timeline::{Entry, What};

/// Which queue a job waits in. High is strict: it overtakes everything that is not yet in a worker's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Overtakes normal jobs.
    High,
    /// First in, first out.
    Normal,
}

impl Lane {
    /// Both lanes, most urgent first.
    pub const ALL: [Self; 2] = [Self::High, Self::Normal];

    /// The queue's name, as the seed and RabbitMQ know it (before any prefix).
    pub const fn queue(self) -> &'static str {
        match self {
            Self::High => "tts_priority",
            Self::Normal => "tts_calls",
        }
    }

    /// The word used for `priority` in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
        }
    }
}

/// Text to be spoken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Speech {
    /// The text as the caller wrote it.
    pub text: String,
    /// Language tag such as `es` or `es-CO`.
    pub language: String,
    /// A voice of the engine; the engine's own choice for the language when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// An engine to use first; the configured chain when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Speaking rate, 1.0 being the voice's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f32>,
    /// Whether the text is SSML; plain text otherwise, whatever it looks like.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ssml: bool,
}

/// What is announced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Text, to be turned into speech.
    Speech(Speech),
    /// Sound that somebody sent in. For stations only.
    Audio(Recording),
}

/// Sound that somebody sent in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// Names it: 40 hex digits.
    pub id: String,
}

/// A telephone call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Who is called.
    pub to: PhoneNumber,
    /// The number shown to the callee; the configured one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_id: Option<PhoneNumber>,
    /// The trunk to use; the configured one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trunk: Option<String>,
    /// What the callee is asked after the message; nothing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interaction: Option<Interaction>,
}

/// Where it is announced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Target {
    /// By telephone, through Asterisk.
    Call(Call),
    /// On the air of a station.
    Air(Air),
}

/// What was asked for: it never changes after acceptance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// What is announced.
    pub content: Content,
    /// Where.
    pub target: Target,
    /// How urgent.
    pub lane: Lane,
    /// How many attempts may be made, 1 to 20. Rescues do not count.
    pub max_attempts: u16,
    /// Waits before another attempt, by outcome; the installation's where it names none.
    #[serde(default, skip_serializing_if = "Redial::is_empty")]
    pub retry: Redial,
    /// Not before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Pointless after this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// The client's own labels, given back untouched.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, serde_json::Value>,
    /// Told when the job ends, by a POST of its status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
}

impl Spec {
    /// The text, where it is one.
    pub const fn speech(&self) -> Option<&Speech> {
        match &self.content {
            Content::Speech(speech) => Some(speech),
            Content::Audio(_) => None,
        }
    }

    /// What is to be spoken; nothing for a recording.
    pub fn text(&self) -> &str {
        self.speech().map_or("", |speech| &speech.text)
    }

    /// The call, where it is one.
    pub const fn call(&self) -> Option<&Call> {
        match &self.target {
            Target::Call(call) => Some(call),
            Target::Air(_) => None,
        }
    }

    /// The airing, where it is one.
    pub const fn air(&self) -> Option<&Air> {
        match &self.target {
            Target::Call(_) => None,
            Target::Air(air) => Some(air),
        }
    }
}

/// The rendered announcement of a job. The files lie in the audio folder under a name made of a content hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clip {
    /// Content hash, lower-case hex: names the files.
    pub hash: String,
    /// Length in seconds.
    pub seconds: f64,
    /// Integrated loudness, LUFS.
    pub lufs: f64,
    /// True peak, dBTP.
    pub peak_dbtp: f64,
    /// The engine that spoke.
    pub engine: String,
    /// Its voice.
    pub voice: String,
    /// Whether it was there already.
    pub cached: bool,
    /// Why an engine earlier in the chain did not speak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
}

impl Clip {
    /// Where the clip lies under the audio folder, without extension: `<audio_dir>/<aa>/<hash>`.
    /// `None` when the hash is not one: a path is never built from anything but hex digits.
    pub fn stem(&self, audio_dir: &Path) -> Option<PathBuf> {
        let hex = self.hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let shard = self.hash.get(..2).filter(|_| hex && self.hash.len() >= 16)?;
        Some(audio_dir.join(shard).join(&self.hash))
    }
}

/// An announcement on its way. The whole of it travels in the queue's message and lies in the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Identity.
    pub id: JobId,
    /// What was asked for.
    pub spec: Spec,
    /// The API client that asked, when keys are in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// When it was accepted.
    pub created: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Serial number of the latest attempt; 0 before the first. Part of the call file's name.
    pub attempt: u16,
    /// How many of those attempts ended without counting, because their worker died or drained.
    #[serde(default)]
    pub rescues: u16,
    /// Retries that outcomes have earned, by outcome, since a person last asked for the job.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub redials: BTreeMap<Mishap, u16>,
    /// How many attempts may count; grows when somebody asks to try again.
    pub allowed: u16,
    /// Counts the changes; the stores swap by it.
    pub version: u64,
    /// Why the latest attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// What became of the latest call; absent again while a further one is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// What was rendered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<Clip>,
    /// The worker of the latest attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// When the latest attempt was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it was handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatched: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Timestamp>,
    /// What happened, in order; bounded.
    #[serde(default)]
    pub timeline: Vec<Entry>,
}

impl Job {
    /// A job accepted at `now`: scheduled when `spec.not_before` lies ahead, else queued.
    pub fn accept(id: JobId, spec: Spec, client: Option<String>, now: Timestamp) -> Self {
        let state = match spec.not_before {
            Some(due) if due > now => State::Scheduled { due },
            _ => State::Queued { ring: now + crate::transition::RING_AFTER },
        };
        let allowed = spec.max_attempts;
        Self {
            id,
            spec,
            client,
            created: now,
            state,
            attempt: 0,
            rescues: 0,
            redials: BTreeMap::new(),
            allowed,
            version: 0,
            last_error: None,
            outcome: None,
            clip: None,
            worker: None,
            started: None,
            dispatched: None,
            finished: None,
            timeline: vec![Entry { at: now, attempt: 0, what: What::Accepted }],
        }
    }

    /// The latest attempt's key.
    pub const fn key(&self) -> Key {
        Key { job: self.id, attempt: self.attempt }
    }

    /// Attempts that count: rescues are told apart.
    pub const fn counted(&self) -> u16 {
        self.attempt.saturating_sub(self.rescues)
    }

    /// Whether no further attempt is allowed.
    pub const fn exhausted(&self) -> bool {
        self.counted() >= self.allowed
    }

    /// Whether its time is over.
    pub fn expired(&self, now: Timestamp) -> bool {
        self.spec.expires.is_some_and(|at| at <= now)
    }

    /// Whether a person has decided so on that attempt.
    pub fn was_decided(&self, attempt: u16, verdict: Verdict) -> bool {
        let decided = |entry: &Entry| entry.attempt == attempt && entry.what == What::Decided { verdict };
        self.state.name().is_final() && self.timeline.iter().any(decided)
    }

    /// The attempt after which a person last asked for the job again; 0 when nobody has. What was aired in this round is
    /// not aired again.
    pub fn round(&self) -> u16 {
        let again = self.timeline.iter().rev().find(|entry| entry.what == What::Again);
        again.map_or(0, |entry| entry.attempt)
    }

    /// Whether somebody asked to cancel the latest attempt.
    pub fn cancel_asked(&self) -> bool {
        self.cancel_asked_at().is_some()
    }

    /// When somebody asked to cancel the latest attempt.
    pub fn cancel_asked_at(&self) -> Option<Timestamp> {
        let asked = |entry: &&Entry| entry.attempt == self.attempt && entry.what == What::CancelAsked;
        self.timeline.iter().find(asked).map(|entry| entry.at)
    }

    /// Whether `needle` (any case) is part of the id, the number, the station or the text. Punctuation in a searched number does
    /// not matter.
    pub fn mentions(&self, needle: &str) -> bool {
        let needle = needle.trim().to_lowercase();
        let digits: String = needle.chars().filter(char::is_ascii_digit).collect();
        let numeric =
            !digits.is_empty() && needle.chars().all(|c| c.is_ascii_digit() || " +-.()•".contains(c));
        needle.is_empty()
            || self.spec.text().to_lowercase().contains(&needle)
            || self.id.to_string().contains(&needle)
            || self.spec.air().is_some_and(|air| air.station.as_str().contains(&needle))
            || (numeric && self.spec.call().is_some_and(|call| call.to.digits().contains(&digits)))
    }

    /// How long its message has to wait before a worker may take it.
    pub fn delay(&self, now: Timestamp) -> std::time::Duration {
        match self.state {
            State::Scheduled { due } => due.until(now),
            _ => std::time::Duration::ZERO,
        }
    }
}
