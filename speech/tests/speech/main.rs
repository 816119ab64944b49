//! The studio through its public door: engines, chain, cache, single flight.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy takes only the test functions for tests"
)]

mod air;
mod azure;
mod book;
mod booth;
mod cache;
mod chain;
mod chosen;
mod command;
mod elevenlabs;
mod espeak;
mod fake;
mod fallback;
mod far;
mod flight;
mod gcloud;
mod google;
mod openai;
mod pieces;
mod piper;
mod poison;
mod recital;
mod room;
mod web;
mod wyoming;
