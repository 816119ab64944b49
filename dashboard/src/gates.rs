//! What the trunks may bear, as it is configured: the overview shows it beside what goes on.

use pregon_core::{Limits, TrunkInfo};

/// The gates that calls pass: that of their trunk, and the one that all trunks share.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gates {
    /// Each trunk and what it bears, the preferred ones first.
    pub trunks: Vec<(TrunkInfo, Limits)>,
    /// Whether calls may go by other trunks too, whose names nobody knows beforehand.
    pub open: bool,
    /// What all of them together may bear.
    pub overall: Limits,
}
