//! Announcements on the air, from the request to the listener's ear, while processes die and queues are lost.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests say what is wrong by panicking, and print what they skip"
)]

mod rig;

#[path = "radio/air.rs"]
mod air;
#[path = "radio/away.rs"]
mod away;
#[path = "radio/console.rs"]
mod console;
#[path = "radio/crash.rs"]
mod crash;
#[path = "radio/heard.rs"]
mod heard;
#[path = "radio/listener.rs"]
mod listener;
#[path = "radio/rules.rs"]
mod rules;
