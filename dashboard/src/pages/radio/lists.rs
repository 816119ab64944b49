//! The lists of the radio page: what waits, what was heard, and where it is sent.

use std::time::Duration;

use pregon_core::{
    AsRunLine, JobId, Lane, Mode, OnAirAnnouncement, OutcomeKind, StationLook, Tier, Timestamp,
};

use crate::format::{glance, length};
use crate::icon::{Icon, Tone, of_outcome};
use crate::pages::Chrome;

/// An announcement that waits.
pub(super) struct QueueRow {
    pub(super) number: u64,
    pub(super) job: Option<JobId>,
    pub(super) title: String,
    pub(super) high: bool,
    pub(super) seconds: Option<String>,
    pub(super) icon: Icon,
    pub(super) mode: String,
    pub(super) expires: String,
    /// The same in words.
    pub(super) expires_in: String,
}

impl QueueRow {
    pub(super) fn of(a: &OnAirAnnouncement, c: &Chrome, bound: bool) -> Self {
        let (w, locale) = (c.w(), &c.locale);
        let left = a.expires.map(|at| glance(at.until(c.now)));
        Self {
            number: a.number,
            job: a.job.filter(|_| !bound),
            title: if bound { w.radio.hidden_title.to_owned() } else { a.title.clone() },
            high: a.lane == Lane::High,
            seconds: a.seconds.map(|seconds| format!("{}\u{a0}s", locale.language.seconds(seconds.round()))),
            icon: icon(a.mode),
            mode: (w.airs.mode)(a.mode, locale, c.now),
            expires: left.clone().unwrap_or_else(|| "–".to_owned()),
            expires_in: left.map_or_else(|| w.radio.never.to_owned(), |left| (w.radio.expires_in)(&left)),
        }
    }
}

const fn icon(mode: Mode) -> Icon {
    match mode {
        Mode::Interrupt | Mode::MoveOn => Icon::Horn,
        Mode::Duck => Icon::Work,
        Mode::Next => Icon::Skip,
        Mode::At(_) => Icon::Clock,
    }
}

/// Something that was heard, or should have been.
pub(super) struct LogRow {
    pub(super) at: Timestamp,
    pub(super) clock: String,
    pub(super) job: Option<JobId>,
    pub(super) title: String,
    pub(super) icon: Icon,
    pub(super) tone: Tone,
    pub(super) word: &'static str,
    pub(super) reason: Option<String>,
    pub(super) length: String,
    pub(super) listeners: String,
    pub(super) heard: bool,
}

impl LogRow {
    pub(super) fn of(line: &AsRunLine, c: &Chrome, bound: bool) -> Self {
        let w = c.w();
        let heard = line.seconds > 0.0;
        let whole = OutcomeKind::ALL.into_iter().find(|kind| kind.as_str() == line.outcome);
        let (icon, tone, word) = match whole {
            // That music was heard is no news; where it came from is.
            Some(OutcomeKind::Aired) | None if line.tier != Tier::Interrupt => {
                (tier_icon(line.tier), Tone::Plain, (w.radio.tier)(line.tier))
            }
            Some(kind) => {
                let (icon, tone) = of_outcome(kind);
                (icon, tone, (w.outcome)(kind))
            }
            None => (Icon::Radio, Tone::Plain, (w.radio.tier)(line.tier)),
        };
        Self {
            at: line.at,
            clock: c.locale.when_seconds(line.at, c.now),
            job: line.job.filter(|_| !bound),
            title: title(line, c, bound),
            icon,
            tone,
            word,
            reason: line.reason.clone(),
            length: if heard { length(line.seconds) } else { "–".to_owned() },
            listeners: if heard { c.locale.language.number(line.listeners) } else { "–".to_owned() },
            heard,
        }
    }
}

/// Title and artist. What was never heard is nobody else's business.
pub(super) fn title(line: &AsRunLine, c: &Chrome, bound: bool) -> String {
    if bound && line.tier == Tier::Interrupt && line.seconds <= 0.0 {
        return c.w().radio.hidden_title.to_owned();
    }
    match &line.artist {
        Some(artist) => format!("{} · {artist}", line.title),
        None => line.title.clone(),
    }
}

const fn tier_icon(tier: Tier) -> Icon {
    match tier {
        Tier::Interrupt => Icon::Horn,
        Tier::Live => Icon::Radio,
        Tier::Queue => Icon::Queue,
        Tier::Playlist => Icon::List,
        Tier::Noise => Icon::Work,
    }
}

/// Listeners, streams and what the programme is made of.
pub(super) struct Streams {
    pub(super) listeners: String,
    pub(super) most: String,
    pub(super) uptime: String,
    pub(super) music: String,
    pub(super) address: Option<String>,
    pub(super) rows: Vec<StreamRow>,
}

/// A stream.
pub(super) struct StreamRow {
    pub(super) name: String,
    pub(super) up: bool,
    pub(super) trouble: Option<String>,
    pub(super) kbits: u32,
    pub(super) listeners: String,
}

impl Streams {
    pub(super) fn of(look: &StationLook, c: &Chrome) -> Self {
        let (w, language) = (&c.w().radio, c.locale.language);
        let rows = look.streams.iter().map(|stream| StreamRow {
            name: stream.name.clone(),
            up: stream.up,
            trouble: stream.trouble.clone(),
            kbits: stream.kbits,
            listeners: stream.listeners.map_or_else(|| "–".to_owned(), |n| language.number(n)),
        });
        let web = url::Url::parse(&look.address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        Self {
            listeners: language.number(look.listeners),
            most: (w.most_listeners)(&language.number(look.listeners_peak)),
            uptime: glance(Duration::from_secs(look.uptime_seconds)),
            music: match look.library {
                Some((files, broken)) => (w.library)(files, broken),
                None => w.built_in_loop.to_owned(),
            },
            address: web.then(|| look.address.clone()),
            rows: rows.collect(),
        }
    }
}
