//! The studio through its public door: engines, chain, cache, single flight.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy takes only the test functions for tests"
)]

mod air;
mod booth;
mod azure;
mod cache;
mod chain;
mod command;
mod elevenlabs;
mod espeak;
mod fake;
mod far;
mod flight;
mod gcloud;
mod google;
mod pieces;
mod poison;
mod room;
mod openai;
mod piper;
mod web;
mod wyoming;
