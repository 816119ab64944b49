//! The air desk: what is heard at this moment, and how loud.

use pregon_core::{OnAirAnnouncement, OnAirTrack, StationLook, Tier};

use crate::format::length;
use crate::pages::Chrome;

/// Softer than this draws nothing.
const FLOOR_DB: f64 = -60.0;
/// From here on a level is high, and from there on too high.
const HIGH_DB: f64 = -9.0;
const HOT_DB: f64 = -1.0;

/// What is heard.
pub(super) struct Desk {
    pub(super) tiers: Vec<Step>,
    pub(super) word: &'static str,
    pub(super) title: String,
    pub(super) artist: Option<String>,
    pub(super) progress: Option<Progress>,
    /// The track that an announcement pauses or lowers.
    pub(super) beneath: Option<String>,
    pub(super) skip: Skip,
    pub(super) meters: Vec<Meter>,
    pub(super) loudness: String,
    pub(super) peak: String,
    pub(super) underruns: String,
}

/// A step of the ladder of tiers.
pub(super) struct Step {
    pub(super) word: &'static str,
    pub(super) heard: bool,
    /// Announcements wait for their turn.
    pub(super) next: bool,
}

/// How far something is that is heard.
pub(super) struct Progress {
    /// In percent, where the length is known.
    pub(super) part: Option<String>,
    pub(super) elapsed: String,
    pub(super) left: Option<String>,
    pub(super) label: String,
}

/// What can be ended, and how a form names it that was made while it was heard.
pub(super) enum Skip {
    Nothing,
    Track(String),
    Announcement(String),
}

/// A channel's level.
pub(super) struct Meter {
    pub(super) letter: &'static str,
    pub(super) label: String,
    pub(super) level: String,
    /// Percent of the scale that are well, high and too high.
    pub(super) well: String,
    pub(super) high: String,
    pub(super) hot: String,
}

impl Desk {
    pub(super) fn of(look: &StationLook, c: &Chrome, bound: bool) -> Self {
        let w = &c.w().radio;
        let heard = look.announcement.as_ref().map(|a| if bound { w.hidden_title } else { &*a.title });
        let track = look.track.as_ref();
        let alone = track.filter(|_| look.announcement.is_none());
        let title = heard.or_else(|| alone.map(|track| &*track.title)).unwrap_or(match look.tier {
            Tier::Noise => w.soft_noise,
            Tier::Interrupt | Tier::Live | Tier::Queue | Tier::Playlist => (w.tier)(look.tier),
        });
        let beneath = look.announcement.as_ref().zip(track);
        Self {
            tiers: ladder(look, c),
            word: (w.tier)(look.tier),
            title: title.to_owned(),
            artist: alone.and_then(|track| track.artist.clone()),
            progress: progress(look, c),
            beneath: beneath
                .map(|(a, track)| (w.track_beneath)(a.mode, &named(track), &length(track.elapsed.floor()))),
            skip: skip(look),
            meters: meters(look, c),
            loudness: unless_silent(look.short_term_lufs.into(), "LUFS", c),
            peak: unless_silent(
                look.peak_dbfs.into_iter().fold(f32::NEG_INFINITY, f32::max).into(),
                "dBFS",
                c,
            ),
            underruns: c.locale.language.number(look.underruns),
        }
    }
}

/// Title and artist in one.
fn named(track: &OnAirTrack) -> String {
    match &track.artist {
        Some(artist) => format!("{} · {artist}", track.title),
        None => track.title.clone(),
    }
}

fn ladder(look: &StationLook, c: &Chrome) -> Vec<Step> {
    let waits = !look.waiting.is_empty() && look.tier != Tier::Interrupt;
    let step = |tier| Step {
        word: (c.w().radio.tier)(tier),
        heard: tier == look.tier,
        next: tier == Tier::Interrupt && waits,
    };
    Tier::ALL.map(step).into()
}

