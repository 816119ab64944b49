//! From a request's JSON to what a station has to do. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use pregon_core::{
    Air, Chime, Content, Lane, Mode, OverLive, Redial, Spec, Speech, StationName, Target, Timestamp,
};
use serde_json::Value;
use utoipa::ToSchema;

use crate::fields::Fields;
use crate::problem::FieldError;
use crate::request::{
    DEFAULT_ATTEMPTS, HORIZON, MAX_TEXT, MAX_URL, Rules, SLACK, callback_url, labels, priority, speaker,
};
use crate::view::{Priority, Time};
use crate::wording::{Wording, wording};

/// Shortest and longest time to live, in seconds.
const TTL: (u32, u32) = (5, 7 * 24 * 3_600);
/// An announcement for a time is stale this much later, when it names no time to live.
const AT_TTL: Duration = Duration::from_mins(1);
/// Rendered and handed on this long before its time.
const LEAD: Duration = Duration::from_secs(20);
/// Longest dedupe key, in characters.
const MAX_DEDUPE: usize = 100;

/// Every field that a broadcast may have.
const FIELDS: [&str; 22] = [
    "text",
    "ssml",
    "fields",
    "audio",
    "station",
    "mode",
    "at",
    "resume",
    "ttl_seconds",
    "over_live",
    "chime",
    "repeat",
    "dedupe_key",
    "language",
    "priority",
    "voice",
    "engine",
    "rate",
    "not_before",
    "max_attempts",
    "metadata",
    "callback_url",
];

/// An announcement on the air.
#[derive(Clone, Debug, ToSchema)]
#[schema(example = json!({"text": "El Concejo sesiona hoy a las seis y media", "mode": "duck", "ttl_seconds": 90}))]
#[expect(dead_code, reason = "the schema of the request; it is read field by field")]
pub(crate) struct BroadcastRequest {
    /// What to say. Either this or `audio`. With `fields`, a text with gaps such as `{{ name }}`.
    #[schema(min_length = 1, max_length = 5000)]
    text: Option<String>,
    /// Whether the text is SSML, as in a call.
    #[schema(default = false)]
    ssml: Option<bool>,
    /// What the gaps of the text are filled with, as in a call.
    #[schema(value_type = Option<Object>)]
    fields: Option<BTreeMap<String, Value>>,
    /// The id of an earlier job, or of a file sent to `POST /audio`. Either this or `text`.
    audio: Option<String>,
    /// Which station.
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9_-]{1,32}$", default = "main")]
    station: Option<StationName>,
    /// `interrupt` (at once; the programme pauses and resumes), `duck` (at once, over the lowered programme), `next`
    /// (when the track ends) or `at` (at the time in `at`, to the sample).
    #[schema(pattern = "^(interrupt|duck|next|at)$", default = "interrupt")]
    mode: Option<String>,
    /// When to air it, with `mode` `at`.
    #[schema(value_type = Option<Time>)]
    at: Option<Timestamp>,
    /// Whether an interrupted track resumes where it paused; if not, the next one follows.
    #[schema(default = true)]
    resume: Option<bool>,
    /// Not to be begun later than so many seconds from now (from `at`, with `mode` `at`; 60 then when absent).
    #[schema(minimum = 5, maximum = 604_800)]
    ttl_seconds: Option<u32>,
    /// While somebody is live: `wait`, `duck` (speak over it) or `interrupt`.
    #[schema(pattern = "^(wait|duck|interrupt)$", default = "duck")]
    over_live: Option<String>,
    /// `none`, `before`, `after` or `both`.
    #[schema(pattern = "^(none|before|after|both)$", default = "none")]
    chime: Option<String>,
    /// How often it is said.
    #[schema(minimum = 1, maximum = 10, default = 1)]
    repeat: Option<u16>,
    /// Announcements with the same key stand for each other: a second one is skipped while the first waits or is on air.
    #[schema(max_length = 100)]
    dedupe_key: Option<String>,
    /// Language tag of the text; `DEFAULT_LANGUAGE` when absent.
    #[schema(example = "es")]
    language: Option<String>,
    /// How urgent it is; `normal` when absent. High goes before normal, at the workers and at the station.
    #[schema(value_type = Option<Priority>)]
    priority: Option<Lane>,
    /// A voice by name: see `GET /voices`.
    voice: Option<String>,
    /// The engine to try first; the configured chain when absent.
    engine: Option<String>,
    /// Speaking rate; 1 is the voice's own.
    #[schema(minimum = 0.5, maximum = 2.0)]
    rate: Option<f32>,
    /// Not before this time: up to 366 days ahead, never in the past. Not with `mode` `at`.
    #[schema(value_type = Option<Time>)]
    not_before: Option<Timestamp>,
    /// Attempts that may be made to render it and to hand it to the station. What was aired is not aired again.
    #[schema(minimum = 1, maximum = 20, default = 3)]
    max_attempts: Option<u16>,
    /// Labels of your own, given back untouched: at most 32, and 4 KiB as JSON.
    #[schema(value_type = Option<Object>)]
    metadata: BTreeMap<String, Value>,
    /// An http or https address that is told when the job ends.
    #[schema(max_length = 2000)]
    callback_url: Option<String>,
}

