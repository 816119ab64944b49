//! Where a station is heard: its own streams, an Icecast server, a log of what was on air.
//!
//! Each format and bit rate has an encoder on a thread of its own and a [`Hub`] that shares its pieces among the
//! listeners. A stream of Opus is one endless logical Ogg stream; titles travel as server-sent events, because browsers stop where one
//! stream ends and another begins.

mod as_run;
mod codec;
mod departures;
mod door;
mod encoder;
mod events;
mod http;
mod hub;
mod icecast;
mod player;
mod settings;
mod start;

pub use as_run::{Aired, AsRun};
pub use codec::{Format, Piece};
pub use departures::{Departure, Departures};
pub use door::listen;
pub use http::serve;
pub use hub::{Hub, Listener, Listening};
pub use icecast::{Mount, Relay};
pub use settings::OutSettings;
pub use start::{Outputs, StartError, Stream};

#[cfg(test)]
mod peers_tests;
#[cfg(test)]
mod rig;
