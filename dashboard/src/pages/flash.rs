//! What was just done, said once.

use axum::response::{IntoResponse, Redirect, Response};

/// What was just done, said once after the redirect that follows a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flash {
    Cancelled,
    CancelAsked,
    TooLate,
    /// The call that was handed over goes on; no other follows it.
    LastCall,
    /// The station takes it out of its queue if it has not begun.
    WithdrawAsked,
    HangingUp,
    NoCall,
    NotHungUp,
    Heard,
    Left,
    /// Somebody else had decided on that call.
    Forestalled,
    /// Its result came, or another attempt was made.
    Overtaken,
    Again,
    NotEnded,
    Changed,
    Replayed,
    NotReplayed,
    Scaled,
    Announced,
    /// The same form was sent before.
    AnnouncedBefore,
    Skipped,
    TakenOut,
    HasBegun,
    /// Something else is heard than the form named.
    AirChanged,
}

impl Flash {
    const ALL: [(Self, &'static str); 24] = [
        (Self::Cancelled, "cancelled"),
        (Self::CancelAsked, "cancel-asked"),
        (Self::TooLate, "too-late"),
        (Self::LastCall, "last-call"),
        (Self::WithdrawAsked, "withdraw-asked"),
        (Self::HangingUp, "hanging-up"),
        (Self::NoCall, "no-call"),
        (Self::NotHungUp, "not-hung-up"),
        (Self::Heard, "heard"),
        (Self::Left, "left"),
        (Self::Forestalled, "forestalled"),
        (Self::Overtaken, "overtaken"),
        (Self::Again, "again"),
        (Self::NotEnded, "not-ended"),
        (Self::Changed, "changed"),
        (Self::Replayed, "replayed"),
        (Self::NotReplayed, "not-replayed"),
        (Self::Scaled, "scaled"),
        (Self::Announced, "announced"),
        (Self::AnnouncedBefore, "announced-before"),
        (Self::Skipped, "skipped"),
        (Self::TakenOut, "taken-out"),
        (Self::HasBegun, "has-begun"),
        (Self::AirChanged, "air-changed"),
    ];

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find_map(|(flash, name)| (name == word).then_some(flash))
    }

    fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find_map(|(flash, name)| (flash == self).then_some(name)).unwrap_or_default()
    }

    /// Whether what was wanted did not happen.
    pub(crate) const fn is_warning(self) -> bool {
        match self {
            Self::Cancelled
            | Self::CancelAsked
            | Self::WithdrawAsked
            | Self::HangingUp
            | Self::Heard
            | Self::Left
            | Self::Again
            | Self::Replayed
            | Self::Scaled
            | Self::Announced
            | Self::Skipped
            | Self::TakenOut => false,
            Self::TooLate
            | Self::LastCall
            | Self::NoCall
            | Self::NotHungUp
            | Self::Forestalled
            | Self::Overtaken
            | Self::NotEnded
            | Self::Changed
            | Self::NotReplayed
            | Self::AnnouncedBefore
            | Self::HasBegun
            | Self::AirChanged => true,
        }
    }

    /// Leads to `path`, which says it.
    pub(crate) fn after(self, path: &str) -> Response {
        Redirect::to(&format!("{path}?said={}", self.as_str())).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flash_survives_the_redirect() {
        for (flash, word) in Flash::ALL {
            assert_eq!(Flash::parse(word), Some(flash));
            assert_eq!(flash.as_str(), word);
        }
        assert_eq!(Flash::parse("<script>"), None);
    }
}
