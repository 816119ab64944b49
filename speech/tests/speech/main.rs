//! The studio through its public door: engines, chain, cache, single flight.

mod cache;
mod chain;
mod espeak;
mod fake;
mod flight;
mod google;
