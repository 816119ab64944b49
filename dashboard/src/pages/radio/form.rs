//! The form that announces something: what was filled in, what is wrong with it, and the job that it asks for.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use pregon_core::{
    Air, Chime, Content, Lane, Mode, NotRecorded, OverLive, Redial, Spec, Speech, StationName, Target,
    Timestamp,
};

use crate::csrf::Posted;
use crate::session::hex;
use crate::words::Language;

/// Longest text, in characters.
pub(crate) const MAX_TEXT: usize = 5_000;
/// Shortest and longest time to live, in seconds.
const TTL: (u64, u64) = (5, 7 * 24 * 3_600);
/// An announcement for a time is stale this much later, when it names no time to live.
const AT_TTL: Duration = Duration::from_mins(1);
/// Rendered and handed on this long before its time.
const LEAD: Duration = Duration::from_secs(20);
/// A time that lies this far back is taken for now: filling in and sending take a moment.
const SLACK: Duration = Duration::from_secs(5);
/// Nothing is announced later than this.
const HORIZON: Duration = Duration::from_hours(366 * 24);
/// Attempts to render it and to hand it to the station.
const ATTEMPTS: u16 = 3;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Complaint {
    NoText,
    LongText,
    ControlText,
    NoTime,
    PastTime,
    FarTime,
    ShortTtl,
    LongTtl,
    OddTtl,
    OddLanguage,
    /// No engine speaks that, now or later.
    Unspeakable,
    /// No engine speaks at the moment.
    Mute,
    /// Store or queue do not answer.
    Away,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Text,
    Time,
    Ttl,
    Language,
    /// The form as a whole.
    Form,
}

impl Complaint {
    /// What is wrong with a speech that was not spoken.
    pub(crate) fn of(why: &NotRecorded) -> Self {
        tracing::debug!(%why, "a preview was not spoken");
        match why {
            NotRecorded::Refused(_) => Self::Unspeakable,
            NotRecorded::Unavailable { .. } => Self::Mute,
        }
    }

    pub(crate) const fn field(self) -> Field {
        match self {
            Self::NoText | Self::LongText | Self::ControlText | Self::Unspeakable => Field::Text,
            Self::NoTime | Self::PastTime | Self::FarTime => Field::Time,
            Self::ShortTtl | Self::LongTtl | Self::OddTtl => Field::Ttl,
            Self::OddLanguage => Field::Language,
            Self::Mute | Self::Away => Field::Form,
        }
    }
}

/// When it is to be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Interrupt,
    Duck,
    Next,
    At,
}

impl When {
    pub(crate) const ALL: [Self; 4] = [Self::Interrupt, Self::Duck, Self::Next, Self::At];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Interrupt => "interrupt",
            Self::Duck => "duck",
            Self::Next => "next",
            Self::At => "at",
        }
    }
}

/// The choices for the chime and how the form names them.
pub(crate) const CHIMES: [(Chime, &str); 4] =
    [(Chime::None, "none"), (Chime::Before, "before"), (Chime::After, "after"), (Chime::Both, "both")];

/// The form as it was filled in.
#[derive(Clone, Debug)]
pub(crate) struct Announcing {
    pub(super) text: String,
    pub(super) when: When,
    /// As a browser's field for date and time writes it.
    pub(super) time: String,
    pub(super) ttl: String,
    pub(super) chime: Chime,
    pub(super) lane: Lane,
    pub(super) language: String,
    /// Tells this filling-in from another, so that sending it twice announces it once.
    pub(super) nonce: String,
    pub(super) complaints: Vec<Complaint>,
}

impl Announcing {
    /// An empty form, with a time ten minutes ahead.
    pub(super) fn fresh(language: Language, zone: &TimeZone, now: Timestamp) -> Self {
        let soon = jiff::Timestamp::from_millisecond((now + Duration::from_mins(10)).millis());
        let soon = soon.unwrap_or_default().to_zoned(zone.clone());
        Self {
            text: String::new(),
            when: When::Interrupt,
            time: soon.strftime("%Y-%m-%dT%H:%M:00").to_string(),
            ttl: "120".to_owned(),
            chime: Chime::None,
            lane: Lane::Normal,
            language: language.tag().to_owned(),
            nonce: hex(&rand::random::<[u8; 16]>()),
            complaints: Vec::new(),
        }
    }

