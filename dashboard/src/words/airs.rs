//! What is said of announcements on the air, wherever a job is spoken of.

use pregon_core::{Chime, Job, Mode, OverLive, StateName, Timestamp};

use crate::format::Locale;

/// The phrases about airings.
pub(crate) struct AirWords {
    pub(crate) announcement: &'static str,
    pub(crate) station: &'static str,
    pub(crate) with_station: &'static str,
    pub(crate) on_air: &'static str,
    pub(crate) on_air_since: fn(&str) -> String,
    pub(crate) not_aired: &'static str,
    pub(crate) doubt: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) calls: &'static str,
    pub(crate) airings: &'static str,
    // What can be done
    pub(crate) again: &'static str,
    pub(crate) again_ask: fn(&Job) -> String,
    pub(crate) again_yes: &'static str,
    pub(crate) cancel_ask: fn(StateName) -> &'static str,
    pub(crate) cancel_yes: &'static str,
    pub(crate) has_begun: &'static str,
    pub(crate) cannot_cancel: fn(StateName) -> &'static str,
    // What was asked for
    pub(crate) recording: &'static str,
    pub(crate) mode_title: &'static str,
    pub(crate) mode: fn(Mode, &Locale, Timestamp) -> String,
    pub(crate) over_live_title: &'static str,
    pub(crate) over_live: fn(OverLive) -> &'static str,
    pub(crate) chime_title: &'static str,
    pub(crate) chime: fn(Chime) -> &'static str,
    pub(crate) repeat: &'static str,
    pub(crate) times: fn(u8) -> String,
    pub(crate) dedupe: &'static str,
    // What became of it
    pub(crate) aired_at: &'static str,
    pub(crate) until_air: &'static str,
    pub(crate) heard: &'static str,
    pub(crate) listeners_title: &'static str,
    pub(crate) listeners: fn(u64) -> String,
    pub(crate) reason: &'static str,
}
