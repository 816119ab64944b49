//! The audio feed: announcements, chunk by chunk, to whoever listens by Socket.IO.
//!
//! The protocol is that of the Aethercast feed, in `docs/feed.md`. A connection (`socket`) asks for one stream at a
//! time; the stream's file is found (`source`), waited for if it is still being spoken, and read (`tail`) at the pace
//! of the settings and of the listener (`flow`, `line`). Every listener has a reader of its own and begins at the first
//! byte, however many there are.

mod fault;
mod flow;
mod gate;
mod line;
pub(crate) mod notify;
mod registry;
mod said;
mod socket;
mod source;
mod tail;

pub use flow::Pacing;
pub(crate) use gate::PATH;
pub(crate) use registry::Registry;
pub(crate) use socket::serve;