    /// What was sent; `None` when no form of ours sends that.
    pub(super) fn read(form: &Posted) -> Option<Self> {
        let nonce = form.get("nonce").to_owned();
        let fits = nonce.len() == 32 && nonce.bytes().all(|b| b.is_ascii_hexdigit());
        Some(Self {
            text: form.get("text").trim().to_owned(),
            when: When::ALL.into_iter().find(|when| when.as_str() == form.get("mode"))?,
            time: form.get("at").trim().to_owned(),
            ttl: form.get("ttl_seconds").trim().to_owned(),
            chime: CHIMES.into_iter().find(|(_, word)| *word == form.get("chime"))?.0,
            lane: Lane::ALL.into_iter().find(|lane| lane.as_str() == form.get("priority"))?,
            language: form.get("language").trim().to_owned(),
            nonce: Some(nonce).filter(|_| fits)?,
            complaints: Vec::new(),
        })
    }

    /// What is wrong with a field.
    pub(super) fn wrong(&self, field: Field) -> Option<Complaint> {
        self.complaints.iter().copied().find(|complaint| complaint.field() == field)
    }

    /// What it says, or what is wrong with that part of it. Nothing else matters to somebody who wants to hear it.
    pub(super) fn speech(&self) -> Result<Speech, Vec<Complaint>> {
        match (check_text(&self.text), check_language(&self.language)) {
            (Ok(()), Ok(())) => Ok(self.said()),
            (text, language) => Err([text.err(), language.err()].into_iter().flatten().collect()),
        }
    }

    fn said(&self) -> Speech {
        Speech {
            text: self.text.clone(),
            language: self.language.clone(),
            voice: None,
            engine: None,
            rate: None,
            ssml: false,
        }
    }

    /// The job that it asks for, or all that is wrong, the same as the API would find.
    pub(super) fn spec(
        &self,
        station: &StationName,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Spec, Vec<Complaint>> {
        let (text, mode) = (check_text(&self.text), self.mode(zone, now));
        let (ttl, language) = (check_ttl(&self.ttl), check_language(&self.language));
        let (Ok(()), Ok(mode), Ok(ttl), Ok(())) = (text, mode, ttl, language) else {
            let wrong = [text.err(), mode.err(), ttl.err(), language.err()];
            return Err(wrong.into_iter().flatten().collect());
        };
        let (not_before, expires) = match mode {
            Mode::At(at) => (Some(at - LEAD).filter(|start| *start > now), Some(at + ttl.unwrap_or(AT_TTL))),
            Mode::Interrupt | Mode::MoveOn | Mode::Duck | Mode::Next => (None, ttl.map(|ttl| now + ttl)),
        };
        Ok(Spec {
            content: Content::Speech(self.said()),
            target: Target::Air(Air {
                station: station.clone(),
                mode,
                over_live: OverLive::default(),
                chime: self.chime,
                repeat: 1,
                dedupe: None,
            }),
            lane: self.lane,
            max_attempts: ATTEMPTS,
            retry: Redial::default(),
            not_before,
            expires,
            metadata: std::collections::BTreeMap::new(),
            callback_url: None,
        })
    }

    fn mode(&self, zone: &TimeZone, now: Timestamp) -> Result<Mode, Complaint> {
        match self.when {
            When::Interrupt => Ok(Mode::Interrupt),
            When::Duck => Ok(Mode::Duck),
            When::Next => Ok(Mode::Next),
            When::At => check_time(&self.time, zone, now).map(Mode::At),
        }
    }
}

pub(crate) fn check_text(text: &str) -> Result<(), Complaint> {
    match text.chars().count() {
        0 => Err(Complaint::NoText),
        n if n > MAX_TEXT => Err(Complaint::LongText),
        _ if text.contains(char::is_control) => Err(Complaint::ControlText),
        _ => Ok(()),
    }
}

fn check_time(time: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, Complaint> {
    let local: DateTime = time.parse().map_err(|_| Complaint::NoTime)?;
    let zoned = local.to_zoned(zone.clone()).map_err(|_| Complaint::NoTime)?;
    let at = Timestamp::from_millis(zoned.timestamp().as_millisecond());
    if at + SLACK < now {
        return Err(Complaint::PastTime);
    }
    if at > now + HORIZON { Err(Complaint::FarTime) } else { Ok(at) }
}

fn check_ttl(ttl: &str) -> Result<Option<Duration>, Complaint> {
    if ttl.is_empty() {
        return Ok(None);
    }
    let (least, most) = TTL;
    match ttl.parse::<u64>() {
        Ok(seconds) if seconds < least => Err(Complaint::ShortTtl),
        Ok(seconds) if seconds > most => Err(Complaint::LongTtl),
        Ok(seconds) => Ok(Some(Duration::from_secs(seconds))),
        Err(_) => Err(Complaint::OddTtl),
    }
}

pub(crate) fn check_language(tag: &str) -> Result<(), Complaint> {
    let mut subtags = tag.split('-');
    let primary = subtags.next().unwrap_or_default();
    let letters = (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
    let plain = |s: &str| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric());
    if letters && tag.len() <= 35 && subtags.all(plain) { Ok(()) } else { Err(Complaint::OddLanguage) }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
