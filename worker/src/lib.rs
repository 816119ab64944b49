//! Take, claim, perform, settle; the sweeper and the outcome tracker.