/// What is to be heard.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Sound {
    /// A text.
    Speech(Speech),
    /// Something by its id.
    Audio(String),
}

/// A broadcast that was read.
#[derive(Clone, Debug)]
pub(crate) struct Broadcast {
    pub(crate) sound: Sound,
    air: Air,
    lane: Lane,
    max_attempts: u16,
    not_before: Option<Timestamp>,
    expires: Option<Timestamp>,
    metadata: BTreeMap<String, Value>,
    callback_url: Option<String>,
}

impl Broadcast {
    /// With `content` for what is to be heard.
    pub(crate) fn into_spec(self, content: Content) -> Spec {
        Spec {
            content,
            target: Target::Air(self.air),
            lane: self.lane,
            max_attempts: self.max_attempts,
            retry: Redial::default(),
            not_before: self.not_before,
            expires: self.expires,
            metadata: self.metadata,
            callback_url: self.callback_url,
        }
    }
}

/// Reads one broadcast. All that is wrong with it is told at once.
pub(crate) fn read(value: Value, rules: &Rules, now: Timestamp) -> Result<Broadcast, Vec<FieldError>> {
    let mut fields = Fields::of(value, "body").map_err(|e| vec![e])?;
    let station = station(&mut fields, rules);
    let mode = mode(&mut fields, now);
    let over_live = fields.parsed("over_live", 40, over_live).unwrap_or_default();
    let chime = fields.parsed("chime", 40, chime).unwrap_or_default();
    let repeat = fields.whole("repeat", &(1..=10)).and_then(|n| u8::try_from(n).ok()).unwrap_or(1);
    let dedupe = fields.parsed("dedupe_key", MAX_DEDUPE, dedupe);
    let lane = fields.parsed("priority", 40, priority).unwrap_or(Lane::Normal);
    let sound = sound(&mut fields, rules);
    let max_attempts = fields.whole("max_attempts", &(1..=20)).unwrap_or(DEFAULT_ATTEMPTS);
    let (not_before, expires) = times(&mut fields, mode, now);
    let metadata = labels(&mut fields);
    let callback_url = fields.parsed("callback_url", MAX_URL, callback_url);
    fields.finish(&FIELDS)?;
    // Without errors it is there.
    let Some(sound) = sound else { return Err(Vec::new()) };
    let air = Air { station, mode, over_live, chime, repeat, dedupe };
    Ok(Broadcast { sound, air, lane, max_attempts, not_before, expires, metadata, callback_url })
}

/// A station that nobody runs would keep its announcements for ever.
fn station(fields: &mut Fields, rules: &Rules) -> StationName {
    let known = || rules.stations.iter().map(StationName::as_str).collect::<Vec<_>>().join(", ");
    let station = fields.parsed("station", 200, str::parse::<StationName>);
    match station {
        None => rules.stations.first().cloned().unwrap_or_default(),
        Some(station) => {
            if !rules.stations.contains(&station) {
                fields.refuse("station", format_args!("is not one of the stations: {}", known()));
            }
            station
        }
    }
}

