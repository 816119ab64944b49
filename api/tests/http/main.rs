//! The API through its public door: requests go in, answers come out, and what was kept is looked up in the store.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop")]

mod air;
mod attic;
mod auth;
mod bad_input;
mod batch;
mod cache;
mod calls;
mod documents;
mod ear;
mod engines;
mod feed;
mod idempotency;
mod jambonz;
mod jobs;
mod lexicon;
mod live;
mod openai;
mod operation;
mod outage;
mod preview;
mod shaky;
mod speaker;
mod world;
