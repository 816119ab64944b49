//! How a station is controlled: the line protocol of the Liquidsoap server, and HTTP.
//!
//! The line protocol ([`Doors`]) keeps scripts for Liquidsoap and `AzuraCast` working, with one honest difference: a file
//! that is missing or cannot be played is an error at once, not a request number that leads nowhere.

mod console;
mod door;
mod http;
mod line;
mod lines;
mod protocol;
mod request;
mod settings;

pub use door::{Doors, NotOpened};
pub use http::{Controls, router};
pub use lines::{LONGEST_LINE, Line, Lines};
pub use protocol::{Answer, Command, QueueName, parse};
pub use settings::ControlArgs;

#[cfg(test)]
mod tests;