fn mode(fields: &mut Fields, now: Timestamp) -> Mode {
    let word = fields.parsed("mode", 40, |word: &str| match word {
        "interrupt" | "duck" | "next" | "at" => Ok(word.to_owned()),
        _ => Err("must be interrupt, duck, next or at"),
    });
    let at = fields.parsed("at", MAX_TEXT, str::parse::<Timestamp>);
    let resume = fields.flag("resume");
    let word = word.as_deref().unwrap_or("interrupt");
    if resume == Some(false) && word != "interrupt" {
        fields.refuse("resume", "goes with mode interrupt only");
    }
    match (word, at) {
        ("at", None) => fields.refuse("at", "is required with mode at"),
        ("at", Some(at)) if at + SLACK < now => fields.refuse("at", "lies in the past"),
        ("at", Some(at)) if at > now + HORIZON => fields.refuse("at", "lies more than 366 days ahead"),
        ("at", Some(at)) => return Mode::At(at),
        (_, Some(_)) => fields.refuse("at", "goes with mode at only"),
        (_, None) => {}
    }
    match word {
        "duck" => Mode::Duck,
        "next" => Mode::Next,
        _ if resume == Some(false) => Mode::MoveOn,
        _ => Mode::Interrupt,
    }
}

fn over_live(word: &str) -> Result<OverLive, &'static str> {
    match word {
        "wait" => Ok(OverLive::Wait),
        "duck" => Ok(OverLive::Duck),
        "interrupt" => Ok(OverLive::Interrupt),
        _ => Err("must be wait, duck or interrupt"),
    }
}

fn chime(word: &str) -> Result<Chime, &'static str> {
    match word {
        "none" => Ok(Chime::None),
        "before" => Ok(Chime::Before),
        "after" => Ok(Chime::After),
        "both" => Ok(Chime::Both),
        _ => Err("must be none, before, after or both"),
    }
}

fn dedupe(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err("is empty") } else { Ok(text.to_owned()) }
}

fn sound(fields: &mut Fields, rules: &Rules) -> Option<Sound> {
    let text = fields.take("text");
    let audio = fields.take("audio");
    let spoken =
        ["language", "voice", "engine", "rate", "ssml", "fields"].map(|field| (field, fields.has(field)));
    let rate = fields.number("rate", &(0.5..=2.0));
    let (language, engine, voice) = speaker(fields, rules);
    match (text, audio) {
        (Some(_), Some(_)) => fields.refuse("audio", "cannot stand beside text: send one of them"),
        (None, None) => fields.refuse("text", "is required, unless there is an audio"),
        (None, audio @ Some(_)) => {
            for (field, asked) in spoken {
                if asked {
                    fields.refuse(field, "goes with text only");
                }
            }
            return fields.text("audio", audio, 60).map(Sound::Audio);
        }
        (text @ Some(_), None) => {
            let Wording { text, ssml } = wording(fields, text, &language, rules)?;
            return Some(Sound::Speech(Speech { text, language, voice, engine, rate, ssml }));
        }
    }
    None
}

/// When a worker may take it, and until when it may begin.
fn times(fields: &mut Fields, mode: Mode, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
    let ttl = fields.whole_up_to("ttl_seconds", TTL).map(|n| Duration::from_secs(n.into()));
    let not_before = fields.parsed("not_before", MAX_TEXT, str::parse::<Timestamp>);
    if let Mode::At(at) = mode {
        if not_before.is_some() {
            fields.refuse("not_before", "cannot stand beside mode at");
        }
        return (Some(at - LEAD).filter(|start| *start > now), Some(at + ttl.unwrap_or(AT_TTL)));
    }
    if not_before.is_some_and(|at| at + SLACK < now) {
        fields.refuse("not_before", "lies in the past");
    }
    if not_before.is_some_and(|at| at > now + HORIZON) {
        fields.refuse("not_before", "lies more than 366 days ahead");
    }
    (not_before, ttl.map(|ttl| not_before.unwrap_or(now) + ttl))
}

#[cfg(test)]
#[path = "air_tests.rs"]
mod tests;
