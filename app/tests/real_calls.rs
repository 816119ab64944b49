//! Real calls: Pregon, a real Asterisk and a telephone network on loopback. `tests/asterisk.sh start DIR` brings the
//! Asterisk up, and `DIR/env` tells these tests where it is.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests say what is wrong by panicking, and print what they skip and what they measured"
)]

mod peer;
mod rig;

#[path = "real_calls/crash.rs"]
mod crash;
#[path = "real_calls/keys.rs"]
mod keys;
#[path = "real_calls/line.rs"]
mod line;
#[path = "real_calls/live.rs"]
mod live;
#[path = "real_calls/outcomes.rs"]
mod outcomes;
#[path = "real_calls/paced.rs"]
mod paced;
#[path = "real_calls/sound.rs"]
mod sound;
#[path = "real_calls/traps.rs"]
mod traps;
