//! Icons and tones: the two things that every state and outcome is shown with, besides its word.

use std::fmt;

use askama::filters::HtmlSafe;
use pregon_core::{OutcomeKind, StateName};

use crate::assets;

macro_rules! icons {
    ($($icon:ident $name:literal),+ $(,)?) => {
        /// An icon of the sprite `static/icons.svg`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Icon { $($icon),+ }

        impl Icon {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$icon),+];

            const fn name(self) -> &'static str {
                match self { $(Self::$icon => $name),+ }
            }
        }
    };
}

icons! {
    Again "again", Ask "ask", Auto "auto", Busy "busy", Check "check", Clock "clock", Copy "copy", Down "down",
    Eye "eye", Fail "fail", Hash "hash", Home "home", Horn "horn", Info "info", Jam "jam", List "list", Moon "moon",
    Mutes "mutes", Next "next", NoAnswer "noans", Out "out", Pause "pause", Phone "phone", Play "play", Prev "prev",
    Queue "queue", Radio "radio", Reject "reject", Sand "sand", Search "search", Send "send", Skip "skip", Slash "slash", Sun "sun",
    Unplug "unplug", Up "up", Voice "voice", Warn "warn", Work "work",
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        let solid = match self {
            Self::Play => " solid",
            _ => "",
        };
        let sprite = assets::url("icons.svg");
        write!(
            f,
            r#"<svg class="i i-{name}{solid}" aria-hidden="true"><use href="{sprite}#i-{name}"/></svg>"#
        )
    }
}

// Its text is made of names in this file and of an address in `assets`.
impl HtmlSafe for Icon {}

/// What a colour means; the word beside it says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Go,
    Ok,
    Bad,
    Warn,
    Doubt,
    Plan,
}

impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "",
            Self::Go => "go",
            Self::Ok => "ok",
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Doubt => "doubt",
            Self::Plan => "plan",
        })
    }
}

/// The icon of a state, for templates.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "askama hands fields over by reference")]
pub(crate) fn icon(state: &StateName) -> Icon {
    of_state(*state).0
}

/// The tone of a state, for templates.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "askama hands fields over by reference")]
pub(crate) fn tone(state: &StateName) -> Tone {
    of_state(*state).1
}

/// How a state looks.
const fn of_state(state: StateName) -> (Icon, Tone) {
    match state {
        StateName::Scheduled => (Icon::Clock, Tone::Plan),
        StateName::Queued => (Icon::Queue, Tone::Plain),
        StateName::Processing => (Icon::Work, Tone::Go),
        StateName::Dispatched => (Icon::Send, Tone::Go),
        StateName::Completed => (Icon::Check, Tone::Ok),
        StateName::Failed => (Icon::Fail, Tone::Bad),
        StateName::Cancelled => (Icon::Slash, Tone::Plain),
    }
}

/// How an outcome looks.
pub(crate) const fn of_outcome(kind: OutcomeKind) -> (Icon, Tone) {
    match kind {
        OutcomeKind::Answered => (Icon::Phone, Tone::Ok),
        OutcomeKind::Busy => (Icon::Busy, Tone::Warn),
        OutcomeKind::NoAnswer => (Icon::NoAnswer, Tone::Warn),
        OutcomeKind::Rejected => (Icon::Reject, Tone::Bad),
        OutcomeKind::InvalidNumber => (Icon::Hash, Tone::Bad),
        OutcomeKind::Congestion => (Icon::Jam, Tone::Warn),
        OutcomeKind::Unreachable => (Icon::Unplug, Tone::Bad),
        OutcomeKind::Silent => (Icon::Mutes, Tone::Bad),
        OutcomeKind::Expired => (Icon::Sand, Tone::Plain),
        OutcomeKind::Uncertain => (Icon::Ask, Tone::Doubt),
        OutcomeKind::Aired => (Icon::Radio, Tone::Ok),
        OutcomeKind::Skipped => (Icon::Skip, Tone::Plain),
        OutcomeKind::Failed => (Icon::Fail, Tone::Bad),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sprite_has_every_icon() {
        let sprite = include_str!("../static/icons.svg");
        for icon in Icon::ALL {
            assert!(sprite.contains(&format!(r#"id="i-{}""#, icon.name())), "{icon:?}");
        }
    }
}