fn progress(look: &StationLook, c: &Chrome) -> Option<Progress> {
    let (elapsed, left) = match (&look.announcement, &look.track) {
        (Some(OnAirAnnouncement { began, seconds, .. }), _) => {
            let elapsed = c.now.since((*began)?).as_secs_f64();
            (elapsed, seconds.map(|seconds| (seconds - elapsed).max(0.0)))
        }
        (None, Some(track)) => (track.elapsed, track.remaining),
        (None, None) => return None,
    };
    // Both figures are cut, not rounded, as clocks do.
    let (told, left_told) = (length(elapsed.floor()), left.map(|left| length(left.floor())));
    let all = left.map(|left| left + elapsed).filter(|all| *all > 0.0);
    Some(Progress {
        part: all.map(|all| format!("{:.1}", (elapsed / all * 100.0).clamp(0.0, 100.0))),
        label: (c.w().radio.played)(&told, left_told.as_deref()),
        elapsed: told,
        left: left_told,
    })
}

/// What a skip would end at this moment.
pub(super) fn skip(look: &StationLook) -> Skip {
    match (&look.announcement, look.tier, &look.track) {
        (Some(announcement), ..) => Skip::Announcement(format!("announcement {}", announcement.number)),
        (None, Tier::Queue | Tier::Playlist, Some(track)) => Skip::Track(format!("track {}", named(track))),
        (None, Tier::Interrupt | Tier::Live | Tier::Noise, _) | (None, _, None) => Skip::Nothing,
    }
}

impl Skip {
    /// How a form names it.
    pub(super) fn standing(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Track(standing) | Self::Announcement(standing) => Some(standing),
        }
    }
}

fn meters(look: &StationLook, c: &Chrome) -> Vec<Meter> {
    let w = &c.w().radio;
    let share = |from: f64, to: f64, db: f64| {
        let (db, whole) = (db.clamp(from, to), -FLOOR_DB);
        format!("{:.1}", (db - from) / whole * 100.0)
    };
    let meter = |((letter, name), db): ((&'static str, &str), f32)| {
        let db = f64::from(db);
        let level = unless_silent(db, "dB", c);
        Meter {
            letter,
            label: format!("{name}: {level}"),
            level,
            well: share(FLOOR_DB, HIGH_DB, db),
            high: share(HIGH_DB, HOT_DB, db),
            hot: share(HOT_DB, 0.0, db),
        }
    };
    w.channels.into_iter().zip(look.peak_dbfs).map(meter).collect()
}

/// A level with its unit; what cannot be heard has none.
fn unless_silent(db: f64, unit: &str, c: &Chrome) -> String {
    if db.is_finite() && db > FLOOR_DB * 2.0 {
        let places = usize::from(unit != "dB");
        // Zero has no sign.
        let db = if places == 0 { db.round() + 0.0 } else { db };
        format!("{}\u{a0}{unit}", c.locale.language.decimal(db, places))
    } else {
        c.w().radio.silence.to_owned()
    }
}

/// How things stand on the air, in a sentence without running figures: it is read out when it changes.
pub(super) fn lede(look: &StationLook, c: &Chrome) -> String {
    let w = &c.w().radio;
    let heard = match (look.tier, &look.track) {
        (Tier::Interrupt, _) => w.announcement_is_on.to_owned(),
        (Tier::Live, _) => w.somebody_is_live.to_owned(),
        (Tier::Queue | Tier::Playlist, Some(track)) => (w.track_is_on)(&track.title, track.artist.as_deref()),
        (Tier::Noise, _) | (Tier::Queue | Tier::Playlist, None) => w.noise_is_on.to_owned(),
    };
    let heard = heard + &(w.and_wait)(look.waiting.len() as u64);
    match look.streams.iter().find(|stream| !stream.up) {
        Some(stream) => format!("{} {heard}", (w.down)(&stream.name)),
        None => heard,
    }
}

/// Where the station's own stream can be played.
pub(super) fn stream(look: &StationLook) -> Option<String> {
    let own = look.streams.iter().find(|stream| stream.name.starts_with('/'))?;
    let url = url::Url::parse(&look.address).ok()?.join(&own.name).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}
